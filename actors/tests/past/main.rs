//! Queries about the past, compared with a naive reading of the whole journal.
//!
//! | file | contents |
//! | --- | --- |
//! | `archived` | what remains after the beginning is archived |
//! | `bank` | random banks with holds, linked steps, reversals, sweeps and refusals |
//! | `kinds` | the movement of each kind of record |
//! | `large` | more records than a page examines |
//! | `queries` | movements by every combination of criteria |
//! | `travel` | balances and sums at every position |

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod archived;
mod bank;
mod kinds;
mod large;
mod queries;
mod travel;
