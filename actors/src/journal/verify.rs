//! The offline checker's part of the journal: walks every byte, while no writer is at work.

use std::path::Path;

use super::JournalError;
use super::disk::{Access, Disk};
use super::file::seal;
use super::file::tail::Tail;
use super::file::walk::{self, Walk};
use super::file::{Files, check_journal, check_link};
use super::format::names;
use super::format::sidecar::{self, Summary};
use crate::codec;
use crate::ledger::{CommandId, Position, Record, Timestamp};

/// What [`verify`] found in a sound journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// The number of records, which is the position of the last one.
    pub records: u64,
    /// The number of frames.
    pub frames: u64,
    /// The number of segments.
    pub segments: u64,
    /// Whether the journal was cleanly closed.
    pub cleanly_closed: bool,
    /// Bytes of a frame that was being written when the program stopped; the next opening cuts them off.
    pub torn_bytes: u64,
}

/// Walks every frame of the journal in `dir` and hands each record to `visit`, in order.
///
/// Checks the headers, that the segments belong together, every checksum, the chain of hashes, that times increase,
/// and that each sidecar says what its segment says. Writes nothing. No writer may have the journal open.
///
/// # Errors
/// The first fault in the journal, with its place; or the first error of `visit`.
pub fn verify<E: From<JournalError>>(
    disk: &dyn Disk,
    dir: &Path,
    mut visit: impl FnMut(Record) -> Result<(), E>,
) -> Result<Verified, E> {
    let files = Files::list(disk, dir)?;
    let mut headers = Vec::new();
    for number in &files.segments {
        headers.push(walk::header(disk, &dir.join(names::segment(*number)), *number)?);
    }
    check_journal(dir, &headers)?;
    let mut verified = Verified::default();
    let mut last_recorded_at: Option<Timestamp> = None;
    let newest = headers.last().map(|header| header.number);
    let mut chain = headers.first().map(|header| header.chain).unwrap_or_default();
    for header in headers {
        check_link(dir, &header, Position::new(verified.records), &chain)?;
        let number = header.number;
        let path = dir.join(names::segment(number));
        let mut walk = Walk::new(disk, &path, header)?;
        walk.check_size(newest == Some(number))?;
        let tail = walk.run(|passed| {
            let position = passed.position;
            let undecodable = |source| JournalError::Undecodable { position, source };
            let record = codec::decode_record(position, passed.bytes).map_err(undecodable)?;
            if passed.keys()? != codec::RecordKeys::of(&record) {
                return Err(JournalError::damaged_after(position, &path, passed.record, "two ids in one record").into());
            }
            if last_recorded_at.is_some_and(|last| record.recorded_at <= last) {
                return Err(JournalError::TimeWentBack(position).into());
            }
            last_recorded_at = Some(record.recorded_at);
            visit(record)
        })?;
        if let Tail::Torn { end } = tail {
            if newest != Some(number) {
                let what = "no sound frame stands here, and the segment is not the last";
                return Err(JournalError::damaged_after(walk.last, &path, walk.offset, what).into());
            }
            verified.torn_bytes = end - walk.offset;
        }
        chain = walk.chain;
        verified.records = walk.last.get();
        verified.frames += walk.frames_read;
        verified.segments += 1;
        verified.cleanly_closed = walk.closed;
        if files.indexes.contains(&number) {
            verify_sidecar(disk, dir, number)?;
        }
    }
    Ok(verified)
}

/// Checks that a sidecar says what its segment says.
fn verify_sidecar(disk: &dyn Disk, dir: &Path, number: u64) -> Result<(), JournalError> {
    let path = dir.join(names::index(number));
    let (expected_bytes, expected) = seal::compute(disk, &dir.join(names::segment(number)), number)?;
    let file = disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
    let size = file.size().map_err(JournalError::io("measure", &path))?;
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    file.read_full_at(&mut bytes, 0).map_err(JournalError::io("read", &path))?;
    match difference(&bytes, &expected_bytes, &expected) {
        None => Ok(()),
        Some(what) => Err(JournalError::damaged(&path, 0, what)),
    }
}

/// What a sidecar says otherwise than it should. Filters may differ: another version of the filter's library may
/// build another one from the same ids. What counts is that no id is denied.
fn difference(bytes: &[u8], expected_bytes: &[u8], expected: &Summary) -> Option<&'static str> {
    if bytes == expected_bytes {
        return None;
    }
    let Some(found) = Summary::decode(bytes) else { return Some("the sidecar's summary is damaged") };
    if found.facts != expected.facts || found.marks != expected.marks || found.fences != expected.fences {
        return Some("the sidecar's summary is not that of its segment");
    }
    let block = |summary: &Summary, bytes: &[u8], number: u32| {
        let start = usize::try_from(Summary::block_offset(summary.end(), number)).ok()?;
        let end = start + super::format::BLOCK_BYTES;
        sidecar::decode_block(summary.facts.block_seed(), number, bytes.get(start..end)?)
    };
    for number in (0u32..).take(expected.fences.len()) {
        let ids = block(&found, bytes, number);
        if ids.is_none() || ids != block(expected, expected_bytes, number) {
            return Some("the sidecar's ids are not those of its segment");
        }
        let denied = |(id, _): &(u128, u32)| !found.filter.may_contain(CommandId::new(uuid::Uuid::from_u128(*id)));
        if ids.iter().flatten().any(denied) {
            return Some("the sidecar's filter denies an id of its segment");
        }
    }
    let gap = bytes.get(found.end()..usize::try_from(Summary::block_offset(found.end(), 0)).unwrap_or(0));
    let clean = gap.is_some_and(|gap| gap.iter().all(|byte| *byte == 0));
    (!clean || bytes.len() as u64 != found.file_bytes()).then_some("the sidecar holds more than it should")
}
