//! Limits above which moving money requires a fresh proof, and the sums moved within a day without one.
//!
//! The bank sets limits for everybody (`transfers.proof_above`, `transfers.second_factor_above`). They apply to
//! members' payments and to what staff post at the counter; a member can set a limit for their own payments. A limit on
//! single payments could be evaded in parts by the thief of a session. Therefore it applies to a payment together with
//! everything that the same person moved without a proof within the last day, by any session, token or route.
//!
//! The sums are kept per hour, in memory. The journal holds how much is *reserved*, in steps of a sixteenth of the
//! limit, and a step is written before the first payment that uses it. After a restart, the reservation counts as
//! moved. If less was moved, a proof is required a little early.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use actix_web::http::StatusCode;
use jangbu::{AccountNumber, CommandId, Currency, Error, Timestamp, commands::Answered, records::RecordPut};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex as AsyncMutex;

use super::allowances::paid;
use super::http::Problem;
use super::members::MemberId;
use super::principal::Principal;
use super::service::Service;

/// The kind of the application records with reservations, by the member's id.
pub(super) const KIND: &str = "unproven";
/// The number of steps in which a limit is reserved: about the largest number of records per person, currency and day.
const STEPS: u64 = 16;
/// The number of whole hours before the current one that count.
const HOURS: i64 = 24;
const HOUR_NS: i64 = 3_600_000_000_000;
/// The largest number of people whose sums are kept in memory. Those of others are read again, and count as reserved.
const MAX_CACHED: usize = 10_000;

/// The limits that apply to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limits {
    /// The bank's and the member's, for a member's payment.
    Own,
    /// The bank's, for staff at the counter.
    Banks,
}

/// The strength of the evidence that the person is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// A token, or a session with an old proof.
    Unproven,
    /// A freshly typed password.
    Password,
    /// A freshly typed password and a second factor.
    Factor,
}

/// Sums moved in one currency, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Sums {
    without_proof: u64,
    without_factor: u64,
}

impl Sums {
    fn of(strength: Strength, amount: u64) -> Sums {
        let counted = |counts: bool| if counts { amount } else { 0 };
        Sums {
            without_proof: counted(strength < Strength::Password),
            without_factor: counted(strength < Strength::Factor),
        }
    }

    /// Combines both sums with a function.
    fn with(self, other: Sums, of: impl Fn(u64, u64) -> u64) -> Sums {
        Sums {
            without_proof: of(self.without_proof, other.without_proof),
            without_factor: of(self.without_factor, other.without_factor),
        }
    }

    const fn is_within(self, other: Sums) -> bool {
        self.without_proof <= other.without_proof && self.without_factor <= other.without_factor
    }
}

/// The sums of an hour, and how much of them is reserved in the journal.
#[derive(Clone, Copy, Debug, Default)]
struct Hour {
    moved: Sums,
    reserved: Sums,
}

/// An application record of kind [`KIND`].
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    reserved: Vec<StoredHour>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct StoredHour {
    currency: Currency,
    /// The hour, counted from 1970.
    hour: i64,
    #[serde(flatten)]
    sums: Sums,
}

/// A person's sums of a day.
#[derive(Debug, Default)]
struct Day {
    /// Whether the journal was read.
    is_read: bool,
    hours: BTreeMap<(Currency, i64), Hour>,
}

impl Day {
    fn read(&mut self, stored: Stored) {
        let hours = stored.reserved.into_iter();
        self.hours = hours
            .map(|StoredHour { currency, hour, sums }| ((currency, hour), Hour { moved: sums, reserved: sums }))
            .collect();
        self.is_read = true;
    }

    fn stored(&self) -> Stored {
        let reserved = self.hours.iter().filter(|(_, hour)| hour.reserved != Sums::default());
        let reserved = reserved
            .map(|((currency, hour), kept)| StoredHour { currency: *currency, hour: *hour, sums: kept.reserved })
            .collect();
        Stored { reserved }
    }

