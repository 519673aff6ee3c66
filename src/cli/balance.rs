//! `jangbu balance`: what was posted on an account at a moment of the past.

use std::path::Path;

use jangbu::AccountNumber;
use serde_json::json;

use super::data;
use super::error::CliError;
use super::output::{Format, print_one};
use super::when::At;

/// Show what was posted on an account at a moment of the past
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account number
    number: AccountNumber,
    #[command(flatten)]
    at: At,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the balance; that of an account before it was opened is none.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = data::reading(data)?;
    let account = bank.snapshot(args.number)?;
    let posted = bank.balance_at(args.number, args.at.moment())?;
    let text = posted.map_or("none".to_owned(), |posted| posted.to_decimal(account.scale));
    let fields = [("number", account.number.to_string()), ("currency", account.currency.to_string()), ("posted", text)];
    let object = json!({
        "number": account.number,
        "currency": account.currency,
        "scale": account.scale,
        "posted": posted,
    });
    print_one(args.format, &fields, &object)?;
    Ok(bank.close()?)
}
