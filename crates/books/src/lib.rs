//! The books: what the durable journal adds up to, and whatever is read from it.
//!
//! [`books`] follows the journal and keeps its state at checkpoints; it is the only code that knows sled. [`past`] searches what
//! was, [`history`] reads one account's entries, [`preview`] has what a command would lead to.
//!
//! What this crate must never do: decide anything, write to the journal, or show what is not durable.

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
