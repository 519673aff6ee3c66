//! Backups: how they are made, verified and restored.
//!
//! `Bank::backup` makes one. The format is in docs/format.md.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::check::{self, CheckError, Options, Report};
use crate::copies::{self, Contents};
use jangbu_books::books::Auditor;
use jangbu_books::views::ApplicationRecord;
use jangbu_journal::disk::{Disk, RealDisk};

pub use crate::copies::{BackupError, BackupOptions, BackupReport, Beside, BesideFile, Complete};

/// The result of a restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RestoreReport {
    /// The number of bytes written.
    pub bytes_copied: u64,
    /// The result of checking the restored bank.
    pub checked: Report,
}

/// Verifies a backup: the manifest, the hash of every file, every frame, the hash chain, and by a replay everything
/// that [`check`](crate::check::check) checks of a bank.
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

/// Like [`verify_backup`], on another disk.
///
/// # Errors
/// Those of [`verify_backup`].
pub fn verify_backup_on(disk: &dyn Disk, backup: &Path) -> Result<Report, BackupError> {
    let contents = Contents::open(disk, backup)?;
    contents.verify_files()?;
    Ok(audit(disk, &contents, &contents.files())?.0)
}

/// The contents of a backup, or of a bank restored from it, for an application that keeps further files with the bank.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Contained {
    /// The result of the check.
    pub report: Report,
    /// The application records of the requested kind, in the order of their keys.
    pub records: Vec<ApplicationRecord>,
    /// The further files; `None` in a backup that was made before backups had them.
    pub beside: Option<Vec<BesideFile>>,
}

/// Like [`verify_backup`], and returns the application records of a kind and the further files.
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

/// Restores a backup into the directory `data`, which must be empty or missing.
///
/// Everything is verified: the backup's files before anything is written, and the written files by a replay. Until that
/// is done, `data` cannot be opened as a bank. A damaged sidecar is rebuilt from its segment, and one intact copy of a
/// further file is enough.
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

/// Like [`restore`], on another disk.
///
/// # Errors
/// Those of [`restore`].
pub fn restore_on(disk: &dyn Disk, backup: &Path, data: &Path) -> Result<RestoreReport, BackupError> {
    restore_with(disk, backup, data, "", |_| Ok(()))
}

/// Like [`restore`], but lets `ready` inspect what was restored, with the application records of a kind, and add files
/// before the directory can be opened. If `ready` returns an error, the directory can never be opened.
///
/// # Errors
/// Those of [`restore`] and of `ready`.
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

/// Replays the contents of the backup from its files in `dir`.
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
            CheckError::InUse(path) => BackupError::Open(jangbu_runtime::OpenError::InUse(path)),
            CheckError::NoBank(path) => BackupError::NoBank(path),
            CheckError::Fault { position, what } => BackupError::Fault { position, what },
            CheckError::Journal(error) => BackupError::Journal(error),
            CheckError::Io { path, source } => {
                BackupError::Journal(jangbu_journal::JournalError::Io { operation: "open", path, source })
            }
            CheckError::Archive(error) => *error,
            CheckError::Bank(error) => BackupError::Bank(error),
            CheckError::TimeZone(error) => BackupError::Open(error.into()),
        }
    }
}
