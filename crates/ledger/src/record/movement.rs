//! Movements of money in records: postings, holds and their outcomes, linked steps, reversals.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Amended, Amount, Body, BusinessDate, CommandId, Debited, Details, Drawn, Event, HoldId, HoldPosition,
    HoldTerms, Position, PostingKind, Record, Timestamp,
};
use jangbu_plant::{Bug, is_planted};

/// Money that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// The kind of movement.
    pub kind: PostingKind,
    /// The account debited with the amount and the fee.
    pub from: AccountId,
    /// The account credited with the amount.
    pub to: AccountId,
    /// The amount that the receiver gets.
    pub amount: Amount,
    /// The fee that the bank charges.
    pub fee: Amount,
    /// The account credited with the fee; meaningless if the fee is zero.
    pub fees: AccountId,
    /// Whether it counts towards the sender's daily limit.
    pub limited: bool,
    /// Whether it uses one of the sender's free transfers of the day.
    pub counted: bool,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl Posted {
    /// Returns the sender's leg.
    pub const fn debited(&self, date: BusinessDate) -> Debited {
        Debited { amount: self.amount, fee: self.fee, date, limited: self.limited, counted: self.counted }
    }

    /// Visits the sender, the receiver and, if there is a fee, the fee account.
    pub fn for_each_leg<'a>(&'a self, date: BusinessDate, visit: &mut impl FnMut(AccountId, Event<'a>)) {
        visit(self.from, Event::Debited(self.debited(date)));
        visit(self.to, Event::Credited(self.amount));
        if !self.fee.is_zero() && !is_planted(Bug::FeeNotCredited) {
            visit(self.fees, Event::Credited(self.fee));
        }
    }
}

/// Money that was set aside. The hold's id consists of the id of the record's command and, for linked steps, the number
/// of the step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldPlaced {
    /// The account that pays.
    pub from: AccountId,
    /// The receiver.
    pub to: AccountId,
    /// The amount that the receiver may get.
    pub amount: Amount,
    /// The fee charged with the first capture.
    pub fee: Amount,
    /// The account that gets the fee; meaningless if the fee is zero.
    pub fees: AccountId,
    /// Whether it counts towards the sender's daily limit.
    pub limited: bool,
    /// Whether it uses one of the sender's free transfers of the day.
    pub counted: bool,
    /// The moment from which it can no longer be settled; `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
    /// Whether a verification is to settle or void it.
    pub requires_verification: bool,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl HoldPlaced {
    /// Returns the sender's leg for that business date.
    pub const fn debited(&self, date: BusinessDate) -> Debited {
        Debited { amount: self.amount, fee: self.fee, date, limited: self.limited, counted: self.counted }
    }

    /// Returns the terms of the hold, given its id and the moment of its placement.
    pub const fn terms(&self, id: HoldId, placed_at: Timestamp) -> HoldTerms {
        HoldTerms {
            id,
            to: self.to,
            placed_at,
            expires_at: self.expires_at,
            requires_verification: self.requires_verification,
        }
    }

    /// Visits the sender, the receiver and, if there is a fee, the fee account.
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
    /// The position of the hold's record in the journal.
    pub placed: Position,
    /// The account that pays.
    pub from: AccountId,
    /// The receiver.
    pub to: AccountId,
    /// The account that gets the fee; meaningless if no fee is charged or returned.
    pub fees: AccountId,
    /// The amounts and where they go.
    pub drawn: Drawn,
    /// The reason of a void, if one was given, in the stored form of [`crate::Reason`].
    pub reason: Option<Box<str>>,
}

impl HoldDrawn {
    /// Returns where the hold was placed.
    pub const fn place(&self) -> HoldPosition {
        self.hold.at(self.placed)
    }

    /// Visits the sender, the receiver and, if a fee is charged or returned, the fee account.
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
    /// The position of the hold's record in the journal.
    pub placed: Position,
    /// The account that pays.
    pub from: AccountId,
    /// The receiver.
    pub to: AccountId,
    /// The amendment.
    pub amended: Amended,
}

impl HoldAmended {
    /// Returns where the hold was placed.
    pub const fn place(&self) -> HoldPosition {
        self.hold.at(self.placed)
    }

    /// Visits the sender and, if the amount was raised, the receiver.
    pub fn for_each_leg<'a>(&'a self, visit: &mut impl FnMut(AccountId, Event<'a>)) {
        visit(self.from, Event::Amended(self.amended));
        if !self.amended.raised.is_zero() {
            visit(self.to, Event::Expected(self.amended.raised));
        }
    }
}

/// One of several linked steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedStep {
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// What happened.
    pub movement: LinkedMovement,
}

/// A movement in a linked step. New variants are added at the end, because the variant index is part of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkedMovement {
    /// Money moved.
    Posted(Posted),
    /// Money left a hold.
    Drawn(HoldDrawn),
    /// An earlier movement was reversed, completely or in part.
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

/// A movement that reverses an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversed {
    /// The movement back, from the original's receiver to its sender.
    pub posted: Posted,
    /// The id of the command that made the original movement.
    pub original: CommandId,
    /// The number of the movement, counted from 0, if the original has several.
    pub step: u8,
    /// The position of the original in the journal.
    pub original_position: Position,
    /// The total reversed of the original, this reversal included.
    pub reversed: Amount,
    /// The position of the previous reversal's record; 0 for the first. If one record reverses several movements of one
    /// original, all of them have the record before it.
    pub previous: Position,
}

/// A movement that can be reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Original {
    /// The id of the command that made it.
    pub id: CommandId,
    /// The number of the movement in the record, counted from 0.
    pub step: u8,
    /// The position of its record in the journal.
    pub position: Position,
    /// The amount that its receiver got.
    pub amount: Amount,
    /// The sender and the receiver.
    pub parties: (AccountId, AccountId),
}

impl Original {
    /// Returns the movement `step` of a record, or `None` if there is no such movement or it cannot be reversed. Cash
    /// movements and reversals cannot.
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
