//! The time of a simulation, and what waits for it; and the ids drawn within one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::dice::Dice;
use crate::ledger::{CommandId, Timestamp};

/// When every simulation begins: noon in the year 2026, well away from any change of day in most time zones.
const BEGIN_NS: i64 = 1_767_268_800_000_000_000;

/// So long nobody needs to look at a clock that wakes whoever waits for it.
const UNWATCHED: Duration = Duration::from_secs(365 * 24 * 3_600);

/// A clock that the simulation moves, and never by itself.
#[derive(Debug)]
pub(super) struct SimClock {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    now_ns: i64,
    sleepers: BTreeMap<(i64, u64), Waker>,
    next: u64,
}

impl SimClock {
    pub(super) fn new() -> SimClock {
        SimClock { state: Mutex::new(State { now_ns: BEGIN_NS, sleepers: BTreeMap::new(), next: 0 }) }
    }

    /// Moves the clock, and wakes whoever slept until then.
    pub(super) fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        self.state.lock().now_ns += by;
        self.wake_due();
    }

    /// Sets the clock back, as a correction of the machine's would.
    pub(super) fn set_back(&self, by: Duration) {
        let by = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        self.state.lock().now_ns -= by;
    }

    /// Moves the clock to when the first sleeper wants to wake; `false` when nobody sleeps.
    pub(super) fn advance_to_next(&self) -> bool {
        {
            let mut state = self.state.lock();
            let Some(((until, _), _)) = state.sleepers.first_key_value() else { return false };
            state.now_ns = state.now_ns.max(*until);
        }
        self.wake_due();
        true
    }

    /// Has `waker` woken at `until`. Returns `false`, without noting it, when that has come.
    fn wake_at(&self, until: Timestamp, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        if state.now_ns >= until.as_ns() {
            return false;
        }
        state.next += 1;
        let place = (until.as_ns(), state.next);
        state.sleepers.insert(place, waker.clone());
        true
    }

    /// Waits until the clock says so.
    pub(super) fn sleep_until(self: Arc<SimClock>, moment: Timestamp) -> impl Future<Output = ()> + use<> {
        std::future::poll_fn(move |context| match self.wake_at(moment, context.waker()) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
    }

    /// Forgets everybody who sleeps.
    pub(super) fn forget_sleepers(&self) {
        let sleepers = std::mem::take(&mut self.state.lock().sleepers);
        drop(sleepers);
    }

    fn wake_due(&self) {
        loop {
            let waker = {
                let mut state = self.state.lock();
                let now_ns = state.now_ns;
                match state.sleepers.first_entry() {
                    Some(first) if first.key().0 <= now_ns => first.remove(),
                    _ => return,
                }
            };
            waker.wake();
        }
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ns(self.state.lock().now_ns)
    }

    /// Whoever waits for a moment is woken by the clock: there is no need to look at it.
    fn patience(&self) -> Duration {
        UNWATCHED
    }
}

thread_local! {
    static IDS: RefCell<Option<(Dice, Arc<SimClock>)>> = const { RefCell::new(None) };
}

/// While this lives, ids that are drawn on this thread come from a seed.
pub(super) struct SeededIds;

impl SeededIds {
    pub(super) fn begin(dice: Dice, clock: Arc<SimClock>) -> SeededIds {
        IDS.with(|ids| *ids.borrow_mut() = Some((dice, clock)));
        SeededIds
    }
}

impl Drop for SeededIds {
    fn drop(&mut self) {
        IDS.with(|ids| *ids.borrow_mut() = None);
    }
}

/// Waits until that moment of the simulation that this thread is in; `None` outside of one.
pub(crate) fn sleep_until(moment: Timestamp) -> Option<impl Future<Output = ()> + use<>> {
    let clock = IDS.with(|ids| ids.borrow().as_ref().map(|(_, clock)| Arc::clone(clock)))?;
    Some(clock.sleep_until(moment))
}

/// Draws an id as the simulation has it that this thread is in; `None` outside of one.
///
/// It is a UUID of version 7 with the simulation's time, as an id drawn outside is one with the machine's.
pub(crate) fn draw_id() -> Option<CommandId> {
    IDS.with(|ids| {
        let mut ids = ids.borrow_mut();
        let (dice, clock) = ids.as_mut()?;
        let unix_ms = u64::try_from(clock.now().as_ns() / 1_000_000).unwrap_or(0);
        let mut random = [0u8; 10];
        let drawn = dice.next().to_be_bytes().into_iter().chain(dice.next().to_be_bytes());
        for (to, from) in random.iter_mut().zip(drawn) {
            *to = from;
        }
        Some(CommandId::new(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid()))
    })
}
