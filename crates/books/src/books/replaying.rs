//! Replays that do not fit into memory: the state so far is stored in between, and evicted.

use std::sync::Arc;

use super::BooksError;
use super::checkpoint::store_now;
use super::due::Habits;
use super::state::Books;
use super::store::{Store, StoreError};
use super::temporary::TemporaryStore;
use jangbu_plant::{Bug, is_planted};

/// How much a replay keeps in memory.
#[derive(Clone, Copy, Debug)]
pub struct ReplayLimits {
    /// The number of accounts. Each takes about 600 bytes.
    pub accounts: usize,
    /// The memory that a checkpoint frees, in bytes.
    pub unstored_bytes: usize,
}

impl Default for ReplayLimits {
    fn default() -> ReplayLimits {
        // A bank of a million accounts fits completely; a larger one stays below 1 GiB.
        ReplayLimits { accounts: 1_100_000, unstored_bytes: 64 * 1024 * 1024 }
    }
}

impl ReplayLimits {
    /// Returns the limits of a bank with these settings.
    pub fn of(habits: &Habits) -> ReplayLimits {
        let usual = ReplayLimits::default();
        ReplayLimits {
            // The accounts that may change before a checkpoint begins, and some that are kept.
            accounts: habits.most_changed.saturating_add(habits.most_changed / 10).min(usual.accounts),
            unstored_bytes: habits.most_unstored_bytes,
        }
    }

    /// Returns whether more is in memory than should be.
    pub(super) fn is_reached(self, books: &Books) -> bool {
        !is_planted(Bug::ReplayInOneGo)
            && (books.accounts.len() >= self.accounts || books.unstored_bytes() >= self.unstored_bytes)
    }

    /// Returns what is in memory beyond the limits, if anything, counted afresh.
    #[cfg(any(test, feature = "testing"))]
    pub fn exceeded(self, books: &Books) -> Option<String> {
        let (accounts, bytes) = (books.accounts.len(), books.recounted_bytes());
        let is_exceeded = accounts >= self.accounts || bytes >= self.unstored_bytes;
        is_exceeded.then(|| format!("a replay kept {accounts} accounts and {bytes} bytes in memory, beyond {self:?}"))
    }

    /// Returns the number of accounts that stay in memory after an intermediate checkpoint.
    const fn kept(self) -> usize {
        self.accounts / 2
    }

    /// Stores everything in the books' own store, as a checkpoint if `complete` is set, and evicts accounts.
    ///
    /// An incomplete state has no position to replay from, so the next open would not use it.
    pub fn store(self, books: &mut Books, complete: bool) -> Result<(), BooksError> {
        store_now(books, complete)?;
        books.let_go(self.kept());
        Ok(())
    }
}

/// Temporary storage for a replay whose books are not kept: a check, or an archiving.
pub(super) struct Scratch {
    limits: ReplayLimits,
    make: fn() -> Result<Arc<dyn Store>, StoreError>,
    is_made: bool,
}

impl Scratch {
    /// Creates storage in the directory for temporary files, once it is needed.
    pub(super) fn on_disk() -> Scratch {
        Scratch { limits: ReplayLimits::default(), make: TemporaryStore::empty, is_made: false }
    }

    /// Creates storage in memory, for tests.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn in_memory(limits: ReplayLimits) -> Scratch {
        let make = || -> Result<Arc<dyn Store>, StoreError> { Ok(Arc::new(super::store::MemoryStore::default())) };
        Scratch { limits, make, is_made: false }
    }

    /// Returns whether some of the books may be out of memory.
    pub(super) const fn is_made(&self) -> bool {
        self.is_made
    }

    /// Moves state out of memory if there is too much.
    pub(super) fn relieve(&mut self, books: &mut Books) -> Result<(), BooksError> {
        if !self.limits.is_reached(books) {
            return Ok(());
        }
        if !self.is_made {
            books.store = (self.make)()?;
            self.is_made = true;
        }
        self.limits.store(books, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::state::Held;
    use jangbu_ledger::{
        Account, AccountId, AccountNumber, AccountOpened, Amount, Currency, OwnerId, Role, Timestamp, TypeCode,
    };

    #[test]
    fn state_that_does_not_fit_is_kept_on_disk_and_read_back() {
        let limits = ReplayLimits { accounts: 10, unstored_bytes: 1_000_000 };
        let mut scratch = Scratch { limits, ..Scratch::on_disk() };
        let mut books = Books::in_memory();
        for id in (1..=95).map(AccountId::new) {
            let number = AccountNumber::new(&format!("A{:03}", 100 - id.get())).unwrap();
            let owner = OwnerId::new("mina").unwrap();
            let account = Account::open(&AccountOpened {
                account: id,
                number,
                owner,
                kind: TypeCode::basic(),
                currency: Currency::krw(),
                role: Role::Customer,
                overdraft: Amount::ZERO,
                opened_at: Timestamp::from_ns(0),
            });
            books.numbers.insert(number, id);
            books.owned.insert((owner, id), jangbu_ledger::Position::START);
            books.accounts.insert(id, Box::new(Held::new(account)));
            books.dirty.push(id);
            scratch.relieve(&mut books).unwrap();
            assert!(books.accounts.len() < 10 && books.owned.len() < 10, "most is out of memory");
        }
        let ids: Vec<u64> = books.every_account().map(|row| row.unwrap().0.get()).collect();
        assert!(ids.into_iter().eq(1..=95));
        let by_number: Vec<u64> = books.every_number().map(|row| row.unwrap().1.get()).collect();
        assert!(by_number.into_iter().eq((1..=95).rev()));
        assert_eq!(books.every_owned().count(), 95);
    }
}
