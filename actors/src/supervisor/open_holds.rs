//! The open holds of the whole bank: where each is to be found.

use rustc_hash::FxHashMap;

use crate::ledger::{CommandId, HoldId};
pub(super) use jangbu_books::open_hold::OpenHold;

/// Every open hold that is recorded, and how many may yet become so.
#[derive(Default)]
pub(super) struct OpenHolds {
    by_id: FxHashMap<HoldId, OpenHold>,
    /// Holds that accounts are asked for: each has a place until it is placed or refused.
    under_way: usize,
}

impl OpenHolds {
    /// How many places are taken, also by holds that are not placed yet: beyond that none could be recorded.
    pub(super) fn taken(&self) -> usize {
        self.by_id.len().saturating_add(self.under_way)
    }

    /// Keeps places for so many holds that accounts are asked for.
    pub(super) fn keep_places(&mut self, count: usize) {
        self.under_way = self.under_way.saturating_add(count);
    }

    /// Gives the places of so many holds up that were placed, and have their own from now on, or were refused.
    pub(super) fn give_places_up(&mut self, count: usize) {
        self.under_way = self.under_way.saturating_sub(count);
    }

    pub(super) fn get(&self, id: HoldId) -> Option<&OpenHold> {
        self.by_id.get(&id)
    }

    /// Those that wait for their verification. Each has a command to itself.
    pub(super) fn verified(&self) -> impl Iterator<Item = (CommandId, OpenHold)> {
        self.by_id.iter().filter(|(_, hold)| hold.requires_verification).map(|(id, hold)| (id.command(), *hold))
    }

    pub(super) fn insert(&mut self, id: HoldId, hold: OpenHold) {
        self.by_id.insert(id, hold);
    }

    pub(super) fn remove(&mut self, id: HoldId) -> Option<OpenHold> {
        self.by_id.remove(&id)
    }
}
