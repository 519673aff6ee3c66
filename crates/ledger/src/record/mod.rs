//! Journal records: what happened, as legs, each an event of one account.

mod movement;
mod reversals;
mod stored;

pub use movement::{HoldAmended, HoldDrawn, HoldPlaced, LinkedMovement, LinkedStep, Original, Posted, Reversed};
pub use reversals::{Counted, ReversalsRepaired, StepReversed, Taken, Tally, TallyError};
pub use stored::{RecordKeys, decode_record, decode_record_keys, encode_record};

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::command::Command;
use crate::{
    AccountId, AccountOpened, AccountType, Amount, Balance, BusinessDate, Change, CommandId, ContentHash, Currency,
    Drawn, Event, HoldId, OwnerId, Position, Progress, RecordPut, Refusal, RunOutcome, Schedule, ScheduleChange,
    Timestamp,
};

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The place in the journal.
    pub position: Position,
    /// When the record was queued for the journal; strictly increasing.
    pub recorded_at: Timestamp,
    /// The clock's reading on which the command was decided.
    pub decided_at: Timestamp,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// The id of the command that led to it.
    pub id: CommandId,
    /// The hash of that command, by which a repetition is told from another command.
    pub content: ContentHash,
    /// What happened.
    pub body: Body,
    /// For each leg, in order, how the account came to it.
    pub links: Links,
}

/// For each leg of a record a [`Link`], in the order of [`Body::for_each_leg`].
pub type Links = SmallVec<[Link; 3]>;

/// Ties a leg to the account's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The account's record before this one; 0 for its first.
    pub previous: Position,
    /// The account's balance after this record, in journal order.
    pub balance: Balance,
}

/// What a record says happened. New kinds are added at the end: the number of a kind is part of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// The first record of every journal.
    BankCreated(Box<BankCreated>),
    /// The bank deals in one more currency; its cash and fee accounts are opened.
    CurrencyAdded {
        /// The currency.
        currency: Currency,
        /// Its number of decimals.
        scale: u8,
        /// The cash account and the fee account, in this order.
        accounts: Box<[AccountOpened; 2]>,
    },
    /// An account was opened.
    AccountOpened(Box<AccountOpened>),
    /// Something about an account changed, other than its balance.
    AccountChanged {
        /// The account.
        account: AccountId,
        /// The change.
        change: Box<Change>,
    },
    /// An account type was made or changed.
    TypeSet(Box<AccountType>),
    /// An owner's number of free transfers was set.
    OwnerSet {
        /// The owner.
        owner: OwnerId,
        /// Free transfers per account and business day.
        free_transfers_per_day: u32,
    },
    /// Application records were written or deleted, all of them or none.
    RecordsPut(Vec<RecordPut>),
    /// Money moved.
    Posted(Posted),
    /// A command was refused.
    Refused(Box<Refused>),
    /// Money was set aside for a receiver.
    Held(Box<HoldPlaced>),
    /// Money left a hold: to the receiver, or back.
    Drawn(Box<HoldDrawn>),
    /// A hold was extended or raised.
    Amended(Box<HoldAmended>),
    /// Several movements happened, all of them together.
    Linked(Vec<LinkedStep>),
    /// An earlier movement was taken back, in whole or in part.
    Reversed(Box<Reversed>),
    /// A schedule was made, under the id of the command.
    ScheduleSet(Box<ScheduleSet>),
    /// A schedule was paused, resumed or cancelled.
    ScheduleChanged(Box<ScheduleChanged>),
    /// A schedule ran, was refused, or left something out.
    ScheduleRun(Box<ScheduleRun>),
    /// An operator said that the clock is right although it reads much later than the record before. The record's time is
    /// the one that was accepted.
    ClockAccepted(ClockAccepted),
    /// The reversals of a movement were put right, which had taken back more than had moved.
    ReversalsRepaired(Box<ReversalsRepaired>),
}

// Every record has a body, and most bodies are postings: what is larger than one belongs in a box.
const _: () = assert!(size_of::<Body>() == size_of::<Posted>(), "a body is larger than a posting");

/// What is fixed when a bank is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankCreated {
    /// A random id, by which the journal and the state know that they belong together.
    pub bank: u128,
    /// The IANA name of the time zone whose midnight turns the business day.
    pub time_zone: String,
}

/// A command that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The command as it was given.
    pub command: Command,
    /// Why it was refused.
    pub refusal: Refusal,
}

/// The making of a schedule, which is known by the id of the record's command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleSet {
    /// The schedule, with its start.
    pub schedule: Schedule,
    /// Where it stands at first.
    pub progress: Progress,
}

/// A change of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleChanged {
    /// The schedule.
    pub schedule: CommandId,
    /// What a command did to it.
    pub change: ScheduleChange,
    /// The schedule's record before this one.
    pub previous: Position,
    /// Where it stands after that.
    pub progress: Progress,
}

/// What became of an occurrence of a schedule, or of an attempt. It follows the record of the attempt's transfer or hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRun {
    /// The schedule.
    pub schedule: CommandId,
    /// The moment that its rule gave.
    pub occurrence: Timestamp,
    /// What became of it.
    pub outcome: RunOutcome,
    /// The schedule's record before this one.
    pub previous: Position,
    /// Where it stands after that.
    pub progress: Progress,
}

/// An operator's word that the clock is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockAccepted {
    /// The moment that the operator named: the clock was to read no later.
    pub until: Timestamp,
    /// What the clock read.
    pub reading: Timestamp,
    /// The time that the bank trusted before.
    pub trusted: Timestamp,
}

