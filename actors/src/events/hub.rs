//! The hub: the newest events, read once for all subscriptions, and the subscriptions that wait for more.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::{Arc, OnceLock, Weak};
use std::task::Waker;
use std::thread::{JoinHandle, Thread};
use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::batch::Batch;
use super::event::Event;
use super::telling::Numbers;
use crate::books::BooksHandle;
use crate::journal::panic_text;
use crate::journal::{JournalError, JournalReader};
use crate::ledger::Position;
use crate::plant::{Spot, panic_if_planted};
use jangbu_runtime::BankError;
use jangbu_runtime::Fuse;
use jangbu_runtime::Readers;

/// The maximum number of events in a batch, and so the maximum that a subscription reads ahead.
pub(super) const BATCH: u64 = 512;
/// The number of the newest batches that are kept for all subscriptions.
const SHARED_BATCHES: usize = 8;
/// Subscriptions that are at most this many events behind when the bank closes receive everything that is durable.
const NEWEST: u64 = BATCH.saturating_mul(SHARED_BATCHES as u64);
/// The number of batches that are read before waiting subscriptions are woken.
const BATCHES_PER_ROUND: usize = 4;
/// The pause after waiting subscriptions were woken, plus the same again for each of them. It leaves most of the
/// machine to the engine even with a thousand subscriptions.
const PAUSE: Duration = Duration::from_micros(500);
const PAUSE_EACH: Duration = Duration::from_micros(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);
/// The number of batches of older events that are kept, because several subscriptions often catch up together.
const RECENT_BATCHES: usize = 4;
/// The sources of events.
#[derive(Clone)]
pub(crate) struct Feed {
    pub(crate) reader: Arc<dyn JournalReader>,
    pub(crate) books: BooksHandle,
    pub(crate) readers: Readers,
    pub(crate) fuse: Arc<Fuse>,
}

/// The answer to a subscription that wants more events.
pub(super) enum More {
    Batch(Arc<Batch>),
    /// They are being read.
    Reading(Reading),
    /// There are none yet; the waker is called when there are.
    Later,
    /// The bank is closed, or it stopped for this reason.
    Ended(Option<BankError>),
}

type Reply = oneshot::Sender<Result<Arc<Batch>, BankError>>;
pub(super) type Reading = oneshot::Receiver<Result<Arc<Batch>, BankError>>;

/// The source of events for all subscriptions.
pub struct Hub {
    /// The last position that is durable and was handed to the books.
    durable: AtomicU64,
    /// Whether the thread must be woken when the durable position advances.
    is_listening: AtomicBool,
    thread: OnceLock<Thread>,
    /// Whether there is no thread, and [`Hub::step`] does its work.
    is_stepped: AtomicBool,
    pub(super) numbers: Mutex<Numbers>,
    state: Mutex<State>,
}

struct State {
    /// Consecutive batches, oldest first.
    shared: VecDeque<Arc<Batch>>,
    /// The waiting subscriptions: from which position, and how to wake them.
    waiting: FxHashMap<u64, (Position, Waker)>,
    /// The subscriptions that catch up: from which position, and where to send a batch.
    catching_up: VecDeque<(Position, Reply)>,
    /// The batches that were last read for subscriptions that catch up.
    recent: VecDeque<Arc<Batch>>,
    /// The number of subscriptions so far, and at present.
    subscriptions: u64,
    following: u64,
    /// `None` once the bank is closed, so that the hub keeps nothing of it open.
    feed: Option<Feed>,
    failed: Option<BankError>,
    is_closing: bool,
    running: Option<JoinHandle<()>>,
}

impl State {
    fn shared_from(&self) -> Option<Position> {
        self.shared.front().map(|batch| batch.first)
    }

    fn shared_through(&self) -> Position {
        self.shared.back().map_or(Position::START, |batch| batch.last)
    }

    fn shared_batch(&self, position: Position) -> Option<Arc<Batch>> {
        if self.shared_from().is_none_or(|first| position < first) || position > self.shared_through() {
            return None;
        }
        let before = self.shared.partition_point(|batch| batch.last < position);
        self.shared.get(before).map(Arc::clone)
    }

