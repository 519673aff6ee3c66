//! `/me/schedules`: scheduled transfers from own accounts, once or repeatedly.

pub(crate) mod run;
pub(crate) mod shape;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get, post};
use jangbu::{
    Command, CommandId, Currency, Error, Position, Refusal,
    queries::Snapshot,
    schedules::{ChangeSchedule, SetSchedule, StandingOrder},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Attempt;
use crate::server::http::{
    Archived, Cursor, IdempotencyKey, Json, List, NotFound, PathParams, PaymentKey, Problem, Query, Refused, page_size,
};
use crate::server::principal::Principal;
use crate::server::rates::Class;
use crate::server::service::Service;
use crate::server::unproven::Limits;
use run::ScheduleRun;
use shape::{NewSchedule, ScheduleAction, ScheduleAnswer};

/// The most schedules of a member that can still run. All may fall due at the same moment and make a transfer each:
/// fewer than a member may make by hand within ten seconds, by default.
const MOST_SCHEDULES: usize = 100;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_schedules);
    config.service(create_schedule);
    config.service(get_schedule);
    config.service(change_schedule);
    config.service(list_schedule_runs);
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// The page size, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Lists the schedules of the caller's accounts that can still run: account by account, in the order of their ids.
///
/// For members, for their own accounts.
#[utoipa::path(
    tag = "schedules",
    params(PageQuery),
    responses(
        (status = 200, description = "A page of schedules.", body = List<ScheduleAnswer>),
    )
)]
#[get("/me/schedules")]
async fn list_schedules(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<PageQuery>,
) -> Result<impl Responder, Problem> {
    let limit = page_size(query.limit)?;
    // `<account> <id>` of the last schedule of the previous page.
    let place = query.cursor.as_ref().map(Cursor::decode::<String>).transpose()?;
    let place = place.map(|place| {
        place_of(&place)
            .ok_or_else(|| Problem::invalid_field("cursor", "invalid", "pass the `next` of the previous page"))
    });
    let mut place = place.transpose()?;
    let mut data: Vec<ScheduleAnswer> = Vec::new();
    for account in own_accounts(&service, &caller).await? {
        let mut after = match place {
            Some((number, _)) if number != account.number => continue,
            _ => place.take().map(|(_, id)| id),
        };
        loop {
            let page = service.bank.schedules_of(account.number, after, limit).await?;
            // Schedules that pay to the account belong to other members, or are listed with the account that pays.
            for order in page.data.into_iter().filter(|order| order.schedule.from == account.number) {
                if data.len() >= limit {
                    let last = data.last().map(|last| format!("{} {}", last.from(), last.id));
                    return Ok(HttpResponse::Ok().json(List::new(data, last)));
                }
                data.push(waiting(&service, &caller, ScheduleAnswer::of(order, account.currency, account.scale, None)));
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(HttpResponse::Ok().json(List::whole(data)))
}

fn place_of(place: &str) -> Option<(jangbu::AccountNumber, CommandId)> {
    let (number, id) = place.split_once(' ')?;
    Some((number.parse().ok()?, id.parse().ok()?))
}

async fn own_accounts(service: &Service, caller: &Principal) -> Result<Vec<Snapshot>, Problem> {
    let (mut own, mut after) = (Vec::new(), None);
    loop {
        let page = service.bank.accounts_of(caller.member.owner(), after, 1_000).await?;
        own.extend(page.data.into_iter().filter(|account| caller.keep_to_account(account.number).is_ok()));
        after = page.next;
        if after.is_none() {
            return Ok(own);
        }
    }
}

/// Returns the number of schedules that pay from the caller's accounts and can still run, and how much they can move
/// per day in a currency: each runs at most once a day.
async fn own_schedules(service: &Service, caller: &Principal, currency: Currency) -> Result<(usize, u64), Problem> {
    let (mut count, mut sum) = (0_usize, 0_u64);
    for account in own_accounts(service, caller).await? {
        let mut after = None;
        loop {
            let page = service.bank.schedules_of(account.number, after, 1_000).await?;
            // Schedules that pay to the account belong to other members.
            for order in page.data.iter().filter(|order| order.schedule.from == account.number) {
                count = count.saturating_add(1);
                let amount = order.schedule.amount.most().minor_units();
                sum = sum.saturating_add(if account.currency == currency { amount } else { 0 });
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok((count, sum))
}

/// Creates a schedule, by which the bank makes transfers automatically, each at most once.
///
/// If a run moves more than a limit set by the bank or the member, this needs a fresh proof, and therefore a session;
/// see `POST /session/proof`.
///
/// For members, for their own accounts.
#[utoipa::path(
    tag = "schedules",
    params(IdempotencyKey),
    responses(
        (status = 201, description = "The schedule.", body = ScheduleAnswer),
        NotFound,
        Refused,
    )
)]
#[post("/me/schedules")]
async fn create_schedule(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    Json(mut new): Json<NewSchedule>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "schedule", &new).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    new.from = service.resolve_account(new.from).await?;
    new.to = service.resolve_account(new.to).await?;
    let from = service.own_account(&caller, new.from).await?;
    caller.keep_to_payee(new.to)?;
    service.meet(&caller, Class::Lookups, [new.to]).await?;
    let id = key.command_id(&caller.id(), "schedule");
    let _stays = service.members.while_active(caller.id()).await?;
    let set = SetSchedule::new(new.schedule(service.verifies(), service.time_zone())?).with_id(id);
    // Held until the schedule is created. Otherwise two simultaneous requests would not count each other.
    let _turn = service.members.turn(caller.id()).await;
    // A repetition whose first answer was lost before it was stored still gets that answer, whatever the number of
    // accounts.
    let (count, sum) = own_schedules(&service, &caller, from.currency).await?;
    let is_new = service.bank.position_of(id).await?.is_none();
    if is_new && count >= MOST_SCHEDULES {
        let detail = format!("a member can have at most {MOST_SCHEDULES} schedules that can still run");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "too_many_schedules", detail)
            .with_figure("most", MOST_SCHEDULES));
    }
    let amount = new.amount.minor_units();
    if is_new {
        service.check_orders(&caller, from.currency, sum.saturating_add(amount))?;
    }
    let passed = service.pass_sums(&caller, Limits::Own, Some(id), [(from.currency, amount)]).await?;
    let made = service.execute(Command::SetSchedule(Box::new(set))).await;
    passed.unless_refused(&made).await;
    made?;
    let order = service.bank.standing_order(id).await?.ok_or_else(Problem::not_found)?;
    let place = format!("/api/v1/me/schedules/{id}");
    let answer = ScheduleAnswer::of(order, from.currency, from.scale, None);
    first.answer(StatusCode::CREATED, Some(place), &answer).await
}

/// Returns a schedule of the caller's accounts, also after it has ended, with its last run.
///
/// For members, for their own accounts.
#[utoipa::path(
    tag = "schedules",
    params(("id" = String, Path, description = "The schedule's id.")),
    responses(
        (status = 200, description = "The schedule.", body = ScheduleAnswer),
    )
)]
#[get("/me/schedules/{id}")]
async fn get_schedule(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<CommandId>,
) -> Result<impl Responder, Problem> {
    let (order, from) = own_schedule(&service, &caller, id).await?;
    Ok(HttpResponse::Ok().json(answer(&service, &caller, order, &from).await?))
}

