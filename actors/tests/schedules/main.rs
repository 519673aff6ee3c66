//! Scheduled and standing orders, through the handle of a bank whose clock is moved by hand.
//!
//! | file | what is tried |
//! | --- | --- |
//! | `rules` | each rule runs when it should, in several time zones |
//! | `orders` | making, pausing, resuming, cancelling, listing |
//! | `missed` | what came while the bank was closed, and clocks that go back |
//! | `retries` | what follows a refusal |
//! | `impatient` | what was made before retries had their bounds |
//! | `pace` | runs that are put off |
//! | `clocks` | clocks that read a false time: what is refused, what waits, what an operator accepts |
//! | `prefixes` | the bank stops after any record of its journal |
//! | `closing` | accounts that are closed |
//! | `ids` | others use an attempt's id |

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
