//! How often is too often: a limiter per kind of thing, by address or by member.
//!
//! A limiter forgets whoever has been quiet long enough to have a full burst again, so its memory is bounded by how many
//! call within that time, and by [`MOST_KEYS`] in any case.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;

use super::config;
use super::http::Problem;
use super::members::MemberId;
use super::networks::{LEVELS, V4_TIMES, V6_TIMES, networks_of};

/// After so many checks a limiter forgets who has been quiet.
const CHECKS_BETWEEN_SWEEPS: u32 = 1_024;
/// The most callers that a limiter remembers; beyond them everybody waits.
const MOST_KEYS: usize = 500_000;

/// The limiters of the service.
#[derive(Debug)]
pub(crate) struct Rates {
    sign_in: ByNetwork,
    known_sign_in: Limiter<MemberId>,
    sign_up: ByNetwork,
    payees: Limiter<MemberId>,
    transfers: Limiter<MemberId>,
    batches: Limiter<MemberId>,
}

impl Rates {
    /// The limiters by name.
    pub(crate) const LIMITS: [&'static str; 5] = ["sign_in", "sign_up", "payees", "transfers", "batches"];

    /// Limiters as the operator set them.
    pub(crate) fn new(config: &config::Rates) -> Rates {
        let [sign_in, sign_up, payees, transfers, batches] = Rates::LIMITS;
        Rates {
            sign_in: ByNetwork::new(sign_in, config.sign_in_per_address, Duration::from_secs(60)),
            known_sign_in: Limiter::new(sign_in, config.sign_in_per_address, Duration::from_secs(60)),
            sign_up: ByNetwork::new(sign_up, config.sign_up_per_address, Duration::from_secs(60 * 60)),
            payees: Limiter::new(payees, config.payees_per_member, Duration::from_secs(60)),
            transfers: Limiter::new(transfers, config.transfers_per_member, Duration::from_secs(10)),
            batches: Limiter::new(batches, config.batch_transfers_per_member, Duration::from_secs(10)),
        }
    }

    /// Counts a sign-in of a stranger from an address, whether it succeeds or not.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub(crate) fn check_sign_in(&self, address: IpAddr) -> Result<(), Problem> {
        self.sign_in.check(address)
    }

    /// Counts a sign-in of a member with a device that is known: among those of no network, and none the less bounded.
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
        self.sign_up.check(address)
    }

    /// Counts a member's look-up of a payee.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub(crate) fn check_payee(&self, member: MemberId) -> Result<(), Problem> {
        self.payees.check(&member, 1)
    }

    /// Counts a member's transfer.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub(crate) fn check_transfer(&self, member: MemberId) -> Result<(), Problem> {
        self.transfers.check(&member, 1)
    }

    /// Counts the transfers of a member's batch, all or none: among the member's others, or, where a token asks, by
    /// themselves.
    ///
    /// # Errors
    /// 429 with the seconds to wait, and the most that a batch may have where it is too large to be ever allowed.
    pub(crate) fn check_batch(&self, member: MemberId, transfers: usize, by_token: bool) -> Result<(), Problem> {
        let limiter = if by_token { &self.batches } else { &self.transfers };
        // Also an empty one takes work.
        limiter.check(&member, u32::try_from(transfers).unwrap_or(u32::MAX).max(1))
    }
}

/// A limit by address, in the networks of every size that the address belongs to.
#[derive(Debug)]
struct ByNetwork {
    v4: [Limiter<IpNet>; LEVELS],
    v6: [Limiter<IpNet>; LEVELS],
}

impl ByNetwork {
    /// A limit of `burst` for the network of one customer, and of a multiple for each larger one.
    fn new(name: &'static str, burst: u32, period: Duration) -> ByNetwork {
        let limiter = |times: u32| Limiter::new(name, burst.saturating_mul(times), period);
        ByNetwork { v4: V4_TIMES.map(limiter), v6: V6_TIMES.map(limiter) }
    }

    /// Counts one from an address, in the smallest network first: what is refused there does not count against the
    /// neighbours. Where too many small networks are remembered already, the large ones alone decide.
    fn check(&self, address: IpAddr) -> Result<(), Problem> {
        let levels = if address.to_canonical().is_ipv4() { &self.v4 } else { &self.v6 };
        let mut networks = levels.iter().zip(networks_of(address)).peekable();
        while let Some((limiter, network)) = networks.next() {
            if !limiter.is_full() || networks.peek().is_none() {
                limiter.check(&network, 1)?;
            }
        }
        Ok(())
    }
}

