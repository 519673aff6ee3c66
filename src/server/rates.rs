//! How often is too often: a limiter per kind of thing, by address or by member.
//!
//! A limiter forgets whoever has been quiet long enough to have a full burst again, so its memory is bounded by how many
//! call within that time, and by [`MOST_KEYS`] in any case.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::config;
use super::http::Problem;
use super::members::MemberId;

/// After so many checks a limiter forgets who has been quiet.
const CHECKS_BETWEEN_SWEEPS: u32 = 1_024;
/// The most callers that a limiter remembers; beyond them everybody waits.
const MOST_KEYS: usize = 500_000;

/// The limiters of the service.
#[derive(Debug)]
pub(crate) struct Rates {
    sign_in: Limiter<IpAddr>,
    sign_up: Limiter<IpAddr>,
    payees: Limiter<MemberId>,
    transfers: Limiter<MemberId>,
    batches: Limiter<MemberId>,
}

impl Rates {
    /// Limiters as the operator set them.
    pub(crate) fn new(config: &config::Rates) -> Rates {
        Rates {
            sign_in: Limiter::new("sign_in", config.sign_in_per_address, Duration::from_secs(60)),
            sign_up: Limiter::new("sign_up", config.sign_up_per_address, Duration::from_secs(60 * 60)),
            payees: Limiter::new("payees", config.payees_per_member, Duration::from_secs(60)),
            transfers: Limiter::new("transfers", config.transfers_per_member, Duration::from_secs(10)),
            batches: Limiter::new("batches", config.batch_transfers_per_member, Duration::from_secs(10)),
        }
    }

    /// Counts a sign-in from an address, whether it succeeds or not.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub(crate) fn check_sign_in(&self, address: IpAddr) -> Result<(), Problem> {
        self.sign_in.check(&household(address), 1)
    }

    /// Counts a sign-up from an address.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub(crate) fn check_sign_up(&self, address: IpAddr) -> Result<(), Problem> {
        self.sign_up.check(&household(address), 1)
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

/// Whom an address stands for: an IPv6 customer has a network of 64 bits to call from.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
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

    #[test]
    fn a_network_of_64_bits_is_one_caller() {
        let of = |text: &str| household(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
