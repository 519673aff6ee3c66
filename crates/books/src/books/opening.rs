//! Opens the books: from the stored state, if it is usable, and the journal from there to its end.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::BooksError;
use super::blocks::{BLOCK_BYTES, Blocks};
use super::due::Habits;
use super::keys;
use super::numbers::enter_plain_forms;
use super::replaying::ReplayLimits;
use super::snapshot;
use super::state::{Books, CurrencyKept, Mark, Reach, decoded};
use super::store::{MemoryStore, Pair, Shelf, SledStore, Store, StoreError};
use super::temporary::TemporaryStore;
use jangbu_journal::JournalReader;
use jangbu_ledger::{AccountType, BankCreated, Currency, DayClock, OwnerId, Position, Timestamp};
use jangbu_runtime::OpenError;

/// Open books, and the location of their store.
pub struct BooksStart {
    /// The books, up to the end of the journal.
    pub books: Books,
    /// The store of their checkpoints.
    pub store: Arc<dyn Store>,
    /// The position of the stored state.
    pub stored: Position,
    /// The file by which the books tell the next open that the store failed.
    pub distrust: Option<PathBuf>,
}

/// Opens the books with the state in `directory/state`, or in memory, and brings them to the journal's end.
///
/// A stored state that is missing, damaged or of another bank is moved aside and rebuilt. A state that the operating
/// system refuses to read is left as it is. `settle` is called once the state agrees with the journal, and before
/// anything is replayed.
///
/// # Errors
/// If the journal cannot be read or contains records that the rules cannot produce; if the operating system refuses the
/// stored state, or not even an empty store can be created. [`OpenError::RecordsMissing`] and
/// [`OpenError::AnotherHistory`] if the state proves that the journal is incomplete.
pub fn open(
    directory: Option<&Path>,
    reader: &dyn JournalReader,
    habits: &Habits,
    settle: Settle<'_>,
) -> Result<BooksStart, OpenError> {
    let Some(directory) = directory else {
        settle()?;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let mut books = Books::new(Arc::clone(&store));
        begin(&mut books, reader, ReplayLimits::of(habits))?;
        replay(&mut books, reader, Position::START, ReplayLimits::of(habits))?;
        return Ok(BooksStart { books, store, stored: Position::START, distrust: None });
    };
    let (state, distrust) = (directory.join("state"), directory.join("state.distrusted"));
    if exists(&distrust)? {
        // A failed state can still prove that records are missing.
        if exists(&state)? {
            contradiction(&Directory(state.clone()), reader)?;
        }
        set_aside(&state, "it failed when it was last used")?;
        remove(&distrust)?;
    }
    open_on(&Directory(state), Some(distrust), reader, habits, settle)
}

/// Repairs the journal, which was only read until then. State derived from it may be stored only after that.
pub type Settle<'a> = &'a mut dyn FnMut() -> Result<(), OpenError>;

/// Opens the books with a copy of the state in `directory/state`, and brings them to the journal's end. Nothing in the
/// directory is changed.
///
/// # Errors
/// Those of [`open`].
pub fn open_copy(directory: &Path, reader: &dyn JournalReader, habits: &Habits) -> Result<BooksStart, OpenError> {
    let shelf = Copied::new(directory.join("state"));
    if exists(&directory.join("state.distrusted"))? {
        contradiction(&shelf, reader)?;
        shelf.set_aside("it failed when it was last used")?;
    }
    open_on(&shelf, None, reader, habits, &mut || Ok(()))
}

/// Checks that the state in `directory/state` does not prove the journal to be incomplete. Changes nothing.
///
/// # Errors
/// [`OpenError::RecordsMissing`], [`OpenError::AnotherHistory`]; the errors of reading the journal.
pub fn check_stored(directory: &Path, reader: &dyn JournalReader) -> Result<(), OpenError> {
    contradiction(&Copied::new(directory.join("state")), reader)
}

