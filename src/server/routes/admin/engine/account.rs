//! `/admin/engine/accounts/{number}`: the actor of an account.

use actix_web::web::Data;
use actix_web::{HttpResponse, Responder, get};
use jangbu::{
    Amount, HoldId,
    monitoring::{Activation, WatchedMessage, WatchedMessageKind, WatchedMessageOutcome},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{PathAccount, Problem};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::shapes::Moment;

/// Registers the route.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(get_engine_account);
}

/// The actor of an account.
#[derive(Debug, Serialize, ToSchema)]
struct EngineAccount {
    /// The account number.
    number: String,
    /// Whether the actor is active; the first command that needs an inactive one activates it.
    active: bool,
    /// What is queued at the account: messages without an outcome, and commands that wait for it.
    mailbox_depth: u64,
    /// Debits that may still be refunded.
    undecided: u64,
    /// Whether debits wait for undecided ones.
    waiting: bool,
    /// Whether the account is being changed, or reserved by linked steps.
    changing: bool,
    /// The open holds.
    holds: Vec<EngineHold>,
    /// The last messages, up to 64, oldest first; null if the actor is inactive. They are recorded from the first
    /// request for this account until 15 seconds after the last one.
    messages: Option<Vec<EngineMessage>>,
    /// The number of events of the account.
    version: u64,
    /// The position of the account's last record.
    position: u64,
}

/// An open hold of an account.
#[derive(Debug, Serialize, ToSchema)]
struct EngineHold {
    /// The id.
    id: String,
    /// The amount reserved, in minor units, fee included.
    held: u64,
    /// What the receiver can still get.
    remaining: u64,
    /// Whether it waits for its verification.
    requires_verification: bool,
    /// When it was placed.
    placed_at: String,
}

/// A message that the account's actor handled.
#[derive(Debug, Serialize, ToSchema)]
struct EngineMessage {
    /// The number of the message, counted from 1 since the account has been watched.
    number: u64,
    /// When it was handled.
    at: Moment,
    /// The kind of message, for example `debit`.
    #[schema(value_type = String)]
    kind: WatchedMessageKind,
    /// The result: `applied`, `refused`, `waits`, or `nothing` if there was nothing to do.
    #[schema(value_type = String)]
    outcome: WatchedMessageOutcome,
    /// The amount of the message, in minor units, without the fee.
    amount: Option<u64>,
    /// The hold concerned.
    #[schema(value_type = Option<String>, format = Uuid)]
    hold: Option<HoldId>,
    /// The balance after it, in minor units, less debits that may still be refunded.
    posted: i64,
    /// The debits after it that may still be refunded.
    undecided: u64,
    /// How many messages after it wait for undecided debits.
    waiting: u64,
}

impl From<WatchedMessage> for EngineMessage {
    fn from(heard: WatchedMessage) -> EngineMessage {
        let WatchedMessage { number, at, kind, amount, hold, outcome, posted, undecided, waiting } = heard;
        let (at, amount) = (Moment(at), amount.map(Amount::minor_units));
        EngineMessage { number, at, kind, outcome, amount, hold, posted: posted.minor_units(), undecided, waiting }
    }
}

/// Returns the actor of an account: whether it is active, what is queued, its open holds, and its latest messages while
/// it is watched. Audited.
///
/// For staff.
#[utoipa::path(
    tag = "admin",
    params(PathAccount),
    responses(
        (status = 200, description = "The account's actor.", body = EngineAccount),
    )
)]
#[get("/admin/engine/accounts/{number}")]
async fn get_engine_account(
    service: Data<Service>,
    caller: Principal,
    PathAccount(number): PathAccount,
) -> Result<impl Responder, Problem> {
    let account = service.readable_account(&caller, number).await?;
    let found = service.bank.activations(vec![number]).await?.into_iter().next();
    let found: Activation = found.unwrap_or_default();
    let holds = account.holds.iter().map(|hold| EngineHold {
        id: hold.id.to_string(),
        held: hold.held.minor_units(),
        remaining: hold.remaining.minor_units(),
        requires_verification: hold.requires_verification,
        placed_at: hold.placed_at.to_string(),
    });
    let messages = service.bank.watch_account(number).await?;
    Ok(HttpResponse::Ok().json(EngineAccount {
        number: number.to_string(),
        active: found.is_active,
        mailbox_depth: found.depth(),
        undecided: found.undecided,
        waiting: found.is_waiting,
        changing: found.is_changing,
        holds: holds.collect(),
        messages: messages.map(|heard| heard.into_iter().map(EngineMessage::from).collect()),
        version: account.version,
        position: account.position.get(),
    }))
}
