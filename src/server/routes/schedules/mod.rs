//! `/me/schedules`: transfers to come, once or again and again, from own accounts.

pub(crate) mod shape;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder, get, post};
use jangbu::{
    ChangeSchedule, Command, CommandId, Currency, Error, Position, Refusal, ScheduleChange, SetSchedule, Snapshot,
    StandingOrder,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Asked;
use crate::server::http::{Cursor, IdempotencyKey, Json, List, Problem, ProblemBody, Query, page_size};
use crate::server::principal::Principal;
use crate::server::rates::Class;
use crate::server::service::Service;
use crate::server::unproven::Limits;
use shape::{NewSchedule, ScheduleAnswer, ScheduleRun};

/// The most schedules of a member that can still run. All may come due at the same moment, and each leads to a transfer then:
/// fewer than a member may make by hand within ten seconds, as it is usually set.
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
    /// How many, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// The schedules of own accounts that can still run: account by account, in the order of their ids.
///
/// Members may call it, for themselves.
///
/// Permission: read_own
#[utoipa::path(
    operation_id = "list_schedules",
    tag = "schedules",
    params(PageQuery),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "A page of them.", body = List<ScheduleAnswer>),
        (status = 400, description = "The query does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/me/schedules")]
async fn list_schedules(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<PageQuery>,
) -> Result<impl Responder, Problem> {
    let limit = page_size(query.limit)?;
    // `<account> <id>` of the last one of the page before.
    let place = query.cursor.as_ref().map(Cursor::place::<String>).transpose()?;
    let place = place.map(|place| {
        place_of(&place).ok_or_else(|| Problem::invalid_field("cursor", "invalid", "pass `next` of the page before"))
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
            // Those that pay to the account are others', or stand by the account that pays.
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

/// How many schedules pay from the caller's accounts and can still run, and how much they can move in a day in a currency: each
/// runs once a day at most.
async fn own_schedules(service: &Service, caller: &Principal, currency: Currency) -> Result<(usize, u64), Problem> {
    let (mut count, mut sum) = (0_usize, 0_u64);
    for account in own_accounts(service, caller).await? {
        let mut after = None;
        loop {
            let page = service.bank.schedules_of(account.number, after, 1_000).await?;
            // Those that pay to the account are others'.
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

/// Makes a schedule: the bank makes its transfers by itself, each at most once.
///
/// When each run moves more than a limit that the bank or the member has set for that, it needs a fresh proof, see
/// `POST /session/proof`, and so a session.
///
/// Members may call it, for own accounts.
///
/// Permission: move_own
#[utoipa::path(
    operation_id = "create_schedule",
    tag = "schedules",
    request_body = NewSchedule,
    params(("Idempotency-Key" = Option<String>, Header, description = "Repeats get the first answer.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 201, description = "The schedule.", body = ScheduleAnswer),
        (status = 400, description = "The request does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "The sender is unknown, or not yours.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "The key was used for something else.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 410, description = "The first answer was about somebody whose data is erased.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 413, description = "Too large.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 422, description = "The ledger refuses.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[post("/me/schedules")]
async fn create_schedule(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    Json(mut new): Json<NewSchedule>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "schedule", &new).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    new.from = service.meant(new.from).await?;
    new.to = service.meant(new.to).await?;
    let from = service.own_account(&caller, new.from).await?;
    caller.keep_to_payee(new.to)?;
    service.meet(&caller, Class::Lookups, [new.to]).await?;
    let id = key.command_id(&caller.id().to_string(), "schedule");
    let _stays = service.members.while_active(caller.id()).await?;
    let set = SetSchedule::new(new.schedule(service.verifies(), service.time_zone())?).with_id(id);
    // Held until the schedule is made: of two requests at once, the other would count without it.
    let _turn = service.members.turn(caller.id()).await;
    // A repetition whose first answer was lost before it was kept is given it, however many there are by now.
    let (count, sum) = own_schedules(&service, &caller, from.currency).await?;
    let is_new = service.bank.position_of(id).await?.is_none();
    if is_new && count >= MOST_SCHEDULES {
        let detail = format!("a member has at most {MOST_SCHEDULES} schedules that can still run");
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
    asked.answer(StatusCode::CREATED, Some(place), &answer).await
}

/// One schedule of own accounts, also when it has ended, with its last run.
///
/// Members may call it, for themselves.
///
/// Permission: read_own
#[utoipa::path(
    operation_id = "get_schedule",
    tag = "schedules",
    params(("id" = String, Path, description = "The id of the schedule.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The schedule.", body = ScheduleAnswer),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "Unknown, or not yours.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/me/schedules/{id}")]
async fn get_schedule(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
) -> Result<impl Responder, Problem> {
    let (order, from) = own_schedule(&service, &caller, &path).await?;
    Ok(HttpResponse::Ok().json(answer(&service, &caller, order, &from).await?))
}

/// Pauses a schedule, resumes it with the first occurrence after now, or cancels it for ever.
///
/// Members may call it, for own accounts.
///
/// Permission: move_own
#[utoipa::path(
    operation_id = "change_schedule",
    tag = "schedules",
    params(
        ("id" = String, Path, description = "The id of the schedule."),
        ("change" = String, Path, description = "`pause`, `resume` or `cancel`."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The schedule as it stands now.", body = ScheduleAnswer),
        (status = 400, description = "The key does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "Unknown, or not yours.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "It has ended.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 410, description = "The first answer was about somebody whose data is erased.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 422, description = "The ledger refuses.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[post("/me/schedules/{id}/{change}")]
async fn change_schedule(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    path: Path<(String, String)>,
) -> Result<impl Responder, Problem> {
    let (id, change) = path.into_inner();
    let operation = format!("schedule/{change}");
    let change = match change.as_str() {
        "pause" => ScheduleChange::Pause,
        "resume" => ScheduleChange::Resume,
        "cancel" => ScheduleChange::Cancel,
        _ => return Err(Problem::not_found()),
    };
    let asked = match service.asked(&caller, &key, &operation, &id).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let _stays = service.members.while_active(caller.id()).await?;
    let (order, from) = own_schedule(&service, &caller, &id).await?;
    caller.keep_to_payee(order.schedule.to)?;
    // What leaves it as it is writes nothing.
    let is_so = change.leaves(order.progress.status);
    // With a key the first answer is given again, which the bank has kept.
    if !key.is_given() {
        if order.progress.status.has_ended() {
            return Err(ended());
        }
        if is_so {
            return Ok(HttpResponse::Ok().json(answer(&service, &caller, order, &from).await?));
        }
    }
    let command = key.command_id(&caller.id().to_string(), &operation);
    let changed =
        service.execute(Command::ChangeSchedule(ChangeSchedule { id: command, schedule: order.id, change })).await;
    changed.map_err(|error| match error {
        Error::Refused(Refusal::ScheduleEnded { .. }) => ended(),
        other => other.into(),
    })?;
    let order = service.bank.standing_order(order.id).await?.ok_or_else(Problem::not_found)?;
    asked.answer(StatusCode::OK, None, &answer(&service, &caller, order, &from).await?).await
}

fn ended() -> Problem {
    Problem::new(StatusCode::CONFLICT, "schedule_ended", "the schedule has ended")
}

/// What a schedule did, newest first: posted, refused, skipped.
///
/// Members may call it, for themselves.
///
/// Permission: read_own
#[utoipa::path(
    operation_id = "list_schedule_runs",
    tag = "schedules",
    params(PageQuery, ("id" = String, Path, description = "The id of the schedule.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "A page of runs.", body = List<ScheduleRun>),
        (status = 400, description = "The query does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "Unknown, or not yours.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 410, description = "What is older is archived.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/me/schedules/{id}/runs")]
async fn list_schedule_runs(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<impl Responder, Problem> {
    let limit = page_size(query.limit)?;
    let before = query.cursor.as_ref().map(Cursor::place::<u64>).transpose()?.map(Position::new);
    let (order, _) = own_schedule(&service, &caller, &path).await?;
    let page = service.bank.schedule_runs(order.id, before, limit).await.map_err(|error| match error {
        // The schedule is there: so the cursor is of another one.
        Error::Refused(Refusal::ScheduleUnknown { .. }) => {
            Problem::invalid_field("cursor", "invalid", "pass `next` of the page before")
        }
        other => other.into(),
    })?;
    let data = page.data.into_iter().map(ScheduleRun::from).collect();
    Ok(HttpResponse::Ok().json(List::new(data, page.next)))
}

/// The schedule of that id, which pays from an own account.
async fn own_schedule(service: &Service, caller: &Principal, id: &str) -> Result<(StandingOrder, Snapshot), Problem> {
    let id: CommandId = id.parse().map_err(|_| Problem::not_found())?;
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

/// The answer to the owner of an order, whose runs may have to wait.
fn waiting(service: &Service, caller: &Principal, answer: ScheduleAnswer) -> ScheduleAnswer {
    let now = service.time.now();
    answer.waiting(now, service.pace.waits_until(caller.id(), now))
}

#[cfg(test)]
mod tests;
