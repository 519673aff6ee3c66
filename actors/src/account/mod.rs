//! The account actor: one per active account, the only owner of its balance, its holds and its counters.
//!
//! # Contract
//!
//! - It handles one message to the end before the next; its handlers are synchronous and do no I/O.
//! - A granted debit is applied at once and stays *undecided* until the receiver's account has taken the credit or the
//!   supervisor sends a [`Refund`]. A refund is never refused.
//! - An undecided debit decides nobody else's outcome: a debit whose outcome would be another if undecided ones were
//!   refunded waits until they are decided, and debits behind it wait in their order of arrival. Credits never wait for
//!   other accounts; one that would not fit under the largest balance if undecided debits were refunded is decided once
//!   the supervisor has said which of them are decided by now, with room kept for the refunds of the others.
//! - A hold is placed as a debit is made. What happens to a recorded hold is its account's alone to decide, and never
//!   undecided: what was accepted for the receiver cannot be refused by it.
//! - Between [`Save`] and [`Conclude`] the steps of a group are carried out, and taken back together when one is refused.
//! - It has a mailbox of its own, and is handed one message for each that was sent, in the order of sending.
//! - It answers through its worker's [`Outbox`], in the order in which it handled messages. That order carries the
//!   ledger's causality: a credit is in the outbox before any debit that spends it.
//!
//! What it must never do: know a journal position, read a clock (but to time its messages for who watches it), touch a file,
//! or stop by itself.

mod actor;
mod context;
#[cfg(test)]
mod hold_tests;
mod holds;
mod messages;
mod outbox;
mod place;
mod runner;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod undecided_tests;
mod watched;
#[cfg(test)]
mod watched_tests;

pub(crate) use actor::AccountActor;
pub(crate) use context::AccountContext;
#[cfg(test)]
pub(crate) use context::Running;
#[cfg(not(test))]
use context::Running;
pub(crate) use messages::{
    Accept, Accepted, Amend, Conclude, Credit, Debit, Decided, Decline, DrawHold, Refund, Reply, Retire, Save,
    SeatIndex, Ticket, ToAccount, Vary,
};
pub(crate) use outbox::{Collect, Outbox};
pub(crate) use place::Crew;
pub use place::Place;
pub(crate) use runner::WorkerPlace;
pub(crate) use watched::Watch;
