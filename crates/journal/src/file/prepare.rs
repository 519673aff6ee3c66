//! Prepares new segments: the space in advance, the header and the name when the segment is needed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::JournalError;
use super::super::disk::{Access, Disk, DiskFile};
use super::super::format::header::SegmentHeader;
use super::super::format::names;

/// How much is zeroed per write: not more than fits into a processor core's cache.
const CHUNK_BYTES: usize = 128 * 1024;

/// How much is zeroed per sync, so that the writer's own syncs never wait for all of it.
const SYNC_EVERY_BYTES: u64 = 8 * 1024 * 1024;

/// A file of zeros that will become a segment.
#[derive(Debug)]
pub(super) struct Prepared {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    pub(super) bytes: u64,
}

/// Prepares a file of `bytes` zeros for the segment with that number. Returns `None` if `stopping` is set in the
/// meantime.
///
/// The zeros are actually written. On ext4, a sync of blocks that are allocated and written has no metadata to write,
/// which makes small commits a quarter faster and large ones twice as fast as in a sparse file, by measurement.
pub(super) fn prepare(
    disk: &dyn Disk,
    dir: &Path,
    number: u64,
    bytes: u64,
    stopping: &AtomicBool,
) -> Result<Option<Prepared>, JournalError> {
    let path = dir.join(names::making(&names::segment(number)));
    let file = disk.open(&path, Access::Create).map_err(JournalError::io("create", &path))?;
    let mut prepared = Prepared { file, path, bytes: 0 };
    match prepared.grow(bytes, stopping) {
        Ok(true) => Ok(Some(prepared)),
        Ok(false) => {
            prepared.discard(disk);
            Ok(None)
        }
        // Its incomplete file takes space that others may need. A retry starts afresh.
        Err(error) => {
            prepared.discard(disk);
            Err(error)
        }
    }
}

impl Prepared {
    /// Extends the file with zeros. Returns `false` if `stopping` is set in the meantime.
    fn grow(&mut self, bytes: u64, stopping: &AtomicBool) -> Result<bool, JournalError> {
        let zeros = vec![0; CHUNK_BYTES];
        let mut unsynced = 0;
        while self.bytes < bytes {
            if stopping.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let length = usize::try_from(bytes - self.bytes).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
            let chunk = zeros.get(..length).unwrap_or(&zeros);
            self.file.write_at(chunk, self.bytes).map_err(JournalError::io("write", &self.path))?;
            self.bytes += length as u64;
            unsynced += length as u64;
            if unsynced >= SYNC_EVERY_BYTES || self.bytes >= bytes {
                self.file.sync().map_err(JournalError::io("sync", &self.path))?;
                unsynced = 0;
            }
        }
        Ok(true)
    }

    /// Makes the segment part of the journal: its header is durable before it gets its name, and the name before
    /// anything is written after the header.
    pub(super) fn publish(
        mut self,
        disk: &dyn Disk,
        dir: &Path,
        mut header: SegmentHeader,
        least_bytes: u64,
    ) -> Result<(Arc<dyn DiskFile>, SegmentHeader), JournalError> {
        // For a record that is larger than a segment. Segments are that small only in tests.
        self.grow(least_bytes.max(self.bytes), &AtomicBool::new(false))?;
        header.bytes = self.bytes;
        self.file.write_at(&header.encode(), 0).map_err(JournalError::io("write", &self.path))?;
        self.file.sync().map_err(JournalError::io("sync", &self.path))?;
        let path = dir.join(names::segment(header.number));
        disk.rename(&self.path, &path).map_err(JournalError::io("rename", &self.path))?;
        disk.sync_dir(dir).map_err(JournalError::io("sync", dir))?;
        Ok((self.file, header))
    }

    /// Removes the file, which is not part of the journal yet. If that fails, the next open removes it.
    pub(super) fn discard(self, disk: &dyn Disk) {
        if let Err(error) = disk.remove(&self.path) {
            tracing::debug!(%error, "a prepared segment could not be removed; the next open removes it");
        }
    }
}
