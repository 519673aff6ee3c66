//! The workers: where accounts run, where their answers come from, and how they are sent something.

use actix::{Handler, Message};

use crate::account::{AccountActor, Crew, Outbox, SeatIndex};
use crate::ledger::{AccountId, CommandId};

use super::Supervisor;

/// Where a worker's accounts run, and where their answers come from.
pub(super) struct Worker {
    pub(super) crew: Crew,
    pub(super) outbox: Outbox,
}

impl Supervisor {
    /// The worker that an account runs on while it is active.
    pub(super) fn worker_of(&self, id: AccountId) -> u32 {
        let worker = usize::try_from(id.get()).unwrap_or(0).checked_rem(self.workers.len()).unwrap_or(0);
        u32::try_from(worker).unwrap_or(0)
    }

    /// Sends a message to an account that can be routed to.
    pub(super) fn send<M>(&mut self, index: SeatIndex, message: M)
    where
        AccountActor: Handler<M, Result = ()>,
        M: Message<Result = ()> + Send + 'static,
    {
        self.send_about(None, index, message);
    }

    /// Sends a message that asks about a hold of the account.
    pub(super) fn send_about<M>(&mut self, hold: Option<CommandId>, index: SeatIndex, message: M)
    where
        AccountActor: Handler<M, Result = ()>,
        M: Message<Result = ()> + Send + 'static,
    {
        let Some(occupant) = self.seats.active(index) else { return };
        occupant.address.do_send(message);
        if let Some(worker) = self.workers.get_mut(occupant.worker as usize) {
            worker.crew.note(index, hold);
        }
    }

    /// Has the accounts go on that were sent something.
    pub(super) fn tell_workers(&mut self) {
        for worker in &mut self.workers {
            worker.crew.tell();
        }
    }
}
