//! The workers: where accounts run, where their answers come from, and how they are sent something.

use std::hint::black_box;

use actix::{Addr, Handler, Message};

use super::effects::Effect;
use super::input::LoadedAccount;
use crate::account::{AccountActor, Crew, Outbox, Reply, SeatIndex, ToAccount, WorkerPlace};
use crate::ledger::HoldId;

/// How many messages' mailboxes are fetched into the processor's cache at once.
const AT_ONCE: usize = 16;

/// Where a worker's accounts run, and where their answers come from.
pub(super) struct Worker {
    pub(super) crew: Crew,
    pub(super) outbox: Outbox,
}

/// All workers, and the mailbox of every active account.
pub(super) struct Workers {
    workers: Vec<Worker>,
    /// By seat.
    mailboxes: Vec<Option<Addr<AccountActor>>>,
}

impl Workers {
    pub(super) const fn new(workers: Vec<Worker>) -> Workers {
        Workers { workers, mailboxes: Vec::new() }
    }

    /// The worker that the account at a seat runs on, and its place there: each worker has every so-manyth seat, so that its
    /// places are as many as its accounts.
    fn place_of(&mut self, SeatIndex(seat): SeatIndex) -> Option<(&mut Worker, WorkerPlace)> {
        let workers = u32::try_from(self.workers.len()).unwrap_or(1);
        let (worker, place) = match workers {
            // Most banks: nothing to divide.
            0 | 1 => (0, seat),
            _ => (seat % workers, seat / workers),
        };
        Some((self.workers.get_mut(worker as usize)?, WorkerPlace(place)))
    }

    /// Starts the actor of an account.
    pub(super) fn start(&mut self, seat: SeatIndex, LoadedAccount { account, holds }: LoadedAccount) {
        let Some((worker, place)) = self.place_of(seat) else { return };
        let mailbox = worker.crew.start(place, AccountActor::new(seat, account, holds));
        let at = seat.0 as usize;
        if at >= self.mailboxes.len() {
            self.mailboxes.resize(at.saturating_add(1), None);
        }
        if let Some(entry) = self.mailboxes.get_mut(at) {
            *entry = Some(mailbox);
        }
    }

    /// Forgets the mailbox of an actor that stopped.
    pub(super) fn forget(&mut self, seat: SeatIndex) {
        if let Some(entry) = self.mailboxes.get_mut(seat.0 as usize) {
            *entry = None;
        }
    }

    fn mailbox(&self, seat: SeatIndex) -> Option<&Addr<AccountActor>> {
        self.mailboxes.get(seat.0 as usize)?.as_ref()
    }

    /// Fetches the mailboxes of the first messages among `coming` into the cache, all at once.
    pub(super) fn prefetch(&self, coming: &[Effect]) {
        for effect in coming.iter().take(AT_ONCE) {
            if let Effect::Send { seat, .. } = effect
                && let Some(mailbox) = self.mailbox(*seat)
            {
                black_box(mailbox.connected());
            }
        }
    }

    /// Sends a message, which may be about one of the account's holds.
    pub(super) fn send(&mut self, seat: SeatIndex, hold: Option<HoldId>, message: ToAccount) {
        let Some(mailbox) = self.mailbox(seat) else { return };
        message.send(mailbox);
        self.note(seat, hold);
    }

    /// Sends a message that is not the core's.
    pub(super) fn send_other<M>(&mut self, seat: SeatIndex, message: M)
    where
        AccountActor: Handler<M, Result = ()>,
        M: Message<Result = ()> + Send + 'static,
    {
        let Some(mailbox) = self.mailbox(seat) else { return };
        mailbox.do_send(message);
        self.note(seat, None);
    }

    fn note(&mut self, seat: SeatIndex, hold: Option<HoldId>) {
        if let Some((worker, place)) = self.place_of(seat) {
            worker.crew.note(place, hold);
        }
    }

    /// Wakes the workers whose accounts have mail.
    pub(super) fn wake(&mut self) {
        for worker in &mut self.workers {
            worker.crew.tell();
        }
    }

    /// Takes the answers of a worker's accounts in exchange for an empty list.
    pub(super) fn take_replies(&self, worker: usize, emptied: &mut Vec<Reply>) {
        if let Some(worker) = self.workers.get(worker) {
            worker.outbox.swap(emptied);
        }
    }
}
