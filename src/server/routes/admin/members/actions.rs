//! Actions on one member: password reset, removal of the second factor, erasure; and the member's history.

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get, post};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Conflict, List, PathParams, Problem, Query, Refused};
use crate::server::members::{MemberAnswer, MemberId};
use crate::server::principal::Principal;
use crate::server::routes::admin::audit::{AuditAnswer, HistoryQuery, history_of};
use crate::server::service::Service;

/// Registers the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(admin_reset_password);
    config.service(admin_reset_totp);
    config.service(admin_erase_member);
    config.service(admin_member_history);
}

/// A password for the next sign-in, which is not shown again.
#[derive(Serialize, ToSchema)]
struct OneTimePassword {
    /// The password. It must be changed at the next sign-in, within 72 hours.
    one_time_password: String,
}

/// Sets a one-time password that must be changed at the next sign-in, and ends all of the member's sessions and tokens.
///
/// Needs a fresh proof; see `POST /session/proof`. For administrators.
#[utoipa::path(
    tag = "admin",
    params(("id" = String, Path, description = "The member's id.")),
    responses(
        (status = 200, description = "The password.", body = OneTimePassword),
        Conflict,
        Refused,
    ),
)]
#[post("/admin/members/{id}/password")]
async fn admin_reset_password(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<MemberId>,
) -> Result<impl Responder, Problem> {
    let password = service.members.reset_password(&caller.actor(), id).await?;
    Ok(HttpResponse::Ok().json(OneTimePassword { one_time_password: password.expose_secret().to_owned() }))
}

/// Removes the second factor of a member who has lost it, and ends all of the member's sessions and tokens.
///
/// Needs a fresh proof; see `POST /session/proof`. For administrators.
#[utoipa::path(
    tag = "admin",
    params(("id" = String, Path, description = "The member's id.")),
    responses(
        (status = 204, description = "The second factor is removed."),
        Conflict,
        Refused,
    ),
)]
#[post("/admin/members/{id}/totp")]
async fn admin_reset_totp(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<MemberId>,
) -> Result<impl Responder, Problem> {
    service.members.reset_totp(&caller.actor(), id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Erases a member: destroys everything personal for good and cancels the member's schedules. The ledger's records
/// stay, under the member's id.
///
/// 503 `erasure_unfinished` if the member is erased but some data could not be destroyed; the figure `left` names it.
/// Repeat the request to continue. 422 `erased` if nothing is left to do.
///
/// Needs a fresh proof; see `POST /session/proof`. For administrators.
#[utoipa::path(
    tag = "admin",
    params(("id" = String, Path, description = "The member's id.")),
    responses(
        (status = 200, description = "The erased member.", body = MemberAnswer),
        Conflict,
        Refused,
    ),
)]
#[post("/admin/members/{id}/erase")]
async fn admin_erase_member(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<MemberId>,
) -> Result<impl Responder, Problem> {
    let member = service.members.erase(&caller.actor(), id).await?;
    Ok(HttpResponse::Ok().json(MemberAnswer::from(&member)))
}

/// Lists the changes of a member and the staff who read it, newest first.
///
/// For auditors and administrators.
#[utoipa::path(
    tag = "admin",
    params(("id" = String, Path, description = "The member's id."), HistoryQuery),
    responses(
        (status = 200, description = "The entries of the audit log.", body = List<AuditAnswer>),
    ),
)]
#[get("/admin/members/{id}/history")]
async fn admin_member_history(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<MemberId>,
    Query(query): Query<HistoryQuery>,
) -> Result<impl Responder, Problem> {
    let member = service.members.find(id).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(history_of(&service, &caller, "member", &member.id.to_string(), &query).await?))
}
