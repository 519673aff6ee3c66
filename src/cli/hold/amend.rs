//! `jangbu hold amend`: raises or extends a hold.

use std::path::Path;

use clap::ArgGroup;
use jangbu::{
    Command, CommandId, HoldId,
    holds::AmendHold,
    time::{When, WhenError},
};

use super::{known, print_view};
use crate::cli::args;
use crate::cli::data::time_zone;
use crate::cli::dry_run::{self, DryRun};
use crate::cli::error::CliError;
use crate::cli::output::Print;

/// Raise a hold if funds allow, or change its expiry
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("what").args(["raise_to", "expires"]).required(true).multiple(true))]
pub(super) struct Args {
    /// The id of the hold; for a hold among linked steps, followed by a dot and the number of the step
    hold: HoldId,
    /// The new total amount, including what was captured, in decimals of the hold's currency
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    raise_to: Option<String>,
    /// The new expiry: a moment, or the last day of the bank on which the hold can be settled
    #[arg(long, value_name = "WHEN")]
    expires: Option<When>,
    #[command(flatten)]
    dry_run: DryRun,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// Amends the hold and prints the result.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = args.dry_run.open(data)?;
    let before = args.dry_run.check_lookup(&bank, args.print, known(&bank, args.hold))?;
    let raise_to = args.raise_to.as_deref().map(|amount| args::amount(amount, before.scale)).transpose()?;
    let id = args.id.unwrap_or_else(CommandId::random);
    let expires_at = match args.expires {
        Some(expires) => Some(expires.end(&time_zone(&bank)?)?.ok_or(WhenError::OutOfRange)?),
        None => None,
    };
    let amend = AmendHold { id, hold: args.hold, raise_to, expires_at };
    if args.dry_run.is_set() {
        return dry_run::preview(bank, &Command::AmendHold(Box::new(amend)), &[before.unit()], args.print);
    }
    let printer = args.print.of(&bank)?;
    bank.amend_hold(amend).map_err(CliError::in_unit(before.unit()))?;
    let after = known(&bank, args.hold)?;
    bank.close()?;
    print_view(&printer, &after)
}
