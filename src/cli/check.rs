//! `jangbu check`: the offline audit of everything on disk.

use std::io::Write;
use std::path::{Path, PathBuf};

use jangbu::Position;
use jangbu::check::{self, CheckError, CurrencyTotal, Options, Report};
use serde_json::{Value, json};

use super::data;
use super::error::CliError;
use super::output::{ReportFormat, print_object, stdout};
use crate::tables::decimal;

/// Audit the bank while it is not in use: every frame, the hash chain, every record, the totals
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Also check that no id was recorded twice; requires about 40 bytes of memory per record
    #[arg(long)]
    deep: bool,
    /// Check from the first record on, with the segments in this archive; can be repeated
    #[arg(long, value_name = "DIR")]
    archive: Vec<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
}

/// Audits the bank and prints its totals.
///
/// # Errors
/// [`CliError::Fault`] with the position of the first fault.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    data::must_exist(data)?;
    let checked = check::check_with_archives(data, Options { deep: args.deep }, &args.archive);
    match (&checked, args.format) {
        (Ok(report), ReportFormat::Table) => print(report)?,
        (Ok(report), ReportFormat::Json) => print_object(&object(report))?,
        // Programs get an object for a fault, too; the line on standard error repeats it.
        (Err(CheckError::Fault { position, what }), ReportFormat::Json) => {
            print_object(&json!({ "sound": false, "position": position, "fault": what }))?;
        }
        (Err(_), _) => {}
    }
    checked?;
    Ok(())
}

fn object(report: &Report) -> Value {
    let total = |total: &CurrencyTotal| {
        let number = |sum: i128| i64::try_from(sum).map_or_else(|_| json!(sum.to_string()), |sum| json!(sum));
        json!({
            "currency": total.currency,
            "scale": total.scale,
            "customers": number(total.customers),
            "cash": number(total.cash),
            "fees": number(total.fees),
        })
    };
    json!({
        "sound": true,
        "position": report.end,
        "records": report.records,
        "archived": report.archived,
        "segments": report.segments,
        "frames": report.frames,
        "accounts": report.accounts,
        "posted": report.posted,
        "refused": report.refused,
        "holds_placed": report.holds_placed,
        "holds_open": report.holds_open,
        "cleanly_closed": report.cleanly_closed,
        "torn_bytes": report.torn_bytes,
        "currencies": report.currencies.iter().map(total).collect::<Vec<_>>(),
        "state": report.state,
    })
}

/// Prints the result of a check.
pub(super) fn print(report: &Report) -> Result<(), CliError> {
    let mut output = stdout();
    writeln!(output, "records     {}, in {} segments, up to position {}", report.records, report.segments, report.end)?;
    if report.archived != Position::START {
        writeln!(output, "archived    up to position {}: replaced by a stored state", report.archived)?;
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
