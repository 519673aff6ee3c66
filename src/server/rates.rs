//! Rate limits: a budget per kind of operation, by member, by address and in total.
//!
//! `budgets.rs` lists the budget of each operation. A limiter forgets callers whose burst is full again, so its memory
//! is limited by the number of callers within that time, and by [`MAX_KEYS`] in any case.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use uuid::Uuid;

use super::config;
use super::http::Problem;
use super::members::MemberId;
use super::networks::{LEVELS, V4_TIMES, V6_TIMES, networks_of};
use super::principal::{Principal, Via};

/// The number of checks between two sweeps, which forget idle callers.
const CHECKS_BETWEEN_SWEEPS: u32 = 1_024;
/// The largest number of callers that a limiter remembers. Beyond it, everybody waits.
const MAX_KEYS: usize = 500_000;
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TEN_SECONDS: Duration = Duration::from_secs(10);
/// The period over which the transfers of a member are counted.
pub(crate) const TRANSFERS_PERIOD: Duration = TEN_SECONDS;

/// The kinds of operations with a budget per member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Changes to one's own profile, accounts, tokens and schedules.
    Changes,
    /// Changes of the password and second factors, and proofs. Counted by session.
    Credentials,
    /// Operations that only end something: signing out, revoking, cancelling. Counted by session.
    Endings,
    /// Transfers.
    Transfers,
    /// Transfers in batches sent with a token.
    BatchTransfers,
    /// Others' accounts named for the first time.
    Lookups,
    /// The same in batches.
    BatchLookups,
    /// Everything that staff do as staff, including audited reads.
    Staff,
}

impl Class {
    const ALL: [(Class, &'static str); 8] = [
        (Class::Changes, "changes"),
        (Class::Credentials, "credentials"),
        (Class::Endings, "endings"),
        (Class::Transfers, "transfers"),
        (Class::BatchTransfers, "batch_transfers"),
        (Class::Lookups, "lookups"),
        (Class::BatchLookups, "batch_lookups"),
        (Class::Staff, "staff"),
    ];
}

impl Class {
    /// Returns the key of the budget: the member or only the session. A stolen session must not use up what its owner
    /// needs to end it, and a member has few sessions.
    const fn key(self, payer: Payer) -> Uuid {
        match self {
            Class::Credentials | Class::Endings => payer.means,
            _ => payer.member.0,
        }
    }
}

/// The caller to charge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Payer {
    /// The member.
    pub(crate) member: MemberId,
    /// The id of the session or token that authenticates the member.
    pub(crate) means: Uuid,
    /// The client's address.
    pub(crate) address: IpAddr,
}

impl From<&Principal> for Payer {
    fn from(caller: &Principal) -> Payer {
        let means = match &caller.via {
            Via::Session(id) => id.0,
            Via::Token(id, _) => id.0,
        };
        Payer { member: caller.id(), means, address: caller.address }
    }
}

/// The rate limiters of the service.
#[derive(Debug)]
pub(crate) struct Rates {
    sign_in: ByNetwork,
    known_sign_in: Limiter<MemberId>,
    sign_up: ByNetwork,
    sign_up_total: Limiter<()>,
    budgets: Vec<(Class, Meter)>,
}

/// The budget of one kind of operation.
#[derive(Debug)]
struct Meter {
    member: Limiter<Uuid>,
    address: ByNetwork,
    total: Limiter<()>,
}

