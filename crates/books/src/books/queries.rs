//! Queries of the books.

use std::collections::BTreeMap;

use super::keys::{self, RecordKey};
use super::merging::{Merged, StoredRows};
use super::over::Standing;
use super::state::{Books, KeptRecord, decoded};
use super::store::StoreError;
use crate::views::{ApplicationRecord, Page, Snapshot, SnapshotHold, Status};
use jangbu_ledger::{
    Account, AccountId, AccountNumber, AccountType, BusinessDate, Currency, FREE_TRANSFERS_PER_DAY, Hold, HoldId,
    HoldPosition, OwnerId, Position, Timestamp,
};

/// The maximum number of deleted records, still in the store, that a page skips. Then it ends, shorter than requested,
/// so that its cost does not depend on what is not stored yet.
const MOST_DELETED: usize = 1_000;

/// The moment for which a snapshot shows limits and free transfers.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotTime(pub Timestamp);

impl Books {
    /// Returns the number of accounts, including the bank's own and closed ones. Account ids have no gaps.
    pub fn account_count(&self) -> u64 {
        self.next_account.get().saturating_sub(1)
    }

    /// Returns the free transfers per day of every owner with a setting of its own.
    pub fn free_transfers(&self) -> Vec<(OwnerId, u32)> {
        self.owners.iter().map(|(owner, count)| (*owner, *count)).collect()
    }

    /// Returns the account with that number after the last durable record.
    pub fn snapshot(&mut self, number: &AccountNumber, at: SnapshotTime) -> Option<Snapshot> {
        let account = self.account_by_number(number)?;
        Some(self.snapshot_of(&account, at))
    }

    pub(super) fn snapshot_of(&mut self, account: &Account, SnapshotTime(now): SnapshotTime) -> Snapshot {
        let date = self.day.as_mut().map_or(BusinessDate::default(), |day| day.date_of(now)).max(account.day.date);
        let basic = AccountType::basic();
        let account_type = self.types.get(&account.kind).unwrap_or(&basic);
        let (per_transfer, per_day) = (account_type.limit_per_transfer, account_type.limit_per_day);
        let (limit_per_transfer, left_today) = account.headroom(per_transfer, per_day, date);
        let free = self.owners.get(&account.owner).copied().unwrap_or(FREE_TRANSFERS_PER_DAY);
        let holds = self.holds(account);
        let holds = self.noted(holds).iter().map(|(place, hold)| snapshot_hold(place.position, hold)).collect();
        let frozen = account.frozen.debits || account.frozen.credits;
        let status = match (account.closed, frozen) {
            (true, _) => Status::Closed,
            (false, true) => Status::Frozen,
            (false, false) => Status::Open,
        };
        Snapshot {
            number: account.number,
            owner: account.owner,
            kind: account.kind,
            currency: account.currency,
            scale: self.currencies.get(&account.currency).map_or(0, |kept| kept.scale),
            role: account.role,
            status,
            frozen: account.frozen,
            opened_at: account.opened_at,
            posted: account.posted,
            held: account.held,
            pending_in: account.pending_in,
            holds,
            available: account.available(),
            overdraft: account.overdraft,
            limit_per_transfer,
            limit_per_day: account.limit_per_day.over(per_day),
            own_limit_per_transfer: account.limit_per_transfer,
            own_limit_per_day: account.limit_per_day,
            left_today,
            free_transfers_left: free.saturating_sub(account.used_on(date).counted_transfers),
            date,
            version: account.version,
            position: account.last,
        }
    }

    /// Returns up to `limit` accounts in the order of their numbers, after `after`.
    pub fn accounts_after(
        &mut self,
        after: Option<AccountNumber>,
        limit: usize,
        at: SnapshotTime,
    ) -> Page<Snapshot, AccountNumber> {
        let found = self.numbers_after(after, limit.saturating_add(1));
        let mut numbers = self.noted(found);
        let more = numbers.len() > limit;
        numbers.truncate(limit);
        let next = if more { numbers.last().map(|(number, _)| *number) } else { None };
        let mut data = Vec::with_capacity(numbers.len());
        for (_, id) in numbers {
            let account = self.account(id);
            if let Some(account) = self.noted(account) {
                data.push(self.snapshot_of(&account, at));
            }
        }
        Page { data, next }
    }

    /// Returns numbers and ids in order, from memory and store together.
    pub(super) fn numbers_after(
        &self,
        after: Option<AccountNumber>,
        limit: usize,
    ) -> Result<Vec<(AccountNumber, AccountId)>, StoreError> {
        use std::ops::Bound::{Excluded, Unbounded};
        let lower = after.map_or(Unbounded, Excluded);
        let in_memory = self.numbers.range((lower, Unbounded)).take(limit);
        let mut found: BTreeMap<AccountNumber, AccountId> = in_memory.collect();
        // A NUL sorts before every character of a number, so this is the smallest key after that of `after`.
        let mut from = after.map_or_else(|| vec![keys::NUMBER], |after| keys::number(&after));
        if after.is_some() {
            from.push(0);
        }
        for (key, value) in self.store.scan(&[keys::NUMBER], &from, limit)? {
            found.insert(keys::number_of(&key)?, decoded(&value)?);
        }
        Ok(found.into_iter().take(limit).collect())
    }

    /// Returns the numbers of accounts, in the order of `ids`.
    pub fn numbers_of(&mut self, ids: &[AccountId]) -> Vec<Option<AccountNumber>> {
        ids.iter()
            .map(|id| {
                let account = self.account(*id);
                self.noted(account).map(|account| account.number)
            })
            .collect()
    }

