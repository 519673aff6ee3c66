//! Order by several columns, and the place of a row in it.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::value::Rank;
use super::{Column, Row};
use crate::server::http::Problem;

/// An order by several columns, each up or down.
pub(super) struct Order<R: 'static> {
    text: String,
    by: Vec<(&'static Column<R>, bool)>,
}

/// Where a row stands in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    sort: String,
    ranks: Vec<Rank>,
    key: String,
}

impl<R: Row> Order<R> {
    /// Reads `-joined_at,username`: names of columns, the first one first, a minus for those that go down.
    ///
    /// # Errors
    /// 400 for an unknown column, or one that is named twice.
    pub(super) fn read(text: &str) -> Result<Order<R>, Problem> {
        let mut by: Vec<(&'static Column<R>, bool)> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (name, is_down) = part.strip_prefix('-').map_or((part, false), |name| (name, true));
            let column = R::COLUMNS.iter().find(|column| column.name == name).ok_or_else(|| {
                let names: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
                let shown: String = name.chars().take(40).collect();
                let detail = format!("unknown column {shown:?}; the columns are {}", names.join(", "));
                Problem::invalid_field("sort", "unknown_column", detail)
            })?;
            if by.iter().any(|(other, _)| other.name == name) {
                return Err(Problem::invalid_field("sort", "repeated", format!("name the column {name} once")));
            }
            by.push((column, is_down));
        }
        Ok(Order { text: text.to_owned(), by })
    }

    /// Where a row stands.
    pub(super) fn place(&self, row: &R) -> Place {
        let ranks = self.by.iter().map(|(column, _)| (column.value)(row).rank()).collect();
        Place { sort: self.text.clone(), ranks, key: row.key() }
    }

    /// Puts rows in order.
    pub(super) fn sort(&self, placed: &mut [(Place, R)]) {
        placed.sort_by(|(one, _), (other, _)| self.compare(one, other));
    }

    /// How two places stand to each other.
    pub(super) fn compare(&self, one: &Place, other: &Place) -> Ordering {
        let ranks = self.by.iter().zip(one.ranks.iter().zip(&other.ranks));
        let mut compared = ranks.map(|((_, is_down), (one, other))| {
            let ordering = one.cmp(other);
            if *is_down { ordering.reverse() } else { ordering }
        });
        compared.find(|ordering| ordering.is_ne()).unwrap_or_else(|| one.key.cmp(&other.key))
    }

    /// Checks that a place is one of this order.
    ///
    /// # Errors
    /// 400 when it is not.
    pub(super) fn check(&self, place: &Place) -> Result<(), Problem> {
        if place.sort == self.text && place.ranks.len() == self.by.len() {
            return Ok(());
        }
        Err(Problem::invalid_field("cursor", "invalid", "pass the `next` of the previous page, with the same `sort`"))
    }
}

impl Place {
    /// What tells the row from all others.
    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Place {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}
