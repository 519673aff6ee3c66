//! The journal's part of the offline check: reads and verifies every byte while no writer is active.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::JournalError;
use super::base::{self, TakeValue};
use super::disk::{Access, Disk};
use super::format::base::Base;
use super::format::base::FullSegment;
use super::format::header::SegmentHeader;
use super::format::names;
use super::format::sidecar::{self, Summary};
use super::segments::archived::Archived;
use super::segments::sidecars;
use super::segments::tail::Tail;
use super::segments::walk::{self, Walk};
use super::segments::{Files, check_journal, check_link};
use jangbu_ledger::{CommandId, Position, Record, RecordKeys, Timestamp, decode_record};

/// The result of verifying a sound journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// The position of the last record. It equals the number of records if none is archived.
    pub records: u64,
    /// The position of the first record that was read. Earlier ones are archived.
    pub first: Position,
    /// The number of frames.
    pub frames: u64,
    /// The number of segments.
    pub segments: u64,
    /// Whether the journal was cleanly closed.
    pub cleanly_closed: bool,
    /// The size in bytes of a torn frame, which the next open cuts off.
    pub torn_bytes: u64,
}

/// Walks every frame of the journal in `dir`, and passes each record to `visit`, in order.
///
/// It checks the headers, that the segments belong together, every checksum, the hash chain, that times increase, and
/// that each sidecar matches its segment. Of archived segments, it checks that what remains is sound and that the chain
/// continues from it. It writes nothing. No writer may have the journal open.
///
/// # Errors
/// The first fault in the journal, with its location, or the first error of `visit`.
pub fn verify<E: From<JournalError>>(
    disk: &dyn Disk,
    dir: &Path,
    visit: impl FnMut(Record) -> Result<(), E>,
) -> Result<Verified, E> {
    Sequence::of(disk, dir)?.verify(disk, visit)
}

/// The segments of a journal in order, wherever their files are.
#[derive(Debug)]
pub struct Sequence {
    /// The journal's directory.
    dir: PathBuf,
    segments: Vec<Part>,
    archived: Archived,
    /// The end of the part of the last segment that counts, if that is not its whole.
    limit: Option<u64>,
}

/// A segment, and its sidecars.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    header: SegmentHeader,
    sidecars: Vec<PathBuf>,
}

impl Sequence {
    /// Lists the segments in `dir`.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] if some are missing or do not belong together.
    pub fn of(disk: &dyn Disk, dir: &Path) -> Result<Sequence, JournalError> {
        Sequence::chosen(disk, dir, &Files::list(disk, dir)?, None)
    }

    /// Lists only the segments with these numbers, whatever else is in `dir`, up to byte `limit` of the last one if
    /// given.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] if some are missing or do not belong together.
    pub fn chosen(disk: &dyn Disk, dir: &Path, files: &Files, limit: Option<u64>) -> Result<Sequence, JournalError> {
        let mut segments = Vec::new();
        for number in &files.segments {
            let path = dir.join(names::segment(*number));
            let header = walk::header(disk, &path, *number)?;
            let index = files.indexes.contains(number).then(|| dir.join(names::index(*number)));
            segments.push(Part { path, header, sidecars: index.into_iter().collect() });
        }
        let headers: Vec<SegmentHeader> = segments.iter().map(|part| part.header.clone()).collect();
        check_journal(dir, &headers)?;
        let archived = Archived::load(disk, dir, files, &headers)?;
        Ok(Sequence { dir: dir.to_path_buf(), segments, archived, limit })
    }

    /// Prepends archived segments from these files: all of them, or those that follow missing ones.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] if a header is damaged, or does not match the sidecar that the journal still has.
    pub fn prepend(&mut self, disk: &dyn Disk, files: &BTreeMap<u64, PathBuf>) -> Result<(), JournalError> {
        while let Some(sidecar) = self.archived.sidecars.last() {
            let facts = &sidecar.summary.facts;
            let Some(path) = files.get(&facts.number) else { break };
            let header = walk::header(disk, path, facts.number)?;
            if (header.journal, header.first, header.chain) != (facts.journal, facts.first, facts.chains.0) {
                return Err(JournalError::damaged(
                    path,
                    0,
                    "the segment is not the one that the journal's sidecar describes",
                ));
            }
            let kept = self.dir.join(names::index(facts.number));
            let copied = path.with_file_name(names::index(facts.number));
            self.segments.insert(0, Part { path: path.clone(), header, sidecars: vec![kept, copied] });
            self.archived.sidecars.pop();
        }
        Ok(())
    }

