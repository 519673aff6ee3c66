//! Scheduled and standing orders: a transfer at a moment to come, or again and again by a calendar rule.
//!
//! A [`Schedule`] says what shall happen and is never changed. Its [`Progress`] says which attempt comes next, and
//! changes with every record about the schedule; each of those records has the progress after it, so that no replay
//! asks the calendar again: the rules of a time zone may be others by then.
//!
//! - An *occurrence* is a moment that the rule gives, and is known by that moment.
//! - An *attempt* is a transfer for an occurrence, under an id of its own: [`attempt_id`]. A refused one may be followed
//!   by another of the same occurrence. In a bank with a verifier it is a hold that waits for it.
//!
//! What this module must never do: read a clock, or tell from anything but its arguments what comes next.

mod calendar;
#[cfg(test)]
mod calendar_tests;
mod progress;
#[cfg(test)]
mod progress_tests;
mod rule;
mod stored;

use serde::{Deserialize, Serialize};

use super::{AccountNumber, Amount, BusinessDate, CommandId, Details, DetailsError, Position, Refusal, Timestamp};

pub use progress::{Pending, Progress, ScheduleChange, ScheduleStatus, Step};
pub use rule::{Rule, RuleError, TimeOfDay, Weekday, Weekdays};

/// The most retries of an occurrence: each attempt leaves two records in the journal for ever.
pub const MAX_RETRIES: u8 = 10;
/// The shortest time between two attempts, in seconds: 10 minutes. Money that is not there now comes within the hour or the
/// day.
pub const MIN_RETRY_INTERVAL_S: u32 = 600;
/// The longest time between two attempts, in seconds: 31 days.
pub const MAX_RETRY_INTERVAL_S: u32 = 31 * 86_400;
/// A schedule with [`CatchUp::Skip`] runs an occurrence that is looked at so late, and skips it when it is later.
pub const SKIPPED_WHEN_LATER_BY_S: u32 = 3_600;

/// An order to move money at moments to come. It says what its command said, and does not change.
///
/// ```
/// # use jangbu_ledger as jangbu;
/// use jangbu::{AccountNumber, Amount, End, Retry, Rule, Schedule, TimeOfDay};
/// let (mina, joon) = (AccountNumber::new("MINA")?, AccountNumber::new("JOON")?);
/// let rent = Schedule::new(mina, joon, Amount::new(500_000)?, Rule::monthly(31, TimeOfDay::new(9, 0)?))
///     .with_end(End::AfterRuns(12))
///     .with_retry(Retry { attempts: 3, interval_s: 3_600 });
/// assert!(rent.check().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The sender.
    pub from: AccountNumber,
    /// The receiver.
    pub to: AccountNumber,
    /// How much each run moves.
    pub amount: ScheduledAmount,
    /// The largest fee that the sender agrees to for each run. A run for which a larger one is due is refused with
    /// [`Refusal::FeeTooHigh`]; the schedule goes on. `None` for whatever is due.
    pub most_fee: Option<Amount>,
    /// Labels, reference, metadata of each transfer.
    pub details: Option<Box<Details>>,
    /// When it runs.
    pub rule: Rule,
    /// The first date on which it may run, from which days, weeks and months are counted. The day on which the schedule is
    /// made when not given.
    pub start: Option<BusinessDate>,
    /// When it ends.
    pub end: End,
    /// What happens to occurrences that nobody was there for.
    pub catch_up: CatchUp,
    /// What happens when the money is not there.
    pub retry: Retry,
}

/// How much a run moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduledAmount {
    /// This much or nothing.
    Exactly(Amount),
    /// This much, or what is available after the fee where that is less, down to one minor unit.
    UpTo(Amount),
}

/// When a schedule ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Not at all.
    #[default]
    Never,
    /// After so many occurrences that were attempted, whether money moved or not. Skipped ones do not count.
    AfterRuns(u32),
    /// After this date, on which it may still run.
    Until(BusinessDate),
}

/// What happens to occurrences that came while the bank was not open.
///
/// Occurrences that come while a schedule is paused are not run, whatever is set here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// Each is run, one after the other, oldest first.
    All,
    /// The latest is run, however late; those before it are skipped.
    #[default]
    Latest,
    /// None is run that comes up more than an hour late ([`SKIPPED_WHEN_LATER_BY_S`]).
    Skip,
}

