//! The clock. Only this module reads the machine's time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use jangbu_ledger::Timestamp;

/// The default of how far the clock may be ahead of the trusted time before the bank asks for confirmation: 24 hours. A
/// bank that is used every day never reaches it, and a wrong clock does little harm within it.
pub const USUAL_CLOCK_LEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// A source of time. It may jump forwards and backwards; the engine makes the times of records increase.
pub trait Clock: Send + Sync + 'static {
    /// Returns the present time, which may be adjusted.
    fn now(&self) -> Timestamp;

    /// Returns the time that has passed since a fixed moment. It cannot be set, and continues while the machine sleeps.
    ///
    /// The bank trusts a jump of [`Clock::now`] only as far as this advanced too, plus a lead
    /// (`Builder::clock_lead`). The default follows `now`, so a test that sets its clock
    /// forward has let that time pass. A clock for production must implement this; otherwise the bank never notices a
    /// jump while it is open.
    fn uptime(&self) -> Duration {
        Duration::from_nanos(u64::try_from(self.now().as_ns()).unwrap_or(0))
    }

    /// Returns the longest time that the engine sleeps without reading this clock while it waits for a moment: 20 ms,
    /// so that a clock that is set by hand is noticed soon. A bank that waits for nothing does not read it at all.
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
        // A clock before 1970 is obviously wrong, and a time after 2262 cannot be represented.
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ns(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
    }

    /// Returns the time since the machine was booted. On Linux, it includes the time during which the machine was
    /// suspended.
    fn uptime(&self) -> Duration {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        const SINCE_BOOT: rustix::time::ClockId = rustix::time::ClockId::Boottime;
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        const SINCE_BOOT: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
        let since = rustix::time::clock_gettime(SINCE_BOOT);
        Duration::new(u64::try_from(since.tv_sec).unwrap_or(0), u32::try_from(since.tv_nsec).unwrap_or(0))
    }

    /// Returns a second, because this clock rarely jumps; it does, for example, after the machine was suspended.
    fn patience(&self) -> Duration {
        Duration::from_secs(1)
    }
}

/// Whether the bank trusts its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockStanding {
    /// The clock is trusted.
    Trusted,
    /// The clock is further ahead of the trusted time than the lead allows. Nothing new is decided until it is set or
    /// accepted.
    Ahead,
    /// The clock is noticeably behind the time of the last record. The bank works, but until the clock has caught up,
    /// each record is dated a nanosecond after the previous one, and nothing falls due.
    Behind,
}

/// Durations as whole milliseconds.
#[doc(hidden)]
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

/// The state of the bank's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockState {
    /// The clock's reading.
    pub reading: Timestamp,
    /// The time of the last record plus the time that has passed since the bank read it.
    pub trusted: Timestamp,
    /// How far the clock may be ahead of the trusted time; in milliseconds when serialized.
    #[serde(rename = "lead_ms", with = "milliseconds")]
    pub lead: Duration,
    /// Whether the bank trusts the clock.
    pub standing: ClockStanding,
}

/// A clock for tests that stands still until it is set.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug)]
pub struct SteppedClock {
    now_ns: std::sync::atomic::AtomicI64,
    /// The part of the reading that did not pass, because the clock was set to a wrong time.
    leapt_ns: std::sync::atomic::AtomicI64,
}

#[cfg(any(test, feature = "testing"))]
impl SteppedClock {
    /// Creates a clock that stands at `start`.
    pub fn starting_at(start: Timestamp) -> std::sync::Arc<SteppedClock> {
        std::sync::Arc::new(SteppedClock { now_ns: start.as_ns().into(), leapt_ns: 0.into() })
    }

    /// Moves the clock to `moment`, forwards or backwards. If forwards, the time in between has passed.
    pub fn set(&self, moment: Timestamp) {
        self.now_ns.store(moment.as_ns(), std::sync::atomic::Ordering::SeqCst);
    }

    /// Sets the clock to `moment` without any time having passed, as when a clock is wrong or corrected.
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
    fn the_machines_uptime_advances_and_cannot_be_set() {
        let first = SystemClock.uptime();
        std::thread::sleep(Duration::from_millis(2));
        assert!(SystemClock.uptime() >= first + Duration::from_millis(2));
    }

    #[test]
    fn time_passes_when_a_stepped_clock_is_set_but_not_when_it_jumps() {
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
