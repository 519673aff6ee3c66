//! Events: the journal's contents in order, without gaps, for any subscriber from any position.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../past/bank.rs"]
mod bank;

mod cursors;
mod follow;
mod many;
mod telling;
