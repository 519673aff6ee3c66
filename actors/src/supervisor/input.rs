//! What the core is handed: everything that happens to the supervisor, as data.

use std::sync::Arc;

use super::effects::Asker;
use crate::account::{SeatIndex, Ticket};
use crate::command::Command;
use crate::journal::JournalError;
use crate::ledger::{
    AccountNumber, CommandId, ContentHash, Original, OwnerId, Position, Record, Tally, TallyError, Timestamp,
};
use crate::pace::Pace;
use crate::verification::VerdictReady;
pub(crate) use jangbu_books::open_hold::LoadedAccount;

/// Something that happened. What accounts answer comes in crowds, and has an entrance of its own: `Core::take_up`.
pub(super) enum Input {
    /// Commands to decide: a batch of `size`, or its beginning.
    Submit { commands: Vec<(Command, ContentHash)>, size: usize, from: Asker },
    /// More of a batch, from its command number `first` on.
    SubmitMore { commands: Vec<(Command, ContentHash)>, first: usize, from: Asker },
    /// The journal is durable through this position.
    Durable(Position),
    /// The books' answer for an account number.
    Loaded { seat: SeatIndex, found: Option<Box<LoadedAccount>> },
    /// The journal's answer for an id or a position.
    LookedUp { ticket: Ticket, found: Result<Found, String> },
    /// Every reversal of an original was read.
    Tallied { ticket: Ticket, original: Box<Original>, tally: Result<Result<Tally, TallyError>, JournalError> },
    /// The books' answer for the versions of application records.
    Versions { ticket: Ticket, found: Vec<Position> },
    /// The books' answer for the numbers of accounts.
    Named { ticket: Ticket, numbers: Vec<Option<AccountNumber>> },
    /// The books' answer for a schedule that cannot run any more: whether there ever was one.
    ScheduleFound { ticket: Ticket, found: bool },
    /// The books' answer: who owns the account that a schedule pays from.
    PayerFound { schedule: CommandId, owner: Option<OwnerId> },
    /// There is a verifier from now on.
    BeginToVerify,
    /// A verification came to a verdict.
    Verdict(VerdictReady),
    /// A sleep that the core asked for is over.
    Wake { number: u64 },
    /// Run the schedules that are due, and answer once none is.
    RunDue(Asker),
    /// Run schedules by themselves from now on, as fast as somebody says.
    RunSchedules(Arc<dyn Pace>),
    /// An operator says that the clock is right, if it reads no later than `until`.
    AcceptClock { until: Timestamp, from: Asker },
    /// Somebody asks where the last word on a command is recorded, once that is durable.
    FindReference { id: CommandId, from: Asker },
    /// The bank closes: nothing begins by itself any more.
    Close,
}

/// What a look-up in the journal found.
pub(super) enum Found {
    Nothing,
    Recorded(Box<Record>),
    /// There is a record, which is not in the journal any more.
    Archived(Position),
}
