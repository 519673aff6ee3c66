//! Where an account's records are in the journal, and which accounts an owner has.
//!
//! Every record of an account refers to the previous one, so an account's past is walked backwards. To start anywhere
//! else than at its newest record, one in every so many records is noted: a milestone. Both indexes are derived, so a
//! replay rebuilds them.

use std::collections::BTreeSet;

use super::keys;
use super::opening::{all, suffix};
use super::queries::SnapshotTime;
use super::state::{Books, decoded};
use super::store::StoreError;
use super::totals::{StoredSums, Totals};
use crate::views::{Page, Snapshot};
use jangbu_ledger::{Account, AccountId, AccountNumber, Currency, OwnerId, Position};

/// One in this many events of an account is a milestone. A walk to any point in its past therefore reads at most this
/// many records, and milestones take less than a byte per event.
pub(super) const MILESTONE_EVERY: u64 = 256;

impl Books {
    /// Returns the position of the last record in the books.
    pub const fn applied(&self) -> Position {
        self.applied
    }

    /// Returns the sums of all balances after the last record in the books.
    pub fn totals(&self) -> Totals {
        self.totals.clone()
    }

    /// Returns a record of the account from which a walk back soon reaches its records before `position`: the first
    /// milestone at or after that, or the account's last record.
    pub fn place_near(&mut self, account: AccountId, position: Position) -> Option<Position> {
        let found = self.account(account);
        let last = self.noted(found)?.last;
        if last <= position {
            return Some(last);
        }
        let found = self.milestone_after(account, position);
        Some(self.noted(found).map_or(last, |milestone| milestone.min(last)))
    }

    /// Returns the account's first milestone at or after `position`.
    fn milestone_after(&self, account: AccountId, position: Position) -> Result<Option<Position>, StoreError> {
        let (prefix, from) = (keys::milestones_of(account), keys::milestone(account, position));
        let stored = self.store.scan(&prefix, &from, 1)?;
        let stored = stored.first().map(|(key, _)| keys::milestone_place(key)).transpose()?;
        // Milestones in memory are newer than the stored ones.
        let in_memory = self.accounts.get(&account).and_then(|held| {
            let before = held.milestones.partition_point(|milestone| *milestone < position);
            held.milestones.get(before).copied()
        });
        Ok(stored.into_iter().chain(in_memory).min())
    }

    /// Returns up to `limit` accounts of an owner in the order of opening, after `after`.
    pub fn accounts_of(
        &mut self,
        owner: &OwnerId,
        after: Option<AccountNumber>,
        limit: usize,
        at: SnapshotTime,
    ) -> Page<Snapshot, AccountNumber> {
        let after = after.and_then(|number| self.account_by_number(&number)).map(|account| account.id);
        let mut ids = self.ids_of(owner, after, limit.saturating_add(1));
        let more = ids.len() > limit;
        ids.truncate(limit);
        let mut data = Vec::with_capacity(ids.len());
        for id in ids {
            let account = self.account(id);
            if let Some(account) = self.noted(account) {
                data.push(self.snapshot_of(&account, at));
            }
        }
        let next = if more { data.last().map(|snapshot| snapshot.number) } else { None };
        Page { data, next }
    }

    /// Returns up to `limit` ids of an owner's accounts in the order of opening, after `after`.
    pub fn ids_of(&mut self, owner: &OwnerId, after: Option<AccountId>, limit: usize) -> Vec<AccountId> {
        let found = self.owned_after(owner, after, limit);
        self.noted(found).into_iter().take(limit).collect()
    }

    fn owned_after(
        &self,
        owner: &OwnerId,
        after: Option<AccountId>,
        limit: usize,
    ) -> Result<BTreeSet<AccountId>, StoreError> {
        let first = after.map_or(AccountId::new(0), AccountId::next);
        let in_memory = self.owned.range((*owner, first)..).take_while(|((of, _), _)| of == owner);
        let mut found: BTreeSet<AccountId> = in_memory.take(limit).map(|((_, id), _)| *id).collect();
        let (prefix, from) = (keys::owned_by(owner), keys::owned(owner, first));
        for (key, _) in self.store.scan(&prefix, &from, limit)? {
            found.insert(keys::owned_account(&key)?);
        }
        Ok(found)
    }

    /// Returns the numbers of accounts and their owners, in the order of `ids`.
    pub fn parties_of(&mut self, ids: &[AccountId]) -> Vec<Option<(AccountNumber, OwnerId)>> {
        ids.iter()
            .map(|id| match self.accounts.get(id) {
                Some(held) => Some((held.account.number, held.account.owner)),
                None => {
                    let account = self.account(*id);
                    self.noted(account).map(|account| (account.number, account.owner))
                }
            })
            .collect()
    }

    /// Returns everything the books know about the account with that number.
    pub fn whole_account(&mut self, number: &AccountNumber) -> Option<Account> {
        self.account_by_number(number)
    }

    /// Returns up to `limit` accounts in the order of their numbers, after `after`.
    pub fn whole_accounts_after(&mut self, after: Option<AccountNumber>, limit: usize) -> Vec<Account> {
        let found = self.numbers_after(after, limit);
        let numbers = self.noted(found);
        let mut accounts = Vec::with_capacity(numbers.len());
        for (_, id) in numbers {
            let account = self.account(id);
            accounts.extend(self.noted(account));
        }
        accounts
    }

    /// Takes over the stored sums, which must be those of the stored position.
    pub(super) fn restore_totals(&mut self) -> Result<(), StoreError> {
        for (key, value) in all(&*self.store, keys::TOTALS)? {
            let stored: StoredSums = decoded(&value)?;
            if stored.position != self.applied {
                let (found, wanted) = (stored.position, self.applied);
                return Err(StoreError::Damaged(format!("its sums are of position {found}, and it of {wanted}")));
            }
            let currency = Currency::new(&suffix(&key)).map_err(|error| StoreError::Damaged(error.to_string()))?;
            self.totals.restore(currency, stored);
        }
        Ok(())
    }
}
