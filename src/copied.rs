//! The report of `jangbu backup`, from this process or from the service that has the bank open.

use jangbu::JournalError;
use jangbu::backup::{BackupError, BackupReport, BesideFile};
use serde::{Deserialize, Serialize};

/// The name of the key file in the bank's directory.
pub(crate) const KEYS: &str = "keys";

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Copied {
    /// The last record that the backup has.
    pub(crate) position: u64,
    /// Segments that were copied.
    pub(crate) segments_copied: u64,
    /// Segments that were there already.
    pub(crate) segments_kept: u64,
    /// Bytes written for copies of the journal.
    pub(crate) bytes_copied: u64,
    /// Copies that were damaged and were made again.
    #[serde(default)]
    pub(crate) repaired: u64,
    /// Whether there is a key file, and so a copy of it.
    pub(crate) has_keys: bool,
}

impl Copied {
    /// The figures of a backup, beside whose journal there is nothing but the key file.
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

/// Why copies were not made, by what it means for whoever asked.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum NotCopied {
    /// The records of the bank, or what is there of a copy, contradict the rules.
    #[error("position {position}: {what}")]
    Fault {
        /// The first record at fault.
        position: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A file of the copies is not as it was written.
    #[error("{0}")]
    Damaged(String),
    /// The directory is not one for these copies, or the machine does not provide what is needed.
    #[error("{0}")]
    Impossible(String),
}

impl From<BackupError> for NotCopied {
    fn from(error: BackupError) -> NotCopied {
        match error {
            BackupError::Fault { position, what } => NotCopied::Fault { position: position.get(), what },
            BackupError::Journal(JournalError::Damaged { after, .. }) => {
                NotCopied::Fault { position: after.get(), what: error.to_string() }
            }
            BackupError::Damaged { .. } | BackupError::Beside(_) => NotCopied::Damaged(error.to_string()),
            other => NotCopied::Impossible(other.to_string()),
        }
    }
}

/// The key file as it goes beside the journal.
pub(crate) fn beside(bytes: Option<Vec<u8>>) -> Vec<BesideFile> {
    bytes.into_iter().map(|bytes| BesideFile { name: KEYS.to_owned(), bytes }).collect()
}
