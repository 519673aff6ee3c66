//! Lists for administration: search in several columns, filters with counts, sorting by several columns, pages by
//! number or cursor, totals, and exports.
//!
//! A resource defines a type for its rows and their columns with [`Row`], and passes all rows and a [`Wanted`] to
//! [`select`]. If the rows may not fit into memory, it passes them to a [`Selection`] one by one.
//!
//! This module must never know a resource or wait for anything.

mod dates;
mod order;
mod selection;
mod value;

use std::collections::BTreeMap;

use jangbu::text::{count_chars, folded};
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::http::{Cursor, Problem, page_size};
use crate::tables::Cell;
use dates::Dates;

pub(crate) use dates::DatePart;
pub(crate) use selection::{Selection, select};
pub(crate) use value::Value;

/// The largest page number.
const LAST_PAGE: u32 = 1_000_000;
/// The largest length of a search, in characters.
const MAX_SEARCH_CHARS: usize = 100;

/// A row of a list.
pub(crate) trait Row: Sized + 'static {
    /// The columns, in the order in which they are exported.
    const COLUMNS: &'static [Column<Self>];
    /// The default order, spelled as in `sort`: `-joined_at,username`.
    const DEFAULT_ORDER: &'static str;

    /// Returns the names of the columns.
    fn columns() -> Vec<&'static str> {
        Self::COLUMNS.iter().map(|column| column.name).collect()
    }

    /// Returns the row's cells for an export.
    fn cells(&self) -> Vec<Cell> {
        Self::COLUMNS.iter().map(|column| (column.value)(self).into()).collect()
    }

    /// Returns a key that is unique among all rows and breaks ties in sorting.
    fn key(&self) -> String;
}

/// A column of a list.
#[derive(Debug)]
pub(crate) struct Column<R> {
    name: &'static str,
    value: fn(&R) -> Value<'_>,
    is_searched: bool,
    is_counted: bool,
}

impl<R> Column<R> {
    /// Creates a column for sorting and export.
    pub(crate) const fn new(name: &'static str, value: fn(&R) -> Value<'_>) -> Column<R> {
        Column { name, value, is_searched: false, is_counted: false }
    }

    /// Includes the column in searches.
    #[must_use]
    pub(crate) const fn searched(self) -> Column<R> {
        Column { is_searched: true, ..self }
    }

    /// Counts the rows for each value of the column, which must have few values.
    #[must_use]
    pub(crate) const fn counted(self) -> Column<R> {
        Column { is_counted: true, ..self }
    }

    fn text(&self, row: &R) -> String {
        (self.value)(row).to_string()
    }
}

/// A request for a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    words: Vec<String>,
    sort: Option<String>,
    limit: usize,
    page: Option<usize>,
    cursor: Option<Cursor>,
    only: Vec<(&'static str, String)>,
    dates: Option<Dates>,
    is_uncounted: bool,
}

impl Wanted {
    /// Creates a request from the query parameters `q`, `sort`, `limit`, `cursor` and `page`.
    ///
    /// # Errors
    /// 400 for a limit outside 1 to 200, a page of 0, a page together with a cursor, or a search that is too long.
    pub(crate) fn new(
        q: Option<&str>,
        sort: Option<&str>,
        limit: Option<u32>,
        cursor: Option<&Cursor>,
        page: Option<u32>,
    ) -> Result<Wanted, Problem> {
        let q = q.unwrap_or_default();
        if count_chars(q) > MAX_SEARCH_CHARS {
            return Err(Problem::invalid_field(
                "q",
                "too_long",
                format!("search for at most {MAX_SEARCH_CHARS} characters"),
            ));
        }
        if page.is_some_and(|page| !(1..=LAST_PAGE).contains(&page)) {
            let detail = format!("pages are numbered from 1 to {LAST_PAGE}");
            return Err(Problem::invalid_field("page", "invalid", detail));
        }
        if page.is_some() && cursor.is_some() {
            return Err(Problem::invalid_field("page", "invalid", "give a page or a cursor, not both"));
        }
        Ok(Wanted {
            words: q.split_whitespace().map(folded).collect(),
            sort: sort.map(str::to_owned),
            limit: page_size(limit)?,
            page: page.map(|page| usize::try_from(page).unwrap_or(usize::MAX)),
            cursor: cursor.cloned(),
            only: Vec::new(),
            dates: None,
            is_uncounted: false,
        })
    }

