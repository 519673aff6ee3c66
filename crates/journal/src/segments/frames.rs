//! Reads frames one after another, in chunks that keep a disk busy.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::JournalError;
use super::super::disk::DiskFile;
use super::super::format::frame::{self, Frame};

/// How much is read at least.
const CHUNK_BYTES: usize = 1024 * 1024;

/// Reads the frames of one file.
#[derive(Debug)]
pub struct FrameReader {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    /// What the frames' checksums begin from.
    seed: u32,
    buffer: Vec<u8>,
    /// Where the buffer's first byte stands in the file.
    buffer_at: u64,
}

impl FrameReader {
    /// Reads frames of `file`, whose hashes begin with `seed`.
    pub fn new(file: Arc<dyn DiskFile>, path: &Path, seed: u32) -> FrameReader {
        FrameReader { file, path: path.to_path_buf(), seed, buffer: Vec::new(), buffer_at: 0 }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What the frames' checksums begin from.
    pub(crate) const fn seed(&self) -> u32 {
        self.seed
    }

    /// The sound frame at `offset`, if there is one that ends at or before `limit`.
    pub fn frame_at(&mut self, offset: u64, limit: u64) -> Result<Option<Frame<'_>>, JournalError> {
        let Some(claimed) = frame::claimed_bytes(self.bytes_at(offset, frame::HEADER_BYTES, limit)?) else {
            return Ok(None);
        };
        let seed = self.seed;
        let bytes = self.bytes_at(offset, claimed, limit)?;
        Ok(if bytes.len() == claimed { frame::decode(bytes, seed) } else { None })
    }

    /// The `wanted` bytes at `offset`, or as many as there are before `limit`.
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

    /// Makes the buffer begin at `offset` and hold `wanted` bytes and some more, where the file has them.
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
