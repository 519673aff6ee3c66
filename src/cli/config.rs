//! `jangbu config`: the settings in force, and where each was set.

use std::path::Path;

use serde_json::json;

use super::error::CliError;
use super::output::{Column, Print, Rows};
use super::settings::Flags;
use crate::tables::Cell;

/// Show the settings in force, secrets blotted out, and where each was set
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
    for (key, value, from) in settings.shown() {
        rows.push(
            || vec![key.into(), Cell::text(&value), Cell::text(&from)],
            || Ok(json!({ "key": key, "value": value, "from": from })),
        )?;
    }
    rows.finish()
}
