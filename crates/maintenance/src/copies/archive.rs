//! Moves full segments out of a journal, once a state stands in for them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{BackupError, Copies};
use jangbu_journal::JournalError;
use jangbu_journal::disk::Disk;
use jangbu_journal::format::header::SegmentHeader;
use jangbu_journal::format::manifest::{FileEntry, Kind, SegmentEntry};
use jangbu_journal::format::names;
use jangbu_journal::segments::{Files, check_link, walk};
use jangbu_journal::{FullSegment, base::Base};
use jangbu_ledger::Position;
use jangbu_plant::{Bug, is_planted};

/// The result of archiving.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ArchiveReport {
    /// The position of the last record that was moved; 0 if none was.
    pub position: Position,
    /// The number of segments that were moved.
    pub segments: u64,
    /// The number of bytes that were moved.
    pub bytes: u64,
}

/// Copies these segments of the journal in `dir` and their sidecars to the archive `to`, verifies them, and then
/// removes the segments. The state `base`, which stands in for all of them, must be durable.
///
/// It can be repeated after an interruption.
pub(crate) fn move_out(
    disk: &dyn Disk,
    dir: &Path,
    base: &Base,
    segments: &[FullSegment],
    to: &Path,
) -> Result<ArchiveReport, BackupError> {
    let mut copies = Copies::open_or_begin(disk, to, Kind::Archive, base.bank, base.journal)?;
    let mut report = ArchiveReport::default();
    let Some(first) = segments.first().map(|first| first.number) else { return Ok(report) };
    check_joins(&copies, &walk::header(disk, &dir.join(names::segment(first)), first)?)?;
    for FullSegment { number, bytes, chain, .. } in segments {
        let from = dir.join(names::segment(*number));
        let header = walk::header(disk, &from, *number)?;
        let known = copies.manifest.segments.get(number).copied();
        let entry = match known {
            Some(entry) if (entry.first, entry.bytes, entry.chain) != (header.first, *bytes, *chain) => {
                return Err(BackupError::Diverged { path: to.to_path_buf(), position: entry.last });
            }
            // Bytes in the manifest may only be replaced by identical ones.
            Some(entry) if copies.is_read(&header, &entry)? => entry,
            _ => copies.copy_segment(&from, *number, *bytes)?,
        };
        let known = copies.intact_index(*number)?;
        let copied = copies.copy_file(&dir.join(names::index(*number)), known.as_ref())?;
        copies.manifest.indexes.insert(*number, copied.entry);
        copies.manifest.position = copies.manifest.position.max(entry.last);
        report.position = entry.last;
        report.segments += 1;
        report.bytes += entry.bytes;
        let next = dir.join(names::segment(number.saturating_add(1)));
        check_link(dir, &walk::header(disk, &next, number.saturating_add(1))?, entry.last, &entry.chain)?;
    }
    if copies.manifest.position == base.position {
        copies.manifest.recorded_at = base.recorded_at;
    }
    copies.seal()?;
    // Oldest first, each durably before the next, so that the remaining ones have no gaps.
    for FullSegment { number, .. } in segments {
        copies.check_before_removal(*number)?;
        let path = dir.join(names::segment(*number));
        disk.remove(&path).map_err(JournalError::io("remove", &path))?;
        disk.sync_dir(dir).map_err(JournalError::io("sync", dir))?;
    }
    remove_older_states(disk, dir, base.number)?;
    Ok(report)
}

impl Copies<'_> {
    /// Returns whether the segment's copy in the manifest is intact, by reading all of it.
    fn is_read(&self, header: &SegmentHeader, entry: &SegmentEntry) -> Result<bool, BackupError> {
        if is_planted(Bug::RemovesUnread) {
            return self.has_segment(header, entry);
        }
        self.is_intact(&names::segment(header.number), entry.bytes, &entry.digest)
    }

    /// Returns the entry of a sidecar whose copy is intact.
    fn intact_index(&self, number: u64) -> Result<Option<FileEntry>, BackupError> {
        let Some(entry) = self.manifest.indexes.get(&number).copied() else { return Ok(None) };
        Ok(self.is_intact(&names::index(number), entry.bytes, &entry.digest)?.then_some(entry))
    }

    /// Reads the copies of a segment and of its sidecar from the medium, because the originals are removed next.
    fn check_before_removal(&self, number: u64) -> Result<(), BackupError> {
        if is_planted(Bug::RemovesUnread) {
            return Ok(());
        }
        let segment = self.manifest.segments.get(&number).map(|entry| (entry.bytes, entry.digest));
        let index = self.manifest.indexes.get(&number).map(|entry| (entry.bytes, entry.digest));
        for (name, named) in [(names::segment(number), segment), (names::index(number), index)] {
            let intact = match named {
                Some((bytes, digest)) => self.is_intact(&name, bytes, &digest)?,
                None => false,
            };
            if !intact {
                let what = "the copy differs from what was written; the original is kept";
                return Err(BackupError::Damaged { path: self.files().join(name), what });
            }
        }
        Ok(())
    }
}

/// Checks that a segment follows those in the archive, or is one of them.
fn check_joins(copies: &Copies<'_>, header: &SegmentHeader) -> Result<(), BackupError> {
    let segments = &copies.manifest.segments;
    let Some((last_number, last)) = segments.last_key_value() else { return Ok(()) };
    let (path, position) = (copies.dir.clone(), last.last);
    if *last_number < header.number.saturating_sub(1) {
        return Err(BackupError::Behind { path, position, first: header.first });
    }
    match segments.get(&header.number.saturating_sub(1)) {
        Some(before) if before.chain != header.chain => Err(BackupError::Diverged { path, position: before.last }),
        _ => Ok(()),
    }
}

/// Removes states that a newer one covers.
fn remove_older_states(disk: &dyn Disk, dir: &Path, newest: u64) -> Result<(), BackupError> {
    for number in Files::list(disk, dir)?.states.into_iter().filter(|number| *number < newest) {
        let path = dir.join(names::state(number));
        disk.remove(&path).map_err(JournalError::io("remove", &path))?;
        disk.sync_dir(dir).map_err(JournalError::io("sync", dir))?;
    }
    Ok(())
}

/// Returns the segments in an archive, by their numbers.
///
/// # Errors
/// If there is no archive in `dir`, or its manifest is damaged.
pub(crate) fn archived_segments(disk: &dyn Disk, dir: &Path) -> Result<BTreeMap<u64, PathBuf>, BackupError> {
    let copies = Copies::open(disk, dir, Kind::Archive)?;
    let files = copies.files();
    Ok(copies.manifest.segments.keys().map(|number| (*number, files.join(names::segment(*number)))).collect())
}
