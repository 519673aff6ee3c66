//! Whatever happens to the disk, the power, the engine or the stored state: no money is lost, doubled or halved.
//!
//! | file | what goes wrong |
//! | --- | --- |
//! | `currencies` | nothing but that there are a thousand currencies |
//! | `failing` | a file operation of the journal fails |
//! | `opening` | what is on the disk is changed, or missing, while nobody has the bank open |
//! | `paged` | the stored state is lost, and does not fit into memory |
//! | `panics` | an account's actor or the supervisor panics |
//! | `power` | the power is cut |
//! | `stored` | the stored state is lost, damaged, old, or not this bank's |
//!
//! Each but `opening`, `paged` and `panics` runs a part of the same endless script of commands (`script`) and asks afterwards whether everything
//! that was answered holds (`proof`). `JANGBU_LONG=1` makes them run longer. A process
//! that is killed is the matter of the test `crash`.

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
