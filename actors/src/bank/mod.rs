//! The handle of a bank: everything that a program can do with one.

mod admission;
mod builder;
mod clock;
mod closing;
mod copying;
mod ending;
mod engine;
mod events;
mod holds;
#[cfg(test)]
mod look_up_tests;
mod past;
mod previewing;
mod reading;
mod schedules;
mod threads;
mod watching;
mod writing;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use actix::Addr;

pub use builder::Builder;
pub use ending::Ending;
pub use engine::{Config, Parts, Reading, assemble, journal_writer, open_stored, stop_supervisor_with};
use jangbu_runtime::{DirectoryLock, Use};

use crate::books::{BooksHandle, Store};
use crate::events::Hub;
use crate::journal::JournalReader;
use crate::ledger::Position;
use crate::supervisor::Supervisor;
#[cfg(any(test, feature = "testing"))]
pub use closing::CloseRequests;
pub use closing::Closed;
use closing::Closing;
use jangbu_runtime::Fuse;
use jangbu_runtime::Meters;
use jangbu_runtime::Readers;
use jangbu_runtime::Stats;
use jangbu_runtime::clock::Clock;
use jangbu_runtime::{BankError, OpenError};
use threads::Threads;

/// How long dropping the last handle waits for the engine to end. After that, the engine ends in the background.
const DROP_PATIENCE: Duration = Duration::from_secs(2);

/// A handle of an open bank. Clones are handles of the same bank and work from any thread and any async runtime.
///
/// The engine runs on its own threads and ends after the last handle is dropped. [`Bank::close`] waits for that and
/// stores the state, so that the next open is quick. Whatever was acknowledged is durable either way.
///
/// # Dropped futures
///
/// A call does nothing before its future is first polled. After that, the engine owns it: dropping the future, for
/// example on a timeout, only stops the wait, and a command is carried out regardless. To learn its outcome, repeat the
/// call with the same id.
#[derive(Clone)]
pub struct Bank {
    inner: Arc<Inner>,
}

struct Inner {
    supervisor: Addr<Supervisor>,
    books: BooksHandle,
    readers: Readers,
    reader: Arc<dyn JournalReader>,
    store: Weak<dyn Store>,
    hub: Arc<Hub>,
    admitted: Arc<AtomicUsize>,
    max_in_flight: usize,
    read_only: bool,
    fuse: Arc<Fuse>,
    meters: Arc<Meters>,
    clock: Arc<dyn Clock>,
    /// Set before the engine ends. A caller that counts a command after that takes it back.
    closed: AtomicBool,
    closing: Arc<Closing>,
}

/// What a handle shares with the engine.
pub struct Shared {
    pub(crate) books: BooksHandle,
    pub(crate) readers: Readers,
    pub(crate) reader: Arc<dyn JournalReader>,
    /// The store, which only the engine keeps alive: it can be opened again once the engine has ended.
    pub(crate) store: Weak<dyn Store>,
    pub(crate) admitted: Arc<AtomicUsize>,
    pub(crate) max_in_flight: usize,
    /// Whether writing is forbidden.
    pub(crate) read_only: bool,
    pub hub: Arc<Hub>,
    pub fuse: Arc<Fuse>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What the engine runs on.
pub enum Engine {
    /// Its own threads.
    Threads(Threads),
    /// A simulation.
    #[cfg(any(test, feature = "testing"))]
    Simulated(CloseRequests),
}

impl Bank {
    /// Creates the first handle of an engine.
    pub fn new(shared: Shared, supervisor: Addr<Supervisor>, engine: Engine) -> Bank {
        let Shared { books, readers, reader, store, hub, admitted, max_in_flight, read_only, fuse, meters, clock } =
            shared;
        let (closing, closed) = (Closing::new(engine), AtomicBool::new(false));
        let inner = Inner {
            supervisor,
            books,
            readers,
            reader,
            store,
            hub,
            admitted,
            max_in_flight,
            read_only,
            fuse,
            meters,
            clock,
            closed,
            closing,
        };
        Bank { inner: Arc::new(inner) }
    }

    /// Opens the bank in the directory `path`, or creates one there.
    ///
    /// Blocks until the state has caught up with the end of the journal, which is quick after a clean close.
    ///
    /// # Errors
    /// Every variant of [`OpenError`]: for example, the directory is in use or not writable, or the journal is damaged
    /// or newer than this program.
    pub fn open(path: impl AsRef<Path>) -> Result<Bank, OpenError> {
        Bank::builder().open(path)
    }

