//! Walks and verifies a segment's frames from its start, for opening, for rebuilding sidecars and for the check.

use std::path::{Path, PathBuf};

use super::super::JournalError;
use super::super::disk::{Access, Disk};
use super::super::format::frame::{HEADER_BYTES, Purpose};
use super::super::format::header::{HeaderFault, SegmentHeader};
use super::super::format::records;
use super::super::format::sidecar::{Facts, Keyed, MARK_EVERY, Mark};
use super::super::format::{BLOCK_BYTES, Chain, FORMAT_VERSION};
use super::frames::FrameReader;
use super::tail::{self, Tail};
use jangbu_ledger::{Position, Timestamp};
use jangbu_ledger::{RecordKeys, decode_record_keys};

/// The data of a segment's sidecar, collected record by record.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// In the order of positions.
    pub ids: Vec<u128>,
    /// Ids of earlier commands that records refer to, with the places of these records.
    pub references: Vec<Keyed>,
    /// Marks that were not passed on yet.
    pub marks: Vec<Mark>,
    pub newest_id_ms: u64,
    pub has_future_ids: bool,
    pub last_recorded_at: Option<Timestamp>,
}

/// How far after its record an id may be dated without counting as a future id, because clocks differ.
const FUTURE_AFTER_MS: i64 = 60_000;

impl Gathered {
    /// Creates an empty collection with capacity for the segment after `last`.
    pub(crate) fn after(last: &Gathered) -> Gathered {
        // An eighth more, because segments are similar, and growing by doubling would copy megabytes between two
        // commits.
        let room = |length: usize| length.saturating_add(length / 8);
        Gathered {
            ids: Vec::with_capacity(room(last.ids.len())),
            references: Vec::with_capacity(room(last.references.len())),
            ..Gathered::default()
        }
    }

    /// Adds the next record, whose prefix is at `record` in the frame at `frame`.
    pub(crate) fn add(&mut self, frame: u64, record: u64, keys: &RecordKeys) {
        let recorded_at = keys.recorded_at;
        if (self.ids.len() as u64).is_multiple_of(MARK_EVERY) {
            let short = |offset: u64| u32::try_from(offset).unwrap_or(u32::MAX);
            self.marks.push(Mark { frame: short(frame), record: short(record), recorded_at });
        }
        let place = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        self.references.extend(keys.references.iter().map(|id| Keyed::new(id.as_u128(), place)));
        self.ids.push(keys.id.as_u128());
        self.last_recorded_at = Some(recorded_at);
        let latest_ms = recorded_at.as_ns() / 1_000_000 + FUTURE_AFTER_MS;
        for id_ms in keys.references.iter().chain([&keys.id]).filter_map(|id| id.unix_ms()) {
            if i64::try_from(id_ms).unwrap_or(i64::MAX) > latest_ms {
                self.has_future_ids = true;
            } else {
                self.newest_id_ms = self.newest_id_ms.max(id_ms);
            }
        }
    }

    /// Returns the facts of a sidecar, for a segment whose last frame ends at `end_offset` with the chain value
    /// `chain`.
    pub(crate) fn facts(&self, header: &SegmentHeader, end_offset: u64, chain: Chain) -> Facts {
        Facts {
            journal: header.journal,
            number: header.number,
            first: header.first,
            count: self.ids.len() as u64,
            end_offset,
            last_recorded_at: self.last_recorded_at,
            newest_id_ms: self.newest_id_ms,
            has_future_ids: self.has_future_ids,
            chains: (header.chain, chain),
        }
    }
}

/// Reads and checks the header of a segment.
pub fn header(disk: &dyn Disk, path: &Path, number: u64) -> Result<SegmentHeader, JournalError> {
    let file = disk.open(path, Access::Read).map_err(JournalError::io("open", path))?;
    let mut block = vec![0; BLOCK_BYTES];
    let read = file.read_full_at(&mut block, 0).map_err(JournalError::io("read", path))?;
    block.truncate(read);
    let header = SegmentHeader::decode(&block).map_err(|fault| match fault {
        HeaderFault::Damaged(what) => JournalError::damaged(path, 0, what),
        HeaderFault::NewerFormat(found) => {
            JournalError::NewerFormat { path: path.to_path_buf(), found, known: FORMAT_VERSION }
        }
    })?;
    if header.number != number {
        let what = format!("the header is that of segment {}, and the file is named {number}", header.number);
        return Err(JournalError::damaged(path, 0, &what));
    }
    Ok(header)
}

/// A walk through one segment.
#[derive(Debug)]
pub struct Walk {
    /// The header of the segment.
    pub header: SegmentHeader,
    /// The file.
    pub path: PathBuf,
    frames: FrameReader,
    /// The length of the file.
    pub file_bytes: u64,
    /// The offset of the next frame.
    pub offset: u64,
    /// The offset of the last frame so far.
    pub last_frame_at: u64,
    /// The last record so far.
    pub last: Position,
    /// The chain after the last frame that was read.
    pub chain: Chain,
    /// Whether the last frame so far marks a clean close.
    pub closed: bool,
    /// The number of frames read.
    pub frames_read: u64,
}

