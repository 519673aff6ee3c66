//! `jangbu clock`: shows whether the bank trusts its clock, and lets an operator accept it, also while a service has
//! the bank open.

use std::path::Path;

use clap::Subcommand;
use jangbu::clock::{ClockStanding, ClockState};
use jangbu::{
    Timestamp,
    time::{When, WhenError},
};
use jiff::tz::TimeZone;
use serde_json::json;

use super::data;
use super::error::CliError;
#[cfg(feature = "server")]
use super::order;
use super::output::{Format, Print, Printer, moment, print_one};
#[cfg(feature = "server")]
use crate::server::local::Order;
use crate::tables::Cell;

/// Show whether the bank trusts its clock, or accept the clock; works while the bank is served
///
/// A clock that reads more than 24 hours (clock_lead_s) past the last record, plus the time that has passed since, may
/// be wrong. The bank then refuses new commands until the clock is corrected or accepted.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    print: Print,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Accept the clock as correct
    Accept {
        /// Accept only up to this moment (2026-11-22T09:00:00+09:00), or to the end of this day of the bank
        /// (2026-11-22); by default, up to the clock's present reading
        #[arg(long, value_name = "WHEN")]
        until: Option<When>,
    },
}

/// Accepts the clock if requested, then shows its state.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let (state, zone) = match args.action {
        None => state(data)?,
        Some(Action::Accept { until }) => {
            let until = match until {
                Some(When::Moment(moment)) => moment,
                None => state(data)?.0.reading,
                Some(day) => day.last(&state(data)?.1)?.ok_or(WhenError::OutOfRange)?,
            };
            accept(data, until)?
        }
    };
    print(&args.print.in_zone(zone)?, &state)
}

/// Returns the state of the clock, from the service that has the bank open, or from the bank itself.
fn state(data: &Path) -> Result<(ClockState, TimeZone), CliError> {
    #[cfg(feature = "server")]
    if let Some(state) = ask(data, &Order::Clock)? {
        return Ok((state, order::time_zone(data)?));
    }
    let bank = data::reading(data)?;
    let (state, zone) = (bank.clock_state()?, data::time_zone(&bank)?);
    bank.close()?;
    Ok((state, zone))
}

/// Accepts the clock, through the service if one has the bank open.
fn accept(data: &Path, until: Timestamp) -> Result<(ClockState, TimeZone), CliError> {
    #[cfg(feature = "server")]
    if let Some(state) = ask(data, &Order::AcceptClock { until })? {
        return Ok((state, order::time_zone(data)?));
    }
    let bank = data::existing(data)?;
    let (state, zone) = (bank.accept_clock(until)?, data::time_zone(&bank)?);
    bank.close()?;
    Ok((state, zone))
}

#[cfg(feature = "server")]
fn ask(data: &Path, order: &Order) -> Result<Option<ClockState>, CliError> {
    let Some(answer) = order::ask(data, order)? else { return Ok(None) };
    let read = serde_json::from_value(answer);
    read.map(Some).map_err(|error| CliError::Machine(format!("cannot read the service's answer: {error}")))
}

fn print(printer: &Printer, state: &ClockState) -> Result<(), CliError> {
    let standing = match state.standing {
        ClockStanding::Ahead => "ahead",
        ClockStanding::Behind => "behind",
        _ => "trusted",
    };
    let (reading, trusted, lead_s) = (moment(state.reading), moment(state.trusted), state.lead.as_secs());
    let mut fields = vec![
        ("standing", standing.into()),
        ("reading", state.reading.into()),
        ("trusted", state.trusted.into()),
        ("lead_s", Cell::number(lead_s)),
    ];
    if state.standing == ClockStanding::Ahead && printer.format == Format::Table {
        fields.push(("to accept it", format!("jangbu clock accept --until {reading}").into()));
    }
    let object = json!({ "standing": standing, "reading": reading, "trusted": trusted, "lead_s": lead_s });
    print_one(printer, &fields, &object)
}
