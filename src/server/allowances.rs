//! What tokens with a total per day have paid today.
//!
//! What a token pays is counted in memory. The journal has how much of the total is *reserved*, in steps of a sixteenth, and
//! a step is written before the first payment out of it. So a payment writes nothing more in most cases, and no restart
//! lets a token pay more than its total: what was reserved and not paid before a crash is lost for that day.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use actix_web::http::StatusCode;
use jangbu::{
    AccountNumber, Amount, Command, CommandId, Currency, Outcome, OwnerId, commands::Answered, records::RecordPut,
};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex as AsyncMutex;

use super::http::Problem;
use super::members::TokenId;
use super::principal::{Principal, Via};
use super::scopes::{Bounds, DailyTotal};
use super::service::Service;

/// The kind of the application records that keep what is reserved, by the token's id.
pub(super) const KIND: &str = "token_allowance";
/// The parts of a total in which it is reserved: at most as many records are written per token, currency and day.
const STEPS: u64 = 16;

/// An application record of kind [`KIND`].
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    /// The date in the bank's time zone.
    date: String,
    /// What may have been paid on that date.
    reserved: Vec<DailyTotal>,
}

/// A token's day so far.
#[derive(Debug, Default)]
struct Day {
    /// The date in the bank's time zone; empty before the journal was asked.
    date: String,
    totals: HashMap<Currency, Total>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Total {
    paid: u64,
    reserved: u64,
}

impl Day {
    fn of(stored: Stored) -> Day {
        // All of it counts as paid: how much of it was, nobody knows after a restart.
        let total = |total: &DailyTotal| {
            let minor = total.amount.minor_units();
            (total.currency, Total { paid: minor, reserved: minor })
        };
        Day { date: stored.date, totals: stored.reserved.iter().map(total).collect() }
    }

    fn stored(&self) -> Stored {
        let reserved = self.totals.iter().filter_map(|(currency, total)| {
            Some(DailyTotal { currency: *currency, amount: Amount::new(total.reserved).ok()? })
        });
        let mut reserved: Vec<_> = reserved.collect();
        reserved.sort_unstable_by_key(|total| total.currency);
        Stored { date: self.date.clone(), reserved }
    }
}

/// The days of tokens with a total that were used since the start.
#[derive(Debug, Default)]
pub(crate) struct Allowances {
    days: Mutex<HashMap<TokenId, Arc<AsyncMutex<Day>>>>,
}

impl Allowances {
    fn day(&self, token: TokenId) -> Arc<AsyncMutex<Day>> {
        self.days.lock().entry(token).or_default().clone()
    }
}

/// What was counted as paid by a token, until it is known what was.
#[derive(Debug)]
pub(crate) struct Counted {
    day: Arc<AsyncMutex<Day>>,
    date: String,
    currency: Currency,
}

impl Counted {
    /// Counts no longer what was not paid: what was refused, what was less than asked for, and what another request with the
    /// same key has counted, which was first.
    pub(crate) async fn settle(&self, asked: u64, answered: &Answered) {
        let left = asked.saturating_sub(paid(asked, answered));
        if left > 0 {
            self.give_back(left).await;
        }
    }

    /// Counts so much no longer.
    pub(crate) async fn give_back(&self, amount: u64) {
        let mut day = self.day.lock().await;
        if day.date == self.date
            && let Some(total) = day.totals.get_mut(&self.currency)
        {
            total.paid = total.paid.saturating_sub(amount);
        }
    }
}

/// How much of what was asked for was paid, or is held, for the first time.
pub(crate) fn paid(asked: u64, answered: &Answered) -> u64 {
    match answered {
        Answered { replayed: true, .. } | Answered { answer: Err(_), .. } => 0,
        Answered { answer: Ok(Outcome::Posted(receipt)), .. } => receipt.amount.minor_units(),
        Answered { answer: Ok(_), .. } => asked,
    }
}

/// What was counted as paid by the transfers of a batch.
#[derive(Debug, Default)]
pub(crate) struct CountedBatch {
    /// Of each transfer, in their order; `None` for one that pays nothing more.
    payments: Vec<Option<(Currency, u64)>>,
    counted: HashMap<Currency, (Counted, u64)>,
}

impl CountedBatch {
    /// Counts no longer what was not paid.
    pub(crate) async fn settle(&self, answers: &[Answered]) {
        for (payment, answered) in self.payments.iter().zip(answers) {
            if let Some((currency, asked)) = payment
                && let Some((counted, _)) = self.counted.get(currency)
            {
                counted.settle(*asked, answered).await;
            }
        }
    }
}

/// Whether a total per day binds the caller.
pub(crate) fn has_total(caller: &Principal) -> bool {
    caller.bounds().is_some_and(|bounds| !bounds.per_day.is_empty())
}

impl Service {
    /// Counts what a caller is about to pay. `None` where no total binds the caller, and where `once`, the id of a request
    /// with a key, is known already: a repetition moves nothing, and gets its first answer whatever is left of a total.
    ///
    /// # Errors
    /// 422 `token_total` when the total of the day does not allow it, with `most` and what is `left`; as the bank's.
    pub(crate) async fn count_payment(
        &self,
        caller: &Principal,
        once: Option<CommandId>,
        currency: Currency,
        amount: u64,
    ) -> Result<Option<Counted>, Problem> {
        if !has_total(caller) {
            return Ok(None);
        }
        if let Some(id) = once
            && self.bank.position_of(id).await?.is_some()
        {
            return Ok(None);
        }
        self.count(caller, currency, amount).await
    }

