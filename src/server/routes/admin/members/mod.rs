//! `/admin/members`: who the bank's members are, and what staff changes about them.

mod actions;
mod bulk;
mod list;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder, get, patch, post};
use jangbu::{FREE_TRANSFERS_PER_DAY, Position};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Asked;
use crate::server::http::{IdempotencyKey, Json, Problem, ProblemBody, given};
use crate::server::members::{MemberAnswer, MemberChange, MemberId, NewMember, PasswordGiven, ScheduleEnd};
use crate::server::principal::{Principal, Role};
use crate::server::service::Service;

/// The most transfers of an account and day that may be free.
const MOST_FREE_TRANSFERS: u32 = 1_000_000;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    list::configure(config);
    bulk::configure(config);
    config.service(read);
    config.service(create);
    config.service(change);
    actions::configure(config);
}

/// The id in a path; anything else is unknown.
fn member_id(id: &str) -> Result<MemberId, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

/// Tells everything about a member.
///
/// Staff may call it; it is audited.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "admin_get_member",
    tag = "admin",
    params(("id" = String, Path, description = "The member's id")),
    responses(
        (status = 200, description = "The member", body = MemberAnswer),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or it is not yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = []), ("token" = [])),
)]
#[get("/admin/members/{id}")]
async fn read(service: Data<Service>, caller: Principal, id: Path<String>) -> Result<impl Responder, Problem> {
    let member = service.members.find(member_id(&id)?).ok_or_else(Problem::not_found)?;
    service.audit.read(&caller, "member", &member.id.to_string()).await?;
    Ok(HttpResponse::Ok().json(service.members.answer(&member)))
}

/// The free transfers of a day, of which there are so many and no more.
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

/// A member to be made.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberRequest {
    /// The name to sign in with, unique without regard to case.
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Za-z0-9._-]{3,40}$")]
    username: String,
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// The e-mail address.
    #[schema(max_length = 254, format = Email)]
    email: String,
    /// What the member is to the bank.
    #[serde(default)]
    role: Role,
    /// Transfers that bear no fee, per account and business day; 3 when nothing is said.
    #[schema(maximum = 1_000_000)]
    free_transfers_per_day: Option<u32>,
}

/// A member who was made, with a password for the first sign-in, which is not shown again.
#[derive(Serialize, ToSchema)]
struct MadeMember {
    /// The member.
    member: MemberAnswer,
    /// The password. It has to be changed at the first sign-in, within 72 hours.
    one_time_password: String,
}

/// Makes a member, with a password that has to be changed at the first sign-in.
///
/// Needs a fresh proof when the role is a staff role, see `POST /session/proof`. Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "admin_create_member",
    tag = "admin",
    params(("Idempotency-Key" = Option<String>, Header, description = "Against repetition.")),
    responses(
        (status = 201, description = "The member, with the password for the first sign-in", body = MadeMember),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Something else is there already, or it was changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The first answer was about somebody whose data is erased.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = []), ("token" = [])),
)]
#[post("/admin/members")]
async fn create(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(request): Json<MemberRequest>,
) -> Result<impl Responder, Problem> {
    if request.role.is_staff() {
        caller.presence.require()?;
    }
    let asked = match service.asked(&caller, &key, "member", &request).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let MemberRequest { username, name, email, role, free_transfers_per_day } = request;
    let free_transfers_per_day = quota(free_transfers_per_day)?.unwrap_or(FREE_TRANSFERS_PER_DAY);
    let new = NewMember { username, name, email, role, free_transfers_per_day, password: PasswordGiven::OneTime };
    let (member, password) = service.members.join(&(&caller).into(), new).await?;
    let made = MadeMember {
        member: MemberAnswer::from(&member),
        one_time_password: password.map(|password| password.expose_secret().to_owned()).unwrap_or_default(),
    };
    asked.answer_about(Some(member.id), StatusCode::CREATED, None, &made).await
}

/// What is to be changed about a member. What is left out stays.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MemberPatch {
    /// The version that the change is of.
    version: u64,
    /// The full name.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// The e-mail address.
    #[schema(max_length = 254, format = Email)]
    email: Option<String>,
    /// What the member is to the bank.
    role: Option<Role>,
    /// Whether signing in is refused.
    disabled: Option<bool>,
    /// Transfers that bear no fee, per account and business day.
    #[schema(maximum = 1_000_000)]
    free_transfers_per_day: Option<u32>,
    /// What becomes of the standing orders of a member who is disabled; `pause` when nothing is said.
    #[schema(inline)]
    schedules: Option<ScheduleEnd>,
    /// The household, a word of the bank's choice that all of it share; null for none. Staff does nothing at the counter for
    /// members of their own household.
    #[schema(max_length = 40)]
    #[serde(default, deserialize_with = "given")]
    household: Option<Option<String>>,
}

/// Changes a member. Disabling one, or changing the role, ends every session and token of theirs.
///
/// Needs a fresh proof when the role or the e-mail address changes, see `POST /session/proof`.
///
/// Disabling pauses the member's standing orders, keeps or cancels them, as `schedules` says. Those that are paused stay so
/// when the member is enabled again, until the member resumes them.
///
/// 409 `conflict` when the member is not at that version, 422 `last_admin` when nobody would be left to administer the
/// bank. Administrators may call it; not to change household or free transfers of their own household, nor the role of others of it, 403
/// `conflict_of_interest`.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "admin_change_member",
    tag = "admin",
    params(
        ("id" = String, Path, description = "The member's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    responses(
        (status = 200, description = "The member", body = MemberAnswer),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such thing, or it is not yours", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Something else is there already, or it was changed meanwhile", body = ProblemBody, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "The body is not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = []), ("token" = [])),
)]
#[patch("/admin/members/{id}")]
async fn change(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    id: Path<String>,
    Json(wanted): Json<MemberPatch>,
) -> Result<impl Responder, Problem> {
    let id = member_id(&id)?;
    let asked = match service.asked(&caller, &key, "members/change", &(id, &wanted)).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let MemberPatch { version, name, email, role, disabled, free_transfers_per_day, schedules, household } = wanted;
    let free_transfers_per_day = quota(free_transfers_per_day)?;
    let before = service.members.find(id).ok_or_else(Problem::not_found)?;
    // Who gives up a role of their own gains nothing.
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
    let member = service.members.change(&(&caller).into(), id, version, change).await?;
    asked.answer_about(Some(id), StatusCode::OK, None, &MemberAnswer::from(&member)).await
}
