//! Parses and checks the settings, and refuses those that would be unsafe.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;
use secrecy::SecretString;
use url::Url;

use super::settings::{ConfigError, Origin, Settings};
use super::{Config, Limits, Passwords, Proof, SecondFactor, Sessions, Storage, Streams, Verification, proof};
use crate::zone;

/// A clock that is corrected now and then must not stop the bank.
const MIN_CLOCK_LEAD_S: u64 = 60;
/// A hundred years: any reading of the clock is trusted.
const MAX_CLOCK_LEAD_S: u64 = 100 * 366 * 24 * 60 * 60;

impl Settings {
    /// Returns the settings in force for the bank in `data`.
    ///
    /// # Errors
    /// [`ConfigError::Value`] with the setting and its source; [`ConfigError::Unsafe`].
    pub(crate) fn read(&self, data: &Path, demo: bool) -> Result<Config, ConfigError> {
        let seconds = |key| self.number(key, 1, 366 * 24 * 60 * 60).map(Duration::from_secs);
        let config = Config {
            data: data.into(),
            name: self.parsed("name")?,
            listen: self.parsed("listen")?,
            operator_listen: self.optional("operator_listen")?,
            public_url: self.public_url()?,
            insecure_http: self.parsed("insecure_http")?,
            trusted_proxies: self.networks()?,
            sign_up: self.parsed("sign_up")?,
            sessions: Sessions {
                idle: seconds("sessions.idle_timeout_s")?,
                absolute: seconds("sessions.absolute_timeout_s")?,
            },
            proof: self.proof(demo)?,
            rates: self.rates()?,
            storage: Storage {
                reserve_bytes: self.parsed("storage_reserve_bytes")?,
                reserve_percent: self.number("storage_reserve_percent", 0, 100)?,
            },
            verification: self.verification()?,
            passwords: Passwords {
                memory_kib: self.number("passwords.memory_kib", 8, 4 * 1024 * 1024)?,
                passes: self.number("passwords.iterations", 1, 100)?,
                at_once: self.number("passwords.concurrency", 1, 64)?,
            },
            time_zone: self.time_zone_set()?,
            clock_lead: self.clock_lead()?,
            require_idempotency_key: self.parsed("require_idempotency_key")?,
            limits: Limits {
                connections: self.number("limits.connections", 1, 1_000_000)?,
                workers: self.number("limits.workers", 0, 1_024)?,
                head: seconds("limits.header_timeout_s")?,
                keep_alive: seconds("limits.keep_alive_timeout_s")?,
                request: seconds("limits.request_timeout_s")?,
                body: seconds("limits.body_timeout_s")?,
                drain: seconds("limits.shutdown_timeout_s")?,
                streams: Streams {
                    per_member: self.number("limits.streams_per_member", 1, 1_000_000)?,
                    per_address: self.number("limits.streams_per_address", 1, 1_000_000)?,
                    total: self.number("limits.streams_total", 1, 1_000_000)?,
                },
            },
            access_log: self.parsed("access_log")?,
            demo,
        };
        check_exposure(&config)?;
        Ok(config)
    }

