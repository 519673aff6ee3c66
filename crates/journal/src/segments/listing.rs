//! Lists the files of a journal, and checks that they belong together.

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
    /// The numbers of the last segments that states cover.
    pub states: BTreeSet<u64>,
    pub(crate) leftovers: Vec<String>,
    /// Whether a loss is being accepted.
    is_recovering: bool,
}

impl Files {
    /// Creates a list of these files only, whatever else exists.
    pub fn of(segments: BTreeSet<u64>, indexes: BTreeSet<u64>, states: BTreeSet<u64>) -> Files {
        Files { segments, indexes, states, ..Files::default() }
    }

    /// Lists the directory, and checks that the segments are numbered without gaps, from 1 or from a segment that the
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
            let what = "the segment is missing, although the previous one is sealed";
            return Err(JournalError::damaged(&dir.join(names::segment(sealed + 1)), 0, what));
        }
        // The active segment is never archived.
        if let Some(state) = files.states.last().filter(|state| **state >= last) {
            let what = "the segment is missing, although those before it are archived";
            return Err(JournalError::damaged(&dir.join(names::segment(state + 1)), 0, what));
        }
        Ok(files)
    }
}

/// Checks that the segments belong to one journal, and that a segment numbered 1 is its beginning.
pub fn check_journal(dir: &Path, headers: &[SegmentHeader]) -> Result<(), JournalError> {
    let Some(start) = headers.first() else { return Ok(()) };
    let damaged =
        |header: &SegmentHeader, what| Err(JournalError::damaged(&dir.join(names::segment(header.number)), 0, what));
    let begins = start.first == Position::START.next() && start.chain == SegmentHeader::first_chain(start.journal);
    if start.number == 1 && !begins {
        return damaged(start, "the segment is not the beginning of a journal");
    }
    match headers.iter().find(|header| header.journal != start.journal) {
        Some(stranger) => damaged(stranger, "the segment belongs to another journal than the first one"),
        None => Ok(()),
    }
}

/// Checks that a segment continues where the previous one ended.
pub fn check_link(dir: &Path, next: &SegmentHeader, last: Position, chain: &Chain) -> Result<(), JournalError> {
    let what = match (next.first == last.next(), next.chain == *chain) {
        (true, true) => return Ok(()),
        (false, _) => "the segment does not begin at the position where the previous one ends",
        (true, false) => "the segment does not follow the previous one: the hash chain is broken",
    };
    Err(JournalError::damaged_after(last, &dir.join(names::segment(next.number)), 0, what))
}
