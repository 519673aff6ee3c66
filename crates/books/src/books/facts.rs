//! The initial state of the supervisor, taken from the books.

use super::BooksError;
use super::schedules::KeptSchedule;
use super::state::Books;
use crate::open_hold::OpenHold;
use jangbu_ledger::{Account, AccountId, AccountType, CommandId, Currency, DayClock, Fault, HoldId, OwnerId, Position};

/// A currency of the bank and the present state of the bank's own accounts in it.
pub struct CurrencyFacts {
    pub currency: Currency,
    pub scale: u8,
    pub cash: Account,
    pub fees: Account,
}

/// Everything that the supervisor needs to start.
pub struct Facts {
    /// Determines the business day of a moment.
    pub day: DayClock,
    /// All account types.
    pub types: Vec<AccountType>,
    /// Owners whose number of free transfers was set, with that number.
    pub owners: Vec<(OwnerId, u32)>,
    /// All currencies, in the order in which they were added.
    pub currencies: Vec<CurrencyFacts>,
    /// All open holds, in the order of placement.
    pub holds: Vec<(HoldId, OpenHold)>,
    /// The last record.
    pub end: Position,
    /// The id of the next account.
    pub next_account: AccountId,
    /// The bank's own random id.
    pub bank: u128,
    /// The active and paused schedules.
    pub schedules: Vec<(CommandId, KeptSchedule)>,
}

impl Books {
    /// Returns everything that the supervisor needs to start.
    ///
    /// # Errors
    /// If the store fails, or the journal does not begin with the creation of a bank.
    pub fn facts(&mut self) -> Result<Facts, BooksError> {
        let missing = |what: &str| BooksError::Replay { position: self.applied, what: what.to_owned() };
        let day = self.day.clone().ok_or_else(|| missing("the journal does not begin with the making of a bank"))?;
        let mut currencies = Vec::new();
        for (currency, kept) in &self.currencies {
            let (Some(cash), Some(fees)) = (self.account(kept.cash)?, self.account(kept.fees)?) else {
                return Err(missing("a currency has no accounts"));
            };
            currencies.push(CurrencyFacts { currency: *currency, scale: kept.scale, cash, fees });
        }
        Ok(Facts {
            day,
            types: self.types.values().cloned().collect(),
            owners: self.owners.iter().map(|(owner, count)| (*owner, *count)).collect(),
            currencies,
            holds: self.open_holds()?,
            end: self.applied,
            next_account: self.next_account,
            bank: self.bank.as_ref().map_or(0, |made| made.bank),
            schedules: self.schedules.live(),
        })
    }

    /// Returns all open holds of the bank.
    fn open_holds(&mut self) -> Result<Vec<(HoldId, OpenHold)>, BooksError> {
        // Accounts with stored holds are loaded, so that all holds are in one place.
        for id in self.accounts_with_stored_holds()? {
            self.load(id)?;
        }
        let mut open = Vec::new();
        for held in self.accounts.values() {
            for (place, hold) in &held.holds {
                let to = self.account(hold.to)?.ok_or_else(|| BooksError::Replay {
                    position: place.position,
                    what: Fault::NeverOpened { account: hold.to }.to_string(),
                })?;
                open.push((
                    hold.id,
                    OpenHold {
                        from: held.account.number,
                        to: to.number,
                        amount: hold.amount,
                        placed: place.position,
                        expires_at: hold.expires_at,
                        requires_verification: hold.requires_verification,
                    },
                ));
            }
        }
        open.sort_unstable_by_key(|(id, hold)| id.at(hold.placed));
        Ok(open)
    }
}
