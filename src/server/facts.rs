//! What never changes about an account: whose it is, and in what money. Kept, so that not every request asks the bank.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use jangbu::{AccountNumber, Currency, Error, OwnerId, Refusal};
use parking_lot::RwLock;

use super::http::Problem;
use super::principal::Principal;
use super::service::Service;

/// As many accounts are remembered; then it begins anew. About 25 MiB.
const MOST_ACCOUNTS: usize = 200_000;
/// As many are looked up at a time.
const AT_ONCE: usize = 64;

/// What never changes about an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The owner.
    pub(crate) owner: OwnerId,
    /// The currency.
    pub(crate) currency: Currency,
    /// The number of decimals of the currency.
    pub(crate) scale: u8,
}

/// The facts of the accounts that were asked about last.
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
        if known.len() >= MOST_ACCOUNTS {
            known.clear();
        }
        known.insert(number, facts);
    }
}

impl Service {
    /// Returns the facts of an account; `None` if no account has that number.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn facts(&self, number: AccountNumber) -> Result<Option<Facts>, Error> {
        if let Some(facts) = self.accounts.get(number) {
            return Ok(Some(facts));
        }
        let found = match self.bank.snapshot(number).await {
            Ok(found) => found,
            // It may be opened yet, so that is not remembered.
            Err(Error::Refused(Refusal::AccountUnknown { .. })) => return Ok(None),
            Err(error) => return Err(error),
        };
        let facts = Facts { owner: found.owner, currency: found.currency, scale: found.scale };
        self.accounts.keep(number, facts);
        Ok(Some(facts))
    }

    /// Resolves an account number as a person typed it: to the account with that number, or else to the only one whose number
    /// is the same regardless of case and separators. Returns the number itself if there is none, or several.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn resolve_account(&self, typed: AccountNumber) -> Result<AccountNumber, Error> {
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
    ) -> Result<HashMap<AccountNumber, Facts>, Error> {
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
        let asked =
            missing.into_iter().map(|number| async move { Ok::<_, Error>((number, self.facts(number).await?)) });
        let asked: Vec<(AccountNumber, Option<Facts>)> =
            stream::iter(asked).buffer_unordered(AT_ONCE).try_collect().await?;
        found.extend(asked.into_iter().filter_map(|(number, facts)| Some((number, facts?))));
        Ok(found)
    }

    /// The facts of an account from which the caller may move money, which is one of the caller's own.
    ///
    /// # Errors
    /// 403 when the caller may not move money, 404 when the account is unknown or somebody else's.
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
    fn what_is_known_is_bounded() {
        let known = KnownAccounts::default();
        let facts = Facts { owner: OwnerId::new("mina").unwrap(), currency: Currency::krw(), scale: 0 };
        for count in 0..=MOST_ACCOUNTS as u64 {
            known.keep(AccountNumber::generated(count), facts);
        }
        assert_eq!(known.facts.read().len(), 1);
        assert_eq!(known.get(AccountNumber::generated(MOST_ACCOUNTS as u64)), Some(facts));
    }
}
