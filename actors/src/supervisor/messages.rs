//! Messages to the supervisor from everything except account actors.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use actix::Message;
use tokio::sync::oneshot;

use super::askers::ReplyTo;
use crate::account::Watch;
use crate::clock::ClockState;
use crate::command::Command;
use crate::error::BankError;
use crate::ledger::{AccountNumber, BusinessDate, CommandId, ContentHash, Position, Timestamp};
use crate::pace::Pace;
use crate::verification::{Driver, Queued, VerdictReady};
use crate::views::Activation;

/// Commands to decide, checked for their form, with their content hashes: a batch, or its beginning.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Submit {
    pub(crate) commands: Vec<(Command, ContentHash)>,
    /// How many the batch has. The sender sees to it that all of them come.
    pub(crate) size: usize,
    pub(crate) reply: ReplyTo,
    /// Where the supervisor notes which of its batches this is, when more follows.
    pub(crate) batch: Option<Arc<AtomicU32>>,
}

/// More of a batch, after what came before of it.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct SubmitMore {
    pub(crate) commands: Vec<(Command, ContentHash)>,
    /// The number in the batch of the first of them.
    pub(crate) first: usize,
    pub(crate) batch: Arc<AtomicU32>,
}

/// Commands that were counted in were not handed over after all.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct TakenBack;

/// The journal is durable through this position.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Durable(pub(crate) Position);

/// The bank must stop: the journal, the books or a reader failed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Failed(pub String);

/// A verification came to a verdict.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Verified(pub(crate) VerdictReady);

/// The way to the verifications, once there is one.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct VerifyWith(pub(crate) Driver);

/// Tell where the command of an id is recorded, as far as the sealed part of the journal does not.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Locate {
    pub(crate) id: CommandId,
    pub(crate) reply: oneshot::Sender<Option<Position>>,
}

/// Tell what a dry run of the command of an id rests on.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct TellCircumstances {
    pub(crate) id: CommandId,
    pub(crate) reply: oneshot::Sender<Circumstances>,
}

/// What the supervisor knows that decides about a command beside its accounts.
#[derive(Clone, Debug)]
pub(crate) struct Circumstances {
    /// Where the command of the id is recorded, as far as the sealed part of the journal does not say so.
    pub(crate) recorded: Option<Position>,
    /// The time by which things expire and fall due: never before the last record.
    pub(crate) now: Timestamp,
    /// The business date, which goes by the clock even where that was set back.
    pub(crate) date: BusinessDate,
    /// How many more holds may be placed.
    pub(crate) hold_room: super::HoldRoom,
    /// Why nothing is decided, when the clock is not believed.
    pub(crate) clock: Option<BankError>,
}

/// Return where the last word on the command of an id is recorded, as far as the sealed part of the journal does not say so;
/// once that record is durable.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct LocateReference {
    pub(crate) id: CommandId,
    pub(crate) reply: oneshot::Sender<Option<Position>>,
}

/// Say when everything that was admitted is answered and durable; after that, do nothing more.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Drain(pub(crate) oneshot::Sender<()>);

/// Tell which holds wait for their verification, in the order of their places behind `after`, at most `limit` of them; and
/// how many there are in all.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct TellQueued {
    pub(crate) after: Position,
    pub(crate) limit: usize,
    pub(crate) reply: oneshot::Sender<(Vec<Queued>, usize)>,
}

/// Have a hold verified again, now; tell whether it waits for its verification.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct VerifyAgain {
    pub(crate) hold: CommandId,
    pub(crate) reply: oneshot::Sender<bool>,
}

/// Say what the bank makes of its clock.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct TellClock(pub(crate) oneshot::Sender<ClockState>);

/// An operator says that the clock is right, if it reads no later than `until`.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct AcceptClock {
    pub(crate) until: Timestamp,
    pub(crate) reply: oneshot::Sender<Result<ClockState, BankError>>,
}

/// Say when no schedule is due and everything that schedules did is durable.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RunDue(pub(crate) oneshot::Sender<Result<(), BankError>>);

/// Run schedules by themselves from now on, as fast as somebody says.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct RunSchedules(pub(crate) Arc<dyn Pace>);

/// Return how these accounts stand between the store and their actors.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct LookAt {
    pub(crate) accounts: Vec<AccountNumber>,
    pub(crate) reply: oneshot::Sender<Vec<Activation>>,
}

/// Have an account's actor watched, if it runs.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct WatchAccount {
    pub(crate) account: AccountNumber,
    pub(crate) watch: Watch,
}
