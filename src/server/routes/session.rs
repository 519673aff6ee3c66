//! `/session` and `/sessions`: signing in and out, and the caller's other sessions.

use actix_web::http::StatusCode;
use actix_web::http::header::{SET_COOKIE, USER_AGENT};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder, delete, get, post};
use jangbu::text::count_chars;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::edge::ClientAddress;
use crate::server::http::{Conflict, Json, List, PathParams, Problem, Refused, Unproven};
use crate::server::members::{AttemptFrom, MemberAnswer, ProofAttempt, SessionAnswer, SessionId, SessionState, SignIn};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(sign_in);
    config.service(prove);
    config.service(get_session);
    config.service(sign_out);
    config.service(list_sessions);
    config.service(end_session);
}

/// The credentials of a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// The username, regardless of case.
    #[schema(max_length = 200)]
    username: String,
    /// The password.
    #[schema(max_length = 200, format = Password)]
    password: String,
    /// The code of the second factor, if there is one.
    #[schema(max_length = 20)]
    totp: Option<String>,
    /// A recovery code, instead of a code.
    #[schema(max_length = 40)]
    recovery_code: Option<String>,
}

/// Signs in: begins a session and sets its cookie.
///
/// An unknown username and a wrong password return the same answer, 401 `wrong_credentials`. A member with a second
/// factor receives 401 `totp_required` without a code and 401 `totp_wrong` with a wrong one. A previous session of the
/// browser ends. After failures, the next attempt from the same network must wait, 429. A browser in which the member
/// signed in before is recognised by a second cookie, which signs nobody in, and waits for its own failures only. For
/// anyone.
#[utoipa::path(
    tag = "session",
    responses(
        (status = 200, description = "The signed-in member and the session.", body = SessionState),
        Unproven,
    ),
)]
#[post("/session")]
async fn sign_in(
    service: Data<Service>,
    request: HttpRequest,
    body: Json<Credentials>,
) -> Result<impl Responder, Problem> {
    let address = ClientAddress::of(&request);
    let Json(Credentials { username, password, totp, recovery_code }) = body;
    for (field, text) in [("username", &username), ("password", &password)] {
        if count_chars(text) > 200 {
            return Err(Problem::invalid_field(field, "too_long", "at most 200 characters"));
        }
    }
    let (cookies, devices) = (service.members.cookies(), service.members.device_cookies().read(&request));
    let tries = service.members.who_tries(&username, &devices, address).await?;
    match tries {
        AttemptFrom::Device(member, _) => service.rates.check_known_sign_in(member)?,
        AttemptFrom::Network(_) | AttemptFrom::SignedIn(_) => service.rates.check_sign_in(address)?,
    }
    let user_agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let sign_in = SignIn {
        username,
        password: password.into(),
        totp,
        recovery_code,
        address,
        user_agent: user_agent.into(),
        before: cookies.secrets(&request),
        tries,
    };
    let username = sign_in.username.clone();
    let signed_in = service.members.sign_in(sign_in).await.map_err(Problem::from);
    let (member, session, secret) = signed_in.inspect_err(|problem| {
        if matches!(problem.status(), StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            service.note_failed_sign_in(&request, &username, problem.code());
        }
    })?;
    let state = SessionState {
        member: MemberAnswer::from(&member),
        session: service.members.session_answer(&session, Some(session.id)),
        totp_due: service.members.factor_is_due(&member),
    };
    let device = service.members.device_cookie(member.id, &devices).await?;
    let mut answer = HttpResponse::Ok();
    for cookie in [Some(cookies.with(&secret)), device].into_iter().flatten() {
        answer.append_header((SET_COOKIE, cookie.to_string()));
    }
    Ok(answer.json(state))
}

/// A proof that the caller is present.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProofRequest {
    /// The password.
    #[schema(max_length = 200, format = Password)]
    password: String,
    /// The code of the second factor, if there is one.
    #[schema(max_length = 20)]
    totp: Option<String>,
    /// A recovery code, instead of a code.
    #[schema(max_length = 40)]
    recovery_code: Option<String>,
}

