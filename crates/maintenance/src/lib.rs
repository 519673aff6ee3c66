//! Maintenance of a bank: checking its journal and state, backups, archives, and recovery after a loss.
//!
//! Everything here is a function over a journal and a directory. This crate must never change a journal that it has not
//! verified, or give up records that the caller did not name.

pub mod archive;
pub mod backup;
pub mod check;
mod copies;
pub mod recover;
#[cfg(test)]
mod shown_tests;

pub use copies::backup as back_up;
