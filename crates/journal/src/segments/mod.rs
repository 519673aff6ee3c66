//! The segments of a journal as they lie on disk: listed, read frame by frame, verified, judged.
//!
//! What this module must never do: write to a segment, but to cut off what follows a loss that somebody accepted.

pub(crate) mod archived;
pub mod frames;
mod listing;
pub(crate) mod loss;
pub mod sidecars;
pub mod tail;
pub mod walk;

pub use listing::{Files, check_journal, check_link};
