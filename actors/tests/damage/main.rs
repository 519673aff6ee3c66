//! Files of a bank that was killed are not as they were written: one bit, the end, two sectors, a whole file. Whatever it
//! is, no acknowledged record is missing without a word.
//!
//! | file | what it is |
//! | --- | --- |
//! | `ways` | the ways in which a file can be damaged: all of them, or some by a seed |
//! | `killed` | a small bank of several segments, as a kill leaves it |
//! | `journal` | the journal and its sidecars: opened, read and checked |
//! | `bank` | the whole directory, with the stored state: opened, asked again, checked |
//!
//! The usual run tries some of the ways; with `JANGBU_LONG=1` the journal's are tried all, which takes minutes.
#![expect(clippy::unwrap_used, reason = "tests")]

mod bank;
mod journal;
mod killed;
mod ways;
