//! A schedule, as its owner creates and sees it.

use std::collections::BTreeMap;

use jangbu::{
    AccountNumber, Amount, BusinessDate, Currency, Timestamp,
    schedules::{
        CatchUp, End, MAX_RETRIES, MIN_RETRY_INTERVAL_S, Retry, Rule, Schedule, ScheduleChange, ScheduleError,
        ScheduleStatus, ScheduledAmount, ScheduledRun, StandingOrder, TimeOfDay, Weekday, Weekdays,
    },
    time::When,
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::run::ScheduleRun;
use crate::server::http::{Problem, typed_number};
use crate::server::shapes::{DayOrMoment, RESERVED, Texts, beginning};

/// When a schedule runs, in the bank's time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "every", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum ScheduleRule {
    /// Once.
    Once {
        /// A moment, or a day, which means its beginning. Answers have the moment.
        #[schema(value_type = DayOrMoment)]
        at: String,
    },
    /// Every `interval` days.
    Day {
        /// 1 for every day; up to 1,000.
        #[serde(default = "one")]
        #[schema(minimum = 1, maximum = 1000, default = 1)]
        interval: u16,
        /// The time of day, for example 09:30.
        #[schema(example = "09:30")]
        time: String,
    },
    /// On some days of every `interval` weeks.
    Week {
        /// 1 for every week; up to 1,000.
        #[serde(default = "one")]
        #[schema(minimum = 1, maximum = 1000, default = 1)]
        interval: u16,
        /// The days: mon, tue, wed, thu, fri, sat, sun.
        #[schema(min_items = 1, max_items = 7)]
        days: Vec<DayOfWeek>,
        /// The time of day, for example 09:30.
        #[schema(example = "09:30")]
        time: String,
    },
    /// On a day of every `interval` months.
    Month {
        /// 1 for every month, 12 for once a year; up to 1,000.
        #[serde(default = "one")]
        #[schema(minimum = 1, maximum = 1000, default = 1)]
        interval: u16,
        /// The day of the month, 1 to 31. In a shorter month it is the last day, so 31 means the last day of every
        /// month.
        #[schema(minimum = 1, maximum = 31)]
        day: u8,
        /// The time of day, for example 09:30.
        #[schema(example = "09:30")]
        time: String,
    },
}

const fn one() -> u16 {
    1
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum DayOfWeek {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

const DAYS: [(DayOfWeek, Weekday); 7] = [
    (DayOfWeek::Mon, Weekday::Monday),
    (DayOfWeek::Tue, Weekday::Tuesday),
    (DayOfWeek::Wed, Weekday::Wednesday),
    (DayOfWeek::Thu, Weekday::Thursday),
    (DayOfWeek::Fri, Weekday::Friday),
    (DayOfWeek::Sat, Weekday::Saturday),
    (DayOfWeek::Sun, Weekday::Sunday),
];

impl ScheduleRule {
    fn of(rule: &Rule) -> ScheduleRule {
        match rule {
            Rule::Once(at) => ScheduleRule::Once { at: at.to_string() },
            Rule::Daily { every, at } => ScheduleRule::Day { interval: *every, time: at.to_string() },
            Rule::Weekly { every, days, at } => {
                let days = DAYS.iter().filter(|(_, day)| days.has(*day)).map(|(name, _)| *name).collect();
                ScheduleRule::Week { interval: *every, days, time: at.to_string() }
            }
            Rule::Monthly { every, day, at } => {
                ScheduleRule::Month { interval: *every, day: *day, time: at.to_string() }
            }
        }
    }

    fn rule(&self, zone: &TimeZone) -> Result<Rule, Problem> {
        let time = |text: &str| {
            let read = text.parse::<TimeOfDay>();
            read.map_err(|error| Problem::invalid_field("rule.time", "invalid", error.to_string()))
        };
        Ok(match self {
            // Parsed here and not by serde, whose errors do not name a field within a rule.
            ScheduleRule::Once { at } => {
                let when = at.parse::<When>();
                let when = when.map_err(|error| Problem::invalid_field("rule.at", "invalid", error.to_string()))?;
                Rule::Once(beginning("rule.at", when, zone)?)
            }
            ScheduleRule::Day { interval, time: at } => Rule::Daily { every: *interval, at: time(at)? },
            ScheduleRule::Week { interval, days, time: at } => {
                let chosen: Weekdays =
                    DAYS.iter().filter(|(name, _)| days.contains(name)).map(|(_, day)| *day).collect();
                Rule::Weekly { every: *interval, days: chosen, at: time(at)? }
            }
            ScheduleRule::Month { interval, day, time: at } => {
                Rule::Monthly { every: *interval, day: *day, at: time(at)? }
            }
        })
    }
}

/// How occurrences are handled that fell due while the bank was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CatchUpPolicy {
    /// Each is run, oldest first.
    All,
    /// Only the latest is run, however late.
    #[default]
    Latest,
    /// None that is more than an hour late is run.
    Skip,
}

/// Further attempts if the money is not available or the limit per day is used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RetryPolicy {
    /// The number of attempts, up to 10.
    #[schema(maximum = 10)]
    attempts: u8,
    /// The interval in seconds, 10 minutes to 31 days; ignored without attempts.
    #[schema(maximum = 2_678_400)]
    interval_s: u32,
}

