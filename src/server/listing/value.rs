//! What stands in a column.

use std::borrow::Cow;
use std::fmt;

use jangbu::text::folded;
use jangbu::{Currency, Timestamp};
use serde::{Deserialize, Serialize};

use crate::tables::Cell;

/// What a row has in a column. Values of one column are of one kind, or missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// Money, sorted by its minor units.
    Money {
        /// The amount, in minor units.
        units: i64,
        /// The number of decimals of the currency.
        scale: u8,
        /// The currency.
        currency: Currency,
    },
    /// A moment.
    Time(Timestamp),
    /// A text, sorted and searched without regard to case, normal form and width.
    Text(Cow<'a, str>),
    /// Nothing, which sorts behind everything.
    Missing,
}

impl<'a> Value<'a> {
    /// A text.
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Value<'a> {
        Value::Text(text.into())
    }

    /// A number, the largest one when it is larger.
    pub(crate) fn number(number: impl TryInto<i64>) -> Value<'a> {
        Value::Number(number.try_into().unwrap_or(i64::MAX))
    }

    /// What sorting goes by.
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

/// What sorting goes by, kept in cursors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Rank {
    Number(i64),
    Text(String),
    Missing,
}
