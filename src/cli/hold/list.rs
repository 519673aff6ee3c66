//! `jangbu hold list`: the open holds of an account.

use jangbu::clock::{Clock, SystemClock};
use jangbu::{AccountNumber, Timestamp, queries::HoldView};
use jiff::SignedDuration;
use serde_json::json;

use super::waits_for;
use crate::cli::args;
use crate::cli::context::Context;
use crate::cli::dry_run::Unit;
use crate::cli::error::CliError;
use crate::cli::fields::Fields;
use crate::cli::output::{Column, Print, Rows};
use crate::tables::Cell;

/// List an account's open holds in the order of placement, with their age and what each waits for
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The account that pays
    #[arg(value_parser = crate::cli::args::typed)]
    account: AccountNumber,
    #[command(flatten)]
    print: Print,
}

/// Prints the holds.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    let account = args::resolve(&context.bank, args.account)?;
    let unit = Unit::of(&context.bank.snapshot(account)?);
    let holds = context.bank.holds(account)?;
    let columns = [
        Column::Number("order"),
        Column::Text("id"),
        Column::Text("to"),
        Column::Text("currency"),
        Column::Number("amount"),
        Column::Number("captured"),
        Column::Number("remaining"),
        Column::Number("fee"),
        Column::Text("placed_at"),
        Column::Text("age"),
        Column::Text("expires_at"),
        Column::Text("waits_for"),
        Column::Text("label"),
    ];
    let now = SystemClock.now();
    let mut rows = Rows::new(&context.printer(args.print)?, &columns)?;
    for (order, hold) in (1u64..).zip(&holds) {
        let fields = || fields(order, hold, unit, now);
        rows.push(|| fields().into_cells(), || Ok(fields().into_object()))?;
    }
    rows.finish()
}

fn fields(order: u64, hold: &HoldView, unit: Unit, now: Timestamp) -> Fields {
    let age_s = now.to_jiff().duration_since(hold.placed_at.to_jiff()).as_secs().max(0);
    Fields::default()
        .plain("order", order)
        .text("id", hold.id)
        .text("to", hold.to)
        .text("currency", unit.currency)
        .amount("amount", hold.amount, unit)
        .amount("captured", hold.captured, unit)
        .amount("remaining", hold.remaining, unit)
        .amount("fee", hold.fee, unit)
        .moment("placed_at", Some(hold.placed_at))
        .both("age_s", Cell::text(format!("{:#}", SignedDuration::from_secs(age_s))), json!(age_s))
        .moment("expires_at", hold.expires_at)
        .text("waits_for", waits_for(hold))
        .text("label", &hold.details.sender_label)
}
