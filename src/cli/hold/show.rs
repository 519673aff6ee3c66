//! `jangbu hold show`: one hold, open or ended.

use jangbu::HoldId;

use super::{known, print_view};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::Print;

/// Show one hold, open or ended
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The id of the hold; for a hold among linked steps, followed by a dot and the number of the step
    hold: HoldId,
    #[command(flatten)]
    print: Print,
}

/// Prints the hold.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    print_view(&context.printer(args.print)?, &known(&context.bank, args.hold)?)
}
