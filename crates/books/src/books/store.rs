//! Where the state is kept between checkpoints: sled, or memory. The only module that knows sled.
//!
//! sled 0.34.7 does not fsync by itself on Linux (decision 0003), so the database file is synced here as well; and it
//! can panic on damaged files, so every call is made behind `catch_unwind`. Nothing that only sled has must ever be
//! needed: the whole directory can be thrown away.

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

/// A key and its value; `None` deletes.
pub type Change = (Vec<u8>, Option<Vec<u8>>);

/// A key and its value, as they were found.
pub type Pair = (Vec<u8>, Vec<u8>);

/// The most bytes of a value. sled keeps larger ones in files of their own, which it never syncs.
pub const MAX_VALUE_BYTES: usize = 7_000;

/// Refuses changes that one of the values is too large for: by every store alike, so that whatever a bank is tested on
/// finds a value that grows with the bank.
pub fn check_sizes(changes: &[Change]) -> Result<(), StoreError> {
    let bytes = changes.iter().filter_map(|(_, value)| value.as_ref().map(Vec::len)).max().unwrap_or(0);
    if bytes <= MAX_VALUE_BYTES {
        return Ok(());
    }
    Err(StoreError::Damaged(format!(
        "a value of {bytes} bytes is over the {MAX_VALUE_BYTES} that a store keeps safely"
    )))
}

/// How often, and after what pause, a locked database is tried again.
///
/// The bank's own lock keeps everybody else out, so the lock can only be that of the same process: sled's threads let go of
/// a database some moments after it was dropped.
const LOCK_ATTEMPTS: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// What a store has to say when it fails.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// What is stored is not what was written, or cannot be what the journal leads to. It is of no use.
    #[error("{0}")]
    Damaged(String),
    /// The operating system refuses something: no space, no more files, no permission, a disk that fails. That says
    /// nothing of what is stored, which has to be left as it is.
    #[error("{0}")]
    Environment(String),
}

impl StoreError {
    /// Sorts an error of a file operation. One with a number is the operating system's; any other is what sled makes of
    /// bytes that it cannot use. Some numbers, too, are what a file leads to that is missing, or of another sort, or that
    /// names a place where none can be.
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

    /// Sorts an error of sled's.
    fn of_sled(error: &sled::Error) -> StoreError {
        match error {
            sled::Error::Io(error) => StoreError::of_io(error),
            other => StoreError::Damaged(other.to_string()),
        }
    }

    /// Sorts a panic of sled's, which panics over damage and, in places, over errors of the operating system. Those are
    /// known by how they are printed.
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
    /// The value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.scan(key, key, 1)?.pop();
        Ok(found.filter(|(found, _)| found == key).map(|(_, value)| value))
    }

    /// Up to `limit` pairs whose keys begin with `prefix` and are not before `from`, in key order.
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError>;

    /// Makes all the changes or, should the machine fail, none. Writes take effect in their order. A value that is too
    /// large is an error, see [`check_sizes`].
    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError>;

    /// Makes the changes in their order. Should the machine fail, it makes the first of them, any number.
    fn write_each(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        changes.into_iter().try_for_each(|change| self.write(vec![change]))
    }

    /// Makes everything written durable.
    fn sync(&self) -> Result<(), StoreError>;

    /// Whether it is kept anywhere at all; without, there is no use in writing to it.
    fn is_kept(&self) -> bool;

    /// Bytes on disk.
    fn bytes_on_disk(&self) -> u64;
}

/// Where a store is found, and put out of the way when it cannot be used.
pub trait Shelf {
    /// Opens the store, or makes it.
    ///
    /// # Errors
    /// [`StoreError`] when it is damaged, or the operating system refuses it.
    fn open(&self) -> Result<Arc<dyn Store>, StoreError>;

    /// Moves what is stored out of the way: the next opening finds nothing.
    fn set_aside(&self, reason: &str) -> Result<(), OpenError>;
}

/// The state in an embedded sled database.
pub struct SledStore {
    database: Arc<sled::Db>,
    directory: PathBuf,
}

impl SledStore {
    /// Opens the database in `directory`, or makes it.
    ///
    /// # Errors
    /// When sled fails or panics: over damage the caller moves the directory aside.
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
                // Checkpoints sync when they are complete; a timer in between would sync halves of them.
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

    /// Takes over a database that was opened. Its files were made with the permissions that the umask leaves.
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
                // A batch keeps every other thread out of sled until it is done; a single change does not.
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

/// Whether that is sled's way of saying that somebody has the database open.
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

/// The state of a bank in memory, where nothing is ever written out.
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