    /// Returns whether there are no segments.
    pub const fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Returns the position of the first record in the segments.
    pub fn first(&self) -> Position {
        self.archived.first()
    }

    /// Returns the newest state that stands in for archived records.
    pub const fn base(&self) -> Option<&Base> {
        self.archived.base.as_ref()
    }

    /// Reads the state; see [`base::read`].
    ///
    /// # Errors
    /// Those of [`base::read`].
    pub fn read_base(&self, disk: &dyn Disk, visit: &mut TakeValue<'_>) -> Result<Option<[u8; 32]>, JournalError> {
        self.base().map(|base| base::read(disk, &self.dir, base, visit)).transpose()
    }

    /// Walks every frame like [`verify`].
    ///
    /// # Errors
    /// Those of [`verify`].
    pub fn verify<E: From<JournalError>>(
        &self,
        disk: &dyn Disk,
        mut visit: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<Verified, E> {
        let mut before = Position::START;
        let mut chain = self.segments.first().map(|part| part.header.chain).unwrap_or_default();
        for sidecar in &self.archived.sidecars {
            let facts = &sidecar.summary.facts;
            verify_alone(disk, &self.dir.join(names::index(facts.number)))?;
            (before, chain) = (facts.last(), facts.chains.1);
        }
        let mut verified = Verified { records: before.get(), first: before.next(), ..Verified::default() };
        let mut last_recorded_at = self.archived.until();
        for (place, part) in self.segments.iter().enumerate() {
            let sound = Position::new(verified.records);
            check_link(&self.dir, &part.header, sound, &chain).map_err(|error| error.sound_up_to(sound))?;
            let is_last = place + 1 == self.segments.len();
            let limit = self.limit.filter(|_| is_last);
            let walk = part.verify(disk, is_last, limit, &mut verified, &mut last_recorded_at, &mut visit)?;
            chain = walk.chain;
            verified.records = walk.last.get();
            verified.frames += walk.frames_read;
            verified.segments += 1;
            verified.cleanly_closed = walk.closed;
            for sidecar in &part.sidecars {
                let checked = verify_sidecar(disk, sidecar, &part.path, part.header.number);
                checked.map_err(|error| error.sound_up_to(walk.last))?;
            }
        }
        Ok(verified)
    }
}

impl Part {
    /// Walks the segment's frames.
    fn verify<E: From<JournalError>>(
        &self,
        disk: &dyn Disk,
        is_last: bool,
        limit: Option<u64>,
        verified: &mut Verified,
        last_recorded_at: &mut Option<Timestamp>,
        visit: &mut impl FnMut(Record) -> Result<(), E>,
    ) -> Result<Walk, E> {
        let path = &self.path;
        let sound = Position::new(verified.records);
        let behind = |error: JournalError| error.sound_up_to(sound);
        let mut walk = Walk::new(disk, path, self.header.clone()).map_err(behind)?;
        walk.check_size(is_last && limit.is_none()).map_err(behind)?;
        let tail = walk.run_until(limit, |passed| {
            let position = passed.position;
            let undecodable = |source| JournalError::Undecodable { position, source };
            let record = decode_record(position, passed.bytes).map_err(undecodable)?;
            if passed.keys()? != RecordKeys::of(&record) {
                return Err(JournalError::damaged_after(position, path, passed.record, "two ids in one record").into());
            }
            if last_recorded_at.is_some_and(|last| record.recorded_at <= last) {
                return Err(JournalError::TimeWentBack(position).into());
            }
            *last_recorded_at = Some(record.recorded_at);
            visit(record)
        })?;
        if let Tail::Torn { end } = tail {
            if !is_last {
                let what = "no sound frame is here, although the segment is not the last one";
                return Err(JournalError::damaged_after(walk.last, path, walk.offset, what).into());
            }
            verified.torn_bytes = end - walk.offset;
        }
        Ok(walk)
    }
}

/// Checks that the sidecar of an archived segment is sound in itself.
fn verify_alone(disk: &dyn Disk, path: &Path) -> Result<(), JournalError> {
    let bytes = read_whole(disk, path)?;
    let damaged = |what| JournalError::damaged(path, 0, what);
    let summary = Summary::decode(&bytes).ok_or_else(|| damaged("the sidecar's summary is damaged"))?;
    if bytes.len() as u64 != summary.file_bytes() {
        return Err(damaged("the sidecar's length has changed"));
    }
    for number in (0u32..).take(summary.fences.len()) {
        if block_of(&summary, &bytes, number).is_none() {
            return Err(damaged("the sidecar's ids are damaged"));
        }
    }
    if !gap_is_clean(&summary, &bytes) {
        return Err(damaged("the sidecar has unexpected bytes"));
    }
    Ok(())
}

fn read_whole(disk: &dyn Disk, path: &Path) -> Result<Vec<u8>, JournalError> {
    let file = disk.open(path, Access::Read).map_err(JournalError::io("open", path))?;
    let size = file.size().map_err(JournalError::io("measure", path))?;
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    file.read_full_at(&mut bytes, 0).map_err(JournalError::io("read", path))?;
    Ok(bytes)
}

/// Returns the entries of a block of ids, or `None` if it is damaged.
fn block_of(summary: &Summary, bytes: &[u8], number: u32) -> Option<Vec<(u128, u32)>> {
    let start = usize::try_from(Summary::block_offset(summary.end(), number)).ok()?;
    let end = start + super::format::BLOCK_BYTES;
    sidecar::decode_block(summary.facts.block_seed(), number, bytes.get(start..end)?)
}

/// Returns whether there are only zeros between the summary and the first block.
fn gap_is_clean(summary: &Summary, bytes: &[u8]) -> bool {
    let gap = bytes.get(summary.end()..usize::try_from(Summary::block_offset(summary.end(), 0)).unwrap_or(0));
    gap.is_some_and(|gap| gap.iter().all(|byte| *byte == 0))
}

/// Checks that a sidecar matches its segment.
fn verify_sidecar(disk: &dyn Disk, path: &Path, segment: &Path, number: u64) -> Result<(), JournalError> {
    let (expected_bytes, expected) = sidecars::compute(disk, segment, number)?;
    let bytes = read_whole(disk, path)?;
    match difference(&bytes, &expected_bytes, &expected) {
        None => Ok(()),
        Some(what) => Err(JournalError::damaged(path, 0, what)),
    }
}

/// Describes how a sidecar differs from the expected one. Filters may differ: another version of the filter's library
/// may build a different one from the same ids. A filter is correct if it denies no id.
fn difference(bytes: &[u8], expected_bytes: &[u8], expected: &Summary) -> Option<&'static str> {
    if bytes == expected_bytes {
        return None;
    }
    let Some(found) = Summary::decode(bytes) else { return Some("the sidecar's summary is damaged") };
    if found.facts != expected.facts || found.marks != expected.marks || found.fences != expected.fences {
        return Some("the sidecar's summary is not that of its segment");
    }
    for number in (0u32..).take(expected.fences.len()) {
        let ids = block_of(&found, bytes, number);
        if ids.is_none() || ids != block_of(expected, expected_bytes, number) {
            return Some("the sidecar's ids are not those of its segment");
        }
        let denied = |(id, _): &(u128, u32)| !found.filter.may_contain(CommandId::new(uuid::Uuid::from_u128(*id)));
        if ids.iter().flatten().any(denied) {
            return Some("the sidecar's filter denies an id of its segment");
        }
    }
    let clean = gap_is_clean(&found, bytes);
    (!clean || bytes.len() as u64 != found.file_bytes()).then_some("the sidecar has more than it should")
}

/// Returns the segments of the journal in `dir` up to this one.
///
/// # Errors
/// [`JournalError::Damaged`] if they do not belong together.
pub fn sequence_through(disk: &dyn Disk, dir: &Path, through: &FullSegment) -> Result<Sequence, JournalError> {
    let mut files = Files::list(disk, dir)?;
    files.segments.retain(|number| *number <= through.number);
    Sequence::chosen(disk, dir, &files, Some(through.bytes))
}
