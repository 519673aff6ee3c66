//! Finds, creates and opens the bank's directory. No bank is created by accident.

use std::path::Path;
use std::time::Duration;

#[cfg(feature = "server")]
use jangbu::OpenError;
use jangbu::blocking::Bank;
use jiff::tz::TimeZone;

use super::context::Context;
use super::error::CliError;
use super::output::Sink;
#[cfg(feature = "server")]
use super::served;
#[cfg(feature = "server")]
use crate::server::config::{FlagSetting, Settings};

/// Opens the existing bank in `path` for changes.
///
/// A command that only reads or moves money must not create a bank: a mistyped directory would look like an empty bank.
pub(super) fn existing(path: &Path) -> Result<Bank, CliError> {
    must_exist(path)?;
    Ok(jangbu::Bank::builder().create(false).run_schedules(false).clock_lead(clock_lead(path)?).open(path)?.into())
}

/// Opens the existing bank in `path` read-only. Nothing in the directory is changed.
pub(super) fn reading(path: &Path) -> Result<Bank, CliError> {
    must_exist(path)?;
    Ok(jangbu::Bank::builder().read_only(true).clock_lead(clock_lead(path)?).open(path)?.into())
}

/// Runs a read-only command here, or in the service that has the bank open.
///
/// # Errors
/// Those of the command, and of opening the bank.
pub(super) fn read(path: &Path, run: impl FnOnce(&Context) -> Result<(), CliError>) -> Result<(), CliError> {
    let bank = match reading(path) {
        #[cfg(feature = "server")]
        Err(CliError::Open(in_use @ OpenError::InUse(_))) => {
            return served::read(path)?.unwrap_or_else(|| Err(in_use.into()));
        }
        opened => opened?,
    };
    let context = Context { bank, sink: Sink::default() };
    let done = run(&context);
    // Close the bank even if the command failed: its output is complete up to the error.
    context.bank.close()?;
    done
}

pub(super) fn time_zone(bank: &Bank) -> Result<TimeZone, CliError> {
    Ok(jangbu::time::time_zone(&bank.time_zone()?)?)
}

/// Fails with [`CliError::NoBank`] unless `path` holds a bank.
pub(super) fn must_exist(path: &Path) -> Result<(), CliError> {
    let why = match path.metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "no such directory",
        Err(source) => return Err(CliError::File { operation: "read", path: path.into(), source }),
        Ok(metadata) if !metadata.is_dir() => "it is not a directory",
        Ok(_) if !path.join("journal").exists() => "it has no journal",
        Ok(_) => return Ok(()),
    };
    Err(CliError::NoBank { path: path.into(), why })
}

/// Returns how far past the trusted time the clock may read, from `jangbu.toml` beside the bank and
/// `JANGBU_CLOCK_LEAD_S`.
#[cfg(feature = "server")]
pub(super) fn clock_lead(path: &Path) -> Result<Duration, CliError> {
    Ok(settings(path, None)?.clock_lead()?)
}

/// Returns the settings that every command obeys, from `jangbu.toml` beside the bank, the environment and a flag.
#[cfg(feature = "server")]
pub(super) fn settings(path: &Path, flag: Option<FlagSetting>) -> Result<Settings, CliError> {
    // Settings of the service do not concern other commands, valid or not.
    let environment = ["JANGBU_CLOCK_LEAD_S", "JANGBU_TIME_ZONE"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok().map(|value| (name.to_owned(), value)));
    Ok(Settings::gather(path, None, environment, flag.into_iter().collect())?)
}

/// Returns how far past the trusted time the clock may read.
#[cfg(not(feature = "server"))]
pub(super) fn clock_lead(_: &Path) -> Result<Duration, CliError> {
    Ok(jangbu::clock::USUAL_CLOCK_LEAD)
}
