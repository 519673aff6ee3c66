//! Turns at an original: only one command at a time counts what was reversed of it and adds to that.
//!
//! The accounts cannot see to it: two movements of one linked command may have no account in common, so that reversals of
//! both would count at the same time. Who waits for its turn has locked nothing.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::account::Ticket;
use crate::ledger::CommandId;
use crate::plant::{Bug, is_planted};

/// What turns are taken at: an original, whichever of its movements.
type Key = (CommandId, u8);

/// The commands that reverse or repair something, by the original, in order of arrival. The first has its turn.
#[derive(Default)]
pub(super) struct Turns {
    queues: FxHashMap<Key, VecDeque<Ticket>>,
    /// Commands whose turn has come and that have not begun.
    ready: VecDeque<Ticket>,
    is_serving: bool,
}

impl Turns {
    /// Queues `ticket` for its turn at an original, unless it is queued. Returns whether its turn has come there.
    ///
    /// A command that undoes movements of several originals queues at all of them before anything else does, and begins
    /// when it has every turn.
    pub(super) fn take(&mut self, undone: (CommandId, u8), ticket: Ticket) -> bool {
        let queue = self.queues.entry(key(undone)).or_default();
        if !queue.contains(&ticket) {
            queue.push_back(ticket);
        }
        queue.front() == Some(&ticket)
    }

    /// Takes `ticket` out of the queue: it is decided. The next one is ready when it had the turn.
    pub(super) fn end(&mut self, undone: (CommandId, u8), ticket: Ticket) {
        let Some(queue) = self.queues.get_mut(&key(undone)) else { return };
        let had_turn = queue.front() == Some(&ticket);
        queue.retain(|waiting| *waiting != ticket);
        match queue.front() {
            // It may be ready already, by its turn at another original.
            Some(next) if had_turn && !self.ready.contains(next) => self.ready.push_back(*next),
            Some(_) => {}
            None => drop(self.queues.remove(&key(undone))),
        }
    }

    /// Whether the caller is to begin what is ready: nobody does so further up the stack.
    pub(super) fn begin_serving(&mut self) -> bool {
        !self.ready.is_empty() && !std::mem::replace(&mut self.is_serving, true)
    }

    /// The next command whose turn has come. With `None`, the serving ends.
    pub(super) fn next(&mut self) -> Option<Ticket> {
        let next = self.ready.pop_front();
        self.is_serving = next.is_some();
        next
    }
}

fn key((original, step): (CommandId, u8)) -> Key {
    (original, if is_planted(Bug::TurnsByStep) { step } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_in_the_order_of_arrival_and_end_once() {
        let (a, b) = ((CommandId::derived(b"a"), 0), (CommandId::derived(b"b"), 0));
        let ticket = |place| Ticket { place, generation: 0 };
        let mut turns = Turns::default();
        assert!(turns.take(a, ticket(1)) && turns.take(b, ticket(2)), "of two originals, both at once");
        let other_step = (a.0, 1);
        assert!(!turns.take(other_step, ticket(3)) && !turns.take(a, ticket(4)));
        assert!(turns.take(a, ticket(1)), "who has the turn keeps it");
        turns.end(other_step, ticket(3));
        assert!(!turns.begin_serving(), "one that waited is gone, and nobody's turn came");
        turns.end(a, ticket(1));
        assert!(turns.begin_serving());
        assert_eq!((turns.next(), turns.next()), (Some(ticket(4)), None));
        turns.end(a, ticket(4));
        assert!(!turns.begin_serving() && turns.take(a, ticket(5)));
    }

    #[test]
    fn who_waits_at_several_originals_is_ready_once_for_each_turn_that_comes() {
        let (a, b) = ((CommandId::derived(b"a"), 0), (CommandId::derived(b"b"), 3));
        let ticket = |place| Ticket { place, generation: 0 };
        let mut turns = Turns::default();
        assert!(turns.take(a, ticket(1)) && turns.take(b, ticket(2)));
        assert!(!turns.take(a, ticket(3)) && !turns.take(b, ticket(3)));
        turns.end(a, ticket(1));
        assert!(turns.begin_serving());
        assert_eq!((turns.next(), turns.take(a, ticket(3)), turns.take(b, ticket(3))), (Some(ticket(3)), true, false));
        assert_eq!(turns.next(), None, "it waits at the other one still");
        turns.end(b, ticket(2));
        assert!(turns.begin_serving());
        assert_eq!((turns.next(), turns.take(a, ticket(3)), turns.take(b, ticket(3))), (Some(ticket(3)), true, true));
        assert_eq!(turns.next(), None);
        // Both turns come at once.
        assert!(!turns.take(a, ticket(4)) && !turns.take(b, ticket(4)));
        turns.end(a, ticket(3));
        turns.end(b, ticket(3));
        assert!(turns.begin_serving());
        assert_eq!((turns.next(), turns.next()), (Some(ticket(4)), None), "it begins once");
    }
}
