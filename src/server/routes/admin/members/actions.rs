//! What is done to one member: a new password, no second factor, erasure; and what was done.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder, get, post};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::member_id;
use crate::server::http::{List, Problem, ProblemBody, Query};
use crate::server::members::MemberAnswer;
use crate::server::principal::Principal;
use crate::server::routes::admin::audit::{AuditAnswer, HistoryQuery, history_of};
use crate::server::service::Service;

/// Registers the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(reset_password);
    config.service(reset_totp);
    config.service(erase);
    config.service(history);
}

/// A password for the next sign-in, which is not shown again.
#[derive(Serialize, ToSchema)]
struct OneTimePassword {
    /// The password. It has to be changed at the next sign-in, within 72 hours.
    one_time_password: String,
}

/// Gives a member a password that has to be changed at the next sign-in, and ends every session and token of theirs.
///
/// Needs a fresh proof, see `POST /session/proof`. Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "admin_reset_password",
    tag = "admin",
    params(("id" = String, Path, description = "The member's id")),
    responses(
        (status = 200, description = "The password", body = OneTimePassword),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or it is not yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Something else is there already, or it was changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[post("/admin/members/{id}/password")]
async fn reset_password(
    service: Data<Service>,
    caller: Principal,
    id: Path<String>,
) -> Result<impl Responder, Problem> {
    let password = service.members.reset_password(&(&caller).into(), member_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(OneTimePassword { one_time_password: password.expose_secret().to_owned() }))
}

/// Takes the second factor of a member away, who has lost it, and ends every session and token of theirs.
///
/// Needs a fresh proof, see `POST /session/proof`. Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "admin_reset_totp",
    tag = "admin",
    params(("id" = String, Path, description = "The member's id")),
    responses(
        (status = 204, description = "There is no second factor any more"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or it is not yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Something else is there already, or it was changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[post("/admin/members/{id}/totp")]
async fn reset_totp(service: Data<Service>, caller: Principal, id: Path<String>) -> Result<impl Responder, Problem> {
    service.members.reset_totp(&(&caller).into(), member_id(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Destroys everything personal about a member, for ever, and cancels the member's standing orders. The ledger's facts stay,
/// under the member's id.
///
/// 503 `erasure_unfinished` when the member is erased but something could not be destroyed, which `left` names: then it has to
/// be asked for again, which goes on where it stopped. 422 `erased` when nothing is left to do.
///
/// Needs a fresh proof, see `POST /session/proof`. Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "admin_erase_member",
    tag = "admin",
    params(("id" = String, Path, description = "The member's id")),
    responses(
        (status = 200, description = "What is left of the member", body = MemberAnswer),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or it is not yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Something else is there already, or it was changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = [])),
)]
#[post("/admin/members/{id}/erase")]
async fn erase(service: Data<Service>, caller: Principal, id: Path<String>) -> Result<impl Responder, Problem> {
    let member = service.members.erase(&(&caller).into(), member_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(MemberAnswer::from(&member)))
}

/// Lists what was done to a member, and who read about them, the newest first.
///
/// Auditors and administrators may call it.
///
/// Permission: read_audit
#[utoipa::path(
    operation_id = "admin_member_history",
    tag = "admin",
    params(("id" = String, Path, description = "The member's id"), HistoryQuery),
    responses(
        (status = 200, description = "The entries of the audit log", body = List<AuditAnswer>),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or it is not yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = []), ("token" = [])),
)]
#[get("/admin/members/{id}/history")]
async fn history(
    service: Data<Service>,
    caller: Principal,
    id: Path<String>,
    query: Query<HistoryQuery>,
) -> Result<impl Responder, Problem> {
    let member = service.members.find(member_id(&id)?).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(history_of(&service, &caller, "member", &member.id.to_string(), &query.0).await?))
}
