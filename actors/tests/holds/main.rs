//! Holds, linked steps, reversals and sweeps.

#![expect(clippy::unwrap_used, reason = "tests")]

mod agreed;
mod back;
mod groups;
mod life;
mod linked;
mod many;
mod previews;
mod read_only;
mod support;
mod verification;
