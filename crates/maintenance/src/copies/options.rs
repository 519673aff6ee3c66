//! What a backup is to do, and what it did.

use serde::{Deserialize, Serialize};

use super::BackupError;
use jangbu_ledger::Position;

/// How a backup is made.
#[derive(Default)]
pub struct BackupOptions {
    /// Whether every copy that is there is read, and made again where it is not as it was written.
    pub repair: bool,
    /// What else belongs to the backup; without it, what an earlier backup holds beside the journal stays.
    pub beside: Option<Beside>,
}

impl std::fmt::Debug for BackupOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (repair, beside) = (self.repair, self.beside.is_some());
        f.debug_struct("BackupOptions").field("repair", &repair).field("beside", &beside).finish()
    }
}

/// A file of the application's, which a backup holds beside the journal.
#[derive(Clone, PartialEq, Eq)]
pub struct BesideFile {
    /// Its name in the bank's directory: 1 to 32 lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for BesideFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is in it may be secret.
        f.debug_struct("BesideFile").field("name", &self.name).field("bytes", &self.bytes.len()).finish()
    }
}

/// Takes the files that belong beside the journal, and completes the backup with them.
pub type Complete<'a> = dyn FnMut(Vec<BesideFile>) -> Result<(), BackupError> + 'a;

/// Provides the files beside the journal. It is called once most of the journal is copied, calls its argument with the
/// files, and sees to it that these do not change before that returns. What was recorded meanwhile is copied then: the
/// backup has every record that came before the files were as they are.
pub type Beside = Box<dyn FnOnce(&mut Complete<'_>) -> Result<(), BackupError> + Send>;

/// What a backup did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BackupReport {
    /// The last record that the backup has. Everything that was durable when it began is in it.
    pub position: Position,
    /// Segments that were copied, the last one among them when it grew.
    pub segments_copied: u64,
    /// Segments that were there already.
    pub segments_kept: u64,
    /// Bytes written for copies.
    pub bytes_copied: u64,
    /// Copies that were not as they were written and were made again.
    pub repaired: u64,
    /// Files beside the journal that the backup has.
    pub beside: u64,
}
