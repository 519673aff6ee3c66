//! Holds, linked steps, reversals and sweeps through the handle.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod groups;
mod life;
mod support;
mod verification;
