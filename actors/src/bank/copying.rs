//! Backups and checks through the handle, beside everything else that the bank does.

use crate::check::check_running;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::oneshot;

use super::Bank;
use crate::backup::{BackupError, BackupOptions, BackupReport};
use crate::check::{CheckError, Report};
use crate::plant::{Spot, panic_if_planted};
use jangbu_runtime::BankError;

impl Bank {
    /// Copies everything that is durable into the directory `directory`, while the bank goes on.
    ///
    /// The copy is consistent: it is the bank as it stood at one position, at or behind all that was acknowledged before
    /// the call. A directory that has an earlier backup of this bank gets what is new; until that is complete, the earlier
    /// one stays usable. [`backup::restore`](crate::backup::restore) makes a bank of it again.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, backup, command::*, ledger::*};
    /// # let scratch = tempfile::tempdir()?;
    /// # let (data, copies, restored) = (scratch.path().join("data"), scratch.path().join("copies"), scratch.path().join("restored"));
    /// # let bank = Bank::builder().segment_bytes(65_536).open(data)?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let first = bank.backup(&copies).await?;
    /// bank.deposit(CashPosting::new(mina, Amount::new(500)?)).await?;
    /// let second = bank.backup(&copies).await?;
    /// assert_eq!((first.position.next(), second.position), (second.position, bank.stats().durable));
    ///
    /// backup::restore(&copies, &restored)?;
    /// let copy = Bank::open(&restored)?;
    /// assert_eq!(copy.snapshot(mina).await?.posted.minor_units(), 10_500);
    /// # copy.close().await?;
    /// # bank.close().await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same.
    ///
    /// # Errors
    /// [`BackupError::NotInFiles`] for a bank in memory; [`BackupError::InsideBank`], [`BackupError::NotEmpty`],
    /// [`BackupError::OtherBank`], [`BackupError::Diverged`] and [`BackupError::Behind`] where the directory is not one
    /// to go on with; [`BackupError::Journal`] when files cannot be read or written. Whatever it is, the bank goes on.
    pub async fn backup(&self, directory: &Path) -> Result<BackupReport, BackupError> {
        self.backup_with(directory, BackupOptions::default()).await
    }

    /// As [`Bank::backup`], with what else belongs to the backup, or repairing the one that is there.
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same.
    ///
    /// # Errors
    /// Those of [`Bank::backup`]; [`BackupError::Beside`]; [`BackupError::Damaged`] for a copy that is damaged and whose
    /// original the bank no longer has.
    pub async fn backup_with(&self, directory: &Path, options: BackupOptions) -> Result<BackupReport, BackupError> {
        self.inner.check_open()?;
        let (reader, directory) = (self.inner.reader.clone(), directory.to_path_buf());
        let (reply, answer) = oneshot::channel();
        // A thread of its own: the reading threads look ids up for commands that wait.
        let copy = move || {
            panic_if_planted(Spot::Backup);
            drop(reply.send(jangbu_maintenance::back_up(&*reader, &directory, options)));
        };
        let started = std::thread::Builder::new().name("jangbu-backup".into()).spawn(copy);
        started.map_err(|error| BankError::Unreadable(format!("a thread cannot be started: {error}")))?;
        answer.await.map_err(|_| BankError::Unreadable("the backup panicked".into()))?
    }

    /// Checks everything that is durable at the moment, while the bank goes on: every frame and record, the chain, every
    /// balance; [`check`](crate::check::check) tells more. The stored state is not looked at, as the bank writes to it.
    /// `progress` counts the records that were looked at.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let report = bank.check(Default::default()).await?;
    /// assert_eq!(report.end, bank.stats().durable);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future ends the wait, and nothing else.
    ///
    /// # Errors
    /// [`CheckError::Fault`] for the first fault; [`CheckError::Bank`] for a bank that is closed.
    pub async fn check(&self, progress: Arc<AtomicU64>) -> Result<Report, CheckError> {
        self.inner.check_open()?;
        let (reader, (reply, answer)) = (self.inner.reader.clone(), oneshot::channel());
        let look = move || {
            panic_if_planted(Spot::Check);
            drop(reply.send(check_running(&*reader, &progress)));
        };
        let started = std::thread::Builder::new().name("jangbu-check".into()).spawn(look);
        started.map_err(|error| BankError::Unreadable(format!("a thread cannot be started: {error}")))?;
        answer.await.map_err(|_| BankError::Unreadable("the check panicked".into()))?
    }
}
