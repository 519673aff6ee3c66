//! `jangbu hold settle`: pays from a hold to its receiver.

use std::path::Path;

use jangbu::{Command, CommandId, HoldId, holds::SettleHold};

use super::{known, print_draw};
use crate::cli::args;
use crate::cli::dry_run::{self, DryRun};
use crate::cli::error::CliError;
use crate::cli::output::Print;

/// Settle a hold, in whole or in part
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The id of the hold; for a hold among linked steps, followed by a dot and the number of the step
    hold: HoldId,
    /// The amount for the receiver, in decimals of the hold's currency; by default all that is left
    #[arg(allow_negative_numbers = true)]
    amount: Option<String>,
    /// Keep the rest on hold for later settlements; by default it is released to the sender
    #[arg(long, requires = "amount")]
    keep: bool,
    #[command(flatten)]
    dry_run: DryRun,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// Settles the hold and prints the receipt.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = args.dry_run.open(data)?;
    let known = args.dry_run.check_lookup(&bank, args.print, known(&bank, args.hold))?;
    let mut settle = SettleHold::all(args.hold);
    if let Some(amount) = &args.amount {
        settle.amount = Some(args::amount(amount, known.scale)?);
    }
    settle.last = !args.keep;
    if let Some(id) = args.id {
        settle = settle.with_id(id);
    }
    if args.dry_run.is_set() {
        return dry_run::preview(bank, &Command::SettleHold(settle), &[known.unit()], args.print);
    }
    let printer = args.print.of(&bank)?;
    let receipt = bank.settle_hold(settle).map_err(CliError::in_unit(known.unit()))?;
    bank.close()?;
    print_draw(&printer, &receipt, &known)
}
