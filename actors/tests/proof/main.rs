//! The proof of the rules, from outside: the engine against a naive model, alone and under load.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod compare;
mod model;
mod property;
mod script;
mod support;
