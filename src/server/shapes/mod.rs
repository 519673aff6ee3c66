//! What the API tells and takes of money: one file a shape, each made of the engine's views.
//!
//! What this module must never do: ask the bank, or show a party what is the other's. What that is, `jangbu::View` says.

mod account;
mod batch;
mod details;
mod entry;
mod hold;
mod moment;
mod payee;
mod period;
mod point;
mod quote;
mod request;
mod transfer;

pub(crate) use account::{Account, Owner};
pub(crate) use batch::BatchAnswer;
pub(crate) use details::{PLACED_BY, RESERVED, Texts, check_readable};
pub(crate) use entry::Entry;
pub(crate) use hold::Hold;
pub(crate) use moment::Moment;
pub(crate) use payee::{Payee, RecentPayee, masked};
pub(crate) use period::Period;
pub(crate) use point::{DayOrMoment, as_of, beginning, definite_ending, ending};
pub(crate) use quote::Quote;
pub(crate) use request::TransferRequest;
pub(crate) use transfer::{Transfer, TransferKind, TransferStatus};