    /// Returns a kept batch that contains the event at `position`.
    fn batch(&self, position: Position) -> Option<Arc<Batch>> {
        let has = |batch: &&Arc<Batch>| batch.first <= position && position <= batch.last;
        self.shared_batch(position).or_else(|| self.recent.iter().find(has).map(Arc::clone))
    }
}

impl Hub {
    pub(crate) fn new(feed: Feed) -> Arc<Hub> {
        let durable = feed.reader.end();
        let state = State {
            shared: VecDeque::new(),
            waiting: FxHashMap::default(),
            catching_up: VecDeque::new(),
            recent: VecDeque::new(),
            subscriptions: 0,
            following: 0,
            feed: Some(feed),
            failed: None,
            is_closing: false,
            running: None,
        };
        Arc::new(Hub {
            durable: durable.get().into(),
            is_listening: AtomicBool::new(false),
            thread: OnceLock::new(),
            is_stepped: AtomicBool::new(false),
            numbers: Mutex::default(),
            state: Mutex::new(state),
        })
    }

    /// Records that the journal is durable through `position` and the books have been handed everything up to it. The
    /// journal's thread calls this once per batch. It costs a store and a load unless somebody waits.
    pub(crate) fn durable(&self, position: Position) {
        self.durable.store(position.get(), Ordering::Release);
        // Either the thread sees the new position before it sleeps, or this sees that the thread is listening.
        fence(Ordering::SeqCst);
        if self.is_listening.load(Ordering::Relaxed) && self.is_listening.swap(false, Ordering::AcqRel) {
            self.unpark();
        }
    }

    pub(crate) fn end(&self) -> Position {
        Position::new(self.durable.load(Ordering::Acquire))
    }

    fn unpark(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }

    /// Registers a subscription. The first one starts the thread.
    ///
    /// # Errors
    /// [`BankError::Closed`], and [`BankError::Failed`] if the thread cannot be started.
    pub(super) fn join(self: &Arc<Hub>) -> Result<u64, BankError> {
        let mut state = self.state.lock();
        if state.feed.is_none() || state.is_closing {
            return Err(BankError::Closed);
        }
        if state.running.is_none() && !self.is_stepped.load(Ordering::Relaxed) {
            let hub = Arc::downgrade(self);
            let run = move || run(&hub);
            let started = std::thread::Builder::new().name("jangbu-events".into()).spawn(run);
            let running = started.map_err(|error| BankError::Failed(error.to_string()))?;
            let _only_once = self.thread.set(running.thread().clone());
            state.running = Some(running);
        }
        state.following = state.following.saturating_add(1);
        state.subscriptions = state.subscriptions.wrapping_add(1);
        Ok(state.subscriptions)
    }

    pub(super) fn leave(&self, subscription: u64) {
        let mut state = self.state.lock();
        state.following = state.following.saturating_sub(1);
        state.waiting.remove(&subscription);
    }

    /// Returns the batch with the events from `position` on, if it is kept.
    pub(super) fn kept(&self, position: Position) -> Option<Arc<Batch>> {
        self.state.lock().batch(position)
    }

    /// Returns the events from `position` on, or registers the waker for when there are some.
    pub(super) fn more(self: &Arc<Hub>, subscription: u64, position: Position, waker: &Waker) -> More {
        let mut state = self.state.lock();
        if let Some(batch) = state.batch(position) {
            return More::Batch(batch);
        }
        if let Some(error) = &state.failed {
            return More::Ended(Some(error.clone()));
        }
        let Some(feed) = &state.feed else { return More::Ended(None) };
        let end = self.end();
        // Events after the shared batches are read once for all. Older ones, or ones that were skipped, are read
        // separately.
        if position <= end && (position != state.shared_through().next() || state.shared.is_empty()) {
            let (reply, reading) = oneshot::channel();
            let readers = feed.readers.clone();
            state.catching_up.push_back((position, reply));
            if state.catching_up.len() == 1 {
                self.catch_up_later(&readers);
            }
            return More::Reading(reading);
        }
        state.waiting.insert(subscription, (position, waker.clone()));
        drop(state);
        self.unpark();
        More::Later
    }

