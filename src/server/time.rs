//! The time as the service sees it: the bank's clock, which tests can move.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jangbu::Timestamp;
use jangbu::clock::{Clock, SystemClock};

/// A clock that can be shared and shown.
#[derive(Clone)]
pub(crate) struct Time(Arc<dyn Clock>);

impl Time {
    /// The time of a clock.
    pub(crate) fn of(clock: Arc<dyn Clock>) -> Time {
        Time(clock)
    }

    /// The machine's.
    pub(crate) fn system() -> Time {
        Time(Arc::new(SystemClock))
    }

    /// The time now, by the clock. For what is shown and stored.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// The time that has passed since some moment, whatever the clock was set to meanwhile. For what lasts within this
    /// process: an hour that began under a false clock is still an hour.
    pub(crate) fn uptime(&self) -> Duration {
        self.0.uptime()
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Time({})", self.now())
    }
}
