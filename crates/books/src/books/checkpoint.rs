//! Checkpoints: the state is written to the store in chunks while the books go on.
//!
//! Each stored account has the position of its last record, so the accounts of a checkpoint may be of different
//! moments: a replay skips a leg that its account already includes. The position from which to replay is written after
//! everything else is durable.

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use smallvec::SmallVec;
use tokio::sync::oneshot;

use super::due::{Due, Habits};
use super::in_flight::{InFlight, Stored};
use super::keys::{self, RecordKey};
use super::numbers::plain_form_of;
use super::state::{Books, Held, Mark, Reach};
use super::store::{Change, Store, StoreError};
use super::store_writer::{StoreWriter, ToSaver, Write, finish, store_all};
use super::{BooksError, BooksHandle};
use jangbu_journal::private;
use jangbu_ledger::codec;
use jangbu_ledger::{AccountId, CommandId, OwnerId, Position};
use jangbu_plant::{Bug, is_planted};
use jangbu_runtime::Meters;
use jangbu_runtime::clock::Clock;

/// The number of accounts or application records that are handed to the saving thread at a time.
const CHUNK: usize = 1_000;

/// A checkpoint in progress.
struct Saving {
    mark: Mark,
    /// The sums at the mark, one row per currency.
    totals: Vec<Change>,
    accounts: std::vec::IntoIter<AccountId>,
    /// The last application record that was written, and whether it was deleted.
    last_record: Option<(bool, RecordKey)>,
    owners: std::collections::btree_set::IntoIter<OwnerId>,
    schedules: std::vec::IntoIter<CommandId>,
    /// Writes for which the saving thread had no room yet.
    next: Option<(ToSaver, Stored)>,
    /// How many more accounts may change although the store is outrun.
    allowance: usize,
    /// Whether everything has been handed to the saving thread.
    handed_over: bool,
    asked: Vec<oneshot::Sender<Position>>,
}

/// While the journal outruns the store, this many accounts are stored per changed account, so that the next checkpoint
/// is smaller than this one.
const STORED_PER_CHANGED: usize = 2;

/// Starts checkpoints, feeds the saving thread, and evicts stored accounts from memory.
pub struct Saver {
    thread: Option<SyncSender<ToSaver>>,
    /// Why the saving thread ended, if it did.
    ended: Arc<OnceLock<StoreError>>,
    due: Due,
    saving: Option<Saving>,
    in_flight: InFlight,
    asked: Vec<oneshot::Sender<Position>>,
    meters: Arc<Meters>,
    /// The file whose existence shows the next open that the store failed.
    distrust: Option<PathBuf>,
}

impl Saver {
    /// Creates a saver and its other end, which writes to the store and keeps it open. For a store in memory, there is
    /// nothing to save.
    pub fn new(
        store: Arc<dyn Store>,
        books: BooksHandle,
        (habits, clock): (Habits, Arc<dyn Clock>),
        last: Position,
        meters: Arc<Meters>,
        distrust: Option<PathBuf>,
    ) -> (Saver, Option<StoreWriter>) {
        let (mut thread, mut writer) = (None, None);
        let (ended, in_flight) = (Arc::new(OnceLock::new()), InFlight::default());
        if store.is_kept() {
            // Two chunks: one being written, one ready.
            let (sender, queue) = sync_channel(2);
            let (ended, written) = (Arc::clone(&ended), in_flight.written());
            writer = Some(StoreWriter { store, queue, books, ended, written });
            thread = Some(sender);
        }
        meters.set_checkpoint(last.get());
        let saver = Saver {
            thread,
            ended,
            due: Due::new(habits, clock, last),
            saving: None,
            in_flight,
            asked: Vec::new(),
            meters,
            distrust,
        };
        (saver, writer)
    }

