//! Reads from the medium instead of the operating system's cache.

use std::path::Path;

use crate::JournalError;
use crate::disk::{Access, Disk, DiskFile};
use jangbu_plant::{Bug, is_planted};

/// How much is read at a time.
const CHUNK_BYTES: usize = 1024 * 1024;

/// Drops the cached contents of a file, so that the next reads come from the medium.
///
/// # Errors
/// Those of the operating system.
pub fn read_the_medium(file: &dyn DiskFile) -> std::io::Result<()> {
    if is_planted(Bug::ReadsMemory) { Ok(()) } else { file.drop_cache() }
}

/// Returns the hash of the first `bytes` of a file, or of the whole file if it is shorter.
///
/// # Errors
/// [`JournalError::Io`].
pub fn digest_of(disk: &dyn Disk, path: &Path, bytes: u64) -> Result<[u8; 32], JournalError> {
    let file = disk.open(path, Access::Read).map_err(JournalError::io("open", path))?;
    let (mut hasher, mut buffer, mut offset) = (blake3::Hasher::new(), vec![0; CHUNK_BYTES], 0);
    while offset < bytes {
        let length = usize::try_from(bytes - offset).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let chunk = buffer.get_mut(..length).unwrap_or_default();
        let read = file.read_full_at(chunk, offset).map_err(JournalError::io("read", path))?;
        if read == 0 {
            break;
        }
        hasher.update(chunk.get(..read).unwrap_or_default());
        offset += read as u64;
    }
    Ok(*hasher.finalize().as_bytes())
}