/// What happens when an attempt is refused for lack of money, or because the day's limit is used up: further attempts
/// of the same occurrence. Any other refusal is final for the occurrence.
///
/// A retry that would come when the next occurrence has come is not made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// How many further attempts at most, up to [`MAX_RETRIES`].
    pub attempts: u8,
    /// How long after a refused attempt the next one comes, in seconds: [`MIN_RETRY_INTERVAL_S`] to
    /// [`MAX_RETRY_INTERVAL_S`]. Any number where there are no further attempts.
    pub interval_s: u32,
}

/// A schedule that no bank needs to look at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// Texts that do not fit.
    #[error(transparent)]
    Details(#[from] DetailsError),
    /// A rule that fits no calendar.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// An end after no run at all.
    #[error("a schedule that ends after a number of runs has at least one")]
    NoRuns,
    /// Too many retries, or at no sensible interval.
    #[error(
        "a schedule has at most {MAX_RETRIES} retries, {MIN_RETRY_INTERVAL_S} to {MAX_RETRY_INTERVAL_S} seconds apart"
    )]
    Retry,
    /// A start or an end beyond what a bank can hold.
    #[error("a schedule starts and ends between 1677-09-22 and 2262-04-10; leave the end out for one that goes on")]
    OutOfRange,
    /// A start or an end for a schedule that runs once at a moment.
    #[error("a schedule that runs once has no start and no end")]
    OnceHasNoEnd,
}

/// One transfer of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1 for the first of the occurrence.
    pub number: u32,
    /// The id of the transfer.
    pub id: CommandId,
}

/// What became of an occurrence, or of an attempt for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Money moved.
    Posted {
        /// The attempt.
        attempt: Attempt,
        /// The place in the journal of the transfer.
        position: Position,
    },
    /// No money moved.
    Refused {
        /// The attempt.
        attempt: Attempt,
        /// Why.
        refusal: Refusal,
    },
    /// This occurrence and perhaps some after it came while nobody was there, and are not run.
    Skipped {
        /// How many.
        missed: u32,
    },
    /// Money is held: it moves when the bank's verifier approves of it.
    Accepted {
        /// The attempt, whose id is the hold's.
        attempt: Attempt,
        /// The place in the journal of the hold.
        position: Position,
    },
}

impl Schedule {
    /// A schedule that never ends by itself, tries once, and runs the latest occurrence of those it missed.
    pub fn new(from: AccountNumber, to: AccountNumber, amount: Amount, rule: Rule) -> Schedule {
        Schedule {
            from,
            to,
            amount: ScheduledAmount::Exactly(amount),
            most_fee: None,
            details: None,
            rule,
            start: None,
            end: End::Never,
            catch_up: CatchUp::default(),
            retry: Retry::default(),
        }
    }

    /// Makes each run move up to the amount, and less when there is less.
    #[must_use]
    pub fn up_to(mut self) -> Schedule {
        self.amount = ScheduledAmount::UpTo(self.amount.most());
        self
    }

    /// Sets the largest fee that the sender agrees to for each run.
    #[must_use]
    pub fn with_most_fee(mut self, most_fee: Amount) -> Schedule {
        self.most_fee = Some(most_fee);
        self
    }

    /// Sets the first date on which it may run.
    #[must_use]
    pub fn with_start(mut self, start: BusinessDate) -> Schedule {
        self.start = Some(start);
        self
    }

    /// Sets when it ends.
    #[must_use]
    pub fn with_end(mut self, end: End) -> Schedule {
        self.end = end;
        self
    }

    /// Sets what happens to occurrences that came while the bank was not open.
    #[must_use]
    pub fn with_catch_up(mut self, catch_up: CatchUp) -> Schedule {
        self.catch_up = catch_up;
        self
    }

    /// Sets what happens when the money is not there.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Schedule {
        self.retry = retry;
        self
    }

    /// Sets labels, reference and metadata of each transfer.
    #[must_use]
    pub fn with_details(mut self, details: Details) -> Schedule {
        self.details = Some(Box::new(details));
        self
    }

    /// Checks what can be checked without knowing the bank.
    ///
    /// # Errors
    /// Every variant of [`ScheduleError`].
    pub fn check(&self) -> Result<(), ScheduleError> {
        if let Some(details) = &self.details {
            details.check()?;
        }
        self.rule.check()?;
        let once = matches!(self.rule, Rule::Once(_));
        if once && (self.start.is_some() || self.end != End::Never) {
            return Err(ScheduleError::OnceHasNoEnd);
        }
        if self.end == End::AfterRuns(0) {
            return Err(ScheduleError::NoRuns);
        }
        let until = if let End::Until(date) = self.end { Some(date) } else { None };
        if [self.start, until].into_iter().flatten().any(|date| !date.is_held()) {
            return Err(ScheduleError::OutOfRange);
        }
        let Retry { attempts, interval_s } = self.retry;
        let sensible = MIN_RETRY_INTERVAL_S..=MAX_RETRY_INTERVAL_S;
        if attempts > MAX_RETRIES || (attempts > 0 && !sensible.contains(&interval_s)) {
            return Err(ScheduleError::Retry);
        }
        Ok(())
    }
}

