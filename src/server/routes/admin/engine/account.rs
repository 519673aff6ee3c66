//! `/admin/engine/accounts/{number}`: one account's actor.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, Responder, get};
use jangbu::{AccountNumber, Activation, Amount, Heard, HeardKind, HeardOutcome, HoldId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::server::http::{Problem, ReadProblems};
use crate::server::principal::Principal;
use crate::server::service::Service;
use crate::server::shapes::Moment;

/// Registers the route.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(get_engine_account);
}

/// One account's actor.
#[derive(Debug, Serialize, ToSchema)]
struct EngineAccount {
    /// The account number.
    number: String,
    /// Whether its actor runs; one that sleeps is woken by the first command that needs it.
    active: bool,
    /// What waits at the account: messages to the actor whose outcome is open, and commands that wait for it.
    mailbox_depth: u64,
    /// Debits that may still be refunded.
    undecided: u64,
    /// Whether debits wait for undecided ones.
    waiting: bool,
    /// Whether it is being changed, or a group of steps has it to itself.
    changing: bool,
    /// Its open holds.
    holds: Vec<EngineHold>,
    /// Its last messages, up to 64, oldest first: null when it is not active. They are noted from the first look at the
    /// account on, and until 15 seconds after the last one.
    messages: Option<Vec<EngineMessage>>,
    /// How many events it has seen.
    version: u64,
    /// The place of its last record in the journal.
    position: u64,
}

/// An open hold of an account.
#[derive(Debug, Serialize, ToSchema)]
struct EngineHold {
    /// The id.
    id: String,
    /// What it keeps, in minor units, fee included.
    held: u64,
    /// What the receiver may still get.
    remaining: u64,
    /// Whether it waits for its verification.
    verified: bool,
    /// When it was placed.
    placed_at: String,
}

/// A message to the account's actor, as it was handled.
#[derive(Debug, Serialize, ToSchema)]
struct EngineMessage {
    /// Which one it was, counted from 1 since the account is watched.
    number: u64,
    /// When it was handled.
    at: Moment,
    /// What it asked, for example `debit`.
    #[schema(value_type = String)]
    kind: HeardKind,
    /// What became of it: `applied`, `refused`, `waits`, or `nothing` when there was nothing to do.
    #[schema(value_type = String)]
    outcome: HeardOutcome,
    /// The money that it is about, in minor units, without a fee.
    amount: Option<u64>,
    /// The hold that it is about.
    #[schema(value_type = Option<String>, format = Uuid)]
    hold: Option<HoldId>,
    /// The balance behind it, in minor units, debits that may still be refunded taken off.
    posted: i64,
    /// The debits behind it that may still be refunded.
    undecided: u64,
    /// How many messages wait behind it for what is undecided.
    waiting: u64,
}

impl From<Heard> for EngineMessage {
    fn from(heard: Heard) -> EngineMessage {
        let Heard { number, at, kind, amount, hold, outcome, posted, undecided, waiting } = heard;
        let (at, amount) = (Moment(at), amount.map(Amount::minor_units));
        EngineMessage { number, at, kind, outcome, amount, hold, posted: posted.minor_units(), undecided, waiting }
    }
}

/// One account's actor: whether it runs, what waits at it, its open holds, its last messages while it is looked at. The read
/// is audited.
///
/// Staff may call it.
///
/// Permission: read_any
#[utoipa::path(
    operation_id = "get_engine_account",
    tag = "admin",
    params(("number" = String, Path, description = "The account number.")),
    security(("session" = []), ("token" = [])),
    responses(
        (status = 200, description = "The actor.", body = EngineAccount),
        ReadProblems,
    )
)]
#[get("/admin/engine/accounts/{number}")]
async fn get_engine_account(
    service: Data<Service>,
    caller: Principal,
    path: Path<String>,
) -> Result<impl Responder, Problem> {
    let number = service.meant(AccountNumber::typed(&path).map_err(|_| Problem::not_found())?).await?;
    let account = service.readable_account(&caller, number).await?;
    let found = service.bank.activations(vec![number]).await?.into_iter().next();
    let found: Activation = found.unwrap_or_default();
    let holds = account.holds.iter().map(|hold| EngineHold {
        id: hold.id.to_string(),
        held: hold.held.minor_units(),
        remaining: hold.remaining.minor_units(),
        verified: hold.verified,
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
