//! The progress of a schedule: what it does next, and how each answer or command changes it.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::calendar::next_after;
use super::{BusinessDate, CatchUp, End, Position, Refusal, SKIPPED_WHEN_LATER_BY_S, Schedule, Timestamp};

/// The maximum number of immediate retries under a new id after an attempt's id turned out to be used by another
/// command. After that, the occurrence is given up.
const MOST_RENAMED: u8 = 16;

/// Whether a schedule is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleStatus {
    /// Waits for its next attempt.
    Active,
    /// Does nothing until it is resumed.
    Paused,
    /// Ended by its rule, its number of runs or its last date.
    Completed,
    /// Ended by a command.
    Cancelled,
    /// Ended because one of its accounts was closed.
    AccountClosed,
}

impl ScheduleStatus {
    /// Returns whether it will never run again.
    pub const fn has_ended(self) -> bool {
        !matches!(self, ScheduleStatus::Active | ScheduleStatus::Paused)
    }
}

impl std::fmt::Display for ScheduleStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            ScheduleStatus::Active => "active",
            ScheduleStatus::Paused => "paused",
            ScheduleStatus::Completed => "completed",
            ScheduleStatus::Cancelled => "cancelled",
            ScheduleStatus::AccountClosed => "account closed",
        })
    }
}

/// A change of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleChange {
    /// Stops running until it is resumed.
    Pause,
    /// Continues with the first occurrence after now. Occurrences during the pause are skipped.
    Resume,
    /// Ends the schedule permanently.
    Cancel,
    /// Ends the schedule permanently because one of its accounts was closed. Only the bank makes this change; commands
    /// cannot.
    AccountClosed,
}

/// The next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The moment of the occurrence by the schedule's rule.
    pub occurrence: Timestamp,
    /// The number of the attempt; 1 for the first of the occurrence.
    pub attempt: u32,
    /// When it is due: the occurrence, or later for a retry.
    pub at: Timestamp,
    /// The number of retries used, this one included.
    pub retries: u8,
    /// The number of attempts since the last retry that only changed the id.
    pub renamed: u8,
}

/// The state of a schedule's execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Whether it is active.
    pub status: ScheduleStatus,
    /// The next attempt; `None` once the schedule has ended.
    pub pending: Option<Pending>,
    /// The number of occurrences for which money moved or is held until it is verified.
    pub posted: u32,
    /// The number of occurrences that were attempted without moving money.
    pub failed: u32,
    /// The number of occurrences that were not attempted.
    pub skipped: u32,
}

/// The action of a schedule at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Wait for another moment or for a command.
    Wait,
    /// Skip occurrences.
    Skip {
        /// The number of skipped occurrences.
        missed: u32,
        /// The progress afterwards.
        progress: Progress,
    },
    /// Make this attempt.
    Attempt(Pending),
}

impl ScheduleChange {
    /// Returns whether the change has no effect on a schedule with that status.
    pub fn leaves(self, status: ScheduleStatus) -> bool {
        match self {
            ScheduleChange::Pause => status == ScheduleStatus::Paused,
            ScheduleChange::Resume => status == ScheduleStatus::Active,
            ScheduleChange::Cancel | ScheduleChange::AccountClosed => false,
        }
    }
}

impl Pending {
    const fn first(occurrence: Timestamp) -> Pending {
        Pending { occurrence, attempt: 1, at: occurrence, retries: 0, renamed: 0 }
    }

    const fn again(self, at: Timestamp, retries: u8, renamed: u8) -> Pending {
        Pending { attempt: self.attempt.saturating_add(1), at, retries, renamed, ..self }
    }
}

impl Schedule {
    /// Returns the initial progress of a schedule created at `now`, or `None` if it would never run.
    pub fn begin(&self, zone: &TimeZone, now: Timestamp) -> Option<Progress> {
        let pending = Pending::first(self.next_after(zone, now)?);
        let status = ScheduleStatus::Active;
        Some(Progress { status, pending: Some(pending), posted: 0, failed: 0, skipped: 0 })
    }

    /// Returns the first occurrence after `after`.
    pub fn next_after(&self, zone: &TimeZone, after: Timestamp) -> Option<Timestamp> {
        let until = if let End::Until(date) = self.end { Some(date) } else { None };
        next_after(&self.rule, self.start.unwrap_or(BusinessDate::from_days(0)), until, after, zone)
    }

    /// Decides what the schedule does at `now`.
    ///
    /// `begun` states that the pending attempt may already be in the journal. It is then made again, to learn its
    /// outcome, and never skipped. Its id makes the repetition harmless.
    pub fn decide(&self, progress: &Progress, zone: &TimeZone, now: Timestamp, begun: bool) -> Step {
        let (ScheduleStatus::Active, Some(pending)) = (progress.status, progress.pending) else { return Step::Wait };
        if pending.at > now {
            return Step::Wait;
        }
        // An occurrence that was attempted is finished first.
        if begun || pending.attempt > 1 {
            return Step::Attempt(pending);
        }
        let (missed, next) = match self.catch_up {
            CatchUp::All => (0, Some(pending.occurrence)),
            CatchUp::Latest => self.latest(zone, pending.occurrence, now),
            CatchUp::Skip => {
                let late = std::time::Duration::from_secs(SKIPPED_WHEN_LATER_BY_S.into());
                self.skipped(zone, pending.occurrence, |occurrence| occurrence.after(late) < now)
            }
        };
        if missed == 0 {
            return Step::Attempt(pending);
        }
        let skipped = progress.skipped.saturating_add(missed);
        Step::Skip { missed, progress: Progress { skipped, ..*progress }.onto(next) }
    }

