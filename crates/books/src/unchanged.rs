//! Detects changes without an effect.
//!
//! The bank records every change that is requested under an id, because the answer to that id must be known forever. A
//! caller that does not intend to repeat the id can check first, to avoid filling the journal.

use crate::views::Snapshot;
use jangbu_ledger::Change;

impl Snapshot {
    /// Returns the current value that `change` would replace, as a change; `None` for closing and for several changes
    /// at once.
    pub const fn replaced_by(&self, change: &Change) -> Option<Change> {
        match change {
            Change::Freeze(_) => Some(Change::Freeze(self.frozen)),
            Change::Overdraft(_) => Some(Change::Overdraft(self.overdraft)),
            Change::LimitPerTransfer(_) => Some(Change::LimitPerTransfer(self.own_limit_per_transfer)),
            Change::LimitPerDay(_) => Some(Change::LimitPerDay(self.own_limit_per_day)),
            Change::Type(_) => Some(Change::Type(self.kind)),
            _ => None,
        }
    }

    /// Returns whether `change` would leave the account as it is.
    pub fn is_left_by(&self, change: Change) -> bool {
        match change {
            Change::Several(changes) => changes.parts().all(|part| self.replaced_by(&part) == Some(part)),
            one => self.replaced_by(&one) == Some(one),
        }
    }
}
