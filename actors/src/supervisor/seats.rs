//! The table of active accounts: how to reach each, and what the supervisor has to know of it to route.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::hint::black_box;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use super::registry::{CurrencyIndex, OwnerIndex, TypeIndex};
use crate::account::{SeatIndex, Ticket};
use crate::ledger::{Account, AccountId, AccountNumber, Balance, Position};
use crate::plant::{Bug, is_planted};

/// Where an account stands between the store and its actor.
pub(super) enum SeatState {
    /// The books were asked for it.
    Loading,
    /// There is no account of that number.
    Vacant,
    /// Its actor runs.
    Active(Occupant),
}

/// What the supervisor knows of an active account.
///
/// `last` and `balance` are the account's history as far as it is queued for the journal, which is what the next
/// record's link has to say. The balance that decides anything is the actor's alone.
pub(super) struct Occupant {
    pub(super) id: AccountId,
    pub(super) owner: OwnerIndex,
    pub(super) kind: TypeIndex,
    pub(super) currency: CurrencyIndex,
    pub(super) last: Position,
    pub(super) balance: Balance,
    pub(super) version: u64,
    pub(super) system: bool,
    /// Whether it is closed for ever.
    pub(super) closed: bool,
    /// Its actor was asked for the state and will stop: nothing is routed to it any more.
    pub(super) retiring: bool,
    /// Its owner's free transfers per day.
    pub(super) free_transfers_per_day: u32,
    /// Debits sent to it that are not decided yet.
    pub(super) undecided: u32,
    /// Whether it told that debits wait.
    pub(super) has_waiting: bool,
}

/// One place in the table, for one account number.
///
/// Every transfer touches two of these at random, so what is seldom needed is kept elsewhere. A seat takes two lines of the
/// processor's cache, which it is asked for as a pair.
#[repr(align(128))]
pub(super) struct Seat {
    number: AccountNumber,
    pub(super) state: SeatState,
    /// Legs under way, as sender or receiver.
    pub(super) legs: u32,
    /// Whether the account is being changed, which nothing may overlap.
    pub(super) changing: bool,
    /// Whether anything went through the seat since it was last considered for retirement.
    pub(super) recently_used: bool,
    /// Whether commands wait.
    has_queue: bool,
    cold: Box<Cold>,
}

/// The part of a seat that is seldom needed.
#[derive(Default)]
struct Cold {
    /// Commands that wait for this account or for another one that they need as well, in order.
    queue: VecDeque<Waiting>,
    /// How many of them need the account to themselves.
    alone: usize,
    /// How many of them have to be decided in their order.
    in_turn: usize,
}

/// What a command needs of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// To have it to itself, when everything before has come to its end.
    Alone,
    /// To come behind every other such command that was there before: the account pays for it.
    InTurn,
    /// That nobody has it to itself or came before who needs that.
    Shared,
}

/// A command in the queue of a seat.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiting {
    pub(super) ticket: Ticket,
    pub(super) need: Need,
}

impl Waiting {
    /// Whether a command with that need has to stay behind.
    fn holds_up(self, need: Need) -> bool {
        match (self.need, need) {
            (Need::Alone, _) | (_, Need::Alone) => true,
            (Need::InTurn, Need::InTurn) => !is_planted(Bug::DebitOvertakes),
            _ => false,
        }
    }
}

impl Seat {
    /// The account, while it can be routed to.
    pub(super) fn active(&self) -> Option<&Occupant> {
        match &self.state {
            SeatState::Active(occupant) if !occupant.retiring => Some(occupant),
            _ => None,
        }
    }

    pub(super) fn active_mut(&mut self) -> Option<&mut Occupant> {
        match &mut self.state {
            SeatState::Active(occupant) if !occupant.retiring => Some(occupant),
            _ => None,
        }
    }

    /// Whether nothing can be decided about the account for now, not even that there is none.
    pub(super) fn is_in_between(&self) -> bool {
        match &self.state {
            SeatState::Loading => true,
            SeatState::Vacant => false,
            SeatState::Active(occupant) => occupant.retiring,
        }
    }

    pub(super) fn number(&self) -> AccountNumber {
        self.number
    }

    /// Whether commands wait at the seat.
    pub(super) fn has_queue(&self) -> bool {
        self.has_queue
    }

    /// How many commands wait at the seat.
    pub(super) fn queued(&self) -> usize {
        self.cold.queue.len()
    }

    /// The command at that place of the queue.
    pub(super) fn waiting(&self, place: usize) -> Option<Waiting> {
        if self.has_queue { self.cold.queue.get(place).copied() } else { None }
    }

