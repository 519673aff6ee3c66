//! The world of an application under test: time, randomness, tasks and the power switch.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::clock::SimClock;
use jangbu_ledger::Timestamp;
use jangbu_plant::Dice;
use jangbu_runtime::tasks::{self, Owner};

/// The world of an application in a simulation. Clones are handles of the same world.
///
/// An application that uses only this, its bank and values computed from them behaves the same for the same seed. Wall
/// clocks, other random numbers, threads, and maps with a random iteration order break that.
#[derive(Clone)]
pub struct World {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    pub(super) clock: Arc<SimClock>,
    dice: Mutex<Dice>,
    life: AtomicU32,
    crash: AtomicBool,
}

impl World {
    pub(super) fn new(clock: Arc<SimClock>, dice: Dice) -> World {
        let shared = Shared { clock, dice: Mutex::new(dice), life: AtomicU32::new(0), crash: AtomicBool::new(false) };
        World { shared: Arc::new(shared) }
    }

    /// Returns how often the application was started before; 0 until the first crash.
    pub fn life(&self) -> u32 {
        self.shared.life.load(Ordering::Relaxed)
    }

    pub(super) fn begin_life(&self, life: u32) {
        self.shared.life.store(life, Ordering::Relaxed);
        self.shared.crash.store(false, Ordering::Relaxed);
    }

    /// Returns the time. The simulation moves it, and it can go back a little, like a machine's clock.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.told()
    }

    /// Returns a random number determined by the seed.
    pub fn random(&self) -> u64 {
        self.shared.dice.lock().next()
    }

    /// Returns a random number below `bound`, determined by the seed, or 0 for a bound of 0.
    pub fn below(&self, bound: u64) -> u64 {
        self.random().checked_rem(bound).unwrap_or(0)
    }

    /// Waits until this much time has passed.
    pub fn sleep(&self, time: Duration) -> impl Future<Output = ()> + use<> {
        let nanoseconds = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        let until = Timestamp::from_ns(self.now().as_ns().saturating_add(nanoseconds));
        Arc::clone(&self.shared.clock).sleep_until(until)
    }

    /// Starts a task that runs concurrently with the caller, like `tokio::spawn`.
    pub fn spawn<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Task<T> {
        let (done, outcome) = oneshot::channel();
        tasks::start(Owner::Application, async move {
            // A dropped receiver means that nobody needs the output.
            let _ = done.send(future.await);
        });
        Task { outcome }
    }

    /// Cuts the power at this moment. The application is started again with what the disk kept.
    pub async fn crash(&self) -> ! {
        self.shared.crash.store(true, Ordering::Relaxed);
        std::future::pending().await
    }

    pub(super) fn wants_crash(&self) -> bool {
        self.shared.crash.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("life", &self.life()).field("now", &self.now()).finish_non_exhaustive()
    }
}

/// A task of the application. As a future, it completes with the task's output. Dropping it does not end the task.
#[derive(Debug)]
pub struct Task<T> {
    outcome: oneshot::Receiver<T>,
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match Pin::new(&mut self.outcome).poll(context) {
            Poll::Ready(Ok(outcome)) => Poll::Ready(outcome),
            // The task ends without an output only together with the whole application.
            Poll::Ready(Err(_)) | Poll::Pending => Poll::Pending,
        }
    }
}
