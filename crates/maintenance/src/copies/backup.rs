//! Backups of a running bank: everything that is durable, up to one position.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::segment::chain_at;
use super::{BackupError, Copies, refuse_inside};
use super::{BackupOptions, BackupReport, BesideFile};
use jangbu_journal::JournalError;
use jangbu_journal::JournalReader;
use jangbu_journal::format::header::SegmentHeader;
use jangbu_journal::format::manifest::{FileEntry, Kind};
use jangbu_journal::format::names;
use jangbu_journal::read::FileReader;
use jangbu_journal::read::segment::Segment;
use jangbu_journal::segments::{check_link, walk};
use jangbu_ledger::{Body, Position, Timestamp};
use jangbu_plant::{Bug, is_planted};

/// A segment as the backup found it.
struct Source {
    segment: Arc<Segment>,
    header: SegmentHeader,
    last: Position,
    bytes: u64,
}

/// A backup in progress.
struct Making<'a> {
    reader: &'a FileReader,
    copies: Copies<'a>,
    /// Whether every existing copy is read.
    repair: bool,
    /// The segments that were copied.
    copied: BTreeSet<u64>,
    /// The number and the end of the last segment when it was last seen.
    seen: Option<(u64, u64)>,
    report: BackupReport,
}

/// Copies everything durable to `to`, except what is already there.
///
/// # Errors
/// [`BackupError::NotInFiles`] for a journal in memory, and the errors of the files and of `to`.
pub fn backup(reader: &dyn JournalReader, to: &Path, options: BackupOptions) -> Result<BackupReport, BackupError> {
    let reader = reader.as_files().ok_or(BackupError::NotInFiles)?;
    refuse_inside(reader.directory().parent().unwrap_or(reader.directory()), to)?;
    let _one_at_a_time = reader.copy_alone();
    let copies = Copies::open_or_begin(reader.disk(), to, Kind::Backup, bank_of(reader)?, reader.journal())?;
    let BackupOptions { repair, beside } = options;
    let mut making =
        Making { reader, copies, repair, copied: BTreeSet::new(), seen: None, report: BackupReport::default() };
    making.copy_journal()?;
    match beside {
        None => making.complete(None)?,
        Some(beside) => {
            let mut is_complete = false;
            beside(&mut |files| {
                // The files do not change from now on, and everything that changed them before is recorded.
                making.copy_journal()?;
                making.complete(Some(files))?;
                is_complete = true;
                Ok(())
            })?;
            if !is_complete {
                return Err(BackupError::Beside("the files beside the journal were not handed over".into()));
            }
        }
    }
    Ok(making.report)
}

