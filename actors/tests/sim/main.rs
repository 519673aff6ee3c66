//! The simulator and its main use: random clients and an auditor, across crashes, with thousands of seeds.
//!
//! | file | contents |
//! | --- | --- |
//! | `workload` | the clients' commands: add a kind of command here |
//! | `registry`, `promises`, `times` | their commands about accounts and terms, holds and groups, future times |
//! | `texts`, `bounds` | their texts, and every limit of a command: at it, and beyond it |
//! | `settings` | the bank's settings, by the seed |
//! | `drawn` | that every field was drawn, and every refusal and limit reached |
//! | `notes` | what clients remember across crashes: their commands, and the answers |
//! | `clients` | the application under test: clients that work through a plan, with an auditor |
//! | `auditor` | what must hold at every moment, and after every crash |
//! | `journal` | what the final journal must contain |
//! | `model` | what the answers add up to, which the bank must contain at the end |
//! | `many` | the test with many seeds |
//! | `alike` | that a seed determines everything |
//! | `clocks` | false clocks, corrected or accepted |
//! | `crowded` | more accounts in use than may be active |
//! | `large` | commands of the maximum size |
//! | `newcomers` | currencies that are added with their first accounts |
//! | `events` | a subscriber across crashes |
//! | `closing` | a bank that is closed under load |
//! | `reversals` | steps of one command that are reversed concurrently |
//! | `world` | the simulator itself |
//!
//! A failure prints its seed; `JANGBU_SIM_SEED=… cargo test -p jangbu-actors --test sim many` runs it alone.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod alike;
mod auditor;
mod bounds;
mod clients;
mod clocks;
mod closing;
mod crowded;
#[path = "../drawn/declared.rs"]
mod declared;
mod drawn;
mod events;
mod journal;
mod large;
mod many;
mod model;
mod newcomers;
mod notes;
mod promises;
mod registry;
mod reversals;
mod settings;
mod texts;
mod times;
mod workload;
mod world;
