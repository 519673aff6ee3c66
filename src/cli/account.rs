//! `jangbu account`: everything about one account.

use jangbu::{
    AccountNumber, Amount,
    queries::{Snapshot, SnapshotHold},
};
use serde_json::json;

use super::accounts::available;
use super::args;
use super::context::Context;
use super::dry_run::Unit;
use super::error::CliError;
use super::output::{Field, Print, Printer, moment, print_one};
use crate::tables::Cell;

/// Show an account: balance, limits, today's remaining allowance
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account number
    #[arg(value_parser = crate::cli::args::typed)]
    number: AccountNumber,
    #[command(flatten)]
    print: Print,
}

/// Prints the account.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    let account = context.bank.snapshot(args::resolve(&context.bank, args.number)?)?;
    print(&context.printer(args.print)?, &account)
}

/// Prints an account.
pub(super) fn print(printer: &Printer, account: &Snapshot) -> Result<(), CliError> {
    print_one(printer, &fields(account), &object(account))
}

fn fields(account: &Snapshot) -> Vec<Field> {
    let unit = Unit::of(account);
    let amount = |amount: Amount| unit.amount(amount);
    let limit = |limit: Option<Amount>| limit.map_or("none".into(), amount);
    let frozen = match (account.frozen.debits, account.frozen.credits) {
        (false, false) => "no",
        (true, false) => "debits",
        (false, true) => "credits",
        (true, true) => "debits and credits",
    };
    vec![
        ("number", Cell::text(account.number)),
        ("owner", Cell::text(account.owner)),
        ("type", Cell::text(account.kind)),
        ("currency", Cell::text(account.currency)),
        ("status", Cell::text(account.status)),
        ("frozen", frozen.into()),
        ("opened_at", account.opened_at.into()),
        ("posted", unit.balance(account.posted)),
        ("held", amount(account.held)),
        ("pending_in", amount(account.pending_in)),
        ("open_holds", Cell::number(account.holds.len())),
        ("available", available(account)),
        ("overdraft", amount(account.overdraft)),
        ("limit_per_transfer", limit(account.limit_per_transfer)),
        ("limit_per_day", limit(account.limit_per_day)),
        ("left_today", limit(account.left_today)),
        ("free_transfers_left", Cell::number(account.free_transfers_left)),
        ("date", Cell::date(account.date)),
        ("version", Cell::number(account.version)),
        ("position", Cell::number(account.position.get())),
    ]
}

fn hold(hold: &SnapshotHold) -> serde_json::Value {
    json!({
        "id": hold.id,
        "held": hold.held,
        "remaining": hold.remaining,
        "placed_at": moment(hold.placed_at),
        "expires_at": hold.expires_at.map(moment),
        "requires_verification": hold.requires_verification,
        "position": hold.position,
    })
}

fn object(account: &Snapshot) -> serde_json::Value {
    json!({
        "number": account.number,
        "owner": account.owner,
        "type": account.kind,
        "currency": account.currency,
        "scale": account.scale,
        "status": account.status,
        "frozen": account.frozen,
        "opened_at": moment(account.opened_at),
        "posted": account.posted,
        "held": account.held,
        "pending_in": account.pending_in,
        "holds": account.holds.iter().map(hold).collect::<Vec<_>>(),
        "available": account.available,
        "overdraft": account.overdraft,
        "limit_per_transfer": account.limit_per_transfer,
        "limit_per_day": account.limit_per_day,
        "left_today": account.left_today,
        "free_transfers_left": account.free_transfers_left,
        "date": account.date.to_string(),
        "version": account.version,
        "position": account.position,
    })
}
