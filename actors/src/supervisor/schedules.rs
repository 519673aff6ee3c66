//! Scheduled and standing orders: which attempt is next, and what became of those under way.

use super::Supervisor;
use super::batches::Answer;
use crate::ledger::{CommandId, Timestamp};

/// The schedules that can still run.
#[derive(Default)]
pub(super) struct Schedules {}

impl Schedules {
    /// Whether the next attempt of `schedule` is due at `at`.
    pub(super) fn waits_for(&self, _schedule: CommandId, _at: Timestamp) -> bool {
        false
    }
}

impl Supervisor {
    /// A moment has come for which a schedule waited.
    pub(super) fn schedule_due(&mut self, _schedule: CommandId, _at: Timestamp) {}

    /// An attempt of a schedule was answered.
    pub(super) fn schedule_answered(&mut self, _schedule: CommandId, _answer: Answer) {}
}