impl Rates {
    /// Returns the names of the limiters.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        ["sign_in", "sign_up"].into_iter().chain(Class::ALL.into_iter().map(|(_, name)| name))
    }

    /// Creates limiters with the operator's settings.
    pub(crate) fn new(config: &config::Rates) -> Rates {
        let budgets = Class::ALL.map(|(class, name)| {
            let (budget, period) = match class {
                Class::Changes => (config.changes, HOUR),
                Class::Credentials => (config.credentials, HOUR),
                Class::Endings => (config.endings, MINUTE),
                Class::Transfers => (config.transfers, TRANSFERS_PERIOD),
                Class::BatchTransfers => (config.batch_transfers, TEN_SECONDS),
                Class::Lookups => (config.lookups, MINUTE),
                Class::BatchLookups => (config.batch_lookups, DAY),
                Class::Staff => (config.staff, TEN_SECONDS),
            };
            let meter = Meter {
                member: Limiter::new(name, budget.per_member, period),
                address: ByNetwork::new(name, budget.per_address, period),
                total: Limiter::new(name, budget.total, period),
            };
            (class, meter)
        });
        Rates {
            sign_in: ByNetwork::new("sign_in", config.sign_in_per_address, MINUTE),
            known_sign_in: Limiter::new("sign_in", config.sign_in_per_address, MINUTE),
            sign_up: ByNetwork::new("sign_up", config.sign_up_per_address, HOUR),
            sign_up_total: Limiter::new("sign_up", config.sign_up_total, HOUR),
            budgets: budgets.into(),
        }
    }

    /// Counts an unknown client's sign-in from an address, whether it succeeds or not. All addresses together are
    /// limited by password hashing.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub(crate) fn check_sign_in(&self, address: IpAddr) -> Result<(), Problem> {
        self.sign_in.check(address, 1)
    }

    /// Counts a member's sign-in from a known device. It does not count for the network, but is limited, too.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub(crate) fn check_known_sign_in(&self, member: MemberId) -> Result<(), Problem> {
        self.known_sign_in.check(&member, 1)
    }

    /// Counts a sign-up from an address.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub(crate) fn check_sign_up(&self, address: IpAddr) -> Result<(), Problem> {
        self.sign_up.check(address, 1)?;
        self.sign_up_total.check(&(), 1)
    }

    /// Counts `count` operations of a kind. For the member, all or none are counted.
    ///
    /// # Errors
    /// 429 with the seconds to wait, and with the largest possible count if `count` exceeds it.
    pub(crate) fn charge(&self, class: Class, payer: Payer, count: usize) -> Result<(), Problem> {
        let Some((_, meter)) = self.budgets.iter().find(|(of, _)| *of == class) else { return Ok(()) };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        // The narrow limits first: what they refuse must not count for everybody.
        meter.member.check(&class.key(payer), count)?;
        meter.address.check(payer.address, count)?;
        meter.total.check(&(), count)
    }

    /// Counts a run of a member's standing order among the member's transfers. It has no address.
    ///
    /// # Errors
    /// 429 if it has to wait.
    pub(crate) fn charge_run(&self, member: MemberId) -> Result<(), Problem> {
        let Some((_, meter)) = self.budgets.iter().find(|(of, _)| *of == Class::Transfers) else { return Ok(()) };
        meter.member.check(&member.0, 1)?;
        meter.total.check(&(), 1)
    }
}

/// A limit by address, for networks of every size that the address belongs to.
#[derive(Debug)]
struct ByNetwork {
    v4: [Limiter<IpNet>; LEVELS],
    v6: [Limiter<IpNet>; LEVELS],
}

impl ByNetwork {
    /// Creates a limit of `burst` for a customer's network, and multiples of it for larger networks.
    fn new(name: &'static str, burst: u32, period: Duration) -> ByNetwork {
        let limiter = |times: u32| Limiter::new(name, burst.saturating_mul(times), period);
        ByNetwork { v4: V4_TIMES.map(limiter), v6: V6_TIMES.map(limiter) }
    }

    /// Counts operations of an address, in the smallest network first: what is refused there does not count against
    /// neighbors. If too many small networks are remembered, only the large ones decide.
    fn check(&self, address: IpAddr, count: u32) -> Result<(), Problem> {
        let levels = if address.to_canonical().is_ipv4() { &self.v4 } else { &self.v6 };
        let mut networks = levels.iter().zip(networks_of(address)).peekable();
        while let Some((limiter, network)) = networks.next() {
            if !limiter.is_full() || networks.peek().is_none() {
                limiter.check(&network, count)?;
            }
        }
        Ok(())
    }
}

/// A limiter with a burst per key that refills evenly.
#[derive(Debug)]
struct Limiter<K: Eq + Hash + Clone> {
    name: &'static str,
    burst: u32,
    /// `None` if there is no limit.
    limiter: Option<DefaultKeyedRateLimiter<K>>,
    checks: AtomicU32,
    /// Whether the limiter was full at the last sweep. Counting its keys each time would take longer than the check.
    is_full: AtomicBool,
}

impl<K: Eq + Hash + Clone> Limiter<K> {
    /// Creates a limiter with a `burst` that refills within `period`; 0 means no limit.
    fn new(name: &'static str, burst: u32, period: Duration) -> Limiter<K> {
        let quota = NonZeroU32::new(burst).and_then(|burst| {
            let one = period.checked_div(burst.get())?;
            Quota::with_period(one).map(|quota| quota.allow_burst(burst))
        });
        Limiter {
            name,
            burst,
            limiter: quota.map(RateLimiter::keyed),
            checks: AtomicU32::new(0),
            is_full: AtomicBool::new(false),
        }
    }

