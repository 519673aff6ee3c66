//! The command that a schedule sends when it runs.

use super::Transfer;
use crate::{CommandId, Pending, Schedule, ScheduledAmount, attempt_id};

impl Schedule {
    /// Returns the transfer for the `pending` attempt of the schedule `id`.
    pub fn transfer(&self, bank: u128, id: CommandId, pending: &Pending) -> Transfer {
        Transfer {
            id: attempt_id(bank, id, pending.occurrence, pending.attempt),
            from: self.from,
            to: self.to,
            amount: self.amount.most(),
            at_most: matches!(self.amount, ScheduledAmount::UpTo(_)),
            most_fee: self.most_fee,
            details: self.details.clone(),
        }
    }
}