    /// Returns whether a checkpoint is in progress.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn is_saving(&self) -> bool {
        self.saving.is_some()
    }

    /// Returns whether a checkpoint is in progress that was not handed over completely.
    pub(super) fn is_busy(&self) -> bool {
        self.saving.as_ref().is_some_and(|saving| !saving.handed_over)
    }

    /// Returns whether records can be applied now, or only after more has been stored.
    pub(super) fn has_room(&self, books: &Books) -> bool {
        let Some(saving) = &self.saving else { return true };
        if books.unstored_bytes() >= self.due.habits.most_unstored_bytes {
            return false;
        }
        saving.handed_over || books.dirty.len() < self.outrun_at().saturating_add(saving.allowance)
    }

    /// Returns how long the books may wait for a message before something else may be due; `None` if nothing will be.
    pub(super) fn patience(&mut self, books: &Books) -> Option<Duration> {
        match (&self.thread, &self.saving) {
            (Some(_), None) => self.due.patience(books),
            // The completion of a checkpoint arrives as a message.
            _ => None,
        }
    }

    /// Returns whether a checkpoint would begin now.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn is_due(&mut self, books: &Books) -> bool {
        self.thread.is_some() && self.saving.is_none() && self.due.is_due(books)
    }

    /// Returns the settings of checkpoints.
    #[cfg(any(test, feature = "testing"))]
    pub(super) const fn habits(&self) -> &Habits {
        &self.due.habits
    }

    /// Returns the position up to which the newest checkpoint, complete or not, has everything.
    #[cfg(any(test, feature = "testing"))]
    pub(super) const fn begun(&self) -> Position {
        self.due.begun
    }

    /// Returns the number of changed accounts at which the store is outrun.
    const fn outrun_at(&self) -> usize {
        self.due.habits.most_changed.saturating_mul(2)
    }

    /// Requests a checkpoint that includes everything applied so far.
    pub(super) fn request(&mut self, done: oneshot::Sender<Position>) {
        self.asked.push(done);
    }

    /// Does what is due: begins a checkpoint, hands over the next chunk, evicts accounts.
    pub(super) fn advance(&mut self, books: &mut Books) -> Result<(), BooksError> {
        if self.thread.is_none() {
            for asked in self.asked.drain(..) {
                let _ = asked.send(books.applied);
            }
            return Ok(());
        }
        self.in_flight.release(books);
        let is_due = self.due.is_due(books);
        if self.saving.is_none() {
            // Before the next checkpoint, which can begin at once, again and again.
            self.let_go(books);
            if is_due || !self.asked.is_empty() {
                self.begin(books)?;
            }
        }
        self.feed(books)
    }

    /// Evicts accounts that the store has, if there are far too many.
    fn let_go(&self, books: &mut Books) {
        let clean = books.accounts.len().saturating_sub(books.dirty.len());
        let keep = self.due.habits.keep_accounts;
        let slack = (keep / 4).saturating_add(CHUNK);
        if clean > keep.saturating_add(slack) {
            books.let_go(keep);
        }
    }

    fn begin(&mut self, books: &mut Books) -> Result<(), BooksError> {
        self.due.begin(books.applied);
        let asked = std::mem::take(&mut self.asked);
        self.saving = Some(Saving { asked, ..Saving::of(books)? });
        Ok(())
    }

    /// Hands chunks to the saving thread until it has no room.
    fn feed(&mut self, books: &mut Books) -> Result<(), BooksError> {
        let is_outrun = books.dirty.len() >= self.outrun_at();
        let (Some(saving), Some(thread)) = (&mut self.saving, &self.thread) else { return Ok(()) };
        while !saving.handed_over {
            let next = match saving.next.take() {
                Some(next) => next,
                None => saving.next_chunk(books)?,
            };
            let (next, stored) = next;
            let last = matches!(next, ToSaver::Finish(..));
            match thread.try_send(next) {
                Ok(()) => {
                    saving.handed_over = last;
                    if !last {
                        self.in_flight.add(stored);
                    }
                    if is_outrun {
                        saving.allowance = saving.allowance.saturating_add(CHUNK / STORED_PER_CHANGED);
                    }
                }
                Err(TrySendError::Full(next)) => {
                    saving.next = Some((next, stored));
                    return Ok(());
                }
                Err(TrySendError::Disconnected(_)) => {
                    let gone = || StoreError::Environment("the saving thread has ended".into());
                    return Err(self.ended.get().cloned().unwrap_or_else(gone).into());
                }
            }
        }
        Ok(())
    }

    /// Completes a checkpoint that is durable.
    pub(super) fn saved(&mut self, books: &mut Books, position: Position) {
        self.meters.set_checkpoint(position.get());
        tracing::debug!(position = position.get(), "checkpoint");
        self.in_flight.release(books);
        let Some(saving) = self.saving.take() else { return };
        for asked in saving.asked {
            let _ = asked.send(position);
        }
    }

    /// Notes for the next open that the stored state must not be used.
    pub(super) fn distrust_store(&self) {
        if let Some(path) = &self.distrust
            && let Err(error) = private::write_file(path, b"the stored state failed; it is rebuilt from the journal\n")
        {
            tracing::warn!(%error, "cannot note that the stored state failed");
        }
    }
}

