//! `jangbu balance`: what was posted on an account at a moment of the past.

use jangbu::AccountNumber;
use serde_json::json;

use super::args;
use super::desk::Desk;
use super::dry_run::Unit;
use super::error::CliError;
use super::output::{Print, print_one};
use super::when::At;
use crate::tables::Cell;

/// Show an account's balance at a past moment
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account number
    #[arg(value_parser = crate::cli::args::typed)]
    number: AccountNumber,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    print: Print,
}

/// Prints the balance; that of an account before it was opened is none.
pub(super) fn run(desk: &Desk, args: &Args) -> Result<(), CliError> {
    let bank = &desk.bank;
    let account = bank.snapshot(args::meant(bank, args.number)?)?;
    let posted = bank.balance_at(account.number, args.at.moment(bank)?)?;
    let cell = posted.map_or("none".into(), |posted| Unit::of(&account).balance(posted));
    let fields = [("number", Cell::text(account.number)), ("currency", Cell::text(account.currency)), ("posted", cell)];
    let object = json!({
        "number": account.number,
        "currency": account.currency,
        "scale": account.scale,
        "posted": posted,
    });
    print_one(&desk.printer(args.print)?, &fields, &object)
}
