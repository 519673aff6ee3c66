//! The report of `jangbu backup`, from this process or from the service that has the bank open.

use jangbu::JournalError;
use jangbu::backup::{BackupError, BackupReport, BesideFile};
use serde::{Deserialize, Serialize};

/// The name of the key file in the bank's directory.
pub(crate) const KEYS: &str = "keys";

/// The figures of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Copied {
    /// The position of the backup's last record.
    pub(crate) position: u64,
    /// The number of segments copied.
    pub(crate) segments_copied: u64,
    /// The number of segments that the backup had already.
    pub(crate) segments_kept: u64,
    /// The number of bytes written for copies of the journal.
    pub(crate) bytes_copied: u64,
    /// The number of damaged copies that were replaced.
    #[serde(default)]
    pub(crate) repaired: u64,
    /// Whether the bank has a key file, so that the backup has a copy of it.
    pub(crate) has_keys: bool,
}

impl Copied {
    /// Returns the figures of a backup whose only additional file is the key file.
    pub(crate) fn of(report: &BackupReport) -> Copied {
        Copied {
            position: report.position.get(),
            segments_copied: report.segments_copied,
            segments_kept: report.segments_kept,
            bytes_copied: report.bytes_copied,
            repaired: report.repaired,
            has_keys: report.beside > 0,
        }
    }
}

/// Why a backup failed, by its consequence for the caller.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BackupFailure {
    /// The bank's records, or those of the backup, contradict the rules.
    #[error("position {position}: {what}")]
    Fault {
        /// The first faulty record.
        position: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A file of the backup is damaged.
    #[error("{0}")]
    Damaged(String),
    /// The directory is not suitable, or the machine lacks what is needed.
    #[error("{0}")]
    Impossible(String),
}

impl From<BackupError> for BackupFailure {
    fn from(error: BackupError) -> BackupFailure {
        match error {
            BackupError::Fault { position, what } => BackupFailure::Fault { position: position.get(), what },
            BackupError::Journal(JournalError::Damaged { after, .. }) => {
                BackupFailure::Fault { position: after.get(), what: error.to_string() }
            }
            BackupError::Damaged { .. } | BackupError::Beside(_) => BackupFailure::Damaged(error.to_string()),
            other => BackupFailure::Impossible(other.to_string()),
        }
    }
}

/// Returns the key file as a file beside the journal.
pub(crate) fn beside(bytes: Option<Vec<u8>>) -> Vec<BesideFile> {
    bytes.into_iter().map(|bytes| BesideFile { name: KEYS.to_owned(), bytes }).collect()
}
