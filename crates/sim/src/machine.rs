//! One life of a simulated machine: the parts of a bank, each of which takes a step when it is chosen.
//!
//! Everything happens in [`Machine::step`]. [`Machine::work`] lists the possible next steps in an order that the
//! previous steps determine.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use actix::{Actor, Addr, Context};
use parking_lot::Mutex;

use super::store::SimStore;
use jangbu_actors::parts::Hub;
use jangbu_actors::parts::Place;
use jangbu_actors::parts::{
    Bank, CloseRequests, Config, Ending, Engine, Parts, Reading, assemble, journal_writer, open_stored,
    stop_supervisor_with,
};
use jangbu_actors::parts::{Failed, Supervisor};
use jangbu_actors::parts::{JournalWriter, ToJournal};
use jangbu_books::books::{self, BooksHandle, Keeper, ReplayLimits, SteppedBooks};
use jangbu_journal::disk::{Disk, FaultDisk, INJECTED};
use jangbu_journal::{FileOptions, JournalReader};
use jangbu_ledger::Position;
use jangbu_runtime::Fuse;
use jangbu_runtime::Meters;
use jangbu_runtime::tasks::{self, Owner, Tasks};
use jangbu_runtime::{BankError, OpenError};
use jangbu_runtime::{Job, Readers};

/// The directory of the simulated bank's journal on its disk.
pub(super) const JOURNAL: &str = "/bank/journal";

/// A possible next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// One of the ready tasks continues.
    Task(usize),
    /// The journal writes and syncs a batch.
    Journal,
    /// The books handle their next message.
    Books,
    /// The store receives the changes of a checkpoint.
    Store,
    /// Subscriptions receive what is new.
    Events,
    /// A reading job runs, of those that wait.
    Read(usize),
}

/// Returns whether the panic was injected by a disk, a store or a clock of the simulation.
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
    /// The jobs of the lookup threads and of the reading threads. Any waiting job may run next, so no job waits for
    /// another.
    read_queues: [Receiver<Job>; 2],
    reads: Vec<Job>,
    closing: CloseRequests,
    is_closing: bool,
    closed: Arc<Mutex<Option<Result<(), BankError>>>>,
}

impl Machine {
    /// Opens the bank from the disk and the store, and returns its handle. A worker's accounts run `together`, or each
    /// on its own.
    pub(super) fn boot(
        config: &Config,
        disk: &FaultDisk,
        store: &SimStore,
        together: bool,
    ) -> Result<(Machine, Bank), OpenError> {
        let meters = Arc::new(Meters::default());
        // Without the journal's segment thread, its work is done in between.
        let options = FileOptions { segment_bytes: config.segment_bytes, in_background: false };
        let place = (Arc::new(disk.clone()) as Arc<dyn Disk>, Path::new(JOURNAL), options);
        let habits = config.habits();
        let open_books = |reader: &dyn JournalReader, settle: books::Settle<'_>| {
            books::open_on(store, None, reader, &habits, settle)
        };
        let stored = open_stored(config, place, &meters, || Ok(()), open_books)?;
        let reader = stored.journal.reader();
        if let Some(what) = ReplayLimits::of(&habits).exceeded(&stored.start.books) {
            return Err(OpenError::Replay(what));
        }
        let (handle, queue, stepped) = BooksHandle::stepped();
        let (readers, read_queue) = Readers::without_threads();
        let (look_ups, look_up_queue) = Readers::without_threads();
        let queues = (handle.clone(), queue);
        let parts = assemble(config, meters, stored, queues, Reading { look_ups, readers })?;
        let Parts { mut begin, shared, journal, journal_queue, state, saver, store_writer, books_queue } = parts;
        begin.places = (0..config.workers.max(1)).map(|_| Place::Simulated { together }).collect();
        let to_journal = begin.journal.clone();
        let mut context = Context::new();
        let supervisor = Supervisor::new(begin, &mut context);
        let supervisor = start_actor(context, supervisor);
        stop_supervisor_with(&shared.fuse, &supervisor);
        let (fuse, failed) = (Arc::clone(&shared.fuse), supervisor.clone());
        let failed = Box::new(move |reason| failed.do_send(Failed(reason)));
        let keeper = Keeper { books: state, saver, queue: books_queue, fuse: Arc::clone(&fuse), failed };
        stepped.begin(keeper, store_writer, Arc::clone(&config.clock));
        let writer = journal_writer(journal, &shared, &supervisor);
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

    /// Returns the position up to which the journal is durable.
    pub(super) fn durable(&self) -> Position {
        self.reader.end()
    }

    /// Returns what the books kept in memory beyond their limits, if anything.
    pub(super) fn broken_bound(&self) -> Option<String> {
        self.books.broken()
    }

    /// Returns the result of closing the bank, once it is closed.
    pub(super) fn closed(&self) -> Option<Result<(), BankError>> {
        self.closed.lock().clone()
    }

    /// Lists the possible next steps.
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

    /// Does one step. Returns the number of the task that continued, or 0 for other steps.
    ///
    /// An injected panic that gets here ends only its thread. Whether the rest of the bank notices is what the
    /// simulation tests.
    pub(super) fn step(&mut self, work: Work) -> u64 {
        match catch_unwind(AssertUnwindSafe(|| self.go_on(work))) {
            Ok(task) => task,
            Err(panic) if is_injected(&*panic) => {
                match work {
                    Work::Journal => self.writer = None,
                    Work::Books => self.books.end(),
                    // A reading thread continues with its next job; the other parts have dropped what panicked.
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

    /// Requests a checkpoint, as an operator would.
    pub(super) fn ask_for_checkpoint(&self) {
        drop(self.handle.checkpoint());
    }

    /// Closes the bank unless that was already requested.
    pub(super) fn close(&mut self) {
        self.take_close_requests();
        if !self.is_closing {
            self.closing.ask(true, Box::new(|_| ()));
            self.take_close_requests();
        }
    }

    fn take_close_requests(&mut self) {
        for (checkpoint, done) in self.closing.take() {
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

    /// Ends everything at once, like a crash.
    pub(super) fn stop(mut self) {
        // The application first: it may hold the last handle, and the part that would close the bank must not exist any
        // more.
        self.tasks.drop_all(Owner::Application);
        self.tasks.drop_all(Owner::Engine);
        self.books.end();
        drop(self);
        tasks::forget_started();
    }
}

/// Starts an actor as a task of the simulation on this thread.
fn start_actor<A: Actor<Context = actix::Context<A>>>(context: actix::Context<A>, actor: A) -> Addr<A> {
    let running = context.into_future(actor);
    let address = running.address();
    tasks::start(Owner::Engine, running);
    address
}
