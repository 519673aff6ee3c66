//! What `jangbu backup` makes, here or in the service that has the bank: a copy of the journal, which is the engine's work,
//! and beside it, as a part of it, the key file of the bank's members. What is personal in the journal is sealed with those keys, so a
//! copy of the one without the other is of no use.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jangbu::JournalError;
use jangbu::backup::{BackupError, Beside, Contained};

use crate::copied::{KEYS, beside};

/// What goes beside the journal of the bank in `data`, which is open here and so to nobody else: its key file.
///
/// It is read once the journal is copied: every key is older than the records that need it.
pub(crate) fn keys_of(data: &Path) -> Beside {
    let data = data.to_path_buf();
    Box::new(move |complete| complete(beside(keys::read(&data)?)))
}

/// Puts the key file of a backup in order in the bank that was restored into `data`, before that can be opened, and sees
/// whether it is that of the bank's members.
///
/// A backup of before the key file was part of it has it beside, under its name.
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
    // Nobody but the bank's own user may read it, there as here.
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

/// What the key file says, where the program knows members.
#[cfg(feature = "server")]
mod keys {
    use std::path::Path;

    use jangbu::JournalError;
    use jangbu::backup::{BackupError, Contained};

    use crate::copied::KEYS;
    use crate::server::{Keys, KeysError, KeysFound, verify_keys};

    fn told(error: KeysError) -> BackupError {
        match error {
            KeysError::File { operation, path, source } => JournalError::Io { operation, path, source }.into(),
            other => BackupError::Beside(other.to_string()),
        }
    }

    /// The bytes of a directory's key file; `None` when there is none.
    pub(super) fn read(data: &Path) -> Result<Option<Vec<u8>>, BackupError> {
        Ok(Keys::open(data).map_err(told)?.with_bytes(|bytes| bytes))
    }

    /// Checks the key file of a bank that is restored, and makes its copy.
    pub(super) fn settle(data: &Path, found: &Contained) -> Result<(), BackupError> {
        let keys = Keys::open(data).map_err(told)?;
        let there = keys.are_there().then_some(&keys);
        verify_keys(there, &data.join(KEYS), &found.records).map_err(|error| BackupError::Beside(error.to_string()))?;
        keys.mend().map_err(told).map(drop)
    }

    /// Checks whether the keys of a backup are those of its members. `None` when it has neither.
    pub(crate) fn verify(directory: &Path, found: &Contained) -> Result<Option<KeysFound>, BackupError> {
        let path = directory.join(KEYS);
        let keys = match &found.beside {
            Some(files) => {
                let file = files.iter().find(|file| file.name == KEYS);
                file.map(|file| Keys::of_bytes(&path, &file.bytes)).transpose().map_err(told)?
            }
            None => Some(Keys::open(directory).map_err(told)?).filter(Keys::are_there),
        };
        verify_keys(keys.as_ref(), &path, &found.records).map_err(|error| BackupError::Beside(error.to_string()))
    }
}

/// Without members, the key file is a file as any other.
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

    #[expect(clippy::unnecessary_wraps, reason = "it can fail where members are known")]
    pub(super) fn settle(_: &Path, _: &Contained) -> Result<(), BackupError> {
        Ok(())
    }
}
