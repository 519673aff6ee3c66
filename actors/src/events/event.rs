//! What an event is to who follows them.

use serde::{Deserialize, Serialize};

use crate::ledger::{
    AccountNumber, AccountType, Amount, BusinessDate, Change, CommandId, Currency, Details, HoldEnd, HoldId, OwnerId,
    Position, PostingKind, Progress, Refusal, RunOutcome, Schedule, ScheduleChange, Timestamp, TypeCode,
};

/// What a record of the journal says happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The place of the record in the journal; every position has one event.
    pub position: Position,
    /// The id of the command that made it.
    pub id: CommandId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// The accounts that it touched, or that a refused command names, each once.
    pub accounts: Vec<AccountNumber>,
    /// What happened.
    #[serde(flatten)]
    pub what: EventKind,
}

/// What happened. New kinds are added at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// The bank was made.
    BankCreated {
        /// The IANA name of the time zone whose midnight turns the business day.
        time_zone: String,
    },
    /// The bank deals in one more currency; its cash and fee accounts were opened.
    CurrencyAdded {
        /// The currency.
        currency: Currency,
        /// Its number of decimals.
        scale: u8,
    },
    /// An account was opened.
    Opened {
        /// Its number.
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
    /// Something about an account changed, other than its balance.
    Changed {
        /// The account.
        account: AccountNumber,
        /// The change.
        change: Change,
    },
    /// An account type was made or changed.
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
    /// Application records were written or deleted. Their values are not told: whoever may see them reads them.
    RecordsPut {
        /// Kind and key of each, and whether it is there now.
        records: Vec<RecordKept>,
    },
    /// Money moved.
    Posted {
        /// What kind of movement.
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
        /// The hold: it has the id of the event and, among linked steps, the number of the step.
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
        verified: bool,
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
        /// What went back to the sender.
        released: Amount,
        /// The amount that the receiver may still get.
        remaining: Amount,
        /// Whether the hold is closed with it.
        last: bool,
        /// What the receiver got of the hold in all, this included.
        captured: Amount,
        /// How the hold was placed, unless the record of that is archived.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        placed: Option<Box<AsPlaced>>,
    },
    /// What was left of a hold went back.
    Released {
        /// The hold.
        hold: HoldId,
        /// The account that would have paid.
        from: AccountNumber,
        /// The receiver, who gets no more.
        to: AccountNumber,
        /// What went back, without the fee.
        amount: Amount,
        /// Why: voided, rejected or expired.
        end: HoldEnd,
        /// Why it was voided or rejected, for the bank's staff, as far as that was said.
        reason: String,
        /// Why it was voided or rejected, for the sender, as far as that was said.
        customer_text: String,
        /// What the receiver got of the hold before.
        captured: Amount,
        /// How the hold was placed, unless the record of that is archived.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        placed: Option<Box<AsPlaced>>,
    },
    /// A hold was extended or raised.
    Amended {
        /// The hold.
        hold: HoldId,
        /// The account that pays.
        from: AccountNumber,
        /// The receiver.
        to: AccountNumber,
        /// By how much the amount was raised; zero when it was not.
        raised: Amount,
        /// When the hold expires from now on.
        expires_at: Option<Timestamp>,
        /// How the hold was placed, unless the record of that is archived.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        placed: Option<Box<AsPlaced>>,
    },
    /// Several movements happened, all of them together.
    Linked {
        /// Each of them: posted, held, settled, released or reversed.
        steps: Vec<EventKind>,
    },
    /// An earlier movement was taken back, completely or in part.
    Reversed {
        /// The id of the command that made the original movement.
        original: CommandId,
        /// The number of the movement, counted from 0, if the original has several.
        step: u8,
        /// The original's receiver, which gave the money back.
        from: AccountNumber,
        /// The original's sender.
        to: AccountNumber,
        /// How much came back.
        amount: Amount,
        /// What has been reversed of the original in all, this included.
        reversed: Amount,
        /// Labels, reference, metadata.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<Box<Details>>,
    },
    /// The reversals of a movement were put right: what they took back beyond its amount was returned.
    ReversalsRepaired {
        /// The id of the command that made the original movement.
        original: CommandId,
        /// The number of the movement, counted from 0, if the original has several.
        step: u8,
        /// The original's sender, which had got too much; `None` when there was nothing to return.
        from: Option<AccountNumber>,
        /// The original's receiver; `None` when there was nothing to return.
        to: Option<AccountNumber>,
        /// How much was returned.
        amount: Amount,
    },
    /// A command was refused.
    Refused {
        /// The kind of the command.
        command: CommandKind,
        /// The sender, or the account that the command was about, as far as it names one.
        from: Option<AccountNumber>,
        /// The receiver, as far as the command names one.
        to: Option<AccountNumber>,
        /// How much, as far as the command says so.
        amount: Option<Amount>,
        /// The hold, of a command about one.
        hold: Option<HoldId>,
        /// Why.
        refusal: Refusal,
        /// Labels, reference, metadata, as far as the command has such.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<Box<Details>>,
    },
    /// A schedule was made, whose id is that of the event.
    ScheduleSet {
        /// The schedule.
        schedule: Box<Schedule>,
        /// Where it stands at first.
        progress: Progress,
    },
    /// A schedule was paused, resumed or cancelled.
    ScheduleChanged {
        /// The schedule.
        schedule: CommandId,
        /// What was done to it.
        change: ScheduleChange,
        /// Where it stands now.
        progress: Progress,
    },
    /// An occurrence of a schedule was attempted or skipped. The transfer itself has an event of its own, before this one.
    ScheduleRun {
        /// The schedule.
        schedule: CommandId,
        /// The moment that its rule gave.
        occurrence: Timestamp,
        /// What became of it.
        outcome: RunOutcome,
        /// Where it stands now.
        progress: Progress,
    },
    /// An operator said that the clock is right although it reads much later than the record before.
    ClockAccepted {
        /// What the clock read.
        reading: Timestamp,
        /// The time that the bank trusted before.
        trusted: Timestamp,
    },
}

