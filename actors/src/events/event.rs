//! The events that subscribers see.

use serde::{Deserialize, Serialize};

use crate::ledger::{
    AccountNumber, AccountType, Amount, BusinessDate, Change, CommandId, Currency, Details, HoldEnd, HoldId, OwnerId,
    Position, PostingKind, Progress, Refusal, RunOutcome, Schedule, ScheduleChange, Timestamp, TypeCode,
};

/// An event: what one record of the journal says happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The position of the record in the journal. Every position has one event.
    pub position: Position,
    /// The id of the command that made it.
    pub id: CommandId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// The accounts that the record touched or that the refused command named, each once.
    pub accounts: Vec<AccountNumber>,
    /// What happened.
    #[serde(flatten)]
    pub what: EventKind,
}

/// The content of an event. New variants are added at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// The bank was created.
    BankCreated {
        /// The IANA name of the time zone whose midnight begins the business day.
        time_zone: String,
    },
    /// A currency was added, and its cash and fee accounts were opened.
    CurrencyAdded {
        /// The currency.
        currency: Currency,
        /// The number of decimals.
        scale: u8,
    },
    /// An account was opened.
    Opened {
        /// The account number.
        account: AccountNumber,
        /// The owner.
        owner: OwnerId,
        /// The account type.
        #[serde(rename = "type")]
        kind: TypeCode,
        /// The currency.
        currency: Currency,
        /// How far below zero the balance may go.
        overdraft: Amount,
    },
    /// A property of an account changed, other than its balance.
    Changed {
        /// The account.
        account: AccountNumber,
        /// The change.
        change: Change,
    },
    /// An account type was created or changed.
    TypeSet {
        /// The type as it is now.
        #[serde(rename = "type")]
        account_type: Box<AccountType>,
    },
    /// An owner's number of free transfers was set.
    OwnerSet {
        /// The owner.
        owner: OwnerId,
        /// Free transfers per account and business day.
        free_transfers_per_day: u32,
    },
    /// Application records were written or deleted. The event does not contain their values, which have their own
    /// readers.
    RecordsPut {
        /// The kind and key of each, and whether it was deleted.
        records: Vec<RecordWrite>,
    },
    /// Money moved.
    Posted {
        /// The kind of movement.
        kind: PostingKind,
        /// The sender; the bank's cash for a deposit.
        from: AccountNumber,
        /// The receiver; the bank's cash for a withdrawal.
        to: AccountNumber,
        /// The amount that the receiver got.
        amount: Amount,
        /// The fee that the bank charged.
        fee: Amount,
        /// Labels, reference, metadata.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<Box<Details>>,
    },
    /// Money was set aside.
    Held {
        /// The hold's id: the id of the event and, for linked steps, the number of the step.
        hold: HoldId,
        /// The account that pays.
        from: AccountNumber,
        /// The receiver.
        to: AccountNumber,
        /// The amount that the receiver may get.
        amount: Amount,
        /// The fee charged with the first capture.
        fee: Amount,
        /// The moment from which it can no longer be settled; `None` if it does not expire.
        expires_at: Option<Timestamp>,
        /// Whether a verification is to settle or void it.
        requires_verification: bool,
        /// Labels, reference, metadata.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<Box<Details>>,
    },
    /// A hold was settled, completely or in part: money went to its receiver.
    Settled {
        /// The hold.
        hold: HoldId,
        /// The account that pays.
        from: AccountNumber,
        /// The receiver.
        to: AccountNumber,
        /// The amount that the receiver got.
        amount: Amount,
        /// The fee that the bank charged.
        fee: Amount,
        /// The amount that went back to the sender.
        released: Amount,
        /// The amount that the receiver may still get.
        remaining: Amount,
        /// Whether the hold is closed afterwards.
        last: bool,
        /// The total that the receiver has got from the hold, this settlement included.
        captured: Amount,
        /// The placement of the hold; `None` if its record is archived.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        placed: Option<Box<HoldPlacement>>,
    },
    /// The rest of a hold went back to its sender.
    Released {
        /// The hold.
        hold: HoldId,
        /// The account that would have paid.
        from: AccountNumber,
        /// The receiver, who gets nothing more.
        to: AccountNumber,
        /// The amount that went back, without the fee.
        amount: Amount,
        /// Whether the hold was voided, rejected or expired.
        end: HoldEnd,
        /// The reason for a void or rejection, for the bank's staff; empty if none was given.
        reason: String,
        /// The reason for a void or rejection, for the sender; empty if none was given.
        customer_text: String,
        /// The total that the receiver had got from the hold.
        captured: Amount,
        /// The placement of the hold; `None` if its record is archived.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        placed: Option<Box<HoldPlacement>>,
    },
    /// A hold was extended or raised.
    Amended {
        /// The hold.
        hold: HoldId,
        /// The account that pays.
        from: AccountNumber,
        /// The receiver.
        to: AccountNumber,
        /// The increase of the amount; zero if only the expiry changed.
        raised: Amount,
        /// The expiry from now on.
        expires_at: Option<Timestamp>,
        /// The placement of the hold; `None` if its record is archived.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        placed: Option<Box<HoldPlacement>>,
    },
    /// Several movements happened together.
    Linked {
        /// The movements in order: posted, held, settled, released or reversed.
        steps: Vec<EventKind>,
    },
    /// An earlier movement was reversed, completely or in part.
    Reversed {
        /// The id of the command that made the original movement.
        original: CommandId,
        /// The number of the movement, counted from 0, if the original has several.
        step: u8,
        /// The original's receiver, who gave the money back.
        from: AccountNumber,
        /// The original's sender.
        to: AccountNumber,
        /// The amount that was returned.
        amount: Amount,
        /// The total reversed of the original, this reversal included.
        reversed: Amount,
        /// Labels, reference, metadata.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<Box<Details>>,
    },
    /// A movement that had been reversed by more than its amount was corrected, and the excess was returned.
    ReversalsRepaired {
        /// The id of the command that made the original movement.
        original: CommandId,
        /// The number of the movement, counted from 0, if the original has several.
        step: u8,
        /// The original's sender, who had got too much; `None` if nothing had to be returned.
        from: Option<AccountNumber>,
        /// The original's receiver; `None` if nothing had to be returned.
        to: Option<AccountNumber>,
        /// The amount that was returned.
        amount: Amount,
    },
    /// A command was refused.
    Refused {
        /// The kind of the command.
        command: CommandKind,
        /// The sender, or the account that the command was about, if it names one.
        from: Option<AccountNumber>,
        /// The receiver, if the command names one.
        to: Option<AccountNumber>,
        /// The amount, if the command names one.
        amount: Option<Amount>,
        /// The hold, for commands about one.
        hold: Option<HoldId>,
        /// The reason.
        refusal: Refusal,
        /// Labels, reference, metadata, if the command has any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<Box<Details>>,
    },
    /// A schedule was created. Its id is that of the event.
    ScheduleSet {
        /// The schedule.
        schedule: Box<Schedule>,
        /// The initial progress.
        progress: Progress,
    },
    /// A schedule was paused, resumed or cancelled.
    ScheduleChanged {
        /// The schedule.
        schedule: CommandId,
        /// The change.
        change: ScheduleChange,
        /// The progress afterwards.
        progress: Progress,
    },
    /// An occurrence of a schedule was attempted or skipped. The transfer itself has its own event before this one.
    ScheduleRun {
        /// The schedule.
        schedule: CommandId,
        /// The moment of the occurrence by the schedule's rule.
        occurrence: Timestamp,
        /// The outcome.
        outcome: RunOutcome,
        /// The progress afterwards.
        progress: Progress,
    },
    /// An operator confirmed a clock that reads much later than the previous record.
    ClockAccepted {
        /// The clock's reading.
        reading: Timestamp,
        /// The time that the bank trusted before.
        trusted: Timestamp,
    },
}

