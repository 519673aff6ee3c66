//! Delays after failed sign-ins, growing with their number: by name and network, so that a stranger's attempts delay
//! the stranger and not the member.
//!
//! A device that signed in before is counted separately, and so is a signed-in member. Many networks that try one name
//! together are delayed together, after many more attempts and for less time. Only this delay can affect a member
//! because of others, and never on a known device.

use std::collections::BTreeMap;
use std::time::Duration;

use ipnet::IpNet;
use parking_lot::Mutex;

use super::{MemberError, MemberId};

/// After this time without an attempt, everything is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3_600);
/// The most failures that are remembered, about 5 MiB. Beyond that, those with the lowest counts are forgotten.
const MOST_REMEMBERED: usize = 50_000;

/// How failures of one kind cause delays.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// The number of attempts without delay, because people mistype.
    free_tries: u32,
    /// The longest delay.
    longest: Duration,
    /// After this time one failure is forgotten, whatever else happens.
    forgives_every: Duration,
}

/// For one network, one device, one member.
const OF_ONE: Rule = Rule { free_tries: 3, longest: Duration::from_secs(300), forgives_every: FORGOTTEN_AFTER };
/// For all networks together with one name. Two networks that try for hours are admitted less often than this forgives,
/// because of the rule above.
const OF_ALL: Rule = Rule { free_tries: 50, longest: Duration::from_secs(60), forgives_every: Duration::from_secs(72) };

/// Who tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptFrom {
    /// A stranger from that network.
    Network(IpNet),
    /// A device of the member, by the mark in its cookie.
    Device(MemberId, [u8; 16]),
    /// The signed-in member, who is asked for the password again.
    SignedIn(MemberId),
}

type Hash = [u8; 32];
/// The key after a name for all networks together.
const ALL: Hash = [0; 32];

/// The failures of each name. Unknown names are treated like all others.
#[derive(Debug, Default)]
pub(crate) struct Delays {
    /// By hashes of the name and the origin.
    failures: Mutex<BTreeMap<(Hash, Hash), Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    /// By the uptime. If the clock were set, nobody would be admitted until it had caught up.
    last: Duration,
    /// Since when no failure was forgiven.
    unforgiven: Duration,
}

impl Failures {
    /// Returns the failures as they count now.
    fn at(self, rule: Rule, now: Duration) -> Failures {
        if self.is_old(now) {
            return Failures { count: 0, unforgiven: now, ..self };
        }
        let passed = now.saturating_sub(self.unforgiven).as_secs();
        let forgiven = passed.checked_div(rule.forgives_every.as_secs()).unwrap_or_default();
        let count = self.count.saturating_sub(u32::try_from(forgiven).unwrap_or(u32::MAX));
        let since = Duration::from_secs(forgiven.saturating_mul(rule.forgives_every.as_secs()));
        let unforgiven = if count == 0 { now } else { self.unforgiven.saturating_add(since) };
        Failures { count, unforgiven, ..self }
    }

    /// Returns how long the next attempt must wait.
    fn wait(self, rule: Rule, now: Duration) -> Duration {
        let Some(beyond) = self.at(rule, now).count.checked_sub(rule.free_tries) else { return Duration::ZERO };
        let delay = 1_u64.checked_shl(beyond).map_or(rule.longest, Duration::from_secs).min(rule.longest);
        self.last.saturating_add(delay).saturating_sub(now)
    }

    fn is_old(self, now: Duration) -> bool {
        self.last.saturating_add(FORGOTTEN_AFTER) <= now
    }
}

impl Delays {
    /// Counts an attempt as failed before it is checked, so that simultaneous attempts count, too. Success takes it
    /// back.
    ///
    /// # Errors
    /// 429 with the seconds to wait, when the last failure is too short ago. `now` is the uptime.
    pub(crate) fn begin(&self, name: &str, tries: AttemptFrom, now: Duration) -> Result<(), MemberError> {
        let mut failures = self.failures.lock();
        if failures.len() >= MOST_REMEMBERED {
            forget(&mut failures, now);
        }
        let counted = counted(name, tries);
        let waits = counted.iter().filter_map(|(key, rule)| Some(failures.get(key)?.wait(*rule, now)));
        let wait = waits.max().unwrap_or_default();
        if !wait.is_zero() {
            let wait_s = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            return Err(MemberError::TooManyFailures { wait_s });
        }
        for (key, rule) in counted {
            let entry = failures.entry(key).or_insert(Failures { count: 0, last: now, unforgiven: now });
            let before = entry.at(rule, now);
            *entry = Failures { count: before.count.saturating_add(1), last: now, ..before };
        }
        Ok(())
    }

    /// Takes an attempt back: it lacked the second factor, or could not be checked.
    pub(crate) fn take_back(&self, name: &str, tries: AttemptFrom) {
        let mut failures = self.failures.lock();
        for (key, _) in counted(name, tries) {
            if let Some(entry) = failures.get_mut(&key) {
                entry.count = entry.count.saturating_sub(1);
            }
        }
    }

    /// Notes a success: earlier failures from the same origin were mistakes. Failures from other origins stay counted.
    pub(crate) fn succeeded(&self, name: &str, tries: AttemptFrom) {
        self.take_back(name, tries);
        let mut failures = self.failures.lock();
        for (key, _) in counted(name, tries) {
            if key.1 != ALL {
                failures.remove(&key);
            }
        }
    }

