//! Limits above which moving money needs a fresh proof, and what was moved within a day without one.
//!
//! The bank sets limits for everybody (`transfers.proof_above`, `transfers.second_factor_above`), which hold for what members
//! pay and for what staff posts at the counter; a member can set one for what they pay. A limit for single payments alone
//! could be passed in parts by whoever has stolen a session. So it holds for a payment together with what the same person moved
//! without a proof within the last day, by whatever session, token or route.
//!
//! The sums are kept by the hour, in memory. The journal has how much is *reserved*, in steps of a sixteenth of the limit, and
//! a step is written before the first payment out of it: after a restart, what was reserved counts as moved. Where that is more
//! than was moved, a proof is asked for a little early.

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

/// The kind of the application records that keep what is reserved, by the member's id.
pub(super) const KIND: &str = "unproven";
/// The parts of a limit in which it is reserved: about as many records are written per person, currency and day at most.
const STEPS: u64 = 16;
/// How many whole hours before this one count.
const HOURS: i64 = 24;
const HOUR_NS: i64 = 3_600_000_000_000;
/// The most people whose sums are kept in memory. Those of others are read again, and count as reserved.
const MOST_KEPT: usize = 10_000;

/// Whose limits hold for a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limits {
    /// The bank's and the member's: for what a member pays.
    Own,
    /// The bank's: for what staff does at the counter.
    Banks,
}

/// How surely it is the person who moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// By a token, or by a session whose proof is old.
    Unproven,
    /// By a password that was just typed.
    Password,
    /// By that and a second factor.
    Factor,
}

/// What was moved in one currency, in minor units.
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

    /// Each of both, by a function.
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

/// What was moved in an hour, and how much is written down for it.
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

/// A person's day so far.
#[derive(Debug, Default)]
struct Day {
    /// Whether the journal was asked.
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

    /// Forgets the hours that no longer count.
    fn forget(&mut self, now: i64) {
        self.hours.retain(|(_, hour), _| *hour >= now.saturating_sub(HOURS));
    }

    /// What was moved. Hours after this one count too: the clock may have been set back.
    fn moved(&self, currency: Currency) -> Sums {
        let hours = self.hours.iter().filter(|((of, _), _)| *of == currency);
        hours.fold(Sums::default(), |sum, (_, hour)| sum.with(hour.moved, u64::saturating_add))
    }

    /// Counts what is about to be moved. Returns whether more has to be reserved for it, which it then is.
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
        if days.len() >= MOST_KEPT && !days.contains_key(&member) {
            // Those that somebody holds are being counted on.
            days.retain(|_, day| Arc::strong_count(day) > 1);
        }
        days.entry(member).or_default().clone()
    }
}

/// What was counted as moved, until it is known what was.
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
    /// Whether anything was counted.
    pub(crate) const fn is_counted(&self) -> bool {
        self.0.is_some()
    }

    /// Counts no longer what was not moved.
    pub(crate) async fn give_back(&self, currency: Currency, amount: u64) {
        if let Some(Counted { day, hour, strength, amounts }) = &self.0
            && amounts.contains_key(&currency)
        {
            day.lock().await.give_back(currency, *hour, Sums::of(*strength, amount));
        }
    }

    /// Counts nothing of it any longer: nothing was moved.
    pub(crate) async fn give_back_all(&self) {
        for (currency, amount) in self.0.iter().flat_map(|counted| &counted.amounts) {
            self.give_back(*currency, *amount).await;
        }
    }

    /// Counts nothing of it any longer when the ledger refused it.
    pub(crate) async fn unless_refused<T>(&self, answer: &Result<T, Error>) {
        if matches!(answer, Err(Error::Refused(_))) {
            self.give_back_all().await;
        }
    }

    /// Counts no longer what was refused, what was less than asked for, and what another request with the same key has counted.
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
    /// The least sum that needs a fresh proof, and one with a second factor: what is moved may be as much as that.
    fn limits(&self, caller: &Principal, limits: Limits, currency: Currency) -> (Option<u64>, Option<u64>) {
        let proof = &self.config.proof;
        let own = caller.member.proof_above.get(&currency).filter(|_| limits == Limits::Own);
        let above = [proof.above.get(&currency), own].into_iter().flatten().min().copied();
        (above, proof.second_factor_above.get(&currency).copied())
    }

    /// Fails unless the caller may move these sums, on top of what was moved without a proof within a day, or has just proven
    /// to be there; and counts them. With `once`, the id of a request that was carried out already, nothing is counted: it
    /// gets its first answer.
    ///
    /// # Errors
    /// 403 `session_required`, `proof_required`; `second_factor_required` for a member who has none and needs one; as the
    /// bank's.
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
            // What was proven counts only where more than a password may be asked for.
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
            // What is in memory is ahead of the journal: it is read again.
            *day = Day::default();
            return Err(problem);
        }
        drop(day);
        Ok(Passed(Some(Counted { day: shared, hour, strength, amounts: sums })))
    }

    /// As [`Service::pass_sums`], for what staff posts at the counter. What is no account moves nothing.
    ///
    /// # Errors
    /// As [`Service::pass_sums`].
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

    /// Fails unless the caller may have this much moved by standing orders, all together, or has just proven to be there.
    ///
    /// # Errors
    /// As [`Service::pass_sums`].
    pub(crate) fn check_orders(&self, caller: &Principal, currency: Currency, sum: u64) -> Result<(), Problem> {
        self.check_sum(caller, Limits::Own, currency, Sums::of(strength_of(caller), sum))
    }

    fn check_sum(&self, caller: &Principal, limits: Limits, currency: Currency, sums: Sums) -> Result<(), Problem> {
        let (above, factor_above) = self.limits(caller, limits, currency);
        let strength = strength_of(caller);
        let needs_factor = factor_above.is_some_and(|limit| sums.without_factor > limit);
        if needs_factor && strength < Strength::Factor && !caller.member.has_totp {
            let detail = "this much takes a second factor; set one up in the settings";
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
    fn what_is_stored_is_read_for_ever() {
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
    fn a_password_alone_counts_where_a_second_factor_is_asked_for() {
        let of = |strength| Sums::of(strength, 5);
        assert_eq!(of(Strength::Unproven), Sums { without_proof: 5, without_factor: 5 });
        assert_eq!(of(Strength::Password), Sums { without_proof: 0, without_factor: 5 });
        assert_eq!(of(Strength::Factor), Sums::default());
    }

    #[test]
    fn memory_is_bounded() {
        let unproven = Unproven::default();
        let held = unproven.day(MemberId::random());
        for _ in 0..=MOST_KEPT {
            unproven.day(MemberId::random());
        }
        assert!(unproven.days.lock().len() < MOST_KEPT);
        assert_eq!(Arc::strong_count(&held), 2, "what is being counted on stays");
    }
}
