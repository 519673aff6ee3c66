//! Where the time comes from: the only module that reads the wall clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use jangbu_ledger::Timestamp;

/// How far the clock may read past the trusted time before the bank asks for an operator's word: 24 hours. A bank that
/// is used every day never reaches it, and a false clock does little harm within it.
pub const USUAL_CLOCK_LEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// A source of the time. It may jump and even go back; the engine makes its records' times increase.
pub trait Clock: Send + Sync + 'static {
    /// The time now, which somebody may set.
    fn now(&self) -> Timestamp;

    /// The time that has passed since some fixed moment. Nobody sets it, and it counts on while the machine sleeps.
    ///
    /// The bank believes a leap of [`Clock::now`] only as far as this passed with it (and a lead, see
    /// `Builder::clock_lead`). By default it follows `now`: a test that moves its clock
    /// forwards has let that time pass. A clock for production must implement it, or no leap is ever noticed while the
    /// bank is open.
    fn uptime(&self) -> Duration {
        Duration::from_nanos(u64::try_from(self.now().as_ns()).unwrap_or(0))
    }

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

    /// The time since the machine was booted. On Linux it includes the time that the machine was suspended.
    fn uptime(&self) -> Duration {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        const SINCE_BOOT: rustix::time::ClockId = rustix::time::ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        const SINCE_BOOT: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
        let since = rustix::time::clock_gettime(SINCE_BOOT);
        Duration::new(u64::try_from(since.tv_sec).unwrap_or(0), u32::try_from(since.tv_nsec).unwrap_or(0))
    }

    /// A second: it seldom jumps, after a pause of the machine for example.
    fn patience(&self) -> Duration {
        Duration::from_secs(1)
    }
}

/// Whether the bank goes by its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockStanding {
    /// It does.
    Trusted,
    /// The clock reads further past the trusted time than the lead allows. Nothing new is decided until the clock is set
    /// right or accepted.
    Ahead,
    /// The clock reads noticeably less than the time of the last record. The bank works; until the clock has caught up,
    /// each record is dated a nanosecond after the one before, and what is due later waits.
    Behind,
}

/// Times in whole milliseconds.
pub mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a time as a number.
    pub fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        u64::try_from(time.as_millis()).unwrap_or(u64::MAX).serialize(serializer)
    }

    /// Reads a time that [`serialize`] wrote.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// What the bank makes of its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockState {
    /// What the clock reads.
    pub reading: Timestamp,
    /// The time of the last record, and what has passed since the bank saw it.
    pub trusted: Timestamp,
    /// How far past the trusted time the clock may read; milliseconds in its serde form.
    #[serde(rename = "lead_ms", with = "milliseconds")]
    pub lead: Duration,
    /// Whether the bank goes by it.
    pub standing: ClockStanding,
}

/// A clock that stands still until it is told otherwise, for tests.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug)]
pub struct SteppedClock {
    now_ns: std::sync::atomic::AtomicI64,
    /// How much of the reading has not passed: by so much the clock was set to a false time.
    leapt_ns: std::sync::atomic::AtomicI64,
}

#[cfg(any(test, feature = "testing"))]
impl SteppedClock {
    /// A clock that stands at `start`.
    pub fn starting_at(start: Timestamp) -> std::sync::Arc<SteppedClock> {
        std::sync::Arc::new(SteppedClock { now_ns: start.as_ns().into(), leapt_ns: 0.into() })
    }

    /// Moves the clock to `moment`, forwards or backwards. Forwards, the time in between has passed.
    pub fn set(&self, moment: Timestamp) {
        self.now_ns.store(moment.as_ns(), std::sync::atomic::Ordering::SeqCst);
    }

    /// Sets the clock to `moment` although no time has passed, as when a clock is false or is corrected.
    pub fn leap(&self, moment: Timestamp) {
        let before = self.now_ns.swap(moment.as_ns(), std::sync::atomic::Ordering::SeqCst);
        let leapt = moment.as_ns().saturating_sub(before);
        self.leapt_ns.fetch_add(leapt, std::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(any(test, feature = "testing"))]
impl Clock for SteppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ns(self.now_ns.load(std::sync::atomic::Ordering::SeqCst))
    }

    fn uptime(&self) -> Duration {
        let leapt = self.leapt_ns.load(std::sync::atomic::Ordering::SeqCst);
        Duration::from_nanos(u64::try_from(self.now().as_ns().saturating_sub(leapt)).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_uptime_passes_and_nobody_sets_it() {
        let first = SystemClock.uptime();
        std::thread::sleep(Duration::from_millis(2));
        assert!(SystemClock.uptime() >= first + Duration::from_millis(2));
    }

    #[test]
    fn time_passes_when_a_stepped_clock_is_set_and_not_when_it_leaps() {
        let clock = SteppedClock::starting_at(Timestamp::from_ns(100));
        clock.set(Timestamp::from_ns(150));
        assert_eq!(clock.uptime(), Duration::from_nanos(150));
        clock.leap(Timestamp::from_ns(900));
        assert_eq!((clock.now().as_ns(), clock.uptime()), (900, Duration::from_nanos(150)));
        clock.set(Timestamp::from_ns(910));
        clock.leap(Timestamp::from_ns(160));
        assert_eq!((clock.now().as_ns(), clock.uptime()), (160, Duration::from_nanos(160)));
    }
}
