//! Recovery of a bank that has lost records. It never happens automatically: an operator has to accept the loss and
//! name the position.
//!
//! Opening refuses a journal that is damaged, or that ends before the stored state does. If nothing can be put back,
//! [`accept_loss_after`] truncates the journal after its last sound record. Everything that is cut off is kept, and the
//! journal records that the loss was accepted.
//!
//! This module must never cut off a sound record, or destroy a byte of what it cuts off.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;

use serde::{Deserialize, Serialize};

use jangbu_books::books;
use jangbu_journal::disk::{Disk, RealDisk};
use jangbu_journal::private;
use jangbu_journal::{FileOptions, FoundJournal, Journal, JournalError, JournalReader, Recovering, Survey};
use jangbu_ledger::{
    Body, CommandId, ContentHash, DayClock, Links, Position, Record, RecordPut, TimeZoneError, Timestamp,
};
use jangbu_runtime::OpenError;
use jangbu_runtime::clock::{Clock, SystemClock};
use jangbu_runtime::{DirectoryLock, Use};

/// The kind of the application records of accepted losses.
pub const ACCEPTED_LOSS: &str = "accepted-loss";

/// The damage to a bank, and the position up to which it is sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Loss {
    /// The position of the last sound record. Everything after it is lost unless it can be put back.
    pub after: Position,
    /// A description of the damage.
    pub what: String,
}

/// The result of accepting a loss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RecoverReport {
    /// The position of the last record that was kept.
    pub after: Position,
    /// The position of the application record about it, of the kind [`ACCEPTED_LOSS`].
    pub recorded_at: Position,
    /// The directory with everything that was cut off.
    pub kept_in: PathBuf,
}

/// Why a loss was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoverError {
    /// Nothing is missing: the bank can be opened.
    #[error("nothing is missing: the journal is sound up to position {0}, and the stored state agrees")]
    NothingMissing(Position),
    /// The journal is sound up to another position than the given one.
    #[error("the journal is sound up to position {sound}, not {given}; nothing was changed")]
    AnotherPosition {
        /// The position of the last sound record.
        sound: Position,
        /// The position that was given.
        given: Position,
    },
    /// Not even the first record of the journal is sound.
    #[error("no record of the journal is sound: restore a backup")]
    NothingSound,
    /// An earlier recovery was interrupted and must be completed first.
    #[error("accepting a loss after position {0} was interrupted; complete that first")]
    Interrupted(Position),
    /// The bank is in use, does not exist or cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl From<JournalError> for RecoverError {
    fn from(error: JournalError) -> Self {
        RecoverError::Open(error.into())
    }
}

impl From<TimeZoneError> for RecoverError {
    fn from(error: TimeZoneError) -> Self {
        RecoverError::Open(error.into())
    }
}

/// Returns what the bank in `data` has lost, without changing anything; `None` if it can be opened.
///
/// Reads the whole journal.
///
/// # Errors
/// [`RecoverError::Open`] if not even the beginning of the journal is sound.
pub fn survey(data: impl AsRef<Path>) -> Result<Option<Loss>, RecoverError> {
    let data = data.as_ref();
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    check_there(&*disk, data)?;
    let _lock = DirectoryLock::take(data, Use::Read)?;
    if let Some(begun) = Recovering::read(&*disk, &data.join("journal"))? {
        let what = JournalError::HalfRecovered(data.to_path_buf()).to_string();
        return Ok(Some(Loss { after: begun.after, what }));
    }
    find_loss(&disk, data).map(|(_, loss)| loss)
}

/// Truncates the journal of the bank in `data` after the record at `after`, which must be the last sound one, and
/// records the loss.
///
/// Everything that is cut off, and the stored state, are moved to the directory `lost-after-POSITION-N` in `data`. The
/// next open rebuilds the state. If the recovery is interrupted, the bank cannot be opened until it is run again.
///
/// ```
/// # use jangbu_actors::{self as jangbu, command::*, ledger::*};
/// use jangbu::blocking::Bank;
/// use jangbu::recover::{accept_loss_after, survey};
///
/// # let scratch = tempfile::tempdir()?;
/// # let data = scratch.path().join("data");
/// # let bank = Bank::open(&data)?;
/// let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
/// let deposit = bank.deposit(CashPosting::new(mina, Amount::new(10_000)?).with_label("wages"))?;
/// # bank.close()?;
///
/// // A bit of an acknowledged record changes on the disk.
/// let segment = data.join("journal/000000000001.segment");
/// let mut bytes = std::fs::read(&segment)?;
/// let at = bytes.windows(5).position(|part| part == b"wages").expect("the record");
/// bytes[at] ^= 1;
/// std::fs::write(&segment, bytes)?;
/// assert!(Bank::open(&data).is_err());
///
/// let lost = survey(&data)?.expect("a record is missing");
/// assert!(lost.after < deposit.position);
/// accept_loss_after(&data, lost.after)?;
/// assert_eq!(Bank::open(&data)?.snapshot(mina)?.posted.minor_units(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Every variant of [`RecoverError`]; but for a failed file operation, nothing was changed then.
pub fn accept_loss_after(data: impl AsRef<Path>, after: Position) -> Result<RecoverReport, RecoverError> {
    accept_loss_on(&(Arc::new(RealDisk) as Arc<dyn Disk>), data.as_ref(), after)
}

