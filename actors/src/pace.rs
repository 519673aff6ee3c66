//! How fast schedules may run, by the word of the program that has the bank open.

use std::time::Duration;

use crate::ledger::{OwnerId, Timestamp};

/// Says whether a run may begin, so that what schedules pay counts in the same limit as what their owner pays by hand.
///
/// A run that is put off is not lost: it stays due, in the journal too, and is asked about again after the wait. It is
/// decided anew then, so an order that skips what comes late may skip it, which is recorded like every skip.
pub trait Pace: Send + Sync + 'static {
    /// Counts a run of `owner`'s that is about to begin at `now`; or returns how long it is to wait, and counts nothing.
    ///
    /// It is called on the engine's thread, and must not block.
    fn put_off(&self, owner: &OwnerId, now: Timestamp) -> Option<Duration>;
}
