//! The open holds of the whole bank: where each is to be found.

use rustc_hash::FxHashMap;

use super::Supervisor;
use crate::account::Ticket;
use crate::command::{Command, PlaceHold};
use crate::ledger::{AccountNumber, Amount, CommandId, Position, Refusal, Timestamp};

/// Where an open hold is, once its record is queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OpenHold {
    /// The account that pays, which has the hold.
    pub(crate) from: AccountNumber,
    /// The receiver.
    pub(crate) to: AccountNumber,
    /// What the receiver may get in all, which is what a verifier is asked about.
    pub(crate) amount: Amount,
    /// The place of the hold's record in the journal.
    pub(crate) placed: Position,
    /// From when on it can no longer be settled.
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether it waits for its verification.
    pub(crate) verified: bool,
}

/// Every open hold that is recorded, and how many may yet become so.
#[derive(Default)]
pub(super) struct OpenHolds {
    by_id: FxHashMap<CommandId, OpenHold>,
    /// Holds that accounts are asked for: each has a place until it is placed or refused.
    under_way: usize,
}

impl OpenHolds {
    /// How many places are taken, also by holds that are not placed yet: beyond that none could be recorded.
    pub(super) fn taken(&self) -> usize {
        self.by_id.len().saturating_add(self.under_way)
    }

    /// Keeps a place for a hold that an account is asked for.
    pub(super) fn keep_place(&mut self) {
        self.under_way = self.under_way.saturating_add(1);
    }

    /// Gives the place of a hold up that was placed, and has its own from now on, or was refused.
    pub(super) fn give_place_up(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
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

impl Supervisor {
    /// What can be said of a hold before any account is asked.
    pub(super) fn check_hold(&self, hold: &PlaceHold) -> Result<(), Refusal> {
        if let Some(expires_at) = hold.expires_at
            && expires_at <= self.schedule_time()
        {
            return Err(Refusal::ExpiryPassed { expires_at });
        }
        self.most_holds().map_or(Ok(()), |most| Err(Refusal::TooMany { most }))
    }

    /// How many holds may be open, when as many are.
    pub(super) fn most_holds(&self) -> Option<u32> {
        let is_full = self.open_holds.taken() >= self.max_open_holds;
        is_full.then(|| u32::try_from(self.max_open_holds).unwrap_or(u32::MAX))
    }

    /// A command was refused by an account: if it was to place a hold, another one may take its place.
    pub(super) fn give_hold_up(&mut self, ticket: Ticket) {
        if self.is_in_flight(ticket, |command| matches!(command, Command::PlaceHold(_))) {
            self.open_holds.give_place_up();
        }
    }
}
