//! One thing to print: each of its fields said once, for people and for programs.

use std::fmt::Display;

use jangbu::{Amount, Balance, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::error::CliError;
use super::output::{Format, moment, print_one};

/// The fields of one thing, in the order in which people read them.
#[derive(Debug, Default)]
pub(super) struct Fields {
    cells: Vec<(&'static str, String)>,
    object: Map<String, Value>,
}

impl Fields {
    /// Adds a field that people and programs read alike.
    pub(super) fn text(self, name: &'static str, value: impl Display) -> Fields {
        let text = value.to_string();
        self.both(name, text.clone(), Value::String(text))
    }

    /// Adds a number, or something else that programs read as it is.
    pub(super) fn plain(self, name: &'static str, value: impl Display + Serialize) -> Fields {
        let (text, value) = (value.to_string(), json!(value));
        self.both(name, text, value)
    }

    /// Adds an amount: decimals for people, minor units for programs.
    pub(super) fn amount(self, name: &'static str, amount: Amount, scale: u8) -> Fields {
        self.both(name, amount.to_decimal(scale), json!(amount))
    }

    /// Adds a balance, as an amount.
    pub(super) fn balance(self, name: &'static str, balance: Balance, scale: u8) -> Fields {
        self.both(name, balance.to_decimal(scale), json!(balance))
    }

    /// Adds a moment; nothing for people, and null for programs, when there is none.
    pub(super) fn moment(self, name: &'static str, at: Option<Timestamp>) -> Fields {
        let at = at.map(moment);
        self.both(name, at.clone().unwrap_or_default(), json!(at))
    }

    /// Adds a field that is a word for people and something else for programs.
    pub(super) fn both(mut self, name: &'static str, cell: String, value: Value) -> Fields {
        self.cells.push((name, cell));
        self.object.insert(name.to_owned(), value);
        self
    }

    /// What people read, in order.
    pub(super) fn into_cells(self) -> Vec<String> {
        self.cells.into_iter().map(|(_, cell)| cell).collect()
    }

    /// What programs read.
    pub(super) fn into_object(self) -> Value {
        Value::Object(self.object)
    }

    /// Prints the thing.
    pub(super) fn print(self, format: Format) -> Result<(), CliError> {
        print_one(format, &self.cells, &Value::Object(self.object))
    }
}
