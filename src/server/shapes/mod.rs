//! The shapes of money in the API: one file each, made from the engine's views.
//!
//! What this module must never do: ask the bank, or show one side what belongs to the other. `jangbu::queries::View` defines
//! what that is.

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