/// Pauses a schedule, resumes it from the next occurrence on, or cancels it for good.
///
/// For members, for their own accounts.
#[utoipa::path(
    tag = "schedules",
    params(
        ("id" = String, Path, description = "The schedule's id."),
        ("change" = String, Path, description = "`pause`, `resume` or `cancel`."),
        IdempotencyKey,
    ),
    responses(
        (status = 200, description = "The schedule after the change.", body = ScheduleAnswer),
        Refused,
    )
)]
#[post("/me/schedules/{id}/{change}")]
async fn change_schedule(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    PathParams((id, action)): PathParams<(CommandId, ScheduleAction)>,
) -> Result<impl Responder, Problem> {
    let (operation, change) = (format!("schedule/{}", action.name()), action.change());
    let first = match service.attempt(&caller, &key, &operation, &id).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let _stays = service.members.while_active(caller.id()).await?;
    let (order, from) = own_schedule(&service, &caller, id).await?;
    caller.keep_to_payee(order.schedule.to)?;
    // A change without effect writes nothing.
    let is_so = change.leaves(order.progress.status);
    // With a key, the bank returns the first answer again.
    if !key.is_given() {
        if order.progress.status.has_ended() {
            return Err(ended());
        }
        if is_so {
            return Ok(HttpResponse::Ok().json(answer(&service, &caller, order, &from).await?));
        }
    }
    let command = key.command_id(&caller.id(), &operation);
    let changed =
        service.execute(Command::ChangeSchedule(ChangeSchedule { id: command, schedule: order.id, change })).await;
    changed.map_err(|error| match error {
        Error::Refused(Refusal::ScheduleEnded { .. }) => ended(),
        other => other.into(),
    })?;
    let order = service.bank.standing_order(order.id).await?.ok_or_else(Problem::not_found)?;
    first.answer(StatusCode::OK, None, &answer(&service, &caller, order, &from).await?).await
}

