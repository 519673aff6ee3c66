//! `jangbu hold amend`: a hold raised or extended.

use std::path::Path;

use clap::ArgGroup;
use jangbu::{AmendHold, Command, CommandId, Timestamp};

use super::{known, print_view};
use crate::cli::args;
use crate::cli::dry_run::{self, DryRun};
use crate::cli::error::CliError;
use crate::cli::output::Print;

/// Raise a hold where the funds allow, or change when it expires
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("what").args(["raise_to", "expires"]).required(true).multiple(true))]
pub(super) struct Args {
    /// The id of the hold
    hold: CommandId,
    /// The new amount in all, what was captured included, in decimals of the hold's currency
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    raise_to: Option<String>,
    /// The new moment from which on it can no longer be settled
    #[arg(long, value_name = "TIME")]
    expires: Option<Timestamp>,
    #[command(flatten)]
    dry_run: DryRun,
    /// The id under which it happens at most once, a UUID; repeat it to repeat a command safely
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// Amends the hold and prints it as it stands then.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = args.dry_run.open(data)?;
    let before = args.dry_run.looked_up(&bank, args.print, known(&bank, args.hold))?;
    let raise_to = args.raise_to.as_deref().map(|amount| args::amount(amount, before.scale)).transpose()?;
    let id = args.id.unwrap_or_else(CommandId::random);
    let amend = AmendHold { id, hold: args.hold, raise_to, expires_at: args.expires };
    if args.dry_run.is_asked() {
        return dry_run::tell(bank, &Command::AmendHold(Box::new(amend)), &[before.unit()], args.print);
    }
    let printer = args.print.of(&bank)?;
    bank.amend_hold(amend).map_err(CliError::in_unit(before.unit()))?;
    let after = known(&bank, args.hold)?;
    bank.close()?;
    print_view(&printer, &after)
}
