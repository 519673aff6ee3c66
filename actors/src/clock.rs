//! Where the time comes from: the only module that reads the wall clock.

use std::time::Duration;

use crate::ledger::Timestamp;

/// A source of the time. It may jump and even go back; the engine makes its records' times increase.
pub trait Clock: Send + Sync + 'static {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// The longest that the engine sleeps without a look at this clock while it waits for a moment to come: 20 ms, so
    /// that a clock that is moved by hand is soon noticed. An idle bank that waits for nothing does not look at all.
    fn patience(&self) -> Duration {
        Duration::from_millis(20)
    }
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one home of the wall clock")]
    fn now(&self) -> Timestamp {
        // Before 1970 the clock is plainly wrong, and after 2262 it cannot be told.
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ns(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    /// A second: it seldom jumps, after a pause of the machine for example.
    fn patience(&self) -> Duration {
        Duration::from_secs(1)
    }
}

/// A clock that stands still until it is told otherwise, for tests.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug)]
pub struct SteppedClock {
    now_ns: std::sync::atomic::AtomicI64,
}

#[cfg(any(test, feature = "testing"))]
impl SteppedClock {
    /// A clock that stands at `start`.
    pub fn starting_at(start: Timestamp) -> std::sync::Arc<SteppedClock> {
        std::sync::Arc::new(SteppedClock { now_ns: start.as_ns().into() })
    }

    /// Moves the clock to `moment`, forwards or backwards.
    pub fn set(&self, moment: Timestamp) {
        self.now_ns.store(moment.as_ns(), std::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(any(test, feature = "testing"))]
impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ns(self.now_ns.load(std::sync::atomic::Ordering::SeqCst))
    }
}
