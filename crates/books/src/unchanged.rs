//! Changes that would change nothing.
//!
//! The bank records every change that it is asked for under an id: the answer to that id has to be known for ever. Who asks
//! without an id that will be repeated can look first, and leave out what would only fill the journal.

use crate::views::Snapshot;
use jangbu_ledger::Change;

impl Snapshot {
    /// What `change` would replace, in the same words; `None` for what replaces nothing: closing, and several changes at once.
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

    /// Whether `change` would leave the account as it is.
    pub fn is_left_by(&self, change: Change) -> bool {
        match change {
            Change::Several(changes) => changes.parts().all(|part| self.replaced_by(&part) == Some(part)),
            one => self.replaced_by(&one) == Some(one),
        }
    }
}
