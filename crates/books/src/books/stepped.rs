//! The books without a thread, for the simulator, which decides when they handle their next message.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{BooksHandle, BooksQueue, Keeper, StoreWriter, ToBooks, take_saved};
use jangbu_ledger::Timestamp;
use jangbu_runtime::clock::Clock;

/// Books that handle one message at a time, on request.
#[derive(Clone, Default)]
pub struct SteppedBooks {
    open: Arc<Mutex<Option<Open>>>,
}

struct Open {
    keeper: Keeper,
    writer: Option<StoreWriter>,
    /// Messages taken from the queue to see whether there are any.
    waiting: VecDeque<ToBooks>,
    clock: Arc<dyn Clock>,
    /// When the first record was applied that is in no checkpoint.
    unstored_since: Option<Timestamp>,
    /// A limit that the books exceeded.
    broken: Option<String>,
}

impl BooksHandle {
    /// Creates a handle of stepped books. A caller that waits for an answer lets them continue until it is there.
    pub fn stepped() -> (BooksHandle, BooksQueue, SteppedBooks) {
        let (mut handle, queue) = BooksHandle::new();
        let stepped = SteppedBooks::default();
        let books = stepped.clone();
        handle.take_next = Some(Arc::new(move || books.step()));
        (handle, queue, stepped)
    }
}

impl SteppedBooks {
    /// Starts with open books, and the writing end of their store.
    pub fn begin(&self, keeper: Keeper, writer: Option<StoreWriter>, clock: Arc<dyn Clock>) {
        let waiting = VecDeque::new();
        *self.open.lock() = Some(Open { keeper, writer, waiting, clock, unstored_since: None, broken: None });
    }

    /// Drops the books with all unanswered queries.
    pub fn end(&self) {
        let open = self.open.lock().take();
        // Dropping may wake callers, who may send another query, so it must not happen under the lock.
        drop(open);
    }

    /// Returns whether a step would do anything.
    pub fn has_work(&self) -> bool {
        let mut books = self.open.lock();
        let Some(open) = &mut *books else { return false };
        open.waiting.extend(open.keeper.queue.messages.try_iter());
        let (saver, books) = (&mut open.keeper.saver, &open.keeper.books);
        !open.waiting.is_empty() || saver.is_busy() || saver.is_due(books)
    }

    /// Handles the next message. Returns `false` if there is none, or the books have ended.
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

    /// Returns which limit of the books' memory is exceeded, if any.
    pub fn broken(&self) -> Option<String> {
        self.open.lock().as_ref().and_then(|open| open.broken.clone())
    }

    /// Returns whether a checkpoint is in progress, so that the store may have something to write.
    pub fn is_saving(&self) -> bool {
        self.open.lock().as_ref().is_some_and(|open| open.keeper.saver.is_saving())
    }

    /// Carries out the first message to the store's writing end, if there is one. The writing end is gone after a
    /// failure.
    pub fn step_store(&self) {
        let mut books = self.open.lock();
        let Some(open) = &mut *books else { return };
        // Taken out, so that it is gone if it panics.
        let Some(writer) = open.writer.take() else { return };
        if writer.step() {
            open.writer = Some(writer);
        }
    }
}

impl Open {
    /// Returns whether the next records have to wait for the store.
    fn must_wait(&self) -> bool {
        matches!(self.waiting.front(), Some(ToBooks::Apply(_))) && !self.keeper.saver.has_room(&self.keeper.books)
    }

    fn next_message(&mut self) -> Option<ToBooks> {
        if !self.must_wait() {
            return self.waiting.pop_front();
        }
        // A caller that waits for the books would wait for the store, which would continue on its own.
        if let Some(writer) = &self.writer {
            writer.step();
        }
        self.waiting.extend(self.keeper.queue.messages.try_iter());
        take_saved(&mut self.waiting)
    }

    /// Checks that the unstored state stays within its limits, counted afresh.
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
