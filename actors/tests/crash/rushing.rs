//! The time in a process that is killed: holds expire while the script runs, and on the next start.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jangbu_actors::clock::{Clock, SteppedClock};
use jangbu_actors::ledger::Timestamp;

use crate::script::{STEP_NS, moment};

/// A clock that advances with every reading, so that holds expire while the script runs.
#[derive(Debug)]
pub(crate) struct Rushing(AtomicI64);

impl Rushing {
    /// Starts at about the time of command `n`.
    pub(crate) fn at(n: u64) -> Arc<Rushing> {
        Arc::new(Rushing(AtomicI64::new(moment(n).as_ns())))
    }

    /// A clock that stands still after everything: nothing falls due that was not due at the last record.
    pub(crate) fn standing() -> Arc<SteppedClock> {
        SteppedClock::starting_at(moment(0))
    }
}

impl Clock for Rushing {
    fn now(&self) -> Timestamp {
        Timestamp::from_ns(self.0.fetch_add(STEP_NS / 3, Ordering::SeqCst))
    }
}
