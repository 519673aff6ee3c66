//! What can be read of a bank: durable, consistent, and never ahead of the journal.

use serde::{Deserialize, Serialize};

use crate::status::MovementStatus;
use jangbu_ledger::value_form::{self, Length};
use jangbu_ledger::{
    AccountNumber, Amount, Balance, BusinessDate, CommandId, Currency, Details, Freeze, HoldEnd, HoldId,
    LimitException, OwnerId, Position, Progress, Role, RunOutcome, Schedule, Timestamp, TypeCode,
};

/// One account at one place in the journal.
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
    /// Whom the account serves.
    pub role: Role,
    /// Open, frozen or closed.
    pub status: Status,
    /// What is refused for the time being.
    pub frozen: Freeze,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The balance.
    pub posted: Balance,
    /// What open holds keep from being spent, fees included.
    pub held: Amount,
    /// What holds of other accounts may bring: visible, not spendable.
    pub pending_in: Amount,
    /// The open holds of the account, in the order in which they were placed.
    pub holds: Vec<SnapshotHold>,
    /// What can be spent: posted plus overdraft, less what is held. The bank's own accounts have no bound, and so
    /// the largest amount.
    pub available: Amount,
    /// How far below zero the balance may go.
    pub overdraft: Amount,
    /// The most that one transfer may move; `None` for no limit.
    pub limit_per_transfer: Option<Amount>,
    /// The most that the day's transfers may move; `None` for no limit.
    pub limit_per_day: Option<Amount>,
    /// The account's own limit per transfer, in place of its type's.
    pub own_limit_per_transfer: LimitException,
    /// The account's own limit per day, in place of its type's.
    pub own_limit_per_day: LimitException,
    /// What today's transfers may still move; `None` for no limit.
    pub left_today: Option<Amount>,
    /// Today's transfers that are still free.
    pub free_transfers_left: u32,
    /// The business date that `left_today` and `free_transfers_left` are for.
    pub date: BusinessDate,
    /// How many events the account has seen.
    pub version: u64,
    /// The account's last record, after which it stands as told here.
    pub position: Position,
}

/// An open hold in a [`Snapshot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotHold {
    /// The id of the hold.
    pub id: HoldId,
    /// What it keeps from being spent, fee included.
    pub held: Amount,
    /// What its receiver may still get.
    pub remaining: Amount,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// From when on it can no longer be settled.
    pub expires_at: Option<Timestamp>,
    /// Whether it waits for its verification.
    pub verified: bool,
    /// The place of its record in the journal.
    pub position: Position,
}

/// A hold, open or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldView {
    /// Its id.
    pub id: HoldId,
    /// How it stands.
    pub status: HoldStatus,
    /// The account that pays.
    pub from: AccountNumber,
    /// The receiver.
    pub to: AccountNumber,
    /// What the receiver may get in all, raises included.
    pub amount: Amount,
    /// What the receiver got of it.
    pub captured: Amount,
    /// What the receiver may still get.
    pub remaining: Amount,
    /// What the bank takes, or took, with the first capture.
    pub fee: Amount,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// The business date for which it was placed.
    pub date: BusinessDate,
    /// From when on it can no longer be settled, extensions included; of a hold that ended behind more than 10,000 other
    /// records of its account, as it was placed.
    pub expires_at: Option<Timestamp>,
    /// Whether it is settled or voided by its verification.
    pub verified: bool,
    /// The place of its record in the journal.
    pub position: Position,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why it was voided or rejected, for the bank's staff, as far as that was said.
    pub reason: String,
    /// Why it was voided or rejected, for the sender, as far as that was said.
    pub customer_text: String,
    /// Labels, reference, metadata.
    pub details: Details,
}

impl HoldView {
    /// How it stands, as lists of movements say it.
    pub const fn standing(&self) -> MovementStatus {
        let end = match self.status {
            HoldStatus::Open => None,
            HoldStatus::Settled => Some(HoldEnd::Settled),
            HoldStatus::Voided => Some(HoldEnd::Voided),
            HoldStatus::Rejected => Some(HoldEnd::Rejected),
            HoldStatus::Expired => Some(HoldEnd::Expired),
        };
        MovementStatus::of_hold(self.verified, end, self.amount, self.captured)
    }
}

/// How a hold ended, if it did. What its receiver got of it is another matter: [`HoldView::standing`] says both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HoldStatus {
    /// Its money is set aside.
    Open,
    /// Settled, in whole or with the last capture.
    Settled,
    /// Voided by command.
    Voided,
    /// Voided because its verification rejected it.
    Rejected,
    /// Its time was over.
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
    /// Debits, credits or both are refused for the time being.
    Frozen,
    /// Closed for ever.
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
    /// The place of the record in the journal.
    pub position: Position,
    /// The id of the command.
    pub id: CommandId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// What happened.
    pub what: EntryKind,
    /// Which of several linked steps it is of, counted from 0.
    pub step: Option<u8>,
    /// The hold, for what settles or releases one.
    pub hold: Option<HoldId>,
    /// The other account, for money that moved.
    pub counterparty: Option<AccountNumber>,
    /// By how much the entry changed the balance, fee included.
    pub change: Balance,
    /// The fee within it.
    pub fee: Amount,
    /// The balance after it.
    pub balance: Balance,
    /// The label on this account's side; of a settlement that with which its hold was placed.
    pub label: String,
    /// The reference; of a settlement and of what was given back that of the hold.
    pub reference: String,
    /// What the sender's own books call the payment; of a settlement and of what was given back that of the hold.
    pub end_to_end_id: String,
    /// Of what was given back to this account: why, as far as its customer was told.
    pub customer_text: String,
}

