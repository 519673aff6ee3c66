//! What the supervisor says to an account, and what the account answers.

use actix::Message;
use rustc_hash::FxHashSet;

use crate::ledger::{Account, Amount, Change, Debited, Refusal, Terms};

/// The place of an account in the supervisor's table of active accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SeatIndex(pub(crate) u32);

/// Names one command in flight. A place is used again, a ticket is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ticket {
    /// The place in the supervisor's table of commands in flight.
    pub(crate) place: u32,
    /// How often the place was used before.
    pub(crate) generation: u32,
}

/// Phase one: reserve and take amount and fee, or refuse.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Debit {
    pub(crate) ticket: Ticket,
    pub(crate) terms: Terms,
    /// Whether every debit that the account granted before this message was sent has been decided since.
    pub(crate) all_decided: bool,
}

/// Phase two: take the amount, or refuse.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Credit {
    pub(crate) ticket: Ticket,
    pub(crate) amount: Amount,
}

/// The third leg of a transfer with a fee, which follows its record and cannot be refused.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct CreditFee {
    pub(crate) fee: Amount,
}

/// The receiver refused: the debit never was.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Refund {
    pub(crate) ticket: Ticket,
}

/// Debits that were undecided are decided: the receivers took the credits.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Decided {
    pub(crate) tickets: FxHashSet<Ticket>,
}

/// Change something other than the balance; sent only while nothing of the account is in flight.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Vary {
    pub(crate) ticket: Ticket,
    pub(crate) change: Change,
    /// What speaks against the change that the account cannot know; reasons of its own come first.
    pub(crate) objection: Option<Box<Refusal>>,
}

/// Hand over the state and stop; sent only while nothing of the account is in flight.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Retire;

/// Which step was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decline {
    /// The sender refused: nothing happened.
    Debit,
    /// The receiver refused: the sender has to be refunded.
    Credit,
    /// The account refused a change.
    Change,
}

/// What an account answers.
#[derive(Debug)]
pub(crate) enum Reply {
    Debited {
        ticket: Ticket,
        debited: Debited,
    },
    Credited {
        ticket: Ticket,
    },
    Refused {
        ticket: Ticket,
        step: Decline,
        refusal: Box<Refusal>,
    },
    Changed {
        ticket: Ticket,
    },
    /// A debit waits until these are decided, as far as the account knows.
    Waiting {
        seat: SeatIndex,
        undecided: Vec<Ticket>,
    },
    /// No debit waits, but the account would like to know which of these are decided by now.
    Review {
        seat: SeatIndex,
        undecided: Vec<Ticket>,
    },
    /// No debit waits any more.
    Resumed {
        seat: SeatIndex,
    },
    Retired {
        seat: SeatIndex,
        account: Box<Account>,
    },
    /// The account's rules or code failed: the bank must stop.
    Broken {
        what: String,
    },
}
