//! The errors of journals.

use std::io;
use std::path::{Path, PathBuf};

use jangbu_ledger::Position;
use jangbu_ledger::codec::CodecError;

/// The errors of a journal. None of them is a business outcome: the bank stops.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A file operation failed.
    #[error("cannot {operation} {}: {source}", path.display())]
    Io {
        /// The failed operation, as a verb: "open", "write", "sync".
        operation: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The journal was written by a newer version of this program.
    #[error("{} is in journal format {found}, and this program knows formats up to {known}", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// The format of the file.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// Bytes differ from what was written.
    #[error("the journal is damaged after position {after}, in {} at byte {offset}: {what}", path.display())]
    Damaged {
        /// The position of the last sound record before the damage.
        after: Position,
        /// The file.
        path: PathBuf,
        /// The byte in the file.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// A record does not decode although its checksum holds.
    #[error("the record at position {position} {source}")]
    Undecodable {
        /// The position of the record.
        position: Position,
        /// What is wrong.
        source: CodecError,
    },
    /// There is no durable record at that position.
    #[error("there is no record at position {0}")]
    OutOfRange(Position),
    /// An append at another position than the journal's end, caused by another writer or a bug.
    #[error("append at position {found}, but the journal continues at {expected}")]
    WrongPosition {
        /// The position at which the journal continues.
        expected: Position,
        /// The position of the first record of the batch.
        found: Position,
    },
    /// A record that is not later than the previous one, which only a bug can cause because times strictly increase.
    #[error("the record at position {0} is not dated later than the previous one")]
    TimeWentBack(Position),
    /// An earlier write or sync failed, and nothing can be appended any more.
    #[error("the journal stopped after an error: {0}")]
    Stopped(String),
    /// The record was moved to an archive.
    #[error("the record at position {position} is archived; the first that can be read is at {first}")]
    Archived {
        /// The position of the record.
        position: Position,
        /// The first record that the journal still has.
        first: Position,
    },
    /// The acceptance of a loss was not completed here.
    #[error(
        "accepting a loss in {} was started but not completed: run `jangbu recover --accept-loss-after` again, with the \
         same position",
        .0.display()
    )]
    HalfRecovered(PathBuf),
    /// A restore of a backup was not completed here.
    #[error("a restore into {} was not completed; remove it and restore again", .0.display())]
    HalfRestored(PathBuf),
}

impl JournalError {
    /// Adds the failed operation and its file to an error of the operating system.
    #[doc(hidden)]
    pub fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JournalError {
        move |source| JournalError::Io { operation, path: path.to_path_buf(), source }
    }

    /// Creates the error for damage in a file's header or name, for which no position is known.
    pub(super) fn damaged(path: &Path, offset: u64, what: &str) -> JournalError {
        JournalError::damaged_after(Position::START, path, offset, what)
    }

    /// Adds to a damage error that everything up to `sound` is intact.
    pub(crate) fn sound_up_to(self, sound: Position) -> JournalError {
        match self {
            JournalError::Damaged { after: Position::START, path, offset, what } => {
                JournalError::Damaged { after: sound, path, offset, what }
            }
            other => other,
        }
    }

    /// Creates the error for damage after the record at `after`.
    #[doc(hidden)]
    pub fn damaged_after(after: Position, path: &Path, offset: u64, what: &str) -> JournalError {
        JournalError::Damaged { after, path: path.to_path_buf(), offset, what: what.to_owned() }
    }
}
