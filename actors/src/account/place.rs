//! Where accounts run.

use std::sync::Arc;

use actix::Addr;

use super::runner::{RunQueue, WorkerPlace};
use super::{AccountActor, AccountContext, Outbox, Running};
use crate::ledger::HoldId;
use crate::meters::WorkerMeters;

/// Where the accounts of one worker run.
pub enum Place {
    /// On the thread of whoever starts them.
    Here,
    /// On a thread of the worker's own.
    Thread(actix::ArbiterHandle),
    /// In the simulation that the starting thread is in: together, as on a thread, or each as a task of its own, so that the
    /// simulation chooses the order in which they go on.
    #[cfg(any(test, feature = "testing"))]
    Simulated {
        /// Whether the accounts of a worker run together.
        together: bool,
    },
}

/// The accounts of one worker, as the supervisor has them run.
pub(crate) enum Crew {
    /// All by one runner.
    Run(RunQueue),
    /// Each by itself.
    #[cfg(any(test, feature = "testing"))]
    Simulated { outbox: Outbox, meters: Arc<WorkerMeters> },
}

impl Place {
    /// Makes ready for accounts to run there, which answer through `outbox`.
    pub(crate) fn crew(self, outbox: Outbox, meters: Arc<WorkerMeters>) -> Crew {
        let queue = RunQueue::default();
        match self {
            Place::Here => drop(actix::spawn(queue.runner(AccountContext::new(outbox, meters)))),
            // A thread that has ended takes no runner; then the bank has stopped.
            Place::Thread(arbiter) => drop(arbiter.spawn(queue.runner(AccountContext::new(outbox, meters)))),
            #[cfg(any(test, feature = "testing"))]
            Place::Simulated { together: true } => {
                jangbu_runtime::tasks::start_task(queue.runner(AccountContext::new(outbox, meters)));
            }
            #[cfg(any(test, feature = "testing"))]
            Place::Simulated { together: false } => return Crew::Simulated { outbox, meters },
        }
        Crew::Run(queue)
    }
}

impl Crew {
    /// Brings an actor to life, at a place of the worker that no other one has.
    pub(crate) fn start(&mut self, place: WorkerPlace, actor: AccountActor) -> Addr<AccountActor> {
        let (address, running) = Running::new(actor);
        match self {
            Crew::Run(queue) => queue.start(place, running),
            #[cfg(any(test, feature = "testing"))]
            Crew::Simulated { outbox, meters } => {
                let context = AccountContext::new(outbox.clone(), Arc::clone(meters));
                jangbu_runtime::tasks::start_task(super::context::Alone::new(running, context));
            }
        }
        address
    }

    /// Notes that the account at `place` was sent a message, and which of its holds that asks about.
    pub(crate) fn note(&mut self, place: WorkerPlace, hold: Option<HoldId>) {
        match self {
            Crew::Run(queue) => queue.note(place, hold),
            // Its mailbox wakes it.
            #[cfg(any(test, feature = "testing"))]
            Crew::Simulated { .. } => {}
        }
    }

    /// Has accounts go on that were started or sent something.
    pub(crate) fn tell(&mut self) {
        match self {
            Crew::Run(queue) => queue.tell(),
            #[cfg(any(test, feature = "testing"))]
            Crew::Simulated { .. } => {}
        }
    }
}
