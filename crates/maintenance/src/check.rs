//! The offline check of a bank that nobody has open: every frame, every record, every balance, and the stored state.

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
    /// Also checks that no two records bear the same id, which takes memory for all of them (about 40 bytes each).
    pub deep: bool,
}

/// What a check of a sound bank found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// Records that were replayed.
    pub records: u64,
    /// The last record that was not, because the state that stands in for archived records has it; 0 when all were.
    pub archived: Position,
    /// Segments of the journal.
    pub segments: u64,
    /// Frames of the journal: one for each group commit.
    pub frames: u64,
    /// Accounts, the bank's own among them.
    pub accounts: u64,
    /// Movements of money: transfers, deposits, withdrawals, sweeps, reversals and captures of holds, linked ones each by
    /// itself.
    pub posted: u64,
    /// Commands that were refused.
    pub refused: u64,
    /// Holds that were placed.
    pub holds_placed: u64,
    /// Holds that are open at the end.
    pub holds_open: u64,
    /// The position of the last record.
    pub end: Position,
    /// Whether the journal was cleanly closed.
    pub cleanly_closed: bool,
    /// Bytes of a frame that was being written when the program stopped, which were never acknowledged.
    pub torn_bytes: u64,
    /// The sums of each currency.
    pub currencies: Vec<CurrencyTotal>,
    /// What there is to say of the stored state.
    pub state: String,
}

/// Why a check did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// Somebody has the bank open.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// There is no bank in the directory.
    #[error("there is no bank in {}", .0.display())]
    NoBank(PathBuf),
    /// The first fault, with the last position before it that is sound, or the position of the record at fault.
    #[error("position {position}: {what}")]
    Fault {
        /// Where.
        position: Position,
        /// What is wrong.
        what: String,
    },
    /// An archive cannot be used.
    #[error(transparent)]
    Archive(Box<BackupError>),
    /// The journal is of a newer format, or cannot be read at all.
    #[error(transparent)]
    Journal(JournalError),
    /// The bank was made with a time zone that this program does not know. The journal may be as sound as ever.
    #[error("the bank cannot be checked by this version: {0}")]
    TimeZone(#[from] TimeZoneError),
    /// The bank that was to be checked while it is at work is closed, or stopped.
    #[error(transparent)]
    Bank(#[from] jangbu_runtime::BankError),
    /// The directory cannot be read.
    #[error("cannot open {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The operating system's word.
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

/// Checks the bank in `directory`, changing nothing there.
///
/// Checked are:
/// - every frame's checksum and the chain, and that the records' times increase;
/// - that every movement adds up to zero within its currency, and what it holds to what it promises;
/// - that every leg's link names the account's record before and the balance after;
/// - that no account is below its overdraft after any record, what it holds included;
/// - that fees, free transfers, limits, dates, draws on holds, raises, changes of accounts and where schedules stand are
///   what the rules say on the accounts as the records before made them; refusals are not decided again;
/// - that no more of a movement is taken back than it moved, and that reversals follow from each other;
/// - that all balances add up to zero, and what accounts hold and expect to what the open holds say;
/// - that the stored state, brought to the end of the journal, is what a replay from the beginning leads to.
///
/// Where the beginning is archived, the replay begins with the state that stands in for it; [`check_with_archives`] begins
/// with the first record.
///
/// # Errors
/// [`CheckError::Fault`] for the first fault; the others when there is nothing that could be checked.
pub fn check(directory: &Path, options: Options) -> Result<Report, CheckError> {
    check_with_archives(directory, options, &[])
}

/// Checks the bank in `directory` as [`check`] does, together with the segments in `archives`: from the first record
/// on, and also that the state that stands in for the archived records is what they lead to.
///
/// # Errors
/// As [`check`]; [`CheckError::Fault`] when archived segments are in none of the archives.
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

/// Checks what the segments hold, and the stored state in `state`.
pub fn audit(disk: &dyn Disk, sequence: &Sequence, state: &Path, options: Options) -> Result<Report, CheckError> {
    Ok(audit_with(disk, sequence, state, options, || ())?.0)
}

/// As [`audit`], and calls `count` for each record. The auditor knows what the replay led to.
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
    // Read in any case: its checksums are checked, too.
    let base = sequence.base().zip(sequence.read_base(disk, &mut |_, _| Ok(()))?);
    let mut ids = FxHashSet::default();
    let (mut posted, mut refused, mut holds_placed) = (0u64, 0u64, 0u64);
    let verified = sequence.verify::<CheckError>(disk, |record| {
        count();
        // It is still there, and the state that was begun from has it already.
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

/// The segments of the journal, with those that are in archives in front.
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

/// The sums of each currency, which must be zero.
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

/// Holds what was taken back against the originals, which come before their reversals: they are looked at once it is
/// known what was reversed. `walk` hands every record to what it is given, and is called again to name the records of a
/// fault.
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

/// Checks a record, and applies it.
pub fn visit(auditor: &mut Auditor, record: &Record) -> Result<(), String> {
    match (record.body.imbalance(), record.body.hold_imbalance()) {
        (0, 0) => auditor.apply(record),
        (0, sum) => Err(format!("what the record holds and what it promises differ by {sum}")),
        (sum, _) => Err(format!("the record's legs add up to {sum}")),
    }
}

/// How many movements of money a record tells.
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
