//! Files of a killed bank are damaged: one bit, the end, two sectors, a whole file. No acknowledged record is ever
//! missing without an error.
//!
//! | file | contents |
//! | --- | --- |
//! | `ways` | the ways in which a file can be damaged: all of them, or a sample by a seed |
//! | `killed` | a small bank of several segments after a kill |
//! | `journal` | the journal and its sidecars: opened, read and checked |
//! | `bank` | the whole directory with the stored state: opened, queried, checked |
//!
//! The usual run tries a sample. With `JANGBU_LONG=1` all ways are tried on the journal, which takes minutes.
#![expect(clippy::unwrap_used, reason = "tests")]

mod bank;
mod journal;
mod killed;
mod ways;
