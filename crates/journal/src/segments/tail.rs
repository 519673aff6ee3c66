//! The bytes after the last sound frame: none, a torn frame, or damage.

use std::path::Path;

use super::super::JournalError;
use super::super::disk::{Access, Disk, DiskFile};
use super::super::format::frame::Claim;
use super::super::format::{SECTOR_BYTES, frame, names};
use super::frames::FrameReader;
use jangbu_ledger::Position;
use jangbu_plant::{Bug, is_planted};

/// The bytes after the last sound frame, if they are not damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Zeros: nothing was ever written there.
    Empty,
    /// A torn frame, followed by zeros.
    Torn {
        /// The end of the torn bytes.
        end: u64,
    },
}

/// How much is examined at a time.
const STEP_BYTES: usize = 256 * 1024;

/// Judges the bytes between `offset`, where no sound frame begins, and the end of the file.
///
/// Three facts decide. First, only one frame is written at a time, after the previous one is durable; a sound frame
/// further on proves that the bytes here were once sound. Second, the space was zeroed and synced before anything was
/// written to it, and a disk writes a sector completely or not at all; so a torn frame lacks a sector that is still all
/// zeros, and if no sector is missing, its bytes were changed later. Third, nothing was being written after a clean
/// close.
///
/// # Errors
/// [`JournalError::Damaged`] for everything that an interrupted write does not leave behind.
pub(crate) fn examine(
    frames: &mut FrameReader,
    offset: u64,
    file_bytes: u64,
    last: Position,
    closed: bool,
) -> Result<Tail, JournalError> {
    let path = frames.path().to_path_buf();
    let damaged = |what: &str| Err(JournalError::damaged_after(last, &path, offset, what));
    let mut written_end = None;
    let mut at = offset;
    while at < file_bytes {
        let bytes = frames.bytes_at(at, STEP_BYTES, file_bytes)?;
        if bytes.is_empty() {
            break;
        }
        let read = bytes.len() as u64;
        let mut claims = Vec::new();
        for (sector, start) in bytes.chunks(SECTOR_BYTES).zip((at..).step_by(SECTOR_BYTES)) {
            if sector.iter().any(|byte| *byte != 0) {
                written_end = Some(start + sector.len() as u64);
            }
            if start > offset && frame::claimed_bytes(sector).is_some() {
                claims.push(start);
            }
        }
        for start in claims {
            if frames.frame_at(start, file_bytes)?.is_some() {
                return damaged(&format!("no sound frame is here, but one follows at byte {start}"));
            }
        }
        at += read;
    }
    let Some(end) = written_end else { return Ok(Tail::Empty) };
    if closed {
        return damaged("the journal was cleanly closed, but something follows");
    }
    match unlike_a_torn_frame(frames, offset, file_bytes, end, last)? {
        Some(what) if !is_planted(Bug::LastFrameTakenForTorn) => damaged(what),
        _ => Ok(Tail::Torn { end }),
    }
}

/// Returns why the bytes from `offset` to `end` cannot be what an interrupted write left of the frame after `last`;
/// `None` if they can be.
fn unlike_a_torn_frame(
    frames: &mut FrameReader,
    offset: u64,
    file_bytes: u64,
    end: u64,
    last: Position,
) -> Result<Option<&'static str>, JournalError> {
    let seed = frames.seed();
    let header = frames.bytes_at(offset, SECTOR_BYTES, file_bytes)?;
    if header.iter().all(|byte| *byte == 0) {
        let too_far = end - offset > frame::MAX_FRAME_BYTES as u64;
        return Ok(too_far.then_some("no frame is here, and these bytes are longer than a torn frame can be"));
    }
    let Some(claim) = Claim::read(header, seed) else {
        return Ok(Some("the bytes here are not the header of a frame, but were written completely"));
    };
    let frame = frames.bytes_at(offset, claim.bytes, file_bytes)?;
    Ok(match () {
        () if claim.first != last.next() => Some("the frame here is for another position"),
        () if frame.len() < claim.bytes => Some("the frame here is longer than the file"),
        () if end > offset + claim.bytes as u64 => Some("no sound frame is here, and further bytes follow it"),
        () if !claim.is_incomplete(frame) => {
            Some("this frame was written completely, but its checksum is wrong: bytes were changed later")
        }
        () => None,
    })
}

