//! `/me`: the caller's profile, password and second factor.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder, patch, post};
use jangbu::Currency;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Asked;
use crate::server::http::{IdempotencyKey, Json, Problem, ProblemBody};
use crate::server::members::{MemberAnswer, MemberChange, PasswordChange, TotpOffer};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// The most currencies for which a member sets a limit.
const MOST_LIMITS: usize = 16;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(change);
    config.service(change_password);
    config.service(second_factor);
}

/// What is to be changed. What is left out stays.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileChange {
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// The e-mail address.
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
    /// Above how much, in minor units of each currency, a transfer from an own account needs a fresh proof, and so none by a
    /// token is made: all limits of the member's, in the place of those until now. The bank's own stand beside them.
    #[schema(value_type = Option<BTreeMap<String, u64>>, example = json!({ "KRW": 1000000 }))]
    proof_above: Option<BTreeMap<Currency, u64>>,
}

/// Changes the caller's profile.
///
/// Needs a fresh proof when the e-mail address or `proof_above` changes, see `POST /session/proof`. Whoever has a session may
/// call it.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "change_profile",
    tag = "members",
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses(
        (status = 200, description = "The member", body = MemberAnswer),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Something else is there already, or it was changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[patch("/me")]
async fn change(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(wanted): Json<ProfileChange>,
) -> Result<impl Responder, Problem> {
    let asked = match service.asked(&caller, &key, "me", &wanted).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let ProfileChange { name, email, proof_above } = wanted;
    let is_new_email = email.as_ref().is_some_and(|email| *email != caller.member.email);
    let is_new_limit = proof_above.as_ref().is_some_and(|limits| *limits != caller.member.proof_above);
    if proof_above.as_ref().is_some_and(|limits| limits.len() > MOST_LIMITS) {
        return Err(Problem::invalid_field("proof_above", "too_many", format!("at most {MOST_LIMITS} currencies")));
    }
    if is_new_email || is_new_limit {
        caller.presence.require()?;
    }
    let change = MemberChange { name, email, proof_above, ..MemberChange::default() };
    let member = service.members.change(&(&caller).into(), caller.id(), None, change).await?;
    asked.answer(StatusCode::OK, None, &MemberAnswer::from(&member)).await
}

/// The current password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordRequest {
    /// The current one.
    #[schema(max_length = 200, format = Password)]
    current: String,
    /// The new one: at least 8 characters, without the username, and none of those that are tried first.
    #[schema(min_length = 8, max_length = 200, format = Password)]
    new: String,
    /// Whether the caller's tokens stay good. If not given they are revoked: whoever knew the old password may have made one.
    #[serde(default)]
    keep_tokens: bool,
}

/// Changes the caller's password, and ends every other session of theirs, with its streams; every token too, unless
/// `keep_tokens` says that they stay.
///
/// Needs a fresh proof, see `POST /session/proof`. Whoever has a session may call it, and must, while a password that somebody
/// else gave is due to be changed.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "change_password",
    tag = "members",
    responses(
        (status = 204, description = "The password is changed"),
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
#[post("/me/password")]
async fn change_password(
    service: Data<Service>,
    request: HttpRequest,
    caller: Principal,
    body: Json<PasswordRequest>,
) -> Result<impl Responder, Problem> {
    let Json(PasswordRequest { current, new, keep_tokens }) = body;
    if current.chars().count() > 200 {
        return Err(Problem::invalid_field("current", "too_long", "at most 200 characters"));
    }
    let session = caller.session().ok_or_else(Problem::unauthorised)?;
    let wanted = PasswordChange { current: current.into(), new: new.into(), keep_tokens };
    service.members.change_password(&(&caller).into(), &caller.member, session, wanted).await?;
    // With the old password every device was forgotten; this one is known by the new one.
    let devices = service.members.device_cookies().read(&request);
    let mut answer = HttpResponse::NoContent();
    if let Some(device) = service.members.device_cookie(caller.id(), &devices).await? {
        answer.cookie(device);
    }
    Ok(answer.finish())
}

/// What to do about the second factor.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
enum TotpAction {
    /// Make a secret. It is in force once it is confirmed.
    Begin {},
    /// Put the secret in force, by a code of it.
    Confirm {
        /// The code.
        #[schema(max_length = 20)]
        code: String,
    },
    /// Do without.
    Disable {},
}

/// Codes that each stand in for a code of the second factor once. They are not shown again.
#[derive(Debug, Serialize, ToSchema)]
struct RecoveryCodes {
    /// The codes.
    recovery_codes: Vec<String>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it stands for two answers in the document, each of which is sent as it is")]
enum TotpAnswer {
    /// To `begin`.
    Offer(TotpOffer),
    /// To `confirm`.
    Codes(RecoveryCodes),
}

/// Begins, confirms or disables the caller's second factor.
///
/// `begin` answers with a secret to be put into an authenticator, `confirm` with ten recovery codes, `disable` with 204.
/// `confirm` ends every other session of the caller's, which was begun without the second factor. Needs a fresh proof, see
/// `POST /session/proof`. Whoever has a session may call it, also while a second factor is due to be set up.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "change_totp",
    tag = "members",
    responses(
        (status = 200, description = "The secret, or the recovery codes", body = TotpAnswer),
        (status = 204, description = "There is no second factor any more"),
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
#[post("/me/totp")]
async fn second_factor(
    service: Data<Service>,
    caller: Principal,
    body: Json<TotpAction>,
) -> Result<impl Responder, Problem> {
    let (members, actor) = (&service.members, (&caller).into());
    Ok(match body.0 {
        TotpAction::Begin {} => HttpResponse::Ok().json(members.offer_totp(&actor, &caller.member).await?),
        TotpAction::Confirm { code } => {
            let session = caller.session().ok_or_else(Problem::unauthorised)?;
            let codes = members.confirm_totp(&actor, &caller.member, session, &code).await?;
            let recovery_codes = codes.iter().map(|code| code.expose_secret().to_owned()).collect();
            HttpResponse::Ok().json(RecoveryCodes { recovery_codes })
        }
        TotpAction::Disable {} => {
            members.disable_totp(&actor, &caller.member).await?;
            HttpResponse::NoContent().finish()
        }
    })
}
