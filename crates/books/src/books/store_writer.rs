//! The saver's other end on its own thread: writes chunks, and syncs before and after the mark from which to replay.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use super::BooksHandle;
use super::store::{Change, Store, StoreError};
use jangbu_journal::panic_text;
use jangbu_ledger::Position;
use jangbu_plant::{Spot, panic_if_planted};

/// Changes that are stored together or not at all. Most have one key. Several form a batch, for which sled holds a lock
/// of the whole process, so queries of the books would wait for it.
pub(super) type Write = SmallVec<[Change; 1]>;

/// If several changes have to be stored together, this many of the following ones are stored with them, because sled
/// writes to its file twice, and waits for it, for each batch, however small.
pub(super) const JOINED: usize = 64;

/// The messages to the saving thread.
pub(super) enum ToSaver {
    /// Writes in order, each completely or not at all.
    Write(Vec<Write>),
    /// The mark from which to replay, written as a whole once everything before is durable.
    Finish(Position, Write),
}

/// Writes messages to the store.
pub struct StoreWriter {
    pub(super) store: Arc<dyn Store>,
    pub(super) queue: Receiver<ToSaver>,
    pub(super) books: BooksHandle,
    /// Why it ended, if it did.
    pub(super) ended: Arc<OnceLock<StoreError>>,
    /// The number of chunks written.
    pub(super) written: Arc<AtomicU64>,
}

impl StoreWriter {
    /// Runs until the saver has ended, or the store failed.
    pub fn run(self) {
        while let Ok(message) = self.queue.recv() {
            if !self.handle(message) {
                return;
            }
        }
    }

    /// Carries out the first message, if there is one. Returns `false` if the store failed.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn step(&self) -> bool {
        self.queue.try_recv().map_or(true, |message| self.handle(message))
    }

    /// Carries out the message. Returns `false` if the store failed, or this panicked.
    fn handle(&self, message: ToSaver) -> bool {
        let result = catch_unwind(AssertUnwindSafe(|| {
            panic_if_planted(Spot::Save);
            match message {
                ToSaver::Write(writes) => store_all(&*self.store, writes).map(|()| {
                    self.written.fetch_add(1, Ordering::Release);
                    None
                }),
                ToSaver::Finish(applied, last) => finish(&*self.store, last).map(|()| Some(applied)),
            }
        }));
        // Otherwise the books would wait forever for a checkpoint that nobody writes.
        let result = result
            .unwrap_or_else(|panic| Err(StoreError::Damaged(format!("the saver panicked: {}", panic_text(&panic)))));
        match result {
            Ok(None) => true,
            Ok(Some(position)) => {
                self.books.saved(Ok(position));
                true
            }
            Err(error) => {
                // Before the queue is gone, so that a sender that finds it gone knows why.
                self.ended.get_or_init(|| error.clone());
                self.books.saved(Err(error));
                false
            }
        }
    }
}

/// Writes to the store in order, each write as a whole: those of several changes and what follows them in batches.
pub(super) fn store_all(store: &dyn Store, writes: Vec<Write>) -> Result<(), StoreError> {
    let (mut singles, mut batch) = (Vec::new(), Vec::new());
    for write in writes {
        if batch.is_empty() && write.len() == 1 {
            singles.extend(write);
            continue;
        }
        if !singles.is_empty() {
            store.write_each(std::mem::take(&mut singles))?;
        }
        batch.extend(write);
        if batch.len() >= JOINED {
            store.write(std::mem::take(&mut batch))?;
        }
    }
    store.write_each(singles)?;
    if batch.is_empty() { Ok(()) } else { store.write(batch) }
}

/// Makes everything before durable, then `last`.
pub(super) fn finish(store: &dyn Store, last: Write) -> Result<(), StoreError> {
    store.sync()?;
    store.write(last.into_vec())?;
    store.sync()
}
