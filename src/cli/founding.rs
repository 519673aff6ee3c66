//! Options of commands that create a bank if there is none.

use std::io::{self, Write};
use std::path::Path;

use super::data::clock_lead;
#[cfg(feature = "server")]
use super::data::settings;
use super::error::CliError;
use crate::zone;

/// Options for a new bank.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Founding {
    /// The time zone of a new bank, such as Europe/Prague; its midnight starts the business day. The default is
    /// time_zone in jangbu.toml or JANGBU_TIME_ZONE, or else Asia/Seoul
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
}

impl Founding {
    /// Opens the bank in `data`, or creates it.
    ///
    /// Schedules do not run: a command does only what it says, and `jangbu schedule run` runs what is due.
    pub(super) fn open(&self, data: &Path) -> Result<jangbu::Bank, CliError> {
        self.open_at(data, data)
    }

    /// Like [`Founding::open`] for the bank in `at`, with the settings beside the bank in `data`.
    pub(super) fn open_at(&self, data: &Path, at: &Path) -> Result<jangbu::Bank, CliError> {
        let builder = jangbu::Bank::builder().run_schedules(false).clock_lead(clock_lead(data)?);
        let (bank, kept) = zone::open(builder, at, self.zone(data)?)?;
        if let Some(kept) = kept {
            writeln!(io::stderr(), "warning: {kept}")?;
        }
        Ok(bank)
    }

    #[cfg(feature = "server")]
    fn zone(&self, data: &Path) -> Result<Option<zone::TimeZoneSetting>, CliError> {
        Ok(settings(data, self.time_zone.clone().map(|zone| ("time_zone", zone, "--time-zone")))?.time_zone_set()?)
    }

    #[cfg(not(feature = "server"))]
    fn zone(&self, _: &Path) -> Result<Option<zone::TimeZoneSetting>, CliError> {
        const VARIABLE: &str = "JANGBU_TIME_ZONE";
        let flag = self.time_zone.clone().map(|zone| (zone, "--time-zone".to_owned()));
        Ok(flag.or_else(|| std::env::var(VARIABLE).ok().map(|zone| (zone, VARIABLE.to_owned()))))
    }
}
