//! The books: the state that the durable journal adds up to.
//!
//! A separate thread applies every durable record, in journal order, by the same rules as the actors. It answers all
//! queries about the bank's state (snapshots, lists, accounts to activate), and writes the state to sled at
//! checkpoints. The actors never stop for that.
//!
//! # Contract
//!
//! - The books contain only what is durable, so a crash cannot take an answer back.
//! - A record is applied before anybody learns that it is durable, so a query after an acknowledgement sees its effect.
//! - The stored state is derived. If anything is wrong with it, it is moved aside and rebuilt from the journal.
//!
//! This module must never decide anything, or write to the journal.

mod ahead;
mod audit;
mod blocks;
#[cfg(test)]
mod blocks_tests;
mod checkpoint;
#[cfg(test)]
mod checkpoint_tests;
mod comparing;
mod due;
mod facts;
mod fetching;
mod in_flight;
mod keys;
mod merging;
mod numbers;
mod objection;
mod opening;
mod over;
mod places;
mod preview;
mod promises;
mod queries;
mod recomputed;
mod replaying;
mod rows;
mod schedules;
pub mod sled_buffers;
mod snapshot;
mod state;
#[cfg(any(test, feature = "testing"))]
mod stepped;
mod store;
mod store_writer;
mod taken_back;
mod temporary;
mod totals;
mod unstored;
#[cfg(test)]
mod unstored_tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

pub use audit::Auditor;
pub use blocks::{BLOCK_BYTES, Blocks};
pub use checkpoint::Saver;
pub use due::Habits;
pub use facts::Facts;
pub use keys::RecordKey;
pub use opening::open_on;
pub use opening::{BooksStart, Settle, check_stored, last_recorded_at, made, open, open_copy};
pub use over::Standing;
pub use preview::{Basis, WayBack};
pub use queries::SnapshotTime;
pub use replaying::ReplayLimits;
pub use schedules::KeptSchedule;
pub use snapshot::unreadable;
pub use state::Books;
#[cfg(any(test, feature = "testing"))]
pub use stepped::SteppedBooks;
pub use store::{Change, MAX_VALUE_BYTES, MemoryStore, Pair, Shelf, SledStore, check_sizes};
pub use store::{Store, StoreError};
pub use store_writer::StoreWriter;
pub use taken_back::{Cases, TakenBack};
pub use totals::{Totals, change_of};

use crate::open_hold::LoadedAccount;
use jangbu_journal::panic_text;
use jangbu_ledger::{AccountNumber, Position, Record};
use jangbu_plant::{Spot, panic_if_planted};
use jangbu_runtime::Fuse;

/// The maximum number of records waiting to be applied, beyond which the journal's thread waits too.
const MAX_BACKLOG_RECORDS: usize = 65_536;

/// How often the books check whether the saving thread has room for the next chunk.
const PAUSE: Duration = Duration::from_millis(2);

/// How long the books sleep if nothing is due.
const IDLE: Duration = Duration::from_secs(3600);

type Request = Box<dyn FnOnce(&mut Books) + Send>;

/// The messages to the books' thread.
enum ToBooks {
    Apply(Vec<Record>),
    Ask(Request),
    /// The saver completed a checkpoint, or failed.
    Saved(Result<Position, StoreError>),
    /// Write a checkpoint, and reply with its position.
    Checkpoint(oneshot::Sender<Position>),
    Stop,
}

/// The handle of the books, for any thread.
#[derive(Clone)]
pub struct BooksHandle {
    queue: Sender<ToBooks>,
    backlog: Arc<Backlog>,
    spare: Spare,
    /// If the books have no thread: makes them handle the next message, for a caller that would wait for them.
    take_next: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

/// Emptied lists of records, kept to be reused. Large ones would otherwise be returned to the operating system, which
/// clears them again, thousands of times a second.
type Spare = Arc<Mutex<Vec<Vec<Record>>>>;

/// The maximum number of emptied lists that are kept.
const MOST_SPARE: usize = 4;

/// The number of records waiting to be applied.
#[derive(Default)]
struct Backlog {
    records: Mutex<usize>,
    shrunk: Condvar,
}

impl BooksHandle {
    /// A handle, and the queue that its messages go into.
    pub fn new() -> (BooksHandle, BooksQueue) {
        let (queue, messages) = channel();
        let (backlog, spare) = (Arc::new(Backlog::default()), Spare::default());
        let handle = BooksHandle { queue, backlog: Arc::clone(&backlog), spare: Arc::clone(&spare), take_next: None };
        (handle, BooksQueue { messages, backlog, spare })
    }

