//! Backups beside a running engine: everything that is durable, up to one position.

use std::path::{Path, PathBuf};

use super::super::JournalError;
use super::super::JournalReader;
use super::super::file::{check_link, walk};
use super::super::format::header::SegmentHeader;
use super::super::format::manifest::Kind;
use super::super::format::names;
use super::super::read::{FileReader, Shared};
use super::segment::chain_at;
use super::{BackupError, Copies, refuse_inside};
use crate::backup::BackupReport;
use crate::ledger::{Body, Position, Timestamp};

/// A segment as it stood when the backup looked.
struct Source {
    path: PathBuf,
    header: SegmentHeader,
    last: Position,
    bytes: u64,
}

/// Copies everything durable into `to`, but for what is there already.
pub(in crate::journal) fn backup(reader: &FileReader, to: &Path) -> Result<BackupReport, BackupError> {
    let shared = &*reader.0;
    refuse_inside(shared.dir.parent().unwrap_or(&shared.dir), to)?;
    let _one_at_a_time = shared.copying.lock();
    let disk = &*shared.disk;
    let mut sources = Vec::new();
    for segment in shared.segments() {
        let (last, bytes) = segment.extent();
        let header = walk::header(disk, &segment.path, segment.number)?;
        sources.push(Source { path: segment.path.clone(), header, last, bytes });
    }
    let position = sources.last().map_or(Position::START, |source| source.last);
    let (bank, recorded_at) = (bank_of(reader)?, recorded_at(reader, position)?);
    let mut copies = Copies::open_or_begin(disk, to, Kind::Backup, bank, shared.journal)?;
    let kept = compare(&copies, &sources)?;
    let mut report = BackupReport { position, ..BackupReport::default() };
    copy_archived(shared, &mut copies, &sources, &mut report)?;
    for (place, source) in sources.iter().enumerate() {
        let number = source.header.number;
        let next = sources.get(place + 1);
        if kept.contains(&number) {
            report.segments_kept += 1;
        } else {
            let entry = copies.copy_segment(&source.path, number, source.bytes)?;
            if let Some(next) = next {
                check_link(&shared.dir, &next.header, entry.last, &entry.chain)?;
            }
            report.segments_copied += 1;
            report.bytes_copied += entry.bytes;
        }
        // A sidecar says that the next segment is there, and so comes after it.
        if let Some(before) = place.checked_sub(1).and_then(|before| sources.get(before)) {
            copy_sidecar(shared, &mut copies, before.header.number, true, &mut report)?;
        }
    }
    (copies.manifest.position, copies.manifest.recorded_at) = (position, recorded_at);
    copies.seal()?;
    copies.remove_old_states()?;
    Ok(report)
}

/// Checks that what is in the backup is what the journal has, as far as it goes, and tells which segments are there as
/// they are. Changes nothing.
fn compare(copies: &Copies<'_>, sources: &[Source]) -> Result<Vec<u64>, BackupError> {
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
        // What is archived meanwhile is kept in a backup that has all of it.
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
            None => chain_at(copies.disk, &source.path, header, entry.bytes)?,
        };
        if chain != Some(entry.chain) {
            return Err(diverged(entry.last));
        }
        if whole && copies.has_segment(header, entry)? {
            kept.push(header.number);
        }
    }
    Ok(kept)
}

/// Copies what the journal has of archived segments: without it, the others cannot be opened.
fn copy_archived(
    shared: &Shared,
    copies: &mut Copies<'_>,
    sources: &[Source],
    report: &mut BackupReport,
) -> Result<(), BackupError> {
    let Some(base) = &shared.beginning.base else { return Ok(()) };
    let first = sources.first().map_or(1, |source| source.header.number);
    for number in 1..first {
        copy_sidecar(shared, copies, number, false, report)?;
    }
    let path = shared.dir.join(names::state(base.number));
    let known = copies.manifest.state.filter(|(number, _)| *number == base.number).map(|(_, entry)| entry);
    let copied = copies.copy_file(&path, known.as_ref())?;
    report.bytes_copied += if copied.new { copied.entry.bytes } else { 0 };
    copies.manifest.state = Some((base.number, copied.entry));
    Ok(())
}

/// Copies the sidecar of a segment. That of one which is there may be missing: it is made when the segment is full.
fn copy_sidecar(
    shared: &Shared,
    copies: &mut Copies<'_>,
    number: u64,
    may_be_missing: bool,
    report: &mut BackupReport,
) -> Result<(), BackupError> {
    let path = shared.dir.join(names::index(number));
    if may_be_missing && copies.size_of(&path)?.is_none() {
        return Ok(());
    }
    let known = copies.manifest.indexes.get(&number).copied();
    let copied = copies.copy_file(&path, known.as_ref())?;
    report.bytes_copied += if copied.new { copied.entry.bytes } else { 0 };
    copies.manifest.indexes.insert(number, copied.entry);
    Ok(())
}

impl Copies<'_> {
    /// Removes states that the manifest no longer names. Where that fails, the next backup does it.
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

/// The id of the bank.
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

/// When the record at `position` was recorded.
fn recorded_at(reader: &FileReader, position: Position) -> Result<Timestamp, BackupError> {
    match reader.base() {
        Some(base) if base.position == position => Ok(base.recorded_at),
        _ => Ok(reader.read(position)?.recorded_at),
    }
}
