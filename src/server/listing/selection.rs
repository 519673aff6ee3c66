//! Selects the requested rows among many, which need not all be in memory.

use std::collections::BTreeMap;

use actix_web::HttpResponse;

use super::order::{Order, SortKey};
use super::{Counts, Failed, Listing, Row, Wanted};
use crate::server::http::{Cursor, FileWanted, Problem, Rows};
use crate::tables::Cell;

/// The number of rows that are converted for a file at a time.
const FILE_PAGE: usize = 1_000;
/// The number of rows kept in addition to the page before the rest is dropped.
const SPARE: usize = 1_024;

/// Selects rows as they come: counts all of them, and keeps only as many as needed.
pub(crate) struct Selection<'w, R: Row> {
    wanted: &'w Wanted,
    order: Order<R>,
    after: Option<SortKey>,
    counts: Counts,
    kept: Vec<(SortKey, R)>,
    total: u64,
    /// The largest number of rows kept; `None` for all.
    max_kept: Option<usize>,
}

/// The matching rows in order, and the range of the page.
#[derive(Debug)]
pub(crate) struct Selected<R> {
    rows: Vec<R>,
    page: std::ops::Range<usize>,
    pub(super) next: Option<Cursor>,
    pub(super) counts: Counts,
    total: Option<u64>,
}

