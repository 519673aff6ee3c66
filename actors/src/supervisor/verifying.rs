//! Holds that wait for their verification: handed over when they are durable, settled or voided by the verdict.

use std::collections::VecDeque;

use crate::command::{Command, SettleHold, VoidHold};
use crate::ledger::{CommandId, Position};
use crate::verification::{Submission, VerdictReady};

use super::core::Core;
use super::effects::Effect;
use super::flights::{AnswerTo, Flow};
use super::open_holds::OpenHold;

/// Holds that wait until they are durable, to be handed to the verifier.
#[derive(Default)]
pub(super) struct ToVerify {
    /// Whether there is a verifier.
    has_verifier: bool,
    /// In the order of their positions.
    queue: VecDeque<Submission>,
}

impl ToVerify {
    pub(super) const fn has_verifier(&self) -> bool {
        self.has_verifier
    }

    /// Notes a hold, if it is to be verified, once it is durable.
    pub(super) fn add(&mut self, hold: CommandId, open: &OpenHold) {
        if open.requires_verification && self.has_verifier {
            self.queue.push_back(submission(hold, open));
        }
    }
}

impl Core {
    /// Begins to verify: first of all the holds that waited when the bank was opened, in the order of their places.
    pub(super) fn begin_to_verify(&mut self) {
        self.tables.to_verify.has_verifier = true;
        let mut waiting: Vec<_> = self.tables.open_holds.verified().collect();
        waiting.sort_unstable_by_key(|(_, open)| open.placed);
        self.tables.to_verify.queue.clear();
        for (hold, open) in waiting {
            self.tables.to_verify.add(hold, &open);
        }
        self.verify_durable();
    }

    /// Hands over what is durable, unless it ended before it was, or the clock is not believed: the verdict would settle by
    /// it.
    pub(super) fn verify_durable(&mut self) {
        if self.timekeeper.is_ahead() || !self.tables.to_verify.has_verifier {
            return;
        }
        let durable = self.tables.appender.durable();
        while let Some(submission) = self.tables.to_verify.queue.front().copied().filter(|next| next.placed <= durable)
        {
            self.tables.to_verify.queue.pop_front();
            if self.tables.open_holds.get(submission.hold.into()).is_some() {
                self.effects.push(Effect::Verify(submission));
            }
        }
    }

    /// A verdict: the hold is settled or voided, unless somebody else ended it meanwhile.
    pub(super) fn verdict(&mut self, VerdictReady { hold, rejected }: VerdictReady) {
        let Some(open) = self.tables.open_holds.get(hold.into()).copied().filter(|_| !self.is_closing) else {
            // A bank that closes begins nothing: the hold is verified again at the next opening.
            return;
        };
        if self.timekeeper.is_ahead() {
            // The verifier goes by the clock too, and may have found its deadline passed. It is asked again when the clock
            // is believed.
            return self.tables.to_verify.add(hold, &open);
        }
        // The hold itself sees to it that this happens once, so that any new id will do.
        let command = match rejected {
            None => Command::SettleHold(SettleHold::all(hold)),
            Some(reason) => {
                let void = VoidHold { rejected: true, reason: Some(reason), ..VoidHold::new(hold) };
                Command::VoidHold(void)
            }
        };
        let content = command.content();
        let ticket = self.take_off(command, content, AnswerTo::Nobody, Flow::Admitted);
        self.start(ticket);
    }

    /// The holds behind `after` that wait for their verification, in the order of their places, and how many wait in all.
    pub(super) fn queued(&self, after: Position, limit: usize) -> (Vec<(Position, CommandId)>, usize) {
        let mut count = 0usize;
        // The first ones are kept, the last of them on top.
        let mut first = std::collections::BinaryHeap::with_capacity(limit.saturating_add(1));
        for (hold, open) in self.tables.open_holds.verified() {
            count = count.saturating_add(1);
            if open.placed > after {
                first.push((open.placed, hold));
                if first.len() > limit {
                    first.pop();
                }
            }
        }
        (first.into_sorted_vec(), count)
    }

    /// Has a hold verified again, now; tells whether it waits for its verification and there is a verifier.
    pub(super) fn verify_again(&mut self, hold: CommandId) -> bool {
        let durable = self.tables.appender.durable();
        let open =
            self.tables.open_holds.get(hold.into()).filter(|open| open.requires_verification && open.placed <= durable);
        let Some(open) = open.filter(|_| self.tables.to_verify.has_verifier) else { return false };
        self.effects.push(Effect::VerifyAgain(submission(hold, open)));
        true
    }
}

/// What the verifier is asked about: the hold as it is, whose amount stays as long as it waits.
const fn submission(hold: CommandId, open: &OpenHold) -> Submission {
    Submission { hold, placed: open.placed, from: open.from, to: open.to, amount: open.amount }
}
