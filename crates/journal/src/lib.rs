//! The journal: the only source of truth, append-only, hash-chained, and durable before anything is answered.
//!
//! Everything else that is stored can be derived from it. The engine writes through [`Journal`] and reads through
//! [`JournalReader`]. One implementation uses files and one uses memory; a replicated one could be added.
//!
//! A journal must never report a record as durable that a power cut could take back, skip a damaged record, or write a
//! frame before the previous one is synced.

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

/// Called once a batch is durable, or has failed permanently.
pub type Durable = Box<dyn FnOnce(Result<Vec<Record>, JournalError>) + Send>;

/// The ids of the records after the sealed part of a journal and their positions, in the order of positions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnsealedIds {
    /// The records' own ids.
    pub own: Vec<(CommandId, Position)>,
    /// The ids that records refer to.
    pub references: Vec<(CommandId, Position)>,
}

/// The writing end of a journal. There is only one.
pub trait Journal: Send {
    /// Appends `records`, the first of which is at `expected`, and calls `durable` once they are durable.
    ///
    /// Batches become durable in the order in which they are appended. After an error, every later append returns an
    /// error too, because a failed write or sync cannot be repeated safely.
    ///
    /// A journal that writes synchronously calls `durable` before it returns.
    fn append(&mut self, expected: Position, records: Vec<Record>, durable: Durable);

    /// Returns the reading end.
    fn reader(&self) -> Arc<dyn JournalReader>;

    /// Marks the journal as cleanly closed, so that the next open can distinguish damage from a torn tail.
    ///
    /// # Errors
    /// A [`JournalError`] if the mark cannot be written. What is durable stays durable.
    fn close(&mut self) -> Result<(), JournalError>;
}

/// The reading end of a journal. It sees durable records only.
pub trait JournalReader: Send + Sync {
    /// Returns the position of the last durable record.
    fn end(&self) -> Position;

    /// Reads the record at `position`.
    ///
    /// # Errors
    /// [`JournalError::OutOfRange`] beyond the end, [`JournalError::Archived`] before the first record that is not
    /// archived, and the errors of reading a file.
    fn read(&self, position: Position) -> Result<Record, JournalError>;

    /// Reads records in order from `from` on, up to the end that is durable when the iterator reaches it. If `from` is
    /// archived, the only item is [`JournalError::Archived`].
    fn scan(&self, from: Position) -> Box<dyn Iterator<Item = Result<Record, JournalError>> + '_>;

    /// Returns the position of the first record that was recorded at or after `moment`, or the position after the end
    /// if there is none.
    ///
    /// # Errors
    /// [`JournalError::Archived`] if that record is archived, and the errors of reading a file.
    fn first_at(&self, moment: Timestamp) -> Result<Position, JournalError>;

    /// Returns whether `id` may have been recorded in the sealed part of the journal. `false` is certain. The answer is
    /// quick, because no file is read.
    fn may_contain(&self, id: CommandId) -> bool;

    /// Looks `id` up in the sealed part of the journal. Reads files.
    ///
    /// # Errors
    /// The errors of reading a file.
    fn find(&self, id: CommandId) -> Result<Option<Position>, JournalError>;

    /// Returns whether a record in the sealed part of the journal may refer to `id`, as a reversal refers to its
    /// original and the end of a hold to its placement. `false` is certain. No file is read.
    fn may_refer(&self, id: CommandId) -> bool;

    /// Looks up the last record in the sealed part of the journal that refers to `id`. Reads files.
    ///
    /// # Errors
    /// The errors of reading a file.
    fn find_reference(&self, id: CommandId) -> Result<Option<Position>, JournalError>;

    /// Returns the last position of the sealed part, whose ids [`JournalReader::may_contain`] knows. It only grows.
    fn sealed_through(&self) -> Position;

    /// Returns the ids of the records after the sealed part when the journal was opened.
    ///
    /// # Errors
    /// The errors of reading a file.
    fn unsealed_ids(&self) -> Result<UnsealedIds, JournalError>;

    /// Returns the size of the journal on disk in bytes, indexes included.
    fn bytes_on_disk(&self) -> u64;

    /// Returns the number of segment files.
    fn segments(&self) -> u64 {
        0
    }

    /// Returns the position of the first record that is not archived, or the position after the end if there is none.
    /// Reading earlier records returns [`JournalError::Archived`].
    fn first(&self) -> Position {
        Position::START.next()
    }

    /// Returns the journal as files, for copies and checks; `None` if it is not kept in files.
    fn as_files(&self) -> Option<&FileReader> {
        None
    }

    /// Returns the newest state that stands in for archived records; `None` if nothing was ever archived.
    fn base(&self) -> Option<&Base> {
        None
    }

    /// Passes each value of the state of [`JournalReader::base`], with the number of its section, to `visit`, in order.
    ///
    /// # Errors
    /// The errors of reading a file, and [`JournalError::Damaged`] if `visit` returns an error.
    fn read_base(&self, visit: &mut TakeValue<'_>) -> Result<(), JournalError> {
        let _ = visit;
        Ok(())
    }
}

/// Checks what readers rely on before a batch is written: it begins at the end of the journal, positions have no gaps,
/// and times increase.
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
