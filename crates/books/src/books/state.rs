//! The state of the books, and how a record changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::BooksError;
use super::keys::{self, RecordKey};
use super::numbers::Numbers;
use super::places::MILESTONE_EVERY;
use super::schedules::Schedules;
use super::store::{MemoryStore, Store, StoreError};
use super::totals::Totals;
use super::unstored::ChangedRecords;
use crate::open_hold::LoadedAccount;
use jangbu_ledger::codec;
use jangbu_ledger::{
    Account, AccountId, AccountNumber, AccountType, BankCreated, Body, Currency, DayClock, Event, Fault, Hold,
    HoldPosition, OwnerId, Position, Record, TypeCode, apply,
};

/// An account in memory.
pub(super) struct CachedAccount {
    pub(super) account: Account,
    /// Its open holds, by position and step.
    pub(super) holds: BTreeMap<HoldPosition, Hold>,
    /// Holds that differ from the store, or have ended but are still in it.
    pub(super) changed_holds: BTreeSet<HoldPosition>,
    /// Milestones that the store may not have.
    pub(super) milestones: Vec<Position>,
    /// Whether it differs from the store, or is not in it.
    pub(super) dirty: bool,
    /// The position of its last record when it was last handed to the store, or [`Position::START`] if it never was;
    /// then the store has neither its number nor its owner's entry. Holds placed later are not in the store.
    pub(super) stored_at: Position,
}

impl CachedAccount {
    /// Creates an account that the store does not have.
    pub(super) fn new(account: Account) -> CachedAccount {
        CachedAccount { dirty: true, stored_at: Position::START, ..CachedAccount::stored(account, BTreeMap::new()) }
    }

    /// Creates an account as the store has it.
    pub(super) fn stored(account: Account, holds: BTreeMap<HoldPosition, Hold>) -> CachedAccount {
        let stored_at = account.last;
        CachedAccount {
            account,
            holds,
            changed_holds: BTreeSet::new(),
            milestones: Vec::new(),
            dirty: false,
            stored_at,
        }
    }

    /// Returns the number of its changed holds and milestones that are not stored.
    pub(super) fn notes(&self) -> usize {
        self.changed_holds.len().saturating_add(self.milestones.len())
    }
}

/// The accounts to which a record was applied.
type Touched = SmallVec<[AccountId; 3]>;

/// A currency of the bank, and the bank's own accounts in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CurrencyKept {
    pub scale: u8,
    pub cash: AccountId,
    pub fees: AccountId,
}

/// The stored form of an application record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptRecord {
    pub version: Position,
    pub value: Vec<u8>,
}

/// The description of the stored state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) bank: u128,
    /// Everything up to this position is in the stored state; parts of it may be newer.
    pub(super) applied: Position,
    pub(super) next_account: AccountId,
}

/// The last record that any of the stored state can include, with its id. If the journal does not have it, the stored
/// state is of another history, for example after an older journal was restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reach {
    pub(super) position: Position,
    pub(super) id: u128,
}

/// The state that the journal adds up to, through `applied`.
pub struct Books {
    pub(super) store: Arc<dyn Store>,
    pub(super) bank: Option<BankCreated>,
    pub(super) day: Option<DayClock>,
    /// The last record that is applied.
    pub applied: Position,
    /// The last record whose effect was taken over from a state file.
    pub(super) begun_behind: Position,
    /// The id of the record at `applied`, if it was applied here.
    pub(super) last_id: u128,
    /// How far the stored state was found to reach.
    pub(super) reach: Reach,
    pub(super) next_account: AccountId,
    /// Accounts in memory: all that differ from the store, and some others.
    ///
    /// They are boxed to keep the map small, because it is moved as a whole when it grows, and is up to half empty.
    pub(super) accounts: FxHashMap<AccountId, Box<CachedAccount>>,
    /// The numbers of the accounts in memory.
    pub(super) numbers: Numbers,
    /// Accounts that changed since the last checkpoint began.
    pub(super) dirty: Vec<AccountId>,
    pub(super) types: BTreeMap<TypeCode, AccountType>,
    pub(super) currencies: BTreeMap<Currency, CurrencyKept>,
    /// Owners with their own number of free transfers, or who once had one.
    pub(super) owners: BTreeMap<OwnerId, u32>,
    /// Those of them that changed since the last checkpoint began.
    pub(super) changed_owners: BTreeSet<OwnerId>,
    /// Accounts that the store may not have under their owners, and the positions of their openings.
    pub(super) owned: BTreeMap<(OwnerId, AccountId), Position>,
    pub(super) totals: Totals,
    /// Application records that differ from the store.
    pub(super) records: ChangedRecords,
    /// The number of unstored holds and milestones of all accounts.
    pub(super) notes: usize,
    pub(super) schedules: Schedules,
    /// Holds that [`let_expire`](Books::let_expire) ended, in their state until then.
    pub(super) expired: FxHashMap<(AccountId, HoldPosition), Hold>,
    /// A failure of the store during a query; it stops the books.
    failure: Option<StoreError>,
}

