//! Which files a journal has, and whether they belong together.

use std::collections::BTreeSet;
use std::path::Path;

use crate::JournalError;
use crate::disk::Disk;
use crate::format::Chain;
use crate::format::header::SegmentHeader;
use crate::format::names::{self, FileKind};
use jangbu_ledger::Position;

/// The files of a journal, by their names.
#[derive(Debug, Default)]
pub struct Files {
    /// The numbers of the segments.
    pub segments: BTreeSet<u64>,
    /// The numbers of the segments that have a sidecar.
    pub indexes: BTreeSet<u64>,
    /// The last segments that states stand in for.
    pub states: BTreeSet<u64>,
    pub(crate) leftovers: Vec<String>,
    /// Whether a loss is being accepted.
    is_recovering: bool,
}

impl Files {
    /// Files of these numbers, whatever else there is.
    pub fn of(segments: BTreeSet<u64>, indexes: BTreeSet<u64>, states: BTreeSet<u64>) -> Files {
        Files { segments, indexes, states, ..Files::default() }
    }

    /// Lists the directory and checks that the segments are numbered without gaps, from 1 or from somewhere that the
    /// newest state covers.
    pub fn list(disk: &dyn Disk, dir: &Path) -> Result<Files, JournalError> {
        let files = Files::list_unfinished(disk, dir)?;
        if files.is_recovering { Err(JournalError::HalfRecovered(dir.to_path_buf())) } else { Ok(files) }
    }

    /// The same, also while a loss is being accepted.
    pub(crate) fn list_unfinished(disk: &dyn Disk, dir: &Path) -> Result<Files, JournalError> {
        let mut files = Files::default();
        for name in disk.list(dir).map_err(JournalError::io("list", dir))? {
            match names::kind(dir, &name)? {
                FileKind::Segment(number) => drop(files.segments.insert(number)),
                FileKind::Index(number) => drop(files.indexes.insert(number)),
                FileKind::State(number) => drop(files.states.insert(number)),
                FileKind::Restoring => return Err(JournalError::HalfRestored(dir.to_path_buf())),
                FileKind::Recovering => files.is_recovering = true,
                FileKind::Leftover => files.leftovers.push(name),
                FileKind::Other => {}
            }
        }
        let last = files.segments.last().copied().unwrap_or(0);
        let covered = files.states.last().copied().unwrap_or(0).saturating_add(1);
        let first = files.segments.first().copied().unwrap_or(1).min(covered);
        if let Some(missing) = (first..=last).find(|number| !files.segments.contains(number)) {
            return Err(JournalError::damaged(&dir.join(names::segment(missing)), 0, "the segment is missing"));
        }
        // A segment is sealed only once the next one is durable.
        if let Some(sealed) = files.indexes.last().filter(|sealed| **sealed >= last) {
            let what = "the segment is missing, for the one before it is sealed";
            return Err(JournalError::damaged(&dir.join(names::segment(sealed + 1)), 0, what));
        }
        // The active segment is never archived.
        if let Some(state) = files.states.last().filter(|state| **state >= last) {
            let what = "the segment is missing, for those before it are archived";
            return Err(JournalError::damaged(&dir.join(names::segment(state + 1)), 0, what));
        }
        Ok(files)
    }
}

/// Checks that the segments are of one journal, which begins with the first unless that is not numbered 1.
pub fn check_journal(dir: &Path, headers: &[SegmentHeader]) -> Result<(), JournalError> {
    let Some(start) = headers.first() else { return Ok(()) };
    let damaged =
        |header: &SegmentHeader, what| Err(JournalError::damaged(&dir.join(names::segment(header.number)), 0, what));
    let begins = start.first == Position::START.next() && start.chain == SegmentHeader::first_chain(start.journal);
    if start.number == 1 && !begins {
        return damaged(start, "the segment is not the beginning of a journal");
    }
    match headers.iter().find(|header| header.journal != start.journal) {
        Some(stranger) => damaged(stranger, "the segment is of another journal than the first"),
        None => Ok(()),
    }
}

/// Checks that a segment goes on where the one before it ended.
pub fn check_link(dir: &Path, next: &SegmentHeader, last: Position, chain: &Chain) -> Result<(), JournalError> {
    let what = match (next.first == last.next(), next.chain == *chain) {
        (true, true) => return Ok(()),
        (false, _) => "the segment does not begin at the position where the one before it ends",
        (true, false) => "the segment does not follow the one before it: the chain of hashes is broken",
    };
    Err(JournalError::damaged_after(last, &dir.join(names::segment(next.number)), 0, what))
}
