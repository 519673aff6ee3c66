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

use crate::server::answers::Attempt;
use crate::server::http::{Conflict, IdempotencyKey, Json, Problem, Refused};
use crate::server::members::{MemberAnswer, MemberChange, PasswordChange, TotpOffer};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// The most currencies with a limit of the member.
const MOST_LIMITS: usize = 16;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(change_profile);
    config.service(change_password);
    config.service(change_totp);
}

/// A change of the caller's profile. Fields that are left out stay unchanged.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileChange {
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// The e-mail address.
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
    /// By currency, the amount in minor units above which a transfer from an own account needs a fresh proof, and
    /// therefore cannot be made with a token. Replaces all such limits of the member. The bank's own limits apply as
    /// well.
    #[schema(value_type = Option<BTreeMap<String, u64>>, example = json!({ "KRW": 1000000 }))]
    proof_above: Option<BTreeMap<Currency, u64>>,
}

/// Changes the caller's profile.
///
/// Needs a fresh proof if the e-mail address or `proof_above` changes; see `POST /session/proof`. Requires a session.
#[utoipa::path(
    tag = "members",
    params(IdempotencyKey),
    responses(
        (status = 200, description = "The member.", body = MemberAnswer),
    ),
)]
#[patch("/me")]
async fn change_profile(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(wanted): Json<ProfileChange>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "me", &wanted).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
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
    let member = service.members.change(&caller.actor(), caller.id(), None, change).await?;
    first.answer(StatusCode::OK, None, &MemberAnswer::from(&member)).await
}

/// The current password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordRequest {
    /// The current password.
    #[schema(max_length = 200, format = Password)]
    current: String,
    /// The new password: at least 8 characters, without the username, and not a common password.
    #[schema(min_length = 8, max_length = 200, format = Password)]
    new: String,
    /// Whether the caller's tokens stay valid. Default: false, because whoever knew the old password may have created
    /// one.
    #[serde(default)]
    keep_tokens: bool,
}

/// Changes the caller's password and ends all of the caller's other sessions and their streams. Also revokes all
/// tokens, unless `keep_tokens` is true.
///
/// Needs a fresh proof; see `POST /session/proof`. Requires a session. A member whose password was set by someone else
/// must call this first.
#[utoipa::path(
    tag = "members",
    responses(
        (status = 204, description = "The password is changed."),
        Conflict,
        Refused,
    ),
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
    service.members.change_password(&caller.actor(), &caller.member, session, wanted).await?;
    // The old password's devices are forgotten. This device is recognised with the new password.
    let devices = service.members.device_cookies().read(&request);
    let mut answer = HttpResponse::NoContent();
    if let Some(device) = service.members.device_cookie(caller.id(), &devices).await? {
        answer.cookie(device);
    }
    Ok(answer.finish())
}

/// A change of the second factor.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
enum TotpAction {
    /// Creates a secret. It takes effect once it is confirmed.
    Begin {},
    /// Puts the secret into effect, with one of its codes.
    Confirm {
        /// The code.
        #[schema(max_length = 20)]
        code: String,
    },
    /// Removes the second factor.
    Disable {},
}

/// Recovery codes, each of which replaces a code of the second factor once. They are not shown again.
#[derive(Debug, Serialize, ToSchema)]
struct RecoveryCodes {
    /// The codes.
    recovery_codes: Vec<String>,
}

/// The answer to a change of the second factor.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it stands for two answers in the document, each of which is sent as it is")]
enum TotpAnswer {
    /// The answer to `begin`.
    Offer(TotpOffer),
    /// The answer to `confirm`.
    Codes(RecoveryCodes),
}

/// Begins, confirms or disables the caller's second factor.
///
/// `begin` returns a secret for an authenticator app, `confirm` returns ten recovery codes, `disable` returns 204.
/// `confirm` ends the caller's other sessions, which began without the second factor. Needs a fresh proof; see `POST
/// /session/proof`. Requires a session, also one of a member who must set up a second factor first.
#[utoipa::path(
    tag = "members",
    responses(
        (status = 200, description = "The secret, or the recovery codes.", body = TotpAnswer),
        (status = 204, description = "The second factor is removed."),
        Conflict,
        Refused,
    ),
)]
#[post("/me/totp")]
async fn change_totp(
    service: Data<Service>,
    caller: Principal,
    body: Json<TotpAction>,
) -> Result<impl Responder, Problem> {
    let (members, actor) = (&service.members, caller.actor());
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
