//! What an account's actor runs in: its mailbox, and what it shares with the others of its worker: where its answers gather,
//! and whether it goes on.
//!
//! actix's own context has room for futures as well that an actor spawns or waits for, which an account never does. A
//! message comes to an account whose memory has gone cold, and so every line of it that is looked at costs as much as the
//! decision: without that room it is a third less (decision 0019).

#[cfg(any(test, feature = "testing"))]
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix::dev::channel::{AddressReceiver, channel};
use actix::dev::{Envelope, EnvelopeProxy, OneshotSender, ToEnvelope};
use actix::{ActorContext, ActorState, Addr, Handler, Message};
use futures::Stream;

use super::{AccountActor, Outbox, Reply};
use crate::ledger::HoldId;
use crate::meters::WorkerMeters;

/// actix's bound makes senders wait that ask first. The supervisor does not: what is under way is bounded by the handle.
const UNBOUNDED: usize = 0;

/// What a worker's accounts have in common, one of them at a time.
pub(crate) struct AccountContext {
    is_stopped: bool,
    /// Answers that the supervisor has not been told yet, in the order in which they were given.
    replies: Vec<Reply>,
    outbox: Outbox,
    pub(super) meters: Arc<WorkerMeters>,
}

impl AccountContext {
    pub(crate) const fn new(outbox: Outbox, meters: Arc<WorkerMeters>) -> AccountContext {
        AccountContext { is_stopped: false, replies: Vec::new(), outbox, meters }
    }

    /// Gives an answer, which the supervisor gets with those before it when it is told.
    pub(super) fn answer(&mut self, reply: Reply) {
        self.replies.push(reply);
    }

    /// Tells the supervisor what was answered.
    pub(crate) fn tell(&mut self) {
        self.outbox.add(&mut self.replies);
    }
}

impl ActorContext for AccountContext {
    fn stop(&mut self) {
        self.is_stopped = true;
    }

    fn terminate(&mut self) {
        self.is_stopped = true;
    }

    fn state(&self) -> ActorState {
        if self.is_stopped { ActorState::Stopped } else { ActorState::Running }
    }
}

impl<M> ToEnvelope<AccountActor, M> for AccountContext
where
    M: Message<Result = ()> + Send + 'static,
    AccountActor: Handler<M, Result = ()>,
{
    fn pack(message: M, done: Option<OneshotSender<()>>) -> Envelope<AccountActor> {
        Envelope::with_proxy(Box::new(Sealed(Some((message, done)))))
    }
}

/// A message in a mailbox, and who is told that it was handled.
struct Sealed<M>(Option<(M, Option<OneshotSender<()>>)>);

impl<M> EnvelopeProxy<AccountActor> for Sealed<M>
where
    M: Message<Result = ()> + Send + 'static,
    AccountActor: Handler<M, Result = ()>,
{
    fn handle(&mut self, actor: &mut AccountActor, context: &mut AccountContext) {
        let Some((message, done)) = self.0.take() else { return };
        Handler::handle(actor, message, context);
        if let Some(done) = done {
            // An error means that who asked is gone.
            let _ = done.send(());
        }
    }
}

/// An account's actor and its mailbox.
///
/// It begins with a line of the processor's cache, so that what stands together in it stays so.
#[repr(C, align(64))]
pub(crate) struct Running {
    actor: AccountActor,
    mailbox: AddressReceiver<AccountActor>,
}

impl Running {
    /// An actor, and where it gets its messages.
    pub(crate) fn new(actor: AccountActor) -> (Addr<AccountActor>, Running) {
        let (sender, mailbox) = channel(UNBOUNDED);
        (Addr::new(sender), Running { actor, mailbox })
    }

    /// Handles the message that came first, or has `task` woken by the next one. Returns whether the actor goes on: not when
    /// it has stopped, or nobody can send it anything any more.
    pub(crate) fn take_one(&mut self, context: &mut AccountContext, task: &mut Context<'_>) -> Poll<bool> {
        match Pin::new(&mut self.mailbox).poll_next(task) {
            Poll::Ready(Some(mut envelope)) => {
                context.is_stopped = false;
                envelope.handle(&mut self.actor, context);
                Poll::Ready(!context.is_stopped)
            }
            Poll::Pending if self.mailbox.connected() => Poll::Pending,
            Poll::Pending | Poll::Ready(None) => Poll::Ready(false),
        }
    }

    /// Asks for the memory that the next message will need, which may ask about `hold`.
    pub(super) fn look_at(&self, hold: Option<HoldId>) {
        black_box(self.mailbox.connected());
        self.actor.look_at(hold);
    }
}

/// An account by itself, as a future.
#[cfg(any(test, feature = "testing"))]
pub(super) struct Alone {
    running: Running,
    context: AccountContext,
}

#[cfg(any(test, feature = "testing"))]
impl Alone {
    pub(super) const fn new(running: Running, context: AccountContext) -> Alone {
        Alone { running, context }
    }
}

#[cfg(any(test, feature = "testing"))]
impl Future for Alone {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let Alone { running, context } = self.get_mut();
        let taken = running.take_one(context, task);
        context.tell();
        match taken {
            Poll::Ready(true) => {
                // Others may come in between two messages of this account.
                task.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(false) => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        }
    }
}
