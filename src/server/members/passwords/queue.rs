//! Decides who computes a password hash next. Hashes are slow on purpose and few are computed at a time, so many
//! requests of one origin must not delay a single request of another.
//!
//! There are two kinds of lanes, one per known member and one per network of strangers. Slots go to the two kinds in
//! turn, and within a kind to its lanes in turn. When one kind is full, the last of its longest lane makes way for a
//! request from a shorter one. So a network that sends ten thousand requests waits for itself.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;

use ipnet::IpNet;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::server::members::MemberId;

/// The lane that a request waits in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueueLane {
    /// A member who is signed in, or who signs in with a known device; `None` for the bank's own work.
    Known(Option<MemberId>),
    /// Strangers from a network.
    Network(IpNet),
}

/// All waiting requests, and the free slots.
#[derive(Debug)]
pub(super) struct Queue {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    free: usize,
    known: Lines<Option<MemberId>>,
    strangers: Lines<IpNet>,
    /// Whether the next slot goes to a stranger if both kinds wait.
    strangers_turn: bool,
}

/// A slot in use. When dropped, it passes to the next request.
#[derive(Debug)]
pub(super) struct Place(Arc<Queue>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.inner.lock().pass_on();
    }
}

/// The lanes of one kind.
#[derive(Debug)]
struct Lines<K> {
    lines: HashMap<K, VecDeque<oneshot::Sender<()>>>,
    /// The lanes with waiting requests, the next one first.
    turns: VecDeque<K>,
    waiting: usize,
    /// The most that wait in all.
    most: usize,
}

impl<K: Copy + Eq + Hash> Lines<K> {
    fn new(most: usize) -> Lines<K> {
        Lines { lines: HashMap::new(), turns: VecDeque::new(), waiting: 0, most }
    }

    /// Waits at the end of a lane. `None` if there is no room and nobody in a longer lane to make way.
    fn wait(&mut self, key: K) -> Option<oneshot::Receiver<()>> {
        if self.waiting >= self.most {
            self.forget_gone();
        }
        if self.waiting >= self.most {
            let own = self.lines.get(&key).map_or(0, VecDeque::len);
            let longest = self.lines.iter().max_by_key(|(_, line)| line.len()).map(|(key, line)| (*key, line.len()));
            let (longest, _) = longest.filter(|(_, length)| *length > own.saturating_add(1))?;
            // Dropping the sender notifies the request.
            self.lines.get_mut(&longest)?.pop_back()?;
            self.waiting = self.waiting.saturating_sub(1);
        }
        let (sender, receiver) = oneshot::channel();
        let line = self.lines.entry(key).or_default();
        if line.is_empty() {
            self.turns.push_back(key);
        }
        line.push_back(sender);
        self.waiting = self.waiting.saturating_add(1);
        Some(receiver)
    }

    /// Removes requests that were abandoned.
    fn forget_gone(&mut self) {
        for line in self.lines.values_mut() {
            line.retain(|sender| !sender.is_closed());
        }
        self.lines.retain(|_, line| !line.is_empty());
        self.turns.retain(|key| self.lines.contains_key(key));
        self.waiting = self.lines.values().map(VecDeque::len).sum();
    }

    /// Gives a slot to the first request of the next lane. Returns whether one took it.
    fn give(&mut self) -> bool {
        while let Some(key) = self.turns.pop_front() {
            let Some(line) = self.lines.get_mut(&key) else { continue };
            let first = line.pop_front();
            self.waiting = self.waiting.saturating_sub(usize::from(first.is_some()));
            if line.is_empty() {
                self.lines.remove(&key);
            } else {
                self.turns.push_back(key);
            }
            if first.is_some_and(|sender| sender.send(()).is_ok()) {
                return true;
            }
        }
        false
    }
}

impl Inner {
    /// Gives a free slot to a waiting request, or leaves it free.
    fn pass_on(&mut self) {
        let taken = match self.strangers_turn {
            true => self.strangers.give() || self.known.give(),
            false => self.known.give() || self.strangers.give(),
        };
        self.strangers_turn = !self.strangers_turn;
        if !taken {
            self.free = self.free.saturating_add(1);
        }
    }
}

