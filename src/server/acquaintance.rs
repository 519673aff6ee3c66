//! Accounts of others that members name: so many new ones and no more, so that nobody finds out which numbers are somebody's by
//! trying them.
//!
//! A transfer that is refused, a quote, a schedule and a look-up all show whether an account is there. So they share one
//! budget. An account costs its member once: whom one has paid, one can pay again and again.

use std::collections::{BTreeSet, HashSet};

use jangbu::AccountNumber;
use parking_lot::RwLock;

use super::http::Problem;
use super::members::MemberId;
use super::principal::Principal;
use super::rates::{Class, Payer};
use super::service::Service;

/// The most pairs of a member and an account that are remembered, about 30 MiB. Beyond it all are forgotten, and each account
/// costs once more.
const MOST_PAIRS: usize = 500_000;

/// Which accounts of others each member knows to be there.
#[derive(Debug, Default)]
pub(crate) struct Acquaintances(RwLock<HashSet<(MemberId, AccountNumber)>>);

impl Acquaintances {
    fn knows(&self, member: MemberId, number: AccountNumber) -> bool {
        self.0.read().contains(&(member, number))
    }

    fn keep(&self, member: MemberId, numbers: impl IntoIterator<Item = AccountNumber>) {
        let mut pairs = self.0.write();
        for number in numbers {
            if pairs.len() >= MOST_PAIRS {
                pairs.clear();
            }
            pairs.insert((member, number));
        }
    }
}

impl Service {
    /// Charges the caller for the accounts among those that are neither own nor known to the caller, before the answer shows
    /// whether they exist. An account that does not exist costs each time.
    ///
    /// # Errors
    /// 429 with the seconds to wait; nothing is known by then.
    pub(crate) async fn meet(
        &self,
        caller: &Principal,
        class: Class,
        numbers: impl IntoIterator<Item = AccountNumber>,
    ) -> Result<(), Problem> {
        let member = caller.id();
        let strangers: BTreeSet<AccountNumber> =
            numbers.into_iter().filter(|number| !self.acquaintances.knows(member, *number)).collect();
        if strangers.is_empty() {
            return Ok(());
        }
        let facts = self.facts_of(strangers.iter().copied()).await?;
        let owner = caller.member.owner();
        let is_own = |number: &AccountNumber| facts.get(number).is_some_and(|facts| facts.owner == owner);
        let count = strangers.iter().filter(|number| !is_own(number)).count();
        if count > 0 {
            self.rates.charge(class, Payer::from(caller), count)?;
        }
        self.acquaintances.keep(member, facts.into_keys());
        Ok(())
    }
}
