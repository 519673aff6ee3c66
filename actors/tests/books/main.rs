//! Tests of the books with real banks: what they store, what they find in a journal, and how they open.

mod audit;
mod growth;
mod opening;
mod recomputed;