impl<'w, R: Row> Selection<'w, R> {
    /// Selects all matching rows.
    ///
    /// # Errors
    /// 400 for an unknown column in `sort`, or a cursor of another list or order.
    pub(crate) fn of_all(wanted: &'w Wanted) -> Result<Selection<'w, R>, Problem> {
        let order = Order::<R>::read(wanted.sort.as_deref().unwrap_or(R::DEFAULT_ORDER))?;
        let after: Option<SortKey> = wanted.cursor.as_ref().map(Cursor::place).transpose()?;
        if let Some(after) = &after {
            order.check(after)?;
        }
        let mut counts: Counts =
            R::COLUMNS.iter().filter(|column| column.is_counted).map(|column| (column.name, BTreeMap::new())).collect();
        counts.extend(wanted.dates.iter().map(|dates| (dates.column, BTreeMap::new())));
        Ok(Selection { wanted, order, after, counts, kept: Vec::new(), total: 0, max_kept: None })
    }

    /// Selects the requested page.
    ///
    /// # Errors
    /// See [`Selection::of_all`].
    pub(crate) fn of_page(wanted: &'w Wanted) -> Result<Selection<'w, R>, Problem> {
        // One more row shows whether there is a next page.
        let max_kept = wanted.first_row().saturating_add(wanted.limit).saturating_add(1);
        Ok(Selection { max_kept: Some(max_kept), ..Selection::of_all(wanted)? })
    }

    /// Adds a row. The values of a counted column are counted among the rows that pass the search and all filters
    /// except the column's own, so each count is the length of the list with that filter. `fits` is called with a
    /// matching row.
    pub(crate) fn add(&mut self, row: R, fits: impl FnOnce(&R)) {
        if !self.wanted.finds(&row) {
            return;
        }
        let day = self.wanted.day(&row);
        let failed = self.wanted.failed(&row, day.as_ref());
        let passes = |column: &'static str| matches!(failed, Failed::Nothing) || failed == Failed::One(column);
        let mut add = |column: &'static str, value: &str| {
            let count = self.counts.entry(column).or_default().entry(value.to_owned()).or_default();
            *count = count.saturating_add(1);
        };
        for column in R::COLUMNS.iter().filter(|column| column.is_counted && passes(column.name)) {
            add(column.name, &column.text(&row));
        }
        if let Some((dates, day)) = day.as_ref().filter(|(dates, _)| passes(dates.column)) {
            dates.counted(day).into_iter().for_each(|part| add(dates.column, part));
        }
        if failed == Failed::Nothing {
            self.total = self.total.saturating_add(1);
            fits(&row);
            self.keep(row);
        }
    }

    fn keep(&mut self, row: R) {
        let key = self.order.key_of(&row);
        let Some(max_kept) = self.max_kept else { return self.kept.push((key, row)) };
        if self.after.as_ref().is_some_and(|after| self.order.compare(&key, after).is_le()) {
            return;
        }
        self.kept.push((key, row));
        if self.kept.len() >= max_kept.saturating_mul(2).max(max_kept.saturating_add(SPARE)) {
            self.order.sort(&mut self.kept);
            self.kept.truncate(max_kept);
        }
    }

    /// Returns whether later rows in the requested order make no difference.
    pub(crate) fn is_complete(&self) -> bool {
        !self.wanted.is_counted() && self.max_kept.is_some_and(|max_kept| self.kept.len() >= max_kept)
    }

    /// Returns the unique key of the row after which the page begins.
    pub(crate) fn begins_after(&self) -> Option<&str> {
        self.after.as_ref().map(SortKey::key)
    }

    /// Returns the number of rows kept.
    pub(crate) const fn kept(&self) -> usize {
        self.kept.len()
    }

    /// Returns the selected rows.
    pub(crate) fn finish(mut self) -> Selected<R> {
        self.order.sort(&mut self.kept);
        let start = match &self.after {
            Some(after) => self.kept.partition_point(|(key, _)| self.order.compare(key, after).is_le()),
            None => self.wanted.first_row().min(self.kept.len()),
        };
        let end = start.saturating_add(self.wanted.limit).min(self.kept.len());
        let last = if end < self.kept.len() { self.kept.get(end.saturating_sub(1)) } else { None };
        let next = last.map(|(key, _)| Cursor::of(key));
        let rows = self.kept.into_iter().map(|(_, row)| row).collect();
        let (counts, total) = match self.wanted.is_counted() {
            true => (self.counts, Some(self.total)),
            false => (Counts::new(), None),
        };
        Selected { rows, page: start..end, next, counts, total }
    }
}

/// Selects the requested rows among all rows.
///
/// # Errors
/// See [`Selection::of_all`].
pub(crate) fn select<R: Row>(rows: Vec<R>, wanted: &Wanted) -> Result<Selected<R>, Problem> {
    let mut selection = Selection::of_all(wanted)?;
    rows.into_iter().for_each(|row| selection.add(row, |_| {}));
    Ok(selection.finish())
}

impl<R: Row> Selected<R> {
    /// Returns the page, with each row converted for the answer.
    pub(crate) fn into_listing<T, S>(self, totals: Option<S>, answer: impl FnMut(R) -> T) -> Listing<T, S> {
        let page = self.rows.into_iter().skip(self.page.start).take(self.page.len());
        let data = page.map(answer).collect();
        let has_more = self.next.is_some();
        Listing { data, has_more, next: self.next, total: self.total, counts: self.counts, totals }
    }

    /// Returns all rows kept, in order.
    #[cfg(test)]
    pub(super) fn rows(&self) -> &[R] {
        &self.rows
    }

    /// Returns all matching rows as cells of a file.
    pub(crate) fn into_cells(self) -> Vec<Vec<Cell>> {
        self.rows.iter().map(R::cells).collect()
    }

    /// Returns all matching rows as a file called `name`.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub(crate) async fn into_file(self, name: &str, file: FileWanted) -> Result<HttpResponse, Problem> {
        let rows = std::rc::Rc::new(self.rows);
        let page = move |at: usize| {
            let rows = std::rc::Rc::clone(&rows);
            async move {
                let page = rows.iter().skip(at).take(FILE_PAGE).map(R::cells).collect();
                let next = at.saturating_add(FILE_PAGE);
                Ok(Rows { rows: page, next: (next < rows.len()).then_some(next) })
            }
        };
        file.answer(name, &R::columns(), 0, page).await
    }
}