/// The end of the written part of the last segment, which an open repairs.
pub(crate) struct Ending<'a> {
    pub disk: &'a dyn Disk,
    pub dir: &'a Path,
    pub file: &'a dyn DiskFile,
    pub path: &'a Path,
    /// The last sound record.
    pub last: Position,
    /// The start and the end of the last sound frame.
    pub last_frame: (u64, u64),
}

impl Ending<'_> {
    /// Makes what was read durable, and cuts off a torn frame.
    ///
    /// After a crash in between, it can be repeated.
    pub(crate) fn settle(&self, tail: Tail) -> Result<(), JournalError> {
        let end = match tail {
            Tail::Empty => self.last_frame.1,
            Tail::Torn { end } => {
                self.keep_aside(end)?;
                end
            }
        };
        self.wipe(end)?;
        self.write_last_frame_again()?;
        self.file.sync().map_err(JournalError::io("sync", self.path))
    }

    /// Copies the torn bytes to a separate file.
    fn keep_aside(&self, end: u64) -> Result<(), JournalError> {
        let bytes = self.read(self.last_frame.1, end)?;
        let name = names::torn(self.last.next().get(), self.torn_before()?.len() as u64 + 1);
        let path = self.dir.join(&name);
        let copy = self.disk.open(&path, Access::Create).map_err(JournalError::io("create", &path))?;
        copy.write_at(&bytes, 0).map_err(JournalError::io("write", &path))?;
        copy.sync().map_err(JournalError::io("sync", &path))?;
        self.disk.sync_dir(self.dir).map_err(JournalError::io("sync", self.dir))?;
        tracing::warn!(
            position = self.last.next().get(),
            bytes = bytes.len(),
            kept_in = name,
            "the journal ends in a frame that was being written when the program or the machine stopped; it is cut off"
        );
        Ok(())
    }

    /// Zeroes torn bytes up to `end`, so that they cannot complete what is written over them later.
    ///
    /// Also zeroes those that an earlier open kept aside at this position. That open may have failed to make its
    /// zeroing durable; then the bytes are still on the disk, although they do not read so.
    fn wipe(&self, end: u64) -> Result<(), JournalError> {
        let start = self.last_frame.1;
        let mut length = end - start;
        for name in self.torn_before()? {
            let path = self.dir.join(name);
            let kept = self.disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
            length = length.max(kept.size().map_err(JournalError::io("measure", &path))?);
        }
        let size = self.file.size().map_err(JournalError::io("measure", self.path))?;
        let zeros = vec![0; usize::try_from(length.min(size - start)).unwrap_or(0)];
        if zeros.is_empty() {
            return Ok(());
        }
        self.file.write_at(&zeros, start).map_err(JournalError::io("write", self.path))
    }

    /// Writes the last frame again, unchanged. It may never have been synced, or its sync may have failed, after which
    /// the operating system counts its pages as clean and no further sync writes them. Every earlier frame was synced
    /// before the next was written.
    fn write_last_frame_again(&self) -> Result<(), JournalError> {
        let (start, end) = self.last_frame;
        if start == end {
            return Ok(());
        }
        self.file.write_at(&self.read(start, end)?, start).map_err(JournalError::io("write", self.path))
    }

    fn read(&self, start: u64, end: u64) -> Result<Vec<u8>, JournalError> {
        let mut bytes = vec![0; usize::try_from(end - start).unwrap_or(0)];
        self.file.read_full_at(&mut bytes, start).map_err(JournalError::io("read", self.path))?;
        Ok(bytes)
    }

    /// Returns the files with torn bytes from this position.
    fn torn_before(&self) -> Result<Vec<String>, JournalError> {
        let position = self.last.next().get();
        let mut names = self.disk.list(self.dir).map_err(JournalError::io("list", self.dir))?;
        names.retain(|name| names::torn_at(name) == Some(position));
        Ok(names)
    }
}
