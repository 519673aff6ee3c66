//! Events: what the journal says happened, one for each record, as a stream that anybody can follow from any position.
//!
//! | file | what it is |
//! | --- | --- |
//! | `event` | what an event is to who follows them |
//! | `telling` | the event of a record |
//! | `batch` | events of consecutive positions, by account |
//! | `hub` | the newest events, shared by all who follow, and who waits for more |
//! | `subscription` | one who follows: a place, and what was read ahead |
//! | `cursor` | a place in one history, told from the same place in another one |
//!
//! # Contract
//!
//! - Events come from durable records only, in journal order, and every record has exactly one: positions have no gaps.
//! - The journal is the buffer. A subscription keeps a cursor and some hundred events that it has read ahead, however far it
//!   is behind, and loses nothing by being slow.
//! - The engine does nothing for events but to look, once a batch, whether somebody waits. The newest events are read once
//!   for all subscriptions, on a thread of their own; older ones on the readers' threads, which never wait.
//! - Closing the bank ends every subscription, and waits for none: the newest events are kept for those who have not come
//!   to them yet.
//!
//! What this module must never do: show what is not durable, or make the engine wait for who follows.

mod batch;
mod cursor;
mod event;
mod hub;
mod reading;
mod subscription;
mod telling;

pub use cursor::{Cursor, CursorError};
pub use event::{AsPlaced, CommandKind, Event, EventKind, RecordKept};
pub(crate) use hub::{Feed, Hub};
pub use subscription::{EventError, Events, Subscription};
