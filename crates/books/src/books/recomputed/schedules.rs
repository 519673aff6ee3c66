//! Recomputes schedules: their progress after every record about them, and that each occurrence moved money once.

use rustc_hash::FxHashMap;

use crate::books::schedules::KeptSchedule;
use crate::books::state::Books;
use jangbu_ledger::{
    AccountId, Amount, Body, CommandId, Position, Progress, Record, Refusal, RunOutcome, ScheduleRun, ScheduleSet,
    Step, Timestamp, attempt_id,
};

/// The attempts for which schedules wait, and what was recorded about them.
#[derive(Default)]
pub(super) struct Attempts {
    /// By the id of the attempt.
    pending: FxHashMap<CommandId, Pending>,
    /// The id of the pending attempt, by schedule.
    of_schedule: FxHashMap<CommandId, CommandId>,
    /// Records up to this position are not read.
    unread: Position,
}

struct Pending {
    seen: Option<Seen>,
}

/// The outcome of an attempt.
struct Seen {
    position: Position,
    outcome: Result<Moved, Refusal>,
}

struct Moved {
    from: AccountId,
    to: AccountId,
    amount: Amount,
    fee: Amount,
}

impl Attempts {
    /// Starts after the records in `books`.
    pub(super) fn begin(&mut self, books: &Books) {
        self.unread = books.applied;
        let waiting: Vec<(CommandId, Progress)> =
            books.schedules.live().into_iter().map(|(id, kept)| (id, kept.progress)).collect();
        for (id, progress) in waiting {
            self.wait_for(books, id, &progress);
        }
    }

    fn wait_for(&mut self, books: &Books, schedule: CommandId, progress: &Progress) {
        let bank = books.bank.as_ref().map_or(0, |made| made.bank);
        let next = progress.pending.map(|pending| attempt_id(bank, schedule, pending.occurrence, pending.attempt));
        let before = match next {
            Some(next) => self.of_schedule.insert(schedule, next),
            None => self.of_schedule.remove(&schedule),
        };
        if before != next {
            self.pending.extend(next.map(|next| (next, Pending { seen: None })));
            before.map(|before| self.pending.remove(&before));
        }
    }

    /// Adds a record that was applied.
    pub(super) fn applied(&mut self, books: &Books, record: &Record) {
        match &record.body {
            Body::ScheduleSet(set) => self.wait_for(books, record.id, &set.progress),
            Body::ScheduleChanged(changed) => self.wait_for(books, changed.schedule, &changed.progress),
            Body::ScheduleRun(run) => self.wait_for(books, run.schedule, &run.progress),
            body if !self.pending.is_empty() => {
                if let Some(pending) = self.pending.get_mut(&record.id) {
                    pending.seen = outcome_of(body).map(|outcome| Seen { position: record.position, outcome });
                }
            }
            _ => {}
        }
    }

    /// Checks a record about a schedule before it is applied to `books`.
    pub(super) fn check(&self, books: &Books, record: &Record, last_recorded_at: Timestamp) -> Result<(), String> {
        let moments = Moments { decided: record.decided_at, recorded: record.recorded_at, last: last_recorded_at };
        match &record.body {
            Body::ScheduleSet(set) => check_beginning(books, record, set, moments),
            Body::ScheduleChanged(changed) => {
                let (Some(kept), Some(day)) = (kept(books, changed.schedule)?, &books.day) else { return Ok(()) };
                let after = |now| kept.schedule.change(&kept.progress, day.zone(), now, changed.change);
                let right = moments.around(&changed.progress).any(|now| after(now) == Some(changed.progress));
                right.then_some(()).ok_or_else(|| stands(changed.schedule, &changed.progress, after(record.decided_at)))
            }
            Body::ScheduleRun(run) => self.check_run(books, run, moments),
            _ => Ok(()),
        }
    }

