//! `jangbu serve`: the bank as a service over HTTP.

use std::path::Path;

use super::error::CliError;
use super::settings::Flags;
use crate::server::run;

/// Serve the bank over HTTP, and make it where there is none
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,
}

/// Serves until a signal says to stop.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let config = args.flags.settings(data)?.read(data, false)?;
    Ok(run::serve(config)?)
}