/// A record that a walk visits.
#[derive(Clone, Copy, Debug)]
pub struct Passed<'a> {
    /// The position of the record.
    pub position: Position,
    /// The encoding of the record.
    pub bytes: &'a [u8],
    /// The offset of its frame.
    pub frame: u64,
    /// The offset of the record's prefix in the file.
    pub record: u64,
}

impl Passed<'_> {
    /// Returns what indexes need of it.
    pub(crate) fn keys(&self) -> Result<RecordKeys, JournalError> {
        let position = self.position;
        decode_record_keys(position, self.bytes).map_err(|source| JournalError::Undecodable { position, source })
    }
}

impl Walk {
    /// Starts a walk through the segment with that header.
    pub fn new(disk: &dyn Disk, path: &Path, header: SegmentHeader) -> Result<Walk, JournalError> {
        let file = disk.open(path, Access::Read).map_err(JournalError::io("open", path))?;
        let file_bytes = file.size().map_err(JournalError::io("measure", path))?;
        let frames = FrameReader::new(file, path, header.frame_seed());
        Ok(Walk {
            path: path.to_path_buf(),
            frames,
            file_bytes,
            offset: BLOCK_BYTES as u64,
            last_frame_at: BLOCK_BYTES as u64,
            last: Position::new(header.first.get().saturating_sub(1)),
            chain: header.chain,
            closed: false,
            frames_read: 0,
            header,
        })
    }

    /// Checks the length of the file: its full size while it is being written, and not more afterwards.
    ///
    /// Without this check, a last segment truncated at the end of a frame would pass for one with fewer frames.
    pub(crate) fn check_size(&self, is_last: bool) -> Result<(), JournalError> {
        let (found, full) = (self.file_bytes, self.header.bytes);
        if found == full || (!is_last && found < full) {
            return Ok(());
        }
        let what = format!("the segment is {found} bytes long, not {full}");
        Err(JournalError::damaged_after(self.last, &self.path, found.min(full), &what))
    }

    /// Walks all sound frames. Returns what follows them.
    pub fn run<E: From<JournalError>>(&mut self, visit: impl FnMut(Passed<'_>) -> Result<(), E>) -> Result<Tail, E> {
        self.run_until(None, visit)
    }

    /// Walks the frames that end at or before `limit`, which must be the end of a frame. Without a limit, walks all and
    /// returns what follows them.
    pub fn run_until<E: From<JournalError>>(
        &mut self,
        limit: Option<u64>,
        mut visit: impl FnMut(Passed<'_>) -> Result<(), E>,
    ) -> Result<Tail, E> {
        if let Some(limit) = limit {
            while self.offset < limit && self.next_frame(&mut visit)? {}
            if self.offset == limit {
                return Ok(Tail::Empty);
            }
            let what = "no sound frame is here, or it is longer than expected";
            return Err(JournalError::damaged_after(self.last, &self.path, self.offset, what).into());
        }
        while self.next_frame(&mut visit)? {}
        Ok(tail::examine(&mut self.frames, self.offset, self.file_bytes, self.last, self.closed)?)
    }

    /// Walks the next frame. Returns `false` if no sound frame follows.
    fn next_frame<E: From<JournalError>>(
        &mut self,
        visit: &mut impl FnMut(Passed<'_>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let Some(frame) = self.frames.frame_at(self.offset, self.file_bytes)? else { return Ok(false) };
        let damaged = |what| JournalError::damaged_after(self.last, &self.path, self.offset, what);
        if frame.first != self.last.next() {
            let what = format!("the frame begins at position {}, not {}", frame.first, self.last.next());
            return Err(damaged(&what).into());
        }
        if frame.chain != frame.chain_after(&self.chain) {
            return Err(damaged("the frame does not follow the previous one: the hash chain is broken").into());
        }
        let (mut position, mut end) = (self.last, 0);
        for stored in records::walk(frame.payload) {
            position = position.next();
            end = stored.end();
            if !stored.is_sound_at(position) {
                return Err(damaged("a record's checksum is wrong although that of its frame is right").into());
            }
            let record = self.offset + (HEADER_BYTES + stored.at) as u64;
            visit(Passed { position, bytes: stored.bytes, frame: self.offset, record })?;
        }
        let counted = position.get() - self.last.get() == u64::from(frame.count) && end == frame.payload.len();
        if !counted || (frame.count == 0) != (frame.purpose != Purpose::Records) {
            return Err(damaged("the frame does not contain the number of records that it claims").into());
        }
        self.chain = frame.chain;
        self.closed = frame.purpose == Purpose::Closed;
        self.last_frame_at = self.offset;
        self.offset += frame.bytes as u64;
        self.last = position;
        self.frames_read += 1;
        Ok(true)
    }
}
