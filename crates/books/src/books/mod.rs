//! The books: what the durable journal adds up to, as the one reader sees it that follows it to the end.
//!
//! A thread of its own applies every durable record, in journal order, with the rules the actors decide by. It answers
//! everything that is asked of the bank's state (snapshots, lists, accounts to activate), and stores the state in sled at
//! checkpoints. The actors never stop for that.
//!
//! # Contract
//!
//! - Nothing that is not durable is ever in the books: an answer from them cannot be taken back by a crash.
//! - A record is applied before anybody is told that it is durable: who asks after an acknowledgement sees its effect.
//! - The stored state is derived. Whatever is wrong with it, it is moved aside and rebuilt from the journal.
//!
//! What this module must never do: decide anything, or write to the journal.

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

/// So many records may wait to be applied before the journal's thread waits too.
const MAX_BACKLOG_RECORDS: usize = 65_536;

/// How soon it is seen whether the saving thread has room for the next chunk.
const PAUSE: Duration = Duration::from_millis(2);

/// How long the books sleep when nothing is due.
const IDLE: Duration = Duration::from_secs(3600);

type Request = Box<dyn FnOnce(&mut Books) + Send>;

/// What the books' thread is told.
enum ToBooks {
    Apply(Vec<Record>),
    Ask(Request),
    /// The saver wrote a checkpoint, or could not.
    Saved(Result<Position, StoreError>),
    /// Write a checkpoint and answer with its position.
    Checkpoint(oneshot::Sender<Position>),
    Stop,
}

/// The way to the books, from any thread.
#[derive(Clone)]
pub struct BooksHandle {
    queue: Sender<ToBooks>,
    backlog: Arc<Backlog>,
    spare: Spare,
    /// Where there is no thread for the books: lets them take the next message, for a caller that would wait for them.
    take_next: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
}

/// Emptied lists of records, whose memory the next ones use: large ones would otherwise go back to the operating system
/// and be cleared by it again, thousands of times a second.
type Spare = Arc<Mutex<Vec<Vec<Record>>>>;

/// So many emptied lists are worth keeping.
const MOST_SPARE: usize = 4;

/// How many records wait to be applied.
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

    /// Hands over durable records, which follow those before. Waits while the books are far behind.
    pub fn apply(&self, records: Vec<Record>) {
        let mut waiting = self.backlog.records.lock();
        while *waiting > MAX_BACKLOG_RECORDS && self.take_next.is_none() {
            // The books' thread may have ended, and nobody would shrink the backlog again.
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

    /// An empty list for the next records.
    pub fn spare_list(&self) -> Vec<Record> {
        self.spare.lock().pop().unwrap_or_default()
    }

    /// Runs `ask` on the books' thread and hands its answer to `reply` there.
    ///
    /// When the store failed meanwhile there is no answer: what it left out must not pass for what is not there.
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

    /// Runs `ask` on the books' thread and waits for its answer; `None` when the books have ended.
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

    /// Looks up an account and its open holds by its number.
    pub fn load(&self, number: AccountNumber, reply: impl FnOnce(Option<Box<LoadedAccount>>) + Send + 'static) {
        self.ask(move |books| books.loaded(&number).map(Box::new), reply);
    }

    /// Looks up the versions of application records, 0 for those that do not exist.
    pub fn versions(&self, keys: Vec<RecordKey>, reply: impl FnOnce(Vec<Position>) + Send + 'static) {
        self.ask(move |books| keys.iter().map(|key| books.record_version(key)).collect(), reply);
    }

    /// Asks for a checkpoint; its position arrives once it is durable.
    pub fn checkpoint(&self) -> oneshot::Receiver<Position> {
        let (done, position) = oneshot::channel();
        let _ = self.queue.send(ToBooks::Checkpoint(done));
        position
    }

    /// Ends the books' thread after everything that it was told before.
    pub fn stop(&self) {
        let _ = self.queue.send(ToBooks::Stop);
    }

    fn saved(&self, result: Result<Position, StoreError>) {
        let _ = self.queue.send(ToBooks::Saved(result));
    }
}

/// The receiving end, which the books' thread takes.
pub struct BooksQueue {
    messages: Receiver<ToBooks>,
    backlog: Arc<Backlog>,
    spare: Spare,
}

/// Who keeps the books: applies, answers, and has the saver do what is due.
pub struct Keeper {
    /// The books as of the opening.
    pub books: Books,
    /// Writes checkpoints.
    pub saver: Saver,
    /// What the books are asked.
    pub queue: BooksQueue,
    /// Stops the bank when the books fail.
    pub fuse: Arc<Fuse>,
    /// Is told what stopped the books when nobody asked them to.
    pub failed: Box<dyn Fn(String) + Send>,
}

impl Keeper {
    /// Runs until the books are told to stop.
    pub fn run(mut self) {
        let mut behind = VecDeque::new();
        loop {
            // While a checkpoint is under way its next chunk may be due without anything else happening.
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
                // What comes behind these records waits too: it may rest on them. Only the word that a checkpoint is
                // durable does not, since they may wait for that.
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

    /// Takes up a message, if there is one, and lets the saver go on; `false` when the books failed.
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
        // From here on nothing is answered: who waits hears that the books have ended. What is stored is as good as after
        // a crash when the operating system refused something.
        if !is_environment {
            self.saver.distrust_store();
        }
        self.fuse.blow(&reason);
        (self.failed)(reason);
        false
    }
}

/// Takes what the saver has to say out of the messages, if it says anything.
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
