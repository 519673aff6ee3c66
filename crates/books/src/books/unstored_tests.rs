//! The unstored state is bounded in bytes and time, and a page does not depend on it. Measured by counting, not by a
//! clock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::BooksHandle;
use super::checkpoint::Saver;
use super::due::Habits;
use super::state::Books;
use super::store::{Change, MemoryStore, Pair, Store, StoreError};
use super::store_writer::StoreWriter;
use jangbu_ledger::{Body, BusinessDate, CommandId, ContentHash, Links, Position, Record, RecordPut, Timestamp};
use jangbu_runtime::clock::SteppedClock;

const KIND: &str = "audit";
const MOST: usize = 1_000_000;
const INTERVAL: Duration = Duration::from_secs(60);

/// A store in memory that claims to be kept, and counts the rows that are read.
#[derive(Default)]
struct Counting {
    pairs: MemoryStore,
    read: AtomicUsize,
    syncs: AtomicUsize,
}

impl Store for Counting {
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let found = self.pairs.scan(prefix, from, limit)?;
        self.read.fetch_add(found.len(), Ordering::Relaxed);
        Ok(found)
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.pairs.write(changes)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn is_kept(&self) -> bool {
        true
    }

    fn bytes_on_disk(&self) -> u64 {
        0
    }
}

/// Books with their saver, and the other parts of a running program.
struct Town {
    store: Arc<Counting>,
    books: Books,
    saver: Saver,
    writer: StoreWriter,
    clock: Arc<SteppedClock>,
}

impl Town {
    fn new() -> Town {
        let (store, clock) = (Arc::new(Counting::default()), SteppedClock::starting_at(Timestamp::from_ns(0)));
        let habits = Habits { most_unstored_bytes: MOST, longest_unstored: INTERVAL, ..Habits::default() };
        let kept = Arc::clone(&store) as Arc<dyn Store>;
        let books = Books::new(Arc::clone(&kept));
        let handle = BooksHandle::new().0;
        let clocked = (habits, Arc::clone(&clock) as Arc<dyn jangbu_runtime::clock::Clock>);
        let (saver, writer) = Saver::new(kept, handle, clocked, Position::START, Arc::default(), None);
        Town { store, books, saver, writer: writer.unwrap(), clock }
    }

    /// Applies a record that writes this, or deletes it if there is no value.
    fn put(&mut self, key: &str, value: Option<&[u8]>) {
        let put = RecordPut { kind: KIND.into(), key: key.into(), value: value.map(<[u8]>::to_vec), expected: None };
        let position = self.books.applied.next();
        let at = Timestamp::from_ns(i64::try_from(position.get()).unwrap());
        let record = Record {
            position,
            recorded_at: at,
            decided_at: at,
            date: BusinessDate::default(),
            id: CommandId::random(),
            content: ContentHash::of(&[]),
            body: Body::RecordsPut(vec![put]),
            links: Links::new(),
        };
        self.books.apply(&record).unwrap();
        self.saver.advance(&mut self.books).unwrap();
    }

    /// Writes everything in progress to the store.
    fn store(&mut self) {
        loop {
            self.saver.advance(&mut self.books).unwrap();
            if !self.saver.is_saving() {
                return;
            }
            let through = self.saver.begun();
            let syncs = self.store.syncs.load(Ordering::Relaxed);
            self.writer.step();
            self.saver.advance(&mut self.books).unwrap();
            if self.store.syncs.load(Ordering::Relaxed) > syncs {
                self.saver.saved(&mut self.books, through);
            }
        }
    }

    /// Reads all pages of this size. Returns the most rows of the store that one page read, and the number of pages.
    fn pages(&mut self, limit: usize) -> (BTreeMap<String, Vec<u8>>, usize, usize) {
        let (mut found, mut most, mut pages, mut after) = (BTreeMap::new(), 0, 0, None::<String>);
        loop {
            let before = self.store.read.load(Ordering::Relaxed);
            let page = self.books.records(KIND, "", after.as_deref(), limit);
            most = most.max(self.store.read.load(Ordering::Relaxed) - before);
            pages += 1;
            assert!(page.data.len() <= limit);
            found.extend(page.data.into_iter().map(|record| (record.key, record.value)));
            after = page.next;
            if after.is_none() {
                return (found, most, pages);
            }
        }
    }
}

fn key(number: usize) -> String {
    format!("{number:08}")
}

