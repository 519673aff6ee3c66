//! Scheduled transfers and standing orders: one transfer at a future moment, or repeated transfers by a calendar rule.
//!
//! A [`Schedule`] is the order itself and never changes. Its [`Progress`] states which attempt comes next and changes
//! with every record about the schedule. Each of these records contains the progress after it, so that a replay never
//! consults the calendar: the rules of a time zone may have changed by then.
//!
//! - An *occurrence* is a moment that the rule gives, and is identified by that moment.
//! - An *attempt* is a transfer for an occurrence, under an id of its own: [`attempt_id`]. A refused attempt may be
//!   followed by another of the same occurrence. In a bank with a verifier, the attempt is a hold that awaits
//!   verification.
//!
//! This module never reads a clock. Everything it decides follows from its arguments.

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

/// The maximum number of retries of an occurrence. It is bounded because each attempt adds two records to the journal.
pub const MAX_RETRIES: u8 = 10;
/// The shortest interval between two attempts: 10 minutes, in seconds. Missing money usually arrives within hours or a
/// day.
pub const MIN_RETRY_INTERVAL_S: u32 = 600;
/// The longest interval between two attempts: 31 days, in seconds.
pub const MAX_RETRY_INTERVAL_S: u32 = 31 * 86_400;
/// With [`CatchUp::Skip`], an occurrence runs up to this many seconds late and is skipped after that.
pub const SKIPPED_WHEN_LATER_BY_S: u32 = 3_600;

/// An order to move money at future moments. It does not change after the command that created it.
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
    /// The amount that each run moves.
    pub amount: ScheduledAmount,
    /// The largest fee that the sender accepts for each run; `None` accepts any fee. A run with a higher fee is refused
    /// with [`Refusal::FeeTooHigh`], and the schedule goes on.
    pub most_fee: Option<Amount>,
    /// Labels, reference, metadata of each transfer.
    pub details: Option<Box<Details>>,
    /// When it runs.
    pub rule: Rule,
    /// The first date on which it may run, from which days, weeks and months are counted; `None` for the day on which
    /// the schedule is created.
    pub start: Option<BusinessDate>,
    /// When it ends.
    pub end: End,
    /// How occurrences are treated that came while the bank was closed.
    pub catch_up: CatchUp,
    /// How attempts are retried when there is not enough money.
    pub retry: Retry,
}

/// The amount that a run moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduledAmount {
    /// This amount or nothing.
    Exactly(Amount),
    /// This amount or, if less is available after the fee, what is available, down to one minor unit.
    UpTo(Amount),
}

/// When a schedule ends on its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Never.
    #[default]
    Never,
    /// After this many occurrences were attempted, whether or not money moved. Skipped ones do not count.
    AfterRuns(u32),
    /// After this date, which is included.
    Until(BusinessDate),
}

/// How occurrences are treated that came while the bank was closed.
///
/// This setting does not apply to occurrences that come while a schedule is paused. Those are always skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// All of them run, one after another, the oldest first.
    All,
    /// The latest one runs, however late; those before it are skipped.
    #[default]
    Latest,
    /// Occurrences that are more than an hour late are skipped ([`SKIPPED_WHEN_LATER_BY_S`]).
    Skip,
}

/// How an occurrence is retried if it is refused for lack of money or because the daily limit is used up. Any other
/// refusal is final for the occurrence.
///
/// A retry is not made if the next occurrence comes by then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// The maximum number of retries, up to [`MAX_RETRIES`].
    pub attempts: u8,
    /// The interval between a refused attempt and its retry in seconds: [`MIN_RETRY_INTERVAL_S`] to
    /// [`MAX_RETRY_INTERVAL_S`]. Ignored without retries.
    pub interval_s: u32,
}

/// Why a schedule is invalid, whatever the state of the bank.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// Texts that do not fit.
    #[error(transparent)]
    Details(#[from] DetailsError),
    /// An invalid rule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// An end after zero runs.
    #[error("a schedule that ends after a number of runs must have at least one run")]
    NoRuns,
    /// Too many retries, or an interval that is too short or too long.
    #[error(
        "a schedule has at most {MAX_RETRIES} retries, {MIN_RETRY_INTERVAL_S} to {MAX_RETRY_INTERVAL_S} seconds apart"
    )]
    Retry,
    /// A start or an end that the bank cannot represent.
    #[error("a schedule starts and ends between 1677-09-22 and 2262-04-10; leave the end out if it goes on")]
    OutOfRange,
    /// A start or an end for a schedule that runs once at a moment.
    #[error("a schedule that runs once has no start and no end")]
    OnceHasNoEnd,
}

/// One transfer of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The number of the attempt; 1 for the first of the occurrence.
    pub number: u32,
    /// The id of the transfer.
    pub id: CommandId,
}

/// The outcome of an occurrence, or of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Money moved.
    Posted {
        /// The attempt.
        attempt: Attempt,
        /// The position of the transfer in the journal.
        position: Position,
    },
    /// No money moved.
    Refused {
        /// The attempt.
        attempt: Attempt,
        /// The reason.
        refusal: Refusal,
    },
    /// This occurrence, and perhaps some after it, came while the bank was closed and does not run.
    Skipped {
        /// The number of skipped occurrences.
        missed: u32,
    },
    /// Money is held; it moves if the bank's verifier approves.
    Accepted {
        /// The attempt. Its id is also the id of the hold.
        attempt: Attempt,
        /// The position of the hold in the journal.
        position: Position,
    },
}

impl Schedule {
    /// Creates a schedule that never ends on its own, does not retry and runs the latest missed occurrence.
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

    /// Makes each run move up to the amount, or less if less is available.
    #[must_use]
    pub fn up_to(mut self) -> Schedule {
        self.amount = ScheduledAmount::UpTo(self.amount.most());
        self
    }

    /// Sets the largest fee that the sender accepts for each run.
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

    /// Sets how occurrences are treated that came while the bank was closed.
    #[must_use]
    pub fn with_catch_up(mut self, catch_up: CatchUp) -> Schedule {
        self.catch_up = catch_up;
        self
    }

    /// Sets how attempts are retried when there is not enough money.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Schedule {
        self.retry = retry;
        self
    }

    /// Sets the labels, reference and metadata of each transfer.
    #[must_use]
    pub fn with_details(mut self, details: Details) -> Schedule {
        self.details = Some(Box::new(details));
        self
    }

    /// Checks everything that does not depend on the state of the bank.
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
    /// Returns the largest amount that a run moves.
    pub const fn most(self) -> Amount {
        match self {
            ScheduledAmount::Exactly(amount) | ScheduledAmount::UpTo(amount) => amount,
        }
    }
}

/// Returns the id of an attempt's transfer. It is the same whenever the attempt is started, so the attempt takes effect
/// at most once.
///
/// The hash includes the bank's random id, which no answer contains. Somebody who knows a schedule therefore cannot
/// predict the ids of its attempts and use them up.
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
    fn an_invalid_schedule_is_refused() {
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
