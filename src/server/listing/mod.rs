//! Lists for administration: search over several columns, filters with counts, order by several columns, pages by number
//! or by cursor, totals, and everything that fits as a file.
//!
//! A resource makes a type of its rows, says what columns they have by [`Row`], and gives [`select`] all rows and what is
//! [`Wanted`]. Where they may be more than fit into memory, it shows them to a [`Selection`] one after the other.
//!
//! What this module must never do: know a resource, or wait for anything.

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

/// The last page that can be asked for.
const LAST_PAGE: u32 = 1_000_000;
/// The most characters of a search.
const LONGEST_SEARCH: usize = 100;

/// One row of a list.
pub(crate) trait Row: Sized + 'static {
    /// What can be told of a row, in the order of the file's columns.
    const COLUMNS: &'static [Column<Self>];
    /// The order when none is asked for, as in `sort`: `-joined_at,username`.
    const USUAL_ORDER: &'static str;

    /// The names of the columns.
    fn columns() -> Vec<&'static str> {
        Self::COLUMNS.iter().map(|column| column.name).collect()
    }

    /// The row of a file.
    fn cells(&self) -> Vec<Cell> {
        Self::COLUMNS.iter().map(|column| (column.value)(self).into()).collect()
    }

    /// What tells the row from all others, which decides between rows that are alike in everything asked for.
    fn key(&self) -> String;
}

/// One thing that can be told of a row.
#[derive(Debug)]
pub(crate) struct Column<R> {
    name: &'static str,
    value: fn(&R) -> Value<'_>,
    is_searched: bool,
    is_counted: bool,
}

impl<R> Column<R> {
    /// A column to sort by and to export.
    pub(crate) const fn new(name: &'static str, value: fn(&R) -> Value<'_>) -> Column<R> {
        Column { name, value, is_searched: false, is_counted: false }
    }

    /// A column that the search looks at too.
    #[must_use]
    pub(crate) const fn searched(self) -> Column<R> {
        Column { is_searched: true, ..self }
    }

    /// A column with few values, for each of which the rows are counted.
    #[must_use]
    pub(crate) const fn counted(self) -> Column<R> {
        Column { is_counted: true, ..self }
    }

    fn text(&self, row: &R) -> String {
        (self.value)(row).to_string()
    }
}

/// What is wanted of a list.
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
    /// What a query string asks for: `q`, `sort`, `limit`, `cursor` and `page`.
    ///
    /// # Errors
    /// 400 for a limit outside 1 to 200, a page 0, a page together with a cursor, or a search that is too long.
    pub(crate) fn new(
        q: Option<&str>,
        sort: Option<&str>,
        limit: Option<u32>,
        cursor: Option<&Cursor>,
        page: Option<u32>,
    ) -> Result<Wanted, Problem> {
        let q = q.unwrap_or_default();
        if count_chars(q) > LONGEST_SEARCH {
            return Err(Problem::invalid_field(
                "q",
                "too_long",
                format!("a search has at most {LONGEST_SEARCH} characters"),
            ));
        }
        if page.is_some_and(|page| !(1..=LAST_PAGE).contains(&page)) {
            let detail = format!("the page number is 1 to {LAST_PAGE}");
            return Err(Problem::invalid_field("page", "invalid", detail));
        }
        if page.is_some() && cursor.is_some() {
            return Err(Problem::invalid_field("page", "invalid", "send `page` or `cursor`, not both"));
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

    /// Wants the page alone, without what is counted and summed over everything that fits.
    #[must_use]
    pub(crate) const fn uncounted(mut self) -> Wanted {
        self.is_uncounted = true;
        self
    }

    /// Searches for nothing: what was searched for is found already.
    #[must_use]
    pub(crate) fn unsearched(mut self) -> Wanted {
        self.words.clear();
        self
    }

    /// Whether what fits is counted.
    pub(crate) const fn is_counted(&self) -> bool {
        !self.is_uncounted
    }

    /// Whether rows are wanted in this order.
    pub(crate) fn is_by(&self, order: &str) -> bool {
        self.sort.as_deref().is_none_or(|sort| sort == order)
    }

    /// How many rows are before the page, as far as it has a number.
    fn first_row(&self) -> usize {
        self.page.map_or(0, |page| page.saturating_sub(1).saturating_mul(self.limit))
    }

    /// Wants only rows that have `value` in `column`, if it is given.
    #[must_use]
    pub(crate) fn only(mut self, column: &'static str, value: Option<impl ToString>) -> Wanted {
        self.only.extend(value.map(|value| (column, value.to_string())));
        self
    }

    /// Wants only rows whose moment in `column` is on that date of the bank's time zone, if one is given; and has the rows
    /// counted by the next finer part of it.
    #[must_use]
    pub(crate) fn on(mut self, column: &'static str, date: Option<DatePart>, zone: &TimeZone) -> Wanted {
        self.dates = Some(Dates::new(column, date, zone));
        self
    }

    /// The day of the row's moment, if rows are counted by one.
    fn day<R: Row>(&self, row: &R) -> Option<(&Dates, String)> {
        let dates = self.dates.as_ref()?;
        let column = R::COLUMNS.iter().find(|column| column.name == dates.column)?;
        match (column.value)(row) {
            Value::Time(moment) => Some((dates, dates.day(moment))),
            _ => None,
        }
    }

    /// Whether every word of the search is in some searched column.
    fn finds<R: Row>(&self, row: &R) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let searched = R::COLUMNS.iter().filter(|column| column.is_searched);
        let texts: Vec<String> = searched.map(|column| folded(&column.text(row))).collect();
        self.words.iter().all(|word| texts.iter().any(|text| text.contains(word)))
    }

    /// The filters that a row does not pass: none, or the first, and whether it is the only one.
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

/// Which filters a row does not pass.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failed {
    Nothing,
    One(&'static str),
    Several,
}

/// How many rows have which value: by column, then by value.
pub(crate) type Counts = BTreeMap<&'static str, BTreeMap<String, u64>>;

/// A page of a list for administration.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing<T, S> {
    /// The rows of the page, in order.
    data: Vec<T>,
    /// Whether there is a next page.
    has_more: bool,
    /// The `cursor` of the next page.
    #[schema(value_type = Option<String>)]
    next: Option<Cursor>,
    /// How many rows match in all; absent if they are not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// How many rows each value of a countable column would match: by column, then by value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, std::collections::BTreeMap<String, u64>>)]
    counts: Counts,
    /// Sums over everything that fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<S>,
}

/// The totals of a list that has none beyond the number of its rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoTotals {}

#[cfg(test)]
mod tests;
