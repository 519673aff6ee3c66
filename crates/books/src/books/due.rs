//! When a checkpoint begins.

use std::sync::Arc;
use std::time::Duration;

use super::state::Books;
use jangbu_ledger::{Position, Timestamp};
use jangbu_plant::{Bug, is_planted};
use jangbu_runtime::clock::Clock;

/// When to write a checkpoint, and how much to keep in memory.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// The number of records after a checkpoint at which the next one begins.
    pub every_records: u64,
    /// The number of accounts kept in memory although the store already has their current state.
    pub keep_accounts: usize,
    /// The number of changed accounts at which a checkpoint begins, however few records they took. When twice as many have
    /// changed again before the checkpoint is handed over, the journal outruns the store. From then on, records are applied
    /// only as fast as accounts are stored, so that memory stays bounded. While the end of a checkpoint is made durable,
    /// records are applied as they arrive.
    pub most_changed: usize,
    /// The memory, in bytes, that a checkpoint would free. A checkpoint begins at half of it. When all of it is used, records
    /// wait until something is stored.
    ///
    /// Changed accounts are not counted: they stay in memory after they are stored, so `most_changed` bounds them.
    pub most_unstored_bytes: usize,
    /// The longest time from the first unstored record to the next checkpoint.
    pub longest_unstored: Duration,
}

impl Default for Habits {
    fn default() -> Habits {
        Habits {
            every_records: 2_000_000,
            keep_accounts: 1_048_576,
            most_changed: 1_000_000,
            // Some 100,000 entries of an audit log.
            most_unstored_bytes: 64 * 1024 * 1024,
            longest_unstored: Duration::from_secs(60),
        }
    }
}

/// Decides when the next checkpoint begins.
pub(super) struct Due {
    pub(super) habits: Habits,
    clock: Arc<dyn Clock>,
    /// The position up to which the newest checkpoint, complete or not, has everything.
    pub(super) begun: Position,
    /// When the first later record was noticed.
    since: Option<Timestamp>,
}

impl Due {
    pub(super) fn new(habits: Habits, clock: Arc<dyn Clock>, begun: Position) -> Due {
        Due { habits, clock, begun, since: None }
    }

    /// Returns whether a checkpoint should begin now. It is also called while one is in progress, so that records which
    /// come in the meantime are noticed in time.
    pub(super) fn is_due(&mut self, books: &Books) -> bool {
        let has_time = self.time_left(books).is_none_or(|left| !left.is_zero());
        let behind = books.applied.get().saturating_sub(self.begun.get());
        behind >= self.habits.every_records
            || books.dirty.len() >= self.habits.most_changed
            || books.unstored_bytes() > self.habits.most_unstored_bytes / 2
            || (!has_time && !is_planted(Bug::CheckpointTimeIgnored))
    }

    /// Returns how long it is until the time limit begins a checkpoint; `None` if the newest checkpoint has everything.
    pub(super) fn time_left(&mut self, books: &Books) -> Option<Duration> {
        if books.applied <= self.begun {
            self.since = None;
            return None;
        }
        let now = self.clock.now();
        // A clock that was set back must not delay the checkpoint.
        let since = self.since.map_or(now, |since| since.min(now));
        self.since = Some(since);
        let passed = u64::try_from(now.as_ns().saturating_sub(since.as_ns())).unwrap_or(0);
        Some(self.habits.longest_unstored.saturating_sub(Duration::from_nanos(passed)))
    }

    /// Returns how long the books may wait for a message before they check the time again.
    pub(super) fn patience(&mut self, books: &Books) -> Option<Duration> {
        let patience = self.clock.patience();
        // At least a millisecond, so that a checkpoint that cannot begin yet does not keep the thread busy.
        self.time_left(books).map(|left| left.clamp(Duration::from_millis(1), patience))
    }

    /// Begins a checkpoint that has everything up to `applied`.
    pub(super) const fn begin(&mut self, applied: Position) {
        self.begun = applied;
        self.since = None;
    }
}
