//! `/admin/schedules`: everybody's standing orders, and an end to them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder, get, post};
use jangbu::{AccountNumber, ChangeSchedule, Command, CommandId, Error, Page, Refusal, ScheduleChange, StandingOrder};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Asked;
use crate::server::audit::Entry;
use crate::server::http::{Cursor, IdempotencyKey, List, Problem, ProblemBody, Query, page_size};
use crate::server::members::MemberId;
use crate::server::principal::Principal;
use crate::server::routes::schedules::shape::ScheduleAnswer;
use crate::server::service::Service;
use crate::server::shapes::Owner;

/// Registers the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(list);
    config.service(change);
}

/// A schedule, whosever it is.
#[derive(Serialize, ToSchema)]
struct AdminSchedule {
    #[serde(flatten)]
    schedule: ScheduleAnswer,
    /// Who owns the account that pays.
    owner: Owner,
}

/// Which schedules.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SchedulesQuery {
    /// Only those that pay from an account of this member.
    #[param(value_type = Option<String>, format = Uuid)]
    member: Option<MemberId>,
    /// Only those that pay from or to this account.
    account: Option<String>,
    /// How many, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>, max_length = 400)]
    cursor: Option<Cursor>,
}

/// Lists the schedules that can still run, in the order of their ids: all of them, those of a member, or those of an account.
///
/// Staff may call it; it is audited.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "admin_list_schedules",
    tag = "admin",
    params(SchedulesQuery),
    responses(
        (status = 200, description = "A page of them", body = List<AdminSchedule>),
        (status = 400, description = "The request does not fit the schema", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such account", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = []), ("token" = [])),
)]
#[get("/admin/schedules")]
async fn list(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<SchedulesQuery>,
) -> Result<impl Responder, Problem> {
    let limit = page_size(query.limit)?;
    let after: Option<CommandId> = query.cursor.as_ref().map(Cursor::place).transpose()?;
    let account = match &query.account {
        Some(text) => {
            let typed = AccountNumber::typed(text)
                .map_err(|error| Problem::invalid_field("account", "invalid", error.to_string()))?;
            Some(service.meant(typed).await?)
        }
        None => None,
    };
    let page = match (query.member, account) {
        (Some(_), Some(_)) => {
            return Err(Problem::invalid_field("account", "invalid", "name a member or an account, not both"));
        }
        (Some(member), None) => {
            service.audit.read(&caller, "member", &member.to_string()).await?;
            of_member(&service, member, after, limit).await?
        }
        (None, Some(account)) => {
            service.audit.read(&caller, "account", &account.to_string()).await?;
            service.bank.schedules_of(account, after, limit).await.map_err(|error| match error {
                Error::Refused(Refusal::AccountUnknown { .. }) => Problem::not_found(),
                other => other.into(),
            })?
        }
        (None, None) => {
            service.audit.read(&caller, "schedules", "list").await?;
            service.bank.schedules(after, limit).await?
        }
    };
    let mut data = Vec::with_capacity(page.data.len());
    for order in page.data {
        data.push(told(&service, order).await?);
    }
    Ok(HttpResponse::Ok().json(List::new(data, page.next)))
}

/// Those that pay from a member's accounts, however many accounts these are.
async fn of_member(
    service: &Service,
    member: MemberId,
    after: Option<CommandId>,
    limit: usize,
) -> Result<Page<StandingOrder, CommandId>, Problem> {
    let mut data = service.members.schedules_of(member).await?;
    data.retain(|order| after.is_none_or(|after| order.id > after));
    data.sort_unstable_by_key(|order| order.id);
    let is_last = data.len() <= limit;
    data.truncate(limit);
    let next = data.last().filter(|_| !is_last).map(|last| last.id);
    Ok(Page { data, next })
}

/// Pauses a schedule, or cancels it for ever. Its member can resume it after a pause.
///
/// Administrators may call it; it is audited.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "admin_change_schedule",
    tag = "admin",
    params(
        ("id" = String, Path, description = "The id of the schedule."),
        ("change" = String, Path, description = "`pause` or `cancel`."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    responses(
        (status = 200, description = "The schedule as it stands now", body = AdminSchedule),
        (status = 400, description = "The key does not fit", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in, or not by these credentials", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is no such schedule", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has ended", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The first answer was about somebody whose data is erased.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Refused", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Overloaded, or the bank cannot answer", body = ProblemBody, content_type = "application/problem+json"),
    ),
    security(("session" = []), ("token" = [])),
)]
#[post("/admin/schedules/{id}/{change}")]
async fn change(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    path: Path<(String, String)>,
) -> Result<impl Responder, Problem> {
    let (id, change) = path.into_inner();
    let (change, action) = match change.as_str() {
        "pause" => (ScheduleChange::Pause, "schedule.paused"),
        "cancel" => (ScheduleChange::Cancel, "schedule.cancelled"),
        _ => return Err(Problem::not_found()),
    };
    let asked = match service.asked(&caller, &key, action, &id).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let schedule: CommandId = id.parse().map_err(|_| Problem::not_found())?;
    let order = service.bank.standing_order(schedule).await?.ok_or_else(Problem::not_found)?;
    service.keep_out_of_own_accounts(&caller, [order.schedule.from, order.schedule.to]).await?;
    let command = key.command_id(&caller.id().to_string(), action);
    let entry = Entry {
        action: action.into(),
        object: "schedule".into(),
        id: schedule.to_string(),
        before: None,
        after: None,
        command: Some(command),
    };
    service.audit.change(&caller, entry).await?;
    let changed = Command::ChangeSchedule(ChangeSchedule { id: command, schedule, change });
    service.execute(changed).await.map_err(|error| match error {
        Error::Refused(refusal @ Refusal::ScheduleEnded { .. }) => {
            Problem::new(StatusCode::CONFLICT, refusal.code(), "the schedule has ended")
        }
        other => other.into(),
    })?;
    let order = service.bank.standing_order(schedule).await?.ok_or_else(Problem::not_found)?;
    asked.answer(StatusCode::OK, None, &told(&service, order).await?).await
}

async fn told(service: &Service, order: StandingOrder) -> Result<AdminSchedule, Problem> {
    let facts = service.facts(order.schedule.from).await?.ok_or_else(Problem::not_found)?;
    let member = MemberId::of_owner(&facts.owner).and_then(|id| service.members.find(id));
    let (username, name) = member.map(|member| (member.username, member.name)).unzip();
    let owner = Owner { id: facts.owner.to_string(), username, name };
    Ok(AdminSchedule { schedule: ScheduleAnswer::of(order, facts.currency, facts.scale, None), owner })
}
