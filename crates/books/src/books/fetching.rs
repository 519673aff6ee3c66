//! Loads the accounts that a replay will change from the store, all at once.
//!
//! One by one, in journal order, each account would need another page of the store, most of them read from disk. In key
//! order, neighbours share a page.

use rustc_hash::FxHashSet;

use super::keys;
use super::state::{Books, Held, decoded};
use super::store::StoreError;
use jangbu_ledger::{Account, AccountId};

/// The number of accounts that are read at a time if most neighbours are needed.
const ROWS: usize = 1_000;
/// If at least one in this many neighbours is needed, all of them are read.
const DENSE: u64 = 8;

impl Books {
    /// Loads those of the accounts that the store has.
    ///
    /// # Errors
    /// If the store fails or is damaged.
    pub(super) fn fetch(&mut self, wanted: &FxHashSet<AccountId>) -> Result<(), StoreError> {
        let missing = |id: &&AccountId| !self.accounts.contains_key(*id);
        let mut wanted: Vec<AccountId> = wanted.iter().filter(missing).copied().collect();
        wanted.sort_unstable();
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Ok(()) };
        self.accounts.reserve(wanted.len());
        let neighbours = last.get().saturating_sub(first.get());
        let is_dense = u64::try_from(wanted.len()).is_ok_and(|count| count.saturating_mul(DENSE) > neighbours);
        if is_dense { self.fetch_by_scan(&wanted) } else { self.fetch_one_by_one(&wanted) }
    }

    fn fetch_one_by_one(&mut self, wanted: &[AccountId]) -> Result<(), StoreError> {
        for id in wanted {
            if let Some(account) = self.stored_account(*id)? {
                self.take_in(account)?;
            }
        }
        Ok(())
    }

    fn fetch_by_scan(&mut self, wanted: &[AccountId]) -> Result<(), StoreError> {
        let mut rest = wanted;
        while let Some(first) = rest.first() {
            let rows = self.store.scan(&[keys::ACCOUNT], &keys::account(*first), ROWS)?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            let read_to = keys::account_of(last)?;
            let (found, behind) = rest.split_at(rest.partition_point(|id| *id <= read_to));
            for (key, value) in &rows {
                if found.binary_search(&keys::account_of(key)?).is_ok() {
                    self.take_in(decoded(value)?)?;
                }
            }
            rest = behind;
        }
        Ok(())
    }

    fn take_in(&mut self, account: Account) -> Result<(), StoreError> {
        let holds = self.stored_holds(&account)?;
        self.numbers.insert(account.number, account.id);
        self.accounts.insert(account.id, Box::new(Held::stored(account, holds)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::books::store::{MemoryStore, Store};
    use jangbu_ledger::codec;
    use jangbu_ledger::{AccountNumber, AccountOpened, Amount, Currency, OwnerId, Role, Timestamp, TypeCode};

    fn stored(ids: impl IntoIterator<Item = u64>) -> Books {
        let store = MemoryStore::default();
        for id in ids {
            let (id, owner) = (AccountId::new(id), OwnerId::new("mina").unwrap());
            let number = AccountNumber::new(&format!("A{:07}", id.get())).unwrap();
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
            let mut value = Vec::new();
            codec::encode(&account, &mut value).unwrap();
            store.write(vec![(keys::account(id), Some(value))]).unwrap();
        }
        Books::new(Arc::new(store))
    }

    fn fetched(books: &mut Books, wanted: impl IntoIterator<Item = u64>) -> Vec<u64> {
        books.fetch(&wanted.into_iter().map(AccountId::new).collect()).unwrap();
        assert_eq!(books.accounts.len(), books.numbers.len());
        let mut ids: Vec<u64> = books.accounts.keys().map(|id| id.get()).collect();
        ids.sort_unstable();
        ids
    }

    #[test]
    fn only_the_wanted_accounts_are_loaded() {
        // Close together, with gaps, in several reads.
        let mut books = stored((1..=5_000).filter(|id| id % 10 != 3));
        let wanted = || (2_000..4_500).filter(|id| id % 3 == 0);
        let expected: Vec<u64> = wanted().filter(|id| id % 10 != 3).collect();
        assert_eq!(fetched(&mut books, wanted().chain([9_000])), expected);
        // Far apart.
        let mut books = stored([1, 70, 90_000]);
        assert_eq!(fetched(&mut books, [90_000, 70, 71]), [70, 90_000]);
    }

    #[test]
    fn accounts_in_memory_are_not_replaced() {
        let mut books = stored([1, 2, 3]);
        assert_eq!(fetched(&mut books, [2]), [2]);
        books.accounts.get_mut(&AccountId::new(2)).unwrap().dirty = true;
        assert_eq!(fetched(&mut books, [1, 2, 3]), [1, 2, 3]);
        assert!(books.accounts[&AccountId::new(2)].dirty);
    }
}
