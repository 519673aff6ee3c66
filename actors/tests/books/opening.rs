//! If the operating system refuses something while books are opened, the error is reported and nothing changes; a
//! damaged state is set aside.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use parking_lot::Mutex;

use jangbu_actors::check::{self, CheckError};
use jangbu_actors::journal::disk::{Fault, FaultDisk};
use jangbu_actors::journal::{FileJournal, FileOptions, Journal, JournalError, Sequence};
use jangbu_actors::ledger::{
    BankCreated, Body, BusinessDate, CommandId, ContentHash, Links, Position, Record, RecordPut, Timestamp,
};
use jangbu_books::books::Habits;
use jangbu_books::books::ReplayLimits;
use jangbu_books::books::open_on;
use jangbu_books::books::{Change, MemoryStore, Pair, Shelf, Store, StoreError};
use jangbu_runtime::OpenError;

const RECORDS: u64 = 40;

/// A store whose calls are counted, and one of which fails.
#[derive(Clone, Default)]
struct Failing {
    pairs: Arc<Mutex<Arc<MemoryStore>>>,
    calls: Arc<AtomicU32>,
    fails: Option<(u32, bool)>,
    set_aside: Arc<AtomicU32>,
}

impl Failing {
    fn call(&self) -> Result<Arc<MemoryStore>, StoreError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        match self.fails {
            Some((at, true)) if at == call => Err(StoreError::Environment("too many open files".into())),
            Some((at, false)) if at == call => Err(StoreError::Damaged("a checksum does not hold".into())),
            _ => Ok(Arc::clone(&self.pairs.lock())),
        }
    }

    /// The same store with a failing call, permanently or because of what is stored.
    fn failing(&self, at: u32, is_environment: bool) -> Failing {
        Failing { pairs: Arc::clone(&self.pairs), fails: Some((at, is_environment)), ..Failing::default() }
    }

    fn stored(&self) -> Vec<Pair> {
        self.pairs.lock().scan(&[], &[], usize::MAX).unwrap()
    }
}

impl Store for Failing {
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.call()?.scan(prefix, from, limit)
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.call()?.write(changes)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.call()?.sync()
    }

    fn is_kept(&self) -> bool {
        true
    }

    fn bytes_on_disk(&self) -> u64 {
        0
    }
}

impl Shelf for Failing {
    fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        self.call()?;
        Ok(Arc::new(self.clone()))
    }

    fn set_aside(&self, _: &str) -> Result<(), OpenError> {
        self.set_aside.fetch_add(1, Ordering::Relaxed);
        *self.pairs.lock() = Arc::default();
        Ok(())
    }
}

fn record(position: u64, body: Body) -> Record {
    let at = Timestamp::from_ns(i64::try_from(position).unwrap());
    Record {
        position: Position::new(position),
        recorded_at: at,
        decided_at: at,
        date: BusinessDate::default(),
        id: CommandId::derived(&position.to_le_bytes()),
        content: ContentHash::of(&[]),
        body,
        links: Links::new(),
    }
}

/// A journal of some records, and a state with half of them.
fn made() -> (FaultDisk, FileJournal, Failing) {
    made_in("Asia/Seoul", RECORDS)
}

fn made_in(time_zone: &str, records: u64) -> (FaultDisk, FileJournal, Failing) {
    let disk = FaultDisk::new();
    disk.put_file(Path::new("/bank/jangbu.toml"), Vec::new());
    let options = FileOptions { segment_bytes: 16 * 1024, in_background: false };
    let mut journal = FileJournal::open(Arc::new(disk.clone()), Path::new("/bank/journal"), options).unwrap();
    let store = Failing::default();
    for position in 1..=records {
        let put = |key: u64| RecordPut {
            kind: "note".into(),
            key: key.to_string(),
            value: Some(vec![7; 90]),
            expected: None,
        };
        let body = match position {
            1 => Body::BankCreated(Box::new(BankCreated { bank: 5, time_zone: time_zone.into() })),
            _ => Body::RecordsPut(vec![put(position)]),
        };
        let record = record(position, body);
        journal.append(record.position, vec![record], Box::new(|done| drop(done.unwrap())));
        if position == RECORDS / 2 {
            let mut start = open_on(&store, None, &*journal.reader(), &Habits::default(), &mut || Ok(())).unwrap();
            ReplayLimits::default().store(&mut start.books, true).unwrap();
        }
    }
    (disk, journal, store)
}

