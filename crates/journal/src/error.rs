//! What can go wrong with a journal.

use std::io;
use std::path::{Path, PathBuf};

use jangbu_ledger::Position;
use jangbu_ledger::codec::CodecError;

/// What can go wrong with a journal. None of these is a business outcome: the bank stops.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A file operation failed.
    #[error("cannot {operation} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: "open", "write", "sync".
        operation: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// The journal was written by a newer version of this program.
    #[error("{} is in journal format {found}, and this program knows formats up to {known}", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format known.
        known: u32,
    },
    /// The bytes are not what was written.
    #[error("the journal is damaged after position {after}, in {} at byte {offset}: {what}", path.display())]
    Damaged {
        /// The last position before the damage that is sound.
        after: Position,
        /// The file.
        path: PathBuf,
        /// Where in the file.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// A record does not decode although its checksum holds.
    #[error("the record at position {position} {source}")]
    Undecodable {
        /// The record.
        position: Position,
        /// What is wrong.
        source: CodecError,
    },
    /// There is no durable record at that position.
    #[error("there is no record at position {0}")]
    OutOfRange(Position),
    /// An append at another position than the journal's end: another writer, or a bug.
    #[error("append at position {found}, but the journal goes on at {expected}")]
    WrongPosition {
        /// Where the journal goes on.
        expected: Position,
        /// Where the batch would have begun.
        found: Position,
    },
    /// A record that was recorded no later than the one before it: a bug, for times strictly increase.
    #[error("the record at position {0} is dated no later than the one before it")]
    TimeWentBack(Position),
    /// An earlier write or sync failed, and nothing can be appended any more.
    #[error("the journal stopped after an error: {0}")]
    Stopped(String),
    /// The record was moved out of the journal, into an archive.
    #[error("the record at position {position} is archived; the first that can be read is at {first}")]
    Archived {
        /// The record.
        position: Position,
        /// The first record that the journal still has.
        first: Position,
    },
    /// A loss was being accepted here, and that was not completed.
    #[error(
        "accepting a loss was begun in {} and not completed: run `jangbu recover --accept-loss-after` again, with the same \
         position",
        .0.display()
    )]
    HalfRecovered(PathBuf),
    /// A backup was being restored here, and that was not completed.
    #[error("a restore into {} was not completed; remove it and restore again", .0.display())]
    HalfRestored(PathBuf),
}

impl JournalError {
    /// Tells what was tried, and with which file.
    pub fn io(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JournalError {
        move |source| JournalError::Io { operation, path: path.to_path_buf(), source }
    }

    /// Damage that no position can be told for: in a file's header or name.
    pub(super) fn damaged(path: &Path, offset: u64, what: &str) -> JournalError {
        JournalError::damaged_after(Position::START, path, offset, what)
    }

    /// The same damage, of which it is known by now that everything up to `sound` is as it was written.
    pub(crate) fn sound_up_to(self, sound: Position) -> JournalError {
        match self {
            JournalError::Damaged { after: Position::START, path, offset, what } => {
                JournalError::Damaged { after: sound, path, offset, what }
            }
            other => other,
        }
    }

    /// Damage behind the record at `after`.
    pub fn damaged_after(after: Position, path: &Path, offset: u64, what: &str) -> JournalError {
        JournalError::Damaged { after, path: path.to_path_buf(), offset, what: what.to_owned() }
    }
}