impl Saving {
    /// Creates a checkpoint of everything applied so far.
    fn of(books: &mut Books) -> Result<Saving, BooksError> {
        let bank = books.bank.as_ref().map_or(0, |created| created.bank);
        let ahead = if is_planted(Bug::MarkTooHigh) { 3 } else { 0 };
        let mark = Mark { bank, applied: books.applied.plus(ahead), next_account: books.next_account };
        // In the order of the store's keys, so that neighbours are written together.
        let mut accounts = std::mem::take(&mut books.dirty);
        accounts.sort_unstable();
        Ok(Saving {
            mark,
            totals: books.totals_at(mark.applied)?,
            accounts: accounts.into_iter(),
            last_record: None,
            owners: std::mem::take(&mut books.changed_owners).into_iter(),
            schedules: books.schedules.take_dirty().into_iter(),
            next: Some((ToSaver::Write(vec![books.shared_changes()?.into()]), Stored::default())),
            allowance: 0,
            handed_over: false,
            asked: Vec::new(),
        })
    }

    /// Returns the next chunk. What is stored never reaches beyond the position that the first write of each chunk
    /// states.
    fn next_chunk(&mut self, books: &mut Books) -> Result<(ToSaver, Stored), BooksError> {
        let (mut writes, mut stored) = (vec![alone(books.reach_change()?)], Stored::default());
        let (mut before, mut accounts) = (Vec::new(), Vec::with_capacity(CHUNK));
        for id in self.accounts.by_ref().take(CHUNK) {
            if let Some(held) = books.accounts.get_mut(&id) {
                books.notes = books.notes.saturating_sub(held.notes());
                if held.stored_at == Position::START {
                    stored.owned.push((held.account.owner, id));
                }
                held.write(id, &mut before, &mut accounts)?;
            }
        }
        // In the order of the store's keys, like the accounts.
        before.sort_unstable();
        writes.extend(before.into_iter().map(alone));
        writes.append(&mut accounts);
        if writes.len() == 1 {
            // Changes after the mark are left to the next checkpoint, so that this one comes to an end.
            for (key, version, kept) in books.records.changes_after(self.last_record.as_ref(), self.mark.applied, CHUNK)
            {
                let value = kept.map(encoded).transpose()?;
                writes.push(alone((key.as_bytes().to_vec(), value)));
                stored.records.push((key.clone(), version));
                self.last_record = Some((kept.is_none(), key.clone()));
            }
        }
        if writes.len() == 1 {
            for owner in self.owners.by_ref().take(CHUNK) {
                let count = books.owners.get(&owner).map(encoded).transpose()?;
                writes.push(alone((keys::owner(&owner), count)));
            }
        }
        if writes.len() == 1 {
            let mut changes = Vec::new();
            for id in self.schedules.by_ref().take(CHUNK) {
                stored.ended.extend(books.schedules.write(id, &mut changes)?);
            }
            if !changes.is_empty() {
                writes.push(changes.into());
            }
        }
        if writes.len() == 1 {
            return Ok((self.finish(books)?, stored));
        }
        Ok((ToSaver::Write(writes), stored))
    }

    /// What changed after the mark was left out, and its state at the mark is missing. A journal that ends before that
    /// change does not match the stored state; the reach shows that.
    fn finish(&mut self, books: &Books) -> Result<ToSaver, BooksError> {
        let mut last = std::mem::take(&mut self.totals);
        last.push((keys::MARK.to_vec(), Some(encoded(&self.mark)?)));
        last.push(books.reach_change()?);
        Ok(ToSaver::Finish(self.mark.applied, Write::from_vec(last)))
    }
}