#[test]
fn a_refused_state_is_left_alone_and_a_damaged_one_is_set_aside() {
    let (_, journal, store) = made();
    let before = store.stored();
    assert!(!before.is_empty());
    let mut calls = 0;
    for at in 0.. {
        let failing = store.failing(at, true);
        let opened = open_on(&failing, None, &*journal.reader(), &Habits::default(), &mut || Ok(()));
        if failing.calls.load(Ordering::Relaxed) <= at {
            opened.unwrap();
            break;
        }
        calls += 1;
        let error = opened.err().unwrap();
        assert!(matches!(&error, OpenError::State(why) if why == "too many open files"), "call {at}: {error}");
        assert_eq!(failing.set_aside.load(Ordering::Relaxed), 0, "call {at}");
        assert_eq!(store.stored(), before, "call {at}");
    }
    assert!(calls > 5, "only {calls}");
    for at in 0..calls {
        let (_, _, store) = made();
        let failing = store.failing(at, false);
        let start = open_on(&failing, None, &*journal.reader(), &Habits::default(), &mut || Ok(()));
        let start = start.unwrap_or_else(|error| panic!("call {at}: {error}"));
        assert_eq!((start.books.applied.get(), start.stored), (RECORDS, Position::START), "call {at}");
        assert_eq!(failing.set_aside.load(Ordering::Relaxed), 1, "call {at}");
    }
}

/// The data is intact; only this program does not know the time zone.
#[test]
fn an_unknown_time_zone_leaves_everything_unchanged() {
    let (disk, journal, _) = made_in("Mars/Olympus", RECORDS / 4);
    let (_, _, store) = made();
    let before = store.stored();
    for _ in 0..2 {
        let opened = open_on(&store, None, &*journal.reader(), &Habits::default(), &mut || panic!("settled"));
        assert!(matches!(opened.err().unwrap(), OpenError::TimeZoneUnknown(zone) if zone == "Mars/Olympus"));
        assert_eq!(store.set_aside.load(Ordering::Relaxed), 0);
        assert_eq!(store.stored(), before);
    }
    let sequence = Sequence::of(&disk, Path::new("/bank/journal")).unwrap();
    let checked = check::audit(&disk, &sequence, Path::new("/nowhere"), check::Options::default());
    assert!(matches!(checked, Err(CheckError::TimeZone(_))), "{checked:?}");
}

/// An unreadable journal is not the fault of the state.
#[test]
fn an_unreadable_journal_leaves_the_state_unchanged() {
    let (disk, journal, store) = made();
    let (reader, before) = (journal.reader(), store.stored());
    let mut refused = 0;
    for operation in 0.. {
        disk.fail_once(disk.operations() + operation, Fault::Io);
        let opened = open_on(&store, None, &*reader, &Habits::default(), &mut || Ok(()));
        let came = disk.has_failed();
        disk.heal();
        if let Err(error) = &opened {
            refused += 1;
            assert!(matches!(error, OpenError::Journal(JournalError::Io { .. })), "operation {operation}: {error}");
        }
        assert_eq!(store.set_aside.load(Ordering::Relaxed), 0, "operation {operation}");
        assert_eq!(store.stored(), before, "operation {operation}");
        if !came {
            opened.unwrap();
            break;
        }
    }
    assert!(refused > 3, "only {refused}");
}
