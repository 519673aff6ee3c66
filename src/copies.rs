//! The backup made by `jangbu backup`, in its own process or in the service that has the bank open: the engine's copy
//! of the journal, and with it the key file of the bank's members. Personal data in the journal is sealed with those
//! keys, so each is useless without the other.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jangbu::JournalError;
use jangbu::backup::{BackupError, Beside, Contained};

use crate::copied::{KEYS, beside};

/// Returns the key file of the bank in `data`, as the file that a backup stores beside the journal. This process must
/// have the bank open.
///
/// It is read after the journal is copied: every key is older than the records that need it.
pub(crate) fn keys_of(data: &Path) -> Beside {
    let data = data.to_path_buf();
    Box::new(move |complete| complete(beside(keys::read(&data)?)))
}

/// Installs the key file of a backup in the bank restored into `data`, before the bank is opened, and checks that it is
/// the members' key file.
///
/// In an old backup the key file is beside the backup's manifest, under its own name.
pub(crate) fn restore_keys(backup: &Path, data: &Path, found: &Contained) -> Result<(), BackupError> {
    if found.beside.is_none() {
        copy_old(&backup.join(KEYS), data)?;
    }
    keys::settle(data, found)
}

fn copy_old(source: &Path, data: &Path) -> Result<(), BackupError> {
    let target = data.join(KEYS);
    let failed = |operation, path: &Path| {
        let path = path.to_path_buf();
        move |source| BackupError::from(JournalError::Io { operation, path, source })
    };
    let bytes = match fs::read(source) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("read", source)(error)),
    };
    // Only the bank's own user may read it.
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&target)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        File::open(data)?.sync_all()
    };
    write().map_err(failed("write", &target))
}

#[cfg(feature = "server")]
pub(crate) use keys::verify;

/// Checks of the key file, in a program that knows members.
#[cfg(feature = "server")]
mod keys {
    use std::path::Path;

    use jangbu::JournalError;
    use jangbu::backup::{BackupError, Contained};

    use crate::copied::KEYS;
    use crate::server::{Keys, KeysError, KeysFound, verify_keys};

    fn backup_error(error: KeysError) -> BackupError {
        match error {
            KeysError::File { operation, path, source } => JournalError::Io { operation, path, source }.into(),
            other => BackupError::Beside(other.to_string()),
        }
    }

    /// Returns the bytes of a directory's key file, or `None` if it has none.
    pub(super) fn read(data: &Path) -> Result<Option<Vec<u8>>, BackupError> {
        Ok(Keys::open(data).map_err(backup_error)?.with_bytes(|bytes| bytes))
    }

    /// Checks the key file of a restored bank, and makes the second copy.
    pub(super) fn settle(data: &Path, found: &Contained) -> Result<(), BackupError> {
        let keys = Keys::open(data).map_err(backup_error)?;
        let there = keys.are_there().then_some(&keys);
        verify_keys(there, &data.join(KEYS), &found.records).map_err(|error| BackupError::Beside(error.to_string()))?;
        keys.mend().map_err(backup_error).map(drop)
    }

    /// Checks that the keys of a backup belong to its members. Returns `None` if it has neither keys nor members.
    pub(crate) fn verify(directory: &Path, found: &Contained) -> Result<Option<KeysFound>, BackupError> {
        let path = directory.join(KEYS);
        let keys = match &found.beside {
            Some(files) => {
                let file = files.iter().find(|file| file.name == KEYS);
                file.map(|file| Keys::of_bytes(&path, &file.bytes)).transpose().map_err(backup_error)?
            }
            None => Some(Keys::open(directory).map_err(backup_error)?).filter(Keys::are_there),
        };
        verify_keys(keys.as_ref(), &path, &found.records).map_err(|error| BackupError::Beside(error.to_string()))
    }
}

/// In a program that knows no members, the key file is copied like any other file.
#[cfg(not(feature = "server"))]
mod keys {
    use std::io::ErrorKind;
    use std::path::Path;

    use jangbu::JournalError;
    use jangbu::backup::{BackupError, Contained};

    pub(super) fn read(data: &Path) -> Result<Option<Vec<u8>>, BackupError> {
        let path = data.join(crate::copied::KEYS);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(JournalError::Io { operation: "read", path, source }.into()),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it can fail in a program with members")]
    pub(super) fn settle(_: &Path, _: &Contained) -> Result<(), BackupError> {
        Ok(())
    }
}
