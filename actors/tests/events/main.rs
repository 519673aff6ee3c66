//! Events: what the journal says, in its order, without a gap, to anybody from anywhere.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../past/bank.rs"]
mod bank;

mod cursors;
mod follow;
mod many;
mod telling;
