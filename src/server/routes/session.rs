//! `/session` and `/sessions`: signing in and out, and what else is signed in.

use actix_web::http::StatusCode;
use actix_web::http::header::{SET_COOKIE, USER_AGENT};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, Responder, delete, get, post};
use jangbu::text::count_chars;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::edge::ClientAddress;
use crate::server::http::{Json, List, Problem, ProblemBody};
use crate::server::members::{MemberAnswer, Proving, SessionAnswer, SessionId, SessionState, SignIn, Tries};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(sign_in);
    config.service(prove);
    config.service(current);
    config.service(sign_out);
    config.service(list);
    config.service(end);
}

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    /// The username, without regard to case.
    #[schema(max_length = 200)]
    username: String,
    /// The password.
    #[schema(max_length = 200, format = Password)]
    password: String,
    /// The code of the second factor, where there is one.
    #[schema(max_length = 20)]
    totp: Option<String>,
    /// A recovery code instead.
    #[schema(max_length = 40)]
    recovery_code: Option<String>,
}

/// Signs in: begins a session, whose cookie comes with the answer.
///
/// An unknown name and a wrong password get the same answer, 401 `wrong_credentials`. A member with a second factor gets
/// 401 `totp_required` without its code, `totp_wrong` with a wrong one. A session that the browser had ends. Failures
/// make the next try from there wait, 429; a browser that the member signed in with before is known by a second cookie, which
/// signs nobody in, and waits for its own failures alone. Anyone may call it.
///
/// Permission: anyone
#[utoipa::path(
    operation_id = "sign_in",
    tag = "session",
    responses(
        (status = 200, description = "Who is signed in", body = SessionState),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(()),
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
        Tries::Device(member, _) => service.rates.check_known_sign_in(member)?,
        Tries::From(_) | Tries::SignedIn(_) => service.rates.check_sign_in(address)?,
    }
    let user_agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let asked = SignIn {
        username,
        password: password.into(),
        totp,
        recovery_code,
        address,
        user_agent: user_agent.into(),
        before: cookies.secrets(&request),
        tries,
    };
    let username = asked.username.clone();
    let signed_in = service.members.sign_in(asked).await;
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

/// What proves that the member is there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProofRequest {
    /// The password.
    #[schema(max_length = 200, format = Password)]
    password: String,
    /// The code of the second factor, where there is one.
    #[schema(max_length = 20)]
    totp: Option<String>,
    /// A recovery code instead.
    #[schema(max_length = 40)]
    recovery_code: Option<String>,
}

/// Proves once more that the caller is there, for what needs a fresh proof.
///
/// What gives power over an account, and what moves much money, is answered 403 `proof_required` when the last proof of the
/// session is older than five minutes (`sessions.proof_s`); its figure `factors` says what a proof takes: `password`, and
/// `totp` for a member with a second factor. After this call the same request is carried out. Signing in is such a proof,
/// too. Wrong ones (422 `wrong_password`, `totp_wrong`) make the next try wait, 429. Whoever has a session may call it, also
/// while a password is due to be changed.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "prove",
    tag = "session",
    responses(
        (status = 200, description = "Who is signed in, and until when the proof is fresh", body = SessionState),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Something else is there already, or it was changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = ProblemBody, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
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
    let shown = Proving { password: password.into(), totp, recovery_code };
    service.members.prove(&caller.member, session, shown).await?;
    Ok(HttpResponse::Ok().json(state(&service, &caller)?))
}

/// Who is signed in, and by which session.
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

/// Tells who is signed in.
///
/// Whoever has a session may call it, and before a password that is due is changed too.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "get_session",
    tag = "session",
    responses(
        (status = 200, description = "Who is signed in", body = SessionState),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[get("/session")]
async fn current(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    Ok(HttpResponse::Ok().json(state(&service, &caller)?))
}

/// Signs out: ends the session that asks.
///
/// Whoever has a session may call it.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "sign_out",
    tag = "session",
    responses(
        (status = 204, description = "The session is over"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[delete("/session")]
async fn sign_out(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    let session = caller.session().ok_or_else(Problem::unauthorised)?;
    service.members.end_session(&(&caller).into(), caller.id(), session).await?;
    Ok(HttpResponse::NoContent().cookie(service.members.cookies().without()).finish())
}

/// Lists the caller's sessions, the one last begun first.
///
/// Whoever has a session may call it.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "list_sessions",
    tag = "session",
    responses(
        (status = 200, description = "The sessions", body = List<SessionAnswer>),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[get("/sessions")]
async fn list(service: Data<Service>, caller: Principal) -> Result<impl Responder, Problem> {
    let sessions = service.members.sessions_of(caller.id());
    let answer = |session| service.members.session_answer(session, caller.session());
    Ok(HttpResponse::Ok().json(List::whole(sessions.iter().map(answer).collect())))
}

/// Ends one of the caller's sessions.
///
/// Whoever has a session may call it, for own sessions.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "end_session",
    tag = "session",
    params(("id" = String, Path, description = "The session's id")),
    responses(
        (status = 204, description = "The session is over"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or it is not yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[delete("/sessions/{id}")]
async fn end(service: Data<Service>, caller: Principal, id: Path<String>) -> Result<impl Responder, Problem> {
    let id: SessionId = id.parse().map_err(|_| Problem::not_found())?;
    service.members.end_session(&(&caller).into(), caller.id(), id).await?;
    Ok(HttpResponse::NoContent().finish())
}
