//! The offline check of a bank: every frame, every record, every balance and the stored state.
//!
//! It never changes anything in the bank's directory.

mod running;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::copies::BackupError;
use jangbu_runtime::OpenError;
use jangbu_runtime::{DirectoryLock, Use};
pub use running::check_running;

use crate::copies;
use jangbu_books::books::{Auditor, Cases, TakenBack};
pub use jangbu_books::views::CurrencyTotal;
use jangbu_journal::disk::{Disk, RealDisk};
use jangbu_journal::{JournalError, Sequence, Survey};
use jangbu_ledger::{Body, HoldDrawn, LinkedMovement, LinkedStep, Position, Record, TimeZoneError, time_zone};

/// How thorough a check is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Also checks that no two records have the same id. It needs memory for all ids, about 40 bytes each.
    pub deep: bool,
}

/// The result of checking a sound bank.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The number of records that were replayed.
    pub records: u64,
    /// The position of the last record that was not replayed because it is archived; 0 if all were replayed.
    pub archived: Position,
    /// The number of segments of the journal.
    pub segments: u64,
    /// The number of frames of the journal: one per group commit.
    pub frames: u64,
    /// The number of accounts, including the bank's own.
    pub accounts: u64,
    /// The number of movements of money: transfers, deposits, withdrawals, sweeps, reversals and captures of holds.
    /// Each linked movement counts.
    pub posted: u64,
    /// The number of refused commands.
    pub refused: u64,
    /// The number of holds that were placed.
    pub holds_placed: u64,
    /// The number of holds that are open at the end.
    pub holds_open: u64,
    /// The position of the last record.
    pub end: Position,
    /// Whether the journal was cleanly closed.
    pub cleanly_closed: bool,
    /// The size in bytes of a torn frame at the end, which was being written when the program stopped. It was never
    /// acknowledged.
    pub torn_bytes: u64,
    /// The sums of each currency.
    pub currencies: Vec<CurrencyTotal>,
    /// The result for the stored state, as text.
    pub state: String,
}

/// Why a check failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The bank is open elsewhere.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// There is no bank in the directory.
    #[error("there is no bank in {}", .0.display())]
    NoBank(PathBuf),
    /// The first fault, with the position of the faulty record or of the last sound record before it.
    #[error("position {position}: {what}")]
    Fault {
        /// The position.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// An archive cannot be used.
    #[error(transparent)]
    Archive(Box<BackupError>),
    /// The journal has a newer format, or cannot be read at all.
    #[error(transparent)]
    Journal(JournalError),
    /// The bank was created with a time zone that this program does not know. The journal may still be sound.
    #[error("the bank cannot be checked by this version: {0}")]
    TimeZone(#[from] TimeZoneError),
    /// The running bank that was being checked is closed or has stopped.
    #[error(transparent)]
    Bank(#[from] jangbu_runtime::BankError),
    /// The directory cannot be read.
    #[error("cannot open {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
}

impl From<JournalError> for CheckError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Damaged { after, .. } => CheckError::Fault { position: after, what: error.to_string() },
            JournalError::Undecodable { position, .. } => CheckError::Fault { position, what: error.to_string() },
            other => CheckError::Journal(other),
        }
    }
}

/// Checks the bank in `directory` without changing anything there.
///
/// It checks that
/// - every frame has its checksum, the hash chain is unbroken, and the records' times increase;
/// - every movement adds up to zero within its currency, and so does what a record holds and expects;
/// - every leg links to the account's previous record and states the balance after it;
/// - no account is below its overdraft after any record, held money included;
/// - fees, free transfers, limits, dates, draws on holds, raises, changes of accounts and the progress of schedules
///   follow from the rules, given the accounts as the records before left them (refusals are not decided again);
/// - no movement is reversed by more than its amount, and reversals refer to each other correctly;
/// - all balances add up to zero, and the accounts' held and expected amounts match the open holds;
/// - the stored state, brought to the end of the journal, equals the result of a replay.
///
/// If the beginning is archived, the replay starts with the state that stands in for it. [`check_with_archives`] starts
/// with the first record.
///
/// # Errors
/// [`CheckError::Fault`] for the first fault; the other variants if the check is not possible.
pub fn check(directory: &Path, options: Options) -> Result<Report, CheckError> {
    check_with_archives(directory, options, &[])
}

