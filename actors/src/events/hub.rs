//! The newest events, read once for all who follow, and who waits for more.

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

/// So many events at most are read in one go. A subscription has at most so many read ahead.
pub(super) const BATCH: u64 = 512;
/// So many batches of the newest events are kept for all subscriptions.
const SHARED_BATCHES: usize = 8;
/// Whoever is no further behind than this when the bank is closed is given all that is durable.
const NEWEST: u64 = BATCH.saturating_mul(SHARED_BATCHES as u64);
/// So many of them are read before those who wait are woken.
const BATCHES_PER_ROUND: usize = 4;
/// After those who waited were woken, they are left alone for so long, and for so long more for each of them: a thousand
/// leave most of the machine to the engine.
const PAUSE: Duration = Duration::from_micros(500);
const PAUSE_EACH: Duration = Duration::from_micros(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);
/// So many batches of older events are kept, as whoever catches up is seldom alone.
const RECENT_BATCHES: usize = 4;
/// What events are read from.
#[derive(Clone)]
pub(crate) struct Feed {
    pub(crate) reader: Arc<dyn JournalReader>,
    pub(crate) books: BooksHandle,
    pub(crate) readers: Readers,
    pub(crate) fuse: Arc<Fuse>,
}

/// What a subscription that wants more gets.
pub(super) enum More {
    Batch(Arc<Batch>),
    /// It is being read.
    Reading(Reading),
    /// There is none yet; the waker is called when there is.
    Later,
    /// The bank is closed, or stopped for that reason.
    Ended(Option<BankError>),
}

type Reply = oneshot::Sender<Result<Arc<Batch>, BankError>>;
pub(super) type Reading = oneshot::Receiver<Result<Arc<Batch>, BankError>>;

/// Where subscriptions get their events from.
pub(crate) struct Hub {
    /// The last position that is durable and was handed to the books.
    durable: AtomicU64,
    /// Whether the thread is to be woken when that grows.
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
    /// Who waits: from which position on, and how to wake them.
    waiting: FxHashMap<u64, (Position, Waker)>,
    /// Who catches up: from which position on, and where to send a batch.
    catching_up: VecDeque<(Position, Reply)>,
    /// The batches that were read last for those who catch up.
    recent: VecDeque<Arc<Batch>>,
    /// So many have followed, and so many do.
    subscriptions: u64,
    following: u64,
    /// `None` once the bank is closed, so that nothing of it is kept open.
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

    /// A batch that has the event at `position`, if one is kept.
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

    /// Hears that the journal is durable through `position`, and that the books have been handed everything up to there.
    /// Called once a batch, on the journal's thread: a store and a load, unless somebody waits.
    pub(crate) fn durable(&self, position: Position) {
        self.durable.store(position.get(), Ordering::Release);
        // Either the thread sees the new position before it sleeps, or its listening is seen here.
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

    /// Counts one who follows. The first one starts the thread.
    ///
    /// # Errors
    /// [`BankError::Closed`], and [`BankError::Failed`] when the thread cannot be started.
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

    /// The events from `position` on, if they are kept.
    pub(super) fn kept(&self, position: Position) -> Option<Arc<Batch>> {
        self.state.lock().batch(position)
    }

    /// The events from `position` on, or word of when there are some.
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
        // What follows the shared events is read once for all; what is older, or was passed over, by itself.
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

    /// Has the first of those who catch up served by a reading thread.
    fn catch_up_later(self: &Arc<Hub>, readers: &Readers) {
        let hub = Arc::downgrade(self);
        readers.run(move || {
            if let Some(hub) = hub.upgrade() {
                hub.catch_up();
            }
        });
    }

    /// Serves the first of those who catch up. However many there are, one such job at a time waits for a reading thread,
    /// so that everybody else's reads get their turn.
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
        // Up to where batches end for all: those who catch up from different places soon share them.
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

    /// A page of events, for who does not want to follow.
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

    /// Ends every subscription. Those that are at most [`NEWEST`] events behind get them first. The books must still answer.
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
            // Its last round.
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

    /// Lets [`Hub::step`] do what would be a thread's work: in a simulation, which says when.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn go_in_steps(&self) {
        self.is_stepped.store(true, Ordering::Relaxed);
    }

    /// Whether a step would do anything.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn has_work(&self) -> bool {
        let state = self.state.lock();
        let first = state.waiting.values().map(|(position, _)| *position).min();
        state.feed.is_some() && first.is_some_and(|first| first.max(state.shared_through().next()) <= self.end())
    }

    /// Reads what is new, and wakes those who wait for it.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn step(&self) {
        self.guarded_round();
    }

    /// The next part of the work. `None` when it panicked, which stops the bank.
    fn guarded_round(&self) -> Option<Round> {
        let went = catch_unwind(AssertUnwindSafe(|| self.round()));
        went.inspect_err(|panic| self.panicked(&panic_text(panic))).ok()
    }

    /// The bank stops, and everybody who follows hears of it.
    fn panicked(&self, what: &str) {
        let feed = self.state.lock().feed.clone();
        let reason = format!("the events panicked: {what}");
        match feed {
            Some(feed) => feed.fuse.blow(&reason),
            None => self.fail(BankError::Failed(reason)),
        }
    }

    /// The next part of the thread's work.
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

    /// Keeps the newest events for those who have not come to them yet, whether or not they wait at this moment.
    fn share_newest(&self, feed: &Feed) {
        let end = self.end();
        let first = Position::new(end.get().saturating_sub(NEWEST).saturating_add(1));
        // What is archived can end nobody's subscription with an error who has come further.
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

    /// Reads up to so many batches for all, from `first` on.
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
    /// So many who waited were woken.
    Woke(u32),
    /// There was nothing to do.
    Nothing,
    /// The bank closes, and there is nothing left.
    Over,
}

fn wake(waiting: FxHashMap<u64, (Position, Waker)>) {
    for (_, waker) in waiting.into_values() {
        waker.wake();
    }
}

/// The thread that reads the newest events for all.
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
