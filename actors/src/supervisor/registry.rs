//! What accounts share: owners, account types and currencies, and the day of the business date.

use rustc_hash::FxHashMap;

use super::seats::Occupant;
use crate::account::SeatIndex;
use crate::ledger::{
    AccountType, Amount, BusinessDate, Currency, DayClock, FREE_TRANSFERS_PER_DAY, OwnerId, PostingKind, Terms,
    TypeCode,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OwnerIndex(u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TypeIndex(u16);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CurrencyIndex(u16);

struct Owner {
    id: OwnerId,
    /// How many active accounts it has; without any, the place is used again.
    accounts: u32,
}

/// A currency of the bank.
pub(super) struct CurrencyEntry {
    pub(super) currency: Currency,
    pub(super) scale: u8,
    pub(super) cash: SeatIndex,
    pub(super) fees: SeatIndex,
    /// Fees of granted debits that are not recorded yet: the fee account must have room for them.
    pub(super) fees_under_way: Amount,
    /// Fees that open holds may bring, for which it must have room as well.
    pub(super) fees_held: Amount,
}

/// Owners of active accounts, all account types, all currencies.
pub(super) struct Registry {
    pub(super) day: DayClock,
    owners: Vec<Owner>,
    free_owners: Vec<u32>,
    owners_by_id: FxHashMap<OwnerId, OwnerIndex>,
    /// Owners with another number of free transfers than the usual.
    exceptions: FxHashMap<OwnerId, u32>,
    types: Vec<AccountType>,
    types_by_code: FxHashMap<TypeCode, TypeIndex>,
    currencies: Vec<CurrencyEntry>,
}

impl Registry {
    pub(super) fn new(
        day: DayClock,
        types: Vec<AccountType>,
        exceptions: impl IntoIterator<Item = (OwnerId, u32)>,
    ) -> Registry {
        let mut registry = Registry {
            day,
            owners: Vec::new(),
            free_owners: Vec::new(),
            owners_by_id: FxHashMap::default(),
            exceptions: exceptions.into_iter().collect(),
            types: Vec::new(),
            types_by_code: FxHashMap::default(),
            currencies: Vec::new(),
        };
        registry.set_type(AccountType::basic());
        for account_type in types {
            registry.set_type(account_type);
        }
        registry
    }

    /// Counts one more active account of `owner`.
    pub(super) fn seat_owner(&mut self, owner: OwnerId) -> OwnerIndex {
        if let Some(index) = self.owners_by_id.get(&owner).copied() {
            if let Some(entry) = self.owners.get_mut(index.0 as usize) {
                entry.accounts = entry.accounts.saturating_add(1);
            }
            return index;
        }
        let entry = Owner { id: owner, accounts: 1 };
        let place = match self.free_owners.pop() {
            Some(place) => {
                if let Some(free) = self.owners.get_mut(place as usize) {
                    *free = entry;
                }
                place
            }
            None => {
                self.owners.push(entry);
                u32::try_from(self.owners.len().saturating_sub(1)).unwrap_or(u32::MAX)
            }
        };
        self.owners_by_id.insert(owner, OwnerIndex(place));
        OwnerIndex(place)
    }

    /// Counts one active account of the owner less.
    pub(super) fn unseat_owner(&mut self, index: OwnerIndex) {
        let Some(entry) = self.owners.get_mut(index.0 as usize) else { return };
        entry.accounts = entry.accounts.saturating_sub(1);
        if entry.accounts == 0 {
            self.owners_by_id.remove(&entry.id);
            self.free_owners.push(index.0);
        }
    }

    /// Sets an owner's number of free transfers; returns the owner's place when any of its accounts is active.
    pub(super) fn set_owner(&mut self, owner: OwnerId, free_transfers_per_day: u32) -> Option<OwnerIndex> {
        if free_transfers_per_day == FREE_TRANSFERS_PER_DAY {
            self.exceptions.remove(&owner);
        } else {
            self.exceptions.insert(owner, free_transfers_per_day);
        }
        self.owners_by_id.get(&owner).copied()
    }

    pub(super) fn free_transfers_per_day(&self, owner: &OwnerId) -> u32 {
        self.exceptions.get(owner).copied().unwrap_or(FREE_TRANSFERS_PER_DAY)
    }

    pub(super) fn set_type(&mut self, account_type: AccountType) -> TypeIndex {
        if let Some(index) = self.types_by_code.get(&account_type.code).copied() {
            if let Some(entry) = self.types.get_mut(usize::from(index.0)) {
                *entry = account_type;
            }
            return index;
        }
        let index = TypeIndex(u16::try_from(self.types.len()).unwrap_or(u16::MAX));
        self.types_by_code.insert(account_type.code, index);
        self.types.push(account_type);
        index
    }

    /// Whether another account type can be taken in.
    pub(super) fn has_room_for_types(&self) -> bool {
        self.types.len() < usize::from(u16::MAX)
    }

    /// Whether another currency can be taken in.
    pub(super) fn has_room_for_currencies(&self) -> bool {
        self.currencies.len() < usize::from(u16::MAX)
    }

    pub(super) fn type_index(&self, code: &TypeCode) -> Option<TypeIndex> {
        self.types_by_code.get(code).copied()
    }

    pub(super) fn account_type(&self, index: TypeIndex) -> Option<&AccountType> {
        self.types.get(usize::from(index.0))
    }

    /// The account type of a code.
    pub(super) fn type_of(&self, code: &TypeCode) -> Option<&AccountType> {
        self.type_index(code).and_then(|index| self.account_type(index))
    }

    /// The terms of a movement out of `sender` for a receiver of that owner and type. Only transfers bear a fee and use
    /// limits.
    pub(super) fn terms(
        &self,
        kind: PostingKind,
        sender: &Occupant,
        receiver: (OwnerIndex, TypeIndex),
        amount: Amount,
        date: BusinessDate,
    ) -> Terms {
        let same = (sender.owner, sender.kind) == receiver;
        let of = |account_type: &AccountType| {
            Terms::of(kind, account_type, same, sender.free_transfers_per_day, amount, date)
        };
        // Every active account has a type of the bank's.
        self.account_type(sender.kind).map_or_else(|| of(&AccountType::basic()), of)
    }

    pub(super) fn add_currency(&mut self, entry: CurrencyEntry) -> CurrencyIndex {
        let index = CurrencyIndex(u16::try_from(self.currencies.len()).unwrap_or(u16::MAX));
        self.currencies.push(entry);
        index
    }

    /// A bank has few currencies: they are searched in turn.
    pub(super) fn currency_index(&self, currency: Currency) -> Option<CurrencyIndex> {
        let place = self.currencies.iter().position(|entry| entry.currency == currency)?;
        u16::try_from(place).ok().map(CurrencyIndex)
    }

    pub(super) fn currency(&self, index: CurrencyIndex) -> Option<&CurrencyEntry> {
        self.currencies.get(usize::from(index.0))
    }

    pub(super) fn currency_mut(&mut self, index: CurrencyIndex) -> Option<&mut CurrencyEntry> {
        self.currencies.get_mut(usize::from(index.0))
    }
}
