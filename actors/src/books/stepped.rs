//! The books without a thread: for the simulator, which says when they take their next message.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{BooksHandle, BooksQueue, Keeper, StoreWriter, ToBooks};

/// Books that move on by one message when they are told to.
#[derive(Clone, Default)]
pub(crate) struct SteppedBooks {
    open: Arc<Mutex<Option<Open>>>,
}

struct Open {
    keeper: Keeper,
    writer: Option<StoreWriter>,
    /// Taken from the queue to see that there is something.
    waiting: VecDeque<ToBooks>,
}

impl BooksHandle {
    /// A way to books that are stepped: who waits for an answer of theirs lets them go on until it is there.
    pub(crate) fn stepped() -> (BooksHandle, BooksQueue, SteppedBooks) {
        let (mut handle, queue) = BooksHandle::new();
        let stepped = SteppedBooks::default();
        let books = stepped.clone();
        handle.take_next = Some(Arc::new(move || books.step()));
        (handle, queue, stepped)
    }
}

impl SteppedBooks {
    /// Begins with books that are open, and the writing end of their store.
    pub(crate) fn begin(&self, keeper: Keeper, writer: Option<StoreWriter>) {
        *self.open.lock() = Some(Open { keeper, writer, waiting: VecDeque::new() });
    }

    /// Drops the books, and every question that they have not answered.
    pub(crate) fn end(&self) {
        let open = self.open.lock().take();
        // What is dropped may wake callers, who may come back with a question: not under the lock.
        drop(open);
    }

    /// Whether a step would do anything.
    pub(crate) fn has_work(&self) -> bool {
        let mut books = self.open.lock();
        let Some(open) = &mut *books else { return false };
        open.waiting.extend(open.keeper.queue.messages.try_iter());
        !open.waiting.is_empty() || open.keeper.saver.is_busy()
    }

    /// Takes the next message; `false` when there is none, or the books have ended.
    pub(crate) fn step(&self) -> bool {
        let mut books = self.open.lock();
        let Some(open) = &mut *books else { return false };
        open.waiting.extend(open.keeper.queue.messages.try_iter());
        let message = open.waiting.pop_front();
        let idle = message.is_none() && !open.keeper.saver.is_busy();
        let stop = matches!(message, Some(ToBooks::Stop)) || !open.keeper.handle(message);
        let ended = if stop { books.take() } else { None };
        drop(books);
        drop(ended);
        !idle && !stop
    }

    /// Whether a checkpoint is under way, so that the store may have something to write.
    pub(crate) fn is_saving(&self) -> bool {
        self.open.lock().as_ref().is_some_and(|open| open.keeper.saver.is_saving())
    }

    /// Lets the store's writing end do what it was told first, if anything.
    pub(crate) fn step_store(&self) {
        if let Some(Open { writer: Some(writer), .. }) = &*self.open.lock() {
            writer.step();
        }
    }
}
