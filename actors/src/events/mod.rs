//! Events: one per record of the journal, as a stream that can be followed from any position.
//!
//! | file | purpose |
//! | --- | --- |
//! | `event` | the events that subscribers see |
//! | `telling` | the event of a record |
//! | `batch` | consecutive events, searchable by account |
//! | `hub` | the newest events, shared by all subscriptions, and the subscriptions that wait for more |
//! | `subscription` | one subscription: its position, and the events read ahead |
//! | `cursor` | a position in one particular history |
//!
//! # Contract
//!
//! - Events come from durable records only, in journal order. Every record has exactly one event, so positions have no
//!   gaps.
//! - The journal is the buffer. A subscription keeps a position and a few hundred events read ahead, however far behind
//!   it is, and a slow subscription loses nothing.
//! - The engine's only work for events is to check, once per batch, whether somebody waits. The newest events are read
//!   once for all subscriptions on a separate thread; older ones are read on reading threads, which never wait.
//! - Closing the bank ends every subscription without waiting for it. The newest events are kept for subscriptions that
//!   have not reached them yet.
//!
//! This module must never show what is not durable, or make the engine wait for a subscription.

mod batch;
mod cursor;
mod event;
mod hub;
mod reading;
mod subscription;
mod telling;

pub use cursor::{Cursor, CursorError};
pub use event::{CommandKind, Event, EventKind, HoldPlacement, RecordWrite};
pub(crate) use hub::Feed;
pub use hub::Hub;
pub use subscription::{EventError, Events, Subscription};