/// A change of a schedule, as a path names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScheduleAction {
    /// Stop running until it is resumed.
    Pause,
    /// Run again, from the next occurrence on.
    Resume,
    /// End for good.
    Cancel,
}

impl ScheduleAction {
    /// Returns the name as the path has it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            ScheduleAction::Pause => "pause",
            ScheduleAction::Resume => "resume",
            ScheduleAction::Cancel => "cancel",
        }
    }

    /// Returns the change as the ledger knows it.
    pub(crate) const fn change(self) -> ScheduleChange {
        match self {
            ScheduleAction::Pause => ScheduleChange::Pause,
            ScheduleAction::Resume => ScheduleChange::Resume,
            ScheduleAction::Cancel => ScheduleChange::Cancel,
        }
    }
}

/// A schedule to create.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSchedule {
    /// The sender, one of the caller's own accounts.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String)]
    pub(super) from: AccountNumber,
    /// The receiver.
    #[serde(deserialize_with = "typed_number")]
    #[schema(value_type = String)]
    pub(super) to: AccountNumber,
    /// The amount of each run, in minor units.
    #[schema(value_type = u64, minimum = 1)]
    pub(super) amount: Amount,
    /// Whether less is moved if less is available.
    #[serde(default)]
    at_most: bool,
    /// The largest fee that the sender accepts for each run, in minor units. A run with a larger fee is refused,
    /// `fee_too_high`, and the schedule continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>, maximum = 9007199254740991_u64)]
    most_fee: Option<Amount>,
    /// When it runs.
    rule: ScheduleRule,
    /// The first date on which it can run. Default: today.
    #[schema(value_type = Option<String>, format = Date)]
    starts_on: Option<String>,
    /// The last date on which it can run.
    #[schema(value_type = Option<String>, format = Date)]
    ends_on: Option<String>,
    /// The number of occurrences after which it ends, instead of a date.
    #[schema(minimum = 1, maximum = 1_000_000)]
    ends_after: Option<u32>,
    /// How occurrences are handled that fell due while the bank was closed.
    #[serde(default)]
    catch_up: CatchUpPolicy,
    /// Further attempts if the money is not available.
    #[serde(default)]
    retry: RetryPolicy,
    /// The sender's label, up to 10 characters.
    #[serde(default)]
    #[schema(max_length = 10)]
    sender_label: String,
    /// The receiver's label, up to 10 characters.
    #[serde(default)]
    #[schema(max_length = 10)]
    receiver_label: String,
    /// Free text for both sides, up to 140 characters.
    #[serde(default)]
    #[schema(max_length = 140)]
    reference: String,
    /// The sender's own reference for the payments, up to 35 characters; visible to both sides.
    #[serde(default)]
    #[schema(max_length = 35)]
    end_to_end_id: Option<String>,
}

