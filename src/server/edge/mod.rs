//! What stands around every route: who calls from where, what is let in, what goes with every answer.
//!
//! | module | what it is |
//! | --- | --- |
//! | `surround` | the outermost layer: request id, address, time limit, panics, log, counters |
//! | `admission` | what is turned away before a route sees it: heads too large, text that is none, other sites |
//! | `address` | from where a call comes, as far as proxies are trusted |
//! | `headers` | what goes with every answer |
//! | `counting` | how often and how long, by route |
//! | `spelling` | one spelling for each path |
//! | `methods` | `HEAD`, which every route of `GET` answers |
//! | `queries` | queries that a route does not know |
//! | `unknown` | paths and methods that nobody serves |
//! | `streams` | streams of events, which end when the service is stopping |
//!
//! What this module must never do: know of a member or an account.

mod address;
mod admission;
mod counting;
mod headers;
mod methods;
mod queries;
mod spelling;
mod streams;
mod surround;
#[cfg(test)]
mod tests;
mod unknown;

pub(crate) use address::ClientAddress;
pub(crate) use admission::admit;
pub(crate) use queries::check_query;
pub(crate) use surround::surround;
pub(crate) use unknown::{Served, unknown};
