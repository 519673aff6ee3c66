//! `jangbu openapi`: the description of the HTTP API, for generators of clients.

use std::io::Write;

use super::error::CliError;
use super::output::stdout;
use crate::server::openapi;

/// Print the OpenAPI document of the HTTP API, as served at `/api/openapi.json`
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Prints the document.
pub(super) fn run() -> Result<(), CliError> {
    let mut output = stdout();
    serde_json::to_writer_pretty(&mut output, &openapi::document())?;
    writeln!(output)?;
    output.flush()?;
    Ok(())
}
