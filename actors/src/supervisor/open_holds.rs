//! The open holds of the whole bank: where each is to be found, and which is over next.

use std::collections::BTreeSet;

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
    /// Those with an end, in its order.
    ends: BTreeSet<(Timestamp, CommandId)>,
}

impl OpenHolds {
    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn get(&self, id: CommandId) -> Option<&OpenHold> {
        self.by_id.get(&id)
    }

    pub(super) fn insert(&mut self, id: CommandId, hold: OpenHold) {
        if let Some(expires_at) = hold.expires_at {
            self.ends.insert((expires_at, id));
        }
        self.by_id.insert(id, hold);
    }

    pub(super) fn remove(&mut self, id: CommandId) {
        if let Some(OpenHold { expires_at: Some(expires_at), .. }) = self.by_id.remove(&id) {
            self.ends.remove(&(expires_at, id));
        }
    }

    /// Gives a hold another end.
    pub(super) fn extend(&mut self, id: CommandId, expires_at: Option<Timestamp>) {
        if let Some(hold) = self.by_id.get(&id).copied() {
            self.remove(id);
            self.insert(id, OpenHold { expires_at, ..hold });
        }
    }

    /// When the next hold is over.
    pub(super) fn next_end(&self) -> Option<Timestamp> {
        self.ends.first().map(|(expires_at, _)| *expires_at)
    }

    /// Takes a hold off the list that is over at `now`. It stays open until that is recorded.
    pub(super) fn take_over(&mut self, now: Timestamp) -> Option<CommandId> {
        let (expires_at, id) = *self.ends.first()?;
        if expires_at > now {
            return None;
        }
        self.ends.pop_first();
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(expires_at: Option<i64>) -> OpenHold {
        let number = AccountNumber::new("A").unwrap();
        let expires_at = expires_at.map(Timestamp::from_ns);
        OpenHold { from: number, to: number, placed: Position::new(1), expires_at, verified: false }
    }

    #[test]
    fn holds_are_over_in_the_order_of_their_ends() {
        let id = |text: &str| CommandId::derived(text.as_bytes());
        let mut holds = OpenHolds::default();
        holds.insert(id("never"), hold(None));
        holds.insert(id("late"), hold(Some(30)));
        holds.insert(id("ended"), hold(Some(10)));
        holds.insert(id("early"), hold(Some(20)));
        holds.remove(id("ended"));
        assert_eq!(holds.next_end(), Some(Timestamp::from_ns(20)));
        assert_eq!(holds.take_over(Timestamp::from_ns(19)), None);
        holds.extend(id("early"), Some(Timestamp::from_ns(40)));
        assert_eq!(holds.take_over(Timestamp::from_ns(40)), Some(id("late")));
        assert_eq!(holds.take_over(Timestamp::from_ns(40)), Some(id("early")));
        assert_eq!(holds.take_over(Timestamp::from_ns(40)), None);
        assert_eq!(holds.len(), 3, "they are open until their expiry is recorded");
    }
}
