//! `jangbu serve`: the bank as a service over HTTP.

use std::net::SocketAddr;
use std::path::Path;

use super::error::CliError;
use crate::server::config::Config;
use crate::server::run;

/// Serve the bank over HTTP, and make it where there is none
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// Serves until a signal says to stop.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let mut config = Config::new(data);
    if let Some(listen) = args.listen {
        config.listen = listen;
    }
    run::serve(config).map_err(CliError::from)
}
