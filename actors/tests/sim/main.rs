//! The simulator, and what it is for: random clients and an auditor, over crashes, by thousands of seeds.
//!
//! | file | what it is |
//! | --- | --- |
//! | `workload` | what clients ask for: add a kind of command here |
//! | `promises` | what they ask of holds, groups and schedules |
//! | `notes` | what clients remember over crashes: what they asked, and what they were told |
//! | `clients` | the application under test: clients that work through a plan, an auditor beside them |
//! | `auditor` | what must hold at every moment, and after every crash |
//! | `journal` | what the journal that was left must say |
//! | `model` | what the answers add up to, which is what the bank must hold in the end |
//! | `many` | the test over many seeds |
//! | `alike` | that a seed says everything |
//! | `crowded` | more accounts in use than may be active |
//! | `events` | who follows, over crashes |
//! | `closing` | a bank that is closed under load |
//! | `world` | the simulator itself |
//!
//! A failure prints its seed; `JANGBU_SIM_SEED=… cargo test -p jangbu-actors --test sim many` runs it alone.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod alike;
mod auditor;
mod clients;
mod closing;
mod crowded;
mod events;
mod journal;
mod many;
mod model;
mod notes;
mod promises;
mod workload;
mod world;
