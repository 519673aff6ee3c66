//! Backups of a bank that is open, and what to do with them: verify, restore.
//!
//! [`Bank::backup`](crate::Bank::backup) makes one. The format is in docs/FORMAT.md.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::books::Auditor;
use crate::check::{self, CheckError, Options, Report};
use crate::copies::{self, Contents};
use crate::journal::disk::{Disk, RealDisk};
use crate::ledger::Position;
use crate::views::ApplicationRecord;

pub use crate::copies::BackupError;

/// How a backup is made.
#[derive(Default)]
pub struct BackupOptions {
    /// Whether every copy that is there is read, and made again where it is not as it was written.
    pub repair: bool,
    /// What else belongs to the backup; without it, what an earlier backup holds beside the journal stays.
    pub beside: Option<Beside>,
}

impl std::fmt::Debug for BackupOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (repair, beside) = (self.repair, self.beside.is_some());
        f.debug_struct("BackupOptions").field("repair", &repair).field("beside", &beside).finish()
    }
}

/// A file of the application's, which a backup holds beside the journal.
#[derive(Clone, PartialEq, Eq)]
pub struct BesideFile {
    /// Its name in the bank's directory: 1 to 32 lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for BesideFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is in it may be secret.
        f.debug_struct("BesideFile").field("name", &self.name).field("bytes", &self.bytes.len()).finish()
    }
}

/// Takes the files that belong beside the journal, and completes the backup with them.
pub type Complete<'a> = dyn FnMut(Vec<BesideFile>) -> Result<(), BackupError> + 'a;

/// Provides the files beside the journal. It is called once most of the journal is copied, calls its argument with the
/// files, and sees to it that these do not change before that returns. What was recorded meanwhile is copied then: the
/// backup has every record that came before the files were as they are.
pub type Beside = Box<dyn FnOnce(&mut Complete<'_>) -> Result<(), BackupError> + Send>;

/// What a backup did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BackupReport {
    /// The last record that the backup has. Everything that was durable when it began is in it.
    pub position: Position,
    /// Segments that were copied, the last one among them when it grew.
    pub segments_copied: u64,
    /// Segments that were there already.
    pub segments_kept: u64,
    /// Bytes written for copies.
    pub bytes_copied: u64,
    /// Copies that were not as they were written and were made again.
    pub repaired: u64,
    /// Files beside the journal that the backup has.
    pub beside: u64,
}

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RestoreReport {
    /// Bytes written.
    pub bytes_copied: u64,
    /// What the check of the restored bank found.
    pub checked: Report,
}

/// Checks a backup: the manifest, the hash of every file, every frame, the chain, and by a replay everything that
/// [`check`](crate::check::check) checks of a bank.
///
/// ```
/// # use jangbu_actors::{self as jangbu, command::*, ledger::*};
/// use jangbu::{backup, blocking::Bank};
///
/// # let scratch = tempfile::tempdir()?;
/// # let (data, copies) = (scratch.path().join("data"), scratch.path().join("copies"));
/// # let bank = Bank::from(jangbu_actors::Bank::builder().segment_bytes(65_536).open(data)?);
/// let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
/// bank.deposit(CashPosting::new(mina, Amount::new(10_000)?))?;
/// let made = bank.backup(&copies)?;
/// assert_eq!(backup::verify_backup(&copies)?.end, made.position);
///
/// // One bit of the copy is not as it was.
/// let segment = copies.join("journal/000000000001.segment");
/// let mut bytes = std::fs::read(&segment)?;
/// bytes[4_200] ^= 1;
/// std::fs::write(&segment, bytes)?;
/// assert!(backup::verify_backup(&copies).is_err());
/// # bank.close()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The first fault: [`BackupError::Damaged`], [`BackupError::Fault`], [`BackupError::Journal`]; or that there is no
/// backup.
pub fn verify_backup(backup: impl AsRef<Path>) -> Result<Report, BackupError> {
    verify_backup_on(&RealDisk, backup.as_ref())
}

/// As [`verify_backup`], on another disk.
///
/// # Errors
/// Those of [`verify_backup`].
pub fn verify_backup_on(disk: &dyn Disk, backup: &Path) -> Result<Report, BackupError> {
    let contents = Contents::open(disk, backup)?;
    contents.verify_files()?;
    Ok(audit(disk, &contents, &contents.files())?.0)
}

/// What is in a backup, or in a bank that was restored from it, for an application that keeps files beside the bank.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Contained {
    /// What the check found.
    pub report: Report,
    /// The application records of the kind that was asked for, in the order of their keys.
    pub records: Vec<ApplicationRecord>,
    /// The files beside the journal; `None` in a backup of before these were part of it.
    pub beside: Option<Vec<BesideFile>>,
}