/// What an [`Entry`] is about.
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
    /// Cash came in.
    Deposit,
    /// Cash went out.
    Withdrawal,
    /// A fee came in, on the bank's fee account.
    Fee,
    /// Something else than the balance changed.
    Changed,
    /// Money was set aside for another account.
    HoldOut,
    /// Another account set money aside for this one.
    HoldIn,
    /// A hold was settled: money went to another account.
    SettledOut,
    /// A hold was settled: money came from another account.
    SettledIn,
    /// What was left of a hold went back.
    Released,
    /// A hold was extended or raised.
    Amended,
    /// Money moved to bring an account to a target.
    Sweep,
    /// An earlier movement was taken back.
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

/// Which part of an account's history to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryQuery {
    /// Only entries before this position: the `next` of the page before. `None` begins with the newest.
    pub before: Option<Position>,
    /// Only entries at or after this position and, of those, the oldest that fit on the page: the page that comes before the one
    /// whose `before` that is. Then `before` makes no difference.
    pub since: Option<Position>,
    /// Only entries recorded at or after this moment.
    pub from: Option<Timestamp>,
    /// Only entries recorded before this moment.
    pub to: Option<Timestamp>,
    /// How many entries at most, 1 to 1,000; 0 means 50.
    pub limit: usize,
}

/// A page of something, and where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T, C> {
    /// What was found, in order.
    pub data: Vec<T>,
    /// What to pass for the next page; `None` when there is none.
    pub next: Option<C>,
}

/// A schedule and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingOrder {
    /// The id of the command that made it, by which it is known.
    pub id: CommandId,
    /// What it does, with its start.
    pub schedule: Schedule,
    /// What comes next, and how often it ran.
    pub progress: Progress,
    /// Its last record, after which it stands as told here.
    pub position: Position,
}

/// One record of what a schedule did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduledRun {
    /// The place of the record in the journal.
    pub position: Position,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The moment that the rule gave.
    pub occurrence: Timestamp,
    /// What became of it.
    pub outcome: RunOutcome,
}

/// An application record.
///
/// In JSON its value is text, in Base64; `Debug` shows how long it is, as it may be secret.
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

/// How an account stands between the store and its actor, at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// Whether its actor runs. One that sleeps is woken by the first command that needs it.
    pub is_active: bool,
    /// Messages to the actor whose outcome is open: debits and credits of commands in flight.
    pub legs: u64,
    /// Commands that wait for the account itself: to be loaded, or to be had alone.
    pub queued: u64,
    /// Debits that may still be refunded.
    pub undecided: u64,
    /// Whether debits wait for undecided ones.
    pub is_waiting: bool,
    /// Whether it is being changed, or a group has it to itself.
    pub is_changing: bool,
}

impl Activation {
    /// Everything that waits at the account.
    pub const fn depth(&self) -> u64 {
        self.legs.saturating_add(self.queued)
    }
}

/// A message to an account's actor, noted while somebody watches the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Which one it was, counted from 1 since the account is watched.
    pub number: u64,
    /// When it was handled.
    pub at: Timestamp,
    /// What it was.
    pub kind: HeardKind,
    /// The money that it is about, without a fee.
    pub amount: Option<Amount>,
    /// The hold that it is about.
    pub hold: Option<HoldId>,
    /// What became of it.
    pub outcome: HeardOutcome,
    /// The balance behind it, debits that may still be refunded taken off.
    pub posted: Balance,
    /// The debits behind it that may still be refunded, as far as the account knows.
    pub undecided: u64,
    /// How many messages wait behind it for what is undecided.
    pub waiting: u64,
}

/// What a message to an account's actor asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HeardKind {
    /// To take an amount, or to hold it.
    Debit,
    /// To receive an amount, or to expect it from a hold.
    Credit,
    /// To receive what cannot be refused: a fee, or what a hold brings.
    Accept,
    /// To settle, void or expire a hold.
    DrawHold,
    /// To extend or raise a hold.
    AmendHold,
    /// To remember the state before a group's steps.
    Save,
    /// To keep a group's steps, or to take them back.
    Conclude,
    /// To take a debit back that its receiver refused.
    Refund,
    /// To know which debits are decided.
    Decided,
    /// To change something other than the balance.
    Change,
}

/// What became of a message to an account's actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeardOutcome {
    /// The account did what was asked.
    Applied,
    /// The account refused.
    Refused,
    /// It waits for what is undecided.
    Waits,
    /// There was nothing to do.
    Nothing,
}

/// The sums of the balances in one currency, which together are zero.
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
