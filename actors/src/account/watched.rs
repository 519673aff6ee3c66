//! An account that somebody watches: its last messages, noted in a ring while they are asked for.
//!
//! Nobody watches most accounts: then a message costs one look whether there is a ring. The ring goes by itself some
//! seconds after the last question, with the next message.

use std::collections::VecDeque;
use std::sync::Arc;

use actix::{Handler, Message};
use tokio::sync::oneshot;

use super::actor::{AccountActor, Handle};
use super::{Accept, Accepted, AccountContext, Amend, Conclude, Credit, Debit, Decided, DrawHold, Refund, Save, Vary};
use crate::clock::Clock;
use crate::ledger::{Amount, HoldId, Timestamp};
use crate::views::{WatchedMessage, WatchedMessageKind, WatchedMessageOutcome};

/// So many messages are kept.
const KEPT: usize = 64;

/// Tell the messages that were noted, and go on noting them until `until`.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Watch {
    /// By which the messages are timed. No decision looks at it.
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) until: Timestamp,
    pub(crate) reply: oneshot::Sender<Vec<WatchedMessage>>,
}

/// The last messages of an account.
pub(super) struct Ring {
    clock: Arc<dyn Clock>,
    until: Timestamp,
    heard: VecDeque<WatchedMessage>,
    /// How many there have been.
    count: u64,
}

/// A message, as who watches is told of it.
pub(super) trait Told {
    /// What it is.
    const KIND: WatchedMessageKind;

    /// The money that it is about.
    fn amount(&self) -> Option<Amount> {
        None
    }

    /// The hold that it is about.
    fn hold(&self) -> Option<HoldId> {
        None
    }
}

impl Told for Debit {
    const KIND: WatchedMessageKind = WatchedMessageKind::Debit;

    fn amount(&self) -> Option<Amount> {
        Some(self.terms.amount)
    }

    fn hold(&self) -> Option<HoldId> {
        self.hold.as_ref().map(|terms| terms.id)
    }
}

impl Told for Credit {
    const KIND: WatchedMessageKind = WatchedMessageKind::Credit;

    fn amount(&self) -> Option<Amount> {
        Some(self.amount)
    }
}

impl Told for Accept {
    const KIND: WatchedMessageKind = WatchedMessageKind::Accept;

    fn amount(&self) -> Option<Amount> {
        let (Accepted::Credited(amount) | Accepted::Expected(amount) | Accepted::Brought { amount, .. }) = self.event;
        Some(amount)
    }
}

impl Told for DrawHold {
    const KIND: WatchedMessageKind = WatchedMessageKind::DrawHold;

    fn hold(&self) -> Option<HoldId> {
        Some(self.hold)
    }
}

impl Told for Amend {
    const KIND: WatchedMessageKind = WatchedMessageKind::AmendHold;

    fn amount(&self) -> Option<Amount> {
        self.raise_to
    }

    fn hold(&self) -> Option<HoldId> {
        Some(self.hold)
    }
}

impl Told for Save {
    const KIND: WatchedMessageKind = WatchedMessageKind::Save;
}

impl Told for Conclude {
    const KIND: WatchedMessageKind = WatchedMessageKind::Conclude;
}

impl Told for Refund {
    const KIND: WatchedMessageKind = WatchedMessageKind::Refund;
}

impl Told for Decided {
    const KIND: WatchedMessageKind = WatchedMessageKind::Decided;
}

impl Told for Vary {
    const KIND: WatchedMessageKind = WatchedMessageKind::Change;
}

impl AccountActor {
    /// Handles a message, and notes what became of it.
    #[cold]
    #[inline(never)]
    pub(super) fn handle_watched<M: Told>(&mut self, message: M, context: &mut AccountContext, handle: Handle<M>) {
        let (amount, hold) = (message.amount(), message.hold());
        let before = (self.account.version, self.undecided.len(), self.waiting());
        handle(self, message, context);
        let (undecided, waiting) = (self.undecided.len(), self.waiting());
        let changed = self.account.version != before.0;
        let outcome = match M::KIND {
            _ if waiting > before.2 => WatchedMessageOutcome::Waits,
            _ if changed => WatchedMessageOutcome::Applied,
            WatchedMessageKind::Debit
            | WatchedMessageKind::Credit
            | WatchedMessageKind::DrawHold
            | WatchedMessageKind::AmendHold
            | WatchedMessageKind::Change => WatchedMessageOutcome::Refused,
            _ if undecided != before.1 => WatchedMessageOutcome::Applied,
            _ => WatchedMessageOutcome::Nothing,
        };
        let posted = self.account.posted;
        let Some(ring) = &mut self.watched else { return };
        let at = ring.clock.now();
        if at > ring.until {
            self.watched = None;
            return;
        }
        ring.count = ring.count.saturating_add(1);
        if ring.heard.len() >= KEPT {
            ring.heard.pop_front();
        }
        ring.heard.push_back(WatchedMessage {
            number: ring.count,
            at,
            kind: M::KIND,
            amount,
            hold,
            outcome,
            posted,
            undecided: undecided as u64,
            waiting: waiting as u64,
        });
    }
}

impl Handler<Watch> for AccountActor {
    type Result = ();
    fn handle(&mut self, Watch { clock, until, reply }: Watch, _: &mut AccountContext) {
        let fresh = || Box::new(Ring { clock, until, heard: VecDeque::new(), count: 0 });
        let ring = self.watched.get_or_insert_with(fresh);
        ring.until = until;
        // An error means that who asked is gone.
        let _ = reply.send(ring.heard.iter().cloned().collect());
    }
}
