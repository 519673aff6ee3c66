//! What the supervisor says to an account, and what the account answers.

use actix::{Addr, Message};
use rustc_hash::FxHashSet;

use super::AccountActor;

use crate::ledger::{
    Account, Amended, Amount, Change, Debited, Draw, Drawn, HoldId, HoldTerms, Refusal, Terms, Timestamp,
};

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
    /// Given when the money is not to go out but to be held.
    pub(crate) hold: Option<Box<HoldTerms>>,
}

/// Phase two: take the amount, or refuse.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Credit {
    pub(crate) ticket: Ticket,
    pub(crate) amount: Amount,
    /// Whether it is only expected, from a hold.
    pub(crate) expected: bool,
}

/// A leg that follows its record and cannot be refused: the fee of a transfer, or what a hold brings.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Accept {
    pub(crate) event: Accepted,
}

/// What an account cannot refuse: it was asked before, or has said so for all time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Accepted {
    /// The fee of a transfer.
    Credited(Amount),
    /// The fee that a hold may bring.
    Expected(Amount),
    /// What a hold brings, and what it will not bring.
    Brought { amount: Amount, released: Amount },
}

/// Settle, void or expire a hold, which is recorded. The account alone decides that.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct DrawHold {
    pub(crate) ticket: Ticket,
    pub(crate) hold: HoldId,
    pub(crate) draw: Draw,
    /// The clock's reading.
    pub(crate) now: Timestamp,
    /// Whether every debit that the account granted before this message was sent has been decided since.
    pub(crate) all_decided: bool,
}

/// Extend or raise a hold; sent only while nothing of the account is in flight.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Amend {
    pub(crate) ticket: Ticket,
    pub(crate) hold: HoldId,
    pub(crate) raise_to: Option<Amount>,
    pub(crate) expires_at: Option<Timestamp>,
    /// The terms of a transfer to the same receiver.
    pub(crate) terms: Terms,
    /// The clock's reading.
    pub(crate) now: Timestamp,
}

/// Remember the state as it is now; sent only while nothing of the account is in flight.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Save;

/// Go on from the state as it is, or go back to the one that was saved.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Conclude {
    pub(crate) keep: bool,
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
    /// The account refused what was asked of one of its holds.
    Hold,
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
    Drawn {
        ticket: Ticket,
        drawn: Drawn,
    },
    /// The account has no such hold any more.
    HoldGone {
        ticket: Ticket,
    },
    Amended {
        ticket: Ticket,
        amended: Amended,
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

/// Everything that the supervisor sends to an account.
#[derive(Debug)]
pub(crate) enum ToAccount {
    Debit(Debit),
    Credit(Credit),
    Accept(Accept),
    DrawHold(DrawHold),
    /// Seldom sent, and larger than all others.
    Amend(Box<Amend>),
    Save(Save),
    Conclude(Conclude),
    Refund(Refund),
    Decided(Decided),
    Vary(Vary),
    Retire(Retire),
}

impl ToAccount {
    /// Puts the message into the account's mailbox.
    pub(crate) fn send(self, to: &Addr<AccountActor>) {
        match self {
            ToAccount::Debit(debit) => to.do_send(debit),
            ToAccount::Credit(credit) => to.do_send(credit),
            ToAccount::Accept(accept) => to.do_send(accept),
            ToAccount::DrawHold(draw) => to.do_send(draw),
            ToAccount::Amend(amend) => to.do_send(*amend),
            ToAccount::Save(save) => to.do_send(save),
            ToAccount::Conclude(conclude) => to.do_send(conclude),
            ToAccount::Refund(refund) => to.do_send(refund),
            ToAccount::Decided(decided) => to.do_send(decided),
            ToAccount::Vary(vary) => to.do_send(vary),
            ToAccount::Retire(retire) => to.do_send(retire),
        }
    }
}

macro_rules! into_message {
    ($($message:ident),*) => {$(
        impl From<$message> for ToAccount {
            fn from(message: $message) -> ToAccount {
                ToAccount::$message(message)
            }
        }
    )*};
}

into_message!(Debit, Credit, Accept, DrawHold, Save, Conclude, Refund, Decided, Vary, Retire);

impl From<Amend> for ToAccount {
    fn from(amend: Amend) -> ToAccount {
        ToAccount::Amend(Box::new(amend))
    }
}
