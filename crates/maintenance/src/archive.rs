//! Moves old segments of a bank's journal into an archive, after writing a state that stands in for them.
//!
//! The bank must be closed. Afterwards it opens without the archived segments, even if its stored state is lost. Their
//! ids stay known, and reading their records returns `archived`.
//!
//! This module must never remove a segment before its verified copy and the state that stands in for it are durable.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::check::{balanced, check_reversals, visit};
use crate::copies;
pub use crate::copies::ArchiveReport;
use crate::copies::BackupError;
use jangbu_books::books::{self, Auditor, Books, unreadable};
use jangbu_journal::disk::{Disk, RealDisk};
use jangbu_journal::{Base, FileOptions, FoundJournal, FullSegment, Journal, JournalReader, base, sequence_through};
use jangbu_ledger::{HoldId, Position};
use jangbu_runtime::{DirectoryLock, Use};

/// The full segments to archive. The segment that is being written always stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The segments whose records all come before this position.
    Before(Position),
    /// All except this many of the newest full ones.
    AllBut(u64),
}

/// Moves old segments of the bank in `data` into the directory `archive`, which must be empty, missing, or contain the
/// segments before them.
///
/// The records are first replayed and checked, like [`check`](crate::check::check) does, to produce the state that
/// stands in for them. If archiving is interrupted, the bank can still be opened, and archiving can be repeated.
///
/// ```
/// # use jangbu_actors as jangbu;
/// use jangbu::archive::{Which, archive};
/// use jangbu::check::{Options, check, check_with_archives};
/// # use jangbu_actors::{blocking::Bank, command::*, ledger::*};
/// # let scratch = tempfile::tempdir()?;
/// # let (data, old) = (scratch.path().join("data"), scratch.path().join("old"));
/// # let bank = Bank::from(jangbu_actors::Bank::builder().segment_bytes(16_384).open(&data)?);
/// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
/// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?))?;
/// # bank.deposit(CashPosting::new(mina, Amount::new(1_000_000)?))?;
/// # for units in 1..400 {
/// #     bank.transfer(Transfer::new(mina, joon, Amount::new(units)?))?;
/// # }
///
/// bank.close()?;
/// let moved = archive(&data, &old, Which::AllBut(1))?;
/// assert!(moved.segments > 0);
/// // What is left is checked from there on; with the archive, from the first record on.
/// assert_eq!(check(&data, Options::default())?.archived, moved.position);
/// let all = check_with_archives(&data, Options::default(), &[old])?;
/// assert_eq!(all.records, all.end.get());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Every variant of [`BackupError`]; [`BackupError::Fault`] when the records do not hold, and then nothing is moved.
pub fn archive(data: impl AsRef<Path>, archive: impl AsRef<Path>, which: Which) -> Result<ArchiveReport, BackupError> {
    archive_on(&(Arc::new(RealDisk) as Arc<dyn Disk>), data.as_ref(), archive.as_ref(), which)
}

/// Like [`archive`], with journal and archive on another disk.
///
/// # Errors
/// Those of [`archive`].
pub fn archive_on(
    disk: &Arc<dyn Disk>,
    data: &Path,
    archive: &Path,
    which: Which,
) -> Result<ArchiveReport, BackupError> {
    let dir = data.join("journal");
    match disk.list(&dir) {
        Ok(names) if names.iter().any(|name| name.ends_with(".segment")) => {}
        _ => return Err(BackupError::NoBank(data.to_path_buf())),
    }
    copies::refuse_inside(data, archive)?;
    let _lock = DirectoryLock::take(data, Use::Write)?;
    // Opening repairs what a crash has left, and creates missing sidecars.
    let options = FileOptions { in_background: false, ..FileOptions::default() };
    let found =
        FoundJournal::examine(Arc::clone(disk), &dir)?.ok_or_else(|| BackupError::NoBank(data.to_path_buf()))?;
    // Nothing of a journal that lost records is moved before the loss is accepted.
    books::check_stored(data, &*found.reader())?;
    let journal = found.settle(options)?;
    let full = journal.full_segments();
    let chosen: Vec<FullSegment> = match which {
        Which::Before(position) => full.iter().filter(|segment| segment.last < position).copied().collect(),
        Which::AllBut(keep) => {
            let move_out = full.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
            full.iter().take(move_out).copied().collect()
        }
    };
    let Some(last) = chosen.last().copied() else { return Ok(ArchiveReport::default()) };
    let covered = journal.base().filter(|base| base.covers(&last)).cloned();
    let base = match covered {
        // Written by an earlier archiving that was interrupted or covered more segments.
        Some(base) => {
            check_base(&**disk, &dir, &base, None)?;
            base
        }
        None => make_base(&**disk, &dir, &last, &*journal.reader())?,
    };
    drop(journal);
    copies::move_out(&**disk, &dir, &base, &chosen, archive)
}

