//! The rate at which schedules run, decided by the program that has the bank open.

use std::time::Duration;

use crate::ledger::{OwnerId, Timestamp};

/// Decides whether a run may begin, so that payments by schedules count towards the same rate limit as the owner's
/// other payments.
///
/// A run that is put off is not lost. It stays due, in the journal too, and is offered again after the wait. It is
/// decided afresh then, so an order that skips late occurrences may skip it, and records that.
pub trait Pace: Send + Sync + 'static {
    /// Counts a run of `owner` that is about to begin at `now`, or returns how long it must wait and counts nothing.
    ///
    /// It is called on the engine's thread and must not block.
    fn put_off(&self, owner: &OwnerId, now: Timestamp) -> Option<Duration>;
}