impl Books {
    /// Creates empty books over `store`.
    pub(super) fn new(store: Arc<dyn Store>) -> Books {
        Books {
            store,
            bank: None,
            day: None,
            applied: Position::START,
            begun_behind: Position::START,
            last_id: 0,
            reach: Reach::default(),
            next_account: AccountId::new(1),
            accounts: FxHashMap::default(),
            numbers: Numbers::default(),
            dirty: Vec::new(),
            types: BTreeMap::new(),
            currencies: BTreeMap::new(),
            owners: BTreeMap::new(),
            changed_owners: BTreeSet::new(),
            owned: BTreeMap::new(),
            totals: Totals::default(),
            records: ChangedRecords::default(),
            notes: 0,
            schedules: Schedules::default(),
            expired: FxHashMap::default(),
            failure: None,
        }
    }

    /// Creates empty books that are not kept.
    pub fn in_memory() -> Books {
        Books::new(Arc::new(MemoryStore::default()))
    }

    /// Returns the identity of the bank; `None` before the first record.
    pub const fn made(&self) -> Option<&BankCreated> {
        self.bank.as_ref()
    }

    /// Applies the record that follows the last one applied.
    pub(super) fn apply(&mut self, record: &Record) -> Result<(), BooksError> {
        let position = record.position;
        let wrong = |what: String| BooksError::Replay { position, what };
        if position != self.applied.next() {
            return Err(wrong(format!("the record before is at {}", self.applied)));
        }
        self.apply_shared(record).map_err(wrong)?;
        self.totals.add(record).map_err(wrong)?;
        self.apply_schedule(record)?;
        let mut links = record.links.iter();
        let mut failed: Option<BooksError> = None;
        let mut touched = Touched::new();
        record.body.for_each_leg(record.date, |account, event| {
            let link = links.next();
            if failed.is_none() {
                let balance = link.map(|link| link.balance);
                failed = self.apply_leg(position, account, event, balance, &mut touched).err();
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        self.apply_to_holds(record, &touched).map_err(wrong)?;
        (self.applied, self.last_id) = (position, record.id.as_u128());
        Ok(())
    }

    /// Applies one leg, unless the account already includes the record: a stored account can be ahead of the stored
    /// position.
    fn apply_leg(
        &mut self,
        position: Position,
        id: AccountId,
        event: Event<'_>,
        balance: Option<jangbu_ledger::Balance>,
        touched: &mut Touched,
    ) -> Result<(), BooksError> {
        let wrong = |what: String| BooksError::Replay { position, what };
        if let Event::Opened(opened) = event {
            // Also for an account that the store already has, because its stored count of accounts may be older.
            self.next_account = self.next_account.max(id.next());
            if self.account(id)?.is_some_and(|account| account.last >= position) {
                return Ok(());
            }
            let mut account = Account::open(opened);
            account.last = position;
            self.numbers.insert(account.number, id);
            self.owned.insert((account.owner, id), position);
            self.accounts.insert(id, Box::new(CachedAccount::new(account)));
            self.dirty.push(id);
            return Ok(());
        }
        let held = self.load(id)?.ok_or_else(|| wrong(Fault::NeverOpened { account: id }.to_string()))?;
        // A record can have several legs on one account.
        if !touched.contains(&id) {
            if held.account.last >= position {
                return Ok(());
            }
            touched.push(id);
        }
        let milestone = held.account.version / MILESTONE_EVERY;
        apply(&mut held.account, event).map_err(|fault| wrong(fault.to_string()))?;
        let is_milestone = held.account.version / MILESTONE_EVERY != milestone;
        if is_milestone {
            held.milestones.push(position);
        }
        held.account.last = position;
        if balance != Some(held.account.posted) {
            let what = format!("account {id} is at {}, and the record says otherwise", held.account.posted);
            return Err(wrong(what));
        }
        if !held.dirty {
            held.dirty = true;
            self.dirty.push(id);
        }
        self.notes = self.notes.saturating_add(usize::from(is_milestone));
        Ok(())
    }

    /// Applies a record to the holds of the accounts to which it was applied.
    fn apply_to_holds(&mut self, record: &Record, touched: &[AccountId]) -> Result<(), String> {
        match &record.body {
            Body::Amended(amended) => {
                if let Some(held) = self.touched(amended.from, touched) {
                    let hold = held.holds.get_mut(&amended.place()).filter(|hold| hold.id == amended.hold);
                    hold.ok_or_else(|| format!("the hold {} is not open", amended.hold))?.amend(&amended.amended);
                    let is_new = held.changed_holds.insert(amended.place());
                    self.notes = self.notes.saturating_add(usize::from(is_new));
                }
                return Ok(());
            }
            Body::Posted(_) => return Ok(()),
            _ => {}
        }
        record.for_each_placed(|id, placed, date| {
            let Some(held) = self.touched(placed.from, touched) else { return };
            let (terms, place) = (placed.terms(id, record.decided_at), id.at(record.position));
            held.holds.insert(place, Hold::placed(&terms, &placed.debited(date)));
            let is_new = held.changed_holds.insert(place);
            self.notes = self.notes.saturating_add(usize::from(is_new));
        });
        let mut wrong = None;
        record.body.for_each_hold(|drawn| {
            let place = drawn.place();
            let Some(held) = self.touched(drawn.from, touched) else { return };
            match held.holds.get_mut(&place).filter(|hold| hold.id == drawn.hold) {
                Some(hold) => hold.draw(&drawn.drawn),
                None => wrong = Some(format!("the hold {} is not open", drawn.hold)),
            }
            if drawn.drawn.end.is_some() {
                held.holds.remove(&place);
                if drawn.placed > held.stored_at {
                    // The hold was placed and ended between two checkpoints.
                    let was_noted = held.changed_holds.remove(&place);
                    self.notes = self.notes.saturating_sub(usize::from(was_noted));
                    return;
                }
            }
            let is_new = held.changed_holds.insert(place);
            self.notes = self.notes.saturating_add(usize::from(is_new));
        });
        wrong.map_or(Ok(()), Err)
    }

    fn touched(&mut self, id: AccountId, touched: &[AccountId]) -> Option<&mut CachedAccount> {
        if touched.contains(&id) { self.accounts.get_mut(&id).map(Box::as_mut) } else { None }
    }

    /// Applies a record to what accounts share.
    fn apply_shared(&mut self, record: &Record) -> Result<(), String> {
        match &record.body {
            Body::BankCreated(created) => {
                self.day = Some(DayClock::new(&created.time_zone).map_err(|error| error.to_string())?);
                self.bank = Some((**created).clone());
            }
            Body::CurrencyAdded { currency, scale, accounts } => {
                let [cash, fees] = &**accounts;
                let kept = CurrencyKept { scale: *scale, cash: cash.account, fees: fees.account };
                self.currencies.insert(*currency, kept);
            }
            Body::TypeSet(account_type) => {
                self.types.insert(account_type.code, (**account_type).clone());
            }
            Body::OwnerSet { owner, free_transfers_per_day } => {
                self.owners.insert(*owner, *free_transfers_per_day);
                self.changed_owners.insert(*owner);
            }
            Body::RecordsPut(puts) => {
                for put in puts {
                    self.records.apply(RecordKey::of(put), record.position, put.value.clone());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns the account in memory, loading it from the store if necessary.
    pub(super) fn load(&mut self, id: AccountId) -> Result<Option<&mut CachedAccount>, StoreError> {
        if !self.accounts.contains_key(&id) {
            let Some(account) = self.stored_account(id)? else { return Ok(None) };
            let holds = self.stored_holds(&account)?;
            self.numbers.insert(account.number, id);
            self.accounts.insert(id, Box::new(CachedAccount::stored(account, holds)));
        }
        Ok(self.accounts.get_mut(&id).map(Box::as_mut))
    }

    /// Loads every account that the record touches into memory.
    pub(super) fn bring_in(&mut self, record: &Record) -> Result<(), StoreError> {
        let mut failed = None;
        record.body.for_each_leg(record.date, |id, _| failed = failed.take().or(self.load(id).err()));
        failed.map_or(Ok(()), Err)
    }

    /// Returns the account, from memory or the store.
    pub(super) fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        match self.accounts.get(&id) {
            Some(held) => Ok(Some(held.account.clone())),
            None => self.stored_account(id),
        }
    }

    pub(super) fn stored_account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.store.get(&keys::account(id))?.map(|bytes| decoded(&bytes)).transpose()
    }

    pub(super) fn stored_holds(&self, account: &Account) -> Result<BTreeMap<HoldPosition, Hold>, StoreError> {
        if account.open_holds == 0 {
            return Ok(BTreeMap::new());
        }
        let prefix = keys::holds_of(account.id);
        let rows = self.store.scan(&prefix, &prefix, usize::MAX)?;
        rows.into_iter().map(|(key, value)| Ok((keys::hold_place(&key)?, decoded(&value)?))).collect()
    }

    /// Returns the open holds of an account, from memory or the store, in the order of placement.
    pub(super) fn holds(&self, account: &Account) -> Result<BTreeMap<HoldPosition, Hold>, StoreError> {
        match self.accounts.get(&account.id) {
            Some(held) => Ok(held.holds.clone()),
            None => self.stored_holds(account),
        }
    }

    /// Returns the account with that number and its open holds. A failing store stops the books.
    pub fn loaded(&mut self, number: &AccountNumber) -> Option<LoadedAccount> {
        let account = self.account_by_number(number)?;
        let holds = self.holds(&account);
        Some(LoadedAccount { holds: self.noted(holds).into_values().collect(), account })
    }

    /// Returns the id of the account with that number, from memory or the store.
    pub(super) fn id_of(&self, number: &AccountNumber) -> Result<Option<AccountId>, StoreError> {
        match self.numbers.get(number) {
            Some(id) => Ok(Some(id)),
            None => self.store.get(&keys::number(number))?.map(|bytes| decoded(&bytes)).transpose(),
        }
    }

    /// Returns the account with that number. A failing store stops the books.
    pub fn account_by_number(&mut self, number: &AccountNumber) -> Option<Account> {
        let found = self.id_of(number).and_then(|id| id.map_or(Ok(None), |id| self.account(id)));
        self.noted(found)
    }

    /// Returns the version of an application record, 0 if there is none. A failing store stops the books.
    pub fn record_version(&mut self, key: &RecordKey) -> Position {
        let found = self.kept_record(key);
        self.noted(found).map_or(Position::START, |kept| kept.version)
    }

    pub(super) fn kept_record(&self, key: &RecordKey) -> Result<Option<KeptRecord>, StoreError> {
        match self.records.get(key) {
            Some(kept) => Ok(kept.cloned()),
            None => self.store.get(key.as_bytes())?.map(|bytes| decoded(&bytes)).transpose(),
        }
    }

    /// Keeps a failure for later and returns an empty answer, until the books stop.
    pub(super) fn noted<T: Default>(&mut self, result: Result<T, StoreError>) -> T {
        result.unwrap_or_else(|error| {
            self.failure.get_or_insert(error);
            T::default()
        })
    }

    /// Returns whether a failure was kept.
    pub(super) const fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Takes the failure that was kept.
    pub(super) fn take_failure(&mut self) -> Option<StoreError> {
        self.failure.take()
    }
}

/// Decodes a stored value. A value that does not decode means that the store is damaged.
pub(super) fn decoded<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    codec::decode(bytes).map_err(|error| StoreError::Damaged(format!("a stored value {error}")))
}
