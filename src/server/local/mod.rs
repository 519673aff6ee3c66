//! What is done at the machine that the bank runs on: `jangbu admin`, `jangbu token`, `jangbu backup`, and commands that only
//! read, such as `jangbu accounts`.
//!
//! A running service is asked over a socket in a directory of the bank's that only its owner may enter; a stopped bank is
//! opened for it. What is about members, [`Order::carry_out`] does either way, in the name of the console, and it is
//! audited. A backup is logged and not audited: whoever may enter that directory can read everything that is copied.
//!
//! What this module must never do: listen where another user of the machine can ask.

mod backups;
mod order;
mod reads;
mod socket;

pub(crate) use super::members::ScheduleEnd;
pub(crate) use backups::Backups;
pub(crate) use order::{Order, Refused};
pub(crate) use reads::{Failed, Part, RunRead, read};
pub(crate) use socket::{ask, listen, path_in as socket_of};
