//! The open holds of the whole bank: where each is to be found.

use rustc_hash::FxHashMap;

use super::core::Core;
use crate::account::Ticket;
use crate::command::{Command, Linked, Step};
use crate::ledger::{CommandId, HoldId, Refusal, Timestamp};
pub(crate) use jangbu_books::open_hold::{HoldRoom, OpenHold};

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
        self.by_id.iter().filter(|(_, hold)| hold.verified).map(|(id, hold)| (id.command(), *hold))
    }

    pub(super) fn insert(&mut self, id: HoldId, hold: OpenHold) {
        self.by_id.insert(id, hold);
    }

    pub(super) fn remove(&mut self, id: HoldId) -> Option<OpenHold> {
        self.by_id.remove(&id)
    }
}

impl Core {
    /// What can be said of a hold before any account is asked; `before` is how many the same command places before it.
    pub(super) fn check_hold(&self, expires_at: Option<Timestamp>, before: usize) -> Result<(), Refusal> {
        if let Some(expires_at) = expires_at
            && expires_at <= self.schedule_time()
        {
            return Err(Refusal::ExpiryPassed { expires_at });
        }
        self.hold_room().check(before)
    }

    /// What can be said of the holds among linked steps before any account is asked, and of which step. Returns how many there
    /// are.
    pub(super) fn check_linked_holds(&self, linked: &Linked) -> Result<usize, (usize, Refusal)> {
        let mut count: usize = 0;
        for (number, step) in linked.steps.iter().enumerate() {
            if let Step::Hold { expires_at, .. } = step {
                self.check_hold(*expires_at, count).map_err(|refusal| (number, refusal))?;
                count = count.saturating_add(1);
            }
        }
        Ok(count)
    }

    /// How many more holds may be placed.
    pub(super) fn hold_room(&self) -> HoldRoom {
        let left = self.max_open_holds.saturating_sub(self.open_holds.taken());
        HoldRoom { left, most: u32::try_from(self.max_open_holds).unwrap_or(u32::MAX) }
    }

    /// A command was refused by an account: if it was to place a hold, another one may take its place.
    pub(super) fn give_hold_up(&mut self, ticket: Ticket) {
        if self.is_in_flight(ticket, |command| matches!(command, Command::PlaceHold(_))) {
            self.open_holds.give_places_up(1);
        }
    }
}
