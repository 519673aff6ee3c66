//! What the operator sets, from defaults, `jangbu.toml`, environment and flags, the later over the earlier.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// The settings in force.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The bank's directory.
    pub(crate) data: PathBuf,
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Where `/metrics`, `/healthz` and `/readyz` listen beside it, if not there.
    pub(crate) operator_listen: Option<SocketAddr>,
    /// The URL under which browsers reach the service.
    pub(crate) public_url: Option<Url>,
    /// Whether an address that is not loopback may be served without https in front.
    pub(crate) insecure_http: bool,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses or networks. Empty: nobody's.
    pub(crate) trusted_proxies: Vec<String>,
    /// Whether anyone may sign up.
    pub(crate) sign_up: bool,
    /// How long sessions last.
    pub(crate) sessions: Sessions,
    /// How often is too often.
    pub(crate) rates: Rates,
    /// What happens between acceptance and settlement.
    pub(crate) verification: Verification,
    /// How passwords are hashed.
    pub(crate) passwords: Passwords,
    /// The IANA name of the time zone of a new bank.
    pub(crate) time_zone: String,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sessions {
    /// Without a request: 30 minutes.
    pub(crate) idle: Duration,
    /// In all: 12 hours.
    pub(crate) absolute: Duration,
}

/// How often is too often: bursts, which refill within the time that is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    /// Sign-ins by address, per minute.
    pub(crate) sign_in_per_address: u32,
    /// Sign-ups by address, per hour.
    pub(crate) sign_up_per_address: u32,
    /// Look-ups of payees by member, per minute.
    pub(crate) payees_per_member: u32,
    /// Transfers by member: the burst, which refills within ten seconds.
    pub(crate) transfers_per_member: u32,
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

/// What happens between acceptance and settlement.
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
        /// How long it is tried before the transfer is rejected.
        deadline: Duration,
    },
}

/// Kept for the file's reader.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {}
