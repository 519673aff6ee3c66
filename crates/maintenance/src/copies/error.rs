//! The errors of backups and archives.

use std::path::PathBuf;

use jangbu_journal::JournalError;
use jangbu_ledger::{HoldId, Position};
use jangbu_runtime::{BankError, OpenError};

/// Why a backup, a restore or an archiving failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The bank is in memory.
    #[error("a bank in memory has no files to copy")]
    NotInFiles,
    /// There is no bank in the directory.
    #[error("there is no bank in {}", .0.display())]
    NoBank(PathBuf),
    /// The directory for the copies is the bank's own directory, or inside it.
    #[error("{} is within the bank's own directory, {}", path.display(), bank.display())]
    InsideBank {
        /// The directory for the copies.
        path: PathBuf,
        /// The bank's directory.
        bank: PathBuf,
    },
    /// The directory contains something else than expected.
    #[error("{} is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// The directory has no manifest, so it is not a backup.
    #[error("there is no backup in {}: it has no manifest", .0.display())]
    NoManifest(PathBuf),
    /// The directory has no manifest, so it is not an archive.
    #[error("there is no archive in {}: it has no manifest", .0.display())]
    NoArchive(PathBuf),
    /// The first backup to the directory was started but never completed.
    #[error("the first copy to {} was started but never completed", .0.display())]
    Incomplete(PathBuf),
    /// The directory is a backup instead of an archive, or the other way round.
    #[error("{} is a backup instead of an archive, or an archive instead of a backup", .0.display())]
    OtherKind(PathBuf),
    /// The copies belong to another bank.
    #[error("{} holds copies of another bank", .0.display())]
    OtherBank(PathBuf),
    /// The copies contain records that the bank does not have, for example because the bank was restored from an older
    /// backup and continued.
    #[error("{} has records that the bank does not have, up to position {position}: their histories differ", path.display())]
    Diverged {
        /// The directory of the copies.
        path: PathBuf,
        /// The last record in it of the segment that differs.
        position: Position,
    },
    /// The copies end before the first record that the bank still has.
    #[error(
        "{} ends at position {position}, but the bank starts at position {first}, because the records in between are \
         archived; use another directory",
        path.display()
    )]
    Behind {
        /// The directory of the copies.
        path: PathBuf,
        /// The last record in it.
        position: Position,
        /// The first record that the bank still has.
        first: Position,
    },
    /// A record to be archived is still needed.
    #[error("the record at position {position} is still needed: the hold {hold} that it placed awaits verification")]
    StillNeeded {
        /// The position of the record.
        position: Position,
        /// The hold.
        hold: HoldId,
    },
    /// A file differs from what was written.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// One of the application's files cannot be part of a backup, or does not belong there.
    #[error("{0}")]
    Beside(String),
    /// The records contradict the ledger's rules.
    #[error("position {position}: {what}")]
    Fault {
        /// The position.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// The files of the journal, or their copies, cannot be read or written, or are damaged.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The bank is closed or has stopped.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// The bank cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}