impl Making<'_> {
    /// Copies what is durable now, except what is already there.
    fn copy_journal(&mut self) -> Result<(), BackupError> {
        let reader = self.reader;
        let mut sources = Vec::new();
        for segment in reader.present_segments() {
            let (last, bytes) = segment.extent();
            let header = walk::header(reader.disk(), &segment.path, segment.number)?;
            sources.push(Source { segment, header, last, bytes });
        }
        let newest = sources.last().map(|source| (source.header.number, source.bytes));
        if newest == self.seen {
            return Ok(());
        }
        self.seen = newest;
        let position = sources.last().map_or(Position::START, |source| source.last);
        let recorded_at = self.recorded_at(&sources, position)?;
        let kept = self.compare(&sources)?;
        self.copy_archived(&sources)?;
        for (place, source) in sources.iter().enumerate() {
            let number = source.header.number;
            let next = sources.get(place + 1);
            if !kept.contains(&number) {
                let entry = self.copies.copy_segment(&source.segment.path, number, source.bytes)?;
                if let Some(next) = next {
                    check_link(reader.directory(), &next.header, entry.last, &entry.chain)?;
                }
                self.copied.insert(number);
                self.report.bytes_copied += entry.bytes;
            }
            // A sidecar implies that the next segment exists, so it is copied after that.
            if let Some(before) = place.checked_sub(1).and_then(|before| sources.get(before)) {
                self.copy_sidecar(before.header.number, true)?;
            }
        }
        (self.copies.manifest.position, self.copies.manifest.recorded_at) = (position, recorded_at);
        self.report.position = position;
        self.report.segments_copied = self.copied.len() as u64;
        self.report.segments_kept = (sources.len() as u64).saturating_sub(self.report.segments_copied);
        // The second pass copies what came since the first.
        if std::mem::take(&mut self.repair) {
            self.check_others(&sources)?;
        }
        Ok(())
    }

    /// Lists everything in the manifest, and removes what is no longer listed.
    fn complete(&mut self, beside: Option<Vec<BesideFile>>) -> Result<(), BackupError> {
        if let Some(files) = beside {
            self.report.bytes_copied += self.copies.copy_beside(files)?;
        }
        self.report.beside = self.copies.manifest.beside.len() as u64;
        self.copies.seal()?;
        self.copies.remove_old_states()?;
        self.copies.remove_old_beside()
    }

    /// Checks that the backup matches the journal as far as it goes, and returns the segments whose copies are already
    /// there. Changes nothing.
    fn compare(&mut self, sources: &[Source]) -> Result<Vec<u64>, BackupError> {
        let copies = &self.copies;
        let diverged = |position| BackupError::Diverged { path: copies.dir.clone(), position };
        let segments = &copies.manifest.segments;
        let (Some(first), Some((last_number, last))) = (sources.first(), segments.last_key_value()) else {
            return Ok(Vec::new());
        };
        let newest = sources.last().map_or(0, |source| source.header.number);
        if *last_number > newest {
            return Err(diverged(last.last));
        }
        if let Some(before) = first.header.number.checked_sub(1).filter(|before| *before > 0) {
            // Segments archived in the meantime are kept in a backup that has all of them.
            match segments.get(&before) {
                Some(entry) if entry.chain == first.header.chain => {}
                None if segments.first_key_value().is_some_and(|(number, _)| *number >= first.header.number) => {}
                _ => {
                    let (path, position) = (copies.dir.clone(), last.last);
                    return Err(BackupError::Behind { path, position, first: first.header.first });
                }
            }
        }
        let mut kept = Vec::new();
        for (place, source) in sources.iter().enumerate() {
            let header = &source.header;
            let Some(entry) = segments.get(&header.number) else { continue };
            if entry.first != header.first || entry.bytes > source.bytes {
                return Err(diverged(entry.last));
            }
            let whole = entry.bytes == source.bytes;
            let chain = match sources.get(place + 1).filter(|_| whole) {
                Some(next) => Some(next.header.chain),
                None => chain_at(copies.disk, &source.segment.path, header, entry.bytes)?,
            };
            if chain != Some(entry.chain) {
                return Err(diverged(entry.last));
            }
            let is_there = match self.repair && !is_planted(Bug::RepairsNothing) {
                false => copies.has_segment(header, entry)?,
                true => {
                    let name = names::segment(header.number);
                    let intact = copies.is_intact(&name, entry.bytes, &entry.digest)?;
                    self.report.repaired += u64::from(!intact);
                    intact && copies.has_segment(header, entry)?
                }
            };
            if whole && is_there {
                kept.push(header.number);
            }
        }
        Ok(kept)
    }

    /// Copies what the journal has of archived segments, because the others cannot be opened without it.
    fn copy_archived(&mut self, sources: &[Source]) -> Result<(), BackupError> {
        let reader = self.reader;
        let Some(base) = reader.base() else { return Ok(()) };
        let first = sources.first().map_or(1, |source| source.header.number);
        for number in 1..first {
            self.copy_sidecar(number, false)?;
        }
        let known = self.copies.manifest.state.filter(|(number, _)| *number == base.number).map(|(_, entry)| entry);
        let entry = self.copy_file(names::state(base.number), known)?;
        self.copies.manifest.state = Some((base.number, entry));
        Ok(())
    }

    /// Copies the sidecar of a segment. The sidecar of an existing segment may be missing, because it is made only
    /// after the segment is full.
    fn copy_sidecar(&mut self, number: u64, may_be_missing: bool) -> Result<(), BackupError> {
        let path = self.reader.directory().join(names::index(number));
        if may_be_missing && self.copies.size_of(&path)?.is_none() {
            return Ok(());
        }
        let known = self.copies.manifest.indexes.get(&number).copied();
        let entry = self.copy_file(names::index(number), known)?;
        self.copies.manifest.indexes.insert(number, entry);
        Ok(())
    }

    /// Copies a file of the journal, unless the copy in the manifest, `known`, exists.
    fn copy_file(&mut self, name: String, known: Option<FileEntry>) -> Result<FileEntry, BackupError> {
        let mut known = known;
        if let Some(entry) = known.filter(|_| self.repair && !is_planted(Bug::RepairsNothing))
            && !self.copies.is_intact(&name, entry.bytes, &entry.digest)?
        {
            self.report.repaired += 1;
            known = None;
        }
        let copied = self.copies.copy_file(&self.reader.directory().join(name), known.as_ref())?;
        self.report.bytes_copied += if copied.new { copied.entry.bytes } else { 0 };
        Ok(copied.entry)
    }

    /// Reads the copies of segments that the bank no longer has, which could not be replaced.
    fn check_others(&self, sources: &[Source]) -> Result<(), BackupError> {
        let first = sources.first().map_or(1, |source| source.header.number);
        for (number, entry) in self.copies.manifest.segments.range(..first) {
            let name = names::segment(*number);
            if !self.copies.is_intact(&name, entry.bytes, &entry.digest)? {
                let what = "it differs from what was written, and the bank has archived the original; copy it from the archive";
                return Err(BackupError::Damaged { path: self.copies.files().join(name), what });
            }
        }
        Ok(())
    }

    /// Returns when the record at `position`, the last of these segments, was recorded. It is read from its segment,
    /// because readers may not see a durable record yet.
    fn recorded_at(&self, sources: &[Source], position: Position) -> Result<Timestamp, BackupError> {
        if let Some(base) = self.reader.base().filter(|base| base.position == position) {
            return Ok(base.recorded_at);
        }
        let source = sources.iter().rev().find(|source| source.header.first <= position);
        let source = source.ok_or(JournalError::OutOfRange(position))?;
        Ok(source.segment.read(self.reader.disk(), position)?.recorded_at)
    }
}

impl Copies<'_> {
    /// Removes states that are no longer in the manifest. If that fails, the next backup does it.
    fn remove_old_states(&self) -> Result<(), BackupError> {
        let files = self.files();
        let named = self.manifest.state.as_ref().map(|(number, _)| *number);
        for name in self.disk.list(&files).map_err(JournalError::io("list", &files))? {
            if let Ok(names::FileKind::State(number)) = names::kind(&files, &name)
                && Some(number) != named
            {
                let path = files.join(name);
                self.disk.remove(&path).map_err(JournalError::io("remove", &path))?;
            }
        }
        Ok(())
    }
}

/// Returns the id of the bank.
fn bank_of(reader: &FileReader) -> Result<u128, BackupError> {
    if let Some(base) = reader.base() {
        return Ok(base.bank);
    }
    match reader.read(Position::new(1))?.body {
        Body::BankCreated(created) => Ok(created.bank),
        _ => {
            let what = "the journal does not begin with the making of a bank".to_owned();
            Err(BackupError::Fault { position: Position::new(1), what })
        }
    }
}
