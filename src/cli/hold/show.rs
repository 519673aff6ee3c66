//! `jangbu hold show`: one hold, open or ended.

use jangbu::HoldId;

use super::{known, print_view};
use crate::cli::desk::Desk;
use crate::cli::error::CliError;
use crate::cli::output::Print;

/// Show one hold, open or ended
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The id of the hold; of one among linked steps, with the number of the step behind a dot
    hold: HoldId,
    #[command(flatten)]
    print: Print,
}

/// Prints the hold.
pub(super) fn run(desk: &Desk, args: &Args) -> Result<(), CliError> {
    print_view(&desk.printer(args.print)?, &known(&desk.bank, args.hold)?)
}
