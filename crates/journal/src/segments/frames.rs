//! Reads frames one after another, in chunks large enough to keep a disk busy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::JournalError;
use super::super::disk::DiskFile;
use super::super::format::frame::{self, Frame};

/// The minimum size of a read.
const CHUNK_BYTES: usize = 1024 * 1024;

/// Reads the frames of one file.
#[derive(Debug)]
pub struct FrameReader {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    /// The seed of the frames' checksums.
    seed: u32,
    buffer: Vec<u8>,
    /// The offset of the buffer's first byte in the file.
    buffer_at: u64,
}

impl FrameReader {
    /// Creates a reader of the frames in `file`, whose checksums start from `seed`.
    pub fn new(file: Arc<dyn DiskFile>, path: &Path, seed: u32) -> FrameReader {
        FrameReader { file, path: path.to_path_buf(), seed, buffer: Vec::new(), buffer_at: 0 }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the seed of the frames' checksums.
    pub(crate) const fn seed(&self) -> u32 {
        self.seed
    }

    /// Returns the sound frame at `offset`, if there is one that ends at or before `limit`.
    pub fn frame_at(&mut self, offset: u64, limit: u64) -> Result<Option<Frame<'_>>, JournalError> {
        let Some(claimed) = frame::claimed_bytes(self.bytes_at(offset, frame::HEADER_BYTES, limit)?) else {
            return Ok(None);
        };
        let seed = self.seed;
        let bytes = self.bytes_at(offset, claimed, limit)?;
        Ok(if bytes.len() == claimed { frame::decode(bytes, seed) } else { None })
    }

    /// Returns `wanted` bytes at `offset`, or fewer if `limit` comes first.
    pub(crate) fn bytes_at(&mut self, offset: u64, wanted: usize, limit: u64) -> Result<&[u8], JournalError> {
        let wanted = wanted.min(usize::try_from(limit.saturating_sub(offset)).unwrap_or(usize::MAX));
        let kept = offset.checked_sub(self.buffer_at).and_then(|skip| usize::try_from(skip).ok());
        if kept.is_none_or(|start| start + wanted > self.buffer.len()) {
            self.fill(offset, wanted, limit)?;
        }
        let start = usize::try_from(offset - self.buffer_at).unwrap_or(usize::MAX);
        let rest = self.buffer.get(start..).unwrap_or_default();
        Ok(rest.get(..wanted).unwrap_or(rest))
    }

    /// Fills the buffer from `offset` with at least `wanted` bytes, if the file has them.
    fn fill(&mut self, offset: u64, wanted: usize, limit: u64) -> Result<(), JournalError> {
        let kept = offset.checked_sub(self.buffer_at).and_then(|skip| usize::try_from(skip).ok());
        match kept.filter(|skip| *skip <= self.buffer.len()) {
            Some(skip) => drop(self.buffer.drain(..skip)),
            None => self.buffer.clear(),
        }
        self.buffer_at = offset;
        let room = usize::try_from(limit.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = wanted.max(CHUNK_BYTES).min(room);
        let have = self.buffer.len();
        if have < length {
            self.buffer.resize(length, 0);
            let rest = self.buffer.get_mut(have..).unwrap_or_default();
            let read =
                self.file.read_full_at(rest, offset + have as u64).map_err(JournalError::io("read", &self.path))?;
            self.buffer.truncate(have + read);
        }
        Ok(())
    }
}
