//! The tasks of a simulation: the actors and the application's futures, each polled when it is chosen.
//!
//! The engine starts its tasks here and knows nothing else of a simulation, which stands above it.
//!
//! A woken task is only marked as ready. The simulation chooses when it continues, and with it the order in which
//! messages arrive: of two actors that send to a third, the one polled first sends first.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

use jangbu_ledger::Timestamp;

/// A future that stays on its thread.
pub type LocalFuture = Pin<Box<dyn Future<Output = ()>>>;

/// The owner of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The bank's engine.
    Engine,
    /// The program that uses the bank.
    Application,
}

thread_local! {
    /// Tasks that were started but not adopted yet. Actors are started deep in the supervisor, which knows nothing of
    /// tasks.
    static STARTED: RefCell<Vec<(Owner, LocalFuture)>> = const { RefCell::new(Vec::new()) };
    /// Whether one of the engine's tasks is being polled.
    static ENGINE_AT_WORK: Cell<bool> = const { Cell::new(false) };
    /// How the tasks on this thread sleep, if they are simulated.
    static SLEEP: RefCell<Option<Sleep>> = const { RefCell::new(None) };
}

/// Makes a future that completes at a moment of the simulation.
pub type Sleep = Box<dyn Fn(Timestamp) -> LocalFuture>;

/// Sets how tasks on this thread sleep; `None` at the end of a simulation.
pub fn sleep_with(sleep: Option<Sleep>) {
    SLEEP.with(|kept| *kept.borrow_mut() = sleep);
}

/// Waits until `moment` in the simulation on this thread. Returns `None` outside of a simulation.
pub fn sleep_until(moment: Timestamp) -> Option<LocalFuture> {
    SLEEP.with(|kept| kept.borrow().as_ref().map(|sleep| sleep(moment)))
}

/// Returns whether the caller is one of the engine's tasks on this thread.
pub fn is_engine_at_work() -> bool {
    ENGINE_AT_WORK.get()
}

/// Starts a task of the simulation on this thread.
pub fn start(owner: Owner, future: impl Future<Output = ()> + 'static) {
    STARTED.with(|started| started.borrow_mut().push((owner, Box::pin(future))));
}

/// Starts a task of the engine in the simulation on this thread.
pub fn start_task(future: impl Future<Output = ()> + 'static) {
    start(Owner::Engine, future);
}

/// Does the work of a caller's thread in steps between which it may be interrupted, until `step` returns `false`.
///
/// A thread continues whatever happens to the future that its caller awaits, so this task belongs to the engine.
pub fn start_caller(mut step: impl FnMut() -> bool + 'static) {
    start_task(std::future::poll_fn(move |context| {
        if !step() {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }));
}

/// Forgets tasks that were not adopted, for example after a simulation that was aborted.
pub fn forget_started() {
    drop(STARTED.with(RefCell::take));
}

/// All tasks of a simulated machine, from one start to the next crash.
#[derive(Default)]
pub struct Tasks {
    tasks: BTreeMap<u64, Task>,
    next: u64,
    ready: Arc<Mutex<Vec<u64>>>,
}

struct Task {
    owner: Owner,
    future: LocalFuture,
    wakes: Arc<Wakes>,
}

/// Marks a task as ready, once until it is polled.
struct Wakes {
    task: u64,
    is_ready: AtomicBool,
    ready: Arc<Mutex<Vec<u64>>>,
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        if !self.is_ready.swap(true, Ordering::Relaxed) {
            self.ready.lock().push(self.task);
        }
    }
}

impl Tasks {
    /// Adopts the tasks that were started.
    fn adopt(&mut self) {
        for (owner, future) in STARTED.with(RefCell::take) {
            self.next = self.next.wrapping_add(1);
            let wakes = Wakes { task: self.next, is_ready: AtomicBool::new(false), ready: Arc::clone(&self.ready) };
            let wakes = Arc::new(wakes);
            Arc::clone(&wakes).wake();
            self.tasks.insert(self.next, Task { owner, future, wakes });
        }
    }

    /// Returns the number of ready tasks.
    pub fn ready(&mut self) -> usize {
        self.adopt();
        self.ready.lock().len()
    }

    /// Polls the ready task at `place`. Returns its number.
    pub fn poll(&mut self, place: usize) -> u64 {
        let chosen = {
            let mut ready = self.ready.lock();
            if place < ready.len() { ready.swap_remove(place) } else { return 0 }
        };
        // A task that was dropped may still be marked as ready.
        let Some(task) = self.tasks.get_mut(&chosen) else { return chosen };
        task.wakes.is_ready.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&task.wakes));
        ENGINE_AT_WORK.set(task.owner == Owner::Engine);
        let polled = catch_unwind(AssertUnwindSafe(|| task.future.as_mut().poll(&mut Context::from_waker(&waker))));
        ENGINE_AT_WORK.set(false);
        match polled {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(())) => drop(self.tasks.remove(&chosen)),
            Err(panic) => {
                // The task is of no more use.
                drop(self.tasks.remove(&chosen));
                resume_unwind(panic);
            }
        }
        chosen
    }

    /// Drops every task of one owner.
    pub fn drop_all(&mut self, owner: Owner) {
        self.adopt();
        let dropped: Vec<Task> =
            self.tasks.extract_if(.., |_, task| task.owner == owner).map(|(_, task)| task).collect();
        // One by one and in order, because dropping a task may wake others.
        for task in dropped {
            drop(task);
        }
    }
}
