//! The engine of jangbu: account actors, their supervisor, the journal and the books.
//!
//! | module | purpose | must never |
//! | --- | --- | --- |
//! | [`ledger`] | the pure rules: `decide`, `apply`, records | read a clock, do I/O, know actix or sled |
//! | `account` | one actor per account, the only owner of its balance | know a position, do I/O |
//! | `supervisor` | admits commands, routes debits and credits, appends, answers | block, decide about a balance |
//! | [`journal`] | the durable truth, append-only, hash-chained | report durable what is not |
//! | `books` | the state that the durable journal adds up to; checkpoints in sled | decide, write to the journal |
//! | [`verification`] | the checks that holds await before settlement | decide about money |
//! | `bank` | the handle | keep state of its own |
//!
//! The crate `jangbu` re-exports what a program needs.

mod account;
mod bank;
pub mod blocking;
mod events;
mod journal_writer;
mod pace;
#[doc(hidden)]
pub mod parts;
mod supervisor;
pub mod verification;

#[cfg(any(test, feature = "testing"))]
pub use jangbu_plant as plant;
#[cfg(not(any(test, feature = "testing")))]
use jangbu_plant as plant;

pub use jangbu_books::preview;
use jangbu_books::{books, history, hold_views, past, schedule_runs, views};
pub use jangbu_journal as journal;
pub use jangbu_ledger as ledger;
pub use jangbu_ledger::codec::CodecError;
pub use jangbu_ledger::command;
pub use jangbu_maintenance::{archive, backup, check, recover};

use jangbu_runtime::{error, fuse, meters, readers};

pub use bank::{Bank, Builder};
pub use events::{
    CommandKind, Cursor, CursorError, Event, EventError, EventKind, Events, HoldPlacement, RecordWrite, Subscription,
};
pub use jangbu_runtime::{Activity, BankError, Error, OpenError, Stats, Waits, clock};
pub use pace::Pace;
pub use past::{
    AccountBalance, Direction, Moment, Movement, MovementKind, MovementStatus, Order, Part, TransferQuery,
    TrialBalance, View, Viewer,
};
pub use views::{
    Activation, ApplicationRecord, Entry, EntryKind, HistoryQuery, HoldStatus, HoldView, Page, ScheduledRun, Snapshot,
    SnapshotHold, StandingOrder, Status, WatchedMessage, WatchedMessageKind, WatchedMessageOutcome,
};
