//! Limits how many new accounts of others a member can name, so that nobody can find existing account numbers by trying
//! them.
//!
//! A refused transfer, a quote, a schedule and a lookup all reveal whether an account exists, so they share one budget.
//! Each account is charged once per member: an account that was paid can be paid again without charge.

use std::collections::{BTreeSet, HashSet};

use jangbu::AccountNumber;
use parking_lot::RwLock;

use super::http::Problem;
use super::members::MemberId;
use super::principal::Principal;
use super::rates::{Class, Payer};
use super::service::Service;

/// The largest number of remembered pairs of a member and an account, about 30 MiB. When it is reached, all pairs are
/// forgotten, and each account is charged once more.
const MAX_PAIRS: usize = 500_000;

/// The accounts of others that each member is known to know.
#[derive(Debug, Default)]
pub(crate) struct Acquaintances(RwLock<HashSet<(MemberId, AccountNumber)>>);

impl Acquaintances {
    fn knows(&self, member: MemberId, number: AccountNumber) -> bool {
        self.0.read().contains(&(member, number))
    }

    fn keep(&self, member: MemberId, numbers: impl IntoIterator<Item = AccountNumber>) {
        let mut pairs = self.0.write();
        for number in numbers {
            if pairs.len() >= MAX_PAIRS {
                pairs.clear();
            }
            pairs.insert((member, number));
        }
    }
}

impl Service {
    /// Charges the caller for the given accounts that are neither their own nor known to them, before the answer
    /// reveals whether they exist. An account that does not exist is charged every time.
    ///
    /// # Errors
    /// 429 with the seconds to wait. Nothing has been revealed.
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