    /// Removes hours that no longer count.
    fn forget(&mut self, now: i64) {
        self.hours.retain(|(_, hour), _| *hour >= now.saturating_sub(HOURS));
    }

    /// Returns the sums. Later hours count, too, because the clock may have been set back.
    fn moved(&self, currency: Currency) -> Sums {
        let hours = self.hours.iter().filter(|((of, _), _)| *of == currency);
        hours.fold(Sums::default(), |sum, (_, hour)| sum.with(hour.moved, u64::saturating_add))
    }

    /// Counts a payment about to be made. Returns whether it needs a new reservation, which is added.
    fn count(&mut self, currency: Currency, now: i64, moved: Sums, step: u64) -> bool {
        let hour = self.hours.entry((currency, now)).or_default();
        hour.moved = hour.moved.with(moved, u64::saturating_add);
        if hour.moved.is_within(hour.reserved) {
            return false;
        }
        let next = |moved: u64, reserved: u64| match moved <= reserved {
            true => reserved,
            false => moved.max(reserved.saturating_add(step)),
        };
        hour.reserved = hour.moved.with(hour.reserved, next);
        true
    }

    fn give_back(&mut self, currency: Currency, at: i64, moved: Sums) {
        if let Some(hour) = self.hours.get_mut(&(currency, at)) {
            hour.moved = hour.moved.with(moved, u64::saturating_sub);
        }
    }
}

/// The sums of everybody who moved money in a currency with a limit since the start.
#[derive(Debug, Default)]
pub(crate) struct Unproven {
    days: Mutex<HashMap<MemberId, Arc<AsyncMutex<Day>>>>,
}

impl Unproven {
    fn day(&self, member: MemberId) -> Arc<AsyncMutex<Day>> {
        let mut days = self.days.lock();
        if days.len() >= MAX_CACHED && !days.contains_key(&member) {
            // Days that are held elsewhere are in use.
            days.retain(|_, day| Arc::strong_count(day) > 1);
        }
        days.entry(member).or_default().clone()
    }
}

/// The amounts counted as moved, until the outcome is known.
#[derive(Debug, Default)]
pub(crate) struct Passed(Option<Counted>);

#[derive(Debug)]
struct Counted {
    day: Arc<AsyncMutex<Day>>,
    hour: i64,
    strength: Strength,
    amounts: BTreeMap<Currency, u64>,
}

impl Passed {
    /// Returns whether anything was counted.
    pub(crate) const fn is_counted(&self) -> bool {
        self.0.is_some()
    }

    /// Takes back an amount that was not moved.
    pub(crate) async fn give_back(&self, currency: Currency, amount: u64) {
        if let Some(Counted { day, hour, strength, amounts }) = &self.0
            && amounts.contains_key(&currency)
        {
            day.lock().await.give_back(currency, *hour, Sums::of(*strength, amount));
        }
    }

    /// Takes back everything, because nothing was moved.
    pub(crate) async fn give_back_all(&self) {
        for (currency, amount) in self.0.iter().flat_map(|counted| &counted.amounts) {
            self.give_back(*currency, *amount).await;
        }
    }

    /// Takes back everything if the ledger refused it.
    pub(crate) async fn unless_refused<T>(&self, answer: &Result<T, Error>) {
        if matches!(answer, Err(Error::Refused(_))) {
            self.give_back_all().await;
        }
    }

    /// Takes back what was refused, what was less than requested, and repetitions of a request that is counted.
    pub(crate) async fn settle(&self, asked: &[Option<(Currency, u64)>], answers: &[Answered]) {
        if !self.is_counted() {
            return;
        }
        for (asked, answered) in asked.iter().zip(answers) {
            let Some((currency, amount)) = asked else { continue };
            self.give_back(*currency, amount.saturating_sub(paid(*amount, answered))).await;
        }
    }
}

fn hour_of(now: Timestamp) -> i64 {
    now.as_ns().div_euclid(HOUR_NS)
}

