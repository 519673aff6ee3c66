//! The segments of a journal on disk: listed, read frame by frame, verified.
//!
//! This module must never write to a segment, except to cut off the part whose loss an operator accepted.

pub(crate) mod archived;
pub mod frames;
mod listing;
pub(crate) mod loss;
pub mod sidecars;
pub mod tail;
pub mod walk;

pub use listing::{Files, check_journal, check_link};