/// A waiting request. If it is abandoned with a slot that it was just given, the slot is passed on.
struct Waiting<'a> {
    queue: &'a Arc<Queue>,
    receiver: oneshot::Receiver<()>,
    is_over: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        self.receiver.close();
        if self.receiver.try_recv().is_ok() {
            self.queue.inner.lock().pass_on();
        }
    }
}

impl Queue {
    /// Makes a queue with that many slots, where `most` of each kind can wait.
    pub(super) fn new(places: usize, most: usize) -> Arc<Queue> {
        let inner = Inner { free: places, known: Lines::new(most), strangers: Lines::new(most), strangers_turn: false };
        Arc::new(Queue { inner: Mutex::new(inner) })
    }

    /// Waits for a slot. `None` if too many wait.
    pub(super) async fn place(self: &Arc<Self>, line: QueueLane) -> Option<Place> {
        let receiver = {
            let mut inner = self.inner.lock();
            if inner.free > 0 {
                inner.free = inner.free.saturating_sub(1);
                return Some(Place(Arc::clone(self)));
            }
            match line {
                QueueLane::Known(member) => inner.known.wait(member),
                QueueLane::Network(network) => inner.strangers.wait(network),
            }?
        };
        let mut waiting = Waiting { queue: self, receiver, is_over: false };
        let given = (&mut waiting.receiver).await;
        waiting.is_over = true;
        given.ok().map(|()| Place(Arc::clone(self)))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use futures::future::LocalBoxFuture;

    use super::*;

    fn network(number: u8) -> QueueLane {
        QueueLane::Network(IpNet::new([10, 0, number, 0].into(), 24).unwrap())
    }

    type Asked = LocalBoxFuture<'static, Option<Place>>;

    /// Somebody who has asked, and waits.
    fn ask(queue: &Arc<Queue>, line: QueueLane) -> Asked {
        let queue = Arc::clone(queue);
        let mut asked = async move { queue.place(line).await }.boxed_local();
        assert!((&mut asked).now_or_never().is_none_or(|answer| answer.is_none()), "there was a place");
        asked
    }

    fn is_in(asked: &mut Asked) -> Option<Place> {
        asked.now_or_never().flatten()
    }

    #[actix_web::test]
    async fn a_network_waits_for_itself() {
        let queue = Queue::new(1, 8);
        let first = queue.place(network(1)).await.unwrap();
        let mut many: Vec<_> = (0..8).map(|_| ask(&queue, network(1))).collect();
        assert!(queue.place(network(1)).now_or_never().unwrap().is_none(), "no more room for that network");
        let mut other = ask(&queue, network(2));
        assert!(many.last_mut().unwrap().now_or_never().unwrap().is_none(), "the last of the longest line made way");
        drop(many.pop());
        let mut known = ask(&queue, QueueLane::Known(None));
        // The known one first, then strangers by their networks in turn.
        drop(first);
        let place = is_in(&mut known).expect("the known one");
        drop(place);
        let place = is_in(&mut many[0]).expect("the first of the first network");
        drop(place);
        let place = is_in(&mut other).expect("and not the second of the first network");
        drop(place);
        drop(is_in(&mut many[1]).expect("then that"));
    }

    #[actix_web::test]
    async fn strangers_take_no_place_from_who_is_known() {
        let queue = Queue::new(1, 4);
        let first = queue.place(network(0)).await.unwrap();
        let _strangers: Vec<_> = (1..=4).map(|number| ask(&queue, network(number))).collect();
        let mut known = ask(&queue, QueueLane::Known(Some(MemberId::random())));
        drop(first);
        assert!(is_in(&mut known).is_some());
    }

    #[actix_web::test]
    async fn whoever_goes_away_leaves_no_place_taken() {
        let queue = Queue::new(1, 4);
        let first = queue.place(network(1)).await.unwrap();
        let (gone, told) = (ask(&queue, network(1)), ask(&queue, network(1)));
        drop(gone);
        drop(first);
        // It was given the place, and went away before it heard so.
        drop(told);
        assert!(queue.place(network(2)).now_or_never().flatten().is_some());
        let _taken = queue.place(network(2)).await.unwrap();
        (0..100).for_each(|_| drop(ask(&queue, network(1))));
        let mut last = ask(&queue, network(3));
        drop(_taken);
        assert!(is_in(&mut last).is_some(), "and no room either");
    }
}