    /// Hands over durable records, which follow the earlier ones. Waits while the books are far behind.
    pub fn apply(&self, records: Vec<Record>) {
        let mut waiting = self.backlog.records.lock();
        while *waiting > MAX_BACKLOG_RECORDS && self.take_next.is_none() {
            // The books' thread may have ended, and then nobody would shrink the backlog.
            if self.backlog.shrunk.wait_for(&mut waiting, Duration::from_millis(100)).timed_out()
                && self.queue.send(ToBooks::Ask(Box::new(|_| ()))).is_err()
            {
                return;
            }
        }
        *waiting = waiting.saturating_add(records.len());
        drop(waiting);
        let _ = self.queue.send(ToBooks::Apply(records));
    }

    /// Returns an empty list for the next records.
    pub fn spare_list(&self) -> Vec<Record> {
        self.spare.lock().pop().unwrap_or_default()
    }

    /// Runs `ask` on the books' thread, and passes its answer to `reply` there.
    ///
    /// If the store failed in the meantime, there is no answer, because data that could not be read must not pass for
    /// data that does not exist.
    pub fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut Books) -> T + Send + 'static,
        reply: impl FnOnce(T) + Send + 'static,
    ) {
        let _ = self.queue.send(ToBooks::Ask(Box::new(move |books| {
            let answer = ask(books);
            if !books.has_failed() {
                reply(answer);
            }
        })));
    }

    /// Runs `ask` on the books' thread and waits for its answer; returns `None` if the books have ended.
    pub fn ask_and_wait<T: Send + 'static>(&self, ask: impl FnOnce(&mut Books) -> T + Send + 'static) -> Option<T> {
        let (answer, answers) = channel();
        self.ask(ask, move |found| drop(answer.send(found)));
        if let Some(take_next) = &self.take_next {
            return loop {
                match answers.try_recv() {
                    Err(TryRecvError::Empty) if take_next() => {}
                    answered => break answered.ok(),
                }
            };
        }
        answers.recv().ok()
    }

    /// Looks up an account with its open holds by its number.
    pub fn load(&self, number: AccountNumber, reply: impl FnOnce(Option<Box<LoadedAccount>>) + Send + 'static) {
        self.ask(move |books| books.loaded(&number).map(Box::new), reply);
    }

    /// Looks up the versions of application records; 0 for those that do not exist.
    pub fn versions(&self, keys: Vec<RecordKey>, reply: impl FnOnce(Vec<Position>) + Send + 'static) {
        self.ask(move |books| keys.iter().map(|key| books.record_version(key)).collect(), reply);
    }

    /// Requests a checkpoint. Its position arrives once it is durable.
    pub fn checkpoint(&self) -> oneshot::Receiver<Position> {
        let (done, position) = oneshot::channel();
        let _ = self.queue.send(ToBooks::Checkpoint(done));
        position
    }

    /// Ends the books' thread after all earlier messages.
    pub fn stop(&self) {
        let _ = self.queue.send(ToBooks::Stop);
    }

    fn saved(&self, result: Result<Position, StoreError>) {
        let _ = self.queue.send(ToBooks::Saved(result));
    }
}

/// The receiving end for the books' thread.
pub struct BooksQueue {
    messages: Receiver<ToBooks>,
    backlog: Arc<Backlog>,
    spare: Spare,
}

