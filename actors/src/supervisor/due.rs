//! What is due at a moment: one list for everything that happens by itself, and the timer that looks at it.
//!
//! Expiries and schedules are entries here and not timers in actors, so that a sleeping account wakes in time and a
//! flooded mailbox starves nothing: the list is looked at with every message that the supervisor handles (one
//! comparison, while nothing is due) and by a timer, which runs only while the list has entries.
//!
//! # How to use it
//!
//! - A kind of thing that falls due is a variant of [`Due`] with what its owner needs to find it again, and an arm in
//!   `Core::fall_due`.
//! - [`DueList::add`] puts an entry in; `self.due.add(at, Due::…)` is all that the owner has to do.
//! - Entries are not taken out again. The owner keeps the moment that counts; when an entry falls due for which that is
//!   another moment, or nothing any more, the owner ignores it. For each entry that became pointless so, the owner
//!   calls [`DueList::give_up`], and once most of the list is pointless `Core::is_wanted` is asked about each
//!   entry and the others go.
//! - `Core::schedule_time` is the time by which entries fall due: it never goes back, whatever the clock does. While
//!   the clock is not believed (`timekeeper`), nothing falls due.
//!
//! What it must never do: hold up a message. At most [`DUE_AT_ONCE`] entries are served with each, and none while as much is
//! in flight as there should be.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::admission::ENOUGH_IN_FLIGHT;
use super::core::Core;
use super::effects::Effect;
use super::timekeeper::WATCH_WHILE_AHEAD;
use crate::ledger::{CommandId, HoldId, Timestamp};

/// So many entries are served with one message; the rest with the next ones, so that callers are not kept waiting.
const DUE_AT_ONCE: usize = 64;

/// A list of fewer entries is not worth sweeping.
const WORTH_SWEEPING: usize = 1_024;

/// Shorter sleeps are not told from this one.
const SHORTEST_SLEEP: Duration = Duration::from_millis(1);

/// Something that falls due, by what its owner knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// The next attempt of a schedule.
    Schedule(CommandId),
    /// The end of a hold.
    HoldExpiry(HoldId),
}

/// Everything that falls due, earliest first; what falls due at the same moment in the order in which it was added.
#[derive(Default)]
pub(super) struct DueList {
    entries: BinaryHeap<Reverse<(Timestamp, u64, Due)>>,
    /// The moment of the first entry; meaningless while there is none.
    earliest: Timestamp,
    added: u64,
    /// Entries that their owners gave up.
    pointless: usize,
    timer: Timer,
}

/// The sleep that the core asked for last.
#[derive(Default)]
struct Timer {
    /// When it ends, by the clock; `None` while nothing sleeps.
    wakes_at: Option<Timestamp>,
    /// Tells the tick of the sleep that counts from those of sleeps that were too long.
    number: u64,
}

impl DueList {
    /// Adds an entry that falls due at `at`.
    pub(super) fn add(&mut self, at: Timestamp, due: Due) {
        self.entries.push(Reverse((at, self.added, due)));
        self.added = self.added.saturating_add(1);
        self.note_earliest();
    }

    /// Whether anything is due at `now`: one comparison.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.earliest <= now && !self.entries.is_empty()
    }

    /// Takes the first entry that is due at `now`.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<(Timestamp, Due)> {
        if !self.is_due(now) {
            return None;
        }
        let Reverse((at, _, due)) = self.entries.pop()?;
        self.note_earliest();
        Some((at, due))
    }

    /// Notes that an entry became pointless.
    pub(super) fn give_up(&mut self) {
        self.pointless = self.pointless.saturating_add(1);
    }

    /// Whether so much of the list is pointless that it should go.
    fn is_worth_sweeping(&self) -> bool {
        self.pointless > WORTH_SWEEPING && self.pointless > self.entries.len() / 2
    }

    /// Keeps the entries that their owners want.
    fn sweep(&mut self, mut wanted: impl FnMut(Timestamp, Due) -> bool) {
        self.entries.retain(|Reverse((at, _, due))| wanted(*at, *due));
        self.pointless = 0;
        self.note_earliest();
    }

    /// The sleep of that number is over.
    pub(super) fn woken(&mut self, number: u64) {
        if number == self.timer.number {
            self.timer.wakes_at = None;
        }
    }

    fn note_earliest(&mut self) {
        self.earliest = self.entries.peek().map_or_else(Timestamp::default, |Reverse((at, _, _))| *at);
    }
}

impl Core {
    /// The time by which things fall due: the clock's, but never before that of the last record.
    ///
    /// What a record says happened because it was due stays due, also when the clock is set back.
    pub(super) fn schedule_time(&self) -> Timestamp {
        self.now.max(self.appender.last_recorded_at())
    }