    /// Returns the progress after the pending attempt was answered at `now`, with the position of the transfer or with
    /// a refusal.
    pub fn settle(
        &self,
        progress: &Progress,
        zone: &TimeZone,
        now: Timestamp,
        answer: Result<Position, &Refusal>,
    ) -> Progress {
        let Some(pending) = progress.pending else { return *progress };
        let failed = Progress { failed: progress.failed.saturating_add(1), ..*progress };
        match answer {
            Ok(_) => {
                let posted = progress.posted.saturating_add(1);
                self.after_occurrence(Progress { posted, ..*progress }, zone, pending.occurrence)
            }
            Err(Refusal::AccountClosed { .. } | Refusal::AccountUnknown { .. }) => {
                Progress { status: ScheduleStatus::AccountClosed, pending: None, ..failed }
            }
            Err(refusal) => match self.again(&pending, zone, now, refusal) {
                Some(again) => Progress { pending: Some(again), ..*progress },
                None => self.after_occurrence(failed, zone, pending.occurrence),
            },
        }
    }

    /// Returns the progress after a command at `now`, or `None` if the schedule has ended and cannot be changed.
    pub fn change(
        &self,
        progress: &Progress,
        zone: &TimeZone,
        now: Timestamp,
        change: ScheduleChange,
    ) -> Option<Progress> {
        let pending = progress.pending.filter(|_| !progress.status.has_ended())?;
        Some(match (change, progress.status) {
            (ScheduleChange::Cancel, _) => Progress { status: ScheduleStatus::Cancelled, pending: None, ..*progress },
            (ScheduleChange::AccountClosed, _) => {
                Progress { status: ScheduleStatus::AccountClosed, pending: None, ..*progress }
            }
            (ScheduleChange::Pause, _) => Progress { status: ScheduleStatus::Paused, ..*progress },
            (ScheduleChange::Resume, ScheduleStatus::Paused) => {
                let active = Progress { status: ScheduleStatus::Active, ..*progress };
                self.resume(active, &pending, zone, now)
            }
            (ScheduleChange::Resume, _) => *progress,
        })
    }

    /// Continues after a pause: occurrences during the pause are skipped, and a retry is given up.
    fn resume(&self, progress: Progress, pending: &Pending, zone: &TimeZone, now: Timestamp) -> Progress {
        if pending.attempt > 1 {
            let failed = Progress { failed: progress.failed.saturating_add(1), ..progress };
            let after = self.after_occurrence(failed, zone, pending.occurrence);
            let Some(next) = after.pending else { return after };
            return self.skip_through(after, next.occurrence, zone, now);
        }
        self.skip_through(progress, pending.occurrence, zone, now)
    }

    fn skip_through(&self, progress: Progress, first: Timestamp, zone: &TimeZone, now: Timestamp) -> Progress {
        let (missed, next) = self.skipped(zone, first, |occurrence| occurrence <= now);
        if missed == 0 {
            return progress;
        }
        Progress { skipped: progress.skipped.saturating_add(missed), ..progress }.onto(next)
    }

    /// Returns the attempt that follows a refused one of the same occurrence, if any.
    fn again(&self, pending: &Pending, zone: &TimeZone, now: Timestamp, refusal: &Refusal) -> Option<Pending> {
        if *refusal == Refusal::IdReused && pending.renamed < MOST_RENAMED {
            return Some(pending.again(now, pending.retries, pending.renamed.saturating_add(1)));
        }
        let passes = matches!(refusal, Refusal::InsufficientFunds { .. } | Refusal::LimitPerDay { .. });
        if !passes || pending.retries >= self.retry.attempts {
            return None;
        }
        let at = now.after(std::time::Duration::from_secs(self.retry.interval_s.into()));
        if self.next_after(zone, pending.occurrence).is_some_and(|next| next <= at) {
            return None;
        }
        Some(pending.again(at, pending.retries.saturating_add(1), 0))
    }

    /// Returns the progress once an occurrence is finished.
    fn after_occurrence(&self, progress: Progress, zone: &TimeZone, occurrence: Timestamp) -> Progress {
        let attempted = progress.posted.saturating_add(progress.failed);
        let over = matches!(self.end, End::AfterRuns(runs) if attempted >= runs);
        progress.onto(if over { None } else { self.next_after(zone, occurrence) })
    }

    /// Returns the latest occurrence that has come, and how many came before it.
    fn latest(&self, zone: &TimeZone, first: Timestamp, now: Timestamp) -> (u32, Option<Timestamp>) {
        let (mut missed, mut latest) = (0u32, first);
        while let Some(next) = self.next_after(zone, latest).filter(|next| *next <= now) {
            (missed, latest) = (missed.saturating_add(1), next);
        }
        (missed, Some(latest))
    }

    /// Skips `missed` occurrences from `first` on and goes on to the one after them.
    fn skipped(
        &self,
        zone: &TimeZone,
        first: Timestamp,
        missed: impl Fn(Timestamp) -> bool,
    ) -> (u32, Option<Timestamp>) {
        let (mut count, mut next) = (0u32, Some(first));
        while let Some(occurrence) = next.filter(|occurrence| missed(*occurrence)) {
            count = count.saturating_add(1);
            next = self.next_after(zone, occurrence);
        }
        (count, next)
    }
}

impl Progress {
    /// Goes on to another occurrence, or ends the schedule if there is none.
    fn onto(self, next: Option<Timestamp>) -> Progress {
        match next {
            Some(occurrence) => Progress { pending: Some(Pending::first(occurrence)), ..self },
            None => Progress { status: ScheduleStatus::Completed, pending: None, ..self },
        }
    }
}