impl Record {
    /// Visits the holds that the record places, in order: the id of each, its terms, and the business date for which it counts.
    pub fn for_each_placed<'a>(&'a self, mut visit: impl FnMut(HoldId, &'a HoldPlaced, BusinessDate)) {
        match &self.body {
            Body::Held(placed) => visit(HoldId::new(self.id), placed, self.date),
            Body::Linked(steps) => {
                for (step, number) in steps.iter().zip(0..) {
                    if let LinkedMovement::Held(placed) = &step.movement {
                        visit(HoldId::of_step(self.id, number), placed, step.date);
                    }
                }
            }
            _ => {}
        }
    }

    /// The hold that the record places, alone or by that step, counted from 0, and the business date for which it counts.
    pub fn placed(&self, step: Option<u8>) -> Option<(&HoldPlaced, BusinessDate)> {
        match (&self.body, step) {
            (Body::Held(placed), None) => Some((placed, self.date)),
            (Body::Linked(steps), Some(number)) => match steps.get(usize::from(number))? {
                LinkedStep { date, movement: LinkedMovement::Held(placed) } => Some((placed, *date)),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Body {
    /// Visits each leg in order: the account and what happens to it.
    pub fn for_each_leg<'a>(&'a self, date: BusinessDate, mut visit: impl FnMut(AccountId, Event<'a>)) {
        match self {
            Body::CurrencyAdded { accounts, .. } => {
                for opened in accounts.iter() {
                    visit(opened.account, Event::Opened(opened));
                }
            }
            Body::AccountOpened(opened) => visit(opened.account, Event::Opened(opened)),
            Body::AccountChanged { account, change } => visit(*account, Event::Changed(change)),
            Body::Posted(posted) => posted.for_each_leg(date, &mut visit),
            Body::Held(placed) => placed.for_each_leg(date, &mut visit),
            Body::Drawn(drawn) => drawn.for_each_leg(&mut visit),
            Body::Amended(amended) => amended.for_each_leg(&mut visit),
            Body::Linked(steps) => {
                for step in steps {
                    step.movement.for_each_leg(step.date, &mut visit);
                }
            }
            Body::Reversed(reversed) => reversed.posted.for_each_leg(date, &mut visit),
            Body::ReversalsRepaired(repaired) => {
                if let Some(posted) = &repaired.posted {
                    posted.for_each_leg(date, &mut visit);
                }
            }
            Body::BankCreated(_)
            | Body::TypeSet(_)
            | Body::OwnerSet { .. }
            | Body::RecordsPut(_)
            | Body::Refused(_)
            | Body::ScheduleSet(_)
            | Body::ScheduleChanged(_)
            | Body::ScheduleRun(_)
            | Body::ClockAccepted(_) => {}
        }
    }

    /// What the record adds to the sum of all balances, in minor units of its one currency: zero unless the record is
    /// damaged.
    pub fn imbalance(&self) -> i128 {
        let mut sum: i128 = 0;
        let units = |amount: Amount| i128::from(amount.minor_units());
        self.for_each_leg(BusinessDate::default(), |_, event| match event {
            Event::Debited(debited) => sum -= units(debited.amount) + units(debited.fee),
            Event::Drawn(drawn) => sum -= units(drawn.amount) + units(drawn.fee),
            Event::Credited(amount) | Event::Brought { amount, .. } => sum += units(amount),
            Event::Opened(_) | Event::Changed(_) | Event::Held(_) | Event::Expected(_) | Event::Amended(_) => {}
        });
        sum
    }

    /// What holds keep after the record, less what receivers expect, in minor units: zero unless the record is damaged.
    pub fn hold_imbalance(&self) -> i128 {
        let mut sum: i128 = 0;
        let units = |amount: Amount| i128::from(amount.minor_units());
        self.for_each_leg(BusinessDate::default(), |_, event| match event {
            Event::Held(debited) => sum += units(debited.amount) + units(debited.fee),
            Event::Drawn(Drawn { amount, fee, released, fee_released, .. }) => {
                sum -= units(amount) + units(fee) + units(released) + units(fee_released);
            }
            Event::Amended(amended) => sum += units(amended.raised),
            Event::Expected(amount) => sum -= units(amount),
            Event::Brought { amount, released } => sum += units(amount) + units(released),
            Event::Opened(_) | Event::Changed(_) | Event::Debited(_) | Event::Credited(_) => {}
        });
        sum
    }

    /// Visits what is drawn on holds, in order. Their placements are visited by [`Record::for_each_placed`].
    pub fn for_each_hold(&self, mut visit: impl FnMut(&HoldDrawn)) {
        match self {
            Body::Drawn(drawn) => visit(drawn),
            Body::Linked(steps) => {
                for step in steps {
                    if let LinkedMovement::Drawn(drawn) = &step.movement {
                        visit(drawn);
                    }
                }
            }
            _ => {}
        }
    }

    /// Visits what this record has the last word on: the keys of holds that it ends ([`HoldId::key`]), and the ids of commands
    /// whose movements it reverses, or whose reversals it puts right, each once. The journal's indexes find the record by
    /// them, the newest first.
    pub fn for_each_reference(&self, mut visit: impl FnMut(CommandId)) {
        self.for_each_hold(|drawn| {
            if drawn.drawn.end.is_some() {
                visit(drawn.hold.key());
            }
        });
        self.for_each_undone(visit);
    }
}
