//! The machinery behind a bank, put together; what it runs on is the matter of `threads`, or of a simulation.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use actix::Addr;

use super::{Bank, DirectoryLock, Shared, Use, threads};
use crate::books::{self, Books, BooksHandle, BooksQueue, BooksStart, Habits, Saver, StoreWriter};
use crate::clock::Clock;
use crate::error::OpenError;
use crate::events::{Feed, Hub};
use crate::fuse::Fuse;
use crate::journal::disk::{Disk, RealDisk};
use crate::journal::{FileJournal, FileOptions, FoundJournal, Journal, JournalReader, MemoryJournal};
use crate::journal_writer::{JournalWriter, Listeners, ToJournal};
use crate::ledger::{BankCreated, Body, CommandId, ContentHash, DayClock, Links, Position, Record, Timestamp};
use crate::meters::Meters;
use crate::readers::Readers;
use crate::supervisor::{self, AttemptKind, Durable, Failed, Start, Supervisor};
use crate::verification::Verifier;

/// The bank's time zone when none is asked for.
const USUAL_TIME_ZONE: &str = "Asia/Seoul";
/// How many threads read files for who uses the bank.
pub(super) const READING_THREADS: usize = 2;
/// How many threads look up what commands in flight wait for.
const LOOK_UP_THREADS: usize = 2;

/// What a builder gathered.
#[derive(Clone)]
pub struct Config {
    pub(crate) time_zone: Option<String>,
    pub(crate) create: bool,
    pub(crate) read_only: bool,
    /// The number of threads that account actors run on.
    pub workers: usize,
    pub(crate) max_active_accounts: usize,
    pub(crate) max_in_flight: usize,
    pub(crate) max_open_holds: usize,
    /// The size of a new segment of the journal, in bytes.
    pub segment_bytes: u64,
    pub(crate) checkpoints: Habits,
    pub(crate) run_schedules: bool,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// How far past the trusted time the clock may read.
    pub clock_lead: Duration,
    pub(crate) verifier: Option<Arc<dyn Verifier>>,
    pub(crate) max_verifying: usize,
    #[cfg(any(test, feature = "testing"))]
    pub(crate) disk: Option<Arc<dyn crate::journal::disk::Disk>>,
}

impl Config {
    /// When to write checkpoints, and how much of them to keep.
    pub const fn habits(&self) -> Habits {
        Habits { keep_accounts: self.max_active_accounts, ..self.checkpoints }
    }
}

/// Everything that an engine is made of, before anything of it runs.
pub struct Parts {
    /// What the supervisor starts from; it has no places for accounts yet.
    pub begin: Start,
    /// What the handles of the bank share.
    pub shared: Shared,
    /// The journal.
    pub journal: Box<dyn Journal>,
    /// The batches to write.
    pub journal_queue: Receiver<ToJournal>,
    /// The books as of the opening.
    pub state: Books,
    /// Writes checkpoints of the books.
    pub saver: Saver,
    /// Writes chunks of a checkpoint, where one is kept.
    pub store_writer: Option<StoreWriter>,
    /// The requests to the books.
    pub books_queue: BooksQueue,
}

/// A journal and what it adds up to, opened together.
pub struct Stored {
    /// The journal.
    pub journal: Box<dyn Journal>,
    pub last_recorded_at: Timestamp,
    pub start: BooksStart,
}

/// Opens a bank in `directory`, or in memory, and starts its engine.
pub(super) fn open(config: Config, directory: Option<&Path>) -> Result<Bank, OpenError> {
    let meters = Arc::new(Meters::default());
    let (stored, lock) = match directory {
        Some(directory) => {
            let mut lock = take_lock(&config, directory)?;
            let stored = open_directory(&config, directory, &meters)?;
            lock.include_journal()?;
            (stored, Some(lock))
        }
        None => {
            let mut journal = Box::new(MemoryJournal::new());
            let last_recorded_at = make_bank(&config, journal.as_mut())?;
            let start = books::open(None, &*journal.reader(), &config.habits(), &mut || Ok(()))?;
            (Stored { journal, last_recorded_at, start }, None)
        }
    };
    let reading = Reading {
        look_ups: Readers::start("jangbu-look-up", LOOK_UP_THREADS).map_err(cannot_start)?,
        readers: Readers::start("jangbu-read", READING_THREADS).map_err(cannot_start)?,
    };
    let parts = assemble(&config, meters, stored, BooksHandle::new(), reading)?;
    threads::start(parts, &config, lock)
}

fn take_lock(config: &Config, directory: &Path) -> Result<DirectoryLock, OpenError> {
    let usage = if config.read_only { Use::Read } else { Use::Write };
    match config.create && !config.read_only {
        true => DirectoryLock::make(directory),
        false if !directory.exists() => Err(OpenError::NoBank(directory.to_path_buf())),
        false => DirectoryLock::take(directory, usage),
    }
}

