//! A segment as readers see it: its durable part, and the marks by which records are found in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::RwLock;

use super::super::JournalError;
use super::super::disk::{Access, Disk, DiskFile};
use super::super::format::records::{self, Stored};
use super::super::format::sidecar::{MARK_EVERY, Mark};
use super::super::format::{BLOCK_BYTES, SECTOR_BYTES, frame, names};
use jangbu_ledger::{Position, Record, Timestamp, decode_record, decode_record_keys};

/// A segment: its position in the journal and its durable part.
#[derive(Debug)]
pub struct Segment {
    /// The number of the segment.
    pub number: u64,
    /// The file.
    pub path: PathBuf,
    /// The position of its first record.
    pub first: Position,
    extent: RwLock<Extent>,
}

/// The durable part of a segment. Only the writer changes it, and only after a sync.
#[derive(Debug)]
struct Extent {
    marks: Vec<Mark>,
    /// The last durable record.
    last: u64,
    /// The end of the last durable frame.
    end_offset: u64,
    /// Kept open while the segment is being written.
    file: Option<Arc<dyn DiskFile>>,
}

/// The bytes of up to [`MARK_EVERY`] records that follow a mark, and their offset.
struct Block {
    bytes: Vec<u8>,
    offset: u64,
    first: Position,
    last: Position,
}

impl Segment {
    /// Creates a segment without records.
    pub(crate) fn new(dir: &Path, number: u64, first: Position) -> Segment {
        let last = first.get().saturating_sub(1);
        let extent = Extent { marks: Vec::new(), last, end_offset: BLOCK_BYTES as u64, file: None };
        Segment { number, path: dir.join(names::segment(number)), first, extent: RwLock::new(extent) }
    }

    /// Makes `count` more durable records visible, with their `marks`.
    pub(crate) fn extend(&self, count: u64, end_offset: u64, marks: &[Mark]) {
        let mut extent = self.extent.write();
        extent.marks.extend_from_slice(marks);
        extent.last += count;
        extent.end_offset = end_offset;
    }

    /// Keeps the file open for readers until [`Segment::release`].
    pub(crate) fn hold(&self, file: Arc<dyn DiskFile>) {
        self.extent.write().file = Some(file);
    }

    /// Closes the file, because the segment is no longer written. This bounds the number of open files.
    pub(crate) fn release(&self) {
        self.extent.write().file = None;
    }

    /// Returns the end of the last durable frame.
    pub(crate) fn end_offset(&self) -> u64 {
        self.extent.read().end_offset
    }

    /// Returns the last durable record, and the end of its frame.
    pub fn extent(&self) -> (Position, u64) {
        let extent = self.extent.read();
        (Position::new(extent.last), extent.end_offset)
    }

    pub(crate) fn marks(&self) -> Vec<Mark> {
        self.extent.read().marks.clone()
    }

    /// Returns when the first record was recorded.
    pub(crate) fn first_recorded_at(&self) -> Option<Timestamp> {
        self.extent.read().marks.first().map(|mark| mark.recorded_at)
    }

    pub(crate) fn open(&self, disk: &dyn Disk) -> Result<Arc<dyn DiskFile>, JournalError> {
        if let Some(file) = &self.extent.read().file {
            return Ok(Arc::clone(file));
        }
        disk.open(&self.path, Access::Read).map_err(JournalError::io("open", &self.path))
    }

    /// Returns the offset of the frame that contains `position` or a record shortly before it.
    pub(crate) fn frame_before(&self, position: Position) -> u64 {
        let extent = self.extent.read();
        let mark = self.mark_number(position).and_then(|number| extent.marks.get(number));
        mark.map_or(BLOCK_BYTES as u64, |mark| u64::from(mark.frame))
    }

