//! The saver's other end, on a thread of its own: writes chunks, and syncs before and after the mark that says from
//! where to replay.

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

/// Changes that are stored together or not at all. Most are of one key: several are a batch, for which sled holds a lock of
/// the whole process, and the books' own questions would wait for it.
pub(super) type Write = SmallVec<[Change; 1]>;

/// Where several changes have to be stored together, so many of what comes next are stored with them: sled writes twice to
/// its file, and waits for it, for each batch of changes, however few those are.
pub(super) const JOINED: usize = 64;

/// What the saving thread is told.
pub(super) enum ToSaver {
    /// Writes in their order, each whole or not at all.
    Write(Vec<Write>),
    /// What says from where to replay, all of it together, once everything before is durable.
    Finish(Position, Write),
}

/// Writes what it is told to the store.
pub struct StoreWriter {
    pub(super) store: Arc<dyn Store>,
    pub(super) queue: Receiver<ToSaver>,
    pub(super) books: BooksHandle,
    /// Why it ended, when it did.
    pub(super) ended: Arc<OnceLock<StoreError>>,
    /// How many chunks it has written.
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

    /// Does what it was told first, if anything; `false` when the store failed.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn step(&self) -> bool {
        self.queue.try_recv().map_or(true, |message| self.handle(message))
    }

    /// Does what the message says; `false` when the store failed, or this did.
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
        // A checkpoint that nobody writes any more would be waited for for ever.
        let result = result
            .unwrap_or_else(|panic| Err(StoreError::Damaged(format!("the saver panicked: {}", panic_text(&panic)))));
        match result {
            Ok(None) => true,
            Ok(Some(position)) => {
                self.books.saved(Ok(position));
                true
            }
            Err(error) => {
                // Before the queue is gone, so that whoever finds it gone knows why.
                self.ended.get_or_init(|| error.clone());
                self.books.saved(Err(error));
                false
            }
        }
    }
}

/// Hands writes to the store in their order, each whole: those of several changes and what follows them in batches.
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
