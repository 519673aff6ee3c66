//! What an account does with its recorded holds, and with the steps of a group.

use super::actor::{AccountActor, Granted, Saved};
use super::{AccountContext, Amend, Decline, DrawHold, Reply};
use crate::ledger::{Event, Exposure, apply, decide_amend, decide_draw};

impl AccountActor {
    /// Settles, voids or expires a hold. Its money is set aside, so no other debit can make the outcome another.
    ///
    /// `None` when it has to wait: it gives a free transfer back while a debit is undecided that has paid for having
    /// none. In the journal that debit would come after the free transfer, and have paid all the same.
    pub(super) fn try_draw(&mut self, draw: &DrawHold, context: &mut AccountContext) -> Option<()> {
        let ticket = draw.ticket;
        // It is recorded, and so decided, even if this account has not been told.
        if let Some(at) = self.undecided.iter().position(|granted| granted.hold == Some(draw.hold)) {
            let granted = self.undecided.swap_remove(at);
            self.exposure.settle(&granted.debited, true);
        }
        let Some(hold) = self.holds.get_mut(&draw.hold) else {
            context.answer(Reply::HoldGone { ticket });
            return Some(());
        };
        let drawn = match decide_draw(hold, draw.draw, draw.now) {
            Ok(drawn) => drawn,
            Err(refusal) => {
                let refusal = Box::new(refusal);
                context.answer(Reply::Refused { ticket, step: Decline::Hold, refusal });
                return Some(());
            }
        };
        let has_paid = |granted: &Granted| !granted.debited.fee.is_zero() && granted.debited.date == drawn.date;
        if drawn.uncounted && self.undecided.iter().any(has_paid) {
            return None;
        }
        if let Err(fault) = apply(&mut self.account, Event::Drawn(drawn)) {
            context.answer(Reply::Broken { what: fault.to_string() });
            return Some(());
        }
        hold.draw(&drawn);
        if drawn.end.is_some() {
            self.holds.remove(&draw.hold);
        }
        self.exposure.draw(&drawn);
        context.answer(Reply::Drawn { ticket, drawn });
        Some(())
    }

    /// Extends or raises a hold.
    pub(super) fn amend(&mut self, amend: &Amend, context: &mut AccountContext) {
        self.all_decided();
        let ticket = amend.ticket;
        let Some(hold) = self.holds.get_mut(&amend.hold) else {
            return context.answer(Reply::HoldGone { ticket });
        };
        let Amend { raise_to, expires_at, terms, now, .. } = amend;
        let amended = match decide_amend(&self.account, hold, *raise_to, *expires_at, terms, *now) {
            Ok(amended) => amended,
            Err(refusal) => {
                let refusal = Box::new(refusal);
                return context.answer(Reply::Refused { ticket, step: Decline::Hold, refusal });
            }
        };
        if let Err(fault) = apply(&mut self.account, Event::Amended(amended)) {
            return context.answer(Reply::Broken { what: fault.to_string() });
        }
        hold.amend(&amended);
        context.answer(Reply::Amended { ticket, amended });
    }

    /// Remembers the state. Nothing of the account is in flight, so nothing is undecided.
    pub(super) fn save(&mut self) {
        self.all_decided();
        self.saved = Some(Box::new(Saved { account: self.account.clone(), holds: self.holds.clone() }));
    }

    /// Keeps what a group's steps did, or takes all of it back.
    pub(super) fn conclude(&mut self, keep: bool, context: &mut AccountContext) {
        let Some(saved) = self.saved.take() else {
            let what = format!("account {}: the end of a group that it has no part in", self.account.number);
            return context.answer(Reply::Broken { what });
        };
        if !keep {
            (self.account, self.holds) = (saved.account, saved.holds);
        }
        self.undecided.clear();
        self.exposure = Exposure::none(&self.account);
    }
}
