//! Copies of segments: their durable part followed by zeros, so that each can be the last one of a journal.

use std::path::Path;

use super::{BackupError, CHUNK_BYTES, Copies};
use jangbu_journal::JournalError;
use jangbu_journal::disk::{Access, Disk};
use jangbu_journal::format::header::SegmentHeader;
use jangbu_journal::format::manifest::SegmentEntry;
use jangbu_journal::format::names;
use jangbu_journal::format::{Chain, SECTOR_BYTES};
use jangbu_journal::medium::read_the_medium;
use jangbu_journal::segments::frames::FrameReader;
use jangbu_journal::segments::tail::Tail;
use jangbu_journal::segments::walk::{self, Walk};

impl Copies<'_> {
    /// Copies a segment up to byte `bytes`, the end of a frame, verifies the copy frame by frame, and adds it to the
    /// manifest.
    pub(super) fn copy_segment(&mut self, from: &Path, number: u64, bytes: u64) -> Result<SegmentEntry, BackupError> {
        let header = walk::header(self.disk, from, number)?;
        let name = names::segment(number);
        let (made, path) = (self.files().join(names::making(&name)), self.files().join(&name));
        let digest = copy_bytes(self.disk, from, &made, bytes, Behind::Hole(header.bytes.max(bytes)))?;
        // From here on, only the copy is read.
        let mut walk = Walk::new(self.disk, &made, walk::header(self.disk, &made, number)?)?;
        let tail = walk.run(|_| Ok::<(), JournalError>(()))?;
        if tail != Tail::Empty || walk.offset != bytes {
            return Err(JournalError::damaged_after(walk.last, from, walk.offset, "no sound frame is here").into());
        }
        self.publish(&made, &path)?;
        let entry = SegmentEntry {
            first: walk.header.first,
            last: walk.last,
            bytes,
            last_frame: walk.last_frame_at,
            chain: walk.chain,
            digest,
        };
        self.manifest.segments.insert(number, entry);
        Ok(entry)
    }

    /// Returns whether the segment's copy in the manifest exists, judging by its length, its header, its last frame and
    /// the zeros after it. The rest was read when it was copied, and only [`super::Contents`] reads it again.
    pub(super) fn has_segment(&self, header: &SegmentHeader, entry: &SegmentEntry) -> Result<bool, BackupError> {
        let path = self.files().join(names::segment(header.number));
        if self.size_of(&path)? != Some(header.bytes.max(entry.bytes)) {
            return Ok(false);
        }
        match walk::header(self.disk, &path, header.number) {
            Ok(copied) if copied == *header => {}
            // A copy that cannot be read now may still be the right one.
            Err(error @ JournalError::Io { .. }) => return Err(error.into()),
            _ => return Ok(false),
        }
        let file = self.disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
        // If the backup was opened as a bank, at least a clean close was written there.
        let mut behind = [0; SECTOR_BYTES];
        file.read_full_at(&mut behind, entry.bytes).map_err(JournalError::io("read", &path))?;
        if behind.iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        if entry.last_frame == entry.bytes {
            return Ok(true);
        }
        let mut frames = FrameReader::new(file, &path, header.frame_seed());
        let last = frames.frame_at(entry.last_frame, entry.bytes)?;
        Ok(last.is_some_and(|frame| frame.chain == entry.chain))
    }
}

/// Returns the chain value of a segment after the frame that ends at `bytes`; `None` if no frame ends there.
pub(super) fn chain_at(
    disk: &dyn Disk,
    path: &Path,
    header: &SegmentHeader,
    bytes: u64,
) -> Result<Option<Chain>, JournalError> {
    let mut walk = Walk::new(disk, path, header.clone())?;
    match walk.run_until(Some(bytes), |_| Ok::<(), JournalError>(())) {
        Ok(_) => Ok(Some(walk.chain)),
        Err(JournalError::Damaged { .. }) if walk.offset > bytes => Ok(None),
        Err(error) => Err(error),
    }
}

/// What follows the copied bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// A hole of zeros up to this length, which takes no space if the file system supports it.
    Hole(u64),
    /// Written zeros up to this length, as the writer of a journal needs them.
    Zeros(u64),
}

/// Copies the first `bytes` of a file durably. Returns their hash.
pub(super) fn copy_bytes(
    disk: &dyn Disk,
    from: &Path,
    to: &Path,
    bytes: u64,
    behind: Behind,
) -> Result<[u8; 32], BackupError> {
    let source = disk.open(from, Access::Read).map_err(JournalError::io("open", from))?;
    let copy = disk.open(to, Access::Create).map_err(JournalError::io("create", to))?;
    let (mut hasher, mut buffer, mut offset) = (blake3::Hasher::new(), vec![0; CHUNK_BYTES], 0);
    while offset < bytes {
        let length = usize::try_from(bytes - offset).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let chunk = buffer.get_mut(..length).unwrap_or_default();
        let read = source.read_full_at(chunk, offset).map_err(JournalError::io("read", from))?;
        if read < length {
            return Err(BackupError::Damaged { path: from.to_path_buf(), what: "it is cut off" });
        }
        hasher.update(chunk);
        copy.write_at(chunk, offset).map_err(JournalError::io("write", to))?;
        offset += read as u64;
    }
    match behind {
        Behind::Hole(size) => copy.set_len(size).map_err(JournalError::io("lengthen", to))?,
        Behind::Zeros(size) => {
            buffer.fill(0);
            while offset < size {
                let length = usize::try_from(size - offset).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
                let zeros = buffer.get(..length).unwrap_or_default();
                copy.write_at(zeros, offset).map_err(JournalError::io("write", to))?;
                offset += length as u64;
            }
        }
    }
    copy.sync().map_err(JournalError::io("sync", to))?;
    // The copy is read from the medium from now on.
    read_the_medium(&*copy).map_err(JournalError::io("read back", to))?;
    Ok(*hasher.finalize().as_bytes())
}