/// Checks the bank in `directory` like [`check`], together with the segments in `archives`: from the first record on,
/// and also that the state standing in for the archived records equals their replay.
///
/// # Errors
/// Those of [`check`]; [`CheckError::Fault`] if archived segments are missing in the archives.
pub fn check_with_archives(directory: &Path, options: Options, archives: &[PathBuf]) -> Result<Report, CheckError> {
    let journal = directory.join("journal");
    if !journal.is_dir() {
        return Err(CheckError::NoBank(directory.to_path_buf()));
    }
    let _lock = DirectoryLock::take(directory, Use::Read).map_err(|error| match error {
        OpenError::Directory { path, source, .. } => CheckError::Io { path, source },
        _ => CheckError::InUse(directory.to_path_buf()),
    })?;
    let sequence = sequence(&journal, archives)?;
    if sequence.is_empty() {
        return Err(CheckError::NoBank(directory.to_path_buf()));
    }
    audit(&RealDisk, &sequence, &directory.join("state"), options)
}

/// Checks the contents of the segments, and the stored state in `state`.
#[doc(hidden)]
pub fn audit(disk: &dyn Disk, sequence: &Sequence, state: &Path, options: Options) -> Result<Report, CheckError> {
    Ok(audit_with(disk, sequence, state, options, || ())?.0)
}

/// Like [`audit`], but calls `count` for each record and returns the auditor with the replayed state.
#[doc(hidden)]
pub fn audit_with(
    disk: &dyn Disk,
    sequence: &Sequence,
    state: &Path,
    options: Options,
    count: impl Fn(),
) -> Result<(Report, Auditor), CheckError> {
    if let Some(base) = sequence.base() {
        time_zone(&base.time_zone)?;
    }
    let mut auditor = Auditor::of(sequence, disk, state)?;
    let began = auditor.applied();
    // Read in any case, because its checksums are checked too.
    let base = sequence.base().zip(sequence.read_base(disk, &mut |_, _| Ok(()))?);
    let mut ids = FxHashSet::default();
    let (mut posted, mut refused, mut holds_placed) = (0u64, 0u64, 0u64);
    let verified = sequence.verify::<CheckError>(disk, |record| {
        count();
        // Archived but still present; the initial state includes it.
        if record.position <= began {
            return Ok(());
        }
        let fault = |what| CheckError::Fault { position: record.position, what };
        match &record.body {
            Body::BankCreated(created) => {
                time_zone(&created.time_zone)?;
            }
            Body::Refused(_) => refused = refused.saturating_add(1),
            _ => {}
        }
        record.for_each_placed(|_, _, _| holds_placed = holds_placed.saturating_add(1));
        posted = posted.saturating_add(movements_of(&record.body));
        if options.deep && !ids.insert(record.id) {
            return Err(fault(format!("the id {} was used before", record.id)));
        }
        visit(&mut auditor, &record).map_err(fault)?;
        match base {
            Some((base, digest)) if base.position == record.position => {
                auditor.compare_base(base, &digest, &record).map_err(fault)
            }
            _ => Ok(()),
        }
    })?;
    let end = Position::new(verified.records);
    let fault = |what| CheckError::Fault { position: end, what };
    let taken_back = auditor.finish().map_err(fault)?;
    check_reversals(&auditor, taken_back, |visit| sequence.verify(disk, |record| visit(&record)).map(drop))?;
    let state = auditor.compare().map_err(fault)?;
    let currencies = balanced(&auditor).map_err(fault)?;
    let report = Report {
        records: verified.records.saturating_sub(began.get()),
        archived: began,
        segments: verified.segments,
        frames: verified.frames,
        accounts: auditor.accounts(),
        posted,
        refused,
        holds_placed,
        holds_open: auditor.open_holds().map_err(fault)?,
        end,
        cleanly_closed: verified.cleanly_closed,
        torn_bytes: verified.torn_bytes,
        currencies,
        state,
    };
    Ok((report, auditor))
}

