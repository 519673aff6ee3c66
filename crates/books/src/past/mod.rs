//! Reading the past: movements of money by account, owner, time and what they say; balances as they once were.
//!
//! | file | what it does |
//! | --- | --- |
//! | `movement` | what a movement of money is to who reads it |
//! | `status` | how a movement stands |
//! | `sight` | who sees what of a movement |
//! | `telling` | turns a record into movements |
//! | `settled` | fills in the labels, reference and metadata that a hold was placed with |
//! | `standing` | finds out how holds stand |
//! | `taken_back` | finds out what was reversed of movements |
//! | `walk` | finds records: along the chains of accounts, or in the order of the journal, both ways |
//! | `query` | finds the movements that were asked for, page by page |
//! | `by_id` | the movements of one command |
//! | `balances` | one account's balance at a moment |
//! | `trial` | the sums of the whole bank at a moment |
//!
//! # Contract
//!
//! - Everything runs on the readers' threads, in jobs of bounded size: a long search is many jobs, and others get their turn
//!   in between.
//! - What is told is durable, and is known to the books.
//!
//! What this module must never do: decide anything, ask an actor or wait for one, or keep more in memory than a job needs.

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

/// What the past is read from.
#[derive(Clone)]
pub struct Sources {
    /// The journal.
    pub reader: Arc<dyn JournalReader>,
    /// The books that follow it.
    pub books: BooksHandle,
}

impl Sources {
    /// Asks the books and waits for the answer.
    pub fn ask<T: Send + 'static>(&self, ask: impl FnOnce(&mut Books) -> T + Send + 'static) -> Result<T, BankError> {
        self.books.ask_and_wait(ask).ok_or(BankError::Closed)
    }

    fn read(&self, position: Position) -> Result<Record, BankError> {
        self.reader.read(position).map_err(unreadable)
    }

    /// The first position that is not archived.
    fn first(&self) -> Position {
        self.reader.base().map_or(Position::START, |base| base.position).next()
    }

    /// The last position that is durable and known to the books.
    fn end(&self) -> Result<Position, BankError> {
        self.ask(|books| books.applied())
    }

    /// The last of the records that were recorded before `moment`.
    fn last_before(&self, moment: Timestamp) -> Result<Position, BankError> {
        let first = self.reader.first_at(moment).map_err(unreadable)?;
        Ok(before(first))
    }

    /// The account's record before the one at `position`; `None` when that has no leg of the account.
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

    /// The account's record before `record`, which must be one of its own.
    fn step(record: &Record, account: AccountId) -> Result<Position, BankError> {
        let position = record.position;
        Sources::previous(record, account)
            .ok_or_else(|| BankError::Unreadable(format!("the record at {position} is not one of account {account}")))
    }

    /// The account's last record at or before `position`: [`Position::START`] when there is none.
    ///
    /// Takes at most as many reads as lie between two milestones, whatever the age of `position`.
    pub fn last_through(&self, account: AccountId, position: Position) -> Result<Position, BankError> {
        let mut place = self.ask(move |books| books.place_near(account, position))?.unwrap_or_default();
        while place > position {
            place = Sources::step(&self.read(place)?, account)?;
        }
        Ok(place)
    }
}

/// The position before `position`.
const fn before(position: Position) -> Position {
    Position::new(position.get().saturating_sub(1))
}
