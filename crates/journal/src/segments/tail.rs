//! What lies behind the last sound frame: nothing, the remains of a frame that was being written, or damage.

use std::path::Path;

use super::super::JournalError;
use super::super::disk::{Access, Disk, DiskFile};
use super::super::format::frame::Claim;
use super::super::format::{SECTOR_BYTES, frame, names};
use super::frames::FrameReader;
use jangbu_ledger::Position;
use jangbu_plant::{Bug, is_planted};

/// What lies behind the last sound frame, when it is not damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Zeros: nothing was ever written there.
    Empty,
    /// The remains of a frame that was being written, up to this offset; zeros behind.
    Torn {
        /// Where the last whole frame ends.
        end: u64,
    },
}

/// How much is looked at in one go.
const STEP_BYTES: usize = 256 * 1024;

/// Says what lies between `offset`, where no sound frame begins, and the end of the file.
///
/// Three facts decide. Only one frame is written at a time, after the one before it is durable: a sound frame further on
/// proves that what stands here was sound once. The space was zeroed and synced before anything was written into it, and
/// a disk writes a sector whole or not at all: a frame that was being written lacks a sector that is still all zero, or
/// nothing is missing and its bytes were changed later. And behind a clean close nothing was being written.
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
                return damaged(&format!("no sound frame stands here, but one follows at byte {start}"));
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

/// Why the bytes from `offset` to `end` are not what an interrupted write left of the frame behind `last`; `None` when
/// they can be.
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
        return Ok(
            too_far.then_some("no frame stands here, and none that was being written reaches as far as this goes on")
        );
    }
    let Some(claim) = Claim::read(header, seed) else {
        return Ok(Some("what stands here is not the header of a frame, and was written whole"));
    };
    let frame = frames.bytes_at(offset, claim.bytes, file_bytes)?;
    Ok(match () {
        () if claim.first != last.next() => Some("a frame for another position stands here"),
        () if frame.len() < claim.bytes => Some("the frame that stands here is longer than the file"),
        () if end > offset + claim.bytes as u64 => Some("no sound frame stands here, and something follows behind it"),
        () if !claim.is_incomplete(frame) => {
            Some("all of this frame was written, and its checksum is wrong: bytes were changed after that")
        }
        () => None,
    })
}

/// The end of the last segment's written part, which an opening puts in order.
pub(crate) struct Ending<'a> {
    pub disk: &'a dyn Disk,
    pub dir: &'a Path,
    pub file: &'a dyn DiskFile,
    pub path: &'a Path,
    /// The last sound record.
    pub last: Position,
    /// Where the last sound frame begins and ends.
    pub last_frame: (u64, u64),
}

impl Ending<'_> {
    /// Makes what was read durable, and cuts off what a frame that was being written left behind.
    ///
    /// After a crash on the way it can be done again.
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

    /// Keeps the torn bytes in a file of their own.
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

    /// Wipes torn bytes up to `end`, so that what is written over them later cannot be completed by them.
    ///
    /// So are those that an earlier opening kept aside at this position: it may have failed to make its wiping
    /// durable, and then they are still on the disk although they do not read so.
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

    /// Writes the last frame again, as it is. It may never have been synced, or its sync may have failed, after which
    /// the system counts its pages as clean and no further sync writes them. Every frame before it was synced before
    /// it was written.
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

    /// The files of torn bytes from this position.
    fn torn_before(&self) -> Result<Vec<String>, JournalError> {
        let position = self.last.next().get();
        let mut names = self.disk.list(self.dir).map_err(JournalError::io("list", self.dir))?;
        names.retain(|name| names::torn_at(name) == Some(position));
        Ok(names)
    }
}
