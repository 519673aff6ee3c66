//! The views of a bank. They are durable and consistent, and never ahead of the journal.

use serde::{Deserialize, Serialize};

use crate::status::MovementStatus;
use jangbu_ledger::value_form::{self, Length};
use jangbu_ledger::{
    AccountNumber, Amount, Balance, BusinessDate, CommandId, Currency, Details, Freeze, HoldEnd, HoldId,
    LimitException, OwnerId, Position, Progress, Role, RunOutcome, Schedule, Timestamp, TypeCode,
};

/// One account at a position of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The account number.
    pub number: AccountNumber,
    /// The owner.
    pub owner: OwnerId,
    /// The account type.
    #[serde(rename = "type")]
    pub kind: TypeCode,
    /// The currency.
    pub currency: Currency,
    /// The currency's number of decimals.
    pub scale: u8,
    /// The account's role.
    pub role: Role,
    /// Open, frozen or closed.
    pub status: Status,
    /// The movements that are refused at present.
    pub frozen: Freeze,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The balance, without open holds.
    pub posted: Balance,
    /// The amount that open holds keep from being spent, fees included.
    pub held: Amount,
    /// The amount that open holds of other accounts may bring. It cannot be spent yet.
    pub pending_in: Amount,
    /// The open holds of the account, in the order in which they were placed.
    pub holds: Vec<SnapshotHold>,
    /// The amount that can be spent: posted plus overdraft, minus the held amount. The bank's own accounts have no
    /// bound, so they show the largest amount.
    pub available: Amount,
    /// How far below zero the balance may go.
    pub overdraft: Amount,
    /// The largest amount of one transfer; `None` means no limit.
    pub limit_per_transfer: Option<Amount>,
    /// The largest total of the day's transfers; `None` means no limit.
    pub limit_per_day: Option<Amount>,
    /// The account's own limit per transfer, in place of its type's.
    pub own_limit_per_transfer: LimitException,
    /// The account's own limit per day, in place of its type's.
    pub own_limit_per_day: LimitException,
    /// The amount that today's transfers may still move; `None` means no limit.
    pub left_today: Option<Amount>,
    /// The number of today's transfers that are still free.
    pub free_transfers_left: u32,
    /// The business date of `left_today` and `free_transfers_left`.
    pub date: BusinessDate,
    /// The number of events that the account has seen.
    pub version: u64,
    /// The position of the account's last record, which this view includes.
    pub position: Position,
}

