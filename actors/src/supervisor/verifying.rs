//! Holds that wait for their verification: handed over when they are durable, settled or voided by the verdict.

use actix::{Context, Handler};

use crate::command::{Command, SettleHold, VoidHold};
use crate::ledger::{CommandId, Position};
use crate::plant::{Bug, is_planted};
use crate::verification::{Driver, Queued, Submission, VerdictReady};

use super::Supervisor;
use super::flights::{AnswerTo, Stage};
use super::open_holds::OpenHold;
use super::{TellQueued, VerifyAgain};

impl Supervisor {
    /// Begins to verify: first of all the holds that waited when the bank was opened, in the order of their places.
    pub(super) fn verify_with(&mut self, driver: Driver) {
        self.verification = Some(driver);
        let mut waiting: Vec<_> = self.open_holds.verified().collect();
        waiting.sort_unstable_by_key(|(_, open)| open.placed);
        self.to_verify.clear();
        for (hold, open) in waiting {
            self.verify_later(hold, &open);
        }
        self.verify_durable();
    }

    /// Notes a hold that is to be verified once it is durable.
    pub(super) fn verify_later(&mut self, hold: CommandId, open: &OpenHold) {
        if open.verified && self.verification.is_some() {
            self.to_verify.push_back(submission(hold, open));
        }
    }

    /// Hands over what is durable, unless it ended before it was, or the clock is not believed: the verdict would settle by
    /// it.
    pub(super) fn verify_durable(&mut self) {
        if self.timekeeper.is_ahead() {
            return;
        }
        let Some(driver) = &self.verification else { return };
        let durable = self.appender.durable();
        while let Some(submission) = self.to_verify.front().copied().filter(|next| next.placed <= durable) {
            self.to_verify.pop_front();
            if self.open_holds.get(submission.hold.into()).is_some() {
                driver.verify(submission);
            }
        }
    }

    /// A hold ended: nobody is asked about it any more, and the next one has its place.
    pub(super) fn verify_no_more(&self, hold: CommandId) {
        if let Some(driver) = self.verification.as_ref().filter(|_| !is_planted(Bug::EndedHoldsVerified)) {
            driver.forget(hold);
        }
    }

    /// A verdict: the hold is settled or voided, unless somebody else ended it meanwhile.
    pub(super) fn verdict(&mut self, VerdictReady { hold, rejected }: VerdictReady) {
        let Some(open) = self.open_holds.get(hold.into()).copied().filter(|_| !self.is_closing) else {
            // A bank that closes begins nothing: the hold is verified again at the next opening.
            return;
        };
        if self.timekeeper.is_ahead() {
            // The verifier goes by the clock too, and may have found its deadline passed. It is asked again when the clock
            // is believed.
            return self.verify_later(hold, &open);
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
        let ticket = self.take_off(command, content, AnswerTo::Nobody, Stage::Admitted);
        self.start(ticket);
    }

    /// The holds behind `after` that wait for their verification, in the order of their places, and how many wait in all.
    pub(super) fn queued(&self, after: Position, limit: usize) -> (Vec<Queued>, usize) {
        let mut count = 0usize;
        // The first ones are kept, the last of them on top.
        let mut first = std::collections::BinaryHeap::with_capacity(limit.saturating_add(1));
        for (hold, open) in self.open_holds.verified() {
            count = count.saturating_add(1);
            if open.placed > after {
                first.push((open.placed, hold));
                if first.len() > limit {
                    first.pop();
                }
            }
        }
        let queued = first.into_sorted_vec().into_iter().map(|(position, hold)| {
            let (stage, asked) = self.verification.as_ref().map(|driver| driver.stage(hold)).unwrap_or_default();
            Queued { hold, position, stage, asked }
        });
        (queued.collect(), count)
    }

    /// Has a hold verified again, now; tells whether it waits for its verification and there is a verifier.
    pub(super) fn verify_again(&mut self, hold: CommandId) -> bool {
        let durable = self.appender.durable();
        let open = self.open_holds.get(hold.into()).filter(|open| open.verified && open.placed <= durable);
        match (open, &self.verification) {
            (Some(open), Some(driver)) => {
                driver.verify_again(submission(hold, open));
                true
            }
            _ => false,
        }
    }
}

/// What the verifier is asked about: the hold as it is, whose amount stays as long as it waits.
const fn submission(hold: CommandId, open: &OpenHold) -> Submission {
    Submission { hold, placed: open.placed, from: open.from, to: open.to, amount: open.amount }
}

impl Handler<TellQueued> for Supervisor {
    type Result = ();
    fn handle(&mut self, TellQueued { after, limit, reply }: TellQueued, _: &mut Context<Self>) {
        self.guarded(|supervisor| drop(reply.send(supervisor.queued(after, limit))));
    }
}

impl Handler<VerifyAgain> for Supervisor {
    type Result = ();
    fn handle(&mut self, VerifyAgain { hold, reply }: VerifyAgain, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            let _ = reply.send(supervisor.verify_again(hold));
        });
    }
}