impl Service {
    /// Returns the limits above which a fresh proof, and one with a second factor, is required.
    fn limits(&self, caller: &Principal, limits: Limits, currency: Currency) -> (Option<u64>, Option<u64>) {
        let proof = &self.config.proof;
        let own = caller.member.proof_above.get(&currency).filter(|_| limits == Limits::Own);
        let above = [proof.above.get(&currency), own].into_iter().flatten().min().copied();
        (above, proof.second_factor_above.get(&currency).copied())
    }

    /// Fails unless the caller may move these sums, on top of those moved without a proof within a day, or has given a
    /// fresh proof. Counts the sums. With `once`, the id of a request that was carried out already, nothing is counted,
    /// because it gets its first answer.
    ///
    /// # Errors
    /// 403 `session_required`, `proof_required`; `second_factor_required` for a member who needs a second factor and
    /// has none; those of the bank.
    pub(crate) async fn pass_sums(
        &self,
        caller: &Principal,
        limits: Limits,
        once: Option<CommandId>,
        amounts: impl IntoIterator<Item = (Currency, u64)>,
    ) -> Result<Passed, Problem> {
        let strength = strength_of(caller);
        if strength == Strength::Factor {
            return Ok(Passed::default());
        }
        let mut sums: BTreeMap<Currency, u64> = BTreeMap::new();
        for (currency, amount) in amounts {
            let (above, factor_above) = self.limits(caller, limits, currency);
            // Sums with a password count only if a second factor may be required.
            if factor_above.is_some() || (above.is_some() && strength == Strength::Unproven) {
                let sum = sums.entry(currency).or_default();
                *sum = sum.saturating_add(amount);
            }
        }
        if sums.is_empty() {
            return Ok(Passed::default());
        }
        if let Some(id) = once
            && self.bank.position_of(id).await?.is_some()
        {
            return Ok(Passed::default());
        }
        let shared = self.unproven.day(caller.id());
        let mut day = shared.lock().await;
        if !day.is_read {
            let found = self.bank.record(KIND, &caller.id().to_string()).await?;
            day.read(found.and_then(|found| serde_json::from_slice(&found.value).ok()).unwrap_or_default());
        }
        let hour = hour_of(self.time.now());
        day.forget(hour);
        for (currency, sum) in &sums {
            let whole = day.moved(*currency).with(Sums::of(strength, *sum), u64::saturating_add);
            self.check_sum(caller, limits, *currency, whole)?;
        }
        let mut is_more = false;
        for (currency, sum) in &sums {
            let (above, factor) = self.limits(caller, limits, *currency);
            let least = above.into_iter().chain(factor).min().unwrap_or_default();
            is_more |= day.count(*currency, hour, Sums::of(strength, *sum), least / STEPS);
        }
        if is_more && let Err(problem) = self.reserve_unproven(caller.id(), day.stored()).await {
            // The memory is ahead of the journal, so the day is read again.
            *day = Day::default();
            return Err(problem);
        }
        drop(day);
        Ok(Passed(Some(Counted { day: shared, hour, strength, amounts: sums })))
    }

    /// Like [`Service::pass_sums`], for postings by staff at the counter. An unknown account moves nothing.
    ///
    /// # Errors
    /// See [`Service::pass_sums`].
    pub(crate) async fn pass_at_counter(
        &self,
        caller: &Principal,
        once: CommandId,
        amounts: impl IntoIterator<Item = (AccountNumber, u64)>,
    ) -> Result<Passed, Problem> {
        let mut sums = Vec::new();
        for (number, amount) in amounts {
            sums.extend(self.facts(number).await?.map(|facts| (facts.currency, amount)));
        }
        self.pass_sums(caller, Limits::Banks, Some(once), sums).await
    }

    /// Fails unless the caller may move this sum by standing orders in total, or has given a fresh proof.
    ///
    /// # Errors
    /// See [`Service::pass_sums`].
    pub(crate) fn check_orders(&self, caller: &Principal, currency: Currency, sum: u64) -> Result<(), Problem> {
        self.check_sum(caller, Limits::Own, currency, Sums::of(strength_of(caller), sum))
    }