/// Proves again that the caller is present, for operations that need a fresh proof.
///
/// Operations that give control of an account, or that move large amounts, return 403 `proof_required` if the last
/// proof of the session is older than five minutes (`sessions.proof_s`). The figure `factors` lists what a proof needs:
/// `password`, and `totp` for a member with a second factor. After this call, repeat the same request. Signing in is a
/// proof, too. After wrong proofs (422 `wrong_password`, `totp_wrong`), the next attempt must wait, 429. Requires a
/// session, also one of a member who must change the password first.
#[utoipa::path(
    tag = "session",
    responses(
        (status = 200, description = "The signed-in member, and until when the proof is fresh.", body = SessionState),
        Conflict,
        Refused,
    ),
)]
#[post("/session/proof")]
async fn prove(
    service: Data<Service>,
    caller: Principal,
    Json(shown): Json<ProofRequest>,
) -> Result<impl Responder, Problem> {
    service.rates.check_sign_in(caller.address)?;
    let session = caller.session().ok_or_else(Problem::unauthorised)?;
    let ProofRequest { password, totp, recovery_code } = shown;
    if count_chars(&password) > 200 {
        return Err(Problem::invalid_field("password", "too_long", "at most 200 characters"));
    }
    let shown = ProofAttempt { password: password.into(), totp, recovery_code };
    service.members.prove(&caller.member, session, shown).await?;
    Ok(HttpResponse::Ok().json(state(&service, &caller)?))
}

/// The signed-in member and the session.
fn state(service: &Service, caller: &Principal) -> Result<SessionState, Problem> {
    let sessions = service.members.sessions_of(caller.id());
    let session = sessions.into_iter().find(|session| Some(session.id) == caller.session());
    let session = session.ok_or_else(Problem::unauthorised)?;
    Ok(SessionState {
        member: MemberAnswer::from(&caller.member),
        session: service.members.session_answer(&session, caller.session()),
        totp_due: caller.presence.factor_is_due,
    })
}

/// Returns the signed-in member and the session.
///
/// Requires a session, also one of a member who must change the password first.
#[utoipa::path(
    tag = "session",
    responses(
        (status = 200, description = "The signed-in member and the session.", body = SessionState),
    ),
)]
#[get("/session")]
async fn get_session(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    Ok(HttpResponse::Ok().json(state(&service, &caller)?))
}

/// Signs out: ends the current session.
///
/// Requires a session.
#[utoipa::path(
    tag = "session",
    responses(
        (status = 204, description = "The session has ended."),
    ),
)]
#[delete("/session")]
async fn sign_out(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    let session = caller.session().ok_or_else(Problem::unauthorised)?;
    service.members.end_session(&caller.actor(), caller.id(), session).await?;
    Ok(HttpResponse::NoContent().cookie(service.members.cookies().without()).finish())
}

/// Lists the caller's sessions, most recent first.
///
/// Requires a session.
#[utoipa::path(
    tag = "session",
    responses(
        (status = 200, description = "The sessions.", body = List<SessionAnswer>),
    ),
)]
#[get("/sessions")]
async fn list_sessions(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    let sessions = service.members.sessions_of(caller.id());
    let answer = |session| service.members.session_answer(session, caller.session());
    Ok(HttpResponse::Ok().json(List::whole(sessions.iter().map(answer).collect())))
}

/// Ends one of the caller's sessions.
///
/// Requires a session.
#[utoipa::path(
    tag = "session",
    params(("id" = String, Path, description = "The session's id.")),
    responses(
        (status = 204, description = "The session has ended."),
    ),
)]
#[delete("/sessions/{id}")]
async fn end_session(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<SessionId>,
) -> Result<impl Responder, Problem> {
    service.members.end_session(&caller.actor(), caller.id(), id).await?;
    Ok(HttpResponse::NoContent().finish())
}
