//! Where the state is kept between checkpoints: sled, or memory. No other module knows sled.
//!
//! sled 0.34.7 does not fsync by itself on Linux (decision 0003), so the database file is synced here as well. It can
//! panic on damaged files, so every call is made behind `catch_unwind`. Nothing may exist only in sled: the whole
//! directory can be thrown away.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::sled_buffers;
use jangbu_journal::panic_text;
use jangbu_journal::private;
use jangbu_plant::{Bug, is_planted};
use jangbu_runtime::OpenError;

/// A key and its value; `None` deletes it.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// A key and its value, as found.
pub type Pair = (Vec<u8>, Vec<u8>);

/// The maximum size of a value in bytes. sled keeps larger ones in separate files, which it never syncs.
pub const MAX_VALUE_BYTES: usize = 7_000;

/// Refuses changes with a value that is too large. All stores do so, so that tests with any store find a value that
/// grows with the bank.
pub fn check_sizes(changes: &[Change]) -> Result<(), StoreError> {
    let bytes = changes.iter().filter_map(|(_, value)| value.as_ref().map(Vec::len)).max().unwrap_or(0);
    if bytes <= MAX_VALUE_BYTES {
        return Ok(());
    }
    Err(StoreError::Damaged(format!(
        "a value of {bytes} bytes is over the {MAX_VALUE_BYTES} that a store keeps safely"
    )))
}

/// How often, and with what pause, opening a locked database is retried.
///
/// The bank's own lock excludes other processes, so the lock can only belong to this one: sled's threads release a
/// database some moments after it was dropped.
const LOCK_ATTEMPTS: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Why a store failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The stored state differs from what was written, or cannot result from the journal. It is not usable.
    #[error("{0}")]
    Damaged(String),
    /// The operating system refused something: no space, too many open files, no permission, a failing disk. That says
    /// nothing about the stored state, which must be left as it is.
    #[error("{0}")]
    Environment(String),
}

impl StoreError {
    /// Classifies an error of a file operation. An error with a number is the operating system's; any other is sled's
    /// reaction to unusable bytes. Some numbers also result from a file that is missing or of the wrong kind, or that
    /// contains an impossible offset.
    fn of_io(error: &std::io::Error) -> StoreError {
        use ErrorKind::{AlreadyExists, InvalidInput, IsADirectory, NotADirectory, NotFound};
        let is_content = matches!(error.kind(), NotFound | AlreadyExists | NotADirectory | IsADirectory | InvalidInput);
        let is_system = error.raw_os_error().is_some() && !is_content || is_locked(error);
        if is_system && !is_planted(Bug::EnvironmentIsDamage) {
            StoreError::Environment(error.to_string())
        } else {
            StoreError::Damaged(error.to_string())
        }
    }

    /// Classifies an error of sled.
    fn of_sled(error: &sled::Error) -> StoreError {
        match error {
            sled::Error::Io(error) => StoreError::of_io(error),
            other => StoreError::Damaged(other.to_string()),
        }
    }

    /// Classifies a panic of sled, which panics over damage and sometimes over errors of the operating system. The
    /// latter are recognized by their text.
    fn of_panic(text: &str) -> StoreError {
        let what = format!("sled panicked: {text}");
        let names_the_system = text.contains("Os { code:") || text.contains("(os error ");
        if names_the_system && !is_planted(Bug::EnvironmentIsDamage) {
            StoreError::Environment(what)
        } else {
            StoreError::Damaged(what)
        }
    }
}

/// A key-value store in key order.
pub trait Store: Send + Sync {
    /// Returns the value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.scan(key, key, 1)?.pop();
        Ok(found.filter(|(found, _)| found == key).map(|(_, value)| value))
    }

    /// Returns up to `limit` pairs whose keys begin with `prefix` and are not before `from`, in key order.
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError>;

    /// Makes all the changes or, if the machine fails, none. Writes take effect in order. A value that is too large is
    /// an error; see [`check_sizes`].
    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError>;

    /// Makes the changes in order. If the machine fails, any number of the first ones are made.
    fn write_each(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        changes.into_iter().try_for_each(|change| self.write(vec![change]))
    }

    /// Makes everything written durable.
    fn sync(&self) -> Result<(), StoreError>;

    /// Returns whether the store is kept anywhere. Otherwise, writing to it is useless.
    fn is_kept(&self) -> bool;

    /// Returns the size on disk in bytes.
    fn bytes_on_disk(&self) -> u64;
}

/// The location of a store, from which an unusable one can be removed.
pub trait Shelf {
    /// Opens the store, or creates it.
    ///
    /// # Errors
    /// [`StoreError`] if it is damaged, or the operating system refuses access.
    fn open(&self) -> Result<Arc<dyn Store>, StoreError>;

