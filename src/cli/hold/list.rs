//! `jangbu hold list`: the open holds of an account, in order.

use std::path::Path;

use jangbu::clock::{Clock, SystemClock};
use jangbu::{AccountNumber, HoldView, Timestamp};
use jiff::SignedDuration;
use serde_json::json;

use super::waits_for;
use crate::cli::data;
use crate::cli::error::CliError;
use crate::cli::fields::Fields;
use crate::cli::output::{Column, Format, Rows};

/// List an account's open holds in the order in which they were placed: how old, and what each waits for
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account that pays
    account: AccountNumber,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the holds.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = data::reading(data)?;
    let scale = bank.snapshot(args.account)?.scale;
    let holds = bank.holds(args.account)?;
    bank.close()?;
    let columns = [
        Column::Number("order"),
        Column::Text("id"),
        Column::Text("to"),
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
    let mut rows = Rows::new(args.format, &columns)?;
    for (order, hold) in (1u64..).zip(&holds) {
        let fields = || fields(order, hold, scale, now);
        rows.push(|| fields().into_cells(), || Ok(fields().into_object()))?;
    }
    rows.finish()
}

fn fields(order: u64, hold: &HoldView, scale: u8, now: Timestamp) -> Fields {
    let age_s = now.to_jiff().duration_since(hold.placed_at.to_jiff()).as_secs().max(0);
    Fields::default()
        .plain("order", order)
        .text("id", hold.id)
        .text("to", hold.to)
        .amount("amount", hold.amount, scale)
        .amount("captured", hold.captured, scale)
        .amount("remaining", hold.remaining, scale)
        .amount("fee", hold.fee, scale)
        .moment("placed_at", Some(hold.placed_at))
        .both("age_s", format!("{:#}", SignedDuration::from_secs(age_s)), json!(age_s))
        .moment("expires_at", hold.expires_at)
        .text("waits_for", waits_for(hold))
        .text("label", &hold.details.sender_label)
}
