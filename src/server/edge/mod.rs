//! Layers around every route: the client's address, admission, headers, metrics.
//!
//! | module | what it is |
//! | --- | --- |
//! | `surround` | the outermost layer: request id, address, time limit, panics, log, metrics |
//! | `admission` | rejects oversized headers, malformed text and requests from other sites |
//! | `address` | the client's address behind trusted proxies |
//! | `headers` | security headers |
//! | `counting` | requests and their durations, by route |
//! | `spelling` | one spelling per path |
//! | `methods` | `HEAD` for every route of `GET` |
//! | `queries` | rejects query parameters that a route does not have |
//! | `unknown` | paths and methods that no route serves |
//! | `streams` | event streams, which end when the service stops |
//!
//! This module must never know about members or accounts.

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
