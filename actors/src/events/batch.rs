//! Batches of consecutive events, read once for all subscriptions.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::event::Event;
use crate::ledger::{AccountNumber, Position};

/// Events of consecutive positions.
pub(super) struct Batch {
    pub(super) first: Position,
    pub(super) last: Position,
    pub(super) events: Vec<Event>,
    by_account: OnceLock<FxHashMap<AccountNumber, Vec<usize>>>,
}

impl Batch {
    pub(super) const fn new(first: Position, last: Position, events: Vec<Event>) -> Batch {
        Batch { first, last, events, by_account: OnceLock::new() }
    }

    /// Returns the position after the last event.
    pub(super) const fn next(&self) -> Position {
        self.last.next()
    }

    /// Returns the index of the first event at or after `position`.
    pub(super) fn place_of(&self, position: Position) -> usize {
        usize::try_from(position.get().saturating_sub(self.first.get())).unwrap_or(usize::MAX)
    }

    /// Returns the index of the account's first event at or after `place`.
    pub(super) fn place_of_account(&self, account: &AccountNumber, place: usize) -> Option<usize> {
        let by_account = self.by_account.get_or_init(|| {
            let mut by_account: FxHashMap<AccountNumber, Vec<usize>> = FxHashMap::default();
            for (place, event) in self.events.iter().enumerate() {
                for number in &event.accounts {
                    by_account.entry(*number).or_default().push(place);
                }
            }
            by_account
        });
        let places = by_account.get(account)?;
        places.get(places.partition_point(|other| *other < place)).copied()
    }
}
