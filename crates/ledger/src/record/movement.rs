//! Movements of money, as records tell them: postings, holds and what becomes of them, several linked, reversals.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Amended, Amount, Body, BusinessDate, CommandId, Debited, Details, Drawn, Event, HoldId, HoldPlace,
    HoldTerms, Position, PostingKind, Record, Timestamp,
};
use jangbu_plant::{Bug, is_planted};

/// Money that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// What kind of movement.
    pub kind: PostingKind,
    /// The account debited with amount and fee.
    pub from: AccountId,
    /// The account credited with the amount.
    pub to: AccountId,
    /// What the receiver gets.
    pub amount: Amount,
    /// What the bank takes for it.
    pub fee: Amount,
    /// The account credited with the fee; meaningless while the fee is zero.
    pub fees: AccountId,
    /// Whether it counts towards the sender's limit per day.
    pub limited: bool,
    /// Whether it counts towards the sender's free transfers of the day.
    pub counted: bool,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl Posted {
    /// The sender's leg.
    pub const fn debited(&self, date: BusinessDate) -> Debited {
        Debited { amount: self.amount, fee: self.fee, date, limited: self.limited, counted: self.counted }
    }

    /// Visits sender, receiver and, with a fee, the fee account.
    pub fn for_each_leg<'a>(&'a self, date: BusinessDate, visit: &mut impl FnMut(AccountId, Event<'a>)) {
        visit(self.from, Event::Debited(self.debited(date)));
        visit(self.to, Event::Credited(self.amount));
        if !self.fee.is_zero() && !is_planted(Bug::FeeNotCredited) {
            visit(self.fees, Event::Credited(self.fee));
        }
    }
}

/// Money that was set aside. The hold's id is that of the record's command and, among linked steps, the number of the step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldPlaced {
    /// The account that pays.
    pub from: AccountId,
    /// The receiver.
    pub to: AccountId,
    /// What the receiver may get.
    pub amount: Amount,
    /// What the bank takes with the first capture.
    pub fee: Amount,
    /// The account that gets the fee; meaningless while the fee is zero.
    pub fees: AccountId,
    /// Whether it counts towards the sender's limit per day.
    pub limited: bool,
    /// Whether it counts towards the sender's free transfers of the day.
    pub counted: bool,
    /// From when on it can no longer be settled.
    pub expires_at: Option<Timestamp>,
    /// Whether it waits for its verification.
    pub verified: bool,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl HoldPlaced {
    /// What is set aside, for that date.
    pub const fn debited(&self, date: BusinessDate) -> Debited {
        Debited { amount: self.amount, fee: self.fee, date, limited: self.limited, counted: self.counted }
    }

    /// The terms of the hold of that id, placed at that moment.
    pub const fn terms(&self, id: HoldId, placed_at: Timestamp) -> HoldTerms {
        HoldTerms { id, to: self.to, placed_at, expires_at: self.expires_at, verified: self.verified }
    }

    /// Visits sender, receiver and, with a fee, the fee account.
    pub fn for_each_leg<'a>(&'a self, date: BusinessDate, visit: &mut impl FnMut(AccountId, Event<'a>)) {
        visit(self.from, Event::Held(self.debited(date)));
        visit(self.to, Event::Expected(self.amount));
        if !self.fee.is_zero() {
            visit(self.fees, Event::Expected(self.fee));
        }
    }
}

/// Money that left a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldDrawn {
    /// The hold.
    pub hold: HoldId,
    /// The place of the hold's record in the journal.
    pub placed: Position,
    /// The account that pays.
    pub from: AccountId,
    /// The receiver.
    pub to: AccountId,
    /// The account that gets the fee; meaningless while no fee is taken or given back.
    pub fees: AccountId,
    /// How much goes where.
    pub drawn: Drawn,
    /// Why a hold was voided, as far as that was told, as [`crate::Reason`] has it.
    pub reason: Option<Box<str>>,
}

impl HoldDrawn {
    /// The place of the hold.
    pub const fn place(&self) -> HoldPlace {
        self.hold.at(self.placed)
    }

    /// Visits sender, receiver and, when a fee is taken or given back, the fee account.
    pub fn for_each_leg<'a>(&'a self, visit: &mut impl FnMut(AccountId, Event<'a>)) {
        let Drawn { amount, fee, released, fee_released, .. } = self.drawn;
        visit(self.from, Event::Drawn(self.drawn));
        visit(self.to, Event::Brought { amount, released });
        if !fee.is_zero() || !fee_released.is_zero() {
            visit(self.fees, Event::Brought { amount: fee, released: fee_released });
        }
    }
}

