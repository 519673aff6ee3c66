//! `jangbu statement`: an account's entries, newest first.

use jangbu::{
    AccountNumber, BankError, BusinessDate, Error, Timestamp,
    queries::{Entry, EntryKind, HistoryQuery},
    time::When,
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::args;
use super::context::Context;
use super::dry_run::Unit;
use super::error::CliError;
use super::output::{Column, Print, Rows, moment};
use crate::tables::Cell;

/// The number of entries held in memory at a time.
const PAGE: usize = 1_000;

/// The margin, in days, between a business date and the UTC dates of its records. A business date begins and ends
/// within a day of the same date in UTC, and a clock that was set back can shift the recording of an entry a little
/// further.
const MARGIN_DAYS: i32 = 2;

/// Show the entries of an account, newest first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account number
    #[arg(value_parser = crate::cli::args::typed)]
    number: AccountNumber,
    /// Start at this business date of the bank (2026-11-22), or at this moment (2026-11-22T09:00:00+09:00)
    #[arg(long, value_name = "WHEN")]
    from: Option<When>,
    /// End with this business date, or just before this moment; 9999-12-31 means no end
    #[arg(long, value_name = "WHEN")]
    to: Option<When>,
    #[command(flatten)]
    print: Print,
}

/// Prints the entries of the period.
pub(super) fn run(context: &Context, args: &Args) -> Result<(), CliError> {
    let number = args::resolve(&context.bank, args.number)?;
    let unit = Unit::of(&context.bank.snapshot(number)?);
    let columns = [
        Column::Text("account"),
        Column::Number("position"),
        Column::Text("recorded_at"),
        Column::Text("date"),
        Column::Text("what"),
        Column::Text("counterparty"),
        Column::Text("currency"),
        Column::Number("change"),
        Column::Number("fee"),
        Column::Number("balance"),
        Column::Text("label"),
        Column::Text("reference"),
        Column::Text("end_to_end_id"),
        Column::Text("id"),
    ];
    let mut rows = Rows::new(&context.printer(args.print)?, &columns)?;
    let (from, to) = (earliest(args.from)?, latest(args.to)?);
    let mut query = HistoryQuery { from, to, limit: PAGE, ..HistoryQuery::default() };
    loop {
        let page = match context.bank.history(number, query) {
            // Print the entries that exist, then report that the rest is archived.
            Err(Error::Bank(archived @ BankError::Archived { .. })) => {
                rows.finish()?;
                return Err(archived.into());
            }
            page => page?,
        };
        for entry in page.data.iter().filter(|entry| is_within(entry.date, args)) {
            rows.push(|| cells(number, entry, unit), || Ok(object(number, entry, unit)))?;
        }
        query.before = page.next;
        if query.before.is_none() {
            break;
        }
    }
    rows.finish()
}

fn earliest(from: Option<When>) -> Result<Option<Timestamp>, CliError> {
    match from {
        Some(When::Day(day)) => {
            let day = BusinessDate::from_days(day.as_days().saturating_sub(MARGIN_DAYS));
            // The margin can lead out of range; there is nothing before that.
            Ok(When::Day(day).begin(&TimeZone::UTC).ok())
        }
        Some(from) => Ok(Some(from.begin(&TimeZone::UTC)?)),
        None => Ok(None),
    }
}

fn latest(to: Option<When>) -> Result<Option<Timestamp>, CliError> {
    match to {
        Some(When::Day(day)) => {
            let day = BusinessDate::from_days(day.as_days().saturating_add(MARGIN_DAYS));
            Ok(When::Day(day).end(&TimeZone::UTC).ok().flatten())
        }
        Some(to) => Ok(to.end(&TimeZone::UTC)?),
        None => Ok(None),
    }
}

/// Returns whether a business date lies within the requested dates. The bank has already applied requested moments.
fn is_within(date: BusinessDate, args: &Args) -> bool {
    let after_start = !matches!(args.from, Some(When::Day(from)) if date < from);
    let before_end = !matches!(args.to, Some(When::Day(to)) if date > to);
    after_start && before_end
}

fn cells(account: AccountNumber, entry: &Entry, unit: Unit) -> Vec<Cell> {
    vec![
        Cell::text(account),
        Cell::number(entry.position.get()),
        entry.recorded_at.into(),
        Cell::date(entry.date),
        Cell::text(entry.what),
        entry.counterparty.map(Cell::text).unwrap_or(Cell::Missing),
        Cell::text(unit.currency),
        unit.balance(entry.change),
        unit.amount(entry.fee),
        unit.balance(entry.balance),
        Cell::text(&entry.label),
        Cell::text(&entry.reference),
        Cell::text(&entry.end_to_end_id),
        Cell::text(entry.id),
    ]
}

fn object(account: AccountNumber, entry: &Entry, unit: Unit) -> Value {
    let what: EntryKind = entry.what;
    json!({
        "account": account,
        "position": entry.position,
        "recorded_at": moment(entry.recorded_at),
        "date": entry.date.to_string(),
        "what": what,
        "counterparty": entry.counterparty,
        "currency": unit.currency,
        "scale": unit.scale,
        "change": entry.change,
        "fee": entry.fee,
        "balance": entry.balance,
        "label": entry.label,
        "reference": entry.reference,
        "end_to_end_id": entry.end_to_end_id,
        "id": entry.id,
    })
}
