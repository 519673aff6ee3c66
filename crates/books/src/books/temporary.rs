//! Temporary stores, which are removed when they are dropped: copies of a stored state for read-only use, and empty
//! ones.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use super::blocks::{BLOCK_BYTES, Blocks};
use super::store::{Change, Pair, SledStore, Store, StoreError};

/// A store in a directory for temporary files.
pub(super) struct TemporaryStore {
    /// Before its directory, which is removed after it.
    blocks: Blocks<SledStore>,
    _directory: TempDir,
}

impl TemporaryStore {
    /// Creates an empty store.
    ///
    /// # Errors
    /// The operating system's, such as a full disk.
    pub(super) fn empty() -> Result<Arc<dyn Store>, StoreError> {
        TemporaryStore::copy_of(None)
    }

    /// Copies the state in the directory, or creates an empty store if there is none.
    ///
    /// # Errors
    /// The operating system's, such as a full disk, or a copy that cannot be opened.
    pub(super) fn copy_of(state: Option<&Path>) -> Result<Arc<dyn Store>, StoreError> {
        let failed = |error: io::Error| {
            StoreError::Environment(format!(
                "a temporary state cannot be made in {} (TMPDIR): {error}",
                std::env::temp_dir().display()
            ))
        };
        let directory = tempfile::Builder::new().prefix("jangbu-").tempdir().map_err(failed)?;
        let copy = directory.path().join("state");
        match state.map(|state| (state, state.metadata())) {
            Some((_, Ok(found))) if !found.is_dir() => return Err(StoreError::Damaged("it is not a directory".into())),
            Some((state, Ok(_))) => copy_all(state, &copy).map_err(failed)?,
            Some((_, Err(error))) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            Some((_, Err(_))) | None => {}
        }
        let blocks = Blocks::over(SledStore::open(&copy)?, BLOCK_BYTES);
        Ok(Arc::new(TemporaryStore { blocks, _directory: directory }))
    }
}

/// Copies a directory of files and directories.
fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy_all(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}

impl Store for TemporaryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.blocks.get(key)
    }

    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.blocks.scan(prefix, from, limit)
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.blocks.write(changes)
    }

    fn write_each(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.blocks.write_each(changes)
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn is_kept(&self) -> bool {
        true
    }

    fn bytes_on_disk(&self) -> u64 {
        self.blocks.bytes_on_disk()
    }
}
