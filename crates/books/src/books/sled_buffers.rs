//! How much sled keeps in its write buffers, over all stores of this process.
//!
//! sled 0.34.7 writes each buffer of 512 KiB on a thread of a pool that all its databases share. Such a thread waits for a
//! lock that a writer may hold while it waits, in turn, for the file to be truncated, which is work for the same pool. Once
//! every thread of the pool carries a buffer, none is left to truncate, and the writer hangs for ever
//! (`SegmentAccountant::bump_tip` and `threadpool.rs` in 0.34.7). So the buffers are flushed before there can be as many as
//! the pool has threads, and one store writes at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::Mutex;

/// The most bytes of keys and values that are with sled and not flushed, unless one batch alone has more.
///
/// sled logs up to four times as many bytes as it is given, because it writes whole pages: two buffers, and the beginning of
/// a third. The largest batch (`store_writer::JOINED` values) fills four. The pool keeps seven threads.
pub const MOST_BYTES: usize = 256 * 1024;

static BUFFERS: Mutex<Buffers> = Mutex::new(Buffers { unflushed: Vec::new(), most: 0 });

/// What was written and not flushed.
struct Buffers {
    unflushed: Vec<Unflushed>,
    /// The most bytes that there have been at a time.
    most: usize,
}

struct Unflushed {
    database: Arc<sled::Db>,
    /// Of keys and values.
    bytes: usize,
}

/// Writes to the database, of keys and values so many bytes, while no other store of the process does.
///
/// # Errors
/// sled's, of this write. An error in flushing another store's buffers is that store's: sled keeps it, and fails its next
/// call.
pub(super) fn write(
    database: &Arc<sled::Db>,
    bytes: usize,
    write: impl FnOnce(&sled::Db) -> sled::Result<()>,
) -> sled::Result<()> {
    let mut buffers = BUFFERS.lock();
    if buffers.bytes().saturating_add(bytes) > MOST_BYTES {
        buffers.flush(database)?;
    }
    buffers.add(database, bytes);
    write(database)
}

/// Forgets a database whose buffers were flushed, or that is closed, which flushes them.
pub(super) fn forget(database: &Arc<sled::Db>) {
    BUFFERS.lock().unflushed.retain(|one| !Arc::ptr_eq(&one.database, database));
}

/// The most bytes that were with sled at a time, over all stores, since the process began.
#[cfg(any(test, feature = "testing"))]
pub fn most_bytes() -> usize {
    BUFFERS.lock().most
}

impl Buffers {
    fn bytes(&self) -> usize {
        self.unflushed.iter().map(|one| one.bytes).fold(0, usize::saturating_add)
    }

    /// Flushes every database, and fails when this one fails.
    fn flush(&mut self, own: &Arc<sled::Db>) -> sled::Result<()> {
        let (own, others): (Vec<_>, Vec<_>) = self.unflushed.drain(..).partition(|one| Arc::ptr_eq(&one.database, own));
        for one in others {
            // A panic is the other store's as well: its next call meets the database as the panic left it.
            let _ = catch_unwind(AssertUnwindSafe(|| one.database.flush()));
        }
        own.iter().try_for_each(|one| one.database.flush().map(drop))
    }

    fn add(&mut self, database: &Arc<sled::Db>, bytes: usize) {
        match self.unflushed.iter_mut().find(|one| Arc::ptr_eq(&one.database, database)) {
            Some(one) => one.bytes = one.bytes.saturating_add(bytes),
            None => self.unflushed.push(Unflushed { database: Arc::clone(database), bytes }),
        }
        self.most = self.most.max(self.bytes());
    }
}
