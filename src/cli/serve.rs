//! `jangbu serve`: the bank as a service over HTTP.

use std::path::Path;

use secrecy::SecretString;

use super::error::CliError;
use super::served;
use super::settings::Flags;
use crate::server::run;

/// Serve the bank over HTTP, creating it if there is none
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,
    /// Create a demo bank if there is none, with members, staff and a month of transfers; passwords are printed once
    #[arg(long)]
    demo: bool,
}

/// Serves until a signal stops the service.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let config = args.flags.settings(data)?.read(data, args.demo)?;
    let administrator = std::env::var("JANGBU_ADMIN_PASSWORD").ok().map(SecretString::from);
    Ok(run::serve(config, administrator, served::answer)?)
}
