//! The simulator, and what it is for: random clients and an auditor, over crashes, by thousands of seeds.
//!
//! | file | what it is |
//! | --- | --- |
//! | `workload` | what clients ask for: add a kind of command here |
//! | `registry`, `promises`, `times` | what they ask of accounts and terms, of holds and groups, of times to come |
//! | `texts`, `bounds` | what they write, and every limit of a command: at it, and beyond it |
//! | `settings` | the bank's settings, by the seed |
//! | `drawn` | whether every field was drawn, and every refusal and limit met |
//! | `notes` | what clients remember over crashes: what they asked, and what they were told |
//! | `clients` | the application under test: clients that work through a plan, an auditor beside them |
//! | `auditor` | what must hold at every moment, and after every crash |
//! | `journal` | what the journal that was left must say |
//! | `model` | what the answers add up to, which is what the bank must hold in the end |
//! | `many` | the test over many seeds |
//! | `alike` | that a seed says everything |
//! | `clocks` | false clocks, corrected or accepted |
//! | `crowded` | more accounts in use than may be active |
//! | `large` | commands as large as the bank takes them |
//! | `newcomers` | currencies that come with their first accounts |
//! | `events` | who follows, over crashes |
//! | `closing` | a bank that is closed under load |
//! | `reversals` | steps of one command that are reversed at once |
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
