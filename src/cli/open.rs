//! `jangbu open`: opens an account, and creates the bank if there is none.

use std::path::Path;

use jangbu::blocking::Bank;
use jangbu::{AccountNumber, Amount, CommandId, Currency, OpenAccount, OwnerId, accounts::TypeCode};
use serde_json::json;

use super::args;
use super::error::CliError;
use super::founding::Founding;
use super::output::{Print, print_one};
use crate::tables::Cell;

/// Open an account, creating the bank if there is none
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The owner: up to 36 printable characters without spaces
    #[arg(long)]
    owner: OwnerId,
    /// The account number: up to 20 letters, digits and hyphens; by default, a number with check digits is generated
    #[arg(long)]
    number: Option<AccountNumber>,
    /// The account type; by default the built-in type, which has no fee and no limit
    #[arg(long = "type", value_name = "CODE")]
    kind: Option<TypeCode>,
    /// The currency; by default that of the type, or else KRW
    #[arg(long)]
    currency: Option<Currency>,
    /// How far below zero the balance may go, in decimals of the currency
    #[arg(long, value_name = "AMOUNT", default_value = "0", allow_negative_numbers = true)]
    overdraft: String,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    founding: Founding,
    #[command(flatten)]
    print: Print,
}

/// Opens the account and prints its number.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let bank = Bank::from(args.founding.open(data)?);
    let overdraft = overdraft(&bank, &args)?;
    let mut open = OpenAccount::new(args.owner).with_overdraft(overdraft);
    open.number = args.number;
    open.kind = args.kind;
    open.currency = args.currency;
    if let Some(id) = args.id {
        open = open.with_id(id);
    }
    let printer = args.print.of(&bank)?;
    let number = bank.open_account(open)?;
    bank.close()?;
    print_one(&printer, &[("number", Cell::text(number))], &json!({ "number": number }))
}

fn overdraft(bank: &Bank, args: &Args) -> Result<Amount, CliError> {
    if args.overdraft == "0" {
        // Zero needs no scale. The ledger reports an unknown currency.
        return Ok(Amount::ZERO);
    }
    let types = bank.account_types()?;
    let of_type = types.iter().find(|kind| Some(kind.code) == args.kind).and_then(|kind| kind.currency);
    let currency = args.currency.or(of_type).unwrap_or_else(Currency::krw);
    let Some(scale) = bank.currency_scale(currency)? else {
        return Err(jangbu::Refusal::CurrencyUnknown { currency }.into());
    };
    args::amount(&args.overdraft, scale)
}