/// The placement of a hold, as events about the hold repeat it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldPlacement {
    /// When the placement was recorded.
    pub recorded_at: Timestamp,
    /// The amount that the receiver was to get when the hold was placed.
    pub amount: Amount,
    /// The fee that the bank was to charge.
    pub fee: Amount,
    /// Whether a verification is, or was, to settle or void it.
    pub requires_verification: bool,
    /// Labels, reference, metadata.
    pub details: Details,
}

/// An application record that was written or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordWrite {
    /// The kind.
    pub kind: String,
    /// The key within the kind.
    pub key: String,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// The kind of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CommandKind {
    /// Move money from account to account.
    Transfer,
    /// Pay in cash.
    Deposit,
    /// Pay out cash.
    Withdrawal,
    /// Open an account.
    OpenAccount,
    /// Change an account.
    ChangeAccount,
    /// Create or change an account type.
    SetType,
    /// Set an owner's number of free transfers.
    SetOwner,
    /// Add a currency.
    AddCurrency,
    /// Write or delete application records.
    PutRecords,
    /// Set money aside.
    PlaceHold,
    /// Settle a hold.
    SettleHold,
    /// Void a hold.
    VoidHold,
    /// Extend or raise a hold.
    AmendHold,
    /// Return the money of an expired hold.
    ExpireHold,
    /// Carry out several steps together.
    Linked,
    /// Reverse a movement.
    Reverse,
    /// Bring an account to a target balance.
    Sweep,
    /// Create a schedule.
    SetSchedule,
    /// Pause, resume or cancel a schedule.
    ChangeSchedule,
    /// Correct the reversals of a movement.
    RepairReversals,
}

impl EventKind {
    /// Returns the name of the variant, as in JSON: `posted`, `held`, `refused`.
    pub const fn name(&self) -> &'static str {
        match self {
            EventKind::BankCreated { .. } => "bank_created",
            EventKind::CurrencyAdded { .. } => "currency_added",
            EventKind::Opened { .. } => "opened",
            EventKind::Changed { .. } => "changed",
            EventKind::TypeSet { .. } => "type_set",
            EventKind::OwnerSet { .. } => "owner_set",
            EventKind::RecordsPut { .. } => "records_put",
            EventKind::Posted { .. } => "posted",
            EventKind::Held { .. } => "held",
            EventKind::Settled { .. } => "settled",
            EventKind::Released { .. } => "released",
            EventKind::Amended { .. } => "amended",
            EventKind::Linked { .. } => "linked",
            EventKind::Reversed { .. } => "reversed",
            EventKind::Refused { .. } => "refused",
            EventKind::ScheduleSet { .. } => "schedule_set",
            EventKind::ScheduleChanged { .. } => "schedule_changed",
            EventKind::ScheduleRun { .. } => "schedule_run",
            EventKind::ClockAccepted { .. } => "clock_accepted",
            EventKind::ReversalsRepaired { .. } => "reversals_repaired",
        }
    }
}
