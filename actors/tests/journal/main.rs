//! The journal as a black box: what it acknowledged is there, whatever happens to its files.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod crash;
mod damage;
mod fixtures;
mod ids;
mod kinds;
mod order;
mod refusals;
mod repaired;
mod size;
mod support;
mod threads;
mod torn;
