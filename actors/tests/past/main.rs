//! What is read of the past, against what a naive reader of the whole journal finds.
//!
//! | file | what it is about |
//! | --- | --- |
//! | `archived` | what is left when the beginning is archived |
//! | `bank` | random banks with holds, linked steps, reversals, sweeps and refusals |
//! | `kinds` | what each kind of movement is told as |
//! | `large` | more records than a page looks at |
//! | `queries` | movements by every combination of what can be asked |
//! | `travel` | balances and sums at every position |

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod archived;
mod bank;
mod kinds;
mod large;
mod queries;
mod travel;
