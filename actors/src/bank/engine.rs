//! The machinery behind a bank: its threads, how they start and how they end.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use actix::{Actor, Addr};
use tokio::sync::oneshot;

use super::{Bank, Inner};
use crate::books::{self, BooksHandle, Habits, Saver};
use crate::clock::Clock;
use crate::error::{BankError, OpenError};
use crate::events::{Feed, Hub};
use crate::fuse::Fuse;
use crate::journal::disk::{Disk, RealDisk};
use crate::journal::{FileJournal, FileOptions, Journal, JournalReader, MemoryJournal};
use crate::journal_writer::{self, Listeners, ToJournal};
use crate::ledger::{BankCreated, Body, CommandId, ContentHash, DayClock, Links, Position, Record, Timestamp};
use crate::meters::Meters;
use crate::readers::Readers;
use crate::supervisor::{self, Drain, Durable, Failed, Start, Supervisor, Verified, VerifyWith};
use crate::verification::{Driver, Verifier};

/// The bank's time zone when none is asked for.
const USUAL_TIME_ZONE: &str = "Asia/Seoul";
/// How many threads read files.
const READING_THREADS: usize = 2;

/// What a builder gathered.
#[derive(Clone)]
pub(super) struct Config {
    pub(super) time_zone: Option<String>,
    pub(super) workers: usize,
    pub(super) max_active_accounts: usize,
    pub(super) max_in_flight: usize,
    pub(super) max_open_holds: usize,
    pub(super) segment_bytes: u64,
    pub(super) checkpoint_records: u64,
    pub(super) run_schedules: bool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) verifier: Option<Arc<dyn Verifier>>,
    pub(super) max_verifying: usize,
    #[cfg(any(test, feature = "testing"))]
    pub(super) disk: Option<Arc<dyn crate::journal::disk::Disk>>,
}

/// A running engine. It ends by [`Engine::shut_down`] only.
pub(super) struct Engine {
    supervisor: Addr<Supervisor>,
    system: actix::System,
    journal: Sender<ToJournal>,
    books: BooksHandle,
    hub: Arc<Hub>,
    fuse: Arc<Fuse>,
    threads: Vec<JoinHandle<()>>,
    /// Held until everything is written: it keeps other processes out of the directory.
    lock: Option<File>,
}

/// Opens a bank in `directory`, or in memory, and starts its engine.
pub(super) fn open(config: Config, directory: Option<&Path>) -> Result<Bank, OpenError> {
    let lock = directory.map(lock_directory).transpose()?;
    let (fuse, meters) = (Arc::new(Fuse::default()), Arc::new(Meters::default()));
    let mut journal = open_journal(&config, directory, &meters)?;
    let last_recorded_at = make_bank(&config, journal.as_mut())?;
    let reader = journal.reader();
    let start = books::open(directory, &*reader)?;
    let (books, queue) = BooksHandle::new();
    let habits = Habits { every_records: config.checkpoint_records, keep_accounts: config.max_active_accounts };
    let store = Arc::clone(&start.store);
    let (saver, saving) = Saver::start(store, books.clone(), habits, start.stored, Arc::clone(&meters), start.distrust)
        .map_err(cannot_start)?;
    let mut state = start.books;
    let facts = state.facts().map_err(|error| OpenError::Replay(error.to_string()))?;
    check_time_zone(&config, &*reader)?;
    let readers = Readers::start(READING_THREADS).map_err(cannot_start)?;
    let admitted = Arc::new(AtomicUsize::new(0));
    let hub = start_hub(&reader, &books, &readers, &fuse);
    let (to_journal, journal_queue) = channel();
    let unsealed_ids = reader.unsealed_ids()?;
    let begun = supervisor::begun(facts.bank, &facts.schedules, last_recorded_at, &unsealed_ids.own, &*reader)?;
    let begin = Start {
        max_active_accounts: config.max_active_accounts,
        clock: Arc::clone(&config.clock),
        fuse: Arc::clone(&fuse),
        meters: Arc::clone(&meters),
        books: books.clone(),
        readers: readers.clone(),
        reader: Arc::clone(&reader),
        admitted: Arc::clone(&admitted),
        arbiters: Vec::new(),
        journal: to_journal.clone(),
        last_recorded_at,
        facts,
        unsealed_ids,
        max_open_holds: config.max_open_holds,
        run_schedules: config.run_schedules,
        begun,
    };
    let (supervisor, system, actors) = start_actors(begin, config.workers)?;
    let mut threads = vec![actors];
    threads.push(start_books(state, saver, queue, &fuse, &supervisor)?);
    // After the books' thread, whose end ends it.
    threads.extend(saving);
    threads.push(start_journal(journal, journal_queue, &books, &hub, &fuse, &meters, &supervisor)?);
    threads.extend(start_verification(&config, &reader, &supervisor)?);
    let engine = Engine {
        supervisor: supervisor.clone(),
        system,
        journal: to_journal,
        books: books.clone(),
        hub: Arc::clone(&hub),
        fuse: Arc::clone(&fuse),
        threads,
        lock,
    };
    Ok(Bank {
        inner: Arc::new(Inner {
            supervisor,
            books,
            readers,
            reader,
            store: Arc::downgrade(&start.store),
            hub,
            admitted,
            max_in_flight: config.max_in_flight,
            fuse,
            meters,
            clock: config.clock,
            engine: parking_lot::Mutex::new(Some(engine)),
            closed: std::sync::atomic::AtomicBool::new(false),
        }),
    })
}

