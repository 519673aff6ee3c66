//! The books without a thread: for the simulator, which says when they take their next message.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{BooksHandle, BooksQueue, Keeper, StoreWriter, ToBooks, take_saved};
use jangbu_ledger::Timestamp;
use jangbu_runtime::clock::Clock;

/// Books that move on by one message when they are told to.
#[derive(Clone, Default)]
pub struct SteppedBooks {
    open: Arc<Mutex<Option<Open>>>,
}

struct Open {
    keeper: Keeper,
    writer: Option<StoreWriter>,
    /// Taken from the queue to see that there is something.
    waiting: VecDeque<ToBooks>,
    clock: Arc<dyn Clock>,
    /// When the first record was applied that no checkpoint has.
    unstored_since: Option<Timestamp>,
    /// A bound that the books did not keep to.
    broken: Option<String>,
}

impl BooksHandle {
    /// A way to books that are stepped: who waits for an answer of theirs lets them go on until it is there.
    pub fn stepped() -> (BooksHandle, BooksQueue, SteppedBooks) {
        let (mut handle, queue) = BooksHandle::new();
        let stepped = SteppedBooks::default();
        let books = stepped.clone();
        handle.take_next = Some(Arc::new(move || books.step()));
        (handle, queue, stepped)
    }
}

impl SteppedBooks {
    /// Begins with books that are open, and the writing end of their store.
    pub fn begin(&self, keeper: Keeper, writer: Option<StoreWriter>, clock: Arc<dyn Clock>) {
        let waiting = VecDeque::new();
        *self.open.lock() = Some(Open { keeper, writer, waiting, clock, unstored_since: None, broken: None });
    }

    /// Drops the books, and every question that they have not answered.
    pub fn end(&self) {
        let open = self.open.lock().take();
        // What is dropped may wake callers, who may come back with a question: not under the lock.
        drop(open);
    }

    /// Whether a step would do anything.
    pub fn has_work(&self) -> bool {
        let mut books = self.open.lock();
        let Some(open) = &mut *books else { return false };
        open.waiting.extend(open.keeper.queue.messages.try_iter());
        let (saver, books) = (&mut open.keeper.saver, &open.keeper.books);
        !open.waiting.is_empty() || saver.is_busy() || saver.is_due(books)
    }

    /// Takes the next message; `false` when there is none, or the books have ended.
    pub fn step(&self) -> bool {
        let mut books = self.open.lock();
        let Some(open) = &mut *books else { return false };
        open.waiting.extend(open.keeper.queue.messages.try_iter());
        let message = open.next_message();
        let idle = message.is_none() && !open.keeper.saver.is_busy() && !open.must_wait();
        let (is_apply, before) = (matches!(message, Some(ToBooks::Apply(_))), open.keeper.books.recounted_bytes());
        let stop = matches!(message, Some(ToBooks::Stop)) || !open.keeper.handle(message);
        open.check_bounds(is_apply, before);
        let ended = if stop { books.take() } else { None };
        drop(books);
        drop(ended);
        !idle && !stop
    }

    /// What the books kept in memory beyond their bounds, if anything.
    pub fn broken(&self) -> Option<String> {
        self.open.lock().as_ref().and_then(|open| open.broken.clone())
    }

    /// Whether a checkpoint is under way, so that the store may have something to write.
    pub fn is_saving(&self) -> bool {
        self.open.lock().as_ref().is_some_and(|open| open.keeper.saver.is_saving())
    }

    /// Carries out the first message to the store's writing end, if there is one. The end is gone after a failure.
    pub fn step_store(&self) {
        let mut books = self.open.lock();
        let Some(open) = &mut *books else { return };
        // Taken out: when it panics, it is gone, too.
        let Some(writer) = open.writer.take() else { return };
        if writer.step() {
            open.writer = Some(writer);
        }
    }
}

impl Open {
    /// Whether records come next that have to wait for the store.
    fn must_wait(&self) -> bool {
        matches!(self.waiting.front(), Some(ToBooks::Apply(_))) && !self.keeper.saver.has_room(&self.keeper.books)
    }

    fn next_message(&mut self) -> Option<ToBooks> {
        if !self.must_wait() {
            return self.waiting.pop_front();
        }
        // Whoever waits for the books would wait for the store, which would go on by itself.
        if let Some(writer) = &self.writer {
            writer.step();
        }
        self.waiting.extend(self.keeper.queue.messages.try_iter());
        take_saved(&mut self.waiting)
    }

    /// What is not stored stays within its bounds, counted anew and not as the books count it.
    fn check_bounds(&mut self, is_apply: bool, bytes_before: usize) {
        let (saver, books) = (&self.keeper.saver, &self.keeper.books);
        if self.writer.is_none() {
            return;
        }
        let (habits, bytes) = (saver.habits(), books.recounted_bytes());
        if is_apply && bytes_before >= habits.most_unstored_bytes {
            let most = habits.most_unstored_bytes;
            self.broken =
                Some(format!("records were taken in with {bytes_before} bytes that are not stored, not {most}"));
        }
        if bytes != books.unstored_bytes() {
            let counted = books.unstored_bytes();
            self.broken = Some(format!("{bytes} bytes are not stored, and {counted} were counted"));
        }
        let now = self.clock.now();
        let since = self.unstored_since.map_or(now, |since| since.min(now));
        self.unstored_since = (books.applied > saver.begun()).then_some(since);
        let age = u64::try_from(now.as_ns().saturating_sub(since.as_ns())).unwrap_or(0);
        if self.unstored_since.is_some() && !saver.is_saving() && u128::from(age) >= habits.longest_unstored.as_nanos()
        {
            self.broken = Some(format!("records have not been stored for {age} ns"));
        }
    }
}
