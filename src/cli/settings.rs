//! Flags for the settings in `jangbu.toml`, shared by `serve`, `health` and `config`.

use std::path::{Path, PathBuf};

use super::error::CliError;
use crate::server::config::{FlagSetting, Settings};

/// Flags take precedence over the environment, and the environment over the file.
#[derive(Debug, clap::Args)]
pub(super) struct Flags {
    /// The settings file; jangbu.toml in the bank's directory by default
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address to listen on, such as 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// A separate address for health checks and metrics
    #[arg(long, value_name = "ADDR")]
    operator_listen: Option<String>,
    /// The URL under which browsers reach the service, such as https://bank.example
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Serve other machines over plain HTTP
    #[arg(long)]
    insecure_http: bool,
    /// Proxies whose X-Forwarded-For header is trusted: addresses or networks, separated by commas
    #[arg(long, value_name = "NETWORKS")]
    trusted_proxies: Option<String>,
    /// Delay the verification of every transfer at random: a number of seconds, or a range such as 7..30
    #[arg(long, value_name = "SECONDS", value_parser = bottleneck)]
    bottleneck: Option<(u64, u64)>,
    /// The time zone of a new bank, such as Europe/Prague; its midnight starts the business day
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Set any setting by its key, such as --set sessions.idle_timeout_s=600; can be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
}

impl Flags {
    /// Gathers the settings for the bank in `data` from the file, the environment and these flags.
    pub(super) fn settings(&self, data: &Path) -> Result<Settings, CliError> {
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            // A variable whose name is not UTF-8 is not a setting. An invalid value is reported when it is read.
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        });
        Ok(Settings::gather(data, self.config.as_deref(), environment, self.given()?)?)
    }

    fn given(&self) -> Result<Vec<FlagSetting>, CliError> {
        let mut given = Vec::new();
        for (key, value) in &self.set {
            let known = Settings::key(key).ok_or_else(|| {
                CliError::Usage(format!("there is no setting {key}; `jangbu config` lists the settings"))
            })?;
            given.push((known, value.clone(), "--set"));
        }
        let texts = [
            ("listen", &self.listen, "--listen"),
            ("operator_listen", &self.operator_listen, "--operator-listen"),
            ("public_url", &self.public_url, "--public-url"),
            ("trusted_proxies", &self.trusted_proxies, "--trusted-proxies"),
            ("time_zone", &self.time_zone, "--time-zone"),
        ];
        given.extend(texts.into_iter().filter_map(|(key, value, flag)| Some((key, value.clone()?, flag))));
        if self.insecure_http {
            given.push(("insecure_http", "true".into(), "--insecure-http"));
        }
        if let Some((least, most)) = self.bottleneck {
            given.push(("verification.mode", "delay".into(), "--bottleneck"));
            given.push(("verification.min_ms", (least.saturating_mul(1_000)).to_string(), "--bottleneck"));
            given.push(("verification.max_ms", (most.saturating_mul(1_000)).to_string(), "--bottleneck"));
        }
        Ok(given)
    }
}

fn bottleneck(text: &str) -> Result<(u64, u64), String> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let seconds = |text: &str| text.parse().map_err(|_| "give seconds, or a range such as 7..30".to_owned());
    let (least, most) = (seconds(least)?, seconds(most)?);
    if most < least { Err("the range ends before it begins".into()) } else { Ok((least, most)) }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("give KEY=VALUE")?;
    Ok((key.into(), value.into()))
}
