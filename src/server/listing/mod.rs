//! Lists for administration: search over several columns, filters with counts, order by several columns, pages by number
//! or by cursor, totals, and CSV of everything that fits.
//!
//! A resource makes a type of its rows, says what columns they have by [`Row`], and gives [`select`] all rows and what is
//! [`Wanted`]. The rows are in memory: what cannot be, is no list of this kind.
//!
//! What this module must never do: know a resource, or wait for anything.

mod csv;
mod dates;
mod order;
mod value;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::http::{Cursor, Problem, page_size};
use dates::Dates;
use order::{Order, Place};

pub(crate) use csv::Sheet;
pub(crate) use dates::DatePart;
pub(crate) use value::Value;

/// The last page that can be asked for.
const LAST_PAGE: u32 = 1_000_000;
/// The most characters of a search.
const LONGEST_SEARCH: usize = 100;

/// One row of a list.
pub(crate) trait Row: Sized + 'static {
    /// What can be told of a row, in the order of the CSV's columns.
    const COLUMNS: &'static [Column<Self>];
    /// The order when none is asked for, as in `sort`: `-joined_at,username`.
    const USUAL_ORDER: &'static str;

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
        if q.chars().count() > LONGEST_SEARCH {
            return Err(Problem::invalid_field(
                "q",
                "too_long",
                format!("search for at most {LONGEST_SEARCH} characters"),
            ));
        }
        if page.is_some_and(|page| !(1..=LAST_PAGE).contains(&page)) {
            let detail = format!("pages are counted from 1 to {LAST_PAGE}");
            return Err(Problem::invalid_field("page", "invalid", detail));
        }
        if page.is_some() && cursor.is_some() {
            return Err(Problem::invalid_field("page", "invalid", "give a page or a cursor, not both"));
        }
        Ok(Wanted {
            words: q.split_whitespace().map(str::to_lowercase).collect(),
            sort: sort.map(str::to_owned),
            limit: page_size(limit)?,
            page: page.map(|page| usize::try_from(page).unwrap_or(usize::MAX)),
            cursor: cursor.cloned(),
            only: Vec::new(),
            dates: None,
        })
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
        let texts: Vec<String> = searched.map(|column| column.text(row).to_lowercase()).collect();
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

/// What fits, in order, and which part of it is the page.
#[derive(Debug)]
pub(crate) struct Selected<R> {
    rows: Vec<R>,
    page: std::ops::Range<usize>,
    next: Option<Cursor>,
    counts: Counts,
}

/// Finds what is wanted among all rows.
///
/// The values of a counted column are counted among the rows that pass the search and all filters but the one of that
/// column, so that each count says what the list would have with that filter.
///
/// # Errors
/// 400 for an unknown column in `sort`, or a cursor of another list or order.
pub(crate) fn select<R: Row>(rows: Vec<R>, wanted: &Wanted) -> Result<Selected<R>, Problem> {
    let order = Order::<R>::read(wanted.sort.as_deref().unwrap_or(R::USUAL_ORDER))?;
    let after: Option<Place> = wanted.cursor.as_ref().map(Cursor::place).transpose()?;
    let mut counts: Counts =
        R::COLUMNS.iter().filter(|column| column.is_counted).map(|column| (column.name, BTreeMap::new())).collect();
    counts.extend(wanted.dates.iter().map(|dates| (dates.column, BTreeMap::new())));
    let mut fitting = Vec::new();
    for row in rows.into_iter().filter(|row| wanted.finds(row)) {
        let day = wanted.day(&row);
        let failed = wanted.failed(&row, day.as_ref());
        let passes = |column: &'static str| matches!(failed, Failed::Nothing) || failed == Failed::One(column);
        let mut add = |column: &'static str, value: &str| {
            let count = counts.entry(column).or_default().entry(value.to_owned()).or_default();
            *count = count.saturating_add(1);
        };
        for column in R::COLUMNS.iter().filter(|column| column.is_counted && passes(column.name)) {
            add(column.name, &column.text(&row));
        }
        if let Some((dates, day)) = day.as_ref().filter(|(dates, _)| passes(dates.column)) {
            dates.counted(day).into_iter().for_each(|part| add(dates.column, part));
        }
        if failed == Failed::Nothing {
            fitting.push(row);
        }
    }
    let placed = order.sort(fitting);
    let start = match (&after, wanted.page) {
        (Some(after), _) => {
            order.check(after)?;
            placed.partition_point(|(place, _)| order.compare(place, after).is_le())
        }
        (None, Some(page)) => page.saturating_sub(1).saturating_mul(wanted.limit).min(placed.len()),
        (None, None) => 0,
    };
    let end = start.saturating_add(wanted.limit).min(placed.len());
    let last = if end < placed.len() { placed.get(end.saturating_sub(1)) } else { None };
    let next = last.map(|(place, _)| Cursor::of(place));
    let rows = placed.into_iter().map(|(_, row)| row).collect();
    Ok(Selected { rows, page: start..end, next, counts })
}

impl<R: Row> Selected<R> {
    /// Everything that fits, in order.
    pub(crate) fn fitting(&self) -> &[R] {
        &self.rows
    }

    /// The page, each row made into what is answered.
    pub(crate) fn into_listing<T, S>(self, totals: Option<S>, answer: impl FnMut(R) -> T) -> Listing<T, S> {
        let total = u64::try_from(self.rows.len()).unwrap_or(u64::MAX);
        let page = self.rows.into_iter().skip(self.page.start).take(self.page.len());
        let data = page.map(answer).collect();
        let has_more = self.next.is_some();
        Listing { data, has_more, next: self.next, total, counts: self.counts, totals }
    }

    /// Everything that fits as CSV, to be saved under `name`.
    pub(crate) fn into_sheet(self, name: &'static str) -> Sheet {
        let mut sheet = Sheet::new(name, R::COLUMNS.iter().map(|column| column.name));
        for row in &self.rows {
            sheet.add(R::COLUMNS.iter().map(|column| (column.value)(row)));
        }
        sheet
    }
}

/// A page of an administrator's list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listing<T, S> {
    /// The page's rows, in order.
    data: Vec<T>,
    /// Whether there is more behind the page.
    has_more: bool,
    /// What to pass as `cursor` for the next page.
    #[schema(value_type = Option<String>)]
    next: Option<Cursor>,
    /// How many rows fit in all.
    total: u64,
    /// How many rows would fit with each value of the columns that have few: by column, then by value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, std::collections::BTreeMap<String, u64>>)]
    counts: Counts,
    /// Sums over everything that fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<S>,
}

/// The totals of a list that has none but the number of its rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoTotals {}

#[cfg(test)]
mod tests;
