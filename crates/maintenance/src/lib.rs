//! Maintenance of a bank: whether its journal is sound, copies of it, what is moved out of it, and what is saved of a damaged one.
//!
//! Everything here is a function over a journal and a directory. What this crate must never do: change a journal that it
//! has not verified, or give up records without being told which.

pub mod archive;
pub mod backup;
pub mod check;
mod copies;
pub mod recover;
#[cfg(test)]
mod shown_tests;

pub use copies::backup as back_up;
