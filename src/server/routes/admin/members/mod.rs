//! `/admin/members`: lists, creates, reads and changes members.

mod actions;
mod bulk;
mod list;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get, patch, post};
use jangbu::{Position, accounts::FREE_TRANSFERS_PER_DAY};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Attempt;
use crate::server::http::{IdempotencyKey, Json, PathParams, Problem, Refused, double_option};
use crate::server::members::{MemberAnswer, MemberChange, MemberId, NewMember, PasswordGiven, ScheduleEnd};
use crate::server::principal::{Principal, Role};
use crate::server::service::Service;

/// The most free transfers per account and day.
const MOST_FREE_TRANSFERS: u32 = 1_000_000;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    list::configure(config);
    bulk::configure(config);
    config.service(admin_get_member);
    config.service(admin_create_member);
    config.service(admin_change_member);
    actions::configure(config);
}

/// Returns a member.
///
/// For staff. Audited.
#[utoipa::path(
    tag = "admin",
    params(("id" = String, Path, description = "The member's id.")),
    responses(
        (status = 200, description = "The member.", body = MemberAnswer),
    ),
)]
#[get("/admin/members/{id}")]
async fn admin_get_member(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<MemberId>,
) -> Result<impl Responder, Problem> {
    let member = service.members.find(id).ok_or_else(Problem::not_found)?;
    service.audit.read(&caller, "member", &member.id.to_string()).await?;
    Ok(HttpResponse::Ok().json(service.members.answer(&member)))
}

/// Checks the number of free transfers per day.
///
/// # Errors
/// 400 beyond that.
fn quota(free_transfers_per_day: Option<u32>) -> Result<Option<u32>, Problem> {
    if free_transfers_per_day.is_some_and(|quota| quota > MOST_FREE_TRANSFERS) {
        let detail = format!("at most {MOST_FREE_TRANSFERS}");
        return Err(Problem::invalid_field("free_transfers_per_day", "too_large", detail));
    }
    Ok(free_transfers_per_day)
}

/// A member to create.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberRequest {
    /// The username, unique regardless of case.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Za-z0-9._-]{3,40}$")]
    username: String,
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The e-mail address.
    #[schema(max_length = 254, format = Email)]
    email: String,
    /// The role.
    #[serde(default)]
    role: Role,
    /// Free transfers per account and business day. Default: 3.
    #[schema(maximum = 1_000_000)]
    free_transfers_per_day: Option<u32>,
}

/// A new member, with a password for the first sign-in, which is not shown again.
#[derive(Serialize, ToSchema)]
struct MadeMember {
    /// The member.
    member: MemberAnswer,
    /// The password. It must be changed at the first sign-in, within 72 hours.
    one_time_password: String,
}

/// Creates a member, with a password that must be changed at the first sign-in.
///
/// Needs a fresh proof if the role is a staff role; see `POST /session/proof`. For administrators.
#[utoipa::path(
    tag = "admin",
    params(IdempotencyKey),
    responses(
        (status = 201, description = "The member, with the password for the first sign-in.", body = MadeMember),
    ),
)]
#[post("/admin/members")]
async fn admin_create_member(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(request): Json<MemberRequest>,
) -> Result<impl Responder, Problem> {
    if request.role.is_staff() {
        caller.presence.require()?;
    }
    let first = match service.attempt(&caller, &key, "member", &request).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let MemberRequest { username, name, email, role, free_transfers_per_day } = request;
    let free_transfers_per_day = quota(free_transfers_per_day)?.unwrap_or(FREE_TRANSFERS_PER_DAY);
    let new = NewMember { username, name, email, role, free_transfers_per_day, password: PasswordGiven::OneTime };
    let (member, password) = service.members.join(&caller.actor(), new).await?;
    let made = MadeMember {
        member: MemberAnswer::from(&member),
        one_time_password: password.map(|password| password.expose_secret().to_owned()).unwrap_or_default(),
    };
    first.answer_about(Some(member.id), StatusCode::CREATED, None, &made).await
}

/// A change of a member. Fields that are left out stay unchanged.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberPatch {
    /// The version of the member that the change is based on.
    version: u64,
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// The e-mail address.
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
    /// The role.
    role: Option<Role>,
    /// Whether the member is disabled: signing in is refused.
    disabled: Option<bool>,
    /// Free transfers per account and business day.
    #[schema(maximum = 1_000_000)]
    free_transfers_per_day: Option<u32>,
    /// What happens to the schedules of a member who is disabled. Default: `pause`.
    #[schema(inline)]
    schedules: Option<ScheduleEnd>,
    /// The household: a name chosen by the bank and shared by its members; null for none. Staff cannot serve members of
    /// their own household at the counter.
    #[schema(max_length = 40)]
    #[serde(default, deserialize_with = "double_option")]
    household: Option<Option<String>>,
}

/// Changes a member. Disabling a member, or changing the role, ends all of the member's sessions and tokens.
///
/// Needs a fresh proof if the role or the e-mail address changes; see `POST /session/proof`.
///
/// Disabling a member pauses, keeps or cancels the member's schedules, as `schedules` says. Paused schedules stay
/// paused when the member is enabled again, until the member resumes them.
///
/// 409 `conflict` if the member is at another version; 422 `last_admin` if no administrator would be left. For
/// administrators. 403 `conflict_of_interest` for changing the household or the free transfers of their own household,
/// or the role of another member of it.
#[utoipa::path(
    tag = "admin",
    params(
        ("id" = String, Path, description = "The member's id."),
        IdempotencyKey,
    ),
    responses(
        (status = 200, description = "The member.", body = MemberAnswer),
        Refused,
    ),
)]
#[patch("/admin/members/{id}")]
async fn admin_change_member(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    PathParams(id): PathParams<MemberId>,
    Json(wanted): Json<MemberPatch>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "members/change", &(id, &wanted)).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let MemberPatch { version, name, email, role, disabled, free_transfers_per_day, schedules, household } = wanted;
    let free_transfers_per_day = quota(free_transfers_per_day)?;
    let before = service.members.find(id).ok_or_else(Problem::not_found)?;
    // Giving up one's own role is not a conflict of interest.
    let is_granted = role.is_some_and(|role| role != before.role) && id != caller.id();
    if free_transfers_per_day.is_some() || household.is_some() || is_granted {
        service.keep_out_of_own_affairs(&caller, id.owner())?;
    }
    if role.is_some_and(|role| role != before.role) || email.as_ref().is_some_and(|email| *email != before.email) {
        caller.presence.require()?;
    }
    let change =
        MemberChange { name, email, role, disabled, free_transfers_per_day, household, schedules, proof_above: None };
    let version = Some(Position::new(version));
    let member = service.members.change(&caller.actor(), id, version, change).await?;
    first.answer_about(Some(id), StatusCode::OK, None, &MemberAnswer::from(&member)).await
}
