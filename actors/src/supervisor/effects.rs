//! What the core wants done, as data: gathered while an input is handled, and carried out by the shell.
//!
//! The order is the order in which the effects were asked for. The buffer is emptied and used again, so that an effect costs
//! no allocation of its own.

use std::time::Duration;

use super::batches::Answers;
use super::input::LoadedAccount;
use crate::account::{SeatIndex, Ticket, ToAccount};
use crate::books::RecordKey;
use crate::clock::ClockState;
use crate::error::BankError;
use crate::ledger::{AccountId, AccountNumber, CommandId, HoldId, Original, Position, Timestamp};
use crate::verification::Submission;

/// Names somebody outside who waits for an answer. The shell knows who that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asker(pub(super) u32);

/// What is looked for in the durable journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LookUp {
    /// The record of the command of an id.
    Id(CommandId),
    /// The last record that refers to an id.
    Reference(CommandId),
    /// The record at a position.
    Record(Position),
}

/// Something that only the shell can do.
#[derive(Debug)]
pub(super) enum Effect {
    /// Send a message to an active account.
    Send {
        seat: SeatIndex,
        /// The hold that the message asks about.
        hold: Option<HoldId>,
        message: ToAccount,
    },
    /// Start the actor of an account.
    Start { seat: SeatIndex, account: Box<LoadedAccount> },
    /// Forget the actor of an account, which has stopped.
    Forget { seat: SeatIndex },
    /// Ask the books for an account.
    Load { seat: SeatIndex, number: AccountNumber },
    /// Look something up in the durable journal.
    LookUp { ticket: Ticket, look_up: LookUp },
    /// Read every reversal of an original.
    Tally { ticket: Ticket, original: Box<Original> },
    /// Ask the books for the versions of application records.
    Compare { ticket: Ticket, keys: Vec<RecordKey> },
    /// Ask the books for the numbers of accounts.
    Name { ticket: Ticket, accounts: Vec<AccountId> },
    /// Ask the books whether there ever was a schedule.
    FindSchedule { ticket: Ticket, schedule: CommandId },
    /// Ask the books who owns the account that a schedule pays from.
    FindPayer { schedule: CommandId, from: AccountNumber },
    /// Ask the verifier about a hold.
    Verify(Submission),
    /// Ask the verifier about a hold once more, from the start.
    VerifyAgain(Submission),
    /// Do not ask the verifier about a hold any more.
    VerifyNoMore { hold: CommandId },
    /// Wake the core after `sleep`, with the timer's `number`.
    Wake { number: u64, at: Timestamp, sleep: Duration },
    /// Answer a batch.
    Answer { to: Asker, answers: Answers },
    /// Turn a batch of `size` commands away, of which nothing was decided.
    TurnAway { to: Asker, size: usize, error: BankError },
    /// Say that nothing is due any more, or why nothing is run.
    AnswerDue { to: Asker, ran: Result<(), BankError> },
    /// Say where the last word on a command is recorded.
    AnswerReference { to: Asker, position: Option<Position> },
    /// Say how the clock stands after it was accepted, or why it was not.
    AnswerClock { to: Asker, state: Result<ClockState, BankError> },
}

/// The largest is what a transfer sends: each is written once and read once.
const _: () = assert!(size_of::<Effect>() <= 144, "an effect is larger than a debit");

/// The effects of one input, or of a few.
#[derive(Default)]
pub(super) struct Effects {
    list: Vec<Effect>,
    /// Why the bank must stop.
    stop: Option<String>,
}

impl Effects {
    pub(super) fn push(&mut self, effect: Effect) {
        self.list.push(effect);
    }

    /// Sends a message, which may ask about a hold of the account.
    pub(super) fn send_about(&mut self, hold: Option<HoldId>, seat: SeatIndex, message: impl Into<ToAccount>) {
        self.list.push(Effect::Send { seat, hold, message: message.into() });
    }

    pub(super) fn look_up(&mut self, ticket: Ticket, look_up: LookUp) {
        self.list.push(Effect::LookUp { ticket, look_up });
    }

    /// Stops the bank because of something that cannot be. Only the first reason counts.
    pub(super) fn stop(&mut self, reason: &str) {
        if self.stop.is_none() {
            self.stop = Some(reason.to_owned());
        }
    }

    /// Why the bank must stop, if it must.
    pub(super) fn stopped(&self) -> Option<&str> {
        self.stop.as_deref()
    }

    /// Exchanges the effects for an empty list, whose memory is used for the next ones.
    pub(super) fn swap(&mut self, emptied: &mut Vec<Effect>) {
        std::mem::swap(&mut self.list, emptied);
    }
}