/// Returns an error if the stored state proves that records of the journal are missing or were replaced.
fn contradiction(shelf: &dyn Shelf, reader: &dyn JournalReader) -> Result<(), OpenError> {
    let bank = made(reader)?;
    match shelf.open().and_then(|store| restore(store, bank.as_ref())) {
        Ok(books) => check_reach(&books.reach, reader),
        // A damaged state proves nothing.
        Err(StoreError::Damaged(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Checks that the journal has the last record that any of the stored state can include, unless it is archived.
fn check_reach(reach: &Reach, reader: &dyn JournalReader) -> Result<(), OpenError> {
    let (at, end) = (reach.position, reader.end());
    if at == Position::START {
        return Ok(());
    }
    if at > end {
        return Err(OpenError::RecordsMissing { end, reach: at });
    }
    let found = match reader.base().filter(|base| base.position == at) {
        Some(base) => base.last_id,
        None if at < reader.first() => return Ok(()),
        None => reader.read(at)?.id,
    };
    if found.as_u128() == reach.id { Ok(()) } else { Err(OpenError::AnotherHistory { at, end }) }
}

/// The same with any shelf.
pub fn open_on(
    shelf: &dyn Shelf,
    distrust: Option<PathBuf>,
    reader: &dyn JournalReader,
    habits: &Habits,
    settle: Settle<'_>,
) -> Result<BooksStart, OpenError> {
    let (bank, limits) = (made(reader)?, ReplayLimits::of(habits));
    for attempt in 0..2 {
        let reason = match shelf.open().and_then(|store| usable(store, bank.as_ref())) {
            Ok(books) if books.reach.position != Position::START && books.applied.next() < reader.first() => {
                check_reach(&books.reach, reader)?;
                format!("it ends at position {}, and the records after that are archived", books.applied)
            }
            Ok(mut books) => {
                check_reach(&books.reach, reader)?;
                settle()?;
                let (began, store) = (books.applied, Arc::clone(&books.store));
                begin(&mut books, reader, limits)?;
                match replay(&mut books, reader, began, limits) {
                    Ok(stored) => return Ok(BooksStart { books, store, stored, distrust }),
                    // If the journal does not even match an empty state, the journal is at fault.
                    Err(error) if began == Position::START => return Err(error),
                    Err(OpenError::Replay(what)) => what,
                    // Neither the journal nor the state could be read, which is not the fault of the state.
                    Err(error) => return Err(error),
                }
            }
            Err(StoreError::Damaged(what)) => what,
            Err(StoreError::Environment(what)) => return Err(OpenError::State(what)),
        };
        if attempt == 0 {
            shelf.set_aside(&reason)?;
        } else {
            return Err(OpenError::Replay(reason));
        }
    }
    Err(OpenError::Replay("the stored state cannot be rebuilt".into()))
}

/// Fills empty books from the state that stands in for the archived beginning of the journal, if needed.
fn begin(books: &mut Books, reader: &dyn JournalReader, limits: ReplayLimits) -> Result<(), OpenError> {
    if books.applied == Position::START && reader.first() > Position::START.next() {
        snapshot::load(books, reader, limits)?;
    }
    Ok(())
}

/// Returns the identity of the bank, from the first record or the state that stands in for it. Its time zone must be
/// one that this program knows.
///
/// # Errors
/// [`OpenError::TimeZoneUnknown`], before an intact journal or state is touched; the errors of reading the journal.
pub fn made(reader: &dyn JournalReader) -> Result<Option<BankCreated>, OpenError> {
    let made = read_made(reader)?;
    match &made {
        Some(BankCreated { time_zone, .. }) if jangbu_ledger::time_zone(time_zone).is_err() => {
            Err(OpenError::TimeZoneUnknown(time_zone.clone()))
        }
        _ => Ok(made),
    }
}

fn read_made(reader: &dyn JournalReader) -> Result<Option<BankCreated>, OpenError> {
    if let Some(base) = reader.base() {
        return Ok(Some(BankCreated { bank: base.bank, time_zone: base.time_zone.clone() }));
    }
    if reader.end() == Position::START {
        return Ok(None);
    }
    match reader.read(Position::new(1))?.body {
        jangbu_ledger::Body::BankCreated(created) => Ok(Some(*created)),
        _ => Err(OpenError::Replay("the journal does not begin with the making of a bank".into())),
    }
}

/// Returns when the last record of a non-empty journal was recorded.
pub fn last_recorded_at(reader: &dyn JournalReader) -> Result<Timestamp, OpenError> {
    match reader.base().filter(|base| base.position == reader.end()) {
        Some(base) => Ok(base.recorded_at),
        None => Ok(reader.read(reader.end())?.recorded_at),
    }
}

/// A stored state in its own directory.
pub(super) struct Directory(pub(super) PathBuf);

impl Shelf for Directory {
    fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        Ok(Arc::new(Blocks::over(SledStore::open(&self.0)?, BLOCK_BYTES)))
    }

    fn set_aside(&self, reason: &str) -> Result<(), OpenError> {
        set_aside(&self.0, reason)
    }
}

/// A stored state in its own directory that must not be changed.
///
/// sled writes to a database that it opens, so a temporary copy is opened instead. If there is no usable state, an
/// empty one is opened there.
pub(super) struct Copied {
    state: PathBuf,
    unusable: Cell<bool>,
}

impl Copied {
    pub(super) fn new(state: PathBuf) -> Copied {
        Copied { state, unusable: Cell::new(false) }
    }
}

impl Shelf for Copied {
    fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        TemporaryStore::copy_of((!self.unusable.get()).then_some(self.state.as_path()))
    }

    fn set_aside(&self, reason: &str) -> Result<(), OpenError> {
        tracing::warn!(reason, "the stored state is left as it is, and the journal is replayed");
        self.unusable.set(true);
        Ok(())
    }
}

/// Reads from the store what is kept in memory, and adds what stores of earlier versions lack.
fn usable(store: Arc<dyn Store>, made: Option<&BankCreated>) -> Result<Books, StoreError> {
    let books = restore(Arc::clone(&store), made)?;
    enter_plain_forms(&*store)?;
    Ok(books)
}

/// Reads from the store what is kept in memory.
pub(super) fn restore(store: Arc<dyn Store>, made: Option<&BankCreated>) -> Result<Books, StoreError> {
    let mut books = Books::new(Arc::clone(&store));
    let Some(mark) = store.get(keys::MARK)? else {
        // The first checkpoint was never completed, so what is there is overwritten.
        let leftovers = store.scan(&[], &[], 1)?;
        return match leftovers.is_empty() {
            true => Ok(books),
            false => Err(StoreError::Damaged("its first checkpoint was not completed".into())),
        };
    };
    let mark: Mark = decoded(&mark)?;
    if Some(mark.bank) != made.map(|made| made.bank) {
        return Err(StoreError::Damaged("it belongs to another bank".into()));
    }
    let reach =
        store.get(keys::REACH)?.ok_or_else(|| StoreError::Damaged("it does not say how far it reaches".into()))?;
    books.reach = decoded(&reach)?;
    // Until another record is applied, a checkpoint would store nothing that reaches further.
    (books.applied, books.last_id) = (mark.applied, books.reach.id);
    books.next_account = mark.next_account;
    books.restore_totals()?;
    if let Some(made) = made {
        // The state is intact; only this program does not know its time zone.
        books.day = Some(DayClock::new(&made.time_zone).map_err(|error| StoreError::Environment(error.to_string()))?);
        books.bank = Some(made.clone());
    }
    for (_, value) in all(&*store, keys::TYPE)? {
        let account_type: AccountType = decoded(&value)?;
        books.types.insert(account_type.code, account_type);
    }
    for (key, value) in all(&*store, keys::CURRENCY)? {
        let kept: CurrencyKept = decoded(&value)?;
        let currency = Currency::new(&suffix(&key)).map_err(|error| StoreError::Damaged(error.to_string()))?;
        books.currencies.insert(currency, kept);
    }
    for (key, value) in all(&*store, keys::OWNER)? {
        let count: u32 = decoded(&value)?;
        let owner = OwnerId::new(&suffix(&key)).map_err(|error| StoreError::Damaged(error.to_string()))?;
        books.owners.insert(owner, count);
    }
    books.restore_schedules()?;
    Ok(books)
}

pub(super) fn all(store: &dyn Store, prefix: u8) -> Result<Vec<Pair>, StoreError> {
    store.scan(&[prefix], &[prefix], usize::MAX)
}

pub(super) fn suffix(key: &[u8]) -> String {
    String::from_utf8_lossy(key.get(1..).unwrap_or_default()).into_owned()
}

/// Applies the journal from the books' position on. Returns the position of the stored state, which was at `stored`: if
/// more accounts change than fit into memory, there are checkpoints in between.
///
/// If there is stored state, the journal is read twice, some records at a time: first to find the accounts, which are
/// loaded all at once.
fn replay(
    books: &mut Books,
    reader: &dyn JournalReader,
    mut stored: Position,
    limits: ReplayLimits,
) -> Result<Position, OpenError> {
    let is_kept = books.store.is_kept();
    let mut is_partial = !books.store.scan(&[], &[], 1)?.is_empty();
    while books.applied < reader.end() {
        let through = if is_partial { fetch_next(books, reader, limits)? } else { reader.end() };
        for record in reader.scan(books.applied.next()) {
            books.apply(&record?)?;
            if books.applied >= through || (is_kept && limits.is_reached(books)) {
                break;
            }
        }
        if is_kept && limits.is_reached(books) {
            limits.store(books, true)?;
            (stored, is_partial) = (books.applied, true);
        }
    }
    Ok(stored)
}

/// Loads the accounts that the next records touch, as many as fit into memory. Returns the last of these records.
fn fetch_next(books: &mut Books, reader: &dyn JournalReader, limits: ReplayLimits) -> Result<Position, OpenError> {
    let mut touched = FxHashSet::default();
    let mut through = books.applied;
    for record in reader.scan(books.applied.next()) {
        let record = record?;
        through = record.position;
        record.body.for_each_leg(record.date, |account, _| {
            if !books.accounts.contains_key(&account) {
                touched.insert(account);
            }
        });
        if books.accounts.len().saturating_add(touched.len()) >= limits.accounts {
            break;
        }
    }
    books.fetch(&touched)?;
    Ok(through)
}

/// The maximum number of states set aside. The program never removes one, because it may be the good one. If there are
/// this many, setting another aside would not help.
const MOST_ASIDE: u32 = 8;

/// Moves the stored state to `state.aside`, or `state.aside-2` and so on, where it can be inspected.
///
/// # Errors
/// [`OpenError::Directory`]; [`OpenError::State`] if there are too many.
fn set_aside(state: &Path, reason: &str) -> Result<(), OpenError> {
    if !exists(state)? {
        return Ok(());
    }
    for number in 1..=MOST_ASIDE {
        let name = if number == 1 { "state.aside".to_owned() } else { format!("state.aside-{number}") };
        let aside = state.with_file_name(name);
        if exists(&aside)? {
            continue;
        }
        tracing::warn!(reason, aside = %aside.display(), "the stored state is moved aside and rebuilt from the journal");
        let moved = std::fs::rename(state, &aside);
        return moved.map_err(|source| OpenError::Directory {
            operation: "move aside",
            path: state.to_path_buf(),
            source,
        });
    }
    let why = format!("it cannot be used ({reason}), and {MOST_ASIDE} were set aside before; remove those first");
    Err(OpenError::State(why))
}

/// Returns whether the path exists. If that cannot be determined, it is an error.
fn exists(path: &Path) -> Result<bool, OpenError> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(OpenError::Directory { operation: "look at", path: path.to_path_buf(), source }),
    }
}

fn remove(path: &Path) -> Result<(), OpenError> {
    std::fs::remove_file(path).map_err(|source| OpenError::Directory {
        operation: "remove",
        path: path.to_path_buf(),
        source,
    })
}

impl From<BooksError> for OpenError {
    fn from(error: BooksError) -> Self {
        match error {
            BooksError::Store(error) => error.into(),
            BooksError::Replay { .. } => OpenError::Replay(error.to_string()),
        }
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged(what) => OpenError::Replay(format!("the stored state failed: {what}")),
            StoreError::Environment(what) => OpenError::State(what),
        }
    }
}
