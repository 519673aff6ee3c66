//! The journal: the one place of truth, append-only, hash-chained, durable before anything is answered.
//!
//! Everything else that is stored follows from it. The engine writes through [`Journal`] and reads through
//! [`JournalReader`]; a file journal and one in memory stand behind both, and a replicated one can.
//!
//! What a journal must never do: report a record durable that a power cut could take back, skip a damaged record, or
//! write a frame before the one before it is synced.

pub mod base;
pub mod disk;
mod error;
pub mod file;
pub mod format;
pub mod medium;
mod memory;
mod panics;
pub mod private;
pub mod read;
pub mod segments;
mod verify;

use std::sync::Arc;

pub use base::{StateWriter, TakeValue};
pub use error::JournalError;
pub use file::{Commits, FileJournal, FileOptions, FoundJournal, ReadOnlyJournal};
pub use format::base::{Base, FullSegment};
pub use memory::MemoryJournal;
pub use panics::panic_text;
pub use read::FileReader;
pub use segments::loss::{Recovering, Survey};
pub use verify::{Sequence, Verified, sequence_through, verify};

use jangbu_ledger::{CommandId, Position, Record, Timestamp};

/// Told once when a batch is durable, or failed for good.
pub type Durable = Box<dyn FnOnce(Result<Vec<Record>, JournalError>) + Send>;

/// The ids of the records behind the sealed part of a journal, and where they are, in the order of positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnsealedIds {
    /// The records' own.
    pub own: Vec<(CommandId, Position)>,
    /// Those that records refer to.
    pub references: Vec<(CommandId, Position)>,
}

/// The writing end of a journal. There is one.
pub trait Journal: Send {
    /// Appends `records`, the first of which stands at `expected`, and calls `durable` when they are durable.
    ///
    /// Batches become durable in the order in which they are appended. After an error has been reported, every later
    /// append reports one too: a failed write or sync cannot be repeated safely.
    ///
    /// A journal that writes synchronously calls `durable` before it returns.
    fn append(&mut self, expected: Position, records: Vec<Record>, durable: Durable);

    /// The reading end.
    fn reader(&self) -> Arc<dyn JournalReader>;

    /// Marks the journal cleanly closed, so that the next open can tell damage from a torn tail.
    ///
    /// # Errors
    /// A [`JournalError`] when that cannot be written; what is durable stays durable.
    fn close(&mut self) -> Result<(), JournalError>;
}

/// The reading end of a journal: sees durable records only.
pub trait JournalReader: Send + Sync {
    /// The position of the last durable record.
    fn end(&self) -> Position;

    /// Reads the record at `position`.
    ///
    /// # Errors
    /// [`JournalError::OutOfRange`] beyond the end, [`JournalError::Archived`] before the first that is left; what can
    /// be wrong with a file otherwise.
    fn read(&self, position: Position) -> Result<Record, JournalError>;

    /// Reads records in order, beginning at `from`, up to the end that is durable when it is reached. Where `from` is
    /// archived, all that comes is [`JournalError::Archived`].
    fn scan(&self, from: Position) -> Box<dyn Iterator<Item = Result<Record, JournalError>> + '_>;

    /// The position of the first record that was recorded at or after `moment`; one past the end when there is none.
    ///
    /// # Errors
    /// [`JournalError::Archived`] when that is no longer in the journal; what can be wrong with a file.
    fn first_at(&self, moment: Timestamp) -> Result<Position, JournalError>;

    /// Whether `id` may have been recorded in the sealed part of the journal. `false` is certain, and quick to tell:
    /// no file is read.
    fn may_contain(&self, id: CommandId) -> bool;

    /// Looks `id` up in the sealed part of the journal. Reads files.
    ///
    /// # Errors
    /// What can be wrong with a file.
    fn find(&self, id: CommandId) -> Result<Option<Position>, JournalError>;

    /// Whether a record in the sealed part of the journal may refer to `id`, as a reversal refers to its original and the
    /// end of a hold to its placement. `false` is certain; no file is read.
    fn may_refer(&self, id: CommandId) -> bool;

    /// Looks up the last record in the sealed part of the journal that refers to `id`. Reads files.
    ///
    /// # Errors
    /// What can be wrong with a file.
    fn find_reference(&self, id: CommandId) -> Result<Option<Position>, JournalError>;

    /// The last position of the sealed part, whose ids [`JournalReader::may_contain`] knows; it only grows.
    fn sealed_through(&self) -> Position;

    /// The ids of the records behind the sealed part, as of the opening of the journal.
    ///
    /// # Errors
    /// What can be wrong with a file.
    fn unsealed_ids(&self) -> Result<UnsealedIds, JournalError>;

    /// Bytes that the journal takes on disk, indexes included.
    fn bytes_on_disk(&self) -> u64;

    /// Files that the journal consists of.
    fn segments(&self) -> u64 {
        0
    }

    /// The first record that can be read: those before it are archived, and reading them is
    /// [`JournalError::Archived`]. One past the end when there is none.
    fn first(&self) -> Position {
        Position::START.next()
    }

    /// The same journal as files, for what copies or checks them; `None` for one that is not kept in files.
    fn as_files(&self) -> Option<&FileReader> {
        None
    }

    /// The newest state that stands in for archived records; `None` when nothing was ever archived.
    fn base(&self) -> Option<&Base> {
        None
    }

    /// Hands each value of [`JournalReader::base`]'s state and the number of its section to `visit`, in order.
    ///
    /// # Errors
    /// What can be wrong with a file, and [`JournalError::Damaged`] where `visit` says so.
    fn read_base(&self, visit: &mut TakeValue<'_>) -> Result<(), JournalError> {
        let _ = visit;
        Ok(())
    }
}

/// Checks what readers rely on, before any of a batch is written: that it begins where the journal ends, that
/// positions have no gaps and that times increase.
fn check_batch(
    last: Position,
    mut last_recorded_at: Option<Timestamp>,
    expected: Position,
    records: &[Record],
) -> Result<(), JournalError> {
    let mut next = last.next();
    if expected != next {
        return Err(JournalError::WrongPosition { expected: next, found: expected });
    }
    for record in records {
        if record.position != next {
            return Err(JournalError::WrongPosition { expected: next, found: record.position });
        }
        if last_recorded_at.is_some_and(|last| record.recorded_at <= last) {
            return Err(JournalError::TimeWentBack(next));
        }
        last_recorded_at = Some(record.recorded_at);
        next = next.next();
    }
    Ok(())
}
