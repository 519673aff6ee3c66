//! `jangbu balance`: an account's posted balance at a past moment.

use jangbu::AccountNumber;
use serde_json::json;

use super::args;
use super::context::Context;
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

/// Prints the balance, or `none` if the account was not open yet.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    let bank = &context.bank;
    let account = bank.snapshot(args::resolve(bank, args.number)?)?;
    let posted = bank.balance_at(account.number, args.at.moment(bank)?)?;
    let cell = posted.map_or("none".into(), |posted| Unit::of(&account).balance(posted));
    let fields = [("number", Cell::text(account.number)), ("currency", Cell::text(account.currency)), ("posted", cell)];
    let object = json!({
        "number": account.number,
        "currency": account.currency,
        "scale": account.scale,
        "posted": posted,
    });
    print_one(&context.printer(args.print)?, &fields, &object)
}