fn ended() -> Problem {
    Problem::new(StatusCode::CONFLICT, "schedule_ended", "the schedule has ended")
}

/// Lists the runs of a schedule, newest first: posted, refused, skipped.
///
/// For members, for their own accounts.
#[utoipa::path(
    tag = "schedules",
    params(PageQuery, ("id" = String, Path, description = "The schedule's id.")),
    responses(
        (status = 200, description = "A page of runs.", body = List<ScheduleRun>),
        Archived,
    )
)]
#[get("/me/schedules/{id}/runs")]
async fn list_schedule_runs(
    service: Data<Service>,
    caller: Principal,
    PathParams(id): PathParams<CommandId>,
    Query(query): Query<PageQuery>,
) -> Result<impl Responder, Problem> {
    let limit = page_size(query.limit)?;
    let before = query.cursor.as_ref().map(Cursor::decode::<u64>).transpose()?.map(Position::new);
    let (order, _) = own_schedule(&service, &caller, id).await?;
    let page = service.bank.schedule_runs(order.id, before, limit).await.map_err(|error| match error {
        // The schedule exists, so the cursor belongs to another one.
        Error::Refused(Refusal::ScheduleUnknown { .. }) => {
            Problem::invalid_field("cursor", "invalid", "pass the `next` of the previous page")
        }
        other => other.into(),
    })?;
    let data = page.data.into_iter().map(ScheduleRun::from).collect();
    Ok(HttpResponse::Ok().json(List::new(data, page.next)))
}

/// Returns the schedule with that id if it pays from an own account.
async fn own_schedule(
    service: &Service,
    caller: &Principal,
    id: CommandId,
) -> Result<(StandingOrder, Snapshot), Problem> {
    let order = service.bank.standing_order(id).await?.ok_or_else(Problem::not_found)?;
    let from = service.bank.snapshot(order.schedule.from).await?;
    if from.owner != caller.member.owner() {
        return Err(Problem::not_found());
    }
    caller.keep_to_account(from.number)?;
    Ok((order, from))
}

async fn answer(
    service: &Service,
    caller: &Principal,
    order: StandingOrder,
    from: &Snapshot,
) -> Result<ScheduleAnswer, Problem> {
    let last = service.bank.schedule_runs(order.id, None, 1).await?.data.into_iter().next();
    Ok(waiting(service, caller, ScheduleAnswer::of(order, from.currency, from.scale, last)))
}

/// Adds to an answer for the owner until when its runs are postponed.
fn waiting(service: &Service, caller: &Principal, answer: ScheduleAnswer) -> ScheduleAnswer {
    let now = service.time.now();
    answer.waiting(now, service.pace.waits_until(caller.id(), now))
}

#[cfg(test)]
mod tests;
