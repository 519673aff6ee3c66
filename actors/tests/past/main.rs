//! What is read of the past, against what a naive reader of the whole journal finds.
//!
//! | file | what it is about |
//! | --- | --- |
//! | `bank` | random banks with holds, linked steps, reversals, sweeps and refusals |
//! | `kinds` | what each kind of movement is told as |
//! | `queries` | movements by every combination of what can be asked |
//! | `travel` | balances and sums at every position |

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod bank;
mod kinds;
mod queries;
mod travel;
