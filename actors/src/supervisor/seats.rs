//! The table of active accounts: how to reach each, and what the supervisor has to know of it to route.

use std::collections::VecDeque;

use actix::Addr;
use rustc_hash::FxHashMap;

use super::registry::{CurrencyIndex, OwnerIndex, TypeIndex};
use crate::account::{AccountActor, SeatIndex, Ticket};
use crate::ledger::{Account, AccountId, AccountNumber, Balance, Position};

/// Where an account stands between the store and its actor.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every seat is active, and another pointer to chase costs a cache miss"
)]
pub(super) enum SeatState {
    /// The books were asked for it.
    Loading,
    /// There is no account of that number.
    Vacant,
    /// Its actor runs.
    Active(Occupant),
    /// Its actor was asked for the state and will stop.
    Retiring(Occupant),
}

/// What the supervisor knows of an active account.
///
/// `last` and `balance` are the account's history as far as it is queued for the journal, which is what the next
/// record's link has to say. The balance that decides anything is the actor's alone.
pub(super) struct Occupant {
    pub(super) address: Addr<AccountActor>,
    pub(super) id: AccountId,
    pub(super) owner: OwnerIndex,
    pub(super) kind: TypeIndex,
    pub(super) currency: CurrencyIndex,
    pub(super) last: Position,
    pub(super) balance: Balance,
    pub(super) version: u64,
    pub(super) system: bool,
    /// Debits sent to it that are not decided yet.
    pub(super) undecided: u32,
    /// Whether it told that debits wait.
    pub(super) has_waiting: bool,
}

/// One place in the table, for one account number.
pub(super) struct Seat {
    pub(super) number: AccountNumber,
    pub(super) state: SeatState,
    /// Legs under way, as sender or receiver.
    pub(super) legs: u32,
    /// Whether the account is being changed, which nothing may overlap.
    pub(super) changing: bool,
    /// Whether anything went through the seat since it was last considered for retirement.
    pub(super) recently_used: bool,
    /// Commands that wait for the account to be loaded, changed or retired, in order.
    pub(super) queue: VecDeque<Ticket>,
}

impl Seat {
    /// The account, while it can be routed to.
    pub(super) fn active(&self) -> Option<&Occupant> {
        match &self.state {
            SeatState::Active(occupant) => Some(occupant),
            SeatState::Loading | SeatState::Vacant | SeatState::Retiring(_) => None,
        }
    }

    pub(super) fn active_mut(&mut self) -> Option<&mut Occupant> {
        match &mut self.state {
            SeatState::Active(occupant) => Some(occupant),
            SeatState::Loading | SeatState::Vacant | SeatState::Retiring(_) => None,
        }
    }
}

/// All seats, found by place or by account number.
#[derive(Default)]
pub(super) struct Seats {
    places: Vec<Option<Seat>>,
    free: Vec<u32>,
    by_number: FxHashMap<AccountNumber, SeatIndex>,
    /// Where the search for accounts to retire goes on.
    hand: usize,
}

impl Seats {
    /// How many seats are taken.
    pub(super) fn len(&self) -> usize {
        self.by_number.len()
    }

    pub(super) fn find(&self, number: &AccountNumber) -> Option<SeatIndex> {
        self.by_number.get(number).copied()
    }

    pub(super) fn get(&self, index: SeatIndex) -> Option<&Seat> {
        self.places.get(index.0 as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, index: SeatIndex) -> Option<&mut Seat> {
        self.places.get_mut(index.0 as usize)?.as_mut()
    }

    pub(super) fn active(&self, index: SeatIndex) -> Option<&Occupant> {
        self.get(index)?.active()
    }

    pub(super) fn active_mut(&mut self, index: SeatIndex) -> Option<&mut Occupant> {
        self.get_mut(index)?.active_mut()
    }

    /// Takes a new seat for a number that has none.
    pub(super) fn add(&mut self, number: AccountNumber, state: SeatState) -> SeatIndex {
        let seat = Some(Seat { number, state, legs: 0, changing: false, recently_used: true, queue: VecDeque::new() });
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            // The limit on active accounts is far below 2^32.
            u32::try_from(self.places.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        if let Some(entry) = self.places.get_mut(place as usize) {
            *entry = seat;
        }
        self.by_number.insert(number, SeatIndex(place));
        SeatIndex(place)
    }

    pub(super) fn remove(&mut self, index: SeatIndex) -> Option<Seat> {
        let seat = self.places.get_mut(index.0 as usize)?.take()?;
        self.by_number.remove(&seat.number);
        self.free.push(index.0);
        Some(seat)
    }

    /// An active account that has been idle for a while and whose history is durable, looking at `at_most` seats.
    ///
    /// The hand of a clock goes round: a seat that was used since it came by last is passed over once.
    pub(super) fn idle(&mut self, durable: Position, at_most: usize) -> Option<SeatIndex> {
        for _ in 0..at_most.min(self.places.len()) {
            self.hand = if self.hand >= self.places.len() { 0 } else { self.hand };
            let place = self.hand;
            self.hand = self.hand.saturating_add(1);
            let Some(seat) = self.places.get_mut(place).and_then(Option::as_mut) else { continue };
            if std::mem::take(&mut seat.recently_used) {
                continue;
            }
            let idle = seat.legs == 0
                && !seat.changing
                && seat.queue.is_empty()
                && seat.active().is_some_and(|occupant| !occupant.system && occupant.last <= durable);
            if idle {
                return u32::try_from(place).ok().map(SeatIndex);
            }
        }
        None
    }
}

impl Occupant {
    /// Whether an account that was handed over is what its history says it must be.
    pub(super) fn agrees_with(&self, account: &Account) -> bool {
        self.id == account.id && self.balance == account.posted && self.version == account.version
    }
}
