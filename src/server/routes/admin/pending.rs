//! `/admin/pending`: transfers that wait for their verification, and what an administrator does about them.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder, get, post};
use jangbu::verification::{Queued, VerificationStage};
use jangbu::{CommandId, Error, HoldId, HoldStatus, HoldView, Position, Refusal, VoidHold};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::answers::Asked;
use crate::server::audit::Entry;
use crate::server::http::{Cursor, IdempotencyKey, Problem, ProblemBody, Query, page_size};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::shapes::TransferStatus;

/// What the sender reads of a transfer that an administrator cancelled.
const REASON: &str = "cancelled by the bank";

/// Registers the routes.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list_pending);
    config.service(cancel_pending);
    config.service(retry_pending);
}

/// A transfer that waits for its verification, or did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingTransfer {
    /// The id of the transfer.
    id: String,
    /// How it stands: `pending` while it waits.
    status: TransferStatus,
    /// How far its verification has come: `queued`, `asked`, `waits_to_ask_again`; null when it is over.
    stage: Option<&'static str>,
    /// How often the verifier was asked about it since the server was started.
    asked: u32,
    /// The sender.
    from: String,
    /// The receiver.
    to: String,
    /// What the receiver is to get, in minor units.
    amount: u64,
    /// What the bank takes for it.
    fee: u64,
    /// What is held of the sender.
    total: u64,
    /// The currency.
    currency: String,
    /// The currency's number of decimals.
    scale: u8,
    /// What the sender reads on its statement.
    sender_label: String,
    /// What the receiver reads on its statement.
    receiver_label: String,
    /// The reference.
    reference: String,
    /// When it was accepted.
    placed_at: String,
    /// How long ago that is, in seconds.
    age_s: u64,
    /// When it ended.
    ended_at: Option<String>,
    /// The place of its record in the journal.
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

/// The queue, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingQueue {
    /// The page's transfers.
    data: Vec<PendingTransfer>,
    /// Whether more wait.
    has_more: bool,
    /// What to pass as `cursor` for the next page.
    #[schema(value_type = Option<String>)]
    next: Option<Cursor>,
    /// How many wait in all.
    total: u64,
}

/// Which part of the queue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PendingQuery {
    /// How many, 1 to 200; 50 when not given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
}

/// The transfers that wait for their verification, oldest first.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "list_pending",
    tag = "admin",
    params(PendingQuery),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The queue.", body = PendingQueue),
        (status = 400, description = "The query does not fit.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[get("/admin/pending")]
async fn list_pending(
    service: Data<Service>,
    caller: Principal,
    Query(query): Query<PendingQuery>,
) -> Result<impl Responder, Problem> {
    let after = query.cursor.as_ref().map(Cursor::place::<u64>).transpose()?.map(Position::new);
    let (page, total) = service.bank.pending_verifications(after, page_size(query.limit)?).await?;
    service.audit.read(&caller, "pending", "list").await?;
    let mut data = Vec::with_capacity(page.data.len());
    for queued in page.data {
        // What was verified meanwhile is no longer in the queue.
        if let Some(hold) = service.bank.hold(queued.hold).await?.filter(|hold| hold.status == HoldStatus::Open) {
            data.push(PendingTransfer::of(&service, hold, Some(queued)).await?);
        }
    }
    let next = page.next.map(|next| Cursor::of(&next.get()));
    Ok(HttpResponse::Ok().json(PendingQueue { data, has_more: next.is_some(), next, total }))
}

/// Cancels a transfer that is pending: its money goes back.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "cancel_pending",
    tag = "admin",
    params(
        ("id" = String, Path, description = "The id of the transfer."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The transfer, cancelled.", body = PendingTransfer),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is none.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "It is not pending any more.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 422, description = "The ledger refuses.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[post("/admin/transfers/{id}/cancel")]
async fn cancel_pending(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    path: Path<String>,
) -> Result<impl Responder, Problem> {
    let asked = match service.asked(&caller, &key, "pending/cancel", &*path).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let hold = open_hold(&service, &path).await?;
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
    asked.answer(StatusCode::OK, None, &PendingTransfer::of(&service, hold, None).await?).await
}

/// Has a pending transfer verified again, now and from the start, whatever its verification waits for.
///
/// Administrators may call it.
///
/// Permission: administer
#[utoipa::path(
    operation_id = "retry_pending",
    tag = "admin",
    params(
        ("id" = String, Path, description = "The id of the transfer."),
        ("Idempotency-Key" = Option<String>, Header, description = "Against repetition."),
    ),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 202, description = "The verifier is being asked.", body = PendingTransfer),
        (status = 401, description = "Nobody is signed in.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 403, description = "Not allowed.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 404, description = "There is none.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 409, description = "It is not pending, or nobody verifies.", body = ProblemBody<'static>, content_type = "application/problem+json"),
        (status = 503, description = "The bank cannot answer.", body = ProblemBody<'static>, content_type = "application/problem+json"),
    )
)]
#[post("/admin/transfers/{id}/retry")]
async fn retry_pending(
    service: Data<Service>,
    caller: Principal,
    key: IdempotencyKey,
    path: Path<String>,
) -> Result<impl Responder, Problem> {
    let asked = match service.asked(&caller, &key, "pending/retry", &*path).await? {
        Asked::Again(answer) => return Ok(answer),
        Asked::First(asked) => asked,
    };
    let hold = open_hold(&service, &path).await?;
    service.keep_out_of_own_accounts(&caller, [hold.from, hold.to]).await?;
    if !hold.verified {
        return Err(not_pending());
    }
    if !service.bank.verify_again(hold.id.command()).await? {
        let detail = "it waits for no verification, or the server has no verifier";
        return Err(Problem::new(StatusCode::CONFLICT, "not_verified", detail));
    }
    // It is no command of the ledger, which could say what became of it: so it is written down once it is done.
    audit(&service, &caller, "transfer.retried", hold.id, None).await?;
    let (id, stage) = (hold.id, VerificationStage::Queued);
    let queued = Queued { hold: id.command(), position: hold.position, stage, asked: 0 };
    asked.answer(StatusCode::ACCEPTED, None, &PendingTransfer::of(&service, hold, Some(queued)).await?).await
}

/// The open hold of that id.
async fn open_hold(service: &Service, id: &str) -> Result<HoldView, Problem> {
    let id: HoldId = id.parse().map_err(|_| Problem::not_found())?;
    let hold = service.bank.hold(id).await?.ok_or_else(Problem::not_found)?;
    if hold.status == HoldStatus::Open { Ok(hold) } else { Err(not_pending()) }
}

fn not_pending() -> Problem {
    Problem::new(StatusCode::CONFLICT, "not_pending", "the transfer is not pending any more")
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
    service.audit.change(caller, entry).await
}