/// Replays the journal to the end of a segment, and produces the state that stands in for everything up to there.
fn make_base(
    disk: &dyn Disk,
    dir: &Path,
    through: &FullSegment,
    reader: &dyn JournalReader,
) -> Result<Base, BackupError> {
    let sequence = sequence_through(disk, dir, through)?;
    let mut auditor = Auditor::of(&sequence, disk, Path::new(""))?;
    let began = auditor.applied();
    let mut last = sequence.base().map(Base::last);
    sequence.verify::<BackupError>(disk, |record| {
        if record.position > began {
            let fault = |what| BackupError::Fault { position: record.position, what };
            visit(&mut auditor, &record).map_err(fault)?;
        }
        last = Some((record.position, record.id, record.recorded_at));
        Ok(())
    })?;
    let fault = |what: String| BackupError::Fault { position: through.last, what };
    balanced(&auditor).map_err(fault)?;
    check_taken_back(&mut auditor, reader, through.last)?;
    let books = auditor.into_books();
    let (Some(last), Some(made)) = (last.filter(|last| last.0 == through.last), books.made()) else {
        return Err(fault("the segment does not end with the record that it should".into()));
    };
    check_not_needed(&books, reader, through.last)?;
    let base = Base::new(through, &last, made);
    let digest = base::write(disk, dir, &base, |writer| books.write_to(writer))?;
    check_base(disk, dir, &base, Some(&digest))?;
    Ok(base)
}

/// Checks that no movement was reversed by more than its amount, because an archived reversal can no longer be
/// corrected. Corrections in later records count.
fn check_taken_back(auditor: &mut Auditor, reader: &dyn JournalReader, through: Position) -> Result<(), BackupError> {
    let fault = |position, what| BackupError::Fault { position, what };
    let mut taken_back = auditor.finish().map_err(|what| fault(through, what))?;
    for record in reader.scan(through.next()) {
        let record = record?;
        taken_back.note(&record).map_err(|what| fault(record.position, what))?;
    }
    Ok(check_reversals(auditor, taken_back, |visit| {
        reader.scan(reader.first()).try_for_each(|record| visit(&record?))
    })?)
}

/// Checks that no hold with an archived record awaits verification, because the verifier gets the contents of that
/// record, also after a restart.
fn check_not_needed(books: &Books, reader: &dyn JournalReader, through: Position) -> Result<(), BackupError> {
    let mut waiting: BTreeMap<HoldId, Position> = BTreeMap::new();
    for row in books.every_open_hold() {
        let ((_, place), hold) = row.map_err(unreadable)?;
        if hold.requires_verification {
            waiting.insert(hold.id, place.position);
        }
    }
    let mut records = reader.scan(through.next());
    while let Some(record) = if waiting.is_empty() { None } else { records.next() } {
        record?.body.for_each_hold(|drawn| {
            if drawn.drawn.end.is_some() {
                waiting.remove(&drawn.hold);
            }
        });
    }
    waiting.into_iter().next().map_or(Ok(()), |(hold, position)| Err(BackupError::StillNeeded { position, hold }))
}

/// Reads the state back from the medium, because everything depends on it from now on. `written` is the hash of what
/// was just written, if it was.
fn check_base(disk: &dyn Disk, dir: &Path, base: &Base, written: Option<&[u8; 32]>) -> Result<(), BackupError> {
    base::read_the_medium(disk, dir, base)?;
    let fault = |what: String| BackupError::Fault { position: base.position, what };
    let mut again = Books::in_memory();
    again.begin_from(base).map_err(fault)?;
    let found = base::read(disk, dir, base, &mut |section, value| again.take(section, value))?;
    if written.is_some_and(|written| found != *written) || again.digest(base)? != found {
        return Err(fault("the state read back differs from what was written".into()));
    }
    Ok(())
}

impl From<BackupError> for crate::check::CheckError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Journal(error) => error.into(),
            BackupError::Fault { position, what } => crate::check::CheckError::Fault { position, what },
            other => crate::check::CheckError::Archive(Box::new(other)),
        }
    }
}
