//! What a worker's accounts run on: each is handed its next message when its turn comes.
//!
//! The supervisor says whose mailbox it put a message into, in the order in which it did, and the runner goes through that
//! list: one message for each entry. A task for each account would have to be woken by each message, and the
//! memory of the account that comes next would be known only when its turn has come. Here it is known some messages ahead, and asked
//! for at once for several accounts, which takes hardly longer than for one (decision 0020).

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::task::AtomicWaker;
use parking_lot::Mutex;

use super::{AccountContext, Reply, Running};
use crate::journal::panic_text;
use crate::ledger::HoldId;
use crate::plant::{Spot, panic_if_planted};

/// For so many messages the accounts' memory is asked for at once.
const AT_ONCE: usize = 16;

/// Accounts in a part of the table: parts are made as they are needed, and never moved.
const PART: usize = 256;

/// The place of an account among those of its worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WorkerPlace(pub(crate) u32);

/// What the supervisor tells a worker.
#[derive(Default)]
struct Notices {
    /// Accounts that come to life.
    started: Vec<(WorkerPlace, Running)>,
    /// Who has a message, once for each, and the hold that it asks about.
    mail: Vec<(WorkerPlace, Option<HoldId>)>,
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
    pub(super) fn runner(&self, context: AccountContext) -> Runner {
        Runner { shared: Arc::clone(&self.shared), taken: Notices::default(), accounts: Accounts::default(), context }
    }

    /// Has an account run, at a place that no other one has.
    pub(super) fn start(&mut self, place: WorkerPlace, running: Running) {
        self.notices.started.push((place, running));
    }

    /// Notes that a message was put into the mailbox of the account at `place`, and which of its holds it asks about.
    pub(super) fn note(&mut self, place: WorkerPlace, hold: Option<HoldId>) {
        self.notices.mail.push((place, hold));
    }

    /// Tells the worker.
    pub(super) fn tell(&mut self) {
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

/// The accounts of a worker, by their places.
#[derive(Default)]
struct Accounts {
    parts: Vec<Vec<Option<Running>>>,
}

impl Accounts {
    fn get_mut(&mut self, WorkerPlace(place): WorkerPlace) -> Option<&mut Option<Running>> {
        let place = place as usize;
        self.parts.get_mut(place / PART)?.get_mut(place % PART)
    }

    fn get(&self, WorkerPlace(place): WorkerPlace) -> Option<&Running> {
        let place = place as usize;
        self.parts.get(place / PART)?.get(place % PART)?.as_ref()
    }

    fn put(&mut self, place: WorkerPlace, running: Running) {
        while self.parts.len() <= place.0 as usize / PART {
            let mut part = Vec::new();
            part.resize_with(PART, || None);
            self.parts.push(part);
        }
        if let Some(entry) = self.get_mut(place) {
            *entry = Some(running);
        }
    }

    /// Takes in who was started, and hands out one message for each notice.
    fn run(&mut self, notices: &mut Notices, context: &mut AccountContext) {
        panic_if_planted(Spot::Worker);
        for (place, running) in notices.started.drain(..) {
            self.put(place, running);
        }
        for mail in notices.mail.chunks(AT_ONCE) {
            for (place, hold) in mail {
                if let Some(running) = self.get(*place) {
                    running.look_at(*hold);
                }
            }
            for (place, _) in mail {
                let Some(entry) = self.get_mut(*place) else { continue };
                // No message wakes anybody: who sends it says so.
                let mut nobody = Context::from_waker(Waker::noop());
                if entry.as_mut().is_some_and(|running| running.take_one(context, &mut nobody) == Poll::Ready(false)) {
                    *entry = None;
                }
            }
            context.tell();
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
        let run = catch_unwind(AssertUnwindSafe(|| accounts.run(taken, context)));
        if let Err(panic) = run {
            // Handlers catch their own; without this, a panic of anything else would silently end all of the worker's accounts.
            let what = format!("a worker panicked: {}", panic_text(&panic));
            context.answer(Reply::Broken { what });
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
    use super::super::{AccountActor, Credit, Debit, Outbox, Reply, Retire, SeatIndex};
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
            let (address, running) = Running::new(AccountActor::new(SeatIndex(seat), account(100), Vec::new()));
            self.queue.start(WorkerPlace(seat), running);
            address
        }

        fn debit(&mut self, address: &actix::Addr<AccountActor>, seat: u32, place: u32) {
            address.do_send(Debit { ticket: ticket(place), terms: terms(10), all_decided: false, hold: None });
            self.queue.note(WorkerPlace(seat), None);
        }

        fn credit(&mut self, address: &actix::Addr<AccountActor>, seat: u32, place: u32) {
            address.do_send(Credit { ticket: ticket(place), amount: won(10), expected: false });
            self.queue.note(WorkerPlace(seat), None);
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
        worker.queue.note(WorkerPlace(300), None);
        worker.queue.tell();
        assert_eq!(worker.run(), [1, 300]);
        assert!(!first.connected(), "its mailbox is gone");
        let second = worker.start(300);
        worker.debit(&second, 300, 2);
        worker.queue.tell();
        assert_eq!(worker.run(), [2]);
    }
}
