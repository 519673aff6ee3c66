//! The workers: where accounts run, where their answers come from, and how they are sent something.

use actix::{Handler, Message};

use crate::account::{AccountActor, Crew, Outbox, SeatIndex, WorkerPlace};
use crate::ledger::HoldId;

use super::Supervisor;

/// Where a worker's accounts run, and where their answers come from.
pub(super) struct Worker {
    pub(super) crew: Crew,
    pub(super) outbox: Outbox,
}

impl Supervisor {
    /// The worker that the account at a seat runs on, and its place there: each worker has every so-manyth seat, so that its
    /// places are as many as its accounts.
    pub(super) fn place_of(&mut self, SeatIndex(seat): SeatIndex) -> Option<(&mut Worker, WorkerPlace)> {
        let workers = u32::try_from(self.workers.len()).unwrap_or(1);
        let (worker, place) = match workers {
            // Most banks: nothing to divide.
            0 | 1 => (0, seat),
            _ => (seat % workers, seat / workers),
        };
        Some((self.workers.get_mut(worker as usize)?, WorkerPlace(place)))
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
    pub(super) fn send_about<M>(&mut self, hold: Option<HoldId>, index: SeatIndex, message: M)
    where
        AccountActor: Handler<M, Result = ()>,
        M: Message<Result = ()> + Send + 'static,
    {
        let Some(occupant) = self.seats.active(index) else { return };
        occupant.address.do_send(message);
        if let Some((worker, place)) = self.place_of(index) {
            worker.crew.note(place, hold);
        }
    }

    /// Has the accounts go on that were sent something.
    pub(super) fn tell_workers(&mut self) {
        for worker in &mut self.workers {
            worker.crew.tell();
        }
    }
}
