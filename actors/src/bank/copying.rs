//! Backups and checks of a running bank.

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
    /// Copies everything that is durable to `directory` while the bank goes on.
    ///
    /// The copy is consistent: it is the bank at one position, which includes everything acknowledged before the call.
    /// If the directory has an earlier backup of this bank, only new data is copied, and the earlier backup stays
    /// usable until that is complete. [`backup::restore`](crate::backup::restore) makes a bank of the copy.
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
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`BackupError::NotInFiles`] for a bank in memory; [`BackupError::InsideBank`], [`BackupError::NotEmpty`],
    /// [`BackupError::OtherBank`], [`BackupError::Diverged`] and [`BackupError::Behind`] if the directory is not
    /// suitable; [`BackupError::Journal`] if files cannot be read or written. The bank goes on in every case.
    pub async fn backup(&self, directory: &Path) -> Result<BackupReport, BackupError> {
        self.backup_with(directory, BackupOptions::default()).await
    }

    /// Works like [`Bank::backup`], but adds further files to the backup or repairs an existing one.
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// Those of [`Bank::backup`]; [`BackupError::Beside`]; [`BackupError::Damaged`] for a damaged copy whose original
    /// the bank no longer has.
    pub async fn backup_with(&self, directory: &Path, options: BackupOptions) -> Result<BackupReport, BackupError> {
        self.inner.check_open()?;
        let (reader, directory) = (self.inner.reader.clone(), directory.to_path_buf());
        let (reply, answer) = oneshot::channel();
        // A thread of its own: reading threads must stay free for the id lookups that commands wait for.
        let copy = move || {
            panic_if_planted(Spot::Backup);
            drop(reply.send(jangbu_maintenance::back_up(&*reader, &directory, options)));
        };
        let started = std::thread::Builder::new().name("jangbu-backup".into()).spawn(copy);
        started.map_err(|error| BankError::Unreadable(format!("a thread cannot be started: {error}")))?;
        answer.await.map_err(|_| BankError::Unreadable("the backup panicked".into()))?
    }

    /// Checks everything that is durable now while the bank goes on: every frame and record, the hash chain and every
    /// balance. The stored state is not checked, because the bank writes to it; [`check`](crate::check::check) includes
    /// it. `progress` counts the records checked so far.
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
    /// Dropping the future only stops the wait.
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
