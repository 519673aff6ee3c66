//! The bank's directory: found or made, opened, and never made by accident.

use std::path::Path;
use std::time::Duration;

#[cfg(feature = "server")]
use jangbu::OpenError;
use jangbu::blocking::Bank;
use jiff::tz::TimeZone;

use super::desk::Desk;
use super::error::CliError;
use super::output::Sink;
#[cfg(feature = "server")]
use super::served;
#[cfg(feature = "server")]
use crate::server::config::{Given, Settings};

/// Opens the bank in `path`, which must be there, to change it.
///
/// A command that only reads or moves money must not make a bank: a mistyped directory would look like an empty one.
pub(super) fn existing(path: &Path) -> Result<Bank, CliError> {
    must_exist(path)?;
    Ok(jangbu::Bank::builder().create(false).run_schedules(false).clock_lead(clock_lead(path)?).open(path)?.into())
}

/// Opens the bank in `path`, which must be there, for reading: nothing in the directory is changed.
pub(super) fn reading(path: &Path) -> Result<Bank, CliError> {
    must_exist(path)?;
    Ok(jangbu::Bank::builder().read_only(true).clock_lead(clock_lead(path)?).open(path)?.into())
}

/// Runs a command that only reads: here, or in the service that has the bank open.
///
/// # Errors
/// Those of the command, and of opening the bank.
pub(super) fn read(path: &Path, run: impl FnOnce(&Desk) -> Result<(), CliError>) -> Result<(), CliError> {
    let bank = match reading(path) {
        #[cfg(feature = "server")]
        Err(CliError::Open(in_use @ OpenError::InUse(_))) => {
            return served::read(path)?.unwrap_or_else(|| Err(in_use.into()));
        }
        opened => opened?,
    };
    let desk = Desk { bank, sink: Sink::default() };
    let done = run(&desk);
    // What was read is worth something, whatever the command ended with.
    desk.bank.close()?;
    done
}

/// The bank's time zone.
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

/// How far past the trusted time the clock may read, by `jangbu.toml` beside the bank and by `JANGBU_CLOCK_LEAD_S`.
#[cfg(feature = "server")]
pub(super) fn clock_lead(path: &Path) -> Result<Duration, CliError> {
    Ok(settings(path, None)?.clock_lead()?)
}

/// What is set for the bank in `path` of what every command obeys: by `jangbu.toml` beside it, by the environment, by a flag.
#[cfg(feature = "server")]
pub(super) fn settings(path: &Path, flag: Option<Given>) -> Result<Settings, CliError> {
    // A service's other variables are none of a command's business, right or wrong.
    let environment = ["JANGBU_CLOCK_LEAD_S", "JANGBU_TIME_ZONE"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok().map(|value| (name.to_owned(), value)));
    Ok(Settings::gather(path, None, environment, flag.into_iter().collect())?)
}

/// How far past the trusted time the clock may read.
#[cfg(not(feature = "server"))]
pub(super) fn clock_lead(_: &Path) -> Result<Duration, CliError> {
    Ok(jangbu::clock::USUAL_CLOCK_LEAD)
}
