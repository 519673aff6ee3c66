//! What can go wrong with backups and archives.

use std::path::PathBuf;

use jangbu_journal::JournalError;
use jangbu_ledger::{HoldId, Position};
use jangbu_runtime::{BankError, OpenError};

/// Why a backup, a restore, or the moving of segments into an archive did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The bank is in memory.
    #[error("a bank in memory has no files to copy")]
    NotInFiles,
    /// There is no bank in the directory.
    #[error("there is no bank in {}", .0.display())]
    NoBank(PathBuf),
    /// The directory for the copies is the bank's own, or within it.
    #[error("{} is within the bank's own directory, {}", path.display(), bank.display())]
    InsideBank {
        /// The directory for the copies.
        path: PathBuf,
        /// The bank's.
        bank: PathBuf,
    },
    /// The directory holds something that is not what was to be written there.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// The directory has no manifest, by which a backup would be known.
    #[error("there is no backup in {}: it has no manifest", .0.display())]
    NoManifest(PathBuf),
    /// The directory has no manifest, by which an archive would be known.
    #[error("there is no archive in {}: it has no manifest", .0.display())]
    NoArchive(PathBuf),
    /// The first backup into the directory was begun and never completed.
    #[error("what is in {} was begun and never completed", .0.display())]
    Incomplete(PathBuf),
    /// A backup where an archive is meant, or the other way round.
    #[error("{} holds the other of backup and archive", .0.display())]
    OtherKind(PathBuf),
    /// The copies are of another bank.
    #[error("{} holds copies of another bank", .0.display())]
    OtherBank(PathBuf),
    /// The copies hold records that the bank has not, as after an older backup was restored and the bank went on.
    #[error("{} holds records that the bank does not have, up to position {position}: their ways parted", path.display())]
    Diverged {
        /// The directory of the copies.
        path: PathBuf,
        /// The last record that it holds of the segment where they differ.
        position: Position,
    },
    /// The copies end before what the bank still has.
    #[error(
        "{} ends at position {position}, and the bank begins at position {first}, for what was between is archived; \
         begin another directory",
        path.display()
    )]
    Behind {
        /// The directory of the copies.
        path: PathBuf,
        /// The last record that it holds.
        position: Position,
        /// The first record that the bank has.
        first: Position,
    },
    /// A record that was to be archived is needed.
    #[error("the record at position {position} is needed: the hold {hold} that it placed waits for its verification")]
    StillNeeded {
        /// The record.
        position: Position,
        /// The hold.
        hold: HoldId,
    },
    /// A file is not as it was written.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// A file beside the journal cannot be part of a backup, or is not the one that belongs there.
    #[error("{0}")]
    Beside(String),
    /// The records contradict the rules.
    #[error("position {position}: {what}")]
    Fault {
        /// Where.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// The files of the journal, or their copies, cannot be read or written, or are damaged.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The bank is closed, or stopped.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// The bank cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}