impl NewSchedule {
    /// Returns the requested schedule.
    ///
    /// # Errors
    /// 400 for what fits no calendar, and for an amount that is left open where transfers are verified: what is held is fixed.
    pub(super) fn schedule(&self, verifies: bool, zone: &TimeZone) -> Result<Schedule, Problem> {
        let date = |field: &str, text: &Option<String>| {
            let read = text.as_deref().map(str::parse::<BusinessDate>).transpose();
            let date = read.map_err(|_| Problem::invalid_field(field, "invalid", "expected a date as YYYY-MM-DD"))?;
            if date.is_some_and(|date| !date.is_held()) {
                return Err(Problem::invalid_field(field, "out_of_range", ScheduleError::OutOfRange.to_string()));
            }
            Ok::<_, Problem>(date)
        };
        let end = match (date("ends_on", &self.ends_on)?, self.ends_after) {
            (None, None) => End::Never,
            (Some(until), None) => End::Until(until),
            (None, Some(1_000_001..)) => {
                return Err(Problem::invalid_field("ends_after", "too_large", "at most 1,000,000"));
            }
            (None, Some(runs)) => End::AfterRuns(runs),
            (Some(_), Some(_)) => {
                return Err(Problem::invalid_field(
                    "ends_after",
                    "invalid",
                    "send `ends_on` or `ends_after`, not both",
                ));
            }
        };
        let texts = Texts {
            sender_label: Some(&self.sender_label),
            receiver_label: Some(&self.receiver_label),
            reference: Some(&self.reference),
            end_to_end_id: self.end_to_end_id.as_deref(),
            metadata: None,
        };
        let details = texts.details()?;
        if self.at_most && verifies {
            let detail = "not supported at a bank that verifies transfers, because the amount held is fixed";
            return Err(Problem::invalid_field("at_most", "not_supported", detail));
        }
        if self.retry.attempts > MAX_RETRIES {
            return Err(Problem::invalid_field("retry.attempts", "too_large", format!("at most {MAX_RETRIES}")));
        }
        if self.retry.attempts > 0 && self.retry.interval_s < MIN_RETRY_INTERVAL_S {
            let detail = format!("at least {MIN_RETRY_INTERVAL_S}");
            return Err(Problem::invalid_field("retry.interval_s", "too_small", detail));
        }
        let schedule = Schedule {
            amount: match self.at_most {
                true => ScheduledAmount::UpTo(self.amount),
                false => ScheduledAmount::Exactly(self.amount),
            },
            most_fee: self.most_fee,
            details,
            rule: self.rule.rule(zone)?,
            start: date("starts_on", &self.starts_on)?,
            end,
            catch_up: match self.catch_up {
                CatchUpPolicy::All => CatchUp::All,
                CatchUpPolicy::Latest => CatchUp::Latest,
                CatchUpPolicy::Skip => CatchUp::Skip,
            },
            retry: Retry { attempts: self.retry.attempts, interval_s: self.retry.interval_s },
            from: self.from,
            to: self.to,
        };
        schedule.check().map_err(|error| Problem::invalid(error.to_string()))?;
        Ok(schedule)
    }
}

