//! Full segments, which nothing is written to any more.

use std::path::Path;

use crate::disk::Disk;
use crate::file::Files;
use crate::format::Chain;
use crate::{JournalError, Sequence};
use jangbu_ledger::Position;

/// A full segment.
#[derive(Clone, Copy, Debug)]
pub struct FullSegment {
    /// The id of the journal.
    pub journal: u128,
    /// The number of the segment.
    pub number: u64,
    /// The last record.
    pub last: Position,
    /// Where the last frame ends.
    pub bytes: u64,
    /// The chain after it.
    pub chain: Chain,
}

/// The segments of the journal in `dir` up to this one.
///
/// # Errors
/// When they do not belong together.
pub fn sequence_through(disk: &dyn Disk, dir: &Path, through: &FullSegment) -> Result<Sequence, JournalError> {
    let mut files = Files::list(disk, dir)?;
    files.segments.retain(|number| *number <= through.number);
    Sequence::chosen(disk, dir, &files, Some(through.bytes))
}
