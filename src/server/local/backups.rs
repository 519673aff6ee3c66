//! Backups of the bank that is served: the journal and the key file, copied on a thread of their own beside everything
//! else.
//!
//! One is made at a time, to whatever directory: what a second one would copy, the first one copies.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu::Bank;
use jangbu::backup::{BackupOptions, Beside};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::copied::{BackupFailure, Copied, beside};
use crate::server::members::Keys;
use crate::server::stopping::Stopping;

/// Makes backups of a bank, one at a time.
#[derive(Debug)]
pub(crate) struct Backups {
    source: Source,
    /// Where the one that is being made goes.
    place: Place,
}

/// What is copied.
#[derive(Clone, Debug)]
struct Source {
    bank: Bank,
    keys: Arc<Keys>,
}

type Place = Arc<Mutex<Option<PathBuf>>>;

/// Held while a backup is made.
struct Making(Place);

impl Drop for Making {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}

impl Backups {
    /// Backups of a bank, with its keys.
    pub(crate) fn new(bank: Bank, keys: Arc<Keys>) -> Backups {
        Backups { source: Source { bank, keys }, place: Place::default() }
    }

    /// Makes a backup in a directory, or brings the one there up to date. Whoever stops waiting does not stop it.
    ///
    /// # Errors
    /// [`BackupFailure`]: that of the copying; that another one is being made; that the service is stopping, and then what is there
    /// is as after an interruption.
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
        // No thread of the runtime's pool: the service's end would wait for it.
        let copy = move || {
            let copied = source.copy(&target, repair);
            drop((source, making));
            drop(reply.send(copied));
        };
        let started = std::thread::Builder::new().name("jangbu-console".into()).spawn(copy);
        started.map_err(|error| BackupFailure::Impossible(format!("a thread cannot be started: {error}")))?;
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
        let mut place = self.place.lock();
        if let Some(other) = &*place {
            let what = format!("another backup is in progress in {}; try again when it is complete", other.display());
            return Err(BackupFailure::Impossible(what));
        }
        *place = Some(directory.to_path_buf());
        Ok(Making(self.place.clone()))
    }
}

impl Source {
    /// Copies the journal, and with it the keys.
    ///
    /// A key that is destroyed while the journal is copied would be missing beside records that do not know of the
    /// erasure. So what is new in the journal by then is copied too; meanwhile, and that is not for long, no key changes.
    fn copy(&self, directory: &Path, repair: bool) -> Result<Copied, BackupFailure> {
        let bank = jangbu::blocking::Bank::from(self.bank.clone());
        let keys = Arc::clone(&self.keys);
        let keys: Beside = Box::new(move |complete| keys.with_bytes(|bytes| complete(beside(bytes))));
        let report = bank.backup_with(directory, BackupOptions { repair, beside: Some(keys) })?;
        Ok(Copied::of(&report))
    }
}