/// A schedule and its state.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Schedule)]
pub(crate) struct ScheduleAnswer {
    /// The id.
    pub(super) id: String,
    /// The sender.
    from: String,
    /// The receiver.
    to: String,
    /// The amount of each run, in minor units.
    amount: u64,
    /// Whether less is moved if less is available.
    at_most: bool,
    /// The largest fee that the sender accepts for each run, in minor units; absent if none was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    most_fee: Option<u64>,
    /// The currency.
    currency: String,
    /// The number of decimals of the currency.
    scale: u8,
    /// When it runs.
    rule: ScheduleRule,
    /// The first date on which it can run.
    starts_on: Option<String>,
    /// The last date on which it can run.
    ends_on: Option<String>,
    /// The number of occurrences after which it ends.
    ends_after: Option<u32>,
    /// How occurrences are handled that fell due while the bank was closed.
    catch_up: CatchUpPolicy,
    /// Further attempts if the money is not available.
    retry: RetryPolicy,
    /// `active`, `paused` or `ended`.
    status: &'static str,
    /// Why it ended: `completed`, `cancelled` or `account_closed`.
    ended: Option<&'static str>,
    /// When the next attempt is due.
    next_at: Option<String>,
    /// Until when a due attempt is postponed, because its owner has used up the rate limit for transfers; absent
    /// otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    put_off_until: Option<String>,
    /// Occurrences that moved money, or hold it until it is verified.
    runs: u32,
    /// Occurrences that were attempted and moved no money.
    failed: u32,
    /// Occurrences that were not attempted.
    skipped: u32,
    /// The last run; null in lists and before the first run.
    last: Option<ScheduleRun>,
    /// The sender's label.
    sender_label: String,
    /// The receiver's label.
    receiver_label: String,
    /// Free text for both sides.
    reference: String,
    /// The sender's own reference for the payments.
    #[serde(skip_serializing_if = "Option::is_none")]
    end_to_end_id: Option<String>,
    /// Key-value pairs for programs.
    metadata: BTreeMap<String, String>,
}

impl ScheduleAnswer {
    /// Adds until when the runs of its owner are postponed, as of `now`.
    pub(crate) fn waiting(self, now: Timestamp, until: Option<Timestamp>) -> ScheduleAnswer {
        let is_due = self.next_at.as_ref().and_then(|at| at.parse::<Timestamp>().ok()).is_some_and(|at| at <= now);
        ScheduleAnswer { put_off_until: until.filter(|_| is_due).map(|until| until.to_string()), ..self }
    }

    /// The sender.
    pub(super) fn from(&self) -> &str {
        &self.from
    }

    /// Makes the answer for a schedule of an account with that currency.
    pub(crate) fn of(
        order: StandingOrder,
        currency: Currency,
        scale: u8,
        last: Option<ScheduledRun>,
    ) -> ScheduleAnswer {
        let StandingOrder { id, schedule, progress, .. } = order;
        let details = schedule.details.map(|details| *details).unwrap_or_default();
        let (status, ended) = match progress.status {
            ScheduleStatus::Active => ("active", None),
            ScheduleStatus::Paused => ("paused", None),
            ScheduleStatus::Completed => ("ended", Some("completed")),
            ScheduleStatus::Cancelled => ("ended", Some("cancelled")),
            ScheduleStatus::AccountClosed => ("ended", Some("account_closed")),
        };
        let (ends_on, ends_after) = match schedule.end {
            End::Never => (None, None),
            End::Until(date) => (Some(date.to_string()), None),
            End::AfterRuns(runs) => (None, Some(runs)),
        };
        ScheduleAnswer {
            id: id.to_string(),
            from: schedule.from.to_string(),
            to: schedule.to.to_string(),
            amount: schedule.amount.most().minor_units(),
            at_most: matches!(schedule.amount, ScheduledAmount::UpTo(_)),
            most_fee: schedule.most_fee.map(Amount::minor_units),
            currency: currency.to_string(),
            scale,
            rule: ScheduleRule::of(&schedule.rule),
            starts_on: schedule.start.map(|start| start.to_string()),
            ends_on,
            ends_after,
            catch_up: match schedule.catch_up {
                CatchUp::All => CatchUpPolicy::All,
                CatchUp::Latest => CatchUpPolicy::Latest,
                CatchUp::Skip => CatchUpPolicy::Skip,
            },
            retry: RetryPolicy { attempts: schedule.retry.attempts, interval_s: schedule.retry.interval_s },
            status,
            ended,
            // A paused schedule has no next run.
            put_off_until: None,
            next_at: progress.pending.filter(|_| status == "active").map(|pending| pending.at.to_string()),
            runs: progress.posted,
            failed: progress.failed,
            skipped: progress.skipped,
            last: last.map(ScheduleRun::from),
            end_to_end_id: details.end_to_end_id().map(str::to_owned),
            sender_label: details.sender_label,
            receiver_label: details.receiver_label,
            reference: details.reference,
            metadata: details.metadata.into_iter().filter(|(key, _)| !key.starts_with(RESERVED)).collect(),
        }
    }
}