/// Makes the directory and keeps others out of it.
fn lock_directory(directory: &Path) -> Result<File, OpenError> {
    let failed = |operation, path: &Path| {
        let path = path.to_path_buf();
        move |source| OpenError::Directory { operation, path, source }
    };
    std::fs::create_dir_all(directory).map_err(failed("make", directory))?;
    let path: PathBuf = directory.join("LOCK");
    let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let lock = opened.map_err(failed("open", &path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(directory.to_path_buf())),
        Err(TryLockError::Error(source)) => Err(failed("lock", &path)(source)),
    }
}

fn open_journal(config: &Config, directory: Option<&Path>, meters: &Meters) -> Result<Box<dyn Journal>, OpenError> {
    let Some(directory) = directory else { return Ok(Box::new(MemoryJournal::new())) };
    let options = FileOptions { segment_bytes: config.segment_bytes, ..FileOptions::default() };
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    #[cfg(any(test, feature = "testing"))]
    let disk = config.disk.clone().unwrap_or(disk);
    let journal = FileJournal::open(disk, &directory.join("journal"), options)?;
    meters.follow_journal(journal.commits());
    Ok(Box::new(journal))
}

/// Writes the first record of a new journal. Returns when the last record was recorded.
fn make_bank(config: &Config, journal: &mut dyn Journal) -> Result<Timestamp, OpenError> {
    let reader = journal.reader();
    if reader.end() != Position::START {
        return Ok(reader.read(reader.end())?.recorded_at);
    }
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

fn check_time_zone(config: &Config, reader: &dyn JournalReader) -> Result<(), OpenError> {
    let (Some(wanted), Body::BankCreated(made)) = (&config.time_zone, reader.read(Position::new(1))?.body) else {
        return Ok(());
    };
    if *wanted == made.time_zone {
        return Ok(());
    }
    Err(OpenError::TimeZoneFixed { made: made.time_zone, wanted: wanted.clone() })
}

type Actors = (Addr<Supervisor>, actix::System, JoinHandle<()>);

/// Starts the thread of the supervisor, and those of further workers.
fn start_actors(mut begin: Start, workers: usize) -> Result<Actors, OpenError> {
    let (started, starts) = channel();
    let run = move || {
        let runner = actix::System::new();
        let supervisor = runner.block_on(async move {
            let arbiters: Vec<actix::Arbiter> = match workers {
                0 | 1 => Vec::new(),
                _ => (0..workers).map(|_| actix::Arbiter::new()).collect(),
            };
            begin.arbiters = arbiters.iter().map(actix::Arbiter::handle).collect();
            Supervisor::create(|context| Supervisor::new(begin, context))
        });
        if started.send((supervisor, actix::System::current())).is_ok() {
            // Runs until the system is stopped.
            let _ = runner.run();
        }
    };
    let thread = std::thread::Builder::new().name("jangbu-actors".into()).spawn(run).map_err(cannot_start)?;
    let (supervisor, system) =
        starts.recv().map_err(|_| OpenError::Engine("the actors' thread ended while it started".into()))?;
    Ok((supervisor, system, thread))
}

fn start_books(
    state: books::Books,
    saver: Saver,
    queue: books::BooksQueue,
    fuse: &Arc<Fuse>,
    supervisor: &Addr<Supervisor>,
) -> Result<JoinHandle<()>, OpenError> {
    let (fuse, supervisor) = (Arc::clone(fuse), supervisor.clone());
    let run = move || books::run(state, saver, &queue, &fuse, |reason| supervisor.do_send(Failed(reason)));
    std::thread::Builder::new().name("jangbu-books".into()).spawn(run).map_err(cannot_start)
}

fn start_journal(
    journal: Box<dyn Journal>,
    queue: Receiver<ToJournal>,
    books: &BooksHandle,
    hub: &Arc<Hub>,
    fuse: &Arc<Fuse>,
    meters: &Arc<Meters>,
    supervisor: &Addr<Supervisor>,
) -> Result<JoinHandle<()>, OpenError> {
    let (durable, failed, hub) = (supervisor.clone(), supervisor.clone(), Arc::clone(hub));
    let listeners = Listeners {
        books: books.clone(),
        durable: Box::new(move |through| {
            durable.do_send(Durable(through));
            hub.durable(through);
        }),
        failed: Box::new(move |reason| failed.do_send(Failed(reason))),
    };
    let (fuse, meters) = (Arc::clone(fuse), Arc::clone(meters));
    let run = move || journal_writer::run(journal, &queue, listeners, &fuse, &meters);
    std::thread::Builder::new().name("jangbu-journal".into()).spawn(run).map_err(cannot_start)
}

/// Whoever follows the bank hears when it stops.
fn start_hub(reader: &Arc<dyn JournalReader>, books: &BooksHandle, readers: &Readers, fuse: &Fuse) -> Arc<Hub> {
    let hub = Hub::new(Feed { reader: Arc::clone(reader), books: books.clone(), readers: readers.clone() });
    let told = Arc::downgrade(&hub);
    fuse.on_blow(move |error| {
        if let Some(hub) = told.upgrade() {
            hub.fail(error);
        }
    });
    hub
}

/// Starts the thread of verifications, when the bank has a verifier.
fn start_verification(
    config: &Config,
    reader: &Arc<dyn JournalReader>,
    supervisor: &Addr<Supervisor>,
) -> Result<Option<JoinHandle<()>>, OpenError> {
    let Some(verifier) = &config.verifier else { return Ok(None) };
    let (ready, failed) = (supervisor.clone(), supervisor.clone());
    let started = Driver::start(
        Arc::clone(verifier),
        Arc::clone(reader),
        config.max_verifying,
        move |verdict| ready.do_send(Verified(verdict)),
        move |reason| failed.do_send(Failed(reason)),
    );
    let (driver, thread) = started.map_err(cannot_start)?;
    supervisor.do_send(VerifyWith(driver));
    Ok(Some(thread))
}

fn cannot_start(error: std::io::Error) -> OpenError {
    OpenError::Engine(error.to_string())
}

impl Engine {
    /// Waits until nothing is in flight, closes the journal, and with `checkpoint` stores the state; then ends every
    /// thread and lets others into the directory.
    ///
    /// Whatever was acknowledged is durable before any of this.
    pub(super) fn shut_down(self, checkpoint: bool) -> Result<(), BankError> {
        let (drained, waiting) = oneshot::channel();
        self.supervisor.do_send(Drain(drained));
        // An error means that the bank stopped, and then there is nothing to wait for.
        let _ = waiting.blocking_recv();
        let (closed, closing) = channel();
        let _ = self.journal.send(ToJournal::Close(closed));
        let result = match closing.recv() {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(BankError::Failed(error.to_string())),
            Err(_) => Err(BankError::Failed("the journal's thread has ended".into())),
        };
        // Before the books end: who follows gets what is durable, as far as it has kept up.
        self.hub.close();
        if checkpoint && result.is_ok() {
            // The state can be rebuilt: without a checkpoint the next open takes longer, and that is all.
            let _ = self.books.checkpoint().recv();
        }
        self.books.stop();
        self.system.stop();
        for thread in self.threads {
            let _ = thread.join();
        }
        drop(self.lock);
        match self.fuse.error() {
            Some(error) => Err(error),
            None => result,
        }
    }
}
