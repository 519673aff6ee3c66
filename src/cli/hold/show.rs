//! `jangbu hold show`: one hold, open or ended.

use std::path::Path;

use jangbu::CommandId;

use super::{known, print_view};
use crate::cli::data;
use crate::cli::error::CliError;
use crate::cli::output::Format;

/// Show one hold, open or ended
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The id of the hold
    hold: CommandId,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the hold.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = data::reading(data)?;
    print_view(args.format, &known(&bank, args.hold)?)?;
    Ok(bank.close()?)
}
