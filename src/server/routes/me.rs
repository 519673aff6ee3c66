//! `/me`: the caller's profile, password and second factor.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder, patch, post};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Json, Problem, ProblemBody};
use crate::server::members::{MemberAnswer, MemberChange, TotpOffer};
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(change);
    config.service(change_password);
    config.service(second_factor);
}

/// What is to be changed. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileChange {
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// The e-mail address.
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
}

/// Changes the caller's profile.
///
/// Whoever has a session may call it.
///
/// Permission: manage_own
#[utoipa::path(
    operation_id = "change_profile",
    tag = "members",
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
    body: Json<ProfileChange>,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::ManageOwn)?;
    let Json(ProfileChange { name, email }) = body;
    let change = MemberChange { name, email, ..MemberChange::default() };
    let member = service.members.change(&(&caller).into(), caller.id(), None, change).await?;
    Ok(HttpResponse::Ok().json(MemberAnswer::from(&member)))
}

/// The current password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The current one.
    #[schema(max_length = 200, format = Password)]
    current: String,
    /// The new one: at least 8 characters, not the username, and none of those that are tried first.
    #[schema(min_length = 8, max_length = 200, format = Password)]
    new: String,
}

/// Changes the caller's password, and ends every other session of theirs.
///
/// Whoever has a session may call it, and must, while a password that somebody else gave is due to be changed.
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
    body: Json<PasswordChange>,
) -> Result<impl Responder, Problem> {
    caller.require_even_with_password_due(Permission::ManageOwn)?;
    let Json(PasswordChange { current, new }) = body;
    if current.chars().count() > 200 {
        return Err(Problem::invalid_field("current", "too_long", "at most 200 characters"));
    }
    let (actor, keep) = ((&caller).into(), caller.session());
    service.members.change_password(&actor, &caller.member, keep, current.into(), new.into()).await?;
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
    /// Do without, by the password and a code, or a recovery code.
    Disable {
        /// The password.
        #[schema(max_length = 200, format = Password)]
        password: String,
        /// The code.
        #[schema(max_length = 40)]
        code: String,
    },
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
/// Whoever has a session may call it.
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
    caller.require(Permission::ManageOwn)?;
    let (members, actor) = (&service.members, (&caller).into());
    Ok(match body.0 {
        TotpAction::Begin {} => HttpResponse::Ok().json(members.offer_totp(&actor, &caller.member).await?),
        TotpAction::Confirm { code } => {
            let codes = members.confirm_totp(&actor, &caller.member, &code).await?;
            let recovery_codes = codes.iter().map(|code| code.expose_secret().to_owned()).collect();
            HttpResponse::Ok().json(RecoveryCodes { recovery_codes })
        }
        TotpAction::Disable { password, code } => {
            if password.chars().count() > 200 {
                return Err(Problem::invalid_field("password", "too_long", "at most 200 characters"));
            }
            members.disable_totp(&actor, &caller.member, password.into(), &code).await?;
            HttpResponse::NoContent().finish()
        }
    })
}