    fn check(&self, key: &K, count: u32) -> Result<(), Problem> {
        let (Some(limiter), Some(count)) = (&self.limiter, NonZeroU32::new(count)) else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % CHECKS_BETWEEN_SWEEPS == CHECKS_BETWEEN_SWEEPS - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
            self.is_full.store(limiter.len() > MAX_KEYS, Ordering::Relaxed);
        }
        if self.is_full() {
            return Err(self.refused(60));
        }
        match limiter.check_key_n(key, count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                Err(self.refused(wait.as_secs().saturating_add(1)))
            }
            // The count exceeds the burst.
            Err(_) => Err(self.refused(60).with_figure("most", self.burst)),
        }
    }

    fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    fn refused(&self, seconds: u64) -> Problem {
        metrics::counter!("jangbu_http_rate_limited_total", "limit" => self.name).increment(1);
        Problem::too_many(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_limited() {
        let limiter = Limiter::new("test", 3, Duration::from_secs(60));
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for _ in 0..3 {
            limiter.check(&one, 1).unwrap();
        }
        let refused = limiter.check(&one, 1).unwrap_err();
        assert_eq!(refused.status(), 429);
        assert!(actix_web::ResponseError::error_response(&refused).headers().contains_key("retry-after"));
        limiter.check(&other, 1).unwrap();
    }

    #[test]
    fn several_operations_count_all_or_none() {
        let limiter = Limiter::new("test", 10, Duration::from_secs(60));
        let one = IpAddr::from([192, 0, 2, 1]);
        limiter.check(&one, 6).unwrap();
        assert_eq!(limiter.check(&one, 5).unwrap_err().status(), 429);
        limiter.check(&one, 4).unwrap();
        let never = limiter.check(&one, 11).unwrap_err();
        assert_eq!((never.status().as_u16(), never.figures().get("most")), (429, Some(&10.into())));
    }

    #[test]
    fn zero_is_no_limit() {
        let limiter = Limiter::new("test", 0, Duration::from_secs(60));
        assert!((0..10_000).all(|_| limiter.check(&IpAddr::from([192, 0, 2, 1]), 1).is_ok()));
    }

    /// Returns how many of the addresses are admitted.
    fn allowed(limit: &ByNetwork, addresses: impl Iterator<Item = std::net::Ipv6Addr>) -> usize {
        addresses.filter(|address| limit.check((*address).into(), 1).is_ok()).count()
    }

    #[test]
    fn a_network_has_one_limit_whatever_its_size() {
        let base = "2001:db8:1::".parse::<std::net::Ipv6Addr>().unwrap().to_bits();
        let within = |length: u32| (0..400_u128).map(move |number| (base | number << (128 - length - 9)).into());
        for (length, expected) in [(64, 3), (56, 12), (48, 48)] {
            let limit = ByNetwork::new("test", 3, Duration::from_secs(60));
            assert_eq!(allowed(&limit, within(length)), expected, "/{length}");
            let elsewhere = "2001:db8:2::1".parse::<IpAddr>().unwrap();
            assert!(limit.check(elsewhere, 1).is_ok(), "other networks are admitted");
        }
        let limit = ByNetwork::new("test", 3, Duration::from_secs(60));
        let v4 = |third: u8, fourth: u8| limit.check(IpAddr::from([192, 0, third, fourth]), 1).is_ok();
        assert_eq!((0..=255).filter(|fourth| v4(2, *fourth)).count(), 24, "eight times as much for a /24");
        assert!(v4(3, 1) && limit.check("::ffff:192.0.2.9".parse().unwrap(), 1).is_err());
    }

    #[test]
    fn refusals_do_not_count_against_neighbors() {
        let limit = ByNetwork::new("test", 3, Duration::from_secs(60));
        let one = "2001:db8:1::1".parse::<IpAddr>().unwrap();
        assert_eq!((0..1_000).filter(|_| limit.check(one, 1).is_ok()).count(), 3);
        assert!((0..3).all(|_| limit.check("2001:db8:1:1::1".parse().unwrap(), 1).is_ok()));
    }

    #[test]
    fn a_budget_holds_for_the_member_the_address_and_in_total() {
        use crate::server::config::Budget;
        let changes = Budget { per_member: 2, per_address: 3, total: 5 };
        let rates = Rates::new(&config::Rates { changes, ..config::Rates::UNLIMITED });
        let (mina, joon) = (MemberId::random(), MemberId::random());
        let charge = |member, host| {
            let payer = Payer { member, means: Uuid::nil(), address: IpAddr::from([192, 0, 2, host]) };
            rates.charge(Class::Changes, payer, 1).is_ok()
        };
        assert!(charge(mina, 1) && charge(mina, 1) && !charge(mina, 1), "two of a member");
        assert!(charge(joon, 1) && !charge(MemberId::random(), 1), "three of an address");
        assert!(charge(MemberId::random(), 2) && charge(MemberId::random(), 3));
        assert!(!charge(MemberId::random(), 4), "five in total");
        let payer = Payer { member: mina, means: Uuid::nil(), address: IpAddr::from([192, 0, 2, 1]) };
        assert!(rates.charge(Class::Endings, payer, 1).is_ok(), "each kind has its own budget");
    }
    #[test]
    fn a_stolen_session_cannot_use_up_the_budget_to_end_it() {
        let tight = crate::server::config::Budget { per_member: 2, per_address: 0, total: 0 };
        let rates = Rates::new(&config::Rates { changes: tight, endings: tight, ..config::Rates::UNLIMITED });
        let (member, address) = (MemberId::random(), IpAddr::from([192, 0, 2, 1]));
        let charge = |class, means| rates.charge(class, Payer { member, means: Uuid::from_u128(means), address }, 1);
        for (class, own_is_left) in [(Class::Endings, true), (Class::Changes, false)] {
            let by_thief = (0..10).filter(|_| charge(class, 1).is_ok()).count();
            assert_eq!((by_thief, charge(class, 2).is_ok()), (2, own_is_left), "{class:?}");
        }
    }
}
