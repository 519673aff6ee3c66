//! Limits how much sled keeps in its write buffers, over all stores of this process.
//!
//! sled 0.34.7 writes each buffer of 512 KiB on a thread of a pool that all its databases share. Such a thread waits
//! for a lock that a writer may hold while it waits, in turn, for the file to be truncated, which is a job for the same
//! pool. Once every thread of the pool has a buffer, none is left to truncate, and the writer hangs forever
//! (`SegmentAccountant::bump_tip` and `threadpool.rs` in 0.34.7). So the buffers are flushed before there can be as
//! many as the pool has threads, and only one store writes at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use parking_lot::Mutex;

/// The maximum number of bytes of keys and values in sled's buffers, unless a single batch has more.
///
/// sled logs up to four times as many bytes as it is given, because it writes whole pages. This limit fills two buffers
/// and part of a third; the largest batch (`store_writer::JOINED` values) fills four. The pool has seven threads.
pub const MOST_BYTES: usize = 256 * 1024;

static BUFFERS: Mutex<Buffers> = Mutex::new(Buffers { unflushed: Vec::new(), most: 0 });

/// The unflushed writes.
struct Buffers {
    unflushed: Vec<Unflushed>,
    /// The maximum number of unflushed bytes so far.
    most: usize,
}

struct Unflushed {
    database: Arc<sled::Db>,
    /// The bytes of keys and values.
    bytes: usize,
}

/// Writes this many bytes of keys and values to the database, while no other store of the process writes.
///
/// # Errors
/// sled's error for this write. An error in flushing another store's buffers is kept by sled and returned by that
/// store's next call.
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

/// Returns the maximum number of unflushed bytes so far, over all stores of the process.
#[cfg(any(test, feature = "testing"))]
pub fn most_bytes() -> usize {
    BUFFERS.lock().most
}

impl Buffers {
    fn bytes(&self) -> usize {
        self.unflushed.iter().map(|one| one.bytes).fold(0, usize::saturating_add)
    }

    /// Flushes every database, and returns the error of this one.
    fn flush(&mut self, own: &Arc<sled::Db>) -> sled::Result<()> {
        let (own, others): (Vec<_>, Vec<_>) = self.unflushed.drain(..).partition(|one| Arc::ptr_eq(&one.database, own));
        for one in others {
            // A panic concerns the other store: its next call finds the database as the panic left it.
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
