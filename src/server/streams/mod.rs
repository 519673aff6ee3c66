//! Events on their way to who follows them over HTTP.
//!
//! | file | what it does |
//! | --- | --- |
//! | `hub` | one subscription of the bank for all who have kept up, each event routed by account and rendered once a side |
//! | `pending` | what waits for one reader |
//! | `event_json` | what a viewer may see of an event, as JSON |
//! | `signed_in` | ends a stream with the session or token that it was opened with |
//! | `following` | one who follows: catches up by a subscription of its own, then hears from the hub, without gap or duplicate |
//!
//! What this module must never do: show anybody what is another's, or keep more for a slow reader than its queue.

mod event_json;
mod following;
mod hub;
mod pending;
mod signed_in;

pub(crate) use event_json::Viewer;
pub(crate) use following::{Following, News, Resume};
pub(crate) use hub::Streams;
pub(crate) use signed_in::while_signed_in;

#[cfg(test)]
mod tests;
