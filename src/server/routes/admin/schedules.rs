//! `/admin/schedules`: lists the schedules of all members, and pauses or cancels them.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get, post};
use jangbu::{
    Command, CommandId, Error, Refusal,
    queries::Page,
    schedules::{ChangeSchedule, StandingOrder},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Attempt;
use crate::server::audit::Entry;
use crate::server::http::{
    Cursor, IdempotencyKey, List, NotFound, PathParams, Problem, Query, Refused, TypedNumber, page_size,
};
use crate::server::members::MemberId;
use crate::server::principal::Principal;
use crate::server::routes::schedules::shape::{ScheduleAction, ScheduleAnswer};
use crate::server::service::Service;
use crate::server::shapes::Owner;

/// Registers the routes.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(admin_list_schedules);
    config.service(admin_change_schedule);
}

/// A schedule of any member.
#[derive(Serialize, ToSchema)]
struct AdminSchedule {
    #[serde(flatten)]
    schedule: ScheduleAnswer,
    /// The owner of the account that pays.
    owner: Owner,
}

/// The query of a list of schedules.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SchedulesQuery {
    /// Only schedules that pay from an account of this member.
    #[param(value_type = Option<String>, format = Uuid)]
    member: Option<MemberId>,
    /// Only schedules that pay from or to this account.
    #[param(value_type = Option<String>)]
    account: Option<TypedNumber>,
    /// The page size, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the previous page.
    #[param(value_type = Option<String>, max_length = 400)]
    cursor: Option<Cursor>,
}

/// Lists schedules that can still run, in the order of their ids: all of them, those of a member, or those of an
/// account.
///
/// For staff. Audited.
#[utoipa::path(
    tag = "admin",
    params(SchedulesQuery),
    responses(
        (status = 200, description = "A page of schedules.", body = List<AdminSchedule>),
        NotFound,
    ),
)]
#[get("/admin/schedules")]
async fn admin_list_schedules(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<SchedulesQuery>,
) -> Result<impl Responder, Problem> {
    let limit = page_size(query.limit)?;
    let after: Option<CommandId> = query.cursor.as_ref().map(Cursor::decode).transpose()?;
    let account = match query.account {
        Some(TypedNumber(typed)) => Some(service.resolve_account(typed).await?),
        None => None,
    };
    let page = match (query.member, account) {
        (Some(_), Some(_)) => {
            return Err(Problem::invalid_field("account", "invalid", "send `member` or `account`, not both"));
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
        data.push(schedule_answer(&service, order).await?);
    }
    Ok(HttpResponse::Ok().json(List::new(data, page.next)))
}

/// Returns a page of the schedules that pay from a member's accounts.
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

/// Pauses a schedule, or cancels it for good. Its owner can resume a paused schedule.
///
/// For administrators. Audited.
#[utoipa::path(
    tag = "admin",
    params(
        ("id" = String, Path, description = "The schedule's id."),
        ("change" = String, Path, description = "`pause` or `cancel`."),
        IdempotencyKey,
    ),
    responses(
        (status = 200, description = "The schedule after the change.", body = AdminSchedule),
        Refused,
    ),
)]
#[post("/admin/schedules/{id}/{change}")]
async fn admin_change_schedule(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    PathParams((schedule, change)): PathParams<(CommandId, ScheduleAction)>,
) -> Result<impl Responder, Problem> {
    let action = match change {
        ScheduleAction::Pause => "schedule.paused",
        ScheduleAction::Cancel => "schedule.cancelled",
        // Only its owner can resume a schedule.
        ScheduleAction::Resume => return Err(Problem::not_found()),
    };
    let first = match service.attempt(&caller, &key, action, &schedule).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let order = service.bank.standing_order(schedule).await?.ok_or_else(Problem::not_found)?;
    service.keep_out_of_own_accounts(&caller, [order.schedule.from, order.schedule.to]).await?;
    let command = key.command_id(&caller.id(), action);
    let entry = Entry {
        action: action.into(),
        object: "schedule".into(),
        id: schedule.to_string(),
        before: None,
        after: None,
        command: Some(command),
    };
    service.audit.change(&caller, entry).await?;
    let changed = Command::ChangeSchedule(ChangeSchedule { id: command, schedule, change: change.change() });
    service.execute(changed).await.map_err(|error| match error {
        Error::Refused(refusal @ Refusal::ScheduleEnded { .. }) => {
            Problem::new(StatusCode::CONFLICT, refusal.code(), "the schedule has ended")
        }
        other => other.into(),
    })?;
    let order = service.bank.standing_order(schedule).await?.ok_or_else(Problem::not_found)?;
    first.answer(StatusCode::OK, None, &schedule_answer(&service, order).await?).await
}

async fn schedule_answer(service: &Service, order: StandingOrder) -> Result<AdminSchedule, Problem> {
    let facts = service.facts(order.schedule.from).await?.ok_or_else(Problem::not_found)?;
    let member = MemberId::of_owner(&facts.owner).and_then(|id| service.members.find(id));
    let (username, name) = member.map(|member| (member.username, member.name)).unzip();
    let owner = Owner { id: facts.owner.to_string(), username, name };
    Ok(AdminSchedule { schedule: ScheduleAnswer::of(order, facts.currency, facts.scale, None), owner })
}
