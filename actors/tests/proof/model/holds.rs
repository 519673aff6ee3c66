//! Holds.

use jangbu_actors::command::{AmendHold, PlaceHold, SettleHold, VoidHold};
use jangbu_actors::ledger::{AccountNumber, Details, HoldEnd, HoldId, Refusal, Timestamp};

use super::money::Granted;
use super::{Expected, Model, own};
use crate::support::{amount, units};

#[derive(Clone, Debug)]
pub(crate) struct Hold {
    pub(crate) from: AccountNumber,
    pub(crate) to: AccountNumber,
    pub(crate) amount: i128,
    pub(crate) captured: i128,
    pub(crate) fee: i128,
    pub(crate) placed_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    /// Whether it awaits the verifier's verdict, unless somebody else ends it first.
    pub(crate) requires_verification: bool,
    pub(crate) placed_for: jiff::civil::Date,
    /// The day whose limit can still be returned, the amount, and whether it used a free transfer.
    date: jiff::civil::Date,
    limit_used: i128,
    counted: bool,
    pub(crate) position: u64,
    pub(crate) end: Option<HoldEnd>,
    pub(crate) reason: String,
    pub(crate) details: Details,
}

impl Hold {
    pub(crate) fn remaining(&self) -> i128 {
        if self.end.is_some() { 0 } else { self.amount - self.captured }
    }

    pub(crate) fn held(&self) -> i128 {
        self.remaining() + if self.captured == 0 { self.fee } else { 0 }
    }
}

/// Why nothing can be done with a hold any more.
pub(super) fn over(hold: HoldId, end: HoldEnd) -> Refusal {
    match end {
        HoldEnd::Settled => Refusal::HoldSettled { hold },
        HoldEnd::Voided | HoldEnd::Rejected => Refusal::HoldVoided { hold },
        HoldEnd::Expired => Refusal::HoldExpired { hold },
    }
}

impl Model {
    /// Returns the moment by which holds expire: the clock's reading, but never before the last record.
    pub(super) fn expiry_time(&self) -> Timestamp {
        self.now.max(self.last_recorded_at)
    }

    pub(super) fn place(&mut self, asked: &PlaceHold) -> Result<Expected, Refusal> {
        self.check_placing(asked)?;
        self.check_pair(asked.from, asked.to)?;
        self.set_aside(asked.id.into(), asked)
    }

    /// The checks of a hold that need no account.
    pub(super) fn check_placing(&self, asked: &PlaceHold) -> Result<(), Refusal> {
        Model::check_order(asked.from, asked.to, asked.amount)?;
        match asked.expires_at {
            Some(expires_at) if expires_at <= self.expiry_time() => Err(Refusal::ExpiryPassed { expires_at }),
            _ => Ok(()),
        }
    }

    /// Places the hold between accounts that are known to be compatible.
    pub(super) fn set_aside(&mut self, id: HoldId, asked: &PlaceHold) -> Result<Expected, Refusal> {
        let (from, to) = (asked.from, asked.to);
        let granted = self.grant(from, to, units(asked.amount), false, asked.most_fee)?;
        self.check_receiver(to, granted.amount)?;
        let Granted { amount, fee, date, counted, .. } = granted;
        self.leg(from, 0, amount + fee, 0);
        self.leg(to, 0, 0, amount);
        if fee > 0 {
            let fees = own("FEES", self.accounts[&from].currency);
            self.leg(fees, 0, 0, fee);
        }
        self.use_day(from, granted);
        let hold = Hold {
            from,
            to,
            amount,
            captured: 0,
            fee,
            placed_at: self.now,
            expires_at: asked.expires_at,
            requires_verification: asked.verify,
            placed_for: date,
            date,
            limit_used: amount,
            counted,
            position: self.position,
            end: None,
            reason: String::new(),
            details: asked.details.as_deref().cloned().unwrap_or_default(),
        };
        self.holds.insert(id, hold);
        Ok(Expected::Held { position: self.position, date, amount, fee, expires_at: asked.expires_at })
    }

    pub(super) fn settle(&mut self, asked: &SettleHold) -> Result<Expected, Refusal> {
        if asked.amount.is_some_and(|amount| units(amount) == 0) {
            return Err(Refusal::AmountZero);
        }
        self.open_hold(asked.hold)?;
        let answer = self.capture(asked.hold, asked.amount.map(units), asked.last)?;
        let (from, to) = (self.holds[&asked.hold].from, self.holds[&asked.hold].to);
        self.note_movement(asked.id, from, to, &answer);
        Ok(answer)
    }

    pub(super) fn void(&mut self, asked: &VoidHold) -> Result<Expected, Refusal> {
        self.open_hold(asked.hold)?;
        let end = if asked.rejected { HoldEnd::Rejected } else { HoldEnd::Voided };
        let answer = self.draw(asked.hold, 0, Some(end));
        let reason = asked.reason.as_ref().map(ToString::to_string).unwrap_or_default();
        self.holds.get_mut(&asked.hold).unwrap().reason = reason;
        Ok(answer)
    }

    /// A caller requests the expiry of the hold, which changes nothing before the hold expires.
    pub(super) fn expire_as_asked(&mut self, hold: HoldId) -> Result<Expected, Refusal> {
        let expires_at = self.open_hold(hold)?.expires_at;
        match expires_at.filter(|at| *at <= self.expiry_time()) {
            Some(_) => Ok(self.draw(hold, 0, Some(HoldEnd::Expired))),
            None => Err(Refusal::HoldNotDue { hold }),
        }
    }

    /// Returns the moment at which the next hold expires.
    pub(crate) fn next_expiry(&self) -> Option<(Timestamp, HoldId)> {
        let open = self.holds.iter().filter(|(_, hold)| hold.end.is_none());
        open.filter_map(|(id, hold)| Some((hold.expires_at?, *id))).min()
    }

