//! Reversals: an earlier movement taken back by staff, in whole or in part.

use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::post;
use actix_web::web::Data;
use jangbu::{
    AccountNumber, Amount, Command, CommandId, HoldId, Movement, MovementKind, Order, Refusal, Reverse, TransferQuery,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::cash::{created, texts};
use super::holds::audited;
use crate::server::answers::Asked;
use crate::server::http::{IdempotencyKey, InPath, Json, MoveProblems, Named, Problem};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// As many captures of a hold are named.
const MOST_CAPTURES: usize = 100;
/// As many pages are looked through for them.
const PAGES: usize = 20;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(reverse_transfer);
}

/// What of a transfer to take back.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReverseRequest {
    /// How much, in minor units; all that is not taken back yet if not given.
    #[serde(default)]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    amount: Option<Amount>,
    /// What both read on their statements.
    #[serde(default)]
    #[schema(max_length = 10)]
    label: Option<String>,
    /// Which of several linked movements, counted from 0.
    #[serde(default)]
    #[schema(maximum = 63)]
    step: u8,
}

/// Takes a transfer back, in whole or in part; the fee stays with the bank.
///
/// By staff; audited. A hold that was settled at once is taken back by its own id; of one that was settled in parts each
/// settlement by its own, 422 `several_captures`.
///
/// Permission: reverse
#[utoipa::path(
    tag = "counter", security(("session" = []), ("token" = [])), request_body = ReverseRequest,
    params(
        ("id" = String, Path, description = "The id of the transfer to take back."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    responses((status = 201, description = "The reversal.", body = crate::server::shapes::Transfer), MoveProblems),
)]
#[post("/transfers/{id}/reverse")]
async fn reverse_transfer(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    InPath(original): InPath<HoldId>,
    Json(request): Json<ReverseRequest>,
) -> Result<impl Responder, Problem> {
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "reverse", &(original, &request)).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    service.keep_out_of_own_movements(&caller, original.command()).await?;
    let details = texts(request.label.as_deref(), None, None, None)?;
    let Meant { movement, original, step } = meant(&service, original, request.step).await?;
    let about = ("transfer", movement.to_string());
    let id = key.command_id(&caller.id().to_string(), "reverse");
    let taken = taken_back(&service, original, step, request.amount).await?;
    let passed = service.pass_at_counter(&caller, id, taken).await?;
    audited(&service, &caller, "transfer.reversed", about, &request, id).await?;
    let reverse = Reverse { step, amount: request.amount, details, ..Reverse::all(original).with_id(id) };
    let reversed = service.execute(Command::Reverse(Box::new(reverse))).await;
    passed.unless_refused(&reversed).await;
    reversed.map_err(|error| Named::default().failed(error))?;
    created(&service, asked, id).await
}

/// What is meant to be taken back.
pub(super) struct Meant {
    /// The movement as people know it.
    pub(super) movement: HoldId,
    /// The command that moved the money.
    pub(super) original: CommandId,
    /// Which of its movements, counted from 0.
    pub(super) step: u8,
}

/// What is meant when `named` shall be taken back: of a transfer that was verified and of a hold that was settled at
/// once, the settlement. The id can name a step itself, as that of a hold among linked ones does.
///
/// # Errors
/// 404 where there is no such movement, 400 where two steps are named, 422 where it cannot be taken back or was settled in several parts.
pub(super) async fn meant(service: &Service, named: HoldId, step: u8) -> Result<Meant, Problem> {
    let original = named.command();
    let step = match named.step() {
        Some(own) if step != 0 && step != own => {
            return Err(Problem::invalid_field("step", "invalid", "the id names another step"));
        }
        own => own.unwrap_or(step),
    };
    let movements = service.bank.movements_of(original).await?;
    // A step that there is not is refused by the bank, which keeps that for repetitions.
    let at = |step: u8| movements.iter().find(|movement| movement.step.unwrap_or(0) == step);
    let movement = at(step).or(movements.first()).ok_or_else(Problem::not_found)?;
    let not_reversible = || Refusal::NotReversible { original };
    let (original, step) = match (movement.kind, movement.settlement) {
        (_, Some(settlement)) => (settlement, movement.step.unwrap_or(0)),
        (MovementKind::Hold, _) if step != movement.step.unwrap_or(0) => return Err(not_reversible().into()),
        (MovementKind::Hold, _) => match &captures_of(service, movement).await?[..] {
            [] => return Err(not_reversible().into()),
            [capture] => (capture.id, capture.step.unwrap_or(0)),
            captures => return Err(several(captures)),
        },
        _ => (original, step),
    };
    Ok(Meant { movement: if named.step().is_some() { named } else { movement.id.into() }, original, step })
}

/// What a reversal takes back, and from whom: `amount`, or what is left of the movement.
///
/// # Errors
/// As the bank's.
pub(super) async fn taken_back(
    service: &Service,
    original: CommandId,
    step: u8,
    amount: Option<Amount>,
) -> Result<Option<(AccountNumber, u64)>, Problem> {
    let movements = service.bank.movements_of(original).await?;
    let movement = movements.into_iter().find(|movement| movement.step.unwrap_or(0) == step);
    let Some(from) = movement.and_then(|movement| movement.to.or(movement.from)) else { return Ok(None) };
    let amount = match amount {
        Some(amount) => Some(amount),
        None => service.bank.reversible(original, step).await?,
    };
    Ok(amount.map(|amount| (from, amount.minor_units())))
}

/// What of a movement staff can still take back; of a hold, of its settlement. `None` where nothing ever could be.
///
/// # Errors
/// As the bank's.
pub(super) async fn reversible(service: &Service, movement: &Movement) -> Result<Option<Amount>, Problem> {
    let (original, step) = match (movement.kind, movement.settlement) {
        (_, Some(settlement)) => (settlement, movement.step.unwrap_or(0)),
        (MovementKind::Hold, _) => match &captures_of(service, movement).await?[..] {
            [capture] => (capture.id, capture.step.unwrap_or(0)),
            _ => return Ok(None),
        },
        _ => (movement.id, movement.step.unwrap_or(0)),
    };
    Ok(service.bank.reversible(original, step).await?)
}

/// The settlements by which a hold's receiver got something, oldest first.
async fn captures_of(service: &Service, hold: &Movement) -> Result<Vec<Movement>, Problem> {
    let mut captures = Vec::new();
    if hold.captured.is_zero() {
        return Ok(captures);
    }
    let mut query = TransferQuery {
        hold: Some(hold.as_hold()),
        kinds: vec![MovementKind::Settlement],
        order: Order::OldestFirst,
        limit: MOST_CAPTURES,
        ..TransferQuery::default()
    };
    for _ in 0..PAGES {
        let page = service.bank.transfers(query.clone()).await?;
        captures.extend(page.data);
        query.after = page.next;
        if query.after.is_none() || captures.len() >= MOST_CAPTURES {
            break;
        }
    }
    Ok(captures)
}

/// 422: several captures were made of a hold, of which one has to be named.
fn several(captures: &[Movement]) -> Problem {
    let named: Vec<_> = captures
        .iter()
        .map(|capture| json!({ "id": capture.id, "step": capture.step.unwrap_or(0), "amount": capture.amount }))
        .collect();
    let detail = "the hold was settled in several parts: take back each by its own id";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "several_captures", detail).with_figure("captures", named)
}
