//! Backups of a bank that a service has open: the journal and the key file, copied on a separate thread.
//!
//! One backup is made at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu::Bank;
use jangbu::backup::{BackupOptions, Beside};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::copies::{BackupFailure, Copied, beside};
use crate::server::members::Keys;
use crate::server::stopping::Stopping;

/// Makes backups of a bank, one at a time.
#[derive(Debug)]
pub(crate) struct Backups {
    source: Source,
    /// The target directory of the backup in progress.
    in_progress: InProgress,
}

/// The data to copy.
#[derive(Clone, Debug)]
struct Source {
    bank: Bank,
    keys: Arc<Keys>,
}

type InProgress = Arc<Mutex<Option<PathBuf>>>;

/// Held while a backup is made.
struct Making(InProgress);

impl Drop for Making {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}

impl Backups {
    /// Prepares backups of a bank with its keys.
    pub(crate) fn new(bank: Bank, keys: Arc<Keys>) -> Backups {
        Backups { source: Source { bank, keys }, in_progress: InProgress::default() }
    }

    /// Makes or updates the backup in a directory. It continues even if the caller stops waiting.
    ///
    /// # Errors
    /// [`BackupFailure`] if copying fails, if another backup is in progress, or if the service stops; the backup is
    /// then left as after an interruption.
    pub(super) async fn make(
        &self,
        directory: &Path,
        repair: bool,
        stopping: &Stopping,
    ) -> Result<Copied, BackupFailure> {
        let made = self.attempt(directory, repair, stopping).await;
        match &made {
            Ok(Copied { position, bytes_copied, .. }) => {
                tracing::info!(directory = %directory.display(), position, bytes_copied, "backup made");
            }
            Err(error) => tracing::warn!(directory = %directory.display(), "no backup: {error}"),
        }
        made
    }

    async fn attempt(&self, directory: &Path, repair: bool, stopping: &Stopping) -> Result<Copied, BackupFailure> {
        if stopping.has_begun() {
            return Err(BackupFailure::Impossible("the service is stopping".into()));
        }
        let making = self.begin(directory)?;
        let (source, target) = (self.source.clone(), directory.to_path_buf());
        let (reply, answer) = oneshot::channel();
        // Not a thread of the runtime's pool, which the service would wait for at its end.
        let copy = move || {
            let copied = source.copy(&target, repair);
            drop((source, making));
            drop(reply.send(copied));
        };
        let started = std::thread::Builder::new().name("jangbu-console".into()).spawn(copy);
        started.map_err(|error| BackupFailure::Impossible(format!("cannot start a thread: {error}")))?;
        tokio::select! {
            copied = answer => {
                copied.unwrap_or_else(|_| Err(BackupFailure::Impossible("the backup panicked".into())))
            }
            () = stopping.wait() => {
                let what = format!("the service is stopping; the backup in {} is incomplete", directory.display());
                Err(BackupFailure::Impossible(what))
            }
        }
    }

    fn begin(&self, directory: &Path) -> Result<Making, BackupFailure> {
        let mut in_progress = self.in_progress.lock();
        if let Some(other) = &*in_progress {
            let what = format!("another backup is in progress in {}; try again when it is complete", other.display());
            return Err(BackupFailure::Impossible(what));
        }
        *in_progress = Some(directory.to_path_buf());
        Ok(Making(self.in_progress.clone()))
    }
}

impl Source {
    /// Copies the journal, then the keys.
    ///
    /// A key destroyed during the copy would be missing for records that were copied before its erasure. Therefore the
    /// new part of the journal is copied together with the keys, and no key can change during that short time.
    fn copy(&self, directory: &Path, repair: bool) -> Result<Copied, BackupFailure> {
        let bank = jangbu::blocking::Bank::from(self.bank.clone());
        let keys = Arc::clone(&self.keys);
        let keys: Beside = Box::new(move |complete| keys.with_bytes(|bytes| complete(beside(bytes))));
        let report = bank.backup_with(directory, BackupOptions { repair, beside: Some(keys) })?;
        Ok(Copied::of(&report))
    }
}
