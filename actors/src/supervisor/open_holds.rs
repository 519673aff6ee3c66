//! The open holds of the whole bank: where each is to be found.

use rustc_hash::FxHashMap;

use crate::ledger::{AccountNumber, CommandId, Position, Timestamp};

/// Where an open hold is, once its record is queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenHold {
    /// The account that pays, which has the hold.
    pub(crate) from: AccountNumber,
    /// The receiver.
    pub(crate) to: AccountNumber,
    /// The place of the hold's record in the journal.
    pub(crate) placed: Position,
    /// From when on it can no longer be settled.
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether it waits for its verification.
    pub(crate) verified: bool,
}

/// Every open hold that is recorded.
#[derive(Default)]
pub(super) struct OpenHolds {
    by_id: FxHashMap<CommandId, OpenHold>,
}

impl OpenHolds {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn get(&self, id: CommandId) -> Option<&OpenHold> {
        self.by_id.get(&id)
    }

    /// Those that wait for their verification.
    pub(super) fn verified(&self) -> impl Iterator<Item = (CommandId, OpenHold)> {
        self.by_id.iter().filter(|(_, hold)| hold.verified).map(|(id, hold)| (*id, *hold))
    }

    pub(super) fn insert(&mut self, id: CommandId, hold: OpenHold) {
        self.by_id.insert(id, hold);
    }

    pub(super) fn remove(&mut self, id: CommandId) -> Option<OpenHold> {
        self.by_id.remove(&id)
    }
}
