//! `jangbu repair`: corrects a fault that `jangbu check` found, by a record of its own.

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
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Reversal(Reversal),
}

/// Return the amount that was reversed in excess, from the original's sender to its receiver
#[derive(Debug, clap::Args)]
struct Reversal {
    /// The id of the command that made the original movement
    original: CommandId,
    /// The step to repair, if the command had several linked steps, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = value_parser!(u8).range(0..MAX_STEPS as i64))]
    step: u8,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    match &args.action {
        Action::Reversal(args) => reversal(data, args),
    }
}

/// Prints the receipt of the returned amount. Its sender is the original's sender, who had received too much. If
/// nothing had to be returned, prints the position of the record.
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
