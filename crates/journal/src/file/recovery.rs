//! Reads a journal and verifies that all its parts are present and belong together, and what a crash has left.
//!
//! This module must never change anything, except to create a journal where there is none. `found` makes the repairs,
//! once everything is verified.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::super::JournalError;
use super::super::base;
use super::super::disk::{Access, Disk, DiskFile};
use super::super::format::header::SegmentHeader;
use super::super::format::names;
use super::super::format::sidecar::{MARK_EVERY, Mark, Summary};
use super::super::format::{BLOCK_BYTES, Chain};
use super::super::read::segment::Segment;
use super::super::segments::archived::Archived;
use super::super::segments::sidecars::{self, Sidecar};
use super::super::segments::tail::Tail;
use super::super::segments::walk::{self, Gathered, Walk};
use super::super::segments::{Files, check_journal, check_link};
use super::prepare;
use jangbu_ledger::{CommandId, Position, Timestamp};

/// A journal as it was found.
pub(super) struct Recovered {
    /// What remains of archived segments.
    pub archived: Archived,
    /// The full segments in order, with their sidecars.
    pub sealed: Vec<(Arc<Segment>, Sidecar)>,
    pub active: Active,
    /// The bytes after the last frame of the active segment.
    pub tail: Tail,
    /// The offset of that frame.
    pub last_frame_at: u64,
    /// Files that are no longer needed.
    pub leftovers: Vec<String>,
    pub last: Position,
    pub last_recorded_at: Option<Timestamp>,
    pub bytes_on_disk: u64,
}

/// The segment that is being written.
pub(super) struct Active {
    pub segment: Arc<Segment>,
    pub header: SegmentHeader,
    /// Open read-only while the journal is being verified.
    pub file: Arc<dyn DiskFile>,
    /// The offset of the next frame.
    pub offset: u64,
    pub chain: Chain,
    pub gathered: Gathered,
    pub closed: bool,
}

/// Whether the journal may be read while a loss is being accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    Refused,
    Allowed,
}

/// Reads the journal in `dir`; returns `None` if there is none.
pub(super) fn recover(disk: &dyn Disk, dir: &Path, unfinished: Unfinished) -> Result<Option<Recovered>, JournalError> {
    let listed = match unfinished {
        Unfinished::Refused => Files::list(disk, dir),
        Unfinished::Allowed => Files::list_unfinished(disk, dir),
    };
    let files = match listed {
        Err(JournalError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        listed => listed?,
    };
    let Some(newest) = files.segments.last().copied() else { return Ok(None) };
    let mut headers = Vec::new();
    for number in &files.segments {
        headers.push(walk::header(disk, &dir.join(names::segment(*number)), *number)?);
    }
    check_journal(dir, &headers)?;
    let archived = Archived::load(disk, dir, &files, &headers)?;
    let mut sealed = Vec::new();
    let mut bytes_on_disk: u64 = archived.sidecars.iter().map(|sidecar| sidecar.bytes).sum();
    if let Some(base) = &archived.base {
        bytes_on_disk += base::size(disk, dir, base)?;
    }
    for pair in headers.windows(2) {
        let [header, next] = pair else { continue };
        let (segment, sidecar, segment_size) =
            sealed_segment(disk, dir, header, next, files.indexes.contains(&header.number))?;
        bytes_on_disk += segment_size + sidecar.bytes;
        sealed.push((segment, sidecar));
    }
    let header = headers.pop().filter(|header| header.number == newest);
    let header = header.ok_or_else(|| JournalError::damaged(dir, 0, "the journal has no segment"))?;
    let (active, walk, tail) = active_segment(disk, dir, header)?;
    let (last, last_frame_at) = (walk.last, walk.last_frame_at);
    bytes_on_disk += active.header.bytes;
    let times = sealed.iter().filter_map(|(_, sidecar)| sidecar.summary.facts.last_recorded_at);
    let last_recorded_at = archived.until().into_iter().chain(times).chain(active.gathered.last_recorded_at).last();
    let leftovers = files.leftovers;
    let found =
        Recovered { archived, sealed, active, tail, last_frame_at, leftovers, last, last_recorded_at, bytes_on_disk };
    Ok(Some(found))
}

/// Creates a journal: one segment without records.
pub(super) fn begin(disk: &dyn Disk, dir: &Path, segment_bytes: u64) -> Result<Active, JournalError> {
    disk.create_dir(dir).map_err(JournalError::io("create", dir))?;
    let parent = dir.parent().unwrap_or(Path::new(""));
    disk.sync_dir(parent).map_err(JournalError::io("sync", parent))?;
    let journal = random_id();
    let chain = SegmentHeader::first_chain(journal);
    let first = Position::START.next();
    let never = AtomicBool::new(false);
    let prepared = prepare::prepare(disk, dir, 1, segment_bytes, &never)?;
    let prepared = prepared.ok_or_else(|| JournalError::Stopped("the journal is being closed".into()))?;
    let header = SegmentHeader { journal, number: 1, first, bytes: segment_bytes, chain };
    let (file, header) = prepared.publish(disk, dir, header, segment_bytes)?;
    let segment = Arc::new(Segment::new(dir, 1, first));
    let gathered = Gathered::default();
    Ok(Active { segment, header, file, offset: BLOCK_BYTES as u64, chain, gathered, closed: false })
}

/// Returns a random id for a new journal, made of the random parts of two command ids.
fn random_id() -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&CommandId::random().as_u128().to_le_bytes());
    hasher.update(&CommandId::random().as_u128().to_le_bytes());
    hasher.finalize().as_bytes().first_chunk().map_or(0, |half| u128::from_le_bytes(*half))
}

