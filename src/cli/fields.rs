//! One item to print, with each field given once, for people and for programs.

use std::fmt::Display;

use jangbu::{Amount, Balance, BusinessDate, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::dry_run::Unit;
use super::error::CliError;
use super::output::{Field, Printer, moment, print_one};
use crate::tables::Cell;

/// The fields of one item, in the order in which people read them.
#[derive(Debug, Default)]
pub(super) struct Fields {
    cells: Vec<Field>,
    object: Map<String, Value>,
}

impl Fields {
    /// Adds a field that is the same text for people and programs.
    pub(super) fn text(self, name: &'static str, value: impl Display) -> Fields {
        let text = value.to_string();
        self.both(name, Cell::text(&text), Value::String(text))
    }

    /// Adds a number.
    pub(super) fn plain(self, name: &'static str, value: impl Serialize) -> Fields {
        let value = json!(value);
        let cell = value.as_i64().map_or_else(|| Cell::text(&value), Cell::Number);
        self.both(name, cell, value)
    }

    /// Adds an amount: decimals for people, minor units for programs.
    pub(super) fn amount(self, name: &'static str, amount: Amount, unit: Unit) -> Fields {
        self.both(name, unit.amount(amount), json!(amount))
    }

    /// Adds a balance, as an amount.
    pub(super) fn balance(self, name: &'static str, balance: Balance, unit: Unit) -> Fields {
        self.both(name, unit.balance(balance), json!(balance))
    }

    /// Adds a moment. A missing one is empty for people and null for programs.
    pub(super) fn moment(self, name: &'static str, at: Option<Timestamp>) -> Fields {
        self.both(name, at.into(), json!(at.map(moment)))
    }

    /// Adds a business date.
    pub(super) fn date(self, name: &'static str, date: BusinessDate) -> Fields {
        self.both(name, Cell::date(date), json!(date))
    }

    /// Adds a field with different values for people and for programs.
    pub(super) fn both(mut self, name: &'static str, cell: Cell, value: Value) -> Fields {
        self.cells.push((name, cell));
        self.object.insert(name.to_owned(), value);
        self
    }

    /// Returns the cells for people, in order.
    pub(super) fn into_cells(self) -> Vec<Cell> {
        self.cells.into_iter().map(|(_, cell)| cell).collect()
    }

    /// Returns the object for programs.
    pub(super) fn into_object(self) -> Value {
        Value::Object(self.object)
    }

    pub(super) fn print(self, printer: &Printer) -> Result<(), CliError> {
        print_one(printer, &self.cells, &Value::Object(self.object))
    }
}
