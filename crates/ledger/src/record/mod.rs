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
    /// The position in the journal.
    pub position: Position,
    /// When the record was queued for the journal; strictly increasing.
    pub recorded_at: Timestamp,
    /// The clock's reading at which the command was decided.
    pub decided_at: Timestamp,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// The id of the command that made it.
    pub id: CommandId,
    /// The hash of that command, which distinguishes a repetition from a different command.
    pub content: ContentHash,
    /// What happened.
    pub body: Body,
    /// The link of each leg, in order.
    pub links: Links,
}

/// A [`Link`] per leg of a record, in the order of [`Body::for_each_leg`].
pub type Links = SmallVec<[Link; 3]>;

/// Connects a leg to the account's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The account's previous record; 0 for its first.
    pub previous: Position,
    /// The account's balance after this record, in journal order.
    pub balance: Balance,
}

/// The content of a record. New variants are added at the end, because the variant index is part of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// The first record of every journal.
    BankCreated(Box<BankCreated>),
    /// A currency was added, and its cash and fee accounts were opened.
    CurrencyAdded {
        /// The currency.
        currency: Currency,
        /// The number of decimals.
        scale: u8,
        /// The cash account and the fee account, in this order.
        accounts: Box<[AccountOpened; 2]>,
    },
    /// An account was opened.
    AccountOpened(Box<AccountOpened>),
    /// A property of an account changed, other than its balance.
    AccountChanged {
        /// The account.
        account: AccountId,
        /// The change.
        change: Box<Change>,
    },
    /// An account type was created or changed.
    TypeSet(Box<AccountType>),
    /// An owner's number of free transfers was set.
    OwnerSet {
        /// The owner.
        owner: OwnerId,
        /// Free transfers per account and business day.
        free_transfers_per_day: u32,
    },
    /// Application records were written or deleted, all or none.
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
    /// Several movements happened together.
    Linked(Vec<LinkedStep>),
    /// An earlier movement was reversed, completely or in part.
    Reversed(Box<Reversed>),
    /// A schedule was created. Its id is that of the command.
    ScheduleSet(Box<ScheduleSet>),
    /// A schedule was paused, resumed or cancelled.
    ScheduleChanged(Box<ScheduleChanged>),
    /// A schedule ran, was refused or skipped occurrences.
    ScheduleRun(Box<ScheduleRun>),
    /// An operator confirmed a clock that reads much later than the previous record. The record has the time that was
    /// accepted.
    ClockAccepted(ClockAccepted),
    /// A movement that had been reversed by more than its amount was corrected.
    ReversalsRepaired(Box<ReversalsRepaired>),
}

// Every record has a body, and most bodies are postings, so larger variants are boxed.
const _: () = assert!(size_of::<Body>() == size_of::<Posted>(), "a body is larger than a posting");

/// Properties that are fixed when a bank is created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankCreated {
    /// A random id that ties the journal and the state together.
    pub bank: u128,
    /// The IANA name of the time zone whose midnight begins the business day.
    pub time_zone: String,
}

/// A command that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The command.
    pub command: Command,
    /// The reason.
    pub refusal: Refusal,
}

/// The creation of a schedule. Its id is that of the record's command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleSet {
    /// The schedule, with its start.
    pub schedule: Schedule,
    /// The initial progress.
    pub progress: Progress,
}

/// A change of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleChanged {
    /// The schedule.
    pub schedule: CommandId,
    /// The change.
    pub change: ScheduleChange,
    /// The schedule's previous record.
    pub previous: Position,
    /// The progress afterwards.
    pub progress: Progress,
}

/// The outcome of an occurrence of a schedule, or of one attempt. It follows the record of the attempt's transfer or
/// hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRun {
    /// The schedule.
    pub schedule: CommandId,
    /// The moment of the occurrence by the schedule's rule.
    pub occurrence: Timestamp,
    /// The outcome.
    pub outcome: RunOutcome,
    /// The schedule's previous record.
    pub previous: Position,
    /// The progress afterwards.
    pub progress: Progress,
}

/// An operator's confirmation that the clock is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockAccepted {
    /// The latest reading that the operator accepts.
    pub until: Timestamp,
    /// The clock's reading.
    pub reading: Timestamp,
    /// The time that the bank trusted before.
    pub trusted: Timestamp,
}

impl Record {
    /// Visits the holds that the record places, in order, with id, terms and business date.
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

    /// Returns the hold that the record places, or that linked step `step` places (counted from 0), with its business
    /// date.
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
    /// Visits each leg in order: the account and its event.
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

    /// Returns the sum of the record's legs in minor units, per record of one currency. It is zero unless the record is
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

    /// Returns the sum of what holds set aside minus what receivers expect, in minor units. It is zero unless the
    /// record is damaged.
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

    /// Visits the draws on holds, in order. [`Record::for_each_placed`] visits their placements.
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

    /// Visits the keys under which the journal's indexes find this record, each once: the keys of holds that it ends
    /// ([`HoldId::key`]), and the ids of commands whose movements it reverses or whose reversals it corrects. Of
    /// several records with the same key, an index returns the newest.
    pub fn for_each_reference(&self, mut visit: impl FnMut(CommandId)) {
        self.for_each_hold(|drawn| {
            if drawn.drawn.end.is_some() {
                visit(drawn.hold.key());
            }
        });
        self.for_each_undone(visit);
    }
}
