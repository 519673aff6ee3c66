//! What waits when the journal outruns the store.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::BooksHandle;
use super::checkpoint::{Habits, Saver, StoreWriter};
use super::state::{Books, Held};
use super::store::{Change, MemoryStore, Pair, Store, StoreError};
use crate::ledger::{
    Account, AccountId, AccountNumber, AccountOpened, Amount, Currency, OwnerId, Position, Role, Timestamp, TypeCode,
};

/// A store in memory that passes for one that is kept.
#[derive(Default)]
struct Kept(MemoryStore);

impl Store for Kept {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key)
    }

    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.0.scan(prefix, from, limit)
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.0.write(changes)
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn is_kept(&self) -> bool {
        true
    }

    fn bytes_on_disk(&self) -> u64 {
        0
    }
}

/// Changes the accounts of these ids.
fn change(books: &mut Books, ids: RangeInclusive<u64>) {
    for id in ids.map(AccountId::new) {
        let opened = AccountOpened {
            account: id,
            number: AccountNumber::new(&format!("A{:07}", id.get())).unwrap(),
            owner: OwnerId::new("mina").unwrap(),
            kind: TypeCode::basic(),
            currency: Currency::krw(),
            role: Role::Customer,
            overdraft: Amount::ZERO,
            opened_at: Timestamp::from_ns(0),
        };
        books.numbers.insert(opened.number, id);
        books.accounts.insert(id, Held::new(Account::open(&opened)));
        books.dirty.push(id);
    }
}

fn opened() -> (Books, Saver, StoreWriter) {
    let store: Arc<dyn Store> = Arc::new(Kept::default());
    let books = Books::new(Arc::clone(&store));
    let habits = Habits { every_records: u64::MAX, keep_accounts: 10, most_changed: 5_000 };
    let (handle, _) = BooksHandle::new();
    let (saver, writer) = Saver::new(store, handle, habits, Position::START, Arc::default(), None);
    (books, saver, writer.unwrap())
}

#[test]
fn what_is_stored_is_let_go_although_the_next_checkpoint_is_due_at_once() {
    let (mut books, mut saver, writer) = opened();
    change(&mut books, 1..=5_000);
    saver.advance(&mut books).unwrap();
    change(&mut books, 5_001..=10_000);
    while saver.is_busy() {
        writer.step();
        saver.advance(&mut books).unwrap();
    }
    assert_eq!(books.accounts.len(), 10_000);
    saver.saved(&mut books, Position::START);
    saver.advance(&mut books).unwrap();
    assert!(saver.is_busy(), "the next one is due");
    assert_eq!(books.accounts.len(), 5_010);
    assert_eq!(books.numbers.len(), 5_010);
}

#[test]
fn records_are_taken_in_as_fast_as_accounts_are_stored_when_too_many_have_changed() {
    let (mut books, mut saver, writer) = opened();
    change(&mut books, 1..=5_000);
    saver.advance(&mut books).unwrap();
    assert!(saver.is_busy());
    change(&mut books, 1..=9_999);
    assert!(saver.has_room(&books, 1_000_000), "not twice as many have changed");
    change(&mut books, 1..=1);
    // Two messages were taken by the saving thread, each of which lets a quarter of a thousand records in.
    assert!(!saver.has_room(&books, 501));
    assert!(saver.has_room(&books, 500));
    assert!(!saver.has_room(&books, 1));
    writer.step();
    assert!(!saver.has_room(&books, 1), "nothing was handed over since");
    saver.advance(&mut books).unwrap();
    assert!(saver.has_room(&books, 250));
    assert!(!saver.has_room(&books, 1));
    for _ in 0..10 {
        writer.step();
        saver.advance(&mut books).unwrap();
    }
    assert!(!saver.is_busy());
    assert!(saver.has_room(&books, 1_000_000));
}
