//! One life of a simulated machine: the parts of a bank, each of which takes a step when it is told to.
//!
//! Invariant: nothing happens here but by [`Machine::step`], and what could happen next is in [`Machine::work`] in an
//! order that the steps before determine.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use actix::{Addr, Context};
use parking_lot::Mutex;

use super::store::SimStore;
use super::tasks::{self, Owner, Tasks};
use crate::account::Place;
use crate::bank::{self, Bank, Config, Ending, Engine, Parts};
use crate::books::{self, BooksHandle, Keeper, ReplayLimits, SteppedBooks};
use crate::events::Hub;
use crate::journal::disk::{Disk, FaultDisk, INJECTED};
use crate::journal::{FileOptions, JournalReader};
use crate::journal_writer::{JournalWriter, ToJournal};
use crate::ledger::Position;
use crate::supervisor::{Failed, Supervisor};
use jangbu_runtime::Fuse;
use jangbu_runtime::Meters;
use jangbu_runtime::{BankError, OpenError};
use jangbu_runtime::{Job, Readers};

/// Where a simulated bank's journal is on its disk.
pub(super) const JOURNAL: &str = "/bank/journal";

/// Is told how closing a bank went.
type Closed = Box<dyn FnOnce(Result<(), BankError>) + Send>;

/// Asks for a simulated bank to be closed, from wherever its last handle is.
#[derive(Clone, Default)]
pub(crate) struct CloseRequests {
    requests: Arc<Mutex<Vec<(bool, Closed)>>>,
}

impl CloseRequests {
    pub(crate) fn ask(&self, checkpoint: bool, done: Closed) {
        self.requests.lock().push((checkpoint, done));
    }
}

/// Something that could happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// One of the ready tasks goes on.
    Task(usize),
    /// The journal writes and syncs a batch.
    Journal,
    /// The books take their next message.
    Books,
    /// The stored state gets what a checkpoint has for it.
    Store,
    /// Who follows is told what is new.
    Events,
    /// A reader's job runs, whichever waits there.
    Read(usize),
}

/// Whether that is the panic that a disk, a store or a clock of the simulation injected.
pub(super) fn is_injected(panic: &(dyn Any + Send)) -> bool {
    panic.downcast_ref::<&str>().is_some_and(|said| *said == INJECTED)
}

/// A running machine.
pub(super) struct Machine {
    pub(super) tasks: Tasks,
    pub(super) fuse: Arc<Fuse>,
    hub: Arc<Hub>,
    reader: Arc<dyn JournalReader>,
    supervisor: Addr<Supervisor>,
    to_journal: Sender<ToJournal>,
    handle: BooksHandle,
    writer: Option<JournalWriter>,
    journal_queue: Receiver<ToJournal>,
    journal_waiting: VecDeque<ToJournal>,
    books: SteppedBooks,
    /// Jobs of the look-ups' threads and of the readers'. Any that waits may be the next to run, and so no job waits for
    /// another one.
    read_queues: [Receiver<Job>; 2],
    reads: Vec<Job>,
    closing: CloseRequests,
    is_closing: bool,
    closed: Arc<Mutex<Option<Result<(), BankError>>>>,
}