    fn check_run(&self, books: &Books, run: &ScheduleRun, moments: Moments) -> Result<(), String> {
        let (Some(kept), Some(day)) = (kept(books, run.schedule)?, &books.day) else { return Ok(()) };
        let zone = day.zone();
        let after = |now: Timestamp| match &run.outcome {
            RunOutcome::Skipped { missed } => match kept.schedule.decide(&kept.progress, zone, now, false) {
                Step::Skip { missed: right, progress } if right == *missed => Some(progress),
                _ => None,
            },
            RunOutcome::Posted { position, .. } | RunOutcome::Accepted { position, .. } => {
                Some(kept.schedule.settle(&kept.progress, zone, now, Ok(*position)))
            }
            RunOutcome::Refused { refusal, .. } => Some(kept.schedule.settle(&kept.progress, zone, now, Err(refusal))),
        };
        if !moments.around(&run.progress).any(|now| after(now) == Some(run.progress)) {
            return Err(stands(run.schedule, &run.progress, after(moments.decided)));
        }
        let id = run.schedule;
        let seen =
            self.of_schedule.get(&id).and_then(|attempt| self.pending.get(attempt)).and_then(|it| it.seen.as_ref());
        match &run.outcome {
            RunOutcome::Posted { position, .. } | RunOutcome::Accepted { position, .. } if *position > self.unread => {
                let Some(Seen { outcome: Ok(moved), position: found }) = seen else {
                    return Err(format!(
                        "schedule {id} is recorded as having moved money at {position}, but nothing moved there"
                    ));
                };
                let number = |account: AccountId| books.account(account).ok().flatten().map(|account| account.number);
                let parties = (number(moved.from), number(moved.to));
                let right = (Some(kept.schedule.from), Some(kept.schedule.to));
                if found != position || parties != right || moved.amount > kept.schedule.amount.most() {
                    let (amount, most) = (moved.amount, kept.schedule.amount.most());
                    return Err(format!(
                        "schedule {id} moved {amount} at {found}, which does not match its run: at most {most} between its own \
                         accounts, at {position}"
                    ));
                }
                if let Some(most_fee) = kept.schedule.most_fee.filter(|most_fee| moved.fee > *most_fee) {
                    let fee = moved.fee;
                    return Err(format!(
                        "schedule {id} paid a fee of {fee} at {found}, but may pay at most {most_fee}"
                    ));
                }
                Ok(())
            }
            RunOutcome::Refused { refusal, .. } => match seen.map(|seen| &seen.outcome) {
                Some(Ok(_)) if *refusal != Refusal::IdReused => {
                    Err(format!("schedule {id} is recorded as refused, but its attempt moved money"))
                }
                _ => Ok(()),
            },
            RunOutcome::Skipped { .. } if seen.is_some_and(|seen| seen.outcome.is_ok()) => {
                Err(format!("schedule {id} skips an occurrence for which money moved"))
            }
            _ => Ok(()),
        }
    }
}

fn kept(books: &Books, id: CommandId) -> Result<Option<KeptSchedule>, String> {
    books.kept_schedule(id).map_err(|error| error.to_string())
}

fn outcome_of(body: &Body) -> Option<Result<Moved, Refusal>> {
    Some(match body {
        Body::Posted(it) => Ok(Moved { from: it.from, to: it.to, amount: it.amount, fee: it.fee }),
        Body::Held(it) => Ok(Moved { from: it.from, to: it.to, amount: it.amount, fee: it.fee }),
        Body::Refused(refused) => Err(refused.refusal.clone()),
        _ => return None,
    })
}

fn check_beginning(books: &Books, record: &Record, set: &ScheduleSet, moments: Moments) -> Result<(), String> {
    let Some(day) = &books.day else { return Ok(()) };
    let after = |now| set.schedule.begin(day.zone(), now);
    let right = moments.around(&set.progress).any(|now| after(now) == Some(set.progress));
    right.then_some(()).ok_or_else(|| stands(record.id, &set.progress, after(record.decided_at)))
}

fn stands(schedule: CommandId, found: &Progress, right: Option<Progress>) -> String {
    match right {
        Some(right) => format!("schedule {schedule} is recorded with {found:?}, but its rule gives {right:?}"),
        None => format!("schedule {schedule} is recorded with {found:?}, which its rule cannot give"),
    }
}

/// When a record may have been decided.
#[derive(Clone, Copy)]
struct Moments {
    decided: Timestamp,
    recorded: Timestamp,
    last: Timestamp,
}

impl Moments {
    /// Returns the moments that can make a difference: the two in the record, the time by which schedules run while the
    /// clock is behind the last record, and those in between that its progress refers to.
    fn around(self, progress: &Progress) -> impl Iterator<Item = Timestamp> {
        let before = |moment: Timestamp| Timestamp::from_ns(moment.as_ns().saturating_sub(1));
        let told = progress.pending.into_iter().flat_map(move |it| [before(it.occurrence), it.at]);
        let within = told.filter(move |now| (self.decided..=self.recorded).contains(now));
        [self.decided.max(self.last), self.decided, self.recorded].into_iter().chain(within)
    }
}
