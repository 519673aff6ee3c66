//! `jangbu statement`: an account's entries, newest first.

use jangbu::{AccountNumber, BankError, BusinessDate, Entry, EntryKind, Error, HistoryQuery, Timestamp};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::desk::Desk;
use super::dry_run::Unit;
use super::error::CliError;
use super::output::{Column, Print, Rows, moment};
use super::when::When;
use crate::tables::Cell;

/// As many entries as are held in memory at a time.
const PAGE: usize = 1_000;

/// A business date begins and ends within a day of the same date in UTC, and a clock that was set back can have
/// shifted the recording of an entry by a little more.
const MARGIN_DAYS: i64 = 2;

/// Show the entries of an account, newest first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account number
    number: AccountNumber,
    /// From here on: a business date of the bank (2026-11-22), or a moment (2026-11-22T09:00:00+09:00)
    #[arg(long, value_name = "WHEN")]
    from: Option<When>,
    /// Up to here: a business date, which is still included, or a moment, which is not
    #[arg(long, value_name = "WHEN")]
    to: Option<When>,
    #[command(flatten)]
    print: Print,
}

/// Prints the entries of the period.
pub(super) fn run(desk: &Desk, args: &Args) -> Result<(), CliError> {
    let unit = Unit::of(&desk.bank.snapshot(args.number)?);
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
        Column::Text("id"),
    ];
    let mut rows = Rows::new(&desk.printer(args.print)?, &columns)?;
    let mut query = HistoryQuery { before: None, from: earliest(args.from), to: latest(args.to), limit: PAGE };
    loop {
        let page = match desk.bank.history(args.number, query) {
            // What there is has its worth, and that it is not all must not go unnoticed.
            Err(Error::Bank(archived @ BankError::Archived { .. })) => {
                rows.finish()?;
                return Err(archived.into());
            }
            page => page?,
        };
        for entry in page.data.iter().filter(|entry| is_within(entry.date, args)) {
            rows.push(|| cells(args.number, entry, unit), || Ok(object(args.number, entry, unit)))?;
        }
        query.before = page.next;
        if query.before.is_none() {
            break;
        }
    }
    rows.finish()
}

fn earliest(from: Option<When>) -> Option<Timestamp> {
    match from? {
        When::Moment(moment) => Some(moment),
        When::Date(date) => start_in_utc(date, MARGIN_DAYS.saturating_neg()),
    }
}

fn latest(to: Option<When>) -> Option<Timestamp> {
    match to? {
        When::Moment(moment) => Some(moment),
        When::Date(date) => start_in_utc(date, MARGIN_DAYS.saturating_add(1)),
    }
}

/// The beginning of the day that is `days` after `date`, in UTC; `None`, no bound, beyond the calendar.
fn start_in_utc(date: Date, days: i64) -> Option<Timestamp> {
    let day = date.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    Some(jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?.into())
}

/// Whether a business date lies within the dates that were asked for; moments the bank has looked at already.
fn is_within(date: BusinessDate, args: &Args) -> bool {
    let date = date.to_jiff();
    let after_start = !matches!(args.from, Some(When::Date(from)) if date < from);
    let before_end = !matches!(args.to, Some(When::Date(to)) if date > to);
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
        "id": entry.id,
    })
}
