//! `jangbu hold void`: releases what is left of a hold to the sender.

use std::path::Path;

use jangbu::{Command, CommandId, HoldId, holds::VoidHold};

use super::{known, print_draw};
use crate::cli::dry_run::{self, DryRun};
use crate::cli::error::CliError;
use crate::cli::output::Print;

/// Void a hold: what is left is released to the sender
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The id of the hold; for a hold among linked steps, followed by a dot and the number of the step
    hold: HoldId,
    /// The reason, shown to the bank's staff only, up to 140 characters
    #[arg(long)]
    reason: Option<String>,
    /// The reason shown to the sender, up to 140 characters
    #[arg(long, value_name = "TEXT")]
    customer_text: Option<String>,
    #[command(flatten)]
    dry_run: DryRun,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// Voids the hold and prints the receipt.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = args.dry_run.open(data)?;
    let known = args.dry_run.check_lookup(&bank, args.print, known(&bank, args.hold))?;
    let mut void = VoidHold::new(args.hold);
    if let Some(reason) = &args.reason {
        void = void.because(reason);
    }
    if let Some(text) = &args.customer_text {
        void = void.telling(text);
    }
    if let Some(id) = args.id {
        void = void.with_id(id);
    }
    if args.dry_run.is_set() {
        return dry_run::preview(bank, &Command::VoidHold(void), &[known.unit()], args.print);
    }
    let printer = args.print.of(&bank)?;
    let receipt = bank.void_hold(void).map_err(CliError::in_unit(known.unit()))?;
    bank.close()?;
    print_draw(&printer, &receipt, &known)
}