    /// Whether nothing in the queue came before a command that has to be done before it. What is not in the queue comes last.
    pub(super) fn lets_pass(&self, ticket: Ticket, need: Need) -> bool {
        if !self.has_queue {
            return true;
        }
        let Cold { queue, alone, in_turn } = &*self.cold;
        match need {
            Need::Shared if *alone == 0 => true,
            Need::InTurn if *alone == 0 && *in_turn == 0 => true,
            _ => !queue.iter().take_while(|waiting| waiting.ticket != ticket).any(|earlier| earlier.holds_up(need)),
        }
    }

    pub(super) fn queue_up(&mut self, ticket: Ticket, need: Need) {
        self.cold.queue.push_back(Waiting { ticket, need });
        if let Some(count) = self.cold.count_of(need) {
            *count = count.saturating_add(1);
        }
        self.has_queue = true;
    }

    pub(super) fn leave_queue(&mut self, ticket: Ticket) {
        let place = self.cold.queue.iter().position(|waiting| waiting.ticket == ticket);
        if let Some(left) = place.and_then(|place| self.cold.queue.remove(place))
            && let Some(count) = self.cold.count_of(left.need)
        {
            *count = count.saturating_sub(1);
        }
        self.has_queue = !self.cold.queue.is_empty();
    }
}

impl Cold {
    fn count_of(&mut self, need: Need) -> Option<&mut usize> {
        match need {
            Need::Alone => Some(&mut self.alone),
            Need::InTurn => Some(&mut self.in_turn),
            Need::Shared => None,
        }
    }
}

/// All seats, found by place or by account number.
#[derive(Default)]
pub(super) struct Seats {
    places: Vec<Option<Seat>>,
    free: Vec<u32>,
    /// Places by number, without the numbers: four bytes each, so that the table of some ten thousand stays in the cache.
    /// The number is compared in the seat, which is looked at next anyway.
    by_number: HashTable<u32>,
    /// Where the search for accounts to retire goes on.
    hand: usize,
}

fn hash(number: &AccountNumber) -> u64 {
    FxBuildHasher.hash_one(number)
}

/// Whether the seat at a place is that of `number`.
fn is_of(places: &[Option<Seat>], place: u32, number: &AccountNumber) -> bool {
    places.get(place as usize).and_then(Option::as_ref).is_some_and(|seat| seat.number == *number)
}

impl Seats {
    /// How many seats are taken.
    pub(super) fn len(&self) -> usize {
        self.by_number.len()
    }

    pub(super) fn find(&self, number: &AccountNumber) -> Option<SeatIndex> {
        let of_number = |place: &u32| is_of(&self.places, *place, number);
        self.by_number.find(hash(number), of_number).map(|place| SeatIndex(*place))
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

    /// Fetches a seat into the processor's cache.
    pub(super) fn prefetch(&self, index: SeatIndex) {
        if let Some(seat) = self.get(index)
            && let SeatState::Active(occupant) = &seat.state
        {
            black_box(seat.legs);
            black_box(occupant.version);
        }
    }

    /// Every account that can be routed to.
    pub(super) fn all_active_mut(&mut self) -> impl Iterator<Item = &mut Occupant> {
        self.places.iter_mut().flatten().filter_map(Seat::active_mut)
    }

    /// Takes a new seat for a number that has none.
    pub(super) fn add(&mut self, number: AccountNumber, state: SeatState) -> SeatIndex {
        debug_assert!(self.find(&number).is_none(), "account {number} has a seat");
        let seat = Seat {
            number,
            state,
            legs: 0,
            changing: false,
            recently_used: true,
            has_queue: false,
            cold: Box::default(),
        };
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            // The limit on active accounts is far below 2^32.
            u32::try_from(self.places.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        if let Some(entry) = self.places.get_mut(place as usize) {
            *entry = Some(seat);
        }
        let places = &self.places;
        let hash_at =
            |place: &u32| places.get(*place as usize).and_then(Option::as_ref).map_or(0, |seat| hash(&seat.number));
        self.by_number.insert_unique(hash(&number), place, hash_at);
        SeatIndex(place)
    }

    pub(super) fn remove(&mut self, index: SeatIndex) -> Option<Seat> {
        let seat = self.places.get_mut(index.0 as usize)?.take()?;
        if let Ok(entry) = self.by_number.find_entry(hash(&seat.number), |place| *place == index.0) {
            entry.remove();
        }
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
                && !seat.has_queue
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