fn alone(change: Change) -> Write {
    SmallVec::from([change])
}

/// Stores everything that is not stored, on this thread; as a checkpoint if `complete` is set.
pub(super) fn store_now(books: &mut Books, complete: bool) -> Result<(), BooksError> {
    let store = Arc::clone(&books.store);
    let mut saving = Saving::of(books)?;
    loop {
        let next = saving.next.take().map_or_else(|| saving.next_chunk(books), Ok)?;
        match next {
            (ToSaver::Write(writes), stored) => {
                store_all(&*store, writes)?;
                stored.release(books);
            }
            (ToSaver::Finish(_, last), _) if complete => return Ok(finish(&*store, last)?),
            (ToSaver::Finish(..), _) => return Ok(()),
        }
    }
}

impl Held {
    /// Writes the account. What leads to it must be stored before, because a replay that finds the account up to date
    /// does not derive it again.
    fn write(&mut self, id: AccountId, before: &mut Vec<Change>, writes: &mut Vec<Write>) -> Result<(), StoreError> {
        self.dirty = false;
        if std::mem::replace(&mut self.stored_at, self.account.last) == Position::START {
            before.push((keys::number(&self.account.number), Some(encoded(&id)?)));
            before.extend(plain_form_of(self.account.number));
            before.push((keys::owned(&self.account.owner, id), Some(Vec::new())));
        }
        for place in std::mem::take(&mut self.milestones) {
            before.push((keys::milestone(id, place), Some(Vec::new())));
        }
        let mut write = alone((keys::account(id), Some(encoded(&self.account)?)));
        // Together with the account, so that both are stored as of one moment.
        for placed in std::mem::take(&mut self.changed_holds) {
            let hold = self.holds.get(&placed).map(encoded).transpose()?;
            write.push((keys::hold(id, placed), hold));
        }
        writes.push(write);
        Ok(())
    }
}

impl Books {
    /// Returns the types and currencies, which are few and written completely at every checkpoint.
    fn shared_changes(&self) -> Result<Vec<Change>, StoreError> {
        let mut changes = vec![self.reach_change()?];
        if let Some(bank) = &self.bank {
            changes.push((keys::BANK.to_vec(), Some(encoded(bank)?)));
            // An older state was completed when it was opened.
            changes.push((keys::PLAIN_FORMS.to_vec(), Some(Vec::new())));
        }
        for (code, account_type) in &self.types {
            changes.push((keys::account_type(code), Some(encoded(account_type)?)));
        }
        for (currency, kept) in &self.currencies {
            changes.push((keys::currency(currency.as_str()), Some(encoded(kept)?)));
        }
        Ok(changes)
    }

    /// Returns the sums of every currency, which are those after the record at `position`.
    fn totals_at(&self, position: Position) -> Result<Vec<Change>, StoreError> {
        let rows = self.totals.stored(position);
        rows.map(|(currency, sums)| Ok((keys::totals(currency.as_str()), Some(encoded(&sums)?)))).collect()
    }

    /// Returns how far the stored state reaches.
    fn reach_change(&self) -> Result<Change, StoreError> {
        // During a replay, what is stored may reach further than the replay.
        let applied = Reach { position: self.applied, id: self.last_id };
        let reach = if self.reach.position > self.applied { self.reach } else { applied };
        Ok((keys::REACH.to_vec(), Some(encoded(&reach)?)))
    }

    /// Evicts accounts that the store has in their present state, until only `keep` are left in memory.
    pub(super) fn let_go(&mut self, keep: usize) {
        let clean = self.accounts.len().saturating_sub(self.dirty.len());
        let mut surplus = clean.saturating_sub(keep);
        let numbers = &mut self.numbers;
        self.accounts.retain(|_, held| {
            let go = !held.dirty && surplus > 0;
            if go {
                surplus = surplus.saturating_sub(1);
                numbers.remove(&held.account.number);
            }
            !go
        });
    }
}

pub(super) fn encoded<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    codec::encode(value, &mut bytes).map_err(|error| StoreError::Damaged(format!("a value {error}")))?;
    Ok(bytes)
}
