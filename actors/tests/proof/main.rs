//! The proof of the rules from outside: the engine compared with a naive model, sequentially and under load.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod answers;
mod by_itself;
mod compare;
mod concurrent;
mod coverage;
#[path = "../drawn/declared.rs"]
mod declared;
mod forecasts;
mod model;
mod orders;
mod precedence;
mod promises;
mod property;
mod races;
mod refunds;
mod script;
mod support;
mod tangles;
mod verdicts;
mod zones;