    /// Reads one record.
    pub fn read(&self, disk: &dyn Disk, position: Position) -> Result<Record, JournalError> {
        let out_of_range = || JournalError::OutOfRange(position);
        let number = self.mark_number(position).ok_or_else(out_of_range)?;
        let block = self.block(disk, number)?.filter(|block| position <= block.last).ok_or_else(out_of_range)?;
        let mut found = None;
        self.walk(&block, |at, stored| {
            found = Some(stored.bytes.to_vec());
            at < position
        })?;
        let bytes = found.ok_or_else(out_of_range)?;
        decode_record(position, &bytes).map_err(|source| JournalError::Undecodable { position, source })
    }

    /// Returns the first record that was recorded at or after `moment`, or the position after the last record if there
    /// is none.
    pub(crate) fn first_at(&self, disk: &dyn Disk, moment: Timestamp) -> Result<Position, JournalError> {
        let (after, last) = {
            let extent = self.extent.read();
            (extent.marks.partition_point(|mark| mark.recorded_at < moment), extent.last)
        };
        let Some(before) = after.checked_sub(1) else { return Ok(self.first) };
        let Some(block) = self.block(disk, before)? else { return Ok(Position::new(last).next()) };
        let mut first = block.last.next();
        let mut undecodable = None;
        self.walk(&block, |position, stored| match decode_record_keys(position, stored.bytes) {
            Ok(keys) if keys.recorded_at < moment => true,
            Ok(_) => {
                first = position;
                false
            }
            Err(source) => {
                undecodable = Some(JournalError::Undecodable { position, source });
                false
            }
        })?;
        undecodable.map_or(Ok(first), Err)
    }

    fn mark_number(&self, position: Position) -> Option<usize> {
        usize::try_from(position.get().checked_sub(self.first.get())? / MARK_EVERY).ok()
    }

    /// Reads the records from the mark with that number up to the next mark; returns `None` if there is no such mark.
    fn block(&self, disk: &dyn Disk, number: usize) -> Result<Option<Block>, JournalError> {
        let (offset, end, last, file) = {
            let extent = self.extent.read();
            let Some(mark) = extent.marks.get(number) else { return Ok(None) };
            let next = extent.marks.get(number + 1).map(|mark| u64::from(mark.record));
            (u64::from(mark.record), next.unwrap_or(extent.end_offset), extent.last, extent.file.clone())
        };
        let file = match file {
            Some(file) => file,
            None => disk.open(&self.path, Access::Read).map_err(JournalError::io("open", &self.path))?,
        };
        let first = self.first.plus(number as u64 * MARK_EVERY);
        let last = Position::new(last.min(first.plus(MARK_EVERY - 1).get()));
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(offset)).unwrap_or(0)];
        let read = file.read_full_at(&mut bytes, offset).map_err(JournalError::io("read", &self.path))?;
        bytes.truncate(read);
        Ok(Some(Block { bytes, offset, first, last }))
    }

    /// Visits the sound records of a block in order while `visit` returns `true`.
    fn walk(&self, block: &Block, mut visit: impl FnMut(Position, Stored<'_>) -> bool) -> Result<(), JournalError> {
        let mut at = 0;
        let mut position = block.first;
        while position <= block.last {
            let damaged = |at: usize| {
                let before = Position::new(position.get().saturating_sub(1));
                JournalError::damaged_after(before, &self.path, block.offset + at as u64, "no sound record is here")
            };
            let stored = match records::stored_at(&block.bytes, at) {
                Some(stored) => stored,
                // The frame ends here. Frames begin at sectors, and frames without records may come in between.
                None => {
                    let next = next_records(block, at).ok_or_else(|| damaged(at))?;
                    at = next;
                    continue;
                }
            };
            if !stored.is_sound_at(position) {
                return Err(damaged(at));
            }
            at = stored.end();
            if !visit(position, stored) {
                break;
            }
            position = position.next();
        }
        Ok(())
    }
}

/// Returns the offset of the records of the next frame, given the end of a frame's records.
fn next_records(block: &Block, at: usize) -> Option<usize> {
    let start = usize::try_from(block.offset).ok()?;
    let next = (start + at + frame::TERMINATOR_BYTES).next_multiple_of(SECTOR_BYTES) - start;
    frame::claimed_bytes(block.bytes.get(next..)?)?;
    Some(next + frame::HEADER_BYTES)
}
