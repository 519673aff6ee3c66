//! Scheduled transfers and standing orders, in a bank whose clock is set by hand.
//!
//! | file | what is tested |
//! | --- | --- |
//! | `rules` | each rule runs when it should, in several time zones |
//! | `orders` | creating, pausing, resuming, cancelling, listing |
//! | `missed` | occurrences while the bank was closed, and clocks that go back |
//! | `retries` | what follows a refusal |
//! | `impatient` | schedules created before retries were limited |
//! | `pace` | runs that are put off |
//! | `clocks` | clocks that read a false time: what is refused, what waits, what an operator accepts |
//! | `prefixes` | the bank stops after any record of its journal |
//! | `closing` | closed accounts |
//! | `ids` | somebody else uses an attempt's id |

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod clocks;
mod closing;
mod ids;
mod impatient;
mod missed;
mod orders;
mod pace;
mod prefixes;
mod retries;
mod rules;
mod support;
mod verified;
