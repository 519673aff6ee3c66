//! Delays after failed sign-ins: the longer the more there were, per username. Nobody is locked out by others' tries.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;

use crate::server::http::Problem;

/// So many tries cost nothing: people mistype.
const FREE_TRIES: u32 = 3;
/// The longest delay.
const LONGEST: Duration = Duration::from_secs(300);
/// After so long without a try everything is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3_600);
/// The most names that are remembered. Beyond them those with the fewest failures are forgotten.
const MOST_NAMES: usize = 10_000;

/// The failures of each name. A name that nobody has is treated as any other.
#[derive(Debug, Default)]
pub(crate) struct Delays {
    failures: Mutex<HashMap<[u8; 32], Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    /// By the uptime: under a clock that was set meanwhile, nobody would be let through until it had caught up.
    last: Duration,
}

impl Failures {
    /// From when on the next try is let through.
    fn next(self) -> Duration {
        let Some(beyond) = self.count.checked_sub(FREE_TRIES) else { return self.last };
        let delay = 1_u64.checked_shl(beyond).map_or(LONGEST, Duration::from_secs).min(LONGEST);
        self.last.saturating_add(delay)
    }

    fn is_old(self, now: Duration) -> bool {
        self.last.saturating_add(FORGOTTEN_AFTER) <= now
    }
}

impl Delays {
    /// Counts a try as failed, before it is looked at: so many at once count too. Success takes it back.
    ///
    /// # Errors
    /// 429 with the seconds to wait, when the last failure is too short ago. `now` is the uptime.
    pub(crate) fn begin(&self, name: &str, now: Duration) -> Result<(), Problem> {
        let mut failures = self.failures.lock();
        if failures.len() >= MOST_NAMES {
            forget(&mut failures, now);
        }
        let entry = failures.entry(key(name)).or_insert(Failures { count: 0, last: now });
        if entry.is_old(now) {
            entry.count = 0;
        }
        let next = entry.next();
        if now < next {
            let wait = next.saturating_sub(now);
            return Err(Problem::too_many(wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))));
        }
        *entry = Failures { count: entry.count.saturating_add(1), last: now };
        Ok(())
    }

    /// The try was none: it asked for a second factor, or could not be looked at.
    pub(crate) fn take_back(&self, name: &str) {
        if let Some(entry) = self.failures.lock().get_mut(&key(name)) {
            entry.count = entry.count.saturating_sub(1);
        }
    }

    /// The member has signed in.
    pub(crate) fn forget(&self, name: &str) {
        self.failures.lock().remove(&key(name));
    }
}

/// Drops what is old, and where that is not enough the half with the fewest failures.
fn forget(failures: &mut HashMap<[u8; 32], Failures>, now: Duration) {
    failures.retain(|_, entry| !entry.is_old(now));
    if failures.len() >= MOST_NAMES {
        let mut order: Vec<_> = failures.iter().map(|(key, entry)| (entry.count, entry.last, *key)).collect();
        order.sort_unstable();
        for (_, _, key) in order.into_iter().take(MOST_NAMES / 2) {
            failures.remove(&key);
        }
    }
}

fn key(name: &str) -> [u8; 32] {
    *blake3::hash(name.to_lowercase().as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_delay_doubles_and_has_an_end() {
        let delays = Delays::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..14 {
            let mut waited = 0;
            while delays.begin("mina", at(now)).is_err() {
                (now, waited) = (now + 1, waited + 1);
            }
            waits.push(waited);
        }
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }

    #[test]
    fn success_and_time_forget_and_names_do_not_mix() {
        let delays = Delays::default();
        for _ in 0..3 {
            delays.begin("Mina", at(0)).unwrap();
        }
        assert_eq!(delays.begin("mina", at(0)).unwrap_err().code(), "rate_limited");
        assert!(delays.begin("joon", at(0)).is_ok());
        delays.take_back("mina");
        assert!(delays.begin("mina", at(0)).is_ok());
        delays.forget("MINA");
        assert!((0..3).all(|_| delays.begin("mina", at(0)).is_ok()));
        assert!(delays.begin("mina", at(0)).is_err());
        assert!((0..3).all(|_| delays.begin("mina", at(3_600)).is_ok()));
    }

    #[test]
    fn memory_is_bounded_and_the_worst_are_remembered() {
        let delays = Delays::default();
        for _ in 0..3 {
            delays.begin("mina", at(0)).unwrap();
        }
        for number in 0..2 * MOST_NAMES {
            delays.begin(&format!("name {number}"), at(0)).unwrap();
        }
        assert!(delays.failures.lock().len() <= MOST_NAMES);
        assert!(delays.begin("mina", at(0)).is_err());
    }
}
