//! The supervisor: admits commands, routes debit then credit, appends the records, answers when they are durable.
//!
//! A *shell* around a *core*. The shell is the actor: it turns messages into inputs, and carries out the effects that the core
//! asks for. The core decides, and knows no actix, channel, thread, file or clock.
//!
//! | part | modules |
//! | --- | --- |
//! | shell | `shell`, `handlers` (messages to inputs), `askers` (who waits for which answer), `workers` (accounts' mailboxes), `messages` |
//! | core | `core`, `input`, `effects`; `admission` (commands come in and are answered), `replies` (an account's answer finds its flow), `next` (what follows a step), `ahead` (prefetching) |
//! | flows | `transfer` (also cash, and placing a hold), `draw`, `groups` and `running` and `conclusion`, `opening`, `change`, `shared` (types, owners, currencies) |
//! | tables | `tables`: `seats`, `registry`, `appender`, `open_holds`, `referred`, `due`. Beside them: `flights`, `batches`, `known`, `timekeeper`, `sealed` |
//! | order | `queues` (at accounts), `lines` (at what is not an account), `turns` (at originals), `puts` (at application records) |
//! | methods of the core that are no flows | `accounts` (loading, retiring), `holds` (why a hold is not open), `plans`, `reversals`, `repairs`, `schedules`, `pacing`, `puts`, `verifying` |
//!
//! # Contract
//!
//! - It owns everything in flight, and the order of the journal: which record comes next, and with it each account's
//!   previous record and balance in that order. It decides no balance.
//! - A transfer is one record, queued when the receiver's account has taken the credit. Before that nothing happened,
//!   after that everything did.
//! - It never waits: for an account, the books or the journal it leaves the command in flight and goes on.
//! - A hold that is recorded is drawn on by its account's word alone; the receiver gets its part when that is recorded.
//! - A change of an account overlaps with nothing of that account; commands that come meanwhile queue behind it. A group has
//!   all its accounts to itself in the same way.
//! - A command is answered from its record, the first time and every time after it.
//! - No answer leaves before the journal is durable up to what it rests on.
//!
//! The supervisor must never touch a file, block, or answer after the fuse is blown.

mod accounts;
mod admission;
mod ahead;
mod appender;
mod askers;
mod attempts;
mod batches;
mod change;
mod conclusion;
mod core;
mod draw;
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
mod next;
mod open_holds;
mod opening;
mod pacing;
mod plans;
mod puts;
mod queues;
mod referred;
mod registry;
mod repairs;
mod replies;
mod reversals;
mod running;
mod schedules;
mod sealed;
mod seats;
mod shared;
mod shell;
mod tables;
#[cfg(test)]
mod tests;
mod timekeeper;
mod transfer;
mod turns;
mod verifying;
mod workers;

pub(crate) use askers::ReplyTo;
pub(crate) use attempts::{AttemptKind, begun};
pub(crate) use batches::Answers;
pub use messages::*;
pub use shell::{Start, Supervisor};
