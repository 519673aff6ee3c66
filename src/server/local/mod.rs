//! Orders from the machine that the bank runs on: `jangbu admin`, `jangbu token`, `jangbu backup`, and read-only
//! commands such as `jangbu accounts`.
//!
//! A running service takes orders over a socket in a directory of the bank that only its owner may enter. A stopped
//! bank is opened instead. Orders about members are carried out by [`Order::carry_out`] in both cases, in the name of
//! the console, and audited. A backup is logged but not audited: whoever may enter the directory can read all of its
//! contents.
//!
//! This module must never listen where another user of the machine can connect.

mod backups;
mod order;
mod reads;
mod socket;

pub(crate) use super::members::ScheduleEnd;
pub(crate) use backups::Backups;
pub(crate) use order::{Order, Refused};
pub(crate) use reads::{Failed, Part, RunRead, read};
pub(crate) use socket::{ask, listen, path_in as socket_of};
