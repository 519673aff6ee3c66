//! What an account's actor runs in: its mailbox, and whether it goes on.
//!
//! actix's own context has room for futures as well that an actor spawns or waits for, which an account never does. A
//! message comes to an account whose memory has gone cold, and so every line of it that is looked at costs as much as the
//! decision: without that room it is a third less (decision 0019).

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix::dev::channel::{AddressReceiver, channel};
use actix::dev::{Envelope, EnvelopeProxy, OneshotSender, ToEnvelope};
use actix::{ActorContext, ActorState, Addr, Handler, Message};
use futures::Stream;

use super::AccountActor;

/// actix's bound makes senders wait that ask first. The supervisor does not: what is under way is bounded by the handle.
const UNBOUNDED: usize = 0;

/// Whether an account goes on.
#[derive(Debug, Default)]
pub(crate) struct AccountContext {
    is_stopped: bool,
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

/// An account's actor while it runs: a future that ends when the actor stops, or nobody can send it anything any more.
pub(crate) struct Running {
    actor: AccountActor,
    context: AccountContext,
    mailbox: AddressReceiver<AccountActor>,
}

impl Running {
    /// The future of an actor, and where it gets its messages. It does nothing until it is polled.
    pub(crate) fn new(actor: AccountActor) -> (Addr<AccountActor>, Running) {
        let (sender, mailbox) = channel(UNBOUNDED);
        (Addr::new(sender), Running { actor, context: AccountContext::default(), mailbox })
    }
}

impl Future for Running {
    type Output = ();

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        let Running { actor, context, mailbox } = self.get_mut();
        while !context.is_stopped {
            match Pin::new(&mut *mailbox).poll_next(task) {
                Poll::Ready(Some(mut envelope)) => envelope.handle(actor, context),
                Poll::Pending if mailbox.connected() => return Poll::Pending,
                Poll::Pending | Poll::Ready(None) => break,
            }
        }
        Poll::Ready(())
    }
}
