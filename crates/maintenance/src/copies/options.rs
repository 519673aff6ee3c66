//! The options of a backup, and its report.

use serde::{Deserialize, Serialize};

use super::BackupError;
use jangbu_ledger::Position;

/// How a backup is made.
#[derive(Default)]
pub struct BackupOptions {
    /// Whether every existing copy is read, and replaced if it differs from what was written.
    pub repair: bool,
    /// Further files for the backup. Without it, the further files of an earlier backup stay.
    pub beside: Option<Beside>,
}

impl std::fmt::Debug for BackupOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (repair, beside) = (self.repair, self.beside.is_some());
        f.debug_struct("BackupOptions").field("repair", &repair).field("beside", &beside).finish()
    }
}

/// A file of the application that a backup contains beside the journal.
#[derive(Clone, PartialEq, Eq)]
pub struct BesideFile {
    /// The file's name in the bank's directory: 1 to 32 lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// The contents.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for BesideFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The contents may be secret.
        f.debug_struct("BesideFile").field("name", &self.name).field("bytes", &self.bytes.len()).finish()
    }
}

/// Receives the further files, and completes the backup with them.
pub type Complete<'a> = dyn FnMut(Vec<BesideFile>) -> Result<(), BackupError> + 'a;

/// Provides the further files. It is called once most of the journal is copied, calls its argument with the files, and
/// ensures that they do not change before that returns. Records written in the meantime are copied then, so the backup
/// has every record that preceded this state of the files.
pub type Beside = Box<dyn FnOnce(&mut Complete<'_>) -> Result<(), BackupError> + Send>;

/// The result of a backup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BackupReport {
    /// The position of the last record in the backup. It includes everything that was durable when the backup started.
    pub position: Position,
    /// The number of segments copied, including the last one if it grew.
    pub segments_copied: u64,
    /// The number of segments that were already there.
    pub segments_kept: u64,
    /// The number of bytes written for copies.
    pub bytes_copied: u64,
    /// The number of damaged copies that were replaced.
    pub repaired: u64,
    /// The number of further files in the backup.
    pub beside: u64,
}
