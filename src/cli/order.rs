//! Sends orders to the service that has the bank open. Orders about members and tokens also work on a stopped bank.

use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::data::{clock_lead, must_exist};
use super::error::CliError;
use crate::server::config::Config;
use crate::server::local::{self, Order, Refused};
use crate::server::run;
use crate::tables::Cell;

/// Carries out an order, through the service if one has the bank open.
pub(super) fn carry_out(data: &Path, order: Order) -> Result<Value, CliError> {
    match ask(data, &order)? {
        Some(done) => Ok(done),
        None => {
            let config = Config { clock_lead: clock_lead(data)?, ..Config::new(data) };
            run::carry_out(config, order)?.map_err(refused)
        }
    }
}

/// Sends an order to the service that has the bank open; `None` if no service does.
pub(super) fn ask(data: &Path, order: &Order) -> Result<Option<Value>, CliError> {
    must_exist(data)?;
    let path = data.join("admin").join("socket");
    let asked = local::ask(data, order).map_err(|source| CliError::File { operation: "ask", path, source })?;
    asked.transpose().map_err(refused)
}

/// Returns the bank's time zone, from the service that has the bank open, or from the bank itself.
pub(super) fn time_zone(data: &Path) -> Result<TimeZone, CliError> {
    let name = carry_out(data, Order::TimeZone)?;
    Ok(jangbu::time::time_zone(name.as_str().unwrap_or_default())?)
}

/// Returns a field of the answer as a cell; a field whose name ends in `_at` is a moment.
pub(super) fn cell_of(field: &str, text: &str) -> Cell {
    let moment = if field.ends_with("_at") { text.parse().ok() } else { None };
    moment.map_or_else(|| Cell::text(text), Cell::Time)
}

fn refused(refused: Refused) -> CliError {
    CliError::Order { code: refused.code, detail: refused.detail }
}
