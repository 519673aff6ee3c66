//! What a worker's accounts run on: each is handed its next message when its turn comes.
//!
//! The supervisor says whose mailbox it put a message into, in the order in which it did, and the runner goes through that
//! list: one message for each entry. A task for each account would have to be woken by each message, and the
//! memory of the account that comes next would be known only when its turn has come. Here it is known some messages ahead, and asked
//! for at once for several accounts, which takes hardly longer than for one (decision 0020).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::task::AtomicWaker;
use parking_lot::Mutex;

use super::{AccountContext, Running, SeatIndex};
use crate::ledger::CommandId;

/// For so many messages the accounts' memory is asked for at once.
const TOUCHED_AT_ONCE: usize = 16;

/// Accounts in a part of the table: parts are made as they are needed, and never moved.
const PART: usize = 256;

/// What the supervisor tells a worker.
#[derive(Default)]
struct Notices {
    /// Accounts that come to life.
    started: Vec<(SeatIndex, Running)>,
    /// Who has a message, once for each, and the hold that it asks about.
    mail: Vec<(SeatIndex, Option<CommandId>)>,
}

impl Notices {
    const fn is_empty(&self) -> bool {
        self.started.is_empty() && self.mail.is_empty()
    }
}

#[derive(Default)]
struct Shared {
    notices: Mutex<Notices>,
    runner: AtomicWaker,
}

/// The supervisor's end of a worker.
#[derive(Default)]
pub(crate) struct RunQueue {
    /// What the worker is told next.
    notices: Notices,
    shared: Arc<Shared>,
}

impl RunQueue {
    /// The future that runs this queue's accounts. There is one for a queue, and it never ends.
    pub(crate) fn runner(&self, context: AccountContext) -> Runner {
        Runner { shared: Arc::clone(&self.shared), taken: Notices::default(), accounts: Accounts::default(), context }
    }

    /// Has an account run, at a seat that no other one has.
    pub(crate) fn start(&mut self, seat: SeatIndex, running: Running) {
        self.notices.started.push((seat, running));
    }

    /// Notes that a message was put into the mailbox of the account at `seat`, and which of its holds it asks about.
    pub(crate) fn note(&mut self, seat: SeatIndex, hold: Option<CommandId>) {
        self.notices.mail.push((seat, hold));
    }

    /// Tells the worker.
    pub(crate) fn tell(&mut self) {
        if self.notices.is_empty() {
            return;
        }
        let mut told = self.shared.notices.lock();
        if told.is_empty() {
            std::mem::swap(&mut *told, &mut self.notices);
            drop(told);
            self.shared.runner.wake();
        } else {
            told.started.append(&mut self.notices.started);
            told.mail.append(&mut self.notices.mail);
        }
    }
}

/// The accounts of a worker, by their seats.
#[derive(Default)]
struct Accounts {
    parts: Vec<Vec<Option<Running>>>,
}

impl Accounts {
    fn get_mut(&mut self, SeatIndex(seat): SeatIndex) -> Option<&mut Option<Running>> {
        let seat = seat as usize;
        self.parts.get_mut(seat / PART)?.get_mut(seat % PART)
    }

    fn get(&self, SeatIndex(seat): SeatIndex) -> Option<&Running> {
        let seat = seat as usize;
        self.parts.get(seat / PART)?.get(seat % PART)?.as_ref()
    }

    fn put(&mut self, seat: SeatIndex, running: Running) {
        while self.parts.len() <= seat.0 as usize / PART {
            self.parts.push(Vec::new());
        }
        if let Some(part) = self.parts.get_mut(seat.0 as usize / PART)
            && part.is_empty()
        {
            part.resize_with(PART, || None);
        }
        if let Some(place) = self.get_mut(seat) {
            *place = Some(running);
        }
    }
}

/// Runs a worker's accounts.
pub(crate) struct Runner {
    shared: Arc<Shared>,
    taken: Notices,
    accounts: Accounts,
    context: AccountContext,
}

