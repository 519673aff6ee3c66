//! Event streams over HTTP.
//!
//! | file | what it does |
//! | --- | --- |
//! | `hub` | one subscription of the bank for all readers that have kept up; each event is routed by account and rendered once per side |
//! | `pending` | the queue of one reader |
//! | `message` | renders what a viewer may see of an event, as JSON |
//! | `signed_in` | ends a stream with the session or token that opened it |
//! | `following` | one reader: catches up with its own subscription, then reads from the hub, without gaps or duplicates |
//!
//! This module must never show a viewer what belongs to others, or hold more for a slow reader than its queue.

mod following;
mod hub;
mod message;
mod pending;
mod signed_in;

pub(crate) use following::{Following, Next, Resume};
pub(crate) use hub::Streams;
pub(crate) use message::Viewer;
pub(crate) use signed_in::while_signed_in;

#[cfg(test)]
mod tests;
