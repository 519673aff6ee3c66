//! Whatever happens to the disk, the power, the engine or the stored state: no money is lost, doubled or halved.
//!
//! | file | what goes wrong |
//! | --- | --- |
//! | `currencies` | nothing, but there are a thousand currencies |
//! | `failing` | a file operation of the journal fails |
//! | `opening` | files are changed or missing while nobody has the bank open |
//! | `paged` | the stored state is lost, and does not fit into memory |
//! | `panics` | an account's actor or the supervisor panics |
//! | `power` | the power is cut |
//! | `stored` | the stored state is lost, damaged, old, or of another bank |
//!
//! Each except `opening`, `paged` and `panics` runs a part of the same endless script of commands (`script`) and checks
//! afterwards that every answer holds (`proof`). `JANGBU_LONG=1` makes them run longer. The test `crash` covers killed
//! processes.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod beside;
mod currencies;
mod failing;
mod opening;
mod paged;
mod panics;
mod power;
mod proof;
mod script;
mod stored;
