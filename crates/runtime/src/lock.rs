//! Locks a bank's directory against other processes while it is open.
//!
//! The lock is on the directory itself and on the journal's directory. A lock file could be removed; directories cannot
//! while they contain files. One writer excludes everybody else; readers share the lock.

use std::fs::{File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::OpenError;
use jangbu_journal::private;

/// How often a directory is reopened that was replaced between opening and locking.
const ATTEMPTS: u32 = 10;

/// The purpose for which a bank's directory is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Writing, exclusively.
    Write,
    /// Reading, shared with other readers.
    Read,
}

/// The locks on a bank's directories, held until this value is dropped.
#[derive(Debug)]
pub struct DirectoryLock {
    _bank: File,
    journal: Option<File>,
    directory: PathBuf,
    usage: Use,
}

impl DirectoryLock {
    /// Locks the bank's directory.
    ///
    /// # Errors
    /// [`OpenError::InUse`] if it is open elsewhere, [`OpenError::Directory`].
    pub fn take(directory: &Path, usage: Use) -> Result<DirectoryLock, OpenError> {
        let bank = lock(directory, directory, usage)?;
        let mut taken = DirectoryLock { _bank: bank, journal: None, directory: directory.to_path_buf(), usage };
        taken.include_journal()?;
        Ok(taken)
    }

    /// Creates the bank's directory if it does not exist, and locks it.
    ///
    /// # Errors
    /// Those of [`DirectoryLock::take`].
    pub fn make(directory: &Path) -> Result<DirectoryLock, OpenError> {
        private::make_folders(directory).map_err(failed("make", directory))?;
        DirectoryLock::take(directory, Use::Write)
    }

    /// Also locks the journal's directory, if it exists.
    ///
    /// # Errors
    /// Those of [`DirectoryLock::take`].
    pub fn include_journal(&mut self) -> Result<(), OpenError> {
        let journal = self.directory.join("journal");
        if self.journal.is_none() && journal.is_dir() {
            self.journal = Some(lock(&journal, &self.directory, self.usage)?);
        }
        Ok(())
    }
}

/// Locks a directory, and makes sure that its path still leads to it.
fn lock(path: &Path, bank: &Path, usage: Use) -> Result<File, OpenError> {
    for _ in 0..ATTEMPTS {
        let file = File::open(path).map_err(failed("open", path))?;
        let locked = match usage {
            Use::Write => file.try_lock(),
            Use::Read => file.try_lock_shared(),
        };
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(bank.to_path_buf())),
            Err(TryLockError::Error(source)) => return Err(failed("lock", path)(source)),
        }
        let is_same =
            |named: std::fs::Metadata, held: std::fs::Metadata| (named.dev(), named.ino()) == (held.dev(), held.ino());
        let held = file.metadata().map_err(failed("read", path))?;
        if std::fs::metadata(path).is_ok_and(|named| is_same(named, held)) {
            return Ok(file);
        }
    }
    Err(OpenError::InUse(bank.to_path_buf()))
}

fn failed(operation: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> OpenError {
    let path = path.to_path_buf();
    move |source| OpenError::Directory { operation, path, source }
}