/// Opens what is in the bank's directory, or makes a bank there.
fn open_directory(config: &Config, directory: &Path, meters: &Meters) -> Result<Stored, OpenError> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    #[cfg(any(test, feature = "testing"))]
    let disk = config.disk.clone().unwrap_or(disk);
    let options = FileOptions { segment_bytes: config.segment_bytes, ..FileOptions::default() };
    let habits = config.habits();
    let open_books = |reader: &dyn JournalReader, settle: books::Settle<'_>| match config.read_only {
        true => books::open_copy(directory, reader, &habits),
        false => books::open(Some(directory), reader, &habits, settle),
    };
    open_stored(config, (disk, &directory.join("journal"), options), meters, || may_make(config, directory), open_books)
}

/// Whether a bank may be made in `directory`, where there is no journal.
fn may_make(config: &Config, directory: &Path) -> Result<(), OpenError> {
    let left =
        ["state", "state.aside", "state.distrusted", "keys"].into_iter().find(|name| directory.join(name).exists());
    match left {
        Some(beside) => Err(OpenError::JournalMissing { directory: directory.to_path_buf(), beside }),
        None if config.create && !config.read_only => Ok(()),
        None => Err(OpenError::NoBank(directory.to_path_buf())),
    }
}

/// Opens the journal in the directory and the books over it, or makes a bank where `may_make` allows that.
///
/// Nothing in the journal is changed before it is judged and the stored state agrees with it. Then it is settled, before the
/// books go on to its end: they may store what they find on the way.
pub fn open_stored(
    config: &Config,
    (disk, dir, options): (Arc<dyn Disk>, &Path, FileOptions),
    meters: &Meters,
    may_make: impl FnOnce() -> Result<(), OpenError>,
    open_books: impl FnOnce(&dyn JournalReader, books::Settle<'_>) -> Result<BooksStart, OpenError>,
) -> Result<Stored, OpenError> {
    let found = FoundJournal::examine(Arc::clone(&disk), dir)?;
    if let Some(found) = found.as_ref().filter(|found| found.end() != Position::START) {
        check_time_zone(config, &*found.reader())?;
    } else {
        may_make()?;
    }
    let mut journal = match found {
        Some(found) if found.end() != Position::START => {
            let reader = found.reader();
            let last_recorded_at = books::last_recorded_at(&*reader)?;
            if config.read_only {
                let start = open_books(&*reader, &mut || Ok(()))?;
                return Ok(Stored { journal: Box::new(found.read_only()), last_recorded_at, start });
            }
            let (mut found, mut settled) = (Some(found), None);
            let mut settle = || -> Result<(), OpenError> {
                if let Some(found) = found.take() {
                    settled = Some(found.settle(options.clone())?);
                }
                Ok(())
            };
            let start = open_books(&*reader, &mut settle)?;
            settle()?;
            let journal = settled.ok_or_else(|| OpenError::Replay("the journal was not settled".into()))?;
            meters.follow_journal(journal.commits());
            return Ok(Stored { journal: Box::new(journal), last_recorded_at, start });
        }
        Some(begun) => begun.settle(options)?,
        None => FileJournal::begin(disk, dir, options)?,
    };
    meters.follow_journal(journal.commits());
    let last_recorded_at = make_bank(config, &mut journal)?;
    let start = open_books(&*journal.reader(), &mut || Ok(()))?;
    Ok(Stored { journal: Box::new(journal), last_recorded_at, start })
}

/// The threads that read files.
pub struct Reading {
    /// For what commands in flight wait for: short look-ups.
    pub look_ups: Readers,
    /// For what users read, which can take long.
    pub readers: Readers,
}

/// Puts together the parts of an engine, whatever they will run on.
pub fn assemble(
    config: &Config,
    meters: Arc<Meters>,
    Stored { journal, last_recorded_at, start }: Stored,
    (books, books_queue): (BooksHandle, BooksQueue),
    Reading { look_ups, readers }: Reading,
) -> Result<Parts, OpenError> {
    let reader = journal.reader();
    let habits = config.habits();
    let store = Arc::downgrade(&start.store);
    let (saver, store_writer) = Saver::new(
        start.store,
        books.clone(),
        (habits, Arc::clone(&config.clock)),
        start.stored,
        Arc::clone(&meters),
        start.distrust,
    );
    let mut state = start.books;
    if config.read_only {
        state.let_expire(config.clock.now())?;
    }
    let facts = state.facts()?;
    let fuse = Arc::new(Fuse::default());
    let shared = Shared {
        hub: start_hub(&reader, &books, &readers, &fuse),
        books,
        readers,
        reader,
        store,
        admitted: Arc::new(AtomicUsize::new(0)),
        max_in_flight: config.max_in_flight,
        read_only: config.read_only,
        fuse,
        meters,
        clock: Arc::clone(&config.clock),
    };
    let (to_journal, journal_queue) = channel();
    let reader = &*shared.reader;
    let unsealed_ids = reader.unsealed_ids()?;
    let begun = supervisor::begun(facts.bank, &facts.schedules, last_recorded_at, &unsealed_ids.own, reader)?;
    let begin = Start {
        max_active_accounts: config.max_active_accounts,
        clock: Arc::clone(&shared.clock),
        clock_lead: config.clock_lead,
        fuse: Arc::clone(&shared.fuse),
        meters: Arc::clone(&shared.meters),
        books: shared.books.clone(),
        look_ups,
        readers: shared.readers.clone(),
        reader: Arc::clone(&shared.reader),
        admitted: Arc::clone(&shared.admitted),
        places: Vec::new(),
        journal: to_journal,
        last_recorded_at,
        facts,
        unsealed_ids,
        max_open_holds: config.max_open_holds,
        read_only: config.read_only,
        run_schedules: config.run_schedules,
        begun,
        attempts: if config.verifier.is_some() { AttemptKind::Hold } else { AttemptKind::Transfer },
    };
    Ok(Parts { begin, shared, journal, journal_queue, state, saver, store_writer, books_queue })
}

/// The journal's writing end, which tells the books and the supervisor what it did.
pub fn journal_writer(journal: Box<dyn Journal>, shared: &Shared, supervisor: &Addr<Supervisor>) -> JournalWriter {
    let (durable, failed, hub) = (supervisor.clone(), supervisor.clone(), Arc::clone(&shared.hub));
    let listeners = Listeners {
        books: shared.books.clone(),
        durable: Box::new(move |through| {
            // Before anybody is answered: who was answered finds it among the events.
            hub.durable(through);
            durable.do_send(Durable(through));
        }),
        failed: Box::new(move |reason| failed.do_send(Failed(reason))),
    };
    JournalWriter::new(journal, listeners, Arc::clone(&shared.fuse), Arc::clone(&shared.meters))
}

/// Whatever stops the bank, the supervisor hears of it, and leaves unanswered who waits for an answer.
pub fn stop_supervisor_with(fuse: &Fuse, supervisor: &Addr<Supervisor>) {
    let supervisor = supervisor.clone();
    fuse.on_blow(move |error| supervisor.do_send(Failed(error.to_string())));
}

/// Writes the first record of a new journal. Returns when it was recorded.
fn make_bank(config: &Config, journal: &mut dyn Journal) -> Result<Timestamp, OpenError> {
    let time_zone = config.time_zone.clone().unwrap_or_else(|| USUAL_TIME_ZONE.to_owned());
    let mut day = DayClock::new(&time_zone)?;
    let now = config.clock.now();
    let id = CommandId::random();
    let record = Record {
        position: Position::START.next(),
        recorded_at: now,
        decided_at: now,
        date: day.date_of(now),
        id,
        content: ContentHash::of(&[]),
        body: Body::BankCreated(Box::new(BankCreated { bank: id.as_u128(), time_zone })),
        links: Links::new(),
    };
    let (done, result) = channel();
    journal.append(record.position, vec![record], Box::new(move |appended| drop(done.send(appended.map(drop)))));
    result.recv().map_err(|_| OpenError::Engine("the journal did not answer".into()))??;
    Ok(now)
}

/// The time zone of the bank in `directory`, by the first record of its journal.
pub(super) fn time_zone_of(directory: &Path) -> Result<Option<String>, OpenError> {
    let found = FoundJournal::examine(Arc::new(RealDisk), &directory.join("journal"))?;
    let Some(found) = found else { return Ok(None) };
    Ok(books::made(&*found.reader())?.map(|made| made.time_zone))
}

fn check_time_zone(config: &Config, reader: &dyn JournalReader) -> Result<(), OpenError> {
    let (Some(wanted), Some(made)) = (&config.time_zone, books::made(reader)?) else { return Ok(()) };
    if *wanted == made.time_zone {
        return Ok(());
    }
    Err(OpenError::TimeZoneFixed { made: made.time_zone, wanted: wanted.clone() })
}

/// Whoever follows the bank hears when it stops.
fn start_hub(reader: &Arc<dyn JournalReader>, books: &BooksHandle, readers: &Readers, fuse: &Arc<Fuse>) -> Arc<Hub> {
    let feed =
        Feed { reader: Arc::clone(reader), books: books.clone(), readers: readers.clone(), fuse: Arc::clone(fuse) };
    let hub = Hub::new(feed);
    let told = Arc::downgrade(&hub);
    fuse.on_blow(move |error| {
        if let Some(hub) = told.upgrade() {
            hub.fail(error);
        }
    });
    hub
}

pub(super) fn cannot_start(error: std::io::Error) -> OpenError {
    OpenError::Engine(error.to_string())
}
