//! Transfers that the bank starts on its own, by a calendar that counts day by day.

use std::time::Duration;

use jangbu_actors::command::{ChangeSchedule, Command, PlaceHold, SetSchedule, Transfer};
use jangbu_actors::ledger::{
    AccountNumber, BusinessDate, CatchUp, CommandId, End, Pending, Position, Progress, Refusal, Rule, RunOutcome,
    Schedule, ScheduleChange, ScheduleStatus, ScheduledAmount, TimeOfDay, Timestamp, Weekday,
};
use jiff::ToSpan;
use jiff::civil::Date;

use super::{Expected, Model};

const WEEK: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];
/// How late an occurrence may run under the setting that skips late ones.
const LATE: Duration = Duration::from_secs(3_600);

/// A schedule and its progress.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// The schedule as given, with its start.
    pub(crate) schedule: Schedule,
    pub(crate) status: ScheduleStatus,
    /// The next occurrence, the number of its next attempt and when that is due; `None` once it has ended.
    next: Option<Next>,
    posted: u32,
    failed: u32,
    skipped: u32,
    /// The position of its last record.
    pub(crate) last: u64,
    /// Its runs, oldest first: position, occurrence, outcome.
    pub(crate) runs: Vec<(Position, Timestamp, RunOutcome)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Next {
    occurrence: Timestamp,
    attempt: u32,
    at: Timestamp,
}

/// The action of a due schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Skip this many occurrences.
    Skip(u32),
    /// Make the attempt with that number.
    Attempt(u32),
}

impl Standing {
    /// The same in the bank's terms.
    pub(crate) fn progress(&self) -> Progress {
        let pending = self.next.map(|Next { occurrence, attempt, at }| Pending {
            occurrence,
            attempt,
            at,
            retries: u8::try_from(attempt - 1).unwrap(),
            renamed: 0,
        });
        Progress { status: self.status, pending, posted: self.posted, failed: self.failed, skipped: self.skipped }
    }

    pub(crate) fn is_live(&self) -> bool {
        matches!(self.status, ScheduleStatus::Active | ScheduleStatus::Paused)
    }

    fn go_on_with(&mut self, occurrence: Option<Timestamp>) {
        self.next = occurrence.map(|occurrence| Next { occurrence, attempt: 1, at: occurrence });
        if self.next.is_none() {
            self.status = ScheduleStatus::Completed;
        }
    }

    fn end(&mut self, status: ScheduleStatus) {
        (self.status, self.next) = (status, None);
    }
}

impl Model {
    pub(super) fn set_schedule(&mut self, asked: &SetSchedule) -> Result<Expected, Refusal> {
        let now = self.expiry_time();
        let mut schedule = asked.schedule.clone();
        let (ScheduledAmount::Exactly(amount) | ScheduledAmount::UpTo(amount)) = schedule.amount;
        Model::check_order(schedule.from, schedule.to, amount)?;
        self.check_pair(schedule.from, schedule.to)?;
        for number in [schedule.from, schedule.to] {
            if self.accounts[&number].closed {
                return Err(Refusal::AccountClosed { number });
            }
        }
        schedule.start.get_or_insert(BusinessDate::from(self.date_of(now)));
        let first = self.occurrence_after(&schedule, now).ok_or(Refusal::ScheduleNeverRuns { now })?;
        let (status, last) = (ScheduleStatus::Active, self.position);
        let mut standing =
            Standing { schedule, status, next: None, posted: 0, failed: 0, skipped: 0, last, runs: Vec::new() };
        standing.go_on_with(Some(first));
        self.schedules.insert(asked.id, standing);
        Ok(self.recorded())
    }

    pub(super) fn change_schedule(&mut self, asked: &ChangeSchedule) -> Result<Expected, Refusal> {
        let (schedule, now) = (asked.schedule, self.expiry_time());
        let mut standing = self.schedules.get(&schedule).ok_or(Refusal::ScheduleUnknown { schedule })?.clone();
        if !standing.is_live() {
            return Err(Refusal::ScheduleEnded { schedule });
        }
        match asked.change {
            ScheduleChange::Cancel => standing.end(ScheduleStatus::Cancelled),
            ScheduleChange::Pause => standing.status = ScheduleStatus::Paused,
            ScheduleChange::Resume if standing.status == ScheduleStatus::Paused => {
                standing.status = ScheduleStatus::Active;
                // Retries are given up, and occurrences during the pause do not run.
                if standing.next.unwrap().attempt > 1 {
                    standing.failed += 1;
                    self.move_to_next(&mut standing);
                }
                while let Some(next) = standing.next.filter(|next| next.occurrence <= now) {
                    standing.skipped += 1;
                    standing.go_on_with(self.occurrence_after(&standing.schedule, next.occurrence));
                }
            }
            ScheduleChange::Resume => {}
            ScheduleChange::AccountClosed => panic!("nobody can ask for that"),
        }
        standing.last = self.position;
        self.schedules.insert(schedule, standing);
        Ok(self.recorded())
    }

