//! `jangbu check`: the offline audit of everything on disk, while no engine runs.

use std::io::Write;
use std::path::{Path, PathBuf};

use jangbu::Position;
use jangbu::check::{self, CurrencyTotal, Options, Report};

use super::data;
use super::error::CliError;
use super::output::stdout;
use crate::tables::decimal;

/// Audit the bank while nothing runs: every frame, the chain, every record, the sums
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Also check that no id was recorded twice, which takes memory for all of them
    #[arg(long)]
    deep: bool,
    /// Check from the first record on, with the segments in this archive; may be given several times
    #[arg(long, value_name = "DIR")]
    archive: Vec<PathBuf>,
}

/// Audits the bank and prints its totals.
///
/// # Errors
/// [`CliError::Fault`] with the position of the first fault.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    data::must_exist(data)?;
    print(&check::check_with_archives(data, Options { deep: args.deep }, &args.archive)?)
}

/// Prints what a check found.
pub(super) fn print(report: &Report) -> Result<(), CliError> {
    let mut output = stdout();
    writeln!(output, "records     {}, in {} segments, up to position {}", report.records, report.segments, report.end)?;
    if report.archived != Position::START {
        writeln!(output, "archived    up to position {}: a stored state stands in for that", report.archived)?;
    }
    writeln!(output, "accounts    {}", report.accounts)?;
    writeln!(output, "movements  {} posted, {} refused", report.posted, report.refused)?;
    writeln!(output, "holds       {} placed, {} open", report.holds_placed, report.holds_open)?;
    for total in &report.currencies {
        writeln!(output, "{:10} {}", total.currency, sums(total))?;
    }
    writeln!(output, "state       {}", report.state)?;
    writeln!(output, "ok")?;
    output.flush()?;
    Ok(())
}

fn sums(total: &CurrencyTotal) -> String {
    let decimal = |sum: i128| decimal(sum, total.scale);
    let sum = total.customers.saturating_add(total.cash).saturating_add(total.fees);
    format!(
        "customers {}, cash {}, fees {}, sum {}",
        decimal(total.customers),
        decimal(total.cash),
        decimal(total.fees),
        decimal(sum)
    )
}