impl Future for Runner {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let Runner { shared, taken, accounts, context } = self.get_mut();
        shared.runner.register(task.waker());
        std::mem::swap(&mut *shared.notices.lock(), taken);
        for (seat, running) in taken.started.drain(..) {
            accounts.put(seat, running);
        }
        for mail in taken.mail.chunks(TOUCHED_AT_ONCE) {
            for (seat, hold) in mail {
                if let Some(running) = accounts.get(*seat) {
                    running.look_at(*hold);
                }
            }
            for (seat, _) in mail {
                let Some(place) = accounts.get_mut(*seat) else { continue };
                // No message wakes anybody: who sends it says so.
                let mut nobody = Context::from_waker(Waker::noop());
                if place.as_mut().is_some_and(|running| running.take_one(context, &mut nobody) == Poll::Ready(false)) {
                    *place = None;
                }
            }
            context.tell();
        }
        taken.mail.clear();
        // What came meanwhile has woken this again, behind the others on this thread.
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use actix::AsyncContext;

    use super::super::tests::{Nobody, account, terms, ticket, won};
    use super::super::{AccountActor, Credit, Debit, Outbox, Reply, Retire};
    use super::*;

    /// Counts how often a runner was woken.
    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    struct Worker {
        queue: RunQueue,
        runner: Runner,
        outbox: Outbox,
        wakes: Arc<Wakes>,
        _supervisor: actix::Context<Nobody>,
    }

    impl Worker {
        fn new() -> Worker {
            let supervisor = actix::Context::<Nobody>::new();
            let outbox = Outbox::new(0, supervisor.address().recipient());
            let queue = RunQueue::default();
            let runner = queue.runner(AccountContext::new(outbox.clone(), Arc::default()));
            Worker { queue, runner, outbox, wakes: Arc::default(), _supervisor: supervisor }
        }

        fn start(&mut self, seat: u32) -> actix::Addr<AccountActor> {
            let seat = SeatIndex(seat);
            let (address, running) = Running::new(AccountActor::new(seat, account(100), Vec::new()));
            self.queue.start(seat, running);
            address
        }

        fn debit(&mut self, address: &actix::Addr<AccountActor>, seat: u32, place: u32) {
            address.do_send(Debit { ticket: ticket(place), terms: terms(10), all_decided: false, hold: None });
            self.queue.note(SeatIndex(seat), None);
        }

        fn credit(&mut self, address: &actix::Addr<AccountActor>, seat: u32, place: u32) {
            address.do_send(Credit { ticket: ticket(place), amount: won(10), expected: false });
            self.queue.note(SeatIndex(seat), None);
        }

        /// Lets the runner go on, and returns the tickets that were answered, or the seats that retired.
        fn run(&mut self) -> Vec<u32> {
            let waker = Waker::from(Arc::clone(&self.wakes));
            assert!(Pin::new(&mut self.runner).poll(&mut Context::from_waker(&waker)).is_pending());
            let mut replies = Vec::new();
            self.outbox.swap(&mut replies);
            let place = |reply| match reply {
                Reply::Debited { ticket, .. } | Reply::Credited { ticket } => ticket.place,
                Reply::Retired { seat, .. } => seat.0,
                other => panic!("{other:?}"),
            };
            replies.into_iter().map(place).collect()
        }

        fn wakes(&self) -> usize {
            self.wakes.0.load(Ordering::Relaxed)
        }
    }

    #[test]
    fn messages_are_handled_in_the_order_in_which_they_were_sent_and_only_once_told() {
        let mut worker = Worker::new();
        let (one, other) = (worker.start(0), worker.start(700));
        worker.debit(&one, 0, 1);
        worker.credit(&other, 700, 2);
        worker.debit(&one, 0, 3);
        assert_eq!(worker.run(), [0u32; 0]);
        worker.queue.tell();
        assert_eq!(worker.wakes(), 1);
        worker.credit(&other, 700, 4);
        worker.queue.tell();
        assert_eq!(worker.wakes(), 1, "it is awake");
        assert_eq!(worker.run(), [1, 2, 3, 4]);
        for place in 5..45 {
            worker.credit(&one, 0, place);
        }
        worker.queue.tell();
        assert_eq!(worker.run(), (5..45).collect::<Vec<u32>>());
        worker.queue.tell();
        assert_eq!(worker.wakes(), 2, "there was nothing to tell");
    }

    #[test]
    fn a_seat_is_free_for_another_account_once_one_has_retired() {
        let mut worker = Worker::new();
        let first = worker.start(300);
        worker.debit(&first, 300, 1);
        first.do_send(Retire);
        worker.queue.note(SeatIndex(300), None);
        worker.queue.tell();
        assert_eq!(worker.run(), [1, 300]);
        assert!(!first.connected(), "its mailbox is gone");
        let second = worker.start(300);
        worker.debit(&second, 300, 2);
        worker.queue.tell();
        assert_eq!(worker.run(), [2]);
    }
}