    /// Creates a bank in memory with the same rules, for tests and experiments.
    ///
    /// # Errors
    /// [`OpenError::Engine`] if its threads cannot be started.
    pub fn in_memory() -> Result<Bank, OpenError> {
        Bank::builder().in_memory()
    }

    /// Returns the time zone of the bank in the directory `path`, or `None` if there is no bank. Takes no lock and
    /// changes nothing, so it works while another process has the bank open.
    ///
    /// ```
    /// # use jangbu_actors::Bank;
    /// # let data = tempfile::tempdir()?;
    /// assert_eq!(Bank::time_zone_of(data.path())?, None);
    /// let bank = Bank::builder().time_zone("Europe/Berlin").open(data.path())?;
    /// assert_eq!(Bank::time_zone_of(data.path())?, Some("Europe/Berlin".into()));
    /// # drop(bank);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`OpenError::Journal`] when the journal cannot be read.
    pub fn time_zone_of(path: impl AsRef<Path>) -> Result<Option<String>, OpenError> {
        engine::time_zone_of(path.as_ref())
    }

    /// Starts setting up a bank with other settings than the defaults.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Returns what the engine is doing and has done since it was opened.
    pub fn stats(&self) -> Stats {
        let inner = &self.inner;
        Stats {
            in_flight: inner.admitted.load(Ordering::Relaxed) as u64,
            durable: inner.reader.end(),
            segments: inner.reader.segments(),
            journal_bytes: inner.reader.bytes_on_disk(),
            state_bytes: inner.store.upgrade().map_or(0, |store| store.bytes_on_disk()),
            ..inner.meters.stats()
        }
    }

    /// Stores the state, so that the next open has little to replay. Returns the position up to which it is complete.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let stored = bank.checkpoint().await?;
    /// assert_eq!(stored, bank.stats().durable);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`BankError::Closed`] and [`BankError::Failed`].
    pub async fn checkpoint(&self) -> Result<Position, BankError> {
        self.inner.check_open()?;
        self.inner.books.checkpoint().await.map_err(|_| self.inner.ended())
    }

    /// Closes the bank: accepts no more commands, finishes those that were admitted, closes the journal and stores the
    /// state.
    ///
    /// Other handles get [`BankError::Closed`] from now on; calls that were admitted before get their answers. Closing
    /// a bank that is closing or closed is allowed: every call returns once the bank is closed, with the same result.
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`BankError::Failed`] if the bank had stopped, or if closing could not be recorded. What was acknowledged is
    /// durable.
    pub async fn close(self) -> Result<(), BankError> {
        let (done, result) = tokio::sync::oneshot::channel();
        self.inner.begin_closing(!self.inner.read_only, move |closed| drop(done.send(closed)));
        result.await.unwrap_or(Err(BankError::OutcomeUnknown))
    }
}

impl Inner {
    fn check_open(&self) -> Result<(), BankError> {
        match self.fuse.error() {
            Some(error) => Err(error),
            None if self.closed.load(Ordering::Acquire) => Err(BankError::Closed),
            None => Ok(()),
        }
    }

    /// As [`Inner::check_open`], for operations that write.
    fn check_writable(&self) -> Result<(), BankError> {
        self.check_open()?;
        if self.read_only { Err(BankError::ReadOnly) } else { Ok(()) }
    }

    /// Returns why an operation that changes nothing will never get its answer.
    fn ended(&self) -> BankError {
        if self.closed.load(Ordering::Acquire) && !self.fuse.is_blown() {
            BankError::Closed
        } else {
            BankError::OutcomeUnknown
        }
    }

    /// Ends the engine in the background and calls `done` once it has ended.
    fn begin_closing(&self, checkpoint: bool, done: impl FnOnce(Result<(), BankError>) + Send + 'static) {
        self.closed.store(true, Ordering::SeqCst);
        self.closing.close(checkpoint, Box::new(done));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let (done, result) = std::sync::mpsc::channel();
        self.begin_closing(false, move |closed| drop(done.send(closed)));
        if self.closing.has_threads {
            // Long enough for the directory to be free again in all usual cases, short enough for any thread to wait.
            let _ = result.recv_timeout(DROP_PATIENCE);
        }
    }
}

impl std::fmt::Debug for Bank {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bank").field("durable", &self.inner.reader.end()).finish_non_exhaustive()
    }
}