/// As [`verify_backup`], and returns the application records of a kind and the files beside the journal.
///
/// # Errors
/// Those of [`verify_backup`].
pub fn verify_backup_and_read(backup: impl AsRef<Path>, kind: &str) -> Result<Contained, BackupError> {
    let disk = RealDisk;
    let contents = Contents::open(&disk, backup.as_ref())?;
    contents.verify_files()?;
    let (report, mut auditor) = audit(&disk, &contents, &contents.files())?;
    Ok(Contained { report, records: auditor.records(kind), beside: contents.beside()? })
}

/// Restores a backup into the directory `data`, which must be empty or not be there.
///
/// Everything is verified: the backup's files before anything is written, what was written by a replay. Until that is
/// done, `data` cannot be opened as a bank. A sidecar that is damaged is made again from its segment, and of a file beside
/// the journal one sound copy is enough.
///
/// ```
/// # use jangbu_actors::{self as jangbu, command::*, ledger::*};
/// use jangbu::{backup, blocking::Bank};
///
/// # let scratch = tempfile::tempdir()?;
/// # let (data, copies, restored) = (scratch.path().join("data"), scratch.path().join("copies"), scratch.path().join("restored"));
/// # let bank = Bank::from(jangbu_actors::Bank::builder().segment_bytes(65_536).open(data)?);
/// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
/// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?))?;
/// bank.backup(&copies)?;
/// let report = backup::restore(&copies, &restored)?;
/// assert_eq!(report.checked.currencies[0].customers, 10_000);
/// // What is there is never written over.
/// assert!(matches!(backup::restore(&copies, &restored), Err(backup::BackupError::NotEmpty(_))));
/// # bank.close()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of [`verify_backup`]; [`BackupError::NotEmpty`].
pub fn restore(backup: impl AsRef<Path>, data: impl AsRef<Path>) -> Result<RestoreReport, BackupError> {
    restore_on(&RealDisk, backup.as_ref(), data.as_ref())
}

/// As [`restore`], on another disk.
///
/// # Errors
/// Those of [`restore`].
pub fn restore_on(disk: &dyn Disk, backup: &Path, data: &Path) -> Result<RestoreReport, BackupError> {
    restore_with(disk, backup, data, "", |_| Ok(()))
}

/// As [`restore`], and lets `ready` look at what was restored, with the application records of a kind, and add to it,
/// before the directory can be opened. When `ready` returns an error, it never can.
///
/// # Errors
/// Those of [`restore`], and those of `ready`.
pub fn restore_and(
    backup: impl AsRef<Path>,
    data: impl AsRef<Path>,
    kind: &str,
    ready: impl FnOnce(&Contained) -> Result<(), BackupError>,
) -> Result<RestoreReport, BackupError> {
    restore_with(&RealDisk, backup.as_ref(), data.as_ref(), kind, ready)
}

fn restore_with(
    disk: &dyn Disk,
    backup: &Path,
    data: &Path,
    kind: &str,
    ready: impl FnOnce(&Contained) -> Result<(), BackupError>,
) -> Result<RestoreReport, BackupError> {
    let contents = Contents::open(disk, backup)?;
    let made_again = contents.verify_what_is_needed()?;
    let mut checked = Report::default();
    let bytes_copied = copies::restore(&contents, &made_again, disk, data, |dir| {
        let (report, mut auditor) = audit(disk, &contents, dir)?;
        checked = report.clone();
        ready(&Contained { report, records: auditor.records(kind), beside: contents.beside()? })
    })?;
    Ok(RestoreReport { bytes_copied, checked })
}

/// Replays what is in the backup, from its files in `dir`.
fn audit(disk: &dyn Disk, contents: &Contents<'_>, dir: &Path) -> Result<(Report, Auditor), BackupError> {
    let sequence = contents.sequence(dir)?;
    let nowhere = Path::new("");
    let (report, auditor) = check::audit_with(disk, &sequence, nowhere, Options::default(), || ())?;
    if report.end != contents.manifest().position {
        let what = format!("the manifest says that the last record is at {}", contents.manifest().position);
        return Err(BackupError::Fault { position: report.end, what });
    }
    Ok((report, auditor))
}

impl From<CheckError> for BackupError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::InUse(path) => BackupError::Open(crate::OpenError::InUse(path)),
            CheckError::NoBank(path) => BackupError::NoBank(path),
            CheckError::Fault { position, what } => BackupError::Fault { position, what },
            CheckError::Journal(error) => BackupError::Journal(error),
            CheckError::Io { path, source } => {
                BackupError::Journal(crate::journal::JournalError::Io { operation: "open", path, source })
            }
            CheckError::Archive(error) => *error,
            CheckError::Bank(error) => BackupError::Bank(error),
            CheckError::TimeZone(error) => BackupError::Open(error.into()),
        }
    }
}