/// A hold that was extended or raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldAmended {
    /// The hold.
    pub hold: HoldId,
    /// The place of the hold's record in the journal.
    pub placed: Position,
    /// The account that pays.
    pub from: AccountId,
    /// The receiver.
    pub to: AccountId,
    /// What was amended.
    pub amended: Amended,
}

impl HoldAmended {
    /// The place of the hold.
    pub const fn place(&self) -> HoldPlace {
        self.hold.at(self.placed)
    }

    /// Visits sender and, when the amount was raised, receiver.
    pub fn for_each_leg<'a>(&'a self, visit: &mut impl FnMut(AccountId, Event<'a>)) {
        visit(self.from, Event::Amended(self.amended));
        if !self.amended.raised.is_zero() {
            visit(self.to, Event::Expected(self.amended.raised));
        }
    }
}

/// One step of several that happened together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedStep {
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// What happened.
    pub movement: LinkedMovement,
}

/// What can happen together with others. New kinds are added at the end: the number of a kind is part of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkedMovement {
    /// Money moved.
    Posted(Posted),
    /// Money left a hold.
    Drawn(HoldDrawn),
    /// An earlier movement was taken back, in whole or in part.
    Reversed(Box<Reversed>),
    /// Money was set aside for a receiver.
    Held(Box<HoldPlaced>),
}

impl LinkedMovement {
    /// Visits each leg in order.
    pub fn for_each_leg<'a>(&'a self, date: BusinessDate, mut visit: impl FnMut(AccountId, Event<'a>)) {
        match self {
            LinkedMovement::Posted(posted) => posted.for_each_leg(date, &mut visit),
            LinkedMovement::Drawn(drawn) => drawn.for_each_leg(&mut visit),
            LinkedMovement::Reversed(reversed) => reversed.posted.for_each_leg(date, &mut visit),
            LinkedMovement::Held(placed) => placed.for_each_leg(date, &mut visit),
        }
    }
}

/// A movement that takes an earlier one back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversed {
    /// The way back: from the original's receiver to its sender.
    pub posted: Posted,
    /// The id of the command that led to the original.
    pub original: CommandId,
    /// Which of the original's movements, counted from 0, when it has several.
    pub step: u8,
    /// The place of the original in the journal.
    pub original_position: Position,
    /// What has been reversed of it in all, this reversal included.
    pub reversed: Amount,
    /// The place of the record of the reversal before this one; 0 for the first. Reversals of one original in one record, of
    /// different movements, all name the record before it.
    pub previous: Position,
}

/// A movement that can be reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Original {
    /// The id of the command that led to it.
    pub id: CommandId,
    /// Which of the record's movements it is, counted from 0.
    pub step: u8,
    /// The place of its record in the journal.
    pub position: Position,
    /// What its receiver got.
    pub amount: Amount,
    /// Its sender and its receiver.
    pub parties: (AccountId, AccountId),
}

impl Original {
    /// The movement of that number in a record; `None` when there is none, or none that can be reversed: cash and reversals
    /// cannot.
    pub fn of(record: &Record, id: CommandId, step: u8) -> Option<Original> {
        let posted = |posted: &Posted| {
            let reversible = matches!(posted.kind, PostingKind::Transfer | PostingKind::Sweep);
            reversible.then_some((posted.amount, (posted.from, posted.to)))
        };
        let drawn = |it: &HoldDrawn| {
            let amount = it.drawn.amount;
            (!amount.is_zero()).then_some((amount, (it.from, it.to)))
        };
        let (amount, parties) = match &record.body {
            Body::Posted(it) if step == 0 => posted(it)?,
            Body::Drawn(it) if step == 0 => drawn(it)?,
            Body::Linked(steps) => match &steps.get(usize::from(step))?.movement {
                LinkedMovement::Posted(it) => posted(it)?,
                LinkedMovement::Drawn(it) => drawn(it)?,
                LinkedMovement::Reversed(_) | LinkedMovement::Held(_) => return None,
            },
            _ => return None,
        };
        Some(Original { id, step, position: record.position, amount, parties })
    }
}
