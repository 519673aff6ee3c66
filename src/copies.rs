//! What `jangbu backup` makes, here or in the service that has the bank: a copy of the journal, which is the engine's work,
//! and beside it one of the key file of the bank's members. What is personal in the journal is sealed with those keys, so a
//! copy of the one without the other is of no use.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jangbu::JournalError;
use jangbu::backup::{BackupError, BackupReport};
use serde::{Deserialize, Serialize};

/// The name of the key file in the bank's directory, and in that of a backup.
const KEYS: &str = "keys";

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
    /// Whether there is a key file, and so a copy of it.
    pub(crate) has_keys: bool,
}

impl Copied {
    /// The figures of a backup of the journal, and whether keys were copied after it.
    pub(crate) fn of(report: &BackupReport, has_keys: bool) -> Copied {
        Copied {
            position: report.position.get(),
            segments_copied: report.segments_copied,
            segments_kept: report.segments_kept,
            bytes_copied: report.bytes_copied,
            has_keys,
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
            BackupError::Damaged { .. } => NotCopied::Damaged(error.to_string()),
            other => NotCopied::Impossible(other.to_string()),
        }
    }
}

/// Copies the key file from directory to directory, if there is one, and syncs it. Returns whether there is.
///
/// It is copied after the journal: every key is older than the records that need it, so it has all that the copied
/// records need. A copy that is there is replaced as a whole, with keys that were destroyed since.
pub(crate) fn copy_keys(from: &Path, to: &Path) -> Result<bool, NotCopied> {
    let source = from.join(KEYS);
    let fail = |operation, path: &Path, error: &io::Error| {
        NotCopied::Impossible(format!("cannot {operation} {}: {error}", path.display()))
    };
    let bytes = match fs::read(&source) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(fail("read", &source, &error)),
    };
    let target = to.join(KEYS);
    let replace = || -> io::Result<()> {
        let beside = to.join("keys.new");
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // Nobody but the bank's own user may read it, there as here.
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&beside, &target)?;
        File::open(to)?.sync_all()
    };
    replace().map_err(|error| fail("write", &target, &error))?;
    Ok(true)
}