impl Machine {
    /// Opens the bank on what the disk and the store hold, and hands out its handle. A worker's accounts run `together`, or
    /// each by itself.
    pub(super) fn boot(
        config: &Config,
        disk: &FaultDisk,
        store: &SimStore,
        together: bool,
    ) -> Result<(Machine, Bank), OpenError> {
        let meters = Arc::new(Meters::default());
        // The journal's helper would be a thread: its work is done in between.
        let options = FileOptions { segment_bytes: config.segment_bytes, in_background: false };
        let place = (Arc::new(disk.clone()) as Arc<dyn Disk>, Path::new(JOURNAL), options);
        let habits = config.habits();
        let open_books = |reader: &dyn JournalReader, settle: books::Settle<'_>| {
            books::open_on(store, None, reader, &habits, settle)
        };
        let stored = bank::open_stored(config, place, &meters, || Ok(()), open_books)?;
        let reader = stored.journal.reader();
        if let Some(what) = ReplayLimits::of(&habits).exceeded(&stored.start.books) {
            return Err(OpenError::Replay(what));
        }
        let (handle, queue, stepped) = BooksHandle::stepped();
        let (readers, read_queue) = Readers::without_threads();
        let (look_ups, look_up_queue) = Readers::without_threads();
        let queues = (handle.clone(), queue);
        let parts = bank::assemble(config, meters, stored, queues, bank::Reading { look_ups, readers })?;
        let Parts { mut begin, shared, journal, journal_queue, state, saver, store_writer, books_queue } = parts;
        begin.places = (0..config.workers.max(1)).map(|_| Place::Simulated { together }).collect();
        let to_journal = begin.journal.clone();
        let mut context = Context::new();
        let supervisor = Supervisor::new(begin, &mut context);
        let supervisor = tasks::start_actor(context, supervisor);
        bank::stop_supervisor_with(&shared.fuse, &supervisor);
        let (fuse, failed) = (Arc::clone(&shared.fuse), supervisor.clone());
        let failed = Box::new(move |reason| failed.do_send(Failed(reason)));
        let keeper = Keeper { books: state, saver, queue: books_queue, fuse: Arc::clone(&fuse), failed };
        stepped.begin(keeper, store_writer, Arc::clone(&config.clock));
        let writer = bank::journal_writer(journal, &shared, &supervisor);
        let closing = CloseRequests::default();
        let hub = Arc::clone(&shared.hub);
        hub.go_in_steps();
        let bank = Bank::new(shared, supervisor.clone(), Engine::Simulated(closing.clone()));
        let machine = Machine {
            tasks: Tasks::default(),
            fuse,
            hub,
            reader,
            supervisor,
            to_journal,
            handle,
            writer: Some(writer),
            journal_queue,
            journal_waiting: VecDeque::new(),
            books: stepped,
            read_queues: [look_up_queue, read_queue],
            reads: Vec::new(),
            closing,
            is_closing: false,
            closed: Arc::default(),
        };
        Ok((machine, bank))
    }

    /// How far the journal is durable.
    pub(super) fn durable(&self) -> Position {
        self.reader.end()
    }

    /// What the books kept in memory beyond their bounds, if anything.
    pub(super) fn broken_bound(&self) -> Option<String> {
        self.books.broken()
    }

    /// How the bank was closed, once it is.
    pub(super) fn closed(&self) -> Option<Result<(), BankError>> {
        self.closed.lock().clone()
    }

    /// Everything that could happen next.
    pub(super) fn work(&mut self, to: &mut Vec<Work>) {
        self.take_close_requests();
        to.clear();
        to.extend((0..self.tasks.ready()).map(Work::Task));
        self.journal_waiting.extend(self.journal_queue.try_iter());
        if self.writer.is_some() && !self.journal_waiting.is_empty() {
            to.push(Work::Journal);
        }
        if self.books.has_work() {
            to.push(Work::Books);
        }
        if self.books.is_saving() {
            to.push(Work::Store);
        }
        if self.hub.has_work() {
            to.push(Work::Events);
        }
        self.reads.extend(self.read_queues.iter().flat_map(Receiver::try_iter));
        to.extend((0..self.reads.len()).map(Work::Read));
    }

    /// Lets one of these happen. Returns which task went on, 0 for none.
    ///
    /// An injected panic that gets this far ends its thread, and nothing else: whether the rest of the bank notices is what
    /// is tested.
    pub(super) fn step(&mut self, work: Work) -> u64 {
        match catch_unwind(AssertUnwindSafe(|| self.go_on(work))) {
            Ok(task) => task,
            Err(panic) if is_injected(&*panic) => {
                match work {
                    Work::Journal => self.writer = None,
                    Work::Books => self.books.end(),
                    // A reader goes on with the next job, and the others have dropped what panicked.
                    Work::Task(_) | Work::Store | Work::Events | Work::Read(_) => {}
                }
                0
            }
            Err(panic) => resume_unwind(panic),
        }
    }

    fn go_on(&mut self, work: Work) -> u64 {
        match work {
            Work::Task(place) => return self.tasks.poll(place),
            Work::Journal => {
                if let (Some(writer), Some(message)) = (&mut self.writer, self.journal_waiting.pop_front())
                    && !writer.handle(message)
                {
                    self.writer = None;
                }
            }
            Work::Books => drop(self.books.step()),
            Work::Store => self.books.step_store(),
            Work::Events => self.hub.step(),
            Work::Read(place) => self.reads.swap_remove(place)(),
        }
        0
    }

    /// Asks for a checkpoint, as an operator would.
    pub(super) fn ask_for_checkpoint(&self) {
        drop(self.handle.checkpoint());
    }

    /// Closes the bank if nobody has asked for that yet.
    pub(super) fn close(&mut self) {
        self.take_close_requests();
        if !self.is_closing {
            self.closing.ask(true, Box::new(|_| ()));
            self.take_close_requests();
        }
    }

    fn take_close_requests(&mut self) {
        let requests = std::mem::take(&mut *self.closing.requests.lock());
        for (checkpoint, done) in requests {
            self.is_closing = true;
            let ending = Ending {
                supervisor: self.supervisor.clone(),
                journal: self.to_journal.clone(),
                books: self.handle.clone(),
                hub: Arc::clone(&self.hub),
                fuse: Arc::clone(&self.fuse),
            };
            let closed = Arc::clone(&self.closed);
            tasks::start(Owner::Engine, async move {
                let result = ending.finish(checkpoint).await;
                *closed.lock() = Some(result.clone());
                done(result);
            });
        }
    }

    /// Ends everything at once, as a crash does.
    pub(super) fn stop(mut self) {
        // The application first: it may hold the last handle, and whom it asks to close the bank is gone.
        self.tasks.drop_all(Owner::Application);
        self.tasks.drop_all(Owner::Engine);
        self.books.end();
        drop(self);
        tasks::forget_started();
    }
}
