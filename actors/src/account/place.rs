//! Where an account's actor runs.

use actix::{Actor, Addr};

use super::AccountActor;

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
        match self {
            Place::Here => actor.start(),
            Place::Thread(arbiter) => AccountActor::start_in_arbiter(arbiter, move |_| actor),
            #[cfg(any(test, feature = "testing"))]
            Place::Simulated => crate::sim::start_actor(actix::Context::new(), actor),
        }
    }
}
