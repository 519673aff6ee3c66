//! How many rows of a list somebody takes as a file, for who wants to know.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Who wants to know how many rows a file has: told once, when the file is sent or given up.
#[derive(Clone)]
pub(crate) struct RowsTold(Rc<Told>);

/// Hears how many rows there are.
type Tell = Box<dyn FnOnce(usize)>;

struct Told {
    /// `None` while no file is wanted.
    rows: Cell<Option<usize>>,
    tell: RefCell<Option<Tell>>,
}

impl RowsTold {
    /// Calls `tell` once, and only if the request that carries this is answered with a file.
    pub(crate) fn new(tell: impl FnOnce(usize) + 'static) -> RowsTold {
        RowsTold(Rc::new(Told { rows: Cell::new(None), tell: RefCell::new(Some(Box::new(tell))) }))
    }

    /// Counts further rows of the file.
    pub(super) fn add(&self, rows: usize) {
        self.0.rows.set(Some(self.0.rows.get().unwrap_or_default().saturating_add(rows)));
    }
}

impl std::fmt::Debug for RowsTold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RowsTold").field("rows", &self.0.rows).finish_non_exhaustive()
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let (Some(rows), Some(tell)) = (self.rows.get(), self.tell.take()) {
            tell(rows);
        }
    }
}
