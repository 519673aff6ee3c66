//! `jangbu trial-balance`: the bank's totals at a past moment, and the accounts behind them.

use jangbu::blocking::Bank;
use jangbu::check::CurrencyTotal;
use jangbu::{Position, queries::AccountBalance};
use serde_json::json;

use super::context::Context;
use super::error::CliError;
use super::output::{Column, Print, Printer, Rows};
use super::when::At;
use crate::tables::Cell;

/// The number of accounts held in memory at a time.
const PAGE: usize = 1_000;

/// Show the totals of all balances at a past moment; they add up to zero
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    at: At,
    /// List every account instead of the totals
    #[arg(long)]
    accounts: bool,
    #[command(flatten)]
    print: Print,
}

/// Prints one row per currency or per account.
///
/// # Errors
/// [`CliError::Fault`] if the balances do not add up to zero.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    let bank = &context.bank;
    let printer = context.printer(args.print)?;
    let trial = bank.trial_balance_at(args.at.moment(bank)?)?;
    if !trial.is_balanced() {
        let what = "the balances do not add up to zero".to_owned();
        return Err(CliError::Fault { position: trial.position.get(), what });
    }
    if args.accounts {
        print_accounts(bank, trial.position, &trial.currencies, &printer)
    } else {
        print_sums(trial.position, &trial.currencies, &printer)
    }
}

fn print_sums(position: Position, currencies: &[CurrencyTotal], printer: &Printer) -> Result<(), CliError> {
    let columns = [
        Column::Number("position"),
        Column::Text("currency"),
        Column::Number("customers"),
        Column::Number("cash"),
        Column::Number("fees"),
    ];
    let mut rows = Rows::new(printer, &columns)?;
    for total in currencies {
        let cell = |units: i128| Cell::Money { units, scale: total.scale, currency: total.currency };
        let cells = || {
            let sums = [total.customers, total.cash, total.fees].map(cell);
            [Cell::number(position.get()), Cell::text(total.currency)].into_iter().chain(sums).collect()
        };
        let object = || {
            Ok(json!({
                "position": position,
                "currency": total.currency,
                "scale": total.scale,
                "customers": number(total.customers),
                "cash": number(total.cash),
                "fees": number(total.fees),
            }))
        };
        rows.push(cells, object)?;
    }
    rows.finish()
}

/// Returns a sum as a JSON number, or as text if it is outside the range of common JSON parsers.
fn number(sum: i128) -> serde_json::Value {
    i64::try_from(sum).map_or_else(|_| json!(sum.to_string()), |sum| json!(sum))
}

fn print_accounts(
    bank: &Bank,
    position: Position,
    currencies: &[CurrencyTotal],
    printer: &Printer,
) -> Result<(), CliError> {
    let scale = |account: &AccountBalance| {
        let total = currencies.iter().find(|total| total.currency == account.currency);
        total.map_or(0, |total| total.scale)
    };
    let mut rows = Rows::new(printer, &[Column::Text("number"), Column::Text("currency"), Column::Number("posted")])?;
    let mut after = None;
    loop {
        let page = bank.balances_at(position, after, PAGE)?;
        for account in &page.data {
            let cells = || {
                let posted = Cell::balance(account.posted, account.currency, scale(account));
                vec![Cell::text(account.number), Cell::text(account.currency), posted]
            };
            rows.push(cells, || serde_json::to_value(account))?;
        }
        after = page.next;
        if after.is_none() {
            return rows.finish();
        }
    }
}