/// Returns the segments of the journal, preceded by those in archives.
fn sequence(journal: &Path, archives: &[PathBuf]) -> Result<Sequence, CheckError> {
    let mut sequence = Sequence::of(&RealDisk, journal).map_err(|error| Survey::locate(&RealDisk, journal, error))?;
    let mut segments = BTreeMap::new();
    for archive in archives {
        segments.append(&mut copies::archived_segments(&RealDisk, archive)?);
    }
    sequence.prepend(&RealDisk, &segments)?;
    if !archives.is_empty() && sequence.first() > Position::START.next() {
        let before = Position::new(sequence.first().get().saturating_sub(1));
        let what = "the segments up to here are in none of the archives".to_owned();
        return Err(CheckError::Fault { position: before, what });
    }
    Ok(sequence)
}

/// Returns the sums of each currency, or an error if one is not zero.
#[doc(hidden)]
pub fn balanced(auditor: &Auditor) -> Result<Vec<CurrencyTotal>, String> {
    let currencies = auditor.totals()?;
    for total in &currencies {
        let sum = total.customers.saturating_add(total.cash).saturating_add(total.fees);
        if sum != 0 {
            return Err(format!("all balances in {} add up to {sum}", total.currency));
        }
    }
    Ok(currencies)
}

/// Checks reversals against their originals. Originals come before their reversals, so they are read after the
/// reversals are known. `walk` visits every record, and is called again to locate a fault.
#[doc(hidden)]
pub fn check_reversals(
    auditor: &Auditor,
    mut taken_back: TakenBack,
    mut walk: impl FnMut(&mut dyn FnMut(&Record) -> Result<(), CheckError>) -> Result<(), CheckError>,
) -> Result<(), CheckError> {
    if taken_back.is_empty() {
        return Ok(());
    }
    let mut cases = Cases::default();
    walk(&mut |record| {
        let fault = |what| CheckError::Fault { position: record.position, what };
        taken_back.check_original(record, &mut cases).map_err(fault)
    })?;
    if cases.is_empty() {
        return Ok(());
    }
    walk(&mut |record| {
        cases.note(record);
        Ok(())
    })?;
    let (position, what) = auditor.tell(&cases);
    Err(CheckError::Fault { position, what })
}

/// Checks a record and applies it.
#[doc(hidden)]
pub fn visit(auditor: &mut Auditor, record: &Record) -> Result<(), String> {
    match (record.body.imbalance(), record.body.hold_imbalance()) {
        (0, 0) => auditor.apply(record),
        (0, sum) => Err(format!("the amounts that the record holds and expects differ by {sum}")),
        (sum, _) => Err(format!("the record's legs add up to {sum}")),
    }
}

/// Returns the number of movements of money in a record.
fn movements_of(body: &Body) -> u64 {
    let of_draw = |drawn: &HoldDrawn| u64::from(!drawn.drawn.amount.is_zero());
    match body {
        Body::Posted(_) | Body::Reversed(_) => 1,
        Body::ReversalsRepaired(repaired) => repaired.posted.iter().len() as u64,
        Body::Drawn(drawn) => of_draw(drawn),
        Body::Linked(steps) => {
            let of_step = |step: &LinkedStep| match &step.movement {
                LinkedMovement::Posted(_) | LinkedMovement::Reversed(_) => 1,
                LinkedMovement::Drawn(drawn) => of_draw(drawn),
                LinkedMovement::Held(_) => 0,
            };
            steps.iter().map(of_step).sum()
        }
        _ => 0,
    }
}
