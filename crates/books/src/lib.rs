//! The books: the state that the durable journal adds up to, and everything that is read from it.
//!
//! [`books`] follows the journal and stores its state at checkpoints; it is the only module that knows sled. [`past`]
//! searches movements, [`history`] reads one account's entries, and [`preview`] shows the effect of a command without
//! carrying it out.
//!
//! This crate must never decide anything, write to the journal, or show anything that is not durable.

pub mod books;
pub mod history;
pub mod hold_views;
pub mod open_hold;
mod page;
pub mod past;
pub mod preview;
pub mod schedule_runs;
pub mod status;
pub mod unchanged;
pub mod views;

pub use page::{LARGEST_PAGE, page_size};
