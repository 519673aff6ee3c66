//! What is wanted among many rows, which need not all be in memory.

use std::collections::BTreeMap;

use actix_web::HttpResponse;

use super::order::{Order, Place};
use super::{Counts, Failed, Listing, Row, Wanted};
use crate::server::http::{Cursor, FileRequest, Problem, Rows};
use crate::tables::Cell;

/// As many rows of a file are made at a time.
const ROWS_AT_A_TIME: usize = 1_000;
/// So many rows are kept beyond those of the page before the rest is dropped.
const SPARE: usize = 1_024;

/// Finds what is wanted among rows as they come: all are counted, and no more are kept than are needed.
pub(crate) struct Selection<'w, R: Row> {
    wanted: &'w Wanted,
    order: Order<R>,
    after: Option<Place>,
    counts: Counts,
    kept: Vec<(Place, R)>,
    total: u64,
    /// The most rows that are kept; `None` for all.
    most: Option<usize>,
}

/// What fits, in order, and which part of it is the page.
#[derive(Debug)]
pub(crate) struct Selected<R> {
    rows: Vec<R>,
    page: std::ops::Range<usize>,
    pub(super) next: Option<Cursor>,
    pub(super) counts: Counts,
    total: Option<u64>,
}

impl<'w, R: Row> Selection<'w, R> {
    /// Finds everything that fits.
    ///
    /// # Errors
    /// 400 for an unknown column in `sort`, or a cursor of another list or order.
    pub(crate) fn of_all(wanted: &'w Wanted) -> Result<Selection<'w, R>, Problem> {
        let order = Order::<R>::read(wanted.sort.as_deref().unwrap_or(R::USUAL_ORDER))?;
        let after: Option<Place> = wanted.cursor.as_ref().map(Cursor::decode).transpose()?;
        if let Some(after) = &after {
            order.check(after)?;
        }
        let mut counts: Counts =
            R::COLUMNS.iter().filter(|column| column.is_counted).map(|column| (column.name, BTreeMap::new())).collect();
        counts.extend(wanted.dates.iter().map(|dates| (dates.column, BTreeMap::new())));
        Ok(Selection { wanted, order, after, counts, kept: Vec::new(), total: 0, most: None })
    }

    /// Finds the page that is wanted.
    ///
    /// # Errors
    /// As [`Selection::of_all`].
    pub(crate) fn of_page(wanted: &'w Wanted) -> Result<Selection<'w, R>, Problem> {
        // One more, from which it is known that there is a page behind this one.
        let most = wanted.first_row().saturating_add(wanted.limit).saturating_add(1);
        Ok(Selection { most: Some(most), ..Selection::of_all(wanted)? })
    }

    /// Looks at a row. The values of a counted column are counted among the rows that pass the search and all filters but the
    /// one of that column, so that each count says what the list would have with that filter. `fits` is called with a row
    /// that fits.
    pub(crate) fn look_at(&mut self, row: R, fits: impl FnOnce(&R)) {
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
        let place = self.order.place(&row);
        let Some(most) = self.most else { return self.kept.push((place, row)) };
        if self.after.as_ref().is_some_and(|after| self.order.compare(&place, after).is_le()) {
            return;
        }
        self.kept.push((place, row));
        if self.kept.len() >= most.saturating_mul(2).max(most.saturating_add(SPARE)) {
            self.order.sort(&mut self.kept);
            self.kept.truncate(most);
        }
    }

    /// Whether rows that come after those that were looked at, in the order that is wanted, make no difference.
    pub(crate) fn is_over(&self) -> bool {
        !self.wanted.is_counted() && self.most.is_some_and(|most| self.kept.len() >= most)
    }

    /// What tells the row, behind which the page begins, from all others.
    pub(crate) fn begins_behind(&self) -> Option<&str> {
        self.after.as_ref().map(Place::key)
    }

    /// How many rows are kept.
    pub(crate) const fn kept(&self) -> usize {
        self.kept.len()
    }

    /// What was found.
    pub(crate) fn finish(mut self) -> Selected<R> {
        self.order.sort(&mut self.kept);
        let start = match &self.after {
            Some(after) => self.kept.partition_point(|(place, _)| self.order.compare(place, after).is_le()),
            None => self.wanted.first_row().min(self.kept.len()),
        };
        let end = start.saturating_add(self.wanted.limit).min(self.kept.len());
        let last = if end < self.kept.len() { self.kept.get(end.saturating_sub(1)) } else { None };
        let next = last.map(|(place, _)| Cursor::encode(place));
        let rows = self.kept.into_iter().map(|(_, row)| row).collect();
        let (counts, total) = match self.wanted.is_counted() {
            true => (self.counts, Some(self.total)),
            false => (Counts::new(), None),
        };
        Selected { rows, page: start..end, next, counts, total }
    }
}

/// Finds what is wanted among all rows.
///
/// # Errors
/// As [`Selection::of_all`].
pub(crate) fn select<R: Row>(rows: Vec<R>, wanted: &Wanted) -> Result<Selected<R>, Problem> {
    let mut selection = Selection::of_all(wanted)?;
    rows.into_iter().for_each(|row| selection.look_at(row, |_| {}));
    Ok(selection.finish())
}

impl<R: Row> Selected<R> {
    /// The page, each row made into what is answered.
    pub(crate) fn into_listing<T, S>(self, totals: Option<S>, answer: impl FnMut(R) -> T) -> Listing<T, S> {
        let page = self.rows.into_iter().skip(self.page.start).take(self.page.len());
        let data = page.map(answer).collect();
        let has_more = self.next.is_some();
        Listing { data, has_more, next: self.next, total: self.total, counts: self.counts, totals }
    }

    /// Everything that was kept, in order.
    #[cfg(test)]
    pub(super) fn rows(&self) -> &[R] {
        &self.rows
    }

    /// Everything that fits, as rows of a file.
    pub(crate) fn into_cells(self) -> Vec<Vec<Cell>> {
        self.rows.iter().map(R::cells).collect()
    }

    /// Everything that fits as a file, to be saved under `name`.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub(crate) async fn into_file(self, name: &str, file: FileRequest) -> Result<HttpResponse, Problem> {
        let rows = std::rc::Rc::new(self.rows);
        let page = move |at: usize| {
            let rows = std::rc::Rc::clone(&rows);
            async move {
                let page = rows.iter().skip(at).take(ROWS_AT_A_TIME).map(R::cells).collect();
                let next = at.saturating_add(ROWS_AT_A_TIME);
                Ok(Rows { rows: page, next: (next < rows.len()).then_some(next) })
            }
        };
        file.answer(name, &R::columns(), 0, page).await
    }
}
