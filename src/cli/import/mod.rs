//! `jangbu import`: accounts, opening deposits and a month of payment orders, from three CSV files.
//!
//! Every row becomes a command whose id is derived from the row's content (see [`identity`]), so each row is paid once,
//! in whatever file and order it comes. `docs/import.md` describes the files for users.
//!
//! This module must never move money for a row that it could not read in full, or that could be read in two ways.

mod columns;
mod earlier;
mod encoding;
mod fields;
mod identity;
mod numbers;
mod outcome;
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
use super::output::ReportFormat;
use columns::Kind;
use encoding::Encoding;
pub(super) use fields::split;
use outcome::{RowOutcome, Status};
use plan::{Decimal, ImportParams, Plan};
use rehearsal::Rehearsal;
use report::Report;
use sheet::Sheet;
use submit::SubmitOptions;

/// Import accounts, deposits and a month of orders from CSV files
///
/// Reads accounts.csv, deposits.csv and orders.csv, opens the accounts, makes the deposits and runs the orders of one
/// month. Each row is imported once, wherever it is in a file; repeating an import changes nothing. A row that cannot
/// be read or is refused is reported with its file and line, the other rows proceed, and the exit status is 1.
#[derive(Debug, clap::Args)]
#[command(after_help = columns::help())]
pub(super) struct Args {
    /// The folder with the three files
    dir: PathBuf,
    /// The month whose orders to run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    month: u32,
    /// Import nothing if any row cannot be read
    #[arg(long)]
    strict: bool,
    /// Show what the import would do, on a copy of the bank, without changing anything
    #[arg(long)]
    dry_run: bool,
    /// Retry the rows that an earlier import refused
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
    format: ReportFormat,
}

/// One file of an import: its plan and the outcomes of its rows.
#[derive(Debug)]
pub(super) struct Phase {
    plan: Plan,
    outcomes: Vec<RowOutcome>,
}

/// Imports the files and prints a summary.
///
/// # Errors
/// [`CliError::BadRows`] if a row could not be read or was refused.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let [accounts, deposits, orders] = Kind::ALL.map(|kind| Sheet::read(&args.dir, kind, args.encoding));
    let sheets = [accounts?, deposits?, orders?];
    let report = args.report.as_deref().map(|path| Report::begin(path, &sheets)).transpose()?;
    let rehearsal = if args.dry_run { Some(Rehearsal::of(data)?) } else { None };
    let at = rehearsal.as_ref().map_or_else(|| data.to_path_buf(), Rehearsal::path);
    let params = ImportParams { month: args.month, decimal: args.decimal };
    block_on(import(data, &at, args, (sheets, params), report))
}

async fn import(
    data: &Path,
    at: &Path,
    args: &Args,
    (sheets, params): ([Sheet; 3], ImportParams),
    report: Option<Report>,
) -> Result<(), CliError> {
    // Only reads so far: an import that is refused for its rows must not leave a new bank behind.
    let bank = match data::must_exist(at) {
        Ok(()) => Some(args.founding.open_at(data, at)?),
        Err(CliError::NoBank { .. }) => None,
        Err(error) => return Err(error),
    };
    let mut phases = plan(bank.as_ref(), sheets, params).await?;
    summary::report_errors(&phases, |status| status == Status::Unreadable)?;
    let bad_rows = count(&phases, |outcome| outcome.status == Status::Unreadable);
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
    let ran = carry_out(&bank, &mut phases, params, args.retry_refused).await;
    // Also when the bank stopped half-way: only this process knows what was done.
    summary::report_errors(&phases, |status| status != Status::Unreadable)?;
    if let Some(report) = report {
        report.finish(&phases)?;
    }
    ran?;
    bank.close().await?;
    summary::print(&phases, params, args.dry_run, args.format)?;
    let failed = count(&phases, RowOutcome::is_failed);
    if failed > 0 {
        return Err(CliError::BadRows(format!("{} could not be imported", rows(failed))));
    }
    Ok(())
}

/// Plans all rows.
async fn plan(bank: Option<&Bank>, sheets: [Sheet; 3], params: ImportParams) -> Result<Vec<Phase>, CliError> {
    let plans = plan::make(bank, sheets, params).await?;
    Ok(plans.into_iter().map(|plan| Phase { outcomes: RowOutcome::before(&plan), plan }).collect())
}

/// Submits all rows to the bank, file by file.
async fn carry_out(bank: &Bank, phases: &mut [Phase], params: ImportParams, retry: bool) -> Result<(), CliError> {
    let options = SubmitOptions { month: params.month, retry, before: bank.stats().durable };
    for Phase { plan, outcomes } in phases {
        submit::all(bank, plan, options, outcomes).await?;
    }
    Ok(())
}

fn count(phases: &[Phase], of: impl Fn(&RowOutcome) -> bool) -> usize {
    phases.iter().flat_map(|phase| &phase.outcomes).filter(|outcome| of(outcome)).count()
}

fn rows(count: usize) -> String {
    if count == 1 { "1 row".into() } else { format!("{count} rows") }
}