/// Like [`accept_loss_after`], with the journal on another disk.
///
/// # Errors
/// Those of [`accept_loss_after`].
pub fn accept_loss_on(disk: &Arc<dyn Disk>, data: &Path, after: Position) -> Result<RecoverReport, RecoverError> {
    check_there(&**disk, data)?;
    let _lock = DirectoryLock::take(data, Use::Write)?;
    let dir = data.join("journal");
    let begun = match Recovering::read(&**disk, &dir)? {
        Some(begun) if begun.after == after => begun,
        Some(begun) => return Err(RecoverError::Interrupted(begun.after)),
        None => begin(disk, data, after)?,
    };
    let aside = data.join(&begun.aside);
    disk.create_dir(&aside).map_err(JournalError::io("create", &aside))?;
    disk.sync_dir(data).map_err(JournalError::io("sync", data))?;
    let survey = Survey::of(&**disk, &dir)?;
    survey.cut(&**disk, &dir, &aside)?;
    set_state_aside(data, &aside)?;
    let options = FileOptions { in_background: false, ..FileOptions::default() };
    let found = FoundJournal::examine_unfinished(Arc::clone(disk), &dir)?;
    let found = found.ok_or_else(|| OpenError::NoBank(data.to_path_buf()))?;
    // The journal has one more record: an earlier attempt got this far.
    if found.end() == after {
        let record = accepted(&*found.reader(), &begun)?;
        append(found.settle(options)?, record)?;
    }
    Recovering::remove(&**disk, &dir)?;
    tracing::warn!(
        after = after.get(),
        kept_in = begun.aside,
        "the loss of all later records of the journal was accepted"
    );
    Ok(RecoverReport { after, recorded_at: after.next(), kept_in: aside })
}

fn check_there(disk: &dyn Disk, data: &Path) -> Result<(), RecoverError> {
    match disk.list(&data.join("journal")) {
        Ok(names) if names.iter().any(|name| name.ends_with(".segment")) => Ok(()),
        _ => Err(OpenError::NoBank(data.to_path_buf()).into()),
    }
}

/// Searches for the damage. Also returns the position up to which the journal is sound.
fn find_loss(disk: &Arc<dyn Disk>, data: &Path) -> Result<(Position, Option<Loss>), RecoverError> {
    let dir = data.join("journal");
    let survey = Survey::of(&**disk, &dir)?;
    let after = survey.last;
    if let Some(what) = survey.fault {
        return Ok((after, Some(Loss { after, what })));
    }
    let found = FoundJournal::examine(Arc::clone(disk), &dir)?;
    let found = found.ok_or_else(|| OpenError::NoBank(data.to_path_buf()))?;
    match books::check_stored(data, &*found.reader()) {
        Ok(()) => Ok((after, None)),
        Err(error @ (OpenError::RecordsMissing { .. } | OpenError::AnotherHistory { .. })) => {
            Ok((after, Some(Loss { after, what: error.to_string() })))
        }
        Err(error) => Err(error.into()),
    }
}

/// Marks the journal as being recovered, if it is sound exactly up to `after`.
fn begin(disk: &Arc<dyn Disk>, data: &Path, after: Position) -> Result<Recovering, RecoverError> {
    let (sound, loss) = find_loss(disk, data)?;
    if loss.is_none() {
        return Err(RecoverError::NothingMissing(sound));
    }
    if sound == Position::START {
        return Err(RecoverError::NothingSound);
    }
    if sound != after {
        return Err(RecoverError::AnotherPosition { sound, given: after });
    }
    let mut names = (1u32..).map(|number| format!("lost-after-{after}-{number}"));
    let free = names.find(|name| !data.join(name).exists() && disk.list(&data.join(name)).is_err());
    let begun = Recovering { after, aside: free.unwrap_or_default() };
    begun.write(&**disk, &data.join("journal"))?;
    Ok(begun)
}

/// Moves the stored state to what was cut off, because it may include records that the journal no longer has.
fn set_state_aside(data: &Path, aside: &Path) -> Result<(), OpenError> {
    let state = data.join("state");
    if !state.exists() {
        return Ok(());
    }
    let failed = |operation, path: &Path| {
        let path = path.to_path_buf();
        move |source| OpenError::Directory { operation, path, source }
    };
    private::make_folders(aside).map_err(failed("make", aside))?;
    std::fs::rename(&state, aside.join("state")).map_err(failed("move aside", &state))?;
    for changed in [aside, data] {
        RealDisk.sync_dir(changed).map_err(failed("sync", changed))?;
    }
    Ok(())
}

/// Returns the record of the accepted loss.
fn accepted(reader: &dyn JournalReader, begun: &Recovering) -> Result<Record, RecoverError> {
    let made = books::made(reader)?.ok_or_else(|| OpenError::Replay("the journal has no bank".into()))?;
    // As close to the previous record as possible: the bank's time must not depend on the clock of the recovering
    // machine.
    let moment = Timestamp::from_ns(books::last_recorded_at(reader)?.as_ns().saturating_add(1));
    let id = CommandId::random();
    let (after, aside, now) = (begun.after, &begun.aside, SystemClock.now());
    let value = format!("the loss of all records after position {after} was accepted at {now}; they are in {aside}")
        .into_bytes();
    let content = ContentHash::of(&value);
    let put = RecordPut {
        kind: ACCEPTED_LOSS.to_owned(),
        key: format!("{:020}", begun.after.get()),
        value: Some(value),
        expected: None,
    };
    Ok(Record {
        position: begun.after.next(),
        recorded_at: moment,
        decided_at: moment,
        date: DayClock::new(&made.time_zone)?.date_of(moment),
        id,
        content,
        body: Body::RecordsPut(vec![put]),
        links: Links::new(),
    })
}

/// Appends the record and closes the journal.
fn append(mut journal: impl Journal, record: Record) -> Result<(), JournalError> {
    let (done, result) = channel();
    journal.append(record.position, vec![record], Box::new(move |appended| drop(done.send(appended.map(drop)))));
    result.recv().map_err(|_| JournalError::Stopped("the journal did not answer".into()))??;
    journal.close()
}