/// An open hold in a [`Snapshot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotHold {
    /// The id of the hold.
    pub id: HoldId,
    /// The amount that it keeps from being spent, fee included.
    pub held: Amount,
    /// The amount that its receiver may still get.
    pub remaining: Amount,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The moment from which it can no longer be settled; `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
    /// Whether a verification is to settle or void it.
    pub requires_verification: bool,
    /// The position of its record in the journal.
    pub position: Position,
}

/// A hold, open or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldView {
    /// Its id.
    pub id: HoldId,
    /// The status.
    pub status: HoldStatus,
    /// The account that pays.
    pub from: AccountNumber,
    /// The receiver.
    pub to: AccountNumber,
    /// The total that the receiver may get, raises included.
    pub amount: Amount,
    /// The part that the receiver has got.
    pub captured: Amount,
    /// The amount that the receiver may still get.
    pub remaining: Amount,
    /// The fee, charged with the first capture.
    pub fee: Amount,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The business date for which it was placed.
    pub date: BusinessDate,
    /// The moment from which it can no longer be settled, extensions included; `None` if it does not expire. If the
    /// hold ended and its account had more than 10,000 records in between, this is the original expiry.
    pub expires_at: Option<Timestamp>,
    /// Whether a verification is to settle or void it.
    pub requires_verification: bool,
    /// The position of its record in the journal.
    pub position: Position,
    /// When it ended; `None` if it is open.
    pub ended_at: Option<Timestamp>,
    /// The reason for a void or rejection, for the bank's staff; empty if none was given.
    pub reason: String,
    /// The reason for a void or rejection, for the sender; empty if none was given.
    pub customer_text: String,
    /// Labels, reference, metadata.
    pub details: Details,
}

impl HoldView {
    /// Returns the hold's status as a movement, as lists of movements show it.
    pub const fn standing(&self) -> MovementStatus {
        let end = match self.status {
            HoldStatus::Open => None,
            HoldStatus::Settled => Some(HoldEnd::Settled),
            HoldStatus::Voided => Some(HoldEnd::Voided),
            HoldStatus::Rejected => Some(HoldEnd::Rejected),
            HoldStatus::Expired => Some(HoldEnd::Expired),
        };
        MovementStatus::of_hold(self.requires_verification, end, self.amount, self.captured)
    }
}

/// Whether a hold is open, or how it ended. [`HoldView::standing`] also considers whether the receiver got anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HoldStatus {
    /// Its money is set aside.
    Open,
    /// Settled: captured completely, or closed with its last capture.
    Settled,
    /// Voided by a command.
    Voided,
    /// Voided because its verification rejected it.
    Rejected,
    /// Its expiry passed.
    Expired,
}

impl From<HoldEnd> for HoldStatus {
    fn from(end: HoldEnd) -> Self {
        match end {
            HoldEnd::Settled => HoldStatus::Settled,
            HoldEnd::Voided => HoldStatus::Voided,
            HoldEnd::Rejected => HoldStatus::Rejected,
            HoldEnd::Expired => HoldStatus::Expired,
        }
    }
}

impl std::fmt::Display for HoldStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            HoldStatus::Open => "open",
            HoldStatus::Settled => "settled",
            HoldStatus::Voided => "voided",
            HoldStatus::Rejected => "rejected",
            HoldStatus::Expired => "expired",
        })
    }
}

/// Whether an account takes part in transfers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Debits and credits are possible.
    Open,
    /// Debits, credits or both are refused at present.
    Frozen,
    /// Closed permanently.
    Closed,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Status::Open => "open",
            Status::Frozen => "frozen",
            Status::Closed => "closed",
        })
    }
}

/// One line of an account's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The position of the record in the journal.
    pub position: Position,
    /// The id of the command.
    pub id: CommandId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// What happened.
    pub what: EntryKind,
    /// The number of the linked step, counted from 0; `None` if the command has no steps.
    pub step: Option<u8>,
    /// The hold that the entry settles, voids or expires.
    pub hold: Option<HoldId>,
    /// The other account, if money moved.
    pub counterparty: Option<AccountNumber>,
    /// The change of the balance, fee included.
    pub change: Balance,
    /// The fee included in the change.
    pub fee: Amount,
    /// The balance after it.
    pub balance: Balance,
    /// The label on this account's side; for a settlement, the label of its hold.
    pub label: String,
    /// The reference; for a settlement or a release, the reference of its hold.
    pub reference: String,
    /// The sender's own reference for the payment; for a settlement or a release, that of its hold.
    pub end_to_end_id: String,
    /// The reason for a voided or rejected hold of this account, for its customer; empty otherwise.
    pub customer_text: String,
}

/// The kind of an [`Entry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EntryKind {
    /// The account was opened.
    Opened,
    /// Money came from another account.
    TransferIn,
    /// Money went to another account.
    TransferOut,
    /// Cash was paid in.
    Deposit,
    /// Cash was paid out.
    Withdrawal,
    /// A fee was credited to the bank's fee account.
    Fee,
    /// Something other than the balance changed.
    Changed,
    /// Money was set aside for another account.
    HoldOut,
    /// Another account set money aside for this one.
    HoldIn,
    /// A hold was settled: money went to another account.
    SettledOut,
    /// A hold was settled: money came from another account.
    SettledIn,
    /// The rest of a hold went back to its sender.
    Released,
    /// A hold was extended or raised.
    Amended,
    /// Money moved to bring an account to a target balance.
    Sweep,
    /// An earlier movement was reversed.
    Reversal,
}

impl std::fmt::Display for EntryKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            EntryKind::Opened => "opened",
            EntryKind::TransferIn => "transfer in",
            EntryKind::TransferOut => "transfer out",
            EntryKind::Deposit => "deposit",
            EntryKind::Withdrawal => "withdrawal",
            EntryKind::Fee => "fee",
            EntryKind::Changed => "changed",
            EntryKind::HoldOut => "hold out",
            EntryKind::HoldIn => "hold in",
            EntryKind::SettledOut => "settled out",
            EntryKind::SettledIn => "settled in",
            EntryKind::Released => "released",
            EntryKind::Amended => "amended",
            EntryKind::Sweep => "sweep",
            EntryKind::Reversal => "reversal",
        })
    }
}

