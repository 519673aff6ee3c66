//! `/admin/pending`: transfers that wait for verification, and how administrators intervene.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get, post};
use jangbu::verification::{Queued, VerificationStage};
use jangbu::{
    CommandId, Error, HoldId, Position, Refusal,
    holds::VoidHold,
    queries::{HoldStatus, HoldView},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Attempt;
use crate::server::audit::Entry;
use crate::server::http::{Cursor, IdempotencyKey, PathParams, Problem, Query, Refused, page_size};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::shapes::TransferStatus;

/// The reason that the sender of a transfer reads when an administrator has cancelled it.
const REASON: &str = "cancelled by the bank";

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_pending);
    config.service(cancel_pending);
    config.service(retry_pending);
}

/// A transfer that waits, or waited, for verification.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingTransfer {
    /// The transfer's id.
    id: String,
    /// The status: `pending` while it waits.
    status: TransferStatus,
    /// The stage of the verification: `queued`, `asked` or `waits_to_ask_again`; null if it is over.
    stage: Option<&'static str>,
    /// How often the verifier has been asked since the server started.
    asked: u32,
    /// The sender.
    from: String,
    /// The receiver.
    to: String,
    /// The amount in minor units.
    amount: u64,
    /// The bank's fee.
    fee: u64,
    /// The amount held, fee included.
    total: u64,
    /// The currency.
    currency: String,
    /// The number of decimals of the currency.
    scale: u8,
    /// The sender's label.
    sender_label: String,
    /// The receiver's label.
    receiver_label: String,
    /// The reference.
    reference: String,
    /// When it was accepted.
    placed_at: String,
    /// The age of the transfer, in seconds.
    age_s: u64,
    /// When it ended.
    ended_at: Option<String>,
    /// The position of its record in the journal.
    position: u64,
}

impl PendingTransfer {
    async fn of(service: &Service, hold: HoldView, queued: Option<Queued>) -> Result<PendingTransfer, Problem> {
        let sender = service.bank.snapshot(hold.from).await?;
        let age_ns = service.time.now().as_ns().saturating_sub(hold.placed_at.as_ns());
        let stage = queued.map(|queued| match queued.stage {
            VerificationStage::Asked => "asked",
            VerificationStage::WaitsToAskAgain => "waits_to_ask_again",
            _ => "queued",
        });
        Ok(PendingTransfer {
            id: hold.id.to_string(),
            status: TransferStatus::of(hold.standing()),
            stage,
            asked: queued.map_or(0, |queued| queued.asked),
            from: hold.from.to_string(),
            to: hold.to.to_string(),
            amount: hold.amount.minor_units(),
            fee: hold.fee.minor_units(),
            total: hold.amount.saturating_add(hold.fee).minor_units(),
            currency: sender.currency.to_string(),
            scale: sender.scale,
            sender_label: hold.details.sender_label,
            receiver_label: hold.details.receiver_label,
            reference: hold.details.reference,
            placed_at: hold.placed_at.to_string(),
            age_s: u64::try_from(age_ns / 1_000_000_000).unwrap_or(0),
            ended_at: hold.ended_at.map(|ended_at| ended_at.to_string()),
            position: hold.position.get(),
        })
    }
}

/// The verification queue, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingQueue {
    /// The transfers of the page.
    data: Vec<PendingTransfer>,
    /// Whether there is a next page.
    has_more: bool,
    /// The `cursor` of the next page.
    #[schema(value_type = Option<String>)]
    next: Option<Cursor>,
    /// How many transfers wait in all.
    total: u64,
}

/// The query of the queue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PendingQuery {
    /// The page size, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// Lists the transfers that wait for verification, oldest first.
///
/// For staff.
#[utoipa::path(
    tag = "admin",
    params(PendingQuery),
    responses(
        (status = 200, description = "The queue.", body = PendingQueue),
    )
)]
#[get("/admin/pending")]
async fn list_pending(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<PendingQuery>,
) -> Result<impl Responder, Problem> {
    let after = query.cursor.as_ref().map(Cursor::decode::<u64>).transpose()?.map(Position::new);
    let (page, total) = service.bank.pending_verifications(after, page_size(query.limit)?).await?;
    service.audit.read(&caller, "pending", "list").await?;
    let mut data = Vec::with_capacity(page.data.len());
    for queued in page.data {
        // It has left the queue in the meantime.
        if let Some(hold) = service.bank.hold(queued.hold).await?.filter(|hold| hold.status == HoldStatus::Open) {
            data.push(PendingTransfer::of(&service, hold, Some(queued)).await?);
        }
    }
    let next = page.next.map(|next| Cursor::encode(&next.get()));
    Ok(HttpResponse::Ok().json(PendingQueue { data, has_more: next.is_some(), next, total }))
}

