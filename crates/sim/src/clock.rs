//! The simulated time, the tasks that wait for it, and the ids that are drawn in a simulation.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;

use jangbu_journal::disk::INJECTED;
use jangbu_ledger::{CommandId, Timestamp, draw_ids_from};
use jangbu_plant::Dice;
use jangbu_runtime::clock::Clock;
use jangbu_runtime::tasks;

/// When every simulation begins: noon UTC on 1 January 2026, far from midnight in most time zones.
const BEGIN_NS: i64 = 1_767_268_800_000_000_000;

/// How long a clock that wakes its sleepers need not be read.
const UNWATCHED: Duration = Duration::from_secs(365 * 24 * 3_600);

/// A clock that only the simulation moves. It can read a false time. Sleepers wait for the time that passes, not for
/// the reading.
#[derive(Debug)]
pub(super) struct SimClock {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    now_ns: i64,
    /// The time that has passed since the simulation began.
    uptime_ns: i64,
    sleepers: BTreeMap<(i64, u64), Waker>,
    next: u64,
    trap: Trap,
}

/// What happens to an actor that reads the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trap {
    #[default]
    None,
    /// It panics after this many more readings.
    Set(u64),
    Sprung,
}

impl SimClock {
    pub(super) fn new() -> SimClock {
        let trap = Trap::None;
        SimClock {
            state: Mutex::new(State { now_ns: BEGIN_NS, uptime_ns: 0, sleepers: BTreeMap::new(), next: 0, trap }),
        }
    }

    /// Returns the time for code outside the engine.
    pub(super) fn told(&self) -> Timestamp {
        Timestamp::from_ns(self.state.lock().now_ns)
    }

    /// Makes the actor panic that reads the clock after this many readings.
    pub(super) fn trap_after(&self, readings: u64) {
        self.state.lock().trap = Trap::Set(readings);
    }

    pub(super) fn has_trapped(&self) -> bool {
        self.state.lock().trap == Trap::Sprung
    }

    pub(super) fn disarm(&self) {
        self.state.lock().trap = Trap::None;
    }

    /// Lets time pass, and wakes the sleepers that are due.
    pub(super) fn advance(&self, by: Duration) {
        self.state.lock().pass(i64::try_from(by.as_nanos()).unwrap_or(i64::MAX));
        self.wake_due();
    }

    /// Sets the clock back, like a correction of the machine's clock.
    pub(super) fn set_back(&self, by: Duration) {
        let by = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        self.state.lock().now_ns -= by;
    }

    /// Makes the clock read `by` later than the true time.
    pub(super) fn mislead(&self, by: Duration) {
        let by = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        let mut state = self.state.lock();
        state.now_ns = state.now_ns.saturating_add(by);
    }

    /// Makes the clock read the true time again.
    pub(super) fn correct(&self) {
        let mut state = self.state.lock();
        state.now_ns = BEGIN_NS.saturating_add(state.uptime_ns);
    }

    /// Lets time pass until the first sleeper is due. Returns `false` if nobody sleeps.
    pub(super) fn advance_to_next(&self) -> bool {
        {
            let mut state = self.state.lock();
            let Some(((until, _), _)) = state.sleepers.first_key_value() else { return false };
            let by = until.saturating_sub(state.uptime_ns).max(0);
            state.pass(by);
        }
        self.wake_due();
        true
    }

    /// Wakes `waker` once this much time has passed. Returns `false`, without storing the waker, if it already has.
    fn wake_at(&self, uptime_ns: i64, waker: &Waker) -> bool {
        let mut state = self.state.lock();
        if state.uptime_ns >= uptime_ns {
            return false;
        }
        state.next += 1;
        let place = (uptime_ns, state.next);
        state.sleepers.insert(place, waker.clone());
        true
    }

    /// Waits for the time that remains until `moment` by the clock's present reading, whatever happens to the clock in
    /// the meantime.
    pub(super) fn sleep_until(self: Arc<SimClock>, moment: Timestamp) -> impl Future<Output = ()> + use<> {
        let wakes_at = {
            let state = self.state.lock();
            state.uptime_ns.saturating_add(moment.as_ns().saturating_sub(state.now_ns))
        };
        std::future::poll_fn(move |context| match self.wake_at(wakes_at, context.waker()) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
    }

    /// Forgets all sleepers.
    pub(super) fn forget_sleepers(&self) {
        let sleepers = std::mem::take(&mut self.state.lock().sleepers);
        drop(sleepers);
    }

    fn wake_due(&self) {
        loop {
            let waker = {
                let mut state = self.state.lock();
                let uptime_ns = state.uptime_ns;
                match state.sleepers.first_entry() {
                    Some(first) if first.key().0 <= uptime_ns => first.remove(),
                    _ => return,
                }
            };
            waker.wake();
        }
    }
}

impl State {
    fn pass(&mut self, ns: i64) {
        self.now_ns = self.now_ns.saturating_add(ns);
        self.uptime_ns = self.uptime_ns.saturating_add(ns);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        let mut state = self.state.lock();
        if let Trap::Set(readings) = state.trap
            && tasks::is_engine_at_work()
        {
            state.trap = readings.checked_sub(1).map_or(Trap::Sprung, Trap::Set);
            if state.trap == Trap::Sprung {
                std::panic::resume_unwind(Box::new(INJECTED));
            }
        }
        Timestamp::from_ns(state.now_ns)
    }

    fn uptime(&self) -> Duration {
        Duration::from_nanos(u64::try_from(self.state.lock().uptime_ns).unwrap_or(0))
    }

    /// Sleepers are woken by the clock, so nobody needs to read it.
    fn patience(&self) -> Duration {
        UNWATCHED
    }
}

/// While this value lives, ids on this thread are drawn from a seed.
pub(super) struct SeededIds;

impl SeededIds {
    pub(super) fn begin(dice: Dice, clock: Arc<SimClock>) -> SeededIds {
        let kept = Arc::clone(&clock);
        tasks::sleep_with(Some(Box::new(move |moment| Box::pin(Arc::clone(&kept).sleep_until(moment)))));
        let mut dice = dice;
        draw_ids_from(Some(Box::new(move || draw_id(&mut dice, &clock))));
        SeededIds
    }
}

impl Drop for SeededIds {
    fn drop(&mut self) {
        draw_ids_from(None);
        tasks::sleep_with(None);
    }
}

/// Draws an id in a simulation: a UUID of version 7 with the simulated time.
fn draw_id(dice: &mut Dice, clock: &SimClock) -> CommandId {
    let unix_ms = u64::try_from(clock.told().as_ns() / 1_000_000).unwrap_or(0);
    let mut random = [0u8; 10];
    let drawn = dice.next().to_be_bytes().into_iter().chain(dice.next().to_be_bytes());
    for (to, from) in random.iter_mut().zip(drawn) {
        *to = from;
    }
    CommandId::new(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
}