    /// Ends the schedules of a closed account, each by its own record.
    pub(super) fn end_schedules_of(&mut self, number: AccountNumber) {
        let names = |standing: &Standing| standing.schedule.from == number || standing.schedule.to == number;
        let all = self.schedules.iter().filter(|(_, standing)| standing.is_live() && names(standing));
        for id in all.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.next_record();
            let last = self.position;
            let standing = self.schedules.get_mut(&id).unwrap();
            standing.end(ScheduleStatus::AccountClosed);
            standing.last = last;
        }
    }

    /// Returns the schedules that are due.
    pub(crate) fn due_schedules(&self, now: Timestamp) -> Vec<CommandId> {
        let now = now.max(self.recorded_at);
        let is_due = |standing: &Standing| {
            standing.status == ScheduleStatus::Active && standing.next.is_some_and(|next| next.at <= now)
        };
        self.schedules.iter().filter(|(_, standing)| is_due(standing)).map(|(id, _)| *id).collect()
    }

    /// Returns the first action of a due schedule, and its occurrence.
    pub(crate) fn what_is_due(&self, id: CommandId, now: Timestamp) -> (Timestamp, Step) {
        let now = now.max(self.recorded_at);
        let standing = &self.schedules[&id];
        let next = standing.next.unwrap();
        assert!(standing.status == ScheduleStatus::Active && next.at <= now, "{id} is not due: {standing:?}");
        let attempt = Step::Attempt(next.attempt);
        if next.attempt > 1 {
            return (next.occurrence, attempt);
        }
        let come = self.occurrences_through(&standing.schedule, next.occurrence, now);
        let missed = match standing.schedule.catch_up {
            CatchUp::All => 0,
            CatchUp::Latest => come.len() - 1,
            CatchUp::Skip => come.iter().filter(|occurrence| occurrence.after(LATE) < now).count(),
        };
        let step = if missed == 0 { attempt } else { Step::Skip(u32::try_from(missed).unwrap()) };
        (next.occurrence, step)
    }

    /// Skips the missed occurrences of a schedule.
    pub(crate) fn skip(&mut self, id: CommandId, now: Timestamp) {
        let (occurrence, Step::Skip(missed)) = self.what_is_due(id, now) else { panic!("{id} skips nothing") };
        self.now = now;
        self.next_record();
        let mut standing = self.schedules[&id].clone();
        let mut next = Some(occurrence);
        for _ in 0..missed {
            next = self.occurrence_after(&standing.schedule, next.unwrap());
        }
        standing.skipped += missed;
        standing.go_on_with(next);
        standing.last = self.position;
        self.schedules.insert(id, standing);
    }

    /// Makes the transfer of a schedule's attempt, under the id that the bank uses.
    pub(crate) fn attempt(&mut self, id: CommandId, under: CommandId, now: Timestamp) -> Expected {
        let (_, Step::Attempt(_)) = self.what_is_due(id, now) else { panic!("{id} attempts nothing") };
        self.execute(&self.attempted(id, under), now)
    }

    /// Returns the command of a schedule's attempt under an id.
    pub(crate) fn attempted(&self, id: CommandId, under: CommandId) -> Command {
        let Schedule { from, to, amount, most_fee, ref details, .. } = self.schedules[&id].schedule;
        let transfer = match amount {
            ScheduledAmount::Exactly(amount) => Transfer::new(from, to, amount),
            ScheduledAmount::UpTo(amount) => Transfer::at_most(from, to, amount),
        };
        let transfer = Transfer { most_fee, details: details.clone(), ..transfer.with_id(under) };
        if self.verifies {
            Command::PlaceHold(Box::new(PlaceHold::for_verification(transfer)))
        } else {
            Command::Transfer(transfer)
        }
    }

    /// Records the outcome of the attempt.
    pub(crate) fn settle_attempt(&mut self, id: CommandId, answer: &Expected, now: Timestamp) {
        self.now = now;
        self.next_record();
        let mut standing = self.schedules[&id].clone();
        let next = standing.next.unwrap();
        match answer {
            Expected::Posted { .. } | Expected::Held { .. } => {
                standing.posted += 1;
                self.move_to_next(&mut standing);
            }
            Expected::Refused(Refusal::AccountClosed { .. } | Refusal::AccountUnknown { .. }) => {
                standing.failed += 1;
                standing.end(ScheduleStatus::AccountClosed);
            }
            Expected::Refused(refusal) => match self.retry(&standing, next, refusal) {
                Some(again) => standing.next = Some(again),
                None => {
                    standing.failed += 1;
                    self.move_to_next(&mut standing);
                }
            },
            other => panic!("{other:?} of a transfer"),
        }
        standing.last = self.position;
        self.schedules.insert(id, standing);
    }

    fn retry(&self, standing: &Standing, next: Next, refusal: &Refusal) -> Option<Next> {
        let retry = standing.schedule.retry;
        let passes = matches!(refusal, Refusal::InsufficientFunds { .. } | Refusal::LimitPerDay { .. });
        if !passes || next.attempt > u32::from(retry.attempts) {
            return None;
        }
        let at = self.expiry_time().after(Duration::from_secs(retry.interval_s.into()));
        let comes_first = self.occurrence_after(&standing.schedule, next.occurrence).is_some_and(|next| next <= at);
        (!comes_first).then_some(Next { attempt: next.attempt + 1, at, ..next })
    }

    /// Finishes the occurrence.
    fn move_to_next(&self, standing: &mut Standing) {
        let runs = standing.posted + standing.failed;
        let over = matches!(standing.schedule.end, End::AfterRuns(most) if runs >= most);
        let occurrence = standing.next.unwrap().occurrence;
        standing.go_on_with(self.occurrence_after(&standing.schedule, occurrence).filter(|_| !over));
    }

    /// Returns the occurrences from `first` on that have come.
    fn occurrences_through(&self, schedule: &Schedule, first: Timestamp, now: Timestamp) -> Vec<Timestamp> {
        let all = std::iter::successors(Some(first), |occurrence| self.occurrence_after(schedule, *occurrence));
        all.take_while(|occurrence| *occurrence <= now).collect()
    }

    fn date_of(&self, moment: Timestamp) -> Date {
        moment.to_jiff().to_zoned(self.zone.clone()).date()
    }

    /// Examines one day after another. The model's time zones do not change their clocks.
    fn occurrence_after(&self, schedule: &Schedule, after: Timestamp) -> Option<Timestamp> {
        let at = match schedule.rule {
            Rule::Once(moment) => return Some(moment).filter(|moment| *moment > after),
            Rule::Daily { at, .. } | Rule::Weekly { at, .. } | Rule::Monthly { at, .. } => at,
        };
        let start = schedule.start.unwrap().to_jiff();
        let days = std::iter::successors(Some(start), |date| date.tomorrow().ok()).take(4_000);
        let last = if let End::Until(last) = schedule.end { last.to_jiff() } else { Date::MAX };
        let days = days.take_while(|date| *date <= last).filter(|date| is_day_of(&schedule.rule, start, *date));
        days.map(|date| self.moment(date, at)).find(|moment| *moment > after)
    }

    fn moment(&self, date: Date, at: TimeOfDay) -> Timestamp {
        let local = date.at(i8::try_from(at.hour()).unwrap(), i8::try_from(at.minute()).unwrap(), 0, 0);
        local.to_zoned(self.zone.clone()).unwrap().timestamp().try_into().unwrap()
    }
}

fn is_day_of(rule: &Rule, start: Date, date: Date) -> bool {
    match rule {
        Rule::Once(_) => false,
        Rule::Daily { every, .. } => days_between(start, date) % i32::from(*every) == 0,
        Rule::Weekly { every, days, .. } => {
            let weeks = days_between(monday_of(start), monday_of(date)) / 7;
            weeks % i32::from(*every) == 0 && days.has(WEEK[date.weekday().to_monday_zero_offset() as usize])
        }
        Rule::Monthly { every, day, .. } => {
            let months = (i32::from(date.year()) - i32::from(start.year())) * 12 + i32::from(date.month())
                - i32::from(start.month());
            let day = i8::try_from(*day).unwrap().min(date.days_in_month());
            months % i32::from(*every) == 0 && date.day() == day
        }
    }
}

fn monday_of(date: Date) -> Date {
    date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).unwrap()
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).unwrap().get_days()
}
