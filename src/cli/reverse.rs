//! `jangbu reverse`: reverses an earlier movement.

use std::path::Path;

use clap::value_parser;
use jangbu::blocking::Bank;
use jangbu::{
    Command, CommandId, HoldId, Refusal,
    queries::{MovementKind, Order, Snapshot, TransferQuery},
    transfers::{MAX_STEPS, Reverse},
};

use super::args;
use super::dry_run::{self, DryRun, Unit};
use super::error::CliError;
use super::output::{Print, print_receipt};
use super::texts::Texts;

/// Reverse an earlier transfer, sweep or settlement, in whole or in part, without fee or limit
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The id of the original, or of a hold or verified transfer that was settled in one part
    original: HoldId,
    /// The amount, in decimals of the original's currency; by default all that has not been reversed yet
    #[arg(allow_negative_numbers = true)]
    amount: Option<String>,
    /// The step to reverse, if the command had several linked steps, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = value_parser!(u8).range(0..MAX_STEPS as i64))]
    step: u8,
    #[command(flatten)]
    dry_run: DryRun,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    print: Print,
}

/// Moves the money back and prints the receipt. Its sender is the original's receiver.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = args.dry_run.open(data)?;
    let (original, step) = capture_of(&bank, args.original, args.step)?;
    let sender = args.dry_run.check_lookup(&bank, args.print, sender_of(&bank, original, step))?;
    let mut reverse = Reverse { step, ..Reverse::all(original) };
    if let Some(amount) = &args.amount {
        reverse.amount = Some(args::amount(amount, sender.scale)?);
    }
    if let Some(id) = args.id {
        reverse = reverse.with_id(id);
    }
    reverse.details = args.texts.details();
    let unit = Unit::of(&sender);
    if args.dry_run.is_set() {
        return dry_run::preview(bank, &Command::Reverse(Box::new(reverse)), &[unit], args.print);
    }
    let printer = args.print.of(&bank)?;
    let receipt = bank.reverse(reverse).map_err(CliError::in_unit(unit))?;
    bank.close()?;
    let money = args::Money { amount: receipt.amount, currency: sender.currency, scale: sender.scale };
    let balances = [("sender_balance", receipt.sender_balance), ("receiver_balance", receipt.receiver_balance)];
    print_receipt(&printer, &receipt, money, &balances)
}

/// The largest number of captures that an error lists.
const MAX_LISTED_CAPTURES: usize = 100;

/// Returns the settlement of a hold or a verified transfer if `named` is the id of one, or else the command `named` and
/// the number of its movement, counted from 0. The id of a hold among linked steps includes that number.
///
/// # Errors
/// [`CliError::BadRows`] if two different steps are named, or if the hold was settled in several parts; the error lists
/// them.
pub(super) fn capture_of(bank: &Bank, named: HoldId, step: u8) -> Result<(CommandId, u8), CliError> {
    let step = match named.step() {
        Some(own) if step != 0 && step != own => {
            return Err(CliError::BadRows(format!("{named} names step {own}, not step {step}")));
        }
        own => own.unwrap_or(step),
    };
    let original = named.command();
    let movements = bank.movements_of(original)?;
    let at = |step: u8| movements.iter().find(|movement| movement.step.unwrap_or(0) == step);
    let Some(movement) = at(step).or(movements.first()) else { return Ok((original, step)) };
    if let Some(settlement) = movement.settlement {
        return Ok((settlement, movement.step.unwrap_or(step)));
    }
    if movement.kind != MovementKind::Hold || movement.captured.is_zero() || at(step).is_none() {
        return Ok((original, step));
    }
    let (hold, kinds) = (Some(movement.as_hold()), vec![MovementKind::Settlement]);
    let (order, limit) = (Order::OldestFirst, MAX_LISTED_CAPTURES);
    let captures = bank.transfers(TransferQuery { hold, kinds, order, limit, ..TransferQuery::default() })?.data;
    match &captures[..] {
        [capture] => Ok((capture.id, capture.step.unwrap_or(0))),
        [] => Ok((original, step)),
        _ => {
            let named: Vec<String> = captures.iter().map(|capture| capture.id.to_string()).collect();
            let what = "the hold was settled in several parts; reverse each by its id";
            Err(CliError::BadRows(format!("{what}: {}", named.join(", "))))
        }
    }
}

/// Finds the account that paid in the original. The reversal has its currency.
///
/// # Errors
/// [`Refusal::NotReversible`] if there is no such movement.
pub(super) fn sender_of(bank: &Bank, original: CommandId, step: u8) -> Result<Snapshot, CliError> {
    let movement = bank.movements_of(original)?.into_iter().nth(step.into());
    match movement.and_then(|movement| movement.from) {
        Some(sender) => Ok(bank.snapshot(sender)?),
        None => Err(Refusal::NotReversible { original }.into()),
    }
}