impl ScheduledAmount {
    /// The most that a run moves.
    pub const fn most(self) -> Amount {
        match self {
            ScheduledAmount::Exactly(amount) | ScheduledAmount::UpTo(amount) => amount,
        }
    }
}

/// The id of an attempt's transfer: the same for the same attempt, however often it is begun, so that it takes effect at
/// most once.
///
/// The bank's own random id, which no answer tells, is part of it: who knows of a schedule cannot foresee the ids of its
/// attempts and use them up.
pub fn attempt_id(bank: u128, schedule: CommandId, occurrence: Timestamp, attempt: u32) -> CommandId {
    let mut bytes = b"jangbu schedule attempt".to_vec();
    bytes.extend_from_slice(&bank.to_be_bytes());
    bytes.extend_from_slice(&schedule.as_u128().to_be_bytes());
    bytes.extend_from_slice(&occurrence.as_ns().to_be_bytes());
    bytes.extend_from_slice(&attempt.to_be_bytes());
    CommandId::derived(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_attempt_is_part_of_its_id() {
        let schedule = |name: &[u8]| CommandId::derived(name);
        let id = |bank, name, ns, attempt| attempt_id(bank, schedule(name), Timestamp::from_ns(ns), attempt);
        let first = id(1, b"a", 5, 1);
        assert_eq!(first, id(1, b"a", 5, 1));
        for other in [id(2, b"a", 5, 1), id(1, b"b", 5, 1), id(1, b"a", 6, 1), id(1, b"a", 5, 2)] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn a_schedule_that_makes_no_sense_is_told_so() {
        let account = |number| AccountNumber::new(number).unwrap();
        let nine = TimeOfDay::new(9, 0).unwrap();
        let daily = |every| Rule::Daily { every, at: nine };
        let good = Schedule::new(account("A"), account("B"), Amount::new(1).unwrap(), daily(1));
        assert_eq!(good.check(), Ok(()));
        let with = |rule| Schedule { rule, ..good.clone() };
        let retry = |attempts, interval_s| good.clone().with_retry(Retry { attempts, interval_s });
        let once = with(Rule::Once(Timestamp::from_ns(1)));
        assert_eq!(once.check(), Ok(()));
        for (wrong, error) in [
            (with(daily(0)), ScheduleError::Rule(RuleError::Every)),
            (with(daily(1_001)), ScheduleError::Rule(RuleError::Every)),
            (with(Rule::Weekly { every: 1, days: Weekdays::default(), at: nine }), RuleError::NoWeekday.into()),
            (with(Rule::monthly(0, nine)), RuleError::DayOfMonth.into()),
            (with(Rule::monthly(32, nine)), RuleError::DayOfMonth.into()),
            (good.clone().with_end(End::AfterRuns(0)), ScheduleError::NoRuns),
            (once.clone().with_end(End::AfterRuns(1)), ScheduleError::OnceHasNoEnd),
            (once.with_start(BusinessDate::from_days(1)), ScheduleError::OnceHasNoEnd),
            (good.clone().with_start("2300-01-01".parse().unwrap()), ScheduleError::OutOfRange),
            (good.clone().with_start("1600-01-01".parse().unwrap()), ScheduleError::OutOfRange),
            (good.clone().with_end(End::Until("2262-04-11".parse().unwrap())), ScheduleError::OutOfRange),
            (good.clone().with_end(End::Until("9999-12-31".parse().unwrap())), ScheduleError::OutOfRange),
            (retry(MAX_RETRIES + 1, 3_600), ScheduleError::Retry),
            (retry(1, 0), ScheduleError::Retry),
            (retry(1, MIN_RETRY_INTERVAL_S - 1), ScheduleError::Retry),
            (retry(1, MAX_RETRY_INTERVAL_S + 1), ScheduleError::Retry),
            (
                good.clone().with_details(Details { reference: "x".repeat(141), ..Details::default() }),
                ScheduleError::Details(DetailsError::ReferenceTooLong),
            ),
        ] {
            assert_eq!(wrong.check(), Err(error), "{wrong:?}");
        }
    }
}
