//! Reversals: an earlier movement taken back by staff, in whole or in part.

use actix_web::Responder;
use actix_web::post;
use actix_web::web::Data;
use jangbu::{Amount, Command, CommandId, Movement, MovementKind, Order, Refusal, Reverse, TransferQuery};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::cash::{created, texts};
use super::holds::audited;
use crate::server::answers::Asked;
use crate::server::http::{IdempotencyKey, InPath, Json, MoveProblems, Named, Problem};
use crate::server::principal::{Permission, Principal};
use crate::server::service::Service;

/// As many pages are looked through for the settlement of a hold.
const PAGES: usize = 20;
const PAGE: usize = 500;

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
/// By staff; audited. A transfer that was verified is taken back by its settlement.
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
    InPath(original): InPath<CommandId>,
    Json(request): Json<ReverseRequest>,
) -> Result<impl Responder, Problem> {
    caller.require(Permission::Reverse)?;
    key.wanted(service.config.require_idempotency_key)?;
    let asked = match service.asked(&caller, &key, "reverse", &(original, &request)).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let movement = service.bank.movement(original).await?.ok_or_else(Problem::not_found)?;
    let details = texts(request.label.as_deref(), None, None, None)?;
    let not_reversible = || Refusal::NotReversible { original };
    let (original, step) = match movement.kind {
        MovementKind::Hold if request.step > 0 => return Err(not_reversible().into()),
        MovementKind::Hold => settlement_of(&service, &movement).await?.ok_or_else(not_reversible)?,
        _ => (original, request.step),
    };
    let id = key.command_id(&caller.id().to_string(), "reverse");
    let about = ("transfer", movement.id.to_string());
    audited(&service, &caller, "transfer.reversed", about, &request, id).await?;
    let reverse = Reverse { step, amount: request.amount, details, ..Reverse::all(original).with_id(id) };
    let reversed = service.execute(Command::Reverse(Box::new(reverse))).await;
    reversed.map_err(|error| Named::default().failed(error))?;
    created(&service, asked, id).await
}

/// What of a movement staff can still take back; of a hold, of its settlement. `None` where nothing ever could be.
///
/// # Errors
/// As the bank's.
pub(super) async fn reversible(service: &Service, movement: &Movement) -> Result<Option<Amount>, Problem> {
    let (original, step) = match movement.kind {
        MovementKind::Hold => match settlement_of(service, movement).await? {
            Some(settlement) => settlement,
            None => return Ok(None),
        },
        _ => (movement.id, movement.step.unwrap_or(0)),
    };
    Ok(service.bank.reversible(original, step).await?)
}

/// The settlement by which a hold's receiver got everything at once, which is what can be taken back, and its step where
/// it was one of several; `None` when nothing was settled, or in several parts, of which each has to be named by itself.
async fn settlement_of(service: &Service, hold: &Movement) -> Result<Option<(CommandId, u8)>, Problem> {
    if hold.captured.is_zero() {
        return Ok(None);
    }
    let mut query = TransferQuery {
        account: hold.from,
        kind: Some(MovementKind::Settlement),
        order: Order::OldestFirst,
        after: Some(hold.position),
        limit: PAGE,
        ..TransferQuery::default()
    };
    for _ in 0..PAGES {
        let page = service.bank.transfers(query.clone()).await?;
        if let Some(found) = page.data.iter().find(|movement| movement.hold == Some(hold.id)) {
            let is_all = found.amount == hold.captured;
            return Ok(is_all.then_some((found.id, found.step.unwrap_or(0))));
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    Ok(None)
}
