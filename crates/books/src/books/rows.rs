//! All contents of the books in key order, row by row, from memory or from the store. They are never collected, so the
//! largest bank can be summed up, compared and written out in bounded memory.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::keys::{self, RecordKey};
use super::merging::{Merged, StoredRows};
use super::schedules::KeptSchedule;
use super::state::{Books, CachedAccount, KeptRecord, decoded};
use super::store::{Pair, StoreError};
use jangbu_ledger::{Account, AccountId, AccountNumber, CommandId, Hold, HoldPosition, OwnerId, Position};

/// The number of rows read from the store at a time.
const READ_AT_ONCE: usize = 1_000;

/// A row, or why the store could not be read.
type Row<K, V> = Result<(K, V), StoreError>;

/// A row that is decoded from a stored pair.
trait FromPair: Sized {
    fn from_pair(pair: &Pair) -> Result<Self, StoreError>;
}

impl Books {
    fn stored<T: FromPair>(&self, kind: u8) -> impl Iterator<Item = Result<T, StoreError>> + '_ {
        let rows = StoredRows::new(&*self.store, &[kind], &[kind], READ_AT_ONCE);
        rows.map(|pair| T::from_pair(&pair?))
    }

    /// Returns the accounts in memory, in the order of their ids.
    fn accounts_in_memory(&self) -> impl Iterator<Item = (AccountId, &CachedAccount)> + '_ {
        let mut ids: Vec<AccountId> = self.accounts.keys().copied().collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| self.accounts.get(&id).map(|held| (id, &**held)))
    }

    /// Returns every account, by id.
    pub(super) fn every_account(&self) -> impl Iterator<Item = Row<AccountId, Cow<'_, Account>>> + '_ {
        let in_memory = self.accounts_in_memory().map(|(id, held)| Ok((id, Cow::Borrowed(&held.account))));
        let stored = self.stored::<(AccountId, Account)>(keys::ACCOUNT);
        Merged::new(in_memory, stored.map(|row| row.map(|(id, account)| (id, Cow::Owned(account)))))
    }

    /// Returns every open hold, by the account that pays and by position and step.
    pub fn every_open_hold(&self) -> impl Iterator<Item = Row<(AccountId, HoldPosition), Cow<'_, Hold>>> + '_ {
        let in_memory = self.accounts_in_memory().flat_map(|(id, held)| {
            held.holds.iter().map(move |(placed, hold)| Ok(((id, *placed), Cow::Borrowed(hold))))
        });
        // An account in memory has all its holds.
        let stored = self.stored::<((AccountId, HoldPosition), Hold)>(keys::HOLD).filter(|row| match row {
            Ok(((id, _), _)) => !self.accounts.contains_key(id),
            Err(_) => true,
        });
        Merged::new(in_memory, stored.map(|row| row.map(|(key, hold)| (key, Cow::Owned(hold)))))
    }

    /// Returns the accounts that have holds in the store.
    pub(super) fn accounts_with_stored_holds(&self) -> Result<BTreeSet<AccountId>, StoreError> {
        let stored = self.stored::<((AccountId, HoldPosition), Hold)>(keys::HOLD);
        stored.map(|row| row.map(|((id, _), _)| id)).collect()
    }

    /// Returns every milestone, by account.
    pub(super) fn every_milestone(&self) -> impl Iterator<Item = Row<(AccountId, Position), ()>> + '_ {
        let in_memory = self
            .accounts_in_memory()
            .flat_map(|(id, held)| held.milestones.iter().map(move |place| Ok(((id, *place), ()))));
        Merged::new(in_memory, self.stored(keys::MILESTONE))
    }

    /// Returns the ids of all accounts, by number.
    pub(super) fn every_number(&self) -> impl Iterator<Item = Row<AccountNumber, AccountId>> + '_ {
        let in_memory = self.numbers.range(..).map(Ok);
        Merged::new(in_memory, self.stored(keys::NUMBER))
    }

    /// Returns the accounts of all owners.
    pub(super) fn every_owned(&self) -> impl Iterator<Item = Row<(OwnerId, AccountId), ()>> + '_ {
        Merged::new(self.owned.keys().map(|owned| Ok((*owned, ()))), self.stored(keys::OWNED))
    }

    /// Returns every application record.
    pub(super) fn every_record(&self) -> impl Iterator<Item = Row<RecordKey, Cow<'_, KeptRecord>>> + '_ {
        let first = RecordKey::from_bytes(&[keys::RECORD]);
        let in_memory = self.records.put_from(first).map(|(key, kept)| Ok((key.clone(), Cow::Borrowed(kept))));
        let stored = self.stored::<(RecordKey, KeptRecord)>(keys::RECORD).filter(|row| match row {
            Ok((key, _)) => self.records.get(key).is_none(),
            Err(_) => true,
        });
        Merged::new(in_memory, stored.map(|row| row.map(|(key, kept)| (key, Cow::Owned(kept)))))
    }

    /// Returns every schedule, ended or not.
    pub(super) fn every_schedule(&self) -> impl Iterator<Item = Row<CommandId, Cow<'_, KeptSchedule>>> + '_ {
        let in_memory: BTreeMap<&CommandId, &KeptSchedule> = self.schedules.every();
        let in_memory = in_memory.into_iter().map(|(id, kept)| Ok((*id, Cow::Borrowed(kept))));
        let stored = self.stored::<(CommandId, KeptSchedule)>(keys::ENDED_SCHEDULE);
        Merged::new(in_memory, stored.map(|row| row.map(|(id, kept)| (id, Cow::Owned(kept)))))
    }
}

impl FromPair for (AccountId, Account) {
    fn from_pair((key, value): &Pair) -> Result<Self, StoreError> {
        Ok((keys::account_of(key)?, decoded(value)?))
    }
}

impl FromPair for ((AccountId, HoldPosition), Hold) {
    fn from_pair((key, value): &Pair) -> Result<Self, StoreError> {
        Ok(((keys::hold_account(key)?, keys::hold_place(key)?), decoded(value)?))
    }
}

impl FromPair for ((AccountId, Position), ()) {
    fn from_pair((key, _): &Pair) -> Result<Self, StoreError> {
        Ok(((keys::milestone_account(key)?, keys::milestone_place(key)?), ()))
    }
}

impl FromPair for (AccountNumber, AccountId) {
    fn from_pair((key, value): &Pair) -> Result<Self, StoreError> {
        Ok((keys::number_of(key)?, decoded(value)?))
    }
}

impl FromPair for ((OwnerId, AccountId), ()) {
    fn from_pair((key, _): &Pair) -> Result<Self, StoreError> {
        Ok(((keys::owned_owner(key)?, keys::owned_account(key)?), ()))
    }
}

impl FromPair for (RecordKey, KeptRecord) {
    fn from_pair((key, value): &Pair) -> Result<Self, StoreError> {
        Ok((RecordKey::from_bytes(key), decoded(value)?))
    }
}

impl FromPair for (CommandId, KeptSchedule) {
    fn from_pair((key, value): &Pair) -> Result<Self, StoreError> {
        Ok((keys::schedule_of(key)?, decoded(value)?))
    }
}
