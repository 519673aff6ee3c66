//! `jangbu config`: the settings in force, and where each was set.

use std::io::{self, Write};
use std::path::Path;

use jangbu::Bank;
use serde_json::json;

use super::error::CliError;
use super::output::{Column, Print, Rows};
use super::settings::Flags;
use crate::server::config::Settings;
use crate::tables::Cell;
use crate::zone::{KeptTimeZone, TimeZoneSetting};

/// Show the settings in force, with secrets hidden, and where each was set
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    print: Print,
}

/// Prints the settings. Fails if the service would not start with them.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let settings = args.flags.settings(data)?;
    settings.read(data, false)?;
    let columns = [Column::Text("key"), Column::Text("value"), Column::Text("from")];
    let mut rows = Rows::new(&args.print.without_bank()?, &columns)?;
    let kept = kept(data, settings.time_zone_set()?);
    if let Some(Err(kept)) = &kept {
        writeln!(io::stderr(), "warning: {kept}")?;
    }
    for (key, mut value, mut from) in settings.shown() {
        // The bank's own time zone is in force, whatever was set since.
        if let ("time_zone", Some(Ok(made) | Err(KeptTimeZone { made, .. }))) = (key, &kept) {
            (value, from) = (made.clone(), "the bank".to_owned());
        }
        rows.push(
            || vec![key.into(), Cell::text(&value), Cell::text(&from)],
            || Ok(json!({ "key": key, "value": value, "from": from, "about": Settings::about(key) })),
        )?;
    }
    rows.finish()
}

/// Returns the time zone of the existing bank, if any, or an error if a different one is set.
fn kept(data: &Path, set: Option<TimeZoneSetting>) -> Option<Result<String, KeptTimeZone>> {
    // An unreadable journal is reported when the bank is opened.
    let made = Bank::time_zone_of(data).ok().flatten()?;
    Some(match set {
        Some((set, origin)) if set != made => Err(KeptTimeZone { made, set, origin }),
        _ => Ok(made),
    })
}