/// Adds a full segment with its sidecar, which is rebuilt if it is missing or belongs to another segment.
fn sealed_segment(
    disk: &dyn Disk,
    dir: &Path,
    header: &SegmentHeader,
    next: &SegmentHeader,
    indexed: bool,
) -> Result<(Arc<Segment>, Sidecar, u64), JournalError> {
    let path = dir.join(names::segment(header.number));
    let loaded = if indexed { sidecars::load(disk, dir, header.number)? } else { None };
    let sidecar = match loaded.filter(|sidecar| belongs(&sidecar.summary, header, next)) {
        Some(sidecar) => sidecar,
        None => {
            // A program that ended before the sidecar was written leaves none, which is nothing to warn of.
            match indexed {
                true => tracing::warn!(segment = header.number, "the sidecar of a segment is damaged; it is rebuilt"),
                false => tracing::info!(segment = header.number, "a segment has no sidecar yet; it is built"),
            }
            Sidecar::compute(disk, &path, header.number)?
        }
    };
    let facts = &sidecar.summary.facts;
    let last = facts.last();
    check_link(dir, next, last, &facts.chains.1)?;
    let file = disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
    let size = file.size().map_err(JournalError::io("measure", &path))?;
    if size < facts.end_offset {
        return Err(JournalError::damaged_after(last, &path, size, "the segment is cut off"));
    }
    let segment = Segment::new(dir, header.number, header.first);
    segment.extend(facts.count, facts.end_offset, &sidecar.summary.marks);
    Ok((Arc::new(segment), sidecar, size))
}

/// Returns whether a sidecar belongs to the segment between these headers.
fn belongs(summary: &Summary, header: &SegmentHeader, next: &SegmentHeader) -> bool {
    let facts = &summary.facts;
    facts.journal == header.journal
        && facts.number == header.number
        && facts.first == header.first
        && facts.chains == (header.chain, next.chain)
        && facts.first.plus(facts.count) == next.first
        && summary.marks.len() as u64 == facts.count.div_ceil(MARK_EVERY)
}

/// Reads the last segment completely.
fn active_segment(disk: &dyn Disk, dir: &Path, header: SegmentHeader) -> Result<(Active, Walk, Tail), JournalError> {
    let path = dir.join(names::segment(header.number));
    let mut walk = Walk::new(disk, &path, header)?;
    walk.check_size(true)?;
    let mut gathered = Gathered::default();
    let tail = walk.run(|passed| {
        gathered.add(passed.frame, passed.record, &passed.keys()?);
        Ok::<(), JournalError>(())
    })?;
    let file = disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
    let marks: Vec<Mark> = std::mem::take(&mut gathered.marks);
    let segment = Arc::new(Segment::new(dir, walk.header.number, walk.header.first));
    segment.extend(gathered.ids.len() as u64, walk.offset, &marks);
    let active = Active {
        segment,
        file,
        offset: walk.offset,
        chain: walk.chain,
        gathered,
        closed: walk.closed,
        header: walk.header.clone(),
    };
    Ok((active, walk, tail))
}
