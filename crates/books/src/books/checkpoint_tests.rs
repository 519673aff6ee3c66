//! Checkpoints when the journal outruns the store.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::checkpoint::Saver;
use super::due::Habits;
use super::state::{Books, Held};
use super::store::{Change, MemoryStore, Pair, Store, StoreError};
use super::store_writer::{JOINED, StoreWriter, Write, store_all};
use super::{BooksHandle, Keeper};
use jangbu_ledger::{
    Account, AccountId, AccountNumber, AccountOpened, Amount, Currency, OwnerId, Position, Role, Timestamp, TypeCode,
};
use jangbu_runtime::clock::{Clock, SteppedClock};

/// A store in memory that claims to be kept.
#[derive(Default)]
struct Kept {
    pairs: MemoryStore,
    /// Whether every write fails.
    is_failing: AtomicBool,
    /// Whether every write waits.
    is_shut: AtomicBool,
}

impl Store for Kept {
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.pairs.scan(prefix, from, limit)
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        while self.is_shut.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
        if self.is_failing.load(Ordering::Relaxed) {
            return Err(StoreError::Damaged("no space is left".into()));
        }
        self.pairs.write(changes)
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

/// Changes the accounts with these ids.
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
        books.accounts.insert(id, Box::new(Held::new(Account::open(&opened))));
        books.dirty.push(id);
    }
}

fn clock() -> Arc<dyn Clock> {
    SteppedClock::starting_at(Timestamp::from_ns(0))
}

fn opened() -> (Books, Saver, StoreWriter) {
    opened_on(Arc::new(Kept::default()))
}

fn opened_on(store: Arc<dyn Store>) -> (Books, Saver, StoreWriter) {
    let books = Books::new(Arc::clone(&store));
    let habits = Habits { every_records: u64::MAX, keep_accounts: 10, most_changed: 5_000, ..Habits::default() };
    let (handle, _) = BooksHandle::new();
    let (saver, writer) = Saver::new(store, handle, (habits, clock()), Position::START, Arc::default(), None);
    (books, saver, writer.unwrap())
}

#[test]
fn stored_accounts_are_evicted_even_if_the_next_checkpoint_is_due_at_once() {
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
fn saving_after_the_thread_ended_reports_the_cause() {
    let store = Arc::new(Kept::default());
    let (mut books, mut saver, writer) = opened_on(Arc::clone(&store) as Arc<dyn Store>);
    change(&mut books, 1..=5_000);
    saver.advance(&mut books).unwrap();
    store.is_failing.store(true, Ordering::Relaxed);
    writer.run();
    let error = saver.advance(&mut books).unwrap_err();
    assert_eq!(error.to_string(), "the stored state failed: no space is left");
}

#[test]
fn accounts_change_no_faster_than_they_are_stored_once_too_many_have() {
    let (mut books, mut saver, writer) = opened();
    change(&mut books, 1..=5_000);
    saver.advance(&mut books).unwrap();
    assert!(saver.is_busy());
    change(&mut books, 1..=9_999);
    assert!(saver.has_room(&books), "not twice as many have changed");
    change(&mut books, 10_000..=10_000);
    assert!(!saver.has_room(&books));
    writer.step();
    assert!(!saver.has_room(&books), "nothing was handed over since");
    saver.advance(&mut books).unwrap();
    // A thousand more accounts are being stored, for which half as many may change.
    change(&mut books, 10_001..=10_499);
    assert!(saver.has_room(&books));
    change(&mut books, 10_500..=10_500);
    assert!(!saver.has_room(&books));
    for _ in 0..10 {
        writer.step();
        saver.advance(&mut books).unwrap();
    }
    assert!(!saver.is_busy());
    assert!(saver.has_room(&books));
}

/// Returns what happens to outrun books when more records come and a query follows them.
fn asked_while_outrun(store: Arc<Kept>) -> Option<usize> {
    let kept = Arc::clone(&store) as Arc<dyn Store>;
    let books = Books::new(Arc::clone(&kept));
    let habits = Habits { every_records: u64::MAX, keep_accounts: 10, most_changed: 5_000, ..Habits::default() };
    let (handle, queue) = BooksHandle::new();
    let (saver, writer) = Saver::new(kept, handle.clone(), (habits, clock()), Position::START, Arc::default(), None);
    let writer = std::thread::spawn(move || writer.unwrap().run());
    let keeper = Keeper { books, saver, queue, fuse: Arc::default(), failed: Box::new(|_| ()) };
    let keeper = std::thread::spawn(move || keeper.run());
    handle.ask(|books| change(books, 1..=5_000), |()| ());
    handle.ask(|books| change(books, 5_001..=20_000), |()| ());
    handle.apply(Vec::new());
    // Most likely the books are waiting by then. In any case they must not wait forever.
    std::thread::sleep(Duration::from_millis(50));
    store.is_shut.store(false, Ordering::Relaxed);
    let answer = handle.ask_and_wait(|books| books.accounts.len());
    handle.stop();
    keeper.join().unwrap();
    writer.join().unwrap();
    answer
}

#[test]
fn outrun_books_continue_once_the_store_has_caught_up() {
    let store = Kept { is_shut: AtomicBool::new(true), ..Kept::default() };
    assert_eq!(asked_while_outrun(Arc::new(store)), Some(20_000));
}

#[test]
fn outrun_books_end_when_the_store_fails() {
    let store = Kept { is_shut: AtomicBool::new(true), is_failing: AtomicBool::new(true), ..Kept::default() };
    assert_eq!(asked_while_outrun(Arc::new(store)), None);
}

/// What it is told to store, in order.
#[derive(Default)]
struct Told {
    calls: parking_lot::Mutex<Vec<Vec<u8>>>,
    /// Fails if changes have to be stored together.
    is_failing: bool,
}

impl Told {
    fn note(&self, changes: &[Change]) {
        self.calls.lock().push(changes.iter().map(|(key, _)| key[0]).collect());
    }
}

impl Store for Told {
    fn scan(&self, _: &[u8], _: &[u8], _: usize) -> Result<Vec<Pair>, StoreError> {
        Ok(Vec::new())
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.note(&changes);
        if self.is_failing { Err(StoreError::Damaged("full".into())) } else { Ok(()) }
    }

    fn write_each(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.note(&changes);
        Ok(())
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

#[test]
fn writes_of_several_changes_are_joined_and_no_order_is_changed() {
    let change = |key: u8| (vec![key], Some(vec![key]));
    let write = |keys: &[u8]| keys.iter().map(|key| change(*key)).collect::<Write>();
    let mut writes = vec![write(&[0]), write(&[1]), write(&[2, 3]), write(&[4])];
    writes.extend((5..100).map(|key| write(&[key, key + 100])));
    let told = Told::default();
    store_all(&told, writes.clone()).unwrap();
    let calls = told.calls.into_inner();
    let order: Vec<u8> = writes.iter().flatten().map(|(key, _)| key[0]).collect();
    assert_eq!(calls.concat(), order);
    assert_eq!(calls[0], [0, 1], "what need not be together is not");
    let (_, batches) = calls.split_first().unwrap();
    assert!(batches.iter().all(|batch| batch.len() <= JOINED + 1), "nothing keeps others out of the store for long");
    let broken = batches.iter().any(|batch| batch.last().is_some_and(|last| (5..100).contains(last)));
    assert!(!broken, "a write is whole");
    assert_eq!(batches.len(), 4, "{batches:?}");
    let failing = Told { is_failing: true, ..Told::default() };
    assert_eq!(store_all(&failing, writes).unwrap_err().to_string(), "full");
}
