//! The service's clock, which tests can move.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jangbu::Timestamp;
use jangbu::clock::{Clock, SystemClock};

/// A clock that can be shared and printed.
#[derive(Clone)]
pub(crate) struct Time(Arc<dyn Clock>);

impl Time {
    /// Wraps a clock.
    pub(crate) fn of(clock: Arc<dyn Clock>) -> Time {
        Time(clock)
    }

    /// Returns the machine's clock.
    pub(crate) fn system() -> Time {
        Time(Arc::new(SystemClock))
    }

    /// Returns the time by the clock, for what is shown and stored.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Returns the time that has passed since some fixed moment, whatever the clock was set to. For durations within
    /// this process: an hour that began under a wrong clock is still an hour.
    pub(crate) fn uptime(&self) -> Duration {
        self.0.uptime()
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Time({})", self.now())
    }
}