/// One limiter: a burst per key, which refills evenly.
#[derive(Debug)]
struct Limiter<K: Eq + Hash + Clone> {
    name: &'static str,
    burst: u32,
    /// `None` when the operator set no limit.
    limiter: Option<DefaultKeyedRateLimiter<K>>,
    checks: AtomicU32,
}

impl<K: Eq + Hash + Clone> Limiter<K> {
    /// A limiter of `burst` that refills within `period`; 0 is no limit.
    fn new(name: &'static str, burst: u32, period: Duration) -> Limiter<K> {
        let quota = NonZeroU32::new(burst).and_then(|burst| {
            let one = period.checked_div(burst.get())?;
            Quota::with_period(one).map(|quota| quota.allow_burst(burst))
        });
        Limiter { name, burst, limiter: quota.map(RateLimiter::keyed), checks: AtomicU32::new(0) }
    }

    /// Whether so many are remembered that no other one is let through.
    fn is_full(&self) -> bool {
        self.limiter.as_ref().is_some_and(|limiter| limiter.len() > MOST_KEYS)
    }

    fn check(&self, key: &K, count: u32) -> Result<(), Problem> {
        let (Some(limiter), Some(count)) = (&self.limiter, NonZeroU32::new(count)) else { return Ok(()) };
        if self.checks.fetch_add(1, Ordering::Relaxed) % CHECKS_BETWEEN_SWEEPS == CHECKS_BETWEEN_SWEEPS - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        if limiter.len() > MOST_KEYS {
            return Err(self.refused(60));
        }
        match limiter.check_key_n(key, count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(DefaultClock::default().now());
                Err(self.refused(wait.as_secs().saturating_add(1)))
            }
            // More at once than the burst can ever hold.
            Err(_) => Err(self.refused(60).with_figure("most", self.burst)),
        }
    }

    fn refused(&self, seconds: u64) -> Problem {
        metrics::counter!("jangbu_rate_limited_total", "limit" => self.name).increment(1);
        Problem::too_many(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_the_next_one_told_to_wait() {
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
    fn many_count_as_many_and_all_or_none_of_them() {
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

    /// How many of the addresses are let through.
    fn allowed(limit: &ByNetwork, addresses: impl Iterator<Item = std::net::Ipv6Addr>) -> usize {
        addresses.filter(|address| limit.check((*address).into()).is_ok()).count()
    }

    #[test]
    fn whoever_has_a_network_has_one_limit_however_large_it_is() {
        let base = "2001:db8:1::".parse::<std::net::Ipv6Addr>().unwrap().to_bits();
        let within = |length: u32| (0..400_u128).map(move |number| (base | number << (128 - length - 9)).into());
        for (length, expected) in [(64, 3), (56, 12), (48, 48)] {
            let limit = ByNetwork::new("test", 3, Duration::from_secs(60));
            assert_eq!(allowed(&limit, within(length)), expected, "/{length}");
            let elsewhere = "2001:db8:2::1".parse::<IpAddr>().unwrap();
            assert!(limit.check(elsewhere).is_ok(), "and nobody else is shut out");
        }
        let limit = ByNetwork::new("test", 3, Duration::from_secs(60));
        let v4 = |third: u8, fourth: u8| limit.check(IpAddr::from([192, 0, third, fourth])).is_ok();
        assert_eq!((0..=255).filter(|fourth| v4(2, *fourth)).count(), 24, "eight times as much for a /24");
        assert!(v4(3, 1) && limit.check("::ffff:192.0.2.9".parse().unwrap()).is_err());
    }

    #[test]
    fn what_is_refused_does_not_count_against_the_neighbours() {
        let limit = ByNetwork::new("test", 3, Duration::from_secs(60));
        let one = "2001:db8:1::1".parse::<IpAddr>().unwrap();
        assert_eq!((0..1_000).filter(|_| limit.check(one).is_ok()).count(), 3);
        assert!((0..3).all(|_| limit.check("2001:db8:1:1::1".parse().unwrap()).is_ok()));
    }
}
