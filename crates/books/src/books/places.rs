//! Where in the journal an account's records are, and which accounts an owner has.
//!
//! Every record of an account names the one before, so an account's past is walked backwards. To begin anywhere else than
//! at its newest record, one in so many of its records is noted: a milestone. Both indexes are derived: a replay leads
//! to them again.

use std::collections::BTreeSet;

use super::keys;
use super::opening::{all, suffix};
use super::queries::SnapshotTime;
use super::state::{Books, decoded};
use super::store::StoreError;
use super::totals::{StoredSums, Totals};
use crate::views::{Page, Snapshot};
use jangbu_ledger::{Account, AccountId, AccountNumber, Currency, OwnerId, Position};

/// One in so many events of an account is noted: a walk to anywhere in its past takes at most so many reads, and what is
/// noted takes less than a byte per event.
pub(super) const MILESTONE_EVERY: u64 = 256;

impl Books {
    /// The last record that the books have.
    pub const fn applied(&self) -> Position {
        self.applied
    }

    /// The sums of all balances after the last record that the books have.
    pub fn totals(&self) -> Totals {
        self.totals.clone()
    }

    /// A record of the account from which a walk back soon leads to its records before `position`: the first one noted at
    /// or after that, or the account's last.
    pub fn place_near(&mut self, account: AccountId, position: Position) -> Option<Position> {
        let found = self.account(account);
        let last = self.noted(found)?.last;
        if last <= position {
            return Some(last);
        }
        let found = self.milestone_after(account, position);
        Some(self.noted(found).map_or(last, |milestone| milestone.min(last)))
    }

    /// The account's first milestone at or after `position`.
    fn milestone_after(&self, account: AccountId, position: Position) -> Result<Option<Position>, StoreError> {
        let (prefix, from) = (keys::milestones_of(account), keys::milestone(account, position));
        let stored = self.store.scan(&prefix, &from, 1)?;
        let stored = stored.first().map(|(key, _)| keys::milestone_place(key)).transpose()?;
        // Those in memory are newer than the stored ones.
        let in_memory = self.accounts.get(&account).and_then(|held| {
            let before = held.milestones.partition_point(|milestone| *milestone < position);
            held.milestones.get(before).copied()
        });
        Ok(stored.into_iter().chain(in_memory).min())
    }

    /// Up to `limit` accounts of an owner in the order in which they were opened, after `after`.
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

    /// Up to `limit` ids of an owner's accounts in the order in which they were opened, after `after`.
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

    /// The numbers of accounts and their owners, in the order of `ids`.
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

    /// The account of that number: all that the books know of it.
    pub fn whole_account(&mut self, number: &AccountNumber) -> Option<Account> {
        self.account_by_number(number)
    }

    /// Up to `limit` accounts in the order of their numbers, after `after`, as they stand.
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
