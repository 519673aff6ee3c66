//! The past: movements of money by account, owner, time and other fields, and balances at earlier moments.
//!
//! | file | purpose |
//! | --- | --- |
//! | `movement` | movements of money, and queries for them |
//! | `status` | the status of a movement |
//! | `sight` | which parts of a movement each viewer sees |
//! | `telling` | turns a record into movements |
//! | `settled` | fills in the labels, reference and metadata of a hold's placement |
//! | `standing` | determines the present state of holds |
//! | `taken_back` | determines how much of a movement was reversed |
//! | `walk` | finds records along the chains of accounts or in journal order, in both directions |
//! | `query` | finds movements page by page |
//! | `by_id` | the movements of one command |
//! | `balances` | an account's balance at a moment |
//! | `trial` | the sums of the whole bank at a moment |
//!
//! # Contract
//!
//! - Everything runs on reading threads, in jobs of bounded size. A long search is split into many jobs, and others get
//!   their turn in between.
//! - Results are durable and known to the books.
//!
//! This module must never decide anything, query or wait for an actor, or keep more in memory than a job needs.

mod balances;
mod by_id;
mod movement;
mod query;
mod settled;
mod sight;
mod standing;
mod taken_back;
mod telling;
mod trial;
mod walk;

use std::sync::Arc;

pub use crate::status::MovementStatus;
pub use balances::{ACCOUNTS_PER_JOB, balance_at, balances_at};
pub use balances::{AccountBalance, Moment};
pub use by_id::{Telling, Told};
pub use movement::{Direction, Movement, MovementKind, Order, TransferQuery};
pub use query::{Found, Search};
pub use sight::{Part, View, Viewer};
pub use taken_back::Places;
pub use trial::Trial;
pub use trial::TrialBalance;
pub use walk::{Span, Walk};

use crate::books::{Books, BooksHandle};
use jangbu_journal::JournalReader;
use jangbu_ledger::{AccountId, Position, Record, Timestamp};
use jangbu_runtime::BankError;
use jangbu_runtime::unreadable;

/// The sources of queries about the past.
#[derive(Clone)]
pub struct Sources {
    /// The journal.
    pub reader: Arc<dyn JournalReader>,
    /// The books that follow it.
    pub books: BooksHandle,
}

impl Sources {
    /// Runs a query on the books' thread and waits for the answer.
    pub fn ask<T: Send + 'static>(&self, ask: impl FnOnce(&mut Books) -> T + Send + 'static) -> Result<T, BankError> {
        self.books.ask_and_wait(ask).ok_or(BankError::Closed)
    }

    fn read(&self, position: Position) -> Result<Record, BankError> {
        self.reader.read(position).map_err(unreadable)
    }

    /// Returns the first position that is not archived.
    fn first(&self) -> Position {
        self.reader.base().map_or(Position::START, |base| base.position).next()
    }

    /// Returns the last position that is durable and known to the books.
    fn end(&self) -> Result<Position, BankError> {
        self.ask(|books| books.applied())
    }

    /// Returns the last record that was recorded before `moment`.
    fn last_before(&self, moment: Timestamp) -> Result<Position, BankError> {
        let first = self.reader.first_at(moment).map_err(unreadable)?;
        Ok(before(first))
    }

    /// Returns the account's record before `record`, or `None` if `record` has no leg of the account.
    pub fn previous(record: &Record, account: AccountId) -> Option<Position> {
        let mut links = record.links.iter();
        let mut previous = None;
        record.body.for_each_leg(record.date, |leg, _| {
            let link = links.next();
            if leg == account && previous.is_none() {
                previous = link.map(|link| link.previous);
            }
        });
        previous
    }

    /// Returns the account's record before `record`, which must have a leg of the account.
    fn step(record: &Record, account: AccountId) -> Result<Position, BankError> {
        let position = record.position;
        Sources::previous(record, account)
            .ok_or_else(|| BankError::Unreadable(format!("the record at {position} is not one of account {account}")))
    }

    /// Returns the account's last record at or before `position`, or [`Position::START`] if there is none.
    ///
    /// Reads at most as many records as lie between two milestones, however old `position` is.
    pub fn last_through(&self, account: AccountId, position: Position) -> Result<Position, BankError> {
        let mut place = self.ask(move |books| books.place_near(account, position))?.unwrap_or_default();
        while place > position {
            place = Sources::step(&self.read(place)?, account)?;
        }
        Ok(place)
    }
}

/// Returns the position before `position`.
const fn before(position: Position) -> Position {
    Position::new(position.get().saturating_sub(1))
}