    /// Requests the page only, without counts and totals.
    #[must_use]
    pub(crate) const fn uncounted(mut self) -> Wanted {
        self.is_uncounted = true;
        self
    }

    /// Removes the search, because the caller has already searched.
    #[must_use]
    pub(crate) fn unsearched(mut self) -> Wanted {
        self.words.clear();
        self
    }

    /// Returns whether matching rows are counted.
    pub(crate) const fn is_counted(&self) -> bool {
        !self.is_uncounted
    }

    /// Returns whether this order is requested.
    pub(crate) fn is_by(&self, order: &str) -> bool {
        self.sort.as_deref().is_none_or(|sort| sort == order)
    }

    /// Returns the number of rows before the page, if the page is requested by number.
    fn first_row(&self) -> usize {
        self.page.map_or(0, |page| page.saturating_sub(1).saturating_mul(self.limit))
    }

    /// Requests only rows with `value` in `column`, if it is given.
    #[must_use]
    pub(crate) fn only(mut self, column: &'static str, value: Option<impl ToString>) -> Wanted {
        self.only.extend(value.map(|value| (column, value.to_string())));
        self
    }

    /// Requests only rows whose moment in `column` is on this date of the bank's time zone, if one is given, and counts
    /// rows by the next finer part of the date.
    #[must_use]
    pub(crate) fn on(mut self, column: &'static str, date: Option<DatePart>, zone: &TimeZone) -> Wanted {
        self.dates = Some(Dates::new(column, date, zone));
        self
    }

    /// Returns the day of a row's moment, if rows are counted by date.
    fn day<R: Row>(&self, row: &R) -> Option<(&Dates, String)> {
        let dates = self.dates.as_ref()?;
        let column = R::COLUMNS.iter().find(|column| column.name == dates.column)?;
        match (column.value)(row) {
            Value::Time(moment) => Some((dates, dates.day(moment))),
            _ => None,
        }
    }

    /// Returns whether every word of the search is in a searched column.
    fn finds<R: Row>(&self, row: &R) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let searched = R::COLUMNS.iter().filter(|column| column.is_searched);
        let texts: Vec<String> = searched.map(|column| folded(&column.text(row))).collect();
        self.words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }

    /// Returns which filters a row fails.
    fn failed<R: Row>(&self, row: &R, day: Option<&(&Dates, String)>) -> Failed {
        let mut failed = match day {
            Some((dates, day)) if !dates.has(day) => Failed::One(dates.column),
            _ => Failed::Nothing,
        };
        for (name, wanted) in &self.only {
            let passes = R::COLUMNS.iter().any(|column| column.name == *name && column.text(row) == *wanted);
            failed = match failed {
                _ if passes => failed,
                Failed::Nothing => Failed::One(name),
                Failed::One(_) | Failed::Several => Failed::Several,
            };
        }
        failed
    }
}

/// The filters that a row fails.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failed {
    Nothing,
    One(&'static str),
    Several,
}

/// The number of rows by column and value.
pub(crate) type Counts = BTreeMap<&'static str, BTreeMap<String, u64>>;

/// A page of an administrator's list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing<T, S> {
    /// The page's rows, in order.
    data: Vec<T>,
    /// Whether there are more rows after the page.
    has_more: bool,
    /// The `cursor` of the next page.
    #[schema(value_type = Option<String>)]
    next: Option<Cursor>,
    /// The number of all matching rows; omitted if they are not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// The number of rows that would match with each value of a counted column: by column, then by value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, std::collections::BTreeMap<String, u64>>)]
    counts: Counts,
    /// Totals over all matching rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<S>,
}

/// The totals of a list without any.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoTotals {}

#[cfg(test)]
mod tests;
