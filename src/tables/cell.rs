//! The value of a table cell, and its text for people.

use std::borrow::Cow;

use jangbu::{Amount, Balance, BusinessDate, Currency, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The value of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Text, including account numbers and ids, whose leading zeros matter.
    Text(String),
    /// An integer that is not money.
    Number(i64),
    /// A yes or no.
    Flag(bool),
    /// An amount in minor units.
    Money {
        /// The minor units.
        units: i128,
        /// The currency's number of decimals.
        scale: u8,
        /// The currency.
        currency: Currency,
    },
    /// A moment.
    Time(Timestamp),
    /// A day of the bank's calendar.
    Date(Date),
    /// No value.
    Missing,
}

impl Cell {
    /// Creates a text cell.
    pub(crate) fn text(text: impl ToString) -> Cell {
        Cell::Text(text.to_string())
    }

    /// Creates a number cell, or a text cell if the number is out of range.
    pub(crate) fn number(number: impl TryInto<i64> + ToString + Copy) -> Cell {
        number.try_into().map_or_else(|_| Cell::Text(number.to_string()), Cell::Number)
    }

    /// Creates an amount cell.
    pub(crate) fn amount(amount: Amount, currency: Currency, scale: u8) -> Cell {
        Cell::Money { units: i128::from(amount.minor_units()), scale, currency }
    }

    /// Creates a cell with a balance.
    pub(crate) fn balance(balance: Balance, currency: Currency, scale: u8) -> Cell {
        Cell::Money { units: i128::from(balance.minor_units()), scale, currency }
    }

    /// Creates a cell with a business date.
    pub(crate) fn date(date: BusinessDate) -> Cell {
        Cell::Date(date.to_jiff())
    }

    /// Returns the text for people, with times in `zone`.
    pub(crate) fn shown(&self, zone: &TimeZone) -> Cow<'_, str> {
        match self {
            Cell::Text(text) => Cow::Borrowed(text),
            Cell::Number(number) => number.to_string().into(),
            Cell::Flag(flag) => flag.to_string().into(),
            Cell::Money { units, scale, .. } => decimal(*units, *scale).into(),
            Cell::Time(moment) => time(*moment, zone).into(),
            Cell::Date(date) => date.to_string().into(),
            Cell::Missing => Cow::Borrowed(""),
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(found: Option<T>) -> Cell {
        found.map_or(Cell::Missing, Into::into)
    }
}

impl From<Timestamp> for Cell {
    fn from(moment: Timestamp) -> Cell {
        Cell::Time(moment)
    }
}

/// Formats a moment in RFC 3339, to the nanosecond and with the zone's offset. Nanoseconds distinguish records, so a
/// query at the printed moment finds the record.
pub(crate) fn time(moment: Timestamp, zone: &TimeZone) -> String {
    let zoned = moment.to_jiff().to_zoned(zone.clone());
    let format = if *zone == TimeZone::UTC { "%Y-%m-%dT%H:%M:%S%.9fZ" } else { "%Y-%m-%dT%H:%M:%S%.9f%:z" };
    zoned.strftime(format).to_string()
}

/// Formats a sum of minor units as a decimal. The sum may exceed the range of a balance.
pub(crate) fn decimal(units: i128, scale: u8) -> String {
    let scale = usize::from(scale);
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    let (sign, point) = (if units < 0 { "-" } else { "" }, if scale == 0 { "" } else { "." });
    format!("{sign}{whole}{point}{fraction}")
}