    /// Returns how far past the trusted time the clock may read.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub(crate) fn clock_lead(&self) -> Result<Duration, ConfigError> {
        self.number("clock_lead_s", MIN_CLOCK_LEAD_S, MAX_CLOCK_LEAD_S).map(Duration::from_secs)
    }

    /// Returns the time zone of a new bank and the source of the setting, if one is set.
    ///
    /// # Errors
    /// [`ConfigError::Value`].
    pub(crate) fn time_zone_set(&self) -> Result<Option<zone::TimeZoneSetting>, ConfigError> {
        let (zone, origin) = self.get("time_zone");
        match (TimeZone::get(zone), &origin) {
            (Err(_), _) => Err(self.wrong("time_zone", format!("{zone:?} is not a time zone such as Europe/Prague"))),
            (Ok(_), Origin::Default) => Ok(None),
            (Ok(_), _) => Ok(Some((zone.to_owned(), origin.to_string()))),
        }
    }

    fn wrong(&self, key: &'static str, what: impl Display) -> ConfigError {
        ConfigError::Value { key, what: what.to_string(), origin: self.get(key).1 }
    }

    pub(super) fn parsed<T: Value>(&self, key: &'static str) -> Result<T, ConfigError> {
        let (text, _) = self.get(key);
        text.parse().map_err(|_| self.wrong(key, format!("{text:?} is not {}", T::EXPECTED)))
    }

    fn optional<T: Value>(&self, key: &'static str) -> Result<Option<T>, ConfigError> {
        if self.get(key).0.is_empty() { Ok(None) } else { self.parsed(key).map(Some) }
    }

    fn number<T>(&self, key: &'static str, least: T, most: T) -> Result<T, ConfigError>
    where
        T: FromStr + PartialOrd + Display,
    {
        let (text, _) = self.get(key);
        let value = text.parse().ok().filter(|value| (&least..=&most).contains(&value));
        value.ok_or_else(|| self.wrong(key, format!("must be a whole number from {least} to {most}, but is {text:?}")))
    }

    fn proof(&self, demo: bool) -> Result<Proof, ConfigError> {
        let limits = |key| proof::limits(self.get(key).0).map_err(|what| self.wrong(key, what));
        // A demo must be usable at once by its administrator, who has no second factor yet.
        let second_factor = match (demo, self.get("second_factor").1) {
            (true, Origin::Default) => SecondFactor::Nobody,
            _ => self.parsed("second_factor")?,
        };
        Ok(Proof {
            lasts: self.number("sessions.proof_s", 1, 24 * 60 * 60).map(Duration::from_secs)?,
            second_factor,
            above: limits("transfers.proof_above")?,
            second_factor_above: limits("transfers.second_factor_above")?,
        })
    }

    fn public_url(&self) -> Result<Option<Url>, ConfigError> {
        let Some(url) = self.optional::<Url>("public_url")? else { return Ok(None) };
        let plain = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "https" | "http") || !plain || !url.username().is_empty() {
            return Err(self.wrong("public_url", "must be an origin such as https://bank.example, without a path"));
        }
        Ok(Some(url))
    }

    fn networks(&self) -> Result<Vec<ipnet::IpNet>, ConfigError> {
        let key = "trusted_proxies";
        let items = self.get(key).0.split(',').map(str::trim).filter(|item| !item.is_empty());
        let network = |item: &str| {
            let address = || item.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
            item.parse::<ipnet::IpNet>().or_else(|_| address()).map_err(|_| {
                self.wrong(key, format!("{item:?} is neither an address nor a network such as 10.0.0.0/8"))
            })
        };
        items.map(network).collect()
    }

    fn verification(&self) -> Result<Verification, ConfigError> {
        let milliseconds = |key, least| self.number(key, least, 24 * 60 * 60 * 1_000).map(Duration::from_millis);
        match self.get("verification.mode").0 {
            "none" => Ok(Verification::None),
            "delay" => {
                let (min, max) = (milliseconds("verification.min_ms", 0)?, milliseconds("verification.max_ms", 0)?);
                if max < min {
                    return Err(self.wrong("verification.max_ms", "is less than verification.min_ms"));
                }
                let rejected_per_mille = self.number("verification.rejected_per_mille", 0, 1_000)?;
                Ok(Verification::Delay { min, max, rejected_per_mille })
            }
            "http" => {
                let url = self.optional::<Url>("verification.url")?;
                let url =
                    url.ok_or_else(|| self.wrong("verification.url", "is required for verification.mode = http"))?;
                if !matches!(url.scheme(), "http" | "https") {
                    return Err(self.wrong("verification.url", "must be http or https"));
                }
                let timeout = milliseconds("verification.timeout_ms", 1)?;
                let deadline = self.number("verification.deadline_s", 1, 30 * 24 * 60 * 60).map(Duration::from_secs)?;
                Ok(Verification::Http { url, secret: self.secret()?, timeout, deadline })
            }
            other => Err(self.wrong("verification.mode", format!("{other:?} is not none, delay or http"))),
        }
    }

    /// Returns the signing key, from the setting itself or from a file.
    fn secret(&self) -> Result<SecretString, ConfigError> {
        let (given, file) = (self.get("verification.secret").0, self.get("verification.secret_file").0);
        let secret = match (given, file) {
            ("", "") => return Err(self.wrong("verification.secret", "is required for verification.mode = http")),
            (given, "") => given.to_owned(),
            (_, file) => {
                let source = |source| ConfigError::File { path: file.into(), source };
                std::fs::read_to_string(file).map_err(source)?.trim_end_matches(['\r', '\n']).to_owned()
            }
        };
        if secret.len() < 16 {
            return Err(self.wrong("verification.secret", "must have at least 16 bytes"));
        }
        Ok(secret.into())
    }
}

/// Refuses to send passwords and cookies unencrypted over a network unless the operator asked for it.
fn check_exposure(config: &Config) -> Result<(), ConfigError> {
    if config.listen.ip().is_loopback() || config.is_https() || config.insecure_http {
        return Ok(());
    }
    Err(ConfigError::Unsafe(format!(
        "{} can be reached from other machines, but its connections are not encrypted: put a proxy with TLS in front and \
                 set public_url to its https address, or use --insecure-http",
        config.listen
    )))
}

/// The type of a setting's value.
pub(super) trait Value: FromStr {
    /// A description of valid values.
    const EXPECTED: &'static str;
}

impl Value for String {
    const EXPECTED: &'static str = "text";
}

impl Value for bool {
    const EXPECTED: &'static str = "true or false";
}

impl Value for u32 {
    const EXPECTED: &'static str = "a whole number up to 4294967295";
}

impl Value for u64 {
    const EXPECTED: &'static str = "a whole number";
}

impl Value for std::net::SocketAddr {
    const EXPECTED: &'static str = "an address with a port, such as 127.0.0.1:8080";
}

