//! What the operator sets, from defaults, `jangbu.toml`, environment and flags, the later over the earlier.

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
pub(crate) use settings::{ConfigError, Given, Settings};

/// The settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The bank's directory.
    pub(crate) data: PathBuf,
    /// The bank's name.
    pub(crate) name: String,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where `/metrics`, `/healthz` and `/readyz` listen beside it, if not there.
    pub(crate) operator_listen: Option<SocketAddr>,
    /// The URL under which browsers reach the service.
    pub(crate) public_url: Option<Url>,
    /// Whether an address that is not loopback may be served without https in front.
    pub(crate) insecure_http: bool,
    /// Whose `X-Forwarded-For` is believed. Empty: nobody's.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Whether anyone can sign up.
    pub(crate) sign_up: bool,
    /// How long sessions last.
    pub(crate) sessions: Sessions,
    /// What is asked of people before what needs a person.
    pub(crate) proof: Proof,
    /// How often is too often.
    pub(crate) rates: Rates,
    /// How much of the disk stays free.
    pub(crate) storage: Storage,
    /// What happens between acceptance and settlement of a transfer.
    pub(crate) verification: Verification,
    /// How passwords are hashed.
    pub(crate) passwords: Passwords,
    /// The IANA name of the time zone of a new bank, and where it is set; that of the engine when it is not.
    pub(crate) time_zone: Option<zone::Set>,
    /// How far past the trusted time the clock may read before the bank asks for an operator's word: 24 hours.
    pub(crate) clock_lead: Duration,
    /// Whether a request that moves money must have an `Idempotency-Key`.
    pub(crate) require_idempotency_key: bool,
    /// What a connection and a request may take.
    pub(crate) limits: Limits,
    /// Whether every request is logged.
    pub(crate) access_log: bool,
    /// Whether this is a demonstration bank.
    pub(crate) demo: bool,
}

impl Config {
    /// The defaults, for the bank in `data`.
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
            rates: Rates::USUAL,
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

    /// What an operator hardly means, though it can be served: a sentence each, for the log at the start.
    pub(crate) fn warnings(&self) -> Vec<&'static str> {
        let all_are_the_proxy = self.is_https() && self.trusted_proxies.is_empty();
        let proxies = "public_url is https and trusted_proxies is empty: if a proxy is in front, as it must be for https, \
             every client has the proxy's address. One of them can use up the limits of all, sign-ins above all, and the audit \
             log does not say who it was. Set trusted_proxies to the address of the proxy";
        all_are_the_proxy.then_some(proxies).into_iter().collect()
    }

    /// Whether browsers reach the service by https.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

/// What a connection and a request may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at the same time, per worker.
    pub(crate) connections: usize,
    /// Threads that serve requests; 0 for as many as there are cores.
    pub(crate) workers: usize,
    /// How long a client may take over the head of a request.
    pub(crate) head: Duration,
    /// How long a connection may stay without a request.
    pub(crate) keep_alive: Duration,
    /// How long a request may take in all, its body included. A stream of events may go on.
    pub(crate) request: Duration,
    /// How long a client may take over the body of a request.
    pub(crate) body: Duration,
    /// How long a stop waits for the requests that are under way.
    pub(crate) drain: Duration,
    /// Streams of events that are open at the same time.
    pub(crate) streams: Streams,
}

/// The most streams of events that are open at the same time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams {
    /// Of one member: 64, for a dozen pages of the dashboard and programs beside them.
    pub(crate) per_member: usize,
    /// Of members at one address, which an office may share: 500.
    pub(crate) per_address: usize,
    /// In all: 10,000.
    pub(crate) total: usize,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sessions {
    /// Without a request: 30 minutes.
    pub(crate) idle: Duration,
    /// In all: 12 hours.
    pub(crate) absolute: Duration,
}

/// How much of the disk members' writes leave free: the smaller of the two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Storage {
    /// 1 GiB.
    pub(crate) reserve_bytes: u64,
    /// In hundredths of the disk: 5.
    pub(crate) reserve_percent: u64,
}

/// How passwords are hashed (argon2id).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passwords {
    /// Memory per hash, in KiB: 19,456.
    pub(crate) memory_kib: u32,
    /// Passes over it: 2.
    pub(crate) passes: u32,
    /// Hashes at the same time: 1.
    pub(crate) at_once: usize,
}

/// What happens between acceptance and settlement of a transfer.
#[derive(Clone, Debug, Default)]
pub(crate) enum Verification {
    /// Nothing: transfers are posted at once.
    #[default]
    None,
    /// A random delay, the original's bottleneck.
    Delay {
        /// At least so long.
        min: Duration,
        /// At most so long.
        max: Duration,
        /// So many in a thousand are rejected.
        rejected_per_mille: u32,
    },
    /// A fraud checker is asked.
    Http {
        /// Where.
        url: Url,
        /// The key of the HMAC over the body.
        secret: SecretString,
        /// How long one try may take.
        timeout: Duration,
        /// How long after its acceptance a transfer is rejected when nobody could be asked.
        deadline: Duration,
    },
}
