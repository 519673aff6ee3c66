//! The supervisor: admits commands, routes debit then credit, appends the records, answers when they are durable.
//!
//! # Contract
//!
//! - It owns everything in flight, and the order of the journal: which record comes next, and with it each account's
//!   previous record and balance in that order. No balance is decided here.
//! - A transfer is one record, queued when the receiver's account has taken the credit. Before that nothing happened,
//!   after that everything did.
//! - It never waits: for an account, for the books, for the journal it leaves the command in flight and goes on.
//! - A hold that is recorded is drawn on by its account's word alone; the receiver gets its part when that is recorded.
//! - A change of an account overlaps with nothing of that account; commands that come meanwhile queue behind it. A group has
//!   all its accounts to itself in the same way.
//! - No answer leaves before the journal is durable up to what it rests on.
//!
//! What it must never do: touch a file, block, or answer after the fuse is blown.

mod accounts;
mod admission;
mod ahead;
mod appender;
mod askers;
mod attempts;
mod batches;
mod conclusion;
mod core;
mod due;
mod effects;
mod flights;
mod groups;
mod handlers;
mod holds;
mod id_table;
mod input;
mod known;
mod lines;
mod messages;
mod open_holds;
mod pacing;
mod plans;
mod puts;
mod queues;
mod referred;
mod registry;
mod repairs;
mod replies;
mod reversals;
mod routing;
mod schedules;
mod sealed;
mod seats;
mod shared;
mod shell;
#[cfg(test)]
mod tests;
mod timekeeper;
mod turns;
mod verifying;
mod workers;

pub(crate) use askers::ReplyTo;
pub(crate) use attempts::{AttemptKind, begun};
pub(crate) use batches::Answers;
pub use messages::*;
pub(crate) use open_holds::HoldRoom;
pub use shell::{Start, Supervisor};