/// How a hold was placed that something became of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsPlaced {
    /// When its placement was recorded.
    pub recorded_at: Timestamp,
    /// What its receiver was to get then.
    pub amount: Amount,
    /// What the bank was to take.
    pub fee: Amount,
    /// Whether it waits, or waited, for its verification.
    pub verified: bool,
    /// Labels, reference, metadata.
    pub details: Details,
}

/// Where an application record is, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordKept {
    /// The kind.
    pub kind: String,
    /// The key within the kind.
    pub key: String,
    /// Whether it was deleted.
    pub deleted: bool,
}

/// What a command asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CommandKind {
    /// Money from account to account.
    Transfer,
    /// Cash in.
    Deposit,
    /// Cash out.
    Withdrawal,
    /// A new account.
    OpenAccount,
    /// A change of an account.
    ChangeAccount,
    /// A new or changed account type.
    SetType,
    /// An owner's number of free transfers.
    SetOwner,
    /// One more currency.
    AddCurrency,
    /// Application records.
    PutRecords,
    /// Money to set aside.
    PlaceHold,
    /// A hold to settle.
    SettleHold,
    /// A hold to void.
    VoidHold,
    /// A hold to extend or raise.
    AmendHold,
    /// A hold to give back whose time is over.
    ExpireHold,
    /// Several steps together.
    Linked,
    /// A movement to take back.
    Reverse,
    /// An account to bring to a target.
    Sweep,
    /// A new schedule.
    SetSchedule,
    /// A schedule to pause, resume or cancel.
    ChangeSchedule,
    /// Reversals to put right.
    RepairReversals,
}

impl EventKind {
    /// The name of the kind, as in JSON: `posted`, `held`, `refused`.
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