    /// Lets a reading thread serve the first subscription that catches up.
    fn catch_up_later(self: &Arc<Hub>, readers: &Readers) {
        let hub = Arc::downgrade(self);
        readers.run(move || {
            if let Some(hub) = hub.upgrade() {
                hub.catch_up();
            }
        });
    }

    /// Serves the first subscription that catches up. Only one such job waits for a reading thread at a time, however
    /// many subscriptions there are, so that other reads get their turn.
    fn catch_up(self: &Arc<Hub>) {
        let (position, reply, feed, kept) = {
            let mut state = self.state.lock();
            let (Some((position, reply)), Some(feed)) = (state.catching_up.pop_front(), state.feed.clone()) else {
                return;
            };
            if !state.catching_up.is_empty() {
                self.catch_up_later(&feed.readers);
            }
            (position, reply, feed, state.batch(position))
        };
        if let Some(batch) = kept {
            let _ = reply.send(Ok(batch));
            return;
        }
        // Batches end at common boundaries, so subscriptions that catch up from different positions soon share them.
        let last = Position::new(position.get().next_multiple_of(BATCH)).min(self.end());
        let read = self.read(&feed, position, last);
        if let Ok(batch) = &read {
            let mut state = self.state.lock();
            state.recent.push_back(Arc::clone(batch));
            if state.recent.len() > RECENT_BATCHES {
                state.recent.pop_front();
            }
        }
        let _ = reply.send(read);
    }

    /// Returns a page of events without a subscription.
    pub(crate) fn page(&self, first: Position, most: usize) -> Result<(Vec<Event>, Option<Position>), BankError> {
        let feed = self.state.lock().feed.clone().ok_or(BankError::Closed)?;
        let (end, mut next) = (self.end(), first.max(Position::START.next()));
        let mut events = Vec::new();
        while next <= end && events.len() < most {
            let left = u64::try_from(most.saturating_sub(events.len())).unwrap_or(u64::MAX);
            let last = Position::new(next.get().saturating_add(left).saturating_sub(1)).min(end);
            let batch = self.read(&feed, next, last)?;
            next = batch.next();
            match Arc::try_unwrap(batch) {
                Ok(batch) => events.extend(batch.events),
                Err(batch) => events.extend(batch.events.iter().cloned()),
            }
        }
        Ok((events, Some(next).filter(|next| *next <= end)))
    }

    /// Ends every subscription because the bank stopped.
    pub(crate) fn fail(&self, error: BankError) {
        let waiting = {
            let mut state = self.state.lock();
            state.failed.get_or_insert(error);
            std::mem::take(&mut state.waiting)
        };
        wake(waiting);
    }

    /// Ends every subscription. Those at most [`NEWEST`] events behind receive them first. The books must still be
    /// running.
    pub(crate) fn close(&self) {
        let running = {
            let mut state = self.state.lock();
            state.is_closing = true;
            state.running.take()
        };
        if let Some(running) = running {
            self.unpark();
            let _ = running.join();
        } else if self.is_stepped.load(Ordering::Relaxed) {
            // The last round.
            self.guarded_round();
        }
        let waiting = {
            let mut state = self.state.lock();
            state.feed = None;
            state.catching_up.clear();
            state.recent.clear();
            std::mem::take(&mut state.waiting)
        };
        wake(waiting);
    }

    /// Leaves the thread's work to [`Hub::step`], for a simulation that decides when it happens.
    #[cfg(any(test, feature = "testing"))]
    pub fn go_in_steps(&self) {
        self.is_stepped.store(true, Ordering::Relaxed);
    }

    /// Returns whether a step would do anything.
    #[cfg(any(test, feature = "testing"))]
    pub fn has_work(&self) -> bool {
        let state = self.state.lock();
        let first = state.waiting.values().map(|(position, _)| *position).min();
        state.feed.is_some() && first.is_some_and(|first| first.max(state.shared_through().next()) <= self.end())
    }