    /// Serves what is due, as far as there is room, and sees to it that somebody looks again.
    pub(super) fn serve_due(&mut self) {
        // A bank that closes begins nothing, nor does one that is only read. What is due is due at the next opening.
        if self.is_closing || self.read_only {
            return;
        }
        if let Some(error) = self.timekeeper.objection() {
            self.schedules.turn_away(&error, &mut self.effects);
            return self.set_timer();
        }
        // What waited while the clock was not believed.
        self.verify_durable();
        for _ in 0..DUE_AT_ONCE {
            let now = self.schedule_time();
            if !self.due.is_due(now) || self.flights.len() >= ENOUGH_IN_FLIGHT {
                break;
            }
            if let Some((at, due)) = self.due.take(now) {
                self.fall_due(at, due);
            }
        }
        if self.due.is_worth_sweeping() {
            let mut due = std::mem::take(&mut self.due);
            due.sweep(|at, entry| self.is_wanted(at, entry));
            self.due = due;
        }
        self.tell_nothing_due();
        self.set_timer();
    }

    /// Hands an entry to its owner.
    fn fall_due(&mut self, at: Timestamp, due: Due) {
        match due {
            Due::Schedule(schedule) => self.schedule_due(schedule, at),
            Due::HoldExpiry(hold) => self.hold_due(hold, at),
        }
    }

    /// Whether the owner of an entry waits for it.
    fn is_wanted(&self, at: Timestamp, due: Due) -> bool {
        match due {
            Due::Schedule(schedule) => self.schedules.waits_for(schedule, at),
            Due::HoldExpiry(hold) => self.hold_waits_for(hold, at),
        }
    }

    /// Sleeps until the first entry is due, but no longer than the clock may go unwatched: it may jump.
    fn set_timer(&mut self) {
        if self.due.entries.is_empty() && !self.timekeeper.is_ahead() {
            return;
        }
        let left_ns = self.due.earliest.as_ns().saturating_sub(self.schedule_time().as_ns());
        let left = Duration::from_nanos(u64::try_from(left_ns).unwrap_or(0));
        let sleep = match self.timekeeper.is_ahead() {
            // Nothing falls due until the clock is believed.
            true => WATCH_WHILE_AHEAD,
            false => left.min(self.timekeeper.patience()).max(SHORTEST_SLEEP),
        };
        let wakes_at = self.timekeeper.reading().after(sleep);
        if self.due.timer.wakes_at.is_some_and(|wakes| wakes <= wakes_at) {
            return;
        }
        self.due.timer.wakes_at = Some(wakes_at);
        self.due.timer.number = self.due.timer.number.saturating_add(1);
        let number = self.due.timer.number;
        self.effects.push(Effect::Wake { number, at: wakes_at, sleep });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u8) -> Due {
        Due::Schedule(CommandId::derived(&[number]))
    }

    fn at(ns: i64) -> Timestamp {
        Timestamp::from_ns(ns)
    }

    #[test]
    fn entries_fall_due_in_the_order_of_their_moments_and_then_of_their_adding() {
        let mut list = DueList::default();
        for (moment, number) in [(30, 1), (10, 2), (20, 3), (10, 4)] {
            list.add(at(moment), entry(number));
        }
        assert!(!list.is_due(at(9)) && list.take(at(9)).is_none());
        let taken: Vec<_> = std::iter::from_fn(|| list.take(at(20))).collect();
        assert_eq!(taken, [(at(10), entry(2)), (at(10), entry(4)), (at(20), entry(3))]);
        assert!(list.is_due(at(30)) && !list.is_due(at(29)));
    }

    #[test]
    fn an_empty_list_is_never_due() {
        let mut list = DueList::default();
        assert!(!list.is_due(at(i64::MAX)));
        list.add(at(1), entry(1));
        list.take(at(1));
        assert!(!list.is_due(at(i64::MAX)));
    }

    #[test]
    fn a_list_that_is_mostly_pointless_is_swept_and_the_rest_stays() {
        let mut list = DueList::default();
        for moment in 0..1_500 {
            list.add(at(moment), entry(1));
        }
        for _ in 0..WORTH_SWEEPING {
            list.give_up();
        }
        assert!(!list.is_worth_sweeping(), "too few");
        list.give_up();
        assert!(list.is_worth_sweeping());
        list.sweep(|moment, _| moment >= at(1_400));
        assert_eq!((list.entries.len(), list.is_worth_sweeping()), (100, false));
        assert!(!list.is_due(at(1_399)) && list.is_due(at(1_400)));
    }
}