/// The keeper of the books: applies records, answers queries, and lets the saver do what is due.
pub struct Keeper {
    /// The books as of the opening.
    pub books: Books,
    /// Writes checkpoints.
    pub saver: Saver,
    /// The requests to the books.
    pub queue: BooksQueue,
    /// Stops the bank if the books fail.
    pub fuse: Arc<Fuse>,
    /// Called with the reason if the books end without being asked to.
    pub failed: Box<dyn Fn(String) + Send>,
}

impl Keeper {
    /// Runs until a message ends the books.
    pub fn run(mut self) {
        let mut behind = VecDeque::new();
        loop {
            // During a checkpoint, its next chunk may be due without any message.
            let patience = match self.saver.is_busy() {
                true => PAUSE,
                false => self.saver.patience(&self.books).unwrap_or(IDLE),
            };
            let next = behind.pop_front().map_or_else(|| self.queue.messages.recv_timeout(patience), Ok);
            let message = match next {
                Ok(ToBooks::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
            };
            if let Some(ToBooks::Apply(_)) = &message {
                // Later messages wait as well, because they may depend on these records. Only the completion of a
                // checkpoint is taken out, because these records may be waiting for it.
                while !self.saver.has_room(&self.books) {
                    std::thread::sleep(PAUSE);
                    behind.extend(self.queue.messages.try_iter());
                    if !self.handle(take_saved(&mut behind)) {
                        return;
                    }
                }
            }
            if !self.handle(message) {
                return;
            }
        }
    }

    /// Handles a message, if there is one, and lets the saver continue. Returns `false` if the books failed.
    fn handle(&mut self, message: Option<ToBooks>) -> bool {
        let (books, saver, queue) = (&mut self.books, &mut self.saver, &self.queue);
        let handled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            if let Some(message) = message {
                handle(books, saver, queue, message)?;
            }
            saver.advance(books)
        }));
        let (reason, is_environment) = match handled {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => (error.to_string(), matches!(error, BooksError::Store(StoreError::Environment(_)))),
            Err(panic) => (format!("the books panicked: {}", panic_text(&panic)), false),
        };
        // From now on nothing is answered, and waiting callers learn that the books have ended. If the operating system
        // refused something, the stored state is as good as after a crash.
        if !is_environment {
            self.saver.distrust_store();
        }
        self.fuse.blow(&reason);
        (self.failed)(reason);
        false
    }
}

/// Takes the completion of a checkpoint out of the messages, if there is one.
fn take_saved(messages: &mut VecDeque<ToBooks>) -> Option<ToBooks> {
    let place = messages.iter().position(|message| matches!(message, ToBooks::Saved(_)))?;
    messages.remove(place)
}

/// What stops the books, and with them the bank.
#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    /// The journal holds what no rule can have led to.
    #[error("the books cannot follow the journal at position {position}: {what}")]
    Replay {
        /// The record.
        position: Position,
        /// What is wrong with it.
        what: String,
    },
    /// The stored state cannot be used.
    #[error("the stored state failed: {0}")]
    Store(#[from] StoreError),
}

fn handle(books: &mut Books, saver: &mut Saver, queue: &BooksQueue, message: ToBooks) -> Result<(), BooksError> {
    panic_if_planted(Spot::Books);
    match message {
        ToBooks::Apply(mut records) => {
            for next in records.chunks(ahead::AT_ONCE) {
                books.look_at(next);
                for record in next {
                    books.apply(record)?;
                }
            }
            let mut waiting = queue.backlog.records.lock();
            *waiting = waiting.saturating_sub(records.len());
            queue.backlog.shrunk.notify_all();
            drop(waiting);
            records.clear();
            let mut spare = queue.spare.lock();
            if spare.len() < MOST_SPARE {
                spare.push(records);
            }
            Ok(())
        }
        ToBooks::Ask(request) => {
            request(books);
            books.take_failure().map_or(Ok(()), |error| Err(error.into()))
        }
        ToBooks::Saved(result) => {
            saver.saved(books, result?);
            Ok(())
        }
        ToBooks::Checkpoint(done) => {
            saver.request(done);
            Ok(())
        }
        ToBooks::Stop => Ok(()),
    }
}