    /// The bank itself expires the hold at `now`.
    pub(crate) fn expire(&mut self, hold: HoldId, now: Timestamp) {
        self.now = now;
        self.next_record();
        self.draw(hold, 0, Some(HoldEnd::Expired));
    }

    /// Returns the expired holds.
    pub(crate) fn due(&self, now: Timestamp) -> Vec<HoldId> {
        let now = now.max(self.recorded_at);
        let due =
            self.holds.iter().filter(|(_, hold)| hold.end.is_none() && hold.expires_at.is_some_and(|at| at <= now));
        due.map(|(id, _)| *id).collect()
    }

    /// Returns the bank as `account` saw it before it included the proceeds of the last draw, of the last two, and so
    /// on.
    pub(crate) fn behind(&self, account: AccountNumber) -> impl Iterator<Item = Model> {
        let mut earlier = self.clone();
        let brought = self.brought.iter().rev().filter(move |(to, ..)| *to == account);
        brought.map(move |(_, moved, released)| {
            let holder = earlier.holder(account);
            holder.posted -= moved;
            holder.pending_in += moved + released;
            earlier.clone()
        })
    }

    /// Returns whether the hold is open.
    pub(super) fn open_hold(&self, id: HoldId) -> Result<&Hold, Refusal> {
        let hold = self.holds.get(&id).ok_or(Refusal::HoldUnknown { hold: id })?;
        hold.end.map_or(Ok(hold), |end| Err(over(id, end)))
    }

    /// Gives the receiver a part of an open hold.
    pub(super) fn capture(&mut self, id: HoldId, asked: Option<i128>, last: bool) -> Result<Expected, Refusal> {
        let hold = self.open_hold(id)?;
        if hold.expires_at.is_some_and(|at| at <= self.expiry_time()) {
            return Err(Refusal::HoldExpired { hold: id });
        }
        let remaining = hold.remaining();
        let moved = asked.unwrap_or(remaining);
        if moved > remaining {
            let (remaining, requested) = (amount(remaining), amount(moved));
            return Err(Refusal::CaptureTooLarge { remaining, requested });
        }
        let end = (last || moved == remaining).then_some(HoldEnd::Settled);
        Ok(self.draw(id, moved, end))
    }

    /// Takes money out of a hold: to the receiver and, if the hold ends, the rest back.
    pub(super) fn draw(&mut self, id: HoldId, moved: i128, end: Option<HoldEnd>) -> Expected {
        let before = self.holds[&id].clone();
        let ends = end.is_some();
        let fee = if before.captured == 0 && moved > 0 { before.fee } else { 0 };
        let untouched = before.captured == 0 && moved == 0;
        let rest = before.remaining() - moved;
        let released = if ends { rest } else { 0 };
        let fee_back = if ends && untouched { before.fee } else { 0 };
        let sender = self.leg(before.from, -moved - fee, -moved - fee - released - fee_back, 0);
        let receiver = self.leg(before.to, moved, 0, -moved - released);
        self.brought.push((before.to, moved, released));
        if fee > 0 || fee_back > 0 {
            let fees = own("FEES", self.accounts[&before.from].currency);
            self.leg(fees, fee, 0, -fee - fee_back);
        }
        let holder = self.holder(before.from);
        if ends && holder.date == before.date {
            holder.sent -= released.min(before.limit_used);
            holder.counted -= u32::from(untouched && before.counted);
        }
        let hold = self.holds.get_mut(&id).unwrap();
        hold.captured += moved;
        hold.end = end;
        Expected::Drawn {
            position: self.position,
            hold: id,
            amount: moved,
            fee,
            released: released + fee_back,
            captured: before.captured + moved,
            remaining: if ends { 0 } else { rest },
            end,
            sender,
            receiver,
        }
    }

    pub(super) fn amend(&mut self, asked: &AmendHold) -> Result<Expected, Refusal> {
        if let Some(expires_at) = asked.expires_at
            && expires_at <= self.expiry_time()
        {
            return Err(Refusal::ExpiryPassed { expires_at });
        }
        let hold = self.open_hold(asked.hold)?.clone();
        if hold.expires_at.is_some_and(|at| at <= self.expiry_time()) {
            return Err(Refusal::HoldExpired { hold: asked.hold });
        }
        let whole = asked.raise_to.map_or(hold.amount, units);
        let raised = whole - hold.amount;
        if raised < 0 {
            return Err(Refusal::HoldLowered { amount: amount(hold.amount), requested: amount(whole) });
        }
        if raised > 0 && hold.requires_verification {
            return Err(Refusal::HoldAwaitsVerification { hold: asked.hold });
        }
        let sender = self.accounts[&hold.from].clone();
        let date = self.today().max(sender.date);
        if raised > 0 {
            Model::open_for_debit(hold.from, &sender)?;
            self.check_limits(&sender, whole, raised, date)?;
            Model::check_funds(&sender, raised)?;
            self.check_receiver(hold.to, raised)?;
        }
        self.leg(hold.from, 0, raised, 0);
        if raised > 0 {
            self.leg(hold.to, 0, 0, raised);
            self.use_day(hold.from, Granted { amount: raised, fee: 0, date, limited: true, counted: false });
        }
        let after = self.holds.get_mut(&asked.hold).unwrap();
        after.expires_at = asked.expires_at.or(hold.expires_at);
        after.amount = whole;
        if raised > 0 && hold.date == date {
            after.limit_used += raised;
        } else if raised > 0 {
            (after.date, after.limit_used, after.counted) = (date, raised, false);
        }
        Ok(self.recorded())
    }
}
