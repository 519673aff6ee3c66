//! The engine of jangbu.
pub mod clock;
mod codec;
pub mod command;
mod error;
pub mod journal;
pub mod ledger;
mod views;

pub use error::{BankError, Error, OpenError};
pub use views::{ApplicationRecord, Entry, EntryKind, HistoryQuery, Movement, Page, Snapshot, Stats, Status};
