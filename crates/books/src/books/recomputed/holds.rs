//! Recomputes draws on holds and their amendments.

use super::debits::check_fee_account;
use super::terms::Asked;
use super::{Before, Look};
use jangbu_ledger::{
    Amount, Body, Draw, Event, HoldAmended, HoldDrawn, HoldEnd, PostingKind, Timestamp, decide_amend, decide_draw,
};

impl Look<'_> {
    /// Checks money that left a hold, in the whole record or in one of its steps.
    pub(super) fn drawn(&mut self, before: &mut Before<'_>, told: &HoldDrawn) -> Result<(), String> {
        let drawn = told.drawn;
        let draw = match drawn.end {
            None => Draw::Settle { amount: Some(drawn.amount), last: false },
            Some(HoldEnd::Settled) => Draw::Settle { amount: Some(drawn.amount), last: true },
            Some(HoldEnd::Voided) => Draw::Void { rejected: false },
            Some(HoldEnd::Rejected) => Draw::Void { rejected: true },
            Some(HoldEnd::Expired) => Draw::Expire,
        };
        let now = self.moment_of(draw);
        let hold = before.hold(told.from, told.place())?;
        let id = hold.id;
        match decide_draw(hold, draw, now) {
            Ok(right) if right == drawn => {}
            Ok(right) => {
                return Err(format!(
                    "the draw on the hold {id} is recorded as {drawn:?}, but the rules give {right:?}"
                ));
            }
            Err(why) => return Err(format!("the hold {id} could not be drawn on at {now}: {why}")),
        }
        hold.draw(&drawn);
        check_fee_account(before, told.from, drawn.fee.saturating_add(drawn.fee_released), told.fees)?;
        let mut failed = None;
        told.for_each_leg(&mut |id, event: Event<'_>| failed = failed.take().or(before.apply(id, event).err()));
        failed.map_or(Ok(()), Err)
    }

    /// Returns the most favourable moment at which it may have been decided: the clock may have advanced until it was
    /// recorded, and may go back while a group's steps are decided.
    fn moment_of(&self, draw: Draw) -> Timestamp {
        match (draw, &self.record.body) {
            (Draw::Expire, _) => self.record.recorded_at,
            (_, Body::Linked(_)) => Timestamp::from_ns(i64::MIN),
            _ => self.record.decided_at,
        }
    }

    /// Checks a hold that was extended or raised.
    pub(super) fn amended(&mut self, before: &mut Before<'_>, told: &HoldAmended) -> Result<(), String> {
        let amended = told.amended;
        let hold = before.hold(told.from, told.place())?.clone();
        let receiver = before.account(told.to)?.clone();
        let books = before.books;
        let sender = &*before.account(told.from)?;
        let raise_to = (!amended.raised.is_zero()).then(|| hold.amount.saturating_add(amended.raised));
        let expires_at = amended.expires_at.filter(|at| hold.expires_at != Some(*at));
        let (kind, date) = (PostingKind::Transfer, amended.date);
        let asked = Asked { kind, sender, receiver: &receiver, amount: Amount::ZERO, date };
        // Whether it had expired is not known to the moment; see `moment_of`.
        let now = Timestamp::from_ns(i64::MIN);
        self.on_some_terms(books, asked, |terms| match decide_amend(sender, &hold, raise_to, expires_at, terms, now) {
            Ok(right) if right == amended => Ok(()),
            Ok(right) => Err(format!(
                "the amendment of the hold {} is recorded as {amended:?}, but the rules give {right:?}",
                hold.id
            )),
            Err(why) => Err(format!("the hold {} could not be amended like this: {why}", hold.id)),
        })
    }
}
