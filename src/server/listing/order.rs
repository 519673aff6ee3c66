//! Sorting by several columns, and the position of a row in the order.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::value::Rank;
use super::{Column, Row};
use crate::server::http::Problem;

/// An order by several columns, each ascending or descending.
pub(super) struct Order<R: 'static> {
    text: String,
    by: Vec<(&'static Column<R>, bool)>,
}

/// The position of a row in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SortKey {
    sort: String,
    ranks: Vec<Rank>,
    key: String,
}

impl<R: Row> Order<R> {
    /// Parses `-joined_at,username`: names of columns by precedence, with a minus for descending order.
    ///
    /// # Errors
    /// 400 for an unknown or repeated column.
    pub(super) fn read(text: &str) -> Result<Order<R>, Problem> {
        let mut by: Vec<(&'static Column<R>, bool)> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (name, is_down) = part.strip_prefix('-').map_or((part, false), |name| (name, true));
            let column = R::COLUMNS.iter().find(|column| column.name == name).ok_or_else(|| {
                let names: Vec<&str> = R::COLUMNS.iter().map(|column| column.name).collect();
                let shown: String = name.chars().take(40).collect();
                let detail = format!("there is no column {shown:?}; sort by {}", names.join(", "));
                Problem::invalid_field("sort", "unknown_column", detail)
            })?;
            if by.iter().any(|(other, _)| other.name == name) {
                return Err(Problem::invalid_field("sort", "repeated", format!("{name} is repeated")));
            }
            by.push((column, is_down));
        }
        Ok(Order { text: text.to_owned(), by })
    }

    /// Returns the position of a row.
    pub(super) fn key_of(&self, row: &R) -> SortKey {
        let ranks = self.by.iter().map(|(column, _)| (column.value)(row).rank()).collect();
        SortKey { sort: self.text.clone(), ranks, key: row.key() }
    }

    /// Sorts rows.
    pub(super) fn sort(&self, keyed: &mut [(SortKey, R)]) {
        keyed.sort_by(|(one, _), (other, _)| self.compare(one, other));
    }

    /// Compares two positions.
    pub(super) fn compare(&self, one: &SortKey, other: &SortKey) -> Ordering {
        let ranks = self.by.iter().zip(one.ranks.iter().zip(&other.ranks));
        let mut compared = ranks.map(|((_, is_down), (one, other))| {
            let ordering = one.cmp(other);
            if *is_down { ordering.reverse() } else { ordering }
        });
        compared.find(|ordering| ordering.is_ne()).unwrap_or_else(|| one.key.cmp(&other.key))
    }

    /// Checks that a position belongs to this order.
    ///
    /// # Errors
    /// 400 if it does not.
    pub(super) fn check(&self, key: &SortKey) -> Result<(), Problem> {
        if key.sort == self.text && key.ranks.len() == self.by.len() {
            return Ok(());
        }
        Err(Problem::invalid_field("cursor", "invalid", "pass `next` of the previous page, with the same `sort`"))
    }
}

impl SortKey {
    /// Returns the row's unique key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for SortKey {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text)
    }
}