#[test]
fn the_size_of_unstored_state_begins_a_checkpoint() {
    let mut town = Town::new();
    let mut count = 0;
    while !town.saver.is_saving() {
        assert!(town.books.unstored_bytes() <= MOST / 2);
        town.put(&key(count), Some(&[7; 100]));
        count += 1;
    }
    // Key, value, and the map's overhead for them.
    assert!((1_000..4_500).contains(&count), "{count} records");
    // While nothing is written, records are applied up to the limit.
    while town.saver.has_room(&town.books) {
        town.put(&key(count), Some(&[7; 100]));
        count += 1;
    }
    assert!((MOST..MOST + 1_000).contains(&town.books.unstored_bytes()));
    town.store();
    assert!(town.saver.has_room(&town.books));
    assert!(town.books.unstored_bytes() < MOST / 2);
    assert_eq!(town.books.unstored_bytes(), town.books.recounted_bytes());
    assert_eq!(town.pages(50).0.len(), count);
}

#[test]
fn written_state_is_evicted_before_the_checkpoint_is_durable() {
    let mut town = Town::new();
    for number in 0..2_500 {
        town.put(&key(number), Some(&[7; 10]));
    }
    let (held, done) = (town.books.unstored_bytes(), tokio::sync::oneshot::channel().0);
    town.saver.request(done);
    town.saver.advance(&mut town.books).unwrap();
    for _ in 0..4 {
        town.writer.step();
        town.saver.advance(&mut town.books).unwrap();
    }
    assert_eq!((town.store.syncs.load(Ordering::Relaxed), town.books.unstored_bytes()), (0, 0), "of {held} bytes");
    assert_eq!(town.pages(50).0.len(), 2_500);
}

#[test]
fn a_checkpoint_comes_in_time_and_an_idle_bank_writes_none() {
    let mut town = Town::new();
    let at = |seconds: i64| Timestamp::from_ns(seconds * 1_000_000_000);
    assert_eq!(town.saver.patience(&town.books), None, "nothing is waited for");
    town.put("a", Some(b"1"));
    town.clock.set(at(59));
    town.put("b", Some(b"1"));
    assert!(!town.saver.is_saving());
    assert!(town.saver.patience(&town.books).is_some());
    // A clock that is set back does not delay it by more than the interval.
    town.clock.set(at(-3_600));
    town.saver.advance(&mut town.books).unwrap();
    town.clock.set(at(-3_600 + 60));
    town.saver.advance(&mut town.books).unwrap();
    assert!(town.saver.is_saving());
    // What comes in the meantime is as old as it is when the checkpoint is durable.
    town.put("c", Some(b"1"));
    town.clock.set(at(-3_600 + 120));
    town.store();
    assert_eq!(town.books.unstored_bytes(), 0);
    let syncs = town.store.syncs.load(Ordering::Relaxed);
    assert_eq!(town.saver.patience(&town.books), None);
    for day in 1..10 {
        town.clock.set(at(day * 86_400));
        town.saver.advance(&mut town.books).unwrap();
        assert!(!town.saver.is_saving(), "nothing happened");
    }
    assert_eq!(town.store.syncs.load(Ordering::Relaxed), syncs);
}

#[test]
fn a_page_reads_only_what_it_shows() {
    let mut town = Town::new();
    for number in 0..4_000 {
        town.put(&key(number * 2), Some(b"stored"));
    }
    town.saver.request(tokio::sync::oneshot::channel().0);
    town.saver.advance(&mut town.books).unwrap();
    town.store();
    let (stored, cost, pages) = town.pages(50);
    assert_eq!((stored.len(), pages), (4_000, 80));
    assert!(cost <= 2 * 51, "{cost} rows for a page of 50");
    // Half are between the stored ones, some replace them.
    for number in 0..4_000 {
        town.put(&key(number * 2 + 1), Some(b"new"));
        if number % 4 == 0 {
            town.put(&key(number * 2), Some(b"changed"));
        }
    }
    assert!(town.books.unstored_bytes() > 0);
    let (found, cost, _) = town.pages(50);
    assert!(cost <= 2 * 51, "{cost} rows for a page of 50");
    assert_eq!(found.len(), 8_000);
    assert_eq!(found.values().filter(|value| *value == b"changed").count(), 1_000);
}

#[test]
fn a_page_skips_a_bounded_number_of_deleted_records() {
    let mut town = Town::new();
    for number in 0..6_000 {
        town.put(&key(number), Some(b"1"));
    }
    town.saver.request(tokio::sync::oneshot::channel().0);
    town.saver.advance(&mut town.books).unwrap();
    town.store();
    for number in 0..5_990 {
        town.put(&key(number), None);
    }
    let (found, cost, pages) = town.pages(50);
    assert_eq!(found.len(), 10);
    assert!(cost <= 1_200, "{cost} rows for a page of 50");
    assert!((5..10).contains(&pages), "{pages} pages");
    // Once stored, the deletions cost nothing any more.
    town.saver.request(tokio::sync::oneshot::channel().0);
    town.saver.advance(&mut town.books).unwrap();
    town.store();
    assert_eq!(town.pages(50), (found, 10, 1));
}
