//! A cache of what never changes about an account: its owner and currency.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use jangbu::{AccountNumber, Currency, Error, OwnerId, Refusal};
use parking_lot::RwLock;

use super::http::Problem;
use super::principal::Principal;
use super::service::Service;

/// The largest number of cached accounts, about 25 MiB. A full cache is cleared.
const MAX_ACCOUNTS: usize = 200_000;
/// The number of concurrent lookups.
const LOOKUPS_IN_FLIGHT: usize = 64;

/// The constant properties of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The owner.
    pub(crate) owner: OwnerId,
    /// The currency.
    pub(crate) currency: Currency,
    /// The currency's number of decimals.
    pub(crate) scale: u8,
}

/// The facts of recently used accounts.
#[derive(Debug, Default)]
pub(crate) struct KnownAccounts {
    facts: RwLock<HashMap<AccountNumber, Facts>>,
}

impl KnownAccounts {
    fn get(&self, number: AccountNumber) -> Option<Facts> {
        self.facts.read().get(&number).copied()
    }

    fn keep(&self, number: AccountNumber, facts: Facts) {
        let mut known = self.facts.write();
        if known.len() >= MAX_ACCOUNTS {
            known.clear();
        }
        known.insert(number, facts);
    }
}

impl Service {
    /// Returns the facts of an account; `None` if it does not exist.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn facts(&self, number: AccountNumber) -> Result<Option<Facts>, Problem> {
        if let Some(facts) = self.accounts.get(number) {
            return Ok(Some(facts));
        }
        let found = match self.bank.snapshot(number).await {
            Ok(found) => found,
            // A missing account may be opened later, so it is not cached.
            Err(Error::Refused(Refusal::AccountUnknown { .. })) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let facts = Facts { owner: found.owner, currency: found.currency, scale: found.scale };
        self.accounts.keep(number, facts);
        Ok(Some(facts))
    }

    /// Resolves a typed number to an account: the account with this number, or the only one whose number differs just
    /// in case and separators. Returns the typed number if there is none or several.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn meant(&self, typed: AccountNumber) -> Result<AccountNumber, Problem> {
        if self.facts(typed).await?.is_some() {
            return Ok(typed);
        }
        Ok(self.bank.find_account(typed).await?.unwrap_or(typed))
    }

    /// Returns the facts of several accounts, without those that do not exist.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn facts_of(
        &self,
        numbers: impl IntoIterator<Item = AccountNumber>,
    ) -> Result<HashMap<AccountNumber, Facts>, Problem> {
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        {
            let known = self.accounts.facts.read();
            for number in numbers {
                match known.get(&number) {
                    Some(facts) => drop(found.insert(number, *facts)),
                    None => missing.push(number),
                }
            }
        }
        missing.sort_unstable();
        missing.dedup();
        let asked = missing.into_iter().map(|number| async move { Ok((number, self.facts(number).await?)) });
        let asked: Vec<(AccountNumber, Option<Facts>)> = stream::iter(asked)
            .buffer_unordered(LOOKUPS_IN_FLIGHT)
            .try_collect()
            .await
            .map_err(|error: Problem| error)?;
        found.extend(asked.into_iter().filter_map(|(number, facts)| Some((number, facts?))));
        Ok(found)
    }

    /// Returns the facts of the caller's own account, from which they may move money.
    ///
    /// # Errors
    /// 403 if the caller may not move money, 404 if the account is unknown or belongs to somebody else.
    pub(crate) async fn spendable(&self, caller: &Principal, number: AccountNumber) -> Result<Facts, Problem> {
        let owner = caller.member.owner();
        let facts = self.facts(number).await?.filter(|facts| facts.owner == owner).ok_or_else(Problem::not_found)?;
        caller.keep_to_account(number)?;
        Ok(facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded() {
        let known = KnownAccounts::default();
        let facts = Facts { owner: OwnerId::new("mina").unwrap(), currency: Currency::krw(), scale: 0 };
        for count in 0..=MAX_ACCOUNTS as u64 {
            known.keep(AccountNumber::generated(count), facts);
        }
        assert_eq!(known.facts.read().len(), 1);
        assert_eq!(known.get(AccountNumber::generated(MAX_ACCOUNTS as u64)), Some(facts));
    }
}