    /// Returns the account with that number, and up to `limit` of its open holds in the order of placement, after those
    /// of the record at `after`.
    pub fn open_holds_of(
        &mut self,
        number: &AccountNumber,
        after: Position,
        limit: usize,
    ) -> Option<(Account, Vec<(HoldPosition, Hold)>)> {
        let account = self.account_by_number(number)?;
        let holds = self.holds_after(&account, after, limit);
        Some((account, self.noted(holds)))
    }

    fn holds_after(
        &self,
        account: &Account,
        after: Position,
        limit: usize,
    ) -> Result<Vec<(HoldPosition, Hold)>, StoreError> {
        let first = HoldPosition { position: after.next(), step: None };
        if let Some(held) = self.accounts.get(&account.id) {
            let behind = held.holds.range(first..).take(limit);
            return Ok(behind.map(|(place, hold)| (*place, hold.clone())).collect());
        }
        let (prefix, from) = (keys::holds_of(account.id), keys::hold(account.id, first));
        let rows = self.store.scan(&prefix, &from, limit)?;
        rows.iter().map(|(key, value)| Ok((keys::hold_place(key)?, decoded(value)?))).collect()
    }

    /// Returns an open hold of an account by its id, which the record at `placed` placed; `None` if it is not open.
    pub fn open_hold(&mut self, account: AccountId, id: HoldId, placed: Position) -> Option<Hold> {
        let place = id.at(placed);
        if let Some(held) = self.accounts.get(&account) {
            return held.holds.get(&place).cloned();
        }
        let stored = self.store.get(&keys::hold(account, place));
        let stored = stored.and_then(|value| value.map(|bytes| decoded(&bytes)).transpose());
        self.noted(stored)
    }

    /// Returns the state of a hold of an account by its id, which the record at `placed` placed.
    pub fn standing(&mut self, account: AccountId, id: HoldId, placed: Position) -> Standing {
        if let Some(hold) = self.expired.get(&(account, id.at(placed))) {
            return Standing::Expired(hold.clone());
        }
        self.open_hold(account, id, placed).map_or(Standing::Ended, Standing::Open)
    }

    /// Returns the account's last record, at which its history starts.
    pub fn last_of(&mut self, number: &AccountNumber) -> Option<(AccountId, Position)> {
        self.account_by_number(number).map(|account| (account.id, account.last))
    }

    /// Returns all account types, in the order of their codes.
    pub fn account_types(&self) -> Vec<AccountType> {
        let mut types = vec![AccountType::basic()];
        types.extend(self.types.values().cloned());
        types.sort_by_key(|account_type| account_type.code);
        types
    }

    /// Returns the scale of a currency of the bank.
    pub fn scale_of(&self, currency: Currency) -> Option<u8> {
        self.currencies.get(&currency).map(|kept| kept.scale)
    }

    /// Returns an application record.
    pub fn record(&mut self, kind: &str, key: &str) -> Option<ApplicationRecord> {
        let found = self.kept_record(&RecordKey::new(kind, key));
        self.noted(found).map(|kept| view(key.to_owned(), kept))
    }

    /// Returns up to `limit` application records of a kind whose keys begin with `prefix`, after the key `after`.
    ///
    /// If many were deleted since the last checkpoint, the page is shorter and states where to continue.
    pub fn records(
        &mut self,
        kind: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Page<ApplicationRecord, String> {
        let found = self.records_after(kind, prefix, after, limit);
        self.noted(found.map(Some)).unwrap_or(Page { data: Vec::new(), next: None })
    }

    fn records_after(
        &self,
        kind: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<ApplicationRecord, String>, StoreError> {
        let prefix = RecordKey::new(kind, prefix);
        let first = match after {
            // A NUL byte appended makes it the smallest key after that of `after`.
            Some(after) => RecordKey::new(kind, &format!("{after}\0")).max(prefix.clone()),
            None => prefix.clone(),
        };
        let in_prefix = |(key, _): &(&RecordKey, &KeptRecord)| key.as_bytes().starts_with(prefix.as_bytes());
        let in_memory = self.records.put_from(first.clone()).take_while(in_prefix);
        let in_memory = in_memory.map(|(key, kept)| Ok((key.clone(), Some(kept.clone()))));
        let stored = StoredRows::new(&*self.store, prefix.as_bytes(), first.as_bytes(), limit.saturating_add(1));
        let stored = stored.map(|row| {
            let (key, value) = row?;
            let key = RecordKey::from_bytes(&key);
            // A record that is in memory is taken from there.
            let kept = if self.records.get(&key).is_some() { None } else { Some(decoded(&value)?) };
            Ok((key, kept))
        });
        let mut page = Page { data: Vec::with_capacity(limit), next: None };
        let (mut last, mut deleted) = (None, 0usize);
        for row in Merged::new(in_memory, stored) {
            let (key, kept) = row?;
            let is_full = page.data.len() >= limit && kept.is_some();
            if is_full || deleted >= MOST_DELETED {
                page.next = last;
                break;
            }
            last = Some(key.key());
            match kept {
                Some(kept) => page.data.push(view(key.key(), kept)),
                None => deleted = deleted.saturating_add(1),
            }
        }
        Ok(page)
    }
}

fn view(key: String, kept: KeptRecord) -> ApplicationRecord {
    ApplicationRecord { key, value: kept.value, version: kept.version }
}

fn snapshot_hold(position: Position, hold: &Hold) -> SnapshotHold {
    SnapshotHold {
        id: hold.id,
        held: hold.held(),
        remaining: hold.remaining(),
        placed_at: hold.placed_at,
        expires_at: hold.expires_at,
        requires_verification: hold.requires_verification,
        position,
    }
}