    /// Reads what is new, and wakes the subscriptions that wait for it.
    #[cfg(any(test, feature = "testing"))]
    pub fn step(&self) {
        self.guarded_round();
    }

    /// Does the next part of the work. Returns `None` if it panicked, which stops the bank.
    fn guarded_round(&self) -> Option<Round> {
        let went = catch_unwind(AssertUnwindSafe(|| self.round()));
        went.inspect_err(|panic| self.panicked(&panic_text(panic))).ok()
    }

    /// Stops the bank and ends every subscription with the reason.
    fn panicked(&self, what: &str) {
        let feed = self.state.lock().feed.clone();
        let reason = format!("the events panicked: {what}");
        match feed {
            Some(feed) => feed.fuse.blow(&reason),
            None => self.fail(BankError::Failed(reason)),
        }
    }

    /// Does the next part of the thread's work.
    fn round(&self) -> Round {
        panic_if_planted(Spot::Events);
        let (feed, first) = {
            let state = self.state.lock();
            let first = state.waiting.values().map(|(position, _)| *position).min();
            match (first, state.feed.clone()) {
                (_, Some(feed)) if state.is_closing => {
                    drop(state);
                    self.share_newest(&feed);
                    return Round::Over;
                }
                (Some(first), Some(feed)) => (feed, first.max(state.shared_through().next())),
                _ => return Round::Nothing,
            }
        };
        self.is_listening.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let end = self.end();
        if first > end {
            return Round::Nothing;
        }
        self.is_listening.store(false, Ordering::Relaxed);
        self.share(&feed, first, end, BATCHES_PER_ROUND);
        let waiting = std::mem::take(&mut self.state.lock().waiting);
        let woken = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
        wake(waiting);
        Round::Woke(woken)
    }

    /// Keeps the newest events for subscriptions that have not reached them, whether or not they are waiting now.
    fn share_newest(&self, feed: &Feed) {
        let end = self.end();
        let first = Position::new(end.get().saturating_sub(NEWEST).saturating_add(1));
        // A subscription that is already past the archived part must not end with an error because of it.
        let first = match feed.reader.read(first) {
            Err(JournalError::Archived { first, .. }) => first,
            _ => first,
        };
        let mut state = self.state.lock();
        if state.following > 0 {
            state.shared.clear();
            drop(state);
            self.share(feed, first, end, SHARED_BATCHES);
        }
    }

    /// Reads up to `batches` batches for all subscriptions, from `first` on.
    fn share(&self, feed: &Feed, first: Position, end: Position, batches: usize) {
        let mut next = first;
        for _ in 0..batches {
            if next > end {
                return;
            }
            let read = self.read(feed, next, end);
            let mut state = self.state.lock();
            match read {
                Ok(batch) => {
                    next = batch.next();
                    if state.shared_through().next() != batch.first {
                        state.shared.clear();
                    }
                    state.shared.push_back(batch);
                    if state.shared.len() > SHARED_BATCHES {
                        state.shared.pop_front();
                    }
                }
                Err(error) => {
                    state.failed.get_or_insert(error);
                    return;
                }
            }
        }
    }
}

enum Round {
    /// This many waiting subscriptions were woken.
    Woke(u32),
    /// There was nothing to do.
    Nothing,
    /// The bank is closing, and nothing is left.
    Over,
}

fn wake(waiting: FxHashMap<u64, (Position, Waker)>) {
    for (_, waker) in waiting.into_values() {
        waker.wake();
    }
}

/// The thread that reads the newest events for all subscriptions.
fn run(hub: &Weak<Hub>) {
    loop {
        let Some(round) = hub.upgrade().and_then(|hub| hub.guarded_round()) else { return };
        match round {
            Round::Woke(woken) => {
                std::thread::sleep(PAUSE.saturating_add(PAUSE_EACH.saturating_mul(woken)).min(LONGEST_PAUSE));
            }
            Round::Nothing => std::thread::park(),
            Round::Over => return,
        }
    }
}
