//! `jangbu import`: accounts, opening deposits and a month of payment orders, from three CSV files.
//!
//! | file | columns | optional |
//! | --- | --- | --- |
//! | `accounts.csv` | `number`, `owner`, `currency` | `type`, and `opened`, which is for people and not read |
//! | `deposits.csv` | `to`, `amount` | `label` |
//! | `orders.csv` | `order`, `from`, `to`, `amount` | `label` |
//!
//! Amounts are decimals of the account's currency. Every row becomes a command whose id is derived from what the row
//! is about (the account number, the n-th deposit of an account, the month and the order's number), so that importing
//! the same month again changes nothing.
//!
//! What this module must never do: move money for a row that it could not read in full.

mod plan;
mod sheet;
mod submit;
mod summary;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use futures::executor::block_on;

use super::data;
use super::error::CliError;
use plan::Plan;
use sheet::{BadRow, Sheet};
use summary::Summary;

/// Import accounts, deposits and a month of orders from CSV files
///
/// Reads accounts.csv, deposits.csv and orders.csv. Opens the accounts, makes the deposits and runs the orders of
/// one month. Repeating a month changes nothing. A row that cannot be read is reported with its file, line and
/// column, and stops nothing; the exit status is then 1. What the ledger refuses is counted by reason and is no
/// error.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the three files
    dir: PathBuf,
    /// The month whose orders are run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    month: u32,
    /// Where a row cannot be read, import nothing at all
    #[arg(long)]
    strict: bool,
}

/// Imports, and prints what came of it.
///
/// # Errors
/// [`CliError::BadRows`] when a row could not be read.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let accounts = Sheet::read(&args.dir.join("accounts.csv"), &["number", "owner", "currency"])?;
    let deposits = Sheet::read(&args.dir.join("deposits.csv"), &["to", "amount"])?;
    let orders = Sheet::read(&args.dir.join("orders.csv"), &["order", "from", "to", "amount"])?;
    block_on(import(data, args, &[accounts, deposits, orders]))
}

async fn import(data: &Path, args: &Args, [accounts, deposits, orders]: &[Sheet; 3]) -> Result<(), CliError> {
    // Only read so far: where the import is refused for its rows, it must not leave a bank behind either.
    let bank = match data::must_exist(data) {
        Ok(()) => Some(data::open(data)?),
        Err(CliError::NoBank { .. }) => None,
        Err(error) => return Err(error),
    };
    let plan = Plan::make(bank.as_ref(), accounts, deposits, orders, args.month).await?;
    report(&plan.bad_rows)?;
    let bad_rows = plan.bad_rows.len();
    if args.strict && bad_rows > 0 {
        return Err(CliError::BadRows(format!("{} cannot be read, so nothing was imported", rows(bad_rows))));
    }
    let bank = match bank {
        Some(bank) => bank,
        None => data::open(data)?,
    };
    let summary = Summary {
        accounts: submit::all(&bank, "accounts", plan.accounts).await?,
        deposits: submit::all(&bank, "deposits", plan.deposits).await?,
        orders: submit::all(&bank, "orders", plan.orders).await?,
        month: args.month,
    };
    bank.close().await?;
    summary.print()?;
    if bad_rows > 0 {
        return Err(CliError::BadRows(format!("{} could not be imported", rows(bad_rows))));
    }
    Ok(())
}

fn report(bad_rows: &[BadRow]) -> Result<(), CliError> {
    let mut errors = BufWriter::new(io::stderr().lock());
    for row in bad_rows {
        writeln!(errors, "{row}")?;
    }
    Ok(errors.flush()?)
}

fn rows(count: usize) -> String {
    if count == 1 { "1 row".into() } else { format!("{count} rows") }
}