/// Cancels a pending transfer: its money is released to the sender.
///
/// For administrators.
#[utoipa::path(
    tag = "admin",
    params(
        ("id" = String, Path, description = "The transfer's id."),
        IdempotencyKey,
    ),
    responses(
        (status = 200, description = "The cancelled transfer.", body = PendingTransfer),
        Refused,
    )
)]
#[post("/admin/transfers/{id}/cancel")]
async fn cancel_pending(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    PathParams(id): PathParams<HoldId>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "pending/cancel", &id).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let hold = open_hold(&service, id).await?;
    service.keep_out_of_own_accounts(&caller, [hold.from, hold.to]).await?;
    let void = VoidHold::new(hold.id).telling(REASON);
    audit(&service, &caller, "transfer.cancelled", hold.id, Some(void.id)).await?;
    service.bank.void_hold(void).await.map_err(|error| match error {
        Error::Refused(Refusal::HoldSettled { .. } | Refusal::HoldVoided { .. } | Refusal::HoldExpired { .. }) => {
            not_pending()
        }
        other => other.into(),
    })?;
    let hold = service.bank.hold(hold.id).await?.ok_or_else(Problem::not_found)?;
    first.answer(StatusCode::OK, None, &PendingTransfer::of(&service, hold, None).await?).await
}

/// Restarts the verification of a pending transfer at once, whatever it is waiting for.
///
/// For administrators.
#[utoipa::path(
    tag = "admin",
    params(
        ("id" = String, Path, description = "The transfer's id."),
        IdempotencyKey,
    ),
    responses(
        (status = 202, description = "The verifier is being asked again.", body = PendingTransfer),
    )
)]
#[post("/admin/transfers/{id}/retry")]
async fn retry_pending(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    PathParams(id): PathParams<HoldId>,
) -> Result<impl Responder, Problem> {
    let first = match service.attempt(&caller, &key, "pending/retry", &id).await? {
        Attempt::Repeated(answer) => return Ok(answer),
        Attempt::First(first) => first,
    };
    let hold = open_hold(&service, id).await?;
    service.keep_out_of_own_accounts(&caller, [hold.from, hold.to]).await?;
    if !hold.requires_verification {
        return Err(not_pending());
    }
    if !service.bank.verify_again(hold.id.command()).await? {
        let detail = "the transfer does not wait for verification, or the server has no verifier";
        return Err(Problem::new(StatusCode::CONFLICT, "not_verified", detail));
    }
    // A retry is not a ledger command, which would have an outcome of its own; so it is audited after it succeeded.
    audit(&service, &caller, "transfer.retried", hold.id, None).await?;
    let (id, stage) = (hold.id, VerificationStage::Queued);
    let queued = Queued { hold: id.command(), position: hold.position, stage, asked: 0 };
    first.answer(StatusCode::ACCEPTED, None, &PendingTransfer::of(&service, hold, Some(queued)).await?).await
}

/// Returns the open hold with that id.
async fn open_hold(service: &Service, id: HoldId) -> Result<HoldView, Problem> {
    let hold = service.bank.hold(id).await?.ok_or_else(Problem::not_found)?;
    if hold.status == HoldStatus::Open { Ok(hold) } else { Err(not_pending()) }
}

fn not_pending() -> Problem {
    Problem::new(StatusCode::CONFLICT, "not_pending", "the transfer is no longer pending")
}

async fn audit(
    service: &Service,
    caller: &Principal,
    action: &str,
    hold: HoldId,
    command: Option<CommandId>,
) -> Result<(), Problem> {
    let status = |status: &str| Some(serde_json::json!({ "status": status }));
    let after = if command.is_some() { "cancelled" } else { "pending" };
    let entry = Entry {
        action: action.into(),
        object: "transfer".into(),
        id: hold.to_string(),
        before: status("pending"),
        after: status(after),
        command,
    };
    Ok(service.audit.change(caller, entry).await?)
}
