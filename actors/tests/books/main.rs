//! Tests of the books with real banks: what they store, what they find in a journal, and how they open.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod audit;
mod growth;
mod opening;
mod recomputed;