impl Value for Url {
    const EXPECTED: &'static str = "a URL such as https://bank.example";
}

impl Value for SecondFactor {
    const EXPECTED: &'static str = "one of nobody, administrators and staff";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(flags: &[(&'static str, &str)]) -> Result<Config, ConfigError> {
        let flags = flags.iter().map(|(key, value)| (*key, (*value).to_owned(), "--flag")).collect();
        Settings::gather(Path::new("nowhere"), None, std::iter::empty(), flags)?.read(Path::new("nowhere"), false)
    }

    #[test]
    fn the_defaults_are_what_tests_use() {
        assert_eq!(format!("{:?}", read(&[]).unwrap()), format!("{:?}", Config::new("nowhere")));
    }

    #[test]
    fn other_machines_are_served_over_https_unless_insecure_http_is_set() {
        for (flags, allowed) in [
            (&[("listen", "127.0.0.1:1")][..], true),
            (&[("listen", "[::1]:1")], true),
            (&[("listen", "0.0.0.0:1")], false),
            (&[("listen", "[::]:1")], false),
            (&[("listen", "192.0.2.1:1")], false),
            (&[("listen", "0.0.0.0:1"), ("public_url", "http://bank.example")], false),
            (&[("listen", "0.0.0.0:1"), ("public_url", "https://bank.example")], true),
            (&[("listen", "0.0.0.0:1"), ("insecure_http", "true")], true),
        ] {
            assert_eq!(read(flags).is_ok(), allowed, "{flags:?}");
        }
    }

    #[test]
    fn https_without_trusted_proxies_is_a_warning() {
        let https = ("public_url", "https://bank.example");
        for (flags, warned) in [
            (&[https][..], true),
            (&[https, ("trusted_proxies", "127.0.0.1")], false),
            (&[("public_url", "http://localhost:8080")], false),
            (&[], false),
        ] {
            let warnings = read(flags).unwrap().warnings();
            assert_eq!(warnings.iter().any(|warning| warning.contains("trusted_proxies")), warned, "{flags:?}");
        }
    }

    #[test]
    fn a_demo_requires_no_second_factor_unless_it_is_set() {
        let of = |flags: &[(&'static str, &str)], demo| {
            let flags = flags.iter().map(|(key, value)| (*key, (*value).to_owned(), "--flag")).collect();
            let settings = Settings::gather(Path::new("nowhere"), None, std::iter::empty(), flags).unwrap();
            settings.read(Path::new("nowhere"), demo).unwrap().proof.second_factor
        };
        assert_eq!(of(&[], false), SecondFactor::Administrators);
        assert_eq!(of(&[], true), SecondFactor::Nobody);
        assert_eq!(of(&[("second_factor", "administrators")], true), SecondFactor::Administrators);
    }

    #[test]
    fn errors_name_the_setting_and_the_expected_value() {
        for (key, value, expected) in [
            ("listen", "here", "an address with a port, such as 127.0.0.1:8080"),
            ("operator_listen", "9090", "an address with a port"),
            ("sign_up", "yes", "\"yes\" is not true or false"),
            ("public_url", "bank.example", "https://bank.example"),
            ("public_url", "https://bank.example/path", "https://bank.example"),
            ("public_url", "ftp://bank.example", "https://bank.example"),
            ("trusted_proxies", "10.0.0.0/8,proxy", "a network such as 10.0.0.0/8"),
            ("sessions.idle_timeout_s", "0", "a whole number from 1 to 31622400, but is \"0\""),
            ("sessions.idle_timeout_s", "10m", "a whole number from 1 to 31622400, but is \"10m\""),
            ("limits.connections", "99999999999999999999", "a whole number from "),
            ("storage_reserve_bytes", "1G", "\"1G\" is not a whole number"),
            ("passwords.iterations", "-1", "a whole number from 1 to 100"),
            ("second_factor", "maybe", "one of nobody, administrators and staff"),
            ("sessions.proof_s", "0", "a whole number from 1"),
            ("transfers.proof_above", "1000000", ""),
            ("verification.mode", "maybe", ""),
        ] {
            let error = read(&[(key, value)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{key}: ")) && error.ends_with("(--flag)"), "{error}");
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_checker_requires_a_url_and_a_secret_that_is_never_shown() {
        let http = ("verification.mode", "http");
        assert!(read(&[http]).is_err());
        assert!(read(&[http, ("verification.url", "http://127.0.0.1:9/check")]).is_err());
        let secret = "0123456789abcdef-secret";
        let whole = [http, ("verification.url", "http://127.0.0.1:9/check"), ("verification.secret", secret)];
        assert!(!format!("{:?}", read(&whole).unwrap()).contains(secret));
        let flags = whole.iter().map(|(key, value)| (*key, (*value).to_owned(), "--flag")).collect();
        let settings = Settings::gather(Path::new("nowhere"), None, std::iter::empty(), flags).unwrap();
        assert!(settings.shown().iter().all(|(_, value, _)| !value.contains(secret)));
    }
}
