//! `jangbu repair`: what `jangbu check` found wrong is put right, by a record of its own.

use std::path::Path;

use clap::{Subcommand, value_parser};
use jangbu::{
    CommandId, Outcome,
    transfers::{MAX_STEPS, RepairReversals},
};
use serde_json::json;

use super::dry_run::Unit;
use super::error::CliError;
use super::output::{Print, print_one, print_receipt};
use super::{args, data};
use crate::tables::Cell;

/// Repair what `jangbu check` reports
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Reversal(Reversal),
}

/// Return the amount reversed in excess, from the original's sender to its receiver
#[derive(Debug, clap::Args)]
struct Reversal {
    /// The id of the command that led to the original
    original: CommandId,
    /// Which of several linked steps, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = value_parser!(u8).range(0..MAX_STEPS as i64))]
    step: u8,
    /// The id of this command (a UUID); with the same id a retry happens at most once
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    match &args.what {
        What::Reversal(args) => reversal(data, args),
    }
}

/// Prints the receipt of what was returned: the sender is the original's sender, who had got too much. Where nothing had to
/// be returned, prints the place of the record.
fn reversal(data: &Path, args: &Reversal) -> Result<(), CliError> {
    let bank = data::existing(data)?;
    let mut repair = RepairReversals::of(args.original).step(args.step);
    if let Some(id) = args.id {
        repair = repair.with_id(id);
    }
    let sender = bank.movements_of(args.original)?.into_iter().nth(args.step.into());
    let outcome = match sender.and_then(|movement| movement.from) {
        Some(sender) => {
            let sender = bank.snapshot(sender)?;
            let unit = Unit::of(&sender);
            bank.repair_reversals(repair).map_err(CliError::in_unit(unit))?
        }
        None => bank.repair_reversals(repair)?,
    };
    let printer = args.print.of(&bank)?;
    let Outcome::Posted(receipt) = outcome else {
        bank.close()?;
        let position = outcome.position();
        return print_one(&printer, &[("position", Cell::number(position.get()))], &json!({ "position": position }));
    };
    let returned = bank.movement(receipt.id)?.and_then(|movement| movement.from);
    let sender = returned.map(|sender| bank.snapshot(sender)).transpose()?;
    bank.close()?;
    let Some(sender) = sender else { return Ok(()) };
    let money = args::Money { amount: receipt.amount, currency: sender.currency, scale: sender.scale };
    let balances = [("sender_balance", receipt.sender_balance), ("receiver_balance", receipt.receiver_balance)];
    print_receipt(&printer, &receipt, money, &balances)
}
