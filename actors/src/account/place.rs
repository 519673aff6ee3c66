//! Where an account's actor runs.

use actix::Addr;

use super::{AccountActor, Running};

/// Where the accounts of one worker run.
pub(crate) enum Place {
    /// On the thread of whoever starts them.
    Here,
    /// On a thread of the worker's own.
    Thread(actix::ArbiterHandle),
    /// As tasks of the simulation that the starting thread is in.
    #[cfg(any(test, feature = "testing"))]
    Simulated,
}

impl Place {
    /// Brings an actor to life there.
    pub(crate) fn start(&self, actor: AccountActor) -> Addr<AccountActor> {
        let (address, running) = Running::new(actor);
        match self {
            Place::Here => drop(actix::spawn(running)),
            // A thread that has ended takes no actor; then the bank has stopped.
            Place::Thread(arbiter) => drop(arbiter.spawn(running)),
            #[cfg(any(test, feature = "testing"))]
            Place::Simulated => crate::sim::start_task(running),
        }
        address
    }
}
