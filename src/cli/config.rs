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
use crate::zone::{Kept, Set};

/// Show the settings in force, with secrets hidden, and where each was set
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,
    #[command(flatten)]
    print: Print,
}

/// Prints the settings; fails where the service would not start with them.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let settings = args.flags.settings(data)?;
    settings.read(data, false)?;
    let mut rows =
        Rows::new(&args.print.without_bank()?, &[Column::Text("key"), Column::Text("value"), Column::Text("from")])?;
    let kept = kept(data, settings.time_zone_set()?);
    if let Some(Err(kept)) = &kept {
        writeln!(io::stderr(), "warning: {kept}")?;
    }
    for (key, mut value, mut from) in settings.shown() {
        // In force is what the bank was made with, whatever was set since.
        if let ("time_zone", Some(Ok(made) | Err(Kept { made, .. }))) = (key, &kept) {
            (value, from) = (made.clone(), "the bank".to_owned());
        }
        rows.push(
            || vec![key.into(), Cell::text(&value), Cell::text(&from)],
            || Ok(json!({ "key": key, "value": value, "from": from, "about": Settings::about(key) })),
        )?;
    }
    rows.finish()
}

/// The time zone of the bank that is there, if one is; an error where another one is set.
fn kept(data: &Path, set: Option<Set>) -> Option<Result<String, Kept>> {
    // A journal that cannot be read is for whoever opens the bank to say.
    let made = Bank::time_zone_of(data).ok().flatten()?;
    Some(match set {
        Some((set, origin)) if set != made => Err(Kept { made, set, origin }),
        _ => Ok(made),
    })
}
