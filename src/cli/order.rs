//! Orders about members and tokens, to a running service or to a bank that is stopped; and orders to a running service.

use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::data::{clock_lead, must_exist};
use super::error::CliError;
use crate::server::config::Config;
use crate::server::local::{self, Order, Refused};
use crate::server::run;
use crate::tables::Cell;

/// Has an order carried out: by the service that has the bank open, else here.
pub(super) fn carry_out(data: &Path, order: Order) -> Result<Value, CliError> {
    match ask(data, &order)? {
        Some(done) => Ok(done),
        None => {
            let config = Config { clock_lead: clock_lead(data)?, ..Config::new(data) };
            run::carry_out(config, order)?.map_err(refused)
        }
    }
}

/// Has an order carried out by the service that has the bank open; `None` when none has.
pub(super) fn ask(data: &Path, order: &Order) -> Result<Option<Value>, CliError> {
    must_exist(data)?;
    let path = data.join("admin").join("socket");
    let asked = local::ask(data, order).map_err(|source| CliError::File { operation: "ask", path, source })?;
    asked.transpose().map_err(refused)
}

/// The time zone of the bank, by the service that has it open, else by a look of our own.
pub(super) fn time_zone(data: &Path) -> Result<TimeZone, CliError> {
    let name = carry_out(data, Order::TimeZone)?;
    Ok(jangbu::time::time_zone(name.as_str().unwrap_or_default())?)
}

/// A field of what was answered: a moment, where its name says so.
pub(super) fn cell_of(field: &str, text: &str) -> Cell {
    let moment = if field.ends_with("_at") { text.parse().ok() } else { None };
    moment.map_or_else(|| Cell::text(text), Cell::Time)
}

fn refused(refused: Refused) -> CliError {
    CliError::Order { code: refused.code, detail: refused.detail }
}
