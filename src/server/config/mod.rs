//! The operator's settings, from defaults, `jangbu.toml`, the environment and flags. Later sources override earlier
//! ones.

mod keys;
mod proof;
mod rates;
mod reading;
mod settings;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use jangbu::clock::USUAL_CLOCK_LEAD;
use secrecy::SecretString;
use url::Url;

use crate::zone;
pub(crate) use proof::{Proof, SecondFactor};
#[cfg(test)]
pub(crate) use rates::Budget;
pub(crate) use rates::Rates;
pub(crate) use settings::{ConfigError, FlagSetting, Settings};

/// The settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The bank's directory.
    pub(crate) data: PathBuf,
    /// The bank's display name.
    pub(crate) name: String,
    /// The address to listen on.
    pub(crate) listen: SocketAddr,
    /// A separate address for `/metrics`, `/healthz` and `/readyz`, if any.
    pub(crate) operator_listen: Option<SocketAddr>,
    /// The URL under which browsers reach the service.
    pub(crate) public_url: Option<Url>,
    /// Whether other machines may be served without https in front.
    pub(crate) insecure_http: bool,
    /// The proxies whose `X-Forwarded-For` header is trusted. None if empty.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Whether anyone can sign up.
    pub(crate) sign_up: bool,
    /// How long sessions last.
    pub(crate) sessions: Sessions,
    /// The proofs of presence that members must give.
    pub(crate) proof: Proof,
    /// The limits on the rate of requests.
    pub(crate) rates: Rates,
    /// The part of the disk that stays free.
    pub(crate) storage: Storage,
    /// The verification of transfers before settlement.
    pub(crate) verification: Verification,
    /// The parameters of password hashing.
    pub(crate) passwords: Passwords,
    /// The IANA name of a new bank's time zone and the source of the setting; the engine's default if `None`.
    pub(crate) time_zone: Option<zone::TimeZoneSetting>,
    /// How far past the trusted time the clock may read before an operator must accept it: 24 hours.
    pub(crate) clock_lead: Duration,
    /// Whether a request that moves money must have an `Idempotency-Key`.
    pub(crate) require_idempotency_key: bool,
    /// The limits of connections and requests.
    pub(crate) limits: Limits,
    /// Whether every request is logged.
    pub(crate) access_log: bool,
    /// Whether the bank is a demo.
    pub(crate) demo: bool,
}

impl Config {
    /// Returns the defaults, for the bank in `data`.
    pub(crate) fn new(data: impl Into<PathBuf>) -> Config {
        Config {
            data: data.into(),
            name: "Jangbu".into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            operator_listen: None,
            public_url: None,
            insecure_http: false,
            trusted_proxies: Vec::new(),
            sign_up: true,
            sessions: Sessions { idle: Duration::from_secs(30 * 60), absolute: Duration::from_secs(12 * 60 * 60) },
            proof: Proof::default(),
            rates: Rates::DEFAULT,
            storage: Storage { reserve_bytes: 1 << 30, reserve_percent: 5 },
            verification: Verification::None,
            passwords: Passwords { memory_kib: 19_456, passes: 2, at_once: 1 },
            time_zone: None,
            clock_lead: USUAL_CLOCK_LEAD,
            require_idempotency_key: false,
            limits: Limits {
                connections: 10_000,
                workers: 0,
                head: Duration::from_secs(5),
                keep_alive: Duration::from_secs(30),
                request: Duration::from_secs(30),
                body: Duration::from_secs(20),
                drain: Duration::from_secs(20),
                streams: Streams { per_member: 64, per_address: 500, total: 10_000 },
            },
            access_log: true,
            demo: false,
        }
    }

    /// Returns warnings about settings that are valid but probably unintended, as sentences for the log at the start.
    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        let all_are_the_proxy = self.is_https() && self.trusted_proxies.is_empty();
        let proxies = "public_url is https and trusted_proxies is empty: behind a proxy, as https requires, every client has \
                     the proxy's address. One client can then use up the limits of all, such as those on sign-ins, and the audit \
                     log does not show who it was. Set trusted_proxies to the proxy's address";
        all_are_the_proxy.then_some(proxies).into_iter().collect()
    }

    /// Returns whether browsers reach the service over https.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

/// The limits of connections and requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Simultaneous connections per worker.
    pub(crate) connections: usize,
    /// Threads that serve requests; 0 for one per core.
    pub(crate) workers: usize,
    /// The time limit for a request's headers.
    pub(crate) head: Duration,
    /// How long a connection may be idle.
    pub(crate) keep_alive: Duration,
    /// The time limit for a request, including its body. Event streams have none.
    pub(crate) request: Duration,
    /// The time limit for a request's body.
    pub(crate) body: Duration,
    /// How long a shutdown waits for requests in flight.
    pub(crate) drain: Duration,
    /// The limits on open event streams.
    pub(crate) streams: Streams,
}

/// The largest numbers of open event streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams {
    /// Per member: 64, enough for a dozen pages of the dashboard and several programs.
    pub(crate) per_member: usize,
    /// Per client address, which an office may share: 500.
    pub(crate) per_address: usize,
    /// In total: 10,000.
    pub(crate) total: usize,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sessions {
    /// The idle timeout: 30 minutes.
    pub(crate) idle: Duration,
    /// The absolute timeout: 12 hours.
    pub(crate) absolute: Duration,
}

/// The part of the disk that members' writes must leave free: the smaller of the two values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Storage {
    /// 1 GiB.
    pub(crate) reserve_bytes: u64,
    /// In percent of the disk: 5.
    pub(crate) reserve_percent: u64,
}

/// The parameters of password hashing (argon2id).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passwords {
    /// Memory per hash, in KiB: 19,456.
    pub(crate) memory_kib: u32,
    /// Iterations: 2.
    pub(crate) passes: u32,
    /// Concurrent hashes: 1.
    pub(crate) at_once: usize,
}

/// The verification of transfers between acceptance and settlement.
#[derive(Clone, Debug, Default)]
pub(crate) enum Verification {
    /// None: transfers are posted at once.
    #[default]
    None,
    /// A random delay, which simulates a slow verifier.
    Delay {
        /// The shortest delay.
        min: Duration,
        /// The longest delay.
        max: Duration,
        /// The share of rejected transfers, in thousandths.
        rejected_per_mille: u32,
    },
    /// A fraud checker with an HTTP interface.
    Http {
        /// The checker's URL.
        url: Url,
        /// The key of the HMAC over the request's body.
        secret: SecretString,
        /// The timeout of one attempt.
        timeout: Duration,
        /// How long after acceptance a transfer is rejected if the checker has not answered.
        deadline: Duration,
    },
}