    fn check_sum(&self, caller: &Principal, limits: Limits, currency: Currency, sums: Sums) -> Result<(), Problem> {
        let (above, factor_above) = self.limits(caller, limits, currency);
        let strength = strength_of(caller);
        let needs_factor = factor_above.is_some_and(|limit| sums.without_factor > limit);
        if needs_factor && strength < Strength::Factor && !caller.member.has_totp {
            let detail = "this amount requires a second factor; set one up in the settings";
            return Err(Problem::new(StatusCode::FORBIDDEN, "second_factor_required", detail));
        }
        let needs_proof = above.is_some_and(|limit| sums.without_proof > limit);
        if needs_factor || (needs_proof && strength < Strength::Password) { caller.presence.require() } else { Ok(()) }
    }

    async fn reserve_unproven(&self, member: MemberId, stored: Stored) -> Result<(), Problem> {
        let value = serde_json::to_vec(&stored).map_err(|error| Problem::invalid(error.to_string()))?;
        let put = RecordPut { kind: KIND.into(), key: member.to_string(), value: Some(value), expected: None };
        self.bank.put_records(vec![put]).await?;
        Ok(())
    }
}

fn strength_of(caller: &Principal) -> Strength {
    match (caller.presence.is_proven(), caller.member.has_totp) {
        (false, _) => Strength::Unproven,
        (true, false) => Strength::Password,
        (true, true) => Strength::Factor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KRW: fn() -> Currency = Currency::krw;

    #[test]
    fn stored_sums_keep_their_form() {
        let written = r#"{"reserved":[{"currency":"KRW","hour":498000,"without_proof":62,"without_factor":125}]}"#;
        let mut day = Day::default();
        day.read(serde_json::from_str(written).unwrap());
        assert_eq!(serde_json::to_string(&day.stored()).unwrap(), written);
        assert_eq!(day.moved(KRW()), Sums { without_proof: 62, without_factor: 125 });
    }

    #[test]
    fn hours_count_for_a_day_and_are_reserved_in_steps() {
        let mut day = Day::default();
        let unproven = |amount| Sums::of(Strength::Unproven, amount);
        assert!(day.count(KRW(), 100, unproven(10), 62), "the first payment reserves a step");
        assert!(!day.count(KRW(), 100, unproven(52), 62));
        assert!(day.count(KRW(), 100, unproven(1), 62));
        assert!(day.count(KRW(), 101, unproven(200), 62), "more than a step is reserved as a whole");
        let reserved: Vec<_> = day.stored().reserved.iter().map(|hour| (hour.hour, hour.sums.without_proof)).collect();
        assert_eq!(reserved, [(100, 124), (101, 200)]);
        day.give_back(KRW(), 101, unproven(150));
        assert_eq!(day.moved(KRW()), unproven(113));
        day.forget(124);
        assert_eq!(day.moved(KRW()), unproven(113));
        day.forget(125);
        assert_eq!(day.moved(KRW()), unproven(50));
        day.forget(126);
        assert_eq!(day.hours.len(), 0);
    }

    #[test]
    fn a_password_counts_toward_the_limit_for_a_second_factor() {
        let of = |strength| Sums::of(strength, 5);
        assert_eq!(of(Strength::Unproven), Sums { without_proof: 5, without_factor: 5 });
        assert_eq!(of(Strength::Password), Sums { without_proof: 0, without_factor: 5 });
        assert_eq!(of(Strength::Factor), Sums::default());
    }

    #[test]
    fn memory_is_bounded() {
        let unproven = Unproven::default();
        let held = unproven.day(MemberId::random());
        for _ in 0..=MAX_CACHED {
            unproven.day(MemberId::random());
        }
        assert!(unproven.days.lock().len() < MAX_CACHED);
        assert_eq!(Arc::strong_count(&held), 2, "a day in use stays");
    }
}
