//! `jangbu import`: accounts, opening deposits and a month of payment orders, from three CSV files.
//!
//! Every row becomes a command whose id is derived from what the row says (see [`identity`]), so that each row is paid once,
//! in whatever file and order it comes. What there is to say to people about the files is in `docs/import.md`.
//!
//! What this module must never do: move money for a row that it could not read in full, or that could be read in two ways.

mod columns;
mod earlier;
mod encoding;
mod fate;
mod fields;
mod identity;
mod numbers;
mod plan;
mod rehearsal;
mod report;
mod sheet;
mod submit;
mod summary;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use futures::executor::block_on;
use jangbu::Bank;

use super::data;
use super::error::CliError;
use super::founding::Founding;
use super::output::Brief;
use columns::Kind;
use encoding::Encoding;
use fate::{Fate, Status};
pub(super) use fields::split;
use plan::{Decimal, Plan, Terms};
use rehearsal::Rehearsal;
use report::Report;
use sheet::Sheet;
use submit::How;

/// Import accounts, deposits and a month of orders from CSV files
///
/// Reads accounts.csv, deposits.csv and orders.csv. Opens the accounts, makes the deposits and runs the orders of
/// one month. Each row is imported once, whatever its place in a file: what was imported before changes nothing.
/// A row that cannot be read or is refused is reported with its file and line and stops no other; the exit status is
/// then 1.
#[derive(Debug, clap::Args)]
#[command(after_help = columns::help())]
pub(super) struct Args {
    /// The folder of the three files
    dir: PathBuf,
    /// Which month's orders to run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    month: u32,
    /// Import nothing if any row cannot be read
    #[arg(long)]
    strict: bool,
    /// Show what the import would do, on a copy of the bank, without changing anything
    #[arg(long)]
    dry_run: bool,
    /// Try again the rows that an earlier import refused
    #[arg(long)]
    retry_refused: bool,
    /// Write each row and its outcome to this CSV file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The encoding of the files; detected by default
    #[arg(long, value_enum)]
    encoding: Option<Encoding>,
    /// The decimal separator of amounts
    #[arg(long, value_enum, default_value_t)]
    decimal: Decimal,
    #[command(flatten)]
    founding: Founding,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: Brief,
}

/// One file on its way into the bank: what its rows ask for, and what became of them.
#[derive(Debug)]
pub(super) struct Phase {
    plan: Plan,
    fates: Vec<Fate>,
}

/// Imports, and prints what came of it.
///
/// # Errors
/// [`CliError::BadRows`] when a row could not be read or was refused.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let [accounts, deposits, orders] = Kind::ALL.map(|kind| Sheet::read(&args.dir, kind, args.encoding));
    let sheets = [accounts?, deposits?, orders?];
    let report = args.report.as_deref().map(|path| Report::begin(path, &sheets)).transpose()?;
    let rehearsal = if args.dry_run { Some(Rehearsal::of(data)?) } else { None };
    let at = rehearsal.as_ref().map_or_else(|| data.to_path_buf(), Rehearsal::path);
    let terms = Terms { month: args.month, decimal: args.decimal };
    block_on(import(data, &at, args, (sheets, terms), report))
}

async fn import(
    data: &Path,
    at: &Path,
    args: &Args,
    (sheets, terms): ([Sheet; 3], Terms),
    report: Option<Report>,
) -> Result<(), CliError> {
    // Only read so far: where the import is refused for its rows, it must not leave a bank behind either.
    let bank = match data::must_exist(at) {
        Ok(()) => Some(args.founding.open_at(data, at)?),
        Err(CliError::NoBank { .. }) => None,
        Err(error) => return Err(error),
    };
    let mut phases = plan(bank.as_ref(), sheets, terms).await?;
    summary::complain(&phases, |status| status == Status::Unreadable)?;
    let bad_rows = count(&phases, |fate| fate.status == Status::Unreadable);
    if args.strict && bad_rows > 0 {
        if let Some(report) = report {
            report.finish(&phases)?;
        }
        return Err(CliError::BadRows(format!("{} cannot be read, so nothing was imported", rows(bad_rows))));
    }
    let bank = match bank {
        Some(bank) => bank,
        None => args.founding.open_at(data, at)?,
    };
    let ran = carry_out(&bank, &mut phases, terms, args.retry_refused).await;
    // Also where the bank stopped half-way: what was done is then known here alone.
    summary::complain(&phases, |status| status != Status::Unreadable)?;
    if let Some(report) = report {
        report.finish(&phases)?;
    }
    ran?;
    bank.close().await?;
    summary::print(&phases, terms, args.dry_run, args.format)?;
    let failed = count(&phases, Fate::is_failed);
    if failed > 0 {
        return Err(CliError::BadRows(format!("{} could not be imported", rows(failed))));
    }
    Ok(())
}

/// Understands all rows.
async fn plan(bank: Option<&Bank>, sheets: [Sheet; 3], terms: Terms) -> Result<Vec<Phase>, CliError> {
    let plans = plan::make(bank, sheets, terms).await?;
    Ok(plans.into_iter().map(|plan| Phase { fates: Fate::before(&plan), plan }).collect())
}

/// Asks the bank for all rows, file by file.
async fn carry_out(bank: &Bank, phases: &mut [Phase], terms: Terms, retry: bool) -> Result<(), CliError> {
    let how = How { month: terms.month, retry, before: bank.stats().durable };
    for Phase { plan, fates } in phases {
        submit::all(bank, plan, how, fates).await?;
    }
    Ok(())
}

fn count(phases: &[Phase], of: impl Fn(&Fate) -> bool) -> usize {
    phases.iter().flat_map(|phase| &phase.fates).filter(|fate| of(fate)).count()
}

fn rows(count: usize) -> String {
    if count == 1 { "1 row".into() } else { format!("{count} rows") }
}