    /// Forgets all failures of a name: its password was replaced, or it belongs to nobody.
    pub(crate) fn forget(&self, name: &str) {
        let name = hash_of_name(name);
        self.failures.lock().retain(|(of, _), _| *of != name);
    }
}

/// Returns the counters of an attempt.
fn counted(name: &str, tries: AttemptFrom) -> Vec<((Hash, Hash), Rule)> {
    let hash = hash_of_name(name);
    match tries {
        AttemptFrom::Network(network) => {
            vec![((hash, hash_of("network", network.to_string().as_bytes())), OF_ONE), ((hash, ALL), OF_ALL)]
        }
        AttemptFrom::Device(_, device) => vec![((hash, hash_of("device", &device)), OF_ONE)],
        AttemptFrom::SignedIn(member) => vec![((hash, hash_of("member", member.0.as_bytes())), OF_ONE)],
    }
}

/// Drops old failures and, if that is not enough, the half with the lowest counts.
fn forget(failures: &mut BTreeMap<(Hash, Hash), Failures>, now: Duration) {
    failures.retain(|_, entry| !entry.is_old(now));
    if failures.len() >= MOST_REMEMBERED {
        let mut order: Vec<_> = failures.iter().map(|(key, entry)| (entry.count, entry.last, *key)).collect();
        order.sort_unstable();
        for (_, _, key) in order.into_iter().take(MOST_REMEMBERED / 2) {
            failures.remove(&key);
        }
    }
}

fn hash_of_name(name: &str) -> Hash {
    *blake3::hash(name.to_lowercase().as_bytes()).as_bytes()
}

fn hash_of(kind: &str, bytes: &[u8]) -> Hash {
    *blake3::Hasher::new().update(kind.as_bytes()).update(&[0]).update(bytes).finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn from(number: u32) -> AttemptFrom {
        AttemptFrom::Network(IpNet::from(std::net::IpAddr::from(number.to_be_bytes())))
    }

    #[test]
    fn the_delay_doubles_and_has_an_end() {
        let delays = Delays::default();
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..14 {
            let mut waited = 0;
            while delays.begin("mina", from(1), at(now)).is_err() {
                (now, waited) = (now + 1, waited + 1);
            }
            waits.push(waited);
        }
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }

    #[test]
    fn strangers_delay_themselves_and_nobody_else() {
        let delays = Delays::default();
        let (device, member) =
            (AttemptFrom::Device(MemberId::random(), [7; 16]), AttemptFrom::SignedIn(MemberId::random()));
        for second in 0..7_200 {
            // Two networks that try for hours, as often as they are let.
            let _ = delays.begin("mina", from(1), at(second));
            let _ = delays.begin("mina", from(2), at(second));
            if second % 600 == 0 {
                for own in [from(3 + u32::try_from(second).unwrap()), device, member] {
                    assert!(delays.begin("mina", own, at(second)).is_ok(), "{own:?} after {second} s");
                    delays.succeeded("mina", own);
                }
            }
        }
    }

    #[test]
    fn many_networks_together_are_delayed_and_known_devices_are_not() {
        let delays = Delays::default();
        let allowed = (0..1_000).filter(|network| delays.begin("mina", from(*network), at(0)).is_ok()).count();
        assert_eq!(allowed, 50);
        let waited = (0..=60).find(|second| delays.begin("mina", from(5_000), at(*second)).is_ok());
        assert_eq!(waited, Some(1));
        assert!(delays.begin("mina", AttemptFrom::Device(MemberId::random(), [7; 16]), at(0)).is_ok());
        assert!(delays.begin("joon", from(1), at(0)).is_ok());
        let hour = (1..3_600).flat_map(|second| [(second, from(10_000 + second)), (second, from(20_000 + second))]);
        let allowed =
            hour.filter(|(second, network)| delays.begin("mina", *network, at(u64::from(*second))).is_ok()).count();
        assert!(allowed < 70, "{allowed} in an hour: at most one a minute, once there were many");
    }

    #[test]
    fn success_and_time_forget_and_names_do_not_mix() {
        let delays = Delays::default();
        let place = from(1);
        for _ in 0..3 {
            delays.begin("Mina", place, at(0)).unwrap();
        }
        assert!(matches!(delays.begin("mina", place, at(0)), Err(MemberError::TooManyFailures { .. })));
        assert!(delays.begin("joon", place, at(0)).is_ok());
        delays.take_back("mina", place);
        assert!(delays.begin("mina", place, at(0)).is_ok());
        delays.succeeded("MINA", place);
        assert!((0..3).all(|_| delays.begin("mina", place, at(0)).is_ok()));
        assert!(delays.begin("mina", place, at(0)).is_err());
        delays.forget("miNa");
        assert!((0..3).all(|_| delays.begin("mina", place, at(0)).is_ok()));
        assert!(delays.begin("mina", place, at(0)).is_err());
        assert!((0..3).all(|_| delays.begin("mina", place, at(3_600)).is_ok()));
    }

    #[test]
    fn memory_is_bounded_and_the_worst_are_remembered() {
        let delays = Delays::default();
        for _ in 0..3 {
            delays.begin("mina", from(1), at(0)).unwrap();
        }
        for number in 0..2 * u32::try_from(MOST_REMEMBERED).unwrap() {
            delays.begin(&format!("name {number}"), from(1), at(0)).unwrap();
        }
        assert!(delays.failures.lock().len() <= MOST_REMEMBERED + 1);
        assert!(delays.begin("mina", from(1), at(0)).is_err());
    }
}
