//! Counts the rows of a list that is sent as a file, for the audit log.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Reports once how many rows a file has, when it is sent or abandoned.
#[derive(Clone)]
pub(crate) struct RowCount(Rc<Counter>);

/// Receives the number of rows.
type Report = Box<dyn FnOnce(usize)>;

struct Counter {
    /// `None` while no file is requested.
    rows: Cell<Option<usize>>,
    report: RefCell<Option<Report>>,
}

impl RowCount {
    /// Calls `report` once, and only if the response to the request that carries this is a file.
    pub(crate) fn new(report: impl FnOnce(usize) + 'static) -> RowCount {
        RowCount(Rc::new(Counter { rows: Cell::new(None), report: RefCell::new(Some(Box::new(report))) }))
    }

    /// Adds rows of the file.
    pub(super) fn add(&self, rows: usize) {
        self.0.rows.set(Some(self.0.rows.get().unwrap_or_default().saturating_add(rows)));
    }
}

impl std::fmt::Debug for RowCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowCount").field("rows", &self.0.rows).finish_non_exhaustive()
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if let (Some(rows), Some(report)) = (self.rows.get(), self.report.take()) {
            report(rows);
        }
    }
}
