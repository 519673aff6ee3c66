//! The values of columns.

use std::borrow::Cow;
use std::fmt;

use jangbu::text::folded;
use jangbu::{Currency, Timestamp};
use serde::{Deserialize, Serialize};

use crate::tables::Cell;

/// The value of a row in a column. Values of one column have one kind or are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// Money, sorted by its minor units.
    Money {
        /// The minor units.
        units: i64,
        /// The currency's number of decimals.
        scale: u8,
        /// The currency.
        currency: Currency,
    },
    /// A moment.
    Time(Timestamp),
    /// Text, sorted and searched regardless of case, normalization form and width.
    Text(Cow<'a, str>),
    /// No value; sorts last.
    Missing,
}

impl<'a> Value<'a> {
    /// Creates a text.
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::Text(text.into())
    }

    /// Creates a number, or the largest number if it is out of range.
    pub(crate) fn number(number: impl TryInto<i64>) -> Value<'a> {
        Value::Number(number.try_into().unwrap_or(i64::MAX))
    }

    /// Returns the key for sorting.
    pub(super) fn rank(&self) -> Rank {
        match self {
            Value::Flag(flag) => Rank::Number(i64::from(*flag)),
            Value::Number(number) | Value::Money { units: number, .. } => Rank::Number(*number),
            Value::Time(moment) => Rank::Number(moment.as_ns()),
            Value::Text(text) => Rank::Text(folded(text)),
            Value::Missing => Rank::Missing,
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Flag(flag) => flag.fmt(f),
            Value::Number(number) | Value::Money { units: number, .. } => number.fmt(f),
            Value::Time(moment) => moment.fmt(f),
            Value::Text(text) => text.fmt(f),
            Value::Missing => Ok(()),
        }
    }
}

impl From<Value<'_>> for Cell {
    fn from(value: Value<'_>) -> Cell {
        match value {
            Value::Flag(flag) => Cell::Flag(flag),
            Value::Number(number) => Cell::Number(number),
            Value::Money { units, scale, currency } => Cell::Money { units: units.into(), scale, currency },
            Value::Time(moment) => Cell::Time(moment),
            Value::Text(text) => Cell::Text(text.into_owned()),
            Value::Missing => Cell::Missing,
        }
    }
}

/// A key for sorting, stored in cursors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Rank {
    Number(i64),
    Text(String),
    Missing,
}
