//! What is done at the machine that the bank runs on: `jangbu admin` and `jangbu token`.
//!
//! A running service is asked over a socket in a directory of the bank's that only its owner may enter; a stopped bank is
//! opened for it. Either way [`Order::carry_out`] does it, in the name of the console, and it is audited.
//!
//! What this module must never do: listen where another user of the machine can ask.

mod order;
mod socket;

pub(crate) use order::{Order, Refused};
pub(crate) use socket::{ask, listen};