    async fn count(&self, caller: &Principal, currency: Currency, amount: u64) -> Result<Option<Counted>, Problem> {
        let Via::Token(token, grant) = &caller.via else { return Ok(None) };
        let most = grant.bounds.per_day.iter().find(|total| total.currency == currency);
        let most = most.map_or(0, |total| total.amount.minor_units());
        let shared = self.allowances.day(*token);
        let mut day = shared.lock().await;
        if day.date.is_empty() {
            let found = self.bank.record(KIND, &token.to_string()).await?;
            *day = Day::of(found.and_then(|found| serde_json::from_slice(&found.value).ok()).unwrap_or_default());
        }
        let today = self.time.now().to_jiff().to_zoned(self.time_zone().clone()).date().to_string();
        // A day that is over does not begin again, whatever the clock reads.
        if day.date < today {
            *day = Day { date: today, totals: HashMap::new() };
        }
        let before = day.totals.get(&currency).copied().unwrap_or_default();
        let paid = before.paid.saturating_add(amount);
        if paid > most {
            let detail = "this exceeds the token's daily total";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "token_total", detail)
                .with_figure("most", most)
                .with_figure("left", most.saturating_sub(before.paid))
                .with_figure("currency", currency.to_string()));
        }
        let mut reserved = before.reserved;
        if paid > reserved {
            reserved = paid.max(reserved.saturating_add(most / STEPS)).min(most);
        }
        day.totals.insert(currency, Total { paid, reserved });
        if reserved > before.reserved {
            let written = self.reserve(*token, &day).await;
            if written.is_err() {
                day.totals.insert(currency, before);
            }
            written?;
        }
        let date = day.date.clone();
        drop(day);
        Ok(Some(Counted { day: shared, date, currency }))
    }

    /// Counts what the transfers of a batch are about to pay, all or none; those that were made before pay nothing.
    ///
    /// # Errors
    /// As [`Service::count_payment`].
    pub(crate) async fn count_batch(
        &self,
        caller: &Principal,
        is_known: bool,
        commands: &[Command],
        currencies: &HashMap<AccountNumber, Currency>,
    ) -> Result<CountedBatch, Problem> {
        let mut batch = CountedBatch::default();
        if !has_total(caller) {
            return Ok(batch);
        }
        let mut sums: BTreeMap<Currency, u64> = BTreeMap::new();
        for command in commands {
            let (id, from, amount) = match command {
                Command::Transfer(transfer) => (transfer.id, transfer.from, transfer.amount),
                Command::PlaceHold(hold) => (hold.id, hold.from, hold.amount),
                _ => continue,
            };
            let is_new = !is_known || self.bank.position_of(id).await?.is_none();
            let payment = currencies.get(&from).map(|currency| (*currency, amount.minor_units()));
            let payment = payment.filter(|_| is_new);
            if let Some((currency, amount)) = payment {
                let sum = sums.entry(currency).or_default();
                *sum = sum.saturating_add(amount);
            }
            batch.payments.push(payment);
        }
        for (currency, sum) in sums {
            match self.count(caller, currency, sum).await {
                Ok(counted) => batch.counted.extend(counted.map(|counted| (currency, (counted, sum)))),
                Err(problem) => {
                    for (counted, sum) in batch.counted.into_values() {
                        counted.give_back(sum).await;
                    }
                    return Err(problem);
                }
            }
        }
        Ok(batch)
    }

    async fn reserve(&self, token: TokenId, day: &Day) -> Result<(), Problem> {
        let value = serde_json::to_vec(&day.stored()).map_err(|error| Problem::invalid(error.to_string()))?;
        let put = RecordPut { kind: KIND.into(), key: token.to_string(), value: Some(value), expected: None };
        self.bank.put_records(vec![put]).await?;
        Ok(())
    }

    /// The bounds of a new token, with the accounts that are meant by what was typed.
    ///
    /// # Errors
    /// 404 with the field for an account that is not the owner's.
    pub(crate) async fn meant_bounds(&self, owner: &OwnerId, mut bounds: Bounds) -> Result<Bounds, Problem> {
        for (at, number) in bounds.accounts.iter_mut().enumerate() {
            *number = self.resolve_account(*number).await?;
            if self.facts(*number).await?.is_none_or(|facts| facts.owner != *owner) {
                return Err(Problem::not_found().at_field(format!("bounds.accounts[{at}]")));
            }
        }
        for number in &mut bounds.payees {
            *number = self.resolve_account(*number).await?;
        }
        Ok(bounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_for_ever() {
        let written = r#"{"date":"2026-11-30","reserved":[{"currency":"KRW","amount":62500}]}"#;
        let day = Day::of(serde_json::from_str(written).unwrap());
        assert_eq!(serde_json::to_string(&day.stored()).unwrap(), written);
        assert_eq!(day.totals[&Currency::krw()].paid, 62_500);
    }
}