    /// Moves the stored state out of the way, so that the next open finds nothing.
    fn set_aside(&self, reason: &str) -> Result<(), OpenError>;
}

/// The state in an embedded sled database.
pub struct SledStore {
    database: Arc<sled::Db>,
    directory: PathBuf,
}

impl SledStore {
    /// Opens the database in `directory`, or creates it.
    ///
    /// # Errors
    /// If sled fails or panics. In case of damage, the caller moves the directory aside.
    pub fn open(directory: &Path) -> Result<SledStore, StoreError> {
        match directory.symlink_metadata() {
            Ok(found) if !found.is_dir() && !directory.is_dir() => {
                return Err(StoreError::Damaged("it is not a directory".into()));
            }
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(StoreError::of_io(&error)),
            _ => {}
        }
        private::make_folder(directory).map_err(|error| StoreError::of_io(&error))?;
        let open = || {
            sled::Config::new()
                .path(directory)
                .cache_capacity(32 * 1024 * 1024)
                // Checkpoints sync when they are complete; a timer in between would sync incomplete ones.
                .flush_every_ms(None)
                .open()
        };
        for _ in 1..LOCK_ATTEMPTS {
            match caught(|| Ok(open()))? {
                Err(sled::Error::Io(error)) if is_locked(&error) => {
                    std::thread::sleep(LOCK_PAUSE);
                }
                opened => return SledStore::over(caught(|| opened)?, directory),
            }
        }
        SledStore::over(caught(open)?, directory)
    }

    /// Takes over an open database. Its files were created with the permissions of the umask.
    fn over(database: sled::Db, directory: &Path) -> Result<SledStore, StoreError> {
        private::restrict(directory).map_err(|error| StoreError::of_io(&error))?;
        Ok(SledStore { database: Arc::new(database), directory: directory.to_path_buf() })
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        sled_buffers::forget(&self.database);
    }
}

impl Store for SledStore {
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        caught(|| {
            let pairs = self.database.range(from.max(prefix)..).take(limit);
            let mut found = Vec::new();
            for pair in pairs {
                let (key, value) = pair?;
                if !key.starts_with(prefix) {
                    break;
                }
                found.push((key.to_vec(), value.to_vec()));
            }
            Ok(found)
        })
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        check_sizes(&changes)?;
        let bytes = |(key, value): &Change| key.len().saturating_add(value.as_ref().map_or(0, Vec::len));
        let written_bytes = changes.iter().map(bytes).sum();
        caught(|| {
            sled_buffers::write(&self.database, written_bytes, |database| {
                // A batch keeps all other threads out of sled until it is done; a single change does not.
                if let [(key, value)] = changes.as_slice() {
                    return match value {
                        Some(value) => database.insert(key, value.as_slice()).map(drop),
                        None => database.remove(key).map(drop),
                    };
                }
                let mut batch = sled::Batch::default();
                for (key, value) in changes {
                    match value {
                        Some(value) => batch.insert(key, value),
                        None => batch.remove(key),
                    }
                }
                database.apply_batch(batch)
            })
        })
    }

    fn sync(&self) -> Result<(), StoreError> {
        caught(|| {
            private::restrict(&self.directory)?;
            self.database.flush()?;
            sled_buffers::forget(&self.database);
            File::open(self.directory.join("db"))?.sync_data()?;
            File::open(&self.directory)?.sync_all()?;
            Ok(())
        })
    }

    fn is_kept(&self) -> bool {
        true
    }

    fn bytes_on_disk(&self) -> u64 {
        self.database.size_on_disk().unwrap_or(0)
    }
}

/// Returns whether the error is sled's way to report that the database is open elsewhere.
fn is_locked(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock || error.to_string().contains("could not acquire lock")
}

fn caught<T>(call: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(StoreError::of_sled(&error)),
        Err(panic) => Err(StoreError::of_panic(&panic_text(&panic))),
    }
}

/// The state of a bank in memory, which is never written out.
#[derive(Default)]
pub struct MemoryStore {
    pairs: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl Store for MemoryStore {
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let pairs = self.pairs.lock();
        let range = pairs.range(from.max(prefix).to_vec()..).take_while(|(key, _)| key.starts_with(prefix));
        Ok(range.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        check_sizes(&changes)?;
        let mut pairs = self.pairs.lock();
        for (key, value) in changes {
            match value {
                Some(value) => drop(pairs.insert(key, value)),
                None => drop(pairs.remove(&key)),
            }
        }
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn is_kept(&self) -> bool {
        false
    }

    fn bytes_on_disk(&self) -> u64 {
        0
    }
}