/// The part of an account's history to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryQuery {
    /// Only entries before this position, which is the `next` of the previous page. `None` starts with the newest.
    pub before: Option<Position>,
    /// Only entries at or after this position, and of those the oldest that fit on the page. This returns the page
    /// whose successor has `before` equal to this position. `before` is then ignored.
    pub since: Option<Position>,
    /// Only entries recorded at or after this moment.
    pub from: Option<Timestamp>,
    /// Only entries recorded before this moment.
    pub to: Option<Timestamp>,
    /// The maximum number of entries, 1 to 1,000; 0 means 50.
    pub limit: usize,
}

/// A page of results, and where the next one starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T, C> {
    /// The results, in order.
    pub data: Vec<T>,
    /// The value to pass for the next page; `None` if there is none.
    pub next: Option<C>,
}

/// A schedule and its progress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingOrder {
    /// The id of the command that created it, which is the schedule's id.
    pub id: CommandId,
    /// The order, with its start.
    pub schedule: Schedule,
    /// The next attempt and the counts of runs.
    pub progress: Progress,
    /// The position of its last record, which this view includes.
    pub position: Position,
}

/// One record about a schedule's occurrences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledRun {
    /// The position of the record in the journal.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The moment of the occurrence by the schedule's rule.
    pub occurrence: Timestamp,
    /// The outcome.
    pub outcome: RunOutcome,
}

/// An application record.
///
/// JSON has the value in Base64. `Debug` shows only its length, because it may be secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationRecord {
    /// The key within its kind.
    pub key: String,
    /// The value.
    #[serde(with = "value_form")]
    pub value: Vec<u8>,
    /// The position of the record that wrote it.
    pub version: Position,
}

impl std::fmt::Debug for ApplicationRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ApplicationRecord { key, value, version } = self;
        let value = Length(value.len());
        f.debug_struct("ApplicationRecord").field("key", key).field("value", &value).field("version", version).finish()
    }
}

/// The state of an account's actor at present.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// Whether its actor runs. The first command that needs a sleeping account wakes it.
    pub is_active: bool,
    /// Messages to the actor with an open outcome: debits and credits of commands in flight.
    pub legs: u64,
    /// Commands that wait for the account: to be loaded, or to be available exclusively.
    pub queued: u64,
    /// Debits that may still be refunded.
    pub undecided: u64,
    /// Whether debits are waiting for undecided ones.
    pub is_waiting: bool,
    /// Whether it is being changed, or reserved for a group.
    pub is_changing: bool,
}

impl Activation {
    /// Returns the number of everything that is waiting at the account.
    pub const fn depth(&self) -> u64 {
        self.legs.saturating_add(self.queued)
    }
}

/// A message to an account's actor, recorded while somebody watches the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedMessage {
    /// The number of the message, counted from 1 since the account is watched.
    pub number: u64,
    /// When it was handled.
    pub at: Timestamp,
    /// The kind of message.
    pub kind: WatchedMessageKind,
    /// The amount in the message, without a fee.
    pub amount: Option<Amount>,
    /// The hold in the message.
    pub hold: Option<HoldId>,
    /// The outcome.
    pub outcome: WatchedMessageOutcome,
    /// The balance afterwards. Debits that may still be refunded are already subtracted.
    pub posted: Balance,
    /// The number of debits afterwards that may still be refunded, as far as the account knows.
    pub undecided: u64,
    /// The number of messages that wait behind this one for an undecided debit.
    pub waiting: u64,
}

/// The kind of a message to an account's actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WatchedMessageKind {
    /// Debit an amount, or hold it.
    Debit,
    /// Credit an amount, or expect it from a hold.
    Credit,
    /// Credit an amount that cannot be refused: a fee, or the proceeds of a hold.
    Accept,
    /// Settle, void or expire a hold.
    DrawHold,
    /// Extend or raise a hold.
    AmendHold,
    /// Save the state before the steps of a group.
    Save,
    /// Keep the steps of a group, or undo them.
    Conclude,
    /// Refund a debit that its receiver refused.
    Refund,
    /// Learn which debits are decided.
    Decided,
    /// Change something other than the balance.
    Change,
}

/// The outcome of a message to an account's actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchedMessageOutcome {
    /// The account carried it out.
    Applied,
    /// The account refused it.
    Refused,
    /// The message waits for an undecided debit.
    Waits,
    /// There was nothing to do.
    Nothing,
}

/// The sums of the balances in one currency, which add up to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyTotal {
    /// The currency.
    pub currency: Currency,
    /// Its number of decimals.
    pub scale: u8,
    /// The sum of the customers' balances, in minor units.
    pub customers: i128,
    /// The balance of the bank's cash account.
    pub cash: i128,
    /// The balance of the bank's fee account.
    pub fees: i128,
}
