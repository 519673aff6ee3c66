//! The terms in force when a debit was decided: those in force when it was recorded, or terms that were replaced while
//! it was in flight.

use std::collections::VecDeque;

use super::Look;
use crate::books::state::Books;
use jangbu_ledger::{
    Account, AccountType, Amount, Body, BusinessDate, FREE_TRANSFERS_PER_DAY, OwnerId, Position, PostingKind, Record,
    Terms, Timestamp,
};

/// The maximum number of records made while a command is in flight. Only a few hundred commands are in flight at a
/// time.
const MOST_RECORDS_UNDER_WAY: u64 = 65_536;

/// Recently replaced terms, and when they were replaced.
#[derive(Default)]
pub(super) struct Superseded {
    types: VecDeque<Replaced<AccountType>>,
    /// Owners and their numbers of free transfers.
    owners: VecDeque<Replaced<(OwnerId, u32)>>,
    /// The time of the newest record that was not read. The terms that it replaced are unknown.
    unread: Option<Timestamp>,
}

struct Replaced<T> {
    value: T,
    position: Position,
    at: Timestamp,
}

impl Superseded {
    /// Starts after a record that was recorded at that moment.
    pub(super) const fn begin(&mut self, recorded_at: Timestamp) {
        self.unread = Some(recorded_at);
    }

    /// Notes what a record replaces in `books`, to which it has not been applied.
    pub(super) fn note(&mut self, books: &Books, record: &Record) {
        let Record { position, recorded_at: at, .. } = *record;
        match &record.body {
            Body::TypeSet(new) => {
                if let Some(value) = books.types.get(&new.code).cloned() {
                    self.types.push_back(Replaced { value, position, at });
                }
            }
            Body::OwnerSet { owner, .. } => {
                let value = (*owner, free_transfers(books, owner));
                self.owners.push_back(Replaced { value, position, at });
            }
            _ => return,
        }
        forget_before(&mut self.types, position);
        forget_before(&mut self.owners, position);
    }
}

fn forget_before<T>(replaced: &mut VecDeque<Replaced<T>>, position: Position) {
    let is_old = |it: &Replaced<T>| position.get().saturating_sub(it.position.get()) > MOST_RECORDS_UNDER_WAY;
    while replaced.front().is_some_and(is_old) {
        replaced.pop_front();
    }
}

fn free_transfers(books: &Books, owner: &OwnerId) -> u32 {
    books.owners.get(owner).copied().unwrap_or(FREE_TRANSFERS_PER_DAY)
}

/// A movement whose terms are needed.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) kind: PostingKind,
    pub(super) sender: &'a Account,
    pub(super) receiver: &'a Account,
    pub(super) amount: Amount,
    pub(super) date: BusinessDate,
}

impl Look<'_> {
    /// Tries the terms that may have been in force one after another, the latest first, until `fits` accepts some. If
    /// it accepts none, returns its result for the first.
    pub(super) fn on_some_terms(
        &self,
        books: &Books,
        asked: Asked<'_>,
        fits: impl Fn(&Terms) -> Result<(), String>,
    ) -> Result<(), String> {
        let Asked { kind, sender, receiver, amount, date } = asked;
        let same = (sender.owner, sender.kind) == (receiver.owner, receiver.kind);
        let basic;
        let current = match books.types.get(&sender.kind) {
            Some(found) => found,
            None => {
                basic = AccountType::basic();
                &basic
            }
        };
        let free = free_transfers(books, &sender.owner);
        let first = fits(&Terms::of(kind, current, same, free, amount, date));
        if self.superseded.unread.is_some_and(|unread| self.record.decided_at <= unread) {
            return Ok(());
        }
        if first.is_ok() || (self.superseded.types.is_empty() && self.superseded.owners.is_empty()) {
            return first;
        }
        let decided_at = self.record.decided_at;
        let of_type = |it: &&Replaced<AccountType>| it.value.code == sender.kind && it.at >= decided_at;
        let of_owner = |it: &&Replaced<(OwnerId, u32)>| it.value.0 == sender.owner && it.at >= decided_at;
        let types = || {
            let replaced = self.superseded.types.iter().filter(of_type).map(|it| &it.value);
            std::iter::once(current).chain(replaced)
        };
        let frees = self.superseded.owners.iter().filter(of_owner).map(|it| it.value.1);
        for free in std::iter::once(free).chain(frees) {
            for account_type in types() {
                if fits(&Terms::of(kind, account_type, same, free, amount, date)).is_ok() {
                    return Ok(());
                }
            }
        }
        first
    }
}
