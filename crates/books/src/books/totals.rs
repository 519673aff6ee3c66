//! The sums of all balances, updated with every record.
//!
//! A movement changes the sum of a currency's customers only if one of the bank's own accounts is involved. So only the
//! bank's own accounts have to be known, and a record can be subtracted as well as added.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::state::CurrencyKept;
use jangbu_ledger::{
    Account, AccountId, Amount, Body, BusinessDate, Currency, Drawn, Event, HoldDrawn, LinkedMovement, Position,
    Posted, Record, Role,
};

/// The sums of one currency, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    pub scale: u8,
    cash_account: AccountId,
    fees_account: AccountId,
    pub customers: i128,
    pub cash: i128,
    pub fees: i128,
}

/// The sums of every currency of the bank after some record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    sums: BTreeMap<Currency, Sums>,
    /// The bank's own accounts.
    own: FxHashMap<AccountId, (Currency, Role)>,
}

/// The stored sums of a currency, after the record at `position`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StoredSums {
    pub(super) position: Position,
    sums: Sums,
}

impl Totals {
    /// Returns the stored form of each currency's sums, after the record at `position`.
    pub(super) fn stored(&self, position: Position) -> impl Iterator<Item = (&Currency, StoredSums)> {
        self.sums.iter().map(move |(currency, sums)| (currency, StoredSums { position, sums: *sums }))
    }

    /// Takes over the stored sums of a currency.
    pub(super) fn restore(&mut self, currency: Currency, stored: StoredSums) {
        self.insert(currency, stored.sums);
    }

    /// Returns the sums of each currency, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = (&Currency, &Sums)> {
        self.sums.iter()
    }

    /// Adds a record.
    ///
    /// # Errors
    /// If its legs do not add up to zero.
    pub fn add(&mut self, record: &Record) -> Result<(), String> {
        if let Body::CurrencyAdded { currency, scale, accounts } = &record.body {
            let [cash, fees] = &**accounts;
            let (cash_account, fees_account) = (cash.account, fees.account);
            self.insert(*currency, Sums { scale: *scale, cash_account, fees_account, customers: 0, cash: 0, fees: 0 });
        }
        self.change(record, 1)
    }

    /// Subtracts the record that was added last.
    ///
    /// # Errors
    /// If its legs do not add up to zero.
    pub fn take_back(&mut self, record: &Record) -> Result<(), String> {
        self.change(record, -1)?;
        if let Body::CurrencyAdded { currency, accounts, .. } = &record.body {
            self.sums.remove(currency);
            for opened in accounts.iter() {
                self.own.remove(&opened.account);
            }
        }
        Ok(())
    }

    /// Adds a currency of a state file, whose accounts follow.
    pub(super) fn begin(&mut self, currency: Currency, kept: &CurrencyKept) {
        let (cash_account, fees_account) = (kept.cash, kept.fees);
        self.insert(currency, Sums { scale: kept.scale, cash_account, fees_account, customers: 0, cash: 0, fees: 0 });
    }

    /// Adds an account of a state file.
    pub(super) fn count(&mut self, account: &Account) {
        let Some(sums) = self.sums.get_mut(&account.currency) else { return };
        let sum = match account.role {
            Role::Customer => &mut sums.customers,
            Role::Cash => &mut sums.cash,
            Role::Fees => &mut sums.fees,
        };
        *sum = sum.saturating_add(i128::from(account.posted.minor_units()));
    }

    fn insert(&mut self, currency: Currency, sums: Sums) {
        self.own.insert(sums.cash_account, (currency, Role::Cash));
        self.own.insert(sums.fees_account, (currency, Role::Fees));
        self.sums.insert(currency, sums);
    }

    fn change(&mut self, record: &Record, sign: i128) -> Result<(), String> {
        match &record.body {
            Body::Posted(posted) => self.posted(posted, record.date, sign),
            Body::Reversed(reversed) => self.posted(&reversed.posted, record.date, sign),
            Body::ReversalsRepaired(repaired) => {
                repaired.posted.iter().try_for_each(|posted| self.posted(posted, record.date, sign))
            }
            Body::Drawn(drawn) => self.drawn(drawn, sign),
            Body::Linked(steps) => steps.iter().try_for_each(|step| match &step.movement {
                LinkedMovement::Posted(posted) => self.posted(posted, step.date, sign),
                LinkedMovement::Drawn(drawn) => self.drawn(drawn, sign),
                LinkedMovement::Reversed(reversed) => self.posted(&reversed.posted, step.date, sign),
                // Held money still belongs to its owner.
                LinkedMovement::Held(_) => Ok(()),
            }),
            _ => Ok(()),
        }
    }

    fn posted(&mut self, posted: &Posted, date: BusinessDate, sign: i128) -> Result<(), String> {
        let mut change = Change::of(&self.own);
        posted.for_each_leg(date, &mut |account, event| change.leg(account, event));
        let (customers, own) = change.finish();
        self.carry(customers, &own, sign)
    }

    fn drawn(&mut self, drawn: &HoldDrawn, sign: i128) -> Result<(), String> {
        let mut change = Change::of(&self.own);
        drawn.for_each_leg(&mut |account, event| change.leg(account, event));
        let (customers, own) = change.finish();
        self.carry(customers, &own, sign)
    }

    /// Adds the changes of a movement to the sums of its currency.
    fn carry(&mut self, customers: i128, own: &OwnChanges, sign: i128) -> Result<(), String> {
        let all = own.iter().fold(customers, |sum, (_, _, units)| sum.saturating_add(*units));
        if all != 0 {
            return Err(format!("the legs of a movement add up to {all}"));
        }
        for (currency, role, units) in own {
            let Some(sums) = self.sums.get_mut(currency) else { continue };
            let units = units.saturating_mul(sign);
            // Customers gain what the bank's own accounts lose.
            sums.customers = sums.customers.saturating_sub(units);
            match role {
                Role::Cash => sums.cash = sums.cash.saturating_add(units),
                Role::Fees => sums.fees = sums.fees.saturating_add(units),
                Role::Customer => {}
            }
        }
        Ok(())
    }
}

type OwnChanges = SmallVec<[(Currency, Role, i128); 2]>;

/// The changes of the legs of one movement.
struct Change<'a> {
    accounts: &'a FxHashMap<AccountId, (Currency, Role)>,
    customers: i128,
    own: OwnChanges,
}

impl<'a> Change<'a> {
    fn of(accounts: &'a FxHashMap<AccountId, (Currency, Role)>) -> Change<'a> {
        Change { accounts, customers: 0, own: OwnChanges::new() }
    }

    fn leg(&mut self, account: AccountId, event: Event<'_>) {
        let change = change_of(event);
        match self.accounts.get(&account) {
            Some((currency, role)) => self.own.push((*currency, *role, change)),
            None => self.customers = self.customers.saturating_add(change),
        }
    }

    fn finish(self) -> (i128, OwnChanges) {
        (self.customers, self.own)
    }
}

/// Returns by how much an event changes its account's balance, in minor units.
pub fn change_of(event: Event<'_>) -> i128 {
    let units = |amount: Amount| i128::from(amount.minor_units());
    match event {
        Event::Debited(debited) => units(debited.amount).saturating_add(units(debited.fee)).saturating_neg(),
        Event::Drawn(Drawn { amount, fee, .. }) => units(amount).saturating_add(units(fee)).saturating_neg(),
        Event::Credited(amount) | Event::Brought { amount, .. } => units(amount),
        Event::Opened(_) | Event::Changed(_) | Event::Held(_) | Event::Expected(_) | Event::Amended(_) => 0,
    }
}
