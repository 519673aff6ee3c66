//! What lies behind the last sound frame: nothing, the remains of a frame that was being written, or damage.

use std::path::Path;

use super::super::JournalError;
use super::super::disk::{Access, Disk, DiskFile};
use super::super::format::{SECTOR_BYTES, frame, names};
use super::super::read::frames::FrameReader;
use crate::ledger::Position;

/// What lies behind the last sound frame, when it is not damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) enum Tail {
    /// Zeros: nothing was ever written there.
    Empty,
    /// The remains of a frame that was being written, up to this offset; zeros behind.
    Torn { end: u64 },
}

/// How much is looked at in one go.
const STEP_BYTES: usize = 256 * 1024;

/// Tells what lies between `offset`, where no sound frame begins, and the end of the file.
///
/// Only one frame is written at a time, after the one before it is durable. So a sound frame behind bytes that are
/// none proves that these were sound once; and behind a clean close nothing was being written at all.
pub(in crate::journal) fn examine(
    frames: &mut FrameReader,
    offset: u64,
    file_bytes: u64,
    last: Position,
    closed: bool,
) -> Result<Tail, JournalError> {
    let path = frames.path().to_path_buf();
    let damaged = |at: u64, what: &str| Err(JournalError::damaged_after(last, &path, at, what));
    let mut torn_end = None;
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
                torn_end = Some(start + sector.len() as u64);
            }
            if start > offset && frame::claimed_bytes(sector).is_some() {
                claims.push(start);
            }
        }
        for start in claims {
            if frames.frame_at(start, file_bytes)?.is_some() {
                return damaged(offset, &format!("no sound frame stands here, but one follows at byte {start}"));
            }
        }
        at += read;
    }
    match torn_end {
        None => Ok(Tail::Empty),
        Some(_) if closed => damaged(offset, "the journal was cleanly closed, but something follows"),
        Some(end) => Ok(Tail::Torn { end }),
    }
}

/// Keeps the torn bytes in a file of their own and wipes them from the segment, durably, so that what is written over
/// them later cannot be completed by them. After a crash on the way it can be done again.
pub(in crate::journal) fn cut_off(
    disk: &dyn Disk,
    dir: &Path,
    segment: (&dyn DiskFile, &Path),
    torn: (u64, u64),
    last: Position,
) -> Result<u64, JournalError> {
    let ((file, path), (offset, end)) = (segment, torn);
    let mut bytes = vec![0; usize::try_from(end - offset).unwrap_or(0)];
    file.read_full_at(&mut bytes, offset).map_err(JournalError::io("read", path))?;
    let kept = free_name(disk, dir, last.next())?;
    let kept_path = dir.join(&kept);
    let copy = disk.open(&kept_path, Access::Create).map_err(JournalError::io("create", &kept_path))?;
    copy.write_at(&bytes, 0).map_err(JournalError::io("write", &kept_path))?;
    copy.sync().map_err(JournalError::io("sync", &kept_path))?;
    disk.sync_dir(dir).map_err(JournalError::io("sync", dir))?;
    tracing::warn!(
        position = last.next().get(),
        bytes = bytes.len(),
        kept_in = kept,
        "the journal ends in a frame that was being written when the program or the machine stopped; it is cut off"
    );
    bytes.fill(0);
    file.write_at(&bytes, offset).map_err(JournalError::io("write", path))?;
    file.sync().map_err(JournalError::io("sync", path))?;
    Ok(bytes.len() as u64)
}

fn free_name(disk: &dyn Disk, dir: &Path, position: Position) -> Result<String, JournalError> {
    let taken = disk.list(dir).map_err(JournalError::io("list", dir))?;
    let mut attempt = 1;
    loop {
        let name = names::torn(position.get(), attempt);
        if !taken.contains(&name) {
            return Ok(name);
        }
        attempt += 1;
    }
}
