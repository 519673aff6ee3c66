//! The tasks of a simulation: the actors and the application's futures, each polled when it is chosen.
//!
//! A task that is woken is only noted as ready. When it goes on is the simulation's choice, and so is the order in which
//! messages arrive: whatever two actors say to a third, the one that is polled first says first.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use actix::{Actor, Addr};
use parking_lot::Mutex;

type LocalFuture = Pin<Box<dyn Future<Output = ()>>>;

/// Whose task it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Engine,
    Application,
}

thread_local! {
    /// Tasks that were started and not yet taken in: actors are started deep in the supervisor, which knows of no tasks.
    static STARTED: RefCell<Vec<(Owner, LocalFuture)>> = const { RefCell::new(Vec::new()) };
    /// Whether one of the engine's tasks goes on just now.
    static ENGINE_AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Whether it is one of the engine's tasks on this thread that asks.
pub(super) fn is_engine_at_work() -> bool {
    ENGINE_AT_WORK.get()
}

/// Starts a task of the simulation on this thread.
pub(super) fn start(owner: Owner, future: impl Future<Output = ()> + 'static) {
    STARTED.with(|started| started.borrow_mut().push((owner, Box::pin(future))));
}

/// Starts a task of the engine in the simulation on this thread.
pub(crate) fn start_task(future: impl Future<Output = ()> + 'static) {
    start(Owner::Engine, future);
}

/// Runs what a caller's thread does, in steps between which it may be interrupted: until `step` returns `false`.
///
/// A thread goes on whatever becomes of the future that its caller waits for, so this is the engine's task.
pub(crate) fn start_caller(mut step: impl FnMut() -> bool + 'static) {
    start_task(std::future::poll_fn(move |context| {
        if !step() {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }));
}

/// Starts an actor as a task of the simulation on this thread.
pub(crate) fn start_actor<A: Actor<Context = actix::Context<A>>>(context: actix::Context<A>, actor: A) -> Addr<A> {
    let running = context.into_future(actor);
    let address = running.address();
    start(Owner::Engine, running);
    address
}

/// Forgets tasks that nobody took in, as after a simulation that was broken off.
pub(super) fn forget_started() {
    drop(STARTED.with(RefCell::take));
}

/// All tasks of one life of the machine.
#[derive(Default)]
pub(super) struct Tasks {
    tasks: BTreeMap<u64, Task>,
    next: u64,
    ready: Arc<Mutex<Vec<u64>>>,
}

struct Task {
    owner: Owner,
    future: LocalFuture,
    wakes: Arc<Wakes>,
}

/// Notes that a task is ready, once until it is polled.
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
    /// Takes in what was started.
    fn adopt(&mut self) {
        for (owner, future) in STARTED.with(RefCell::take) {
            self.next = self.next.wrapping_add(1);
            let wakes = Wakes { task: self.next, is_ready: AtomicBool::new(false), ready: Arc::clone(&self.ready) };
            let wakes = Arc::new(wakes);
            Arc::clone(&wakes).wake();
            self.tasks.insert(self.next, Task { owner, future, wakes });
        }
    }

    /// How many tasks can go on.
    pub(super) fn ready(&mut self) -> usize {
        self.adopt();
        self.ready.lock().len()
    }

    /// Lets the ready task at `place` go on. Returns its number.
    pub(super) fn poll(&mut self, place: usize) -> u64 {
        let chosen = {
            let mut ready = self.ready.lock();
            if place < ready.len() { ready.swap_remove(place) } else { return 0 }
        };
        // A task that was dropped may still have been noted.
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
                // It is of no more use, whoever goes on.
                drop(self.tasks.remove(&chosen));
                resume_unwind(panic);
            }
        }
        chosen
    }

    /// Drops every task of one owner.
    pub(super) fn drop_all(&mut self, owner: Owner) {
        self.adopt();
        let dropped: Vec<Task> =
            self.tasks.extract_if(.., |_, task| task.owner == owner).map(|(_, task)| task).collect();
        // One by one and in order: what is dropped may wake others.
        for task in dropped {
            drop(task);
        }
    }
}
