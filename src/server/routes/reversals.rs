//! Reversals of earlier movements by staff, in whole or in part.

use actix_web::Responder;
use actix_web::http::StatusCode;
use actix_web::post;
use actix_web::web::Data;
use jangbu::{
    AccountNumber, Amount, Command, CommandId, HoldId, Refusal,
    queries::{Movement, MovementKind, Order, TransferQuery},
    transfers::Reverse,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::cash::{created, texts};
use super::holds::audited;
use crate::server::answers::Attempt;
use crate::server::http::{IdempotencyKey, Json, PathParams, PaymentKey, Problem, Refused, TransferAccounts};
use crate::server::principal::Principal;
use crate::server::service::Service;

/// The most settlements of a hold that are listed.
const MOST_CAPTURES: usize = 100;
/// How many pages are searched for them.
const PAGES: usize = 20;

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(reverse_transfer);
}

/// A reversal of a transfer.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReverseRequest {
    /// The amount in minor units. Default: all that is not reversed yet.
    #[serde(default)]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    amount: Option<Amount>,
    /// The label on both statements.
    #[serde(default)]
    #[schema(max_length = 10)]
    label: Option<String>,
    /// Which of several linked movements, counted from 0.
    #[serde(default)]
    #[schema(maximum = 63)]
    step: u8,
}

/// Reverses a transfer, in whole or in part. The fee stays with the bank.
///
/// For staff. Audited. A hold that was settled at once is reversed by its own id; if it was settled in parts, each
/// settlement is reversed by its own id, otherwise 422 `several_captures`.
#[utoipa::path(
    tag = "counter",
    params(
        ("id" = String, Path, description = "The id of the transfer to reverse."),
        IdempotencyKey,
    ),
    responses((status = 201, description = "The reversal.", body = crate::server::shapes::Transfer), Refused),
)]
#[post("/transfers/{id}/reverse")]
async fn reverse_transfer(
    service: Data<Service>,
    caller: Principal,
    PaymentKey(key): PaymentKey,
    PathParams(original): PathParams<HoldId>,
    Json(request): Json<ReverseRequest>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "reverse", &(original, &request)).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    service.keep_out_of_own_movements(&caller, original.command()).await?;
    let details = texts(request.label.as_deref(), None, None, None)?;
    let ReversalTarget { movement, original, step } = resolve(&service, original, request.step).await?;
    let about = ("transfer", movement.to_string());
    let id = key.command_id(&caller.id(), "reverse");
    let taken = taken_back(&service, original, step, request.amount).await?;
    let passed = service.pass_at_counter(&caller, id, taken).await?;
    audited(&service, &caller, "transfer.reversed", about, &request, id).await?;
    let reverse = Reverse { step, amount: request.amount, details, ..Reverse::all(original).with_id(id) };
    let reversed = service.execute(Command::Reverse(Box::new(reverse))).await;
    passed.unless_refused(&reversed).await;
    reversed.map_err(|error| TransferAccounts::default().failed(error))?;
    created(&service, first, id).await
}

/// The movement to reverse.
pub(super) struct ReversalTarget {
    /// The movement as people know it.
    pub(super) movement: HoldId,
    /// The command that moved the money.
    pub(super) original: CommandId,
    /// Which of its movements, counted from 0.
    pub(super) step: u8,
}

/// Finds what to reverse for the movement `named`: for a verified transfer, or a hold settled at once, the settlement.
/// The id can contain a step, as that of a hold placed by linked steps does.
///
/// # Errors
/// 404 where there is no such movement, 400 where two steps are named, 422 where it cannot be taken back or was settled in several parts.
pub(super) async fn resolve(service: &Service, named: HoldId, step: u8) -> Result<ReversalTarget, Problem> {
    let original = named.command();
    let step = match named.step() {
        Some(own) if step != 0 && step != own => {
            return Err(Problem::invalid_field("step", "invalid", "the id belongs to another step"));
        }
        own => own.unwrap_or(step),
    };
    let movements = service.bank.movements_of(original).await?;
    // The bank refuses a step that does not exist, and stores that answer for repetitions.
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
    Ok(ReversalTarget { movement: if named.step().is_some() { named } else { movement.id.into() }, original, step })
}

/// Returns what a reversal takes back, and from which account: `amount`, or what remains of the movement.
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

/// Returns how much of a movement, or of a hold's settlement, staff can still reverse; `None` if it can never be
/// reversed.
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

/// Returns the settlements of a hold, oldest first.
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

/// 422: a hold was settled several times, and one settlement must be named.
fn several(captures: &[Movement]) -> Problem {
    let named: Vec<_> = captures
        .iter()
        .map(|capture| json!({ "id": capture.id, "step": capture.step.unwrap_or(0), "amount": capture.amount }))
        .collect();
    let detail = "the hold was settled in several parts; reverse each by its own id";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "several_captures", detail).with_figure("captures", named)
}
