//! Why the ledger says no.

mod in_decimals;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{AccountNumber, Amount, Balance, CommandId, Currency, HoldId, Position, Timestamp, TypeCode};

/// A business outcome other than success, with the figures that explain it.
///
/// The variants stand in order of precedence, unless one says where it comes: where several apply, the first is returned. A movement of money is judged
/// in turn by what the command says, by the sender's account, by the fee account and by the receiver's, each in this
/// order: a sender without the money hears of that, even when the receiver is closed. A refusal is recorded
/// under the command's id and is given again to every repetition; only [`Refusal::IdReused`] is not recorded, the
/// id being taken already, nor is [`Refusal::Archived`] for that reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The id was used for a command of other content.
    #[error("the id was used before, for another command")]
    IdReused,
    /// Nothing would move.
    #[error("the amount is zero")]
    AmountZero,
    /// Sender and receiver are one account.
    #[error("sender and receiver are the same account")]
    SameAccount,
    /// The hold would be over before it began, or its new end is not after now.
    #[error("the hold would expire at {expires_at}, which is not after now")]
    ExpiryPassed {
        /// The expiry that was asked for.
        expires_at: Timestamp,
    },
    /// No hold was placed under that id.
    #[error("there is no hold {hold}")]
    HoldUnknown {
        /// The id as it was given.
        hold: HoldId,
    },
    /// The hold was settled, and nothing of it is left.
    #[error("the hold {hold} is settled")]
    HoldSettled {
        /// The hold.
        hold: HoldId,
    },
    /// The hold was voided, by command or by its verification.
    #[error("the hold {hold} is voided")]
    HoldVoided {
        /// The hold.
        hold: HoldId,
    },
    /// The hold's time is over.
    #[error("the hold {hold} has expired")]
    HoldExpired {
        /// The hold.
        hold: HoldId,
    },
    /// The hold's time is not over yet.
    #[error("the hold {hold} is not over yet")]
    HoldNotDue {
        /// The hold.
        hold: HoldId,
    },
    /// More than what is left of the hold.
    #[error("{requested} is more than the {remaining} that are left of the hold")]
    CaptureTooLarge {
        /// What is left.
        remaining: Amount,
        /// What was asked for.
        requested: Amount,
    },
    /// A hold can only be raised.
    #[error("the hold is over {amount} and cannot be lowered to {requested}")]
    HoldLowered {
        /// The hold's amount.
        amount: Amount,
        /// What was asked for.
        requested: Amount,
    },
    /// Nothing was posted under that id that could be reversed.
    #[error("{original} is no transfer that can be reversed")]
    NotReversible {
        /// The id as it was given.
        original: CommandId,
    },
    /// More than what is left of the original after earlier reversals.
    #[error("{requested} is more than the {left} that are left to reverse")]
    ReversalTooLarge {
        /// What is left.
        left: Amount,
        /// What was asked for.
        requested: Amount,
    },
    /// The balance is at the target already.
    #[error("the balance is at {target} already")]
    NothingToSweep {
        /// The target.
        target: Balance,
    },
    /// There is no account of that number.
    #[error("there is no account {number}")]
    AccountUnknown {
        /// The number as it was given.
        number: AccountNumber,
    },
    /// The command is not one for the bank's own cash and fee accounts.
    #[error("{number} is one of the bank's own accounts")]
    SystemAccount {
        /// The system account.
        number: AccountNumber,
    },
    /// Sender and receiver have different currencies.
    #[error("the sender's account is in {from}, the receiver's in {to}")]
    CurrencyMismatch {
        /// The sender's currency.
        from: Currency,
        /// The receiver's currency.
        to: Currency,
    },
    /// The account is closed.
    #[error("account {number} is closed")]
    AccountClosed {
        /// The closed account.
        number: AccountNumber,
    },
    /// The account is frozen for what the command would do to it.
    #[error("account {number} is frozen")]
    AccountFrozen {
        /// The frozen account.
        number: AccountNumber,
    },
    /// More than one transfer may move.
    #[error("the transfer of {requested} is over the limit of {limit} per transfer")]
    LimitPerTransfer {
        /// The limit in force.
        limit: Amount,
        /// The amount of the transfer.
        requested: Amount,
    },
    /// More than what is left of the day's limit.
    #[error("the transfer of {requested} is over the limit of {limit} per day, of which {used} is used")]
    LimitPerDay {
        /// The limit in force.
        limit: Amount,
        /// What the day's transfers used of it.
        used: Amount,
        /// The amount of the transfer.
        requested: Amount,
    },
    /// Less money than amount and fee.
    #[error("{needed} is needed and {available} is available")]
    InsufficientFunds {
        /// What could be spent, overdraft included.
        available: Amount,
        /// Amount plus fee.
        needed: Amount,
    },
    /// The receiver's balance would pass 2^53 − 1.
    #[error("account {number} cannot hold more: its balance is {posted}")]
    BalanceLimit {
        /// The receiver's number.
        number: AccountNumber,
        /// The receiver's balance.
        posted: Balance,
    },
    /// The bank's own cash or fee account would pass ±(2^53 − 1).
    #[error("the bank cannot book more {currency}")]
    CurrencyLimit {
        /// The currency.
        currency: Currency,
    },
    /// An account has that number already.
    #[error("account {number} exists already")]
    AccountExists {
        /// The number that was asked for.
        number: AccountNumber,
    },
    /// The number is kept for the bank's own accounts.
    #[error("numbers that begin with CASH- or FEES- are the bank's own, {number} among them")]
    NumberReserved {
        /// The number that was asked for.
        number: AccountNumber,
    },
    /// There is no account type of that code.
    #[error("there is no account type {code}")]
    TypeUnknown {
        /// The code as it was given.
        #[serde(rename = "type")]
        code: TypeCode,
    },
    /// The account type is the built-in one, or its currency is fixed.
    #[error("account type {code} cannot be changed so")]
    TypeFixed {
        /// The account type.
        #[serde(rename = "type")]
        code: TypeCode,
    },
    /// The account type is of another currency.
    #[error("account type {code} is not for accounts in {currency}")]
    TypeCurrency {
        /// The account type.
        #[serde(rename = "type")]
        code: TypeCode,
        /// The account's currency.
        currency: Currency,
    },
    /// A code outside ISO 4217 for which the bank has no scale yet.
    #[error("{currency} is not a currency of ISO 4217, nor one that the bank has added")]
    CurrencyUnknown {
        /// The code as it was given.
        currency: Currency,
    },
    /// The currency is there, with another scale.
    #[error("{currency} has {scale} decimals, which cannot be changed")]
    CurrencyFixed {
        /// The currency.
        currency: Currency,
        /// The decimals that it has.
        scale: u8,
    },
    /// The bank has as many account types or currencies as it can.
    #[error("the bank has {most} of these, and that is the most")]
    TooMany {
        /// The most there can be.
        most: u32,
    },
    /// The account still has money (or debt) on it.
    #[error("the account's balance is {posted}, and only an account at zero can be closed")]
    NotEmpty {
        /// The balance.
        posted: Balance,
    },
    /// The account has a part in holds that are open.
    #[error("holds are open: {held} are held, {pending_in} may come in")]
    HoldsOpen {
        /// What the account's own holds keep.
        held: Amount,
        /// What holds of others may bring.
        pending_in: Amount,
    },
    /// The account is further overdrawn than the new limit would allow.
    #[error("the account's balance is {posted}, below an overdraft of {overdraft}")]
    OverdraftInUse {
        /// The balance.
        posted: Balance,
        /// The overdraft that was asked for.
        overdraft: Amount,
    },
    /// An application record is not at the version that the command expects.
    #[error("the record is at version {found}, not at the expected one")]
    RecordConflict {
        /// The version found; 0 when there is no such record.
        found: Position,
    },
    /// One of the linked steps was refused, and so all of them.
    #[error("step {step} is refused: {refusal}")]
    Linked {
        /// Which step, counted from 0.
        #[serde(with = "stored_step")]
        step: u8,
        /// Why.
        refusal: Box<Refusal>,
    },
    /// There is no schedule of that id.
    #[error("there is no schedule {schedule}")]
    ScheduleUnknown {
        /// The id as it was given.
        schedule: CommandId,
    },
    /// The schedule has ended, and takes no more changes.
    #[error("schedule {schedule} has ended")]
    ScheduleEnded {
        /// The schedule.
        schedule: CommandId,
    },
    /// The schedule would never run: its moment is past, or its last date is before the first that its rule gives.
    #[error("the schedule has no run after {now}")]
    ScheduleNeverRuns {
        /// The moment after which there is none.
        now: Timestamp,
    },
    /// What it depends on is archived: the command of that id, when it was used before, or what it is about. Whether it
    /// was the same command, and what was answered, the archive knows. Nothing happens.
    #[error("the record at position {position}, on which this depends, is archived")]
    Archived {
        /// That record.
        position: Position,
    },
    /// The hold waits for its verifier, whose verdict is about the amount as it is: it cannot be raised meanwhile. In the
    /// order of precedence it comes right after [`Refusal::HoldLowered`], and before what is said of the accounts.
    #[error("the hold {hold} waits for its verification and cannot be raised meanwhile")]
    HoldAwaitsVerification {
        /// The hold.
        hold: HoldId,
    },
    /// No more of the movement was reversed than had moved, and its reversals follow from each other.
    #[error("the reversals of {original} need no repair")]
    ReversalsSound {
        /// The original.
        original: CommandId,
    },
    /// The fee that is due now is larger than the one that the sender agreed to. In the order of precedence it comes right
    /// after [`Refusal::AccountFrozen`] of the sender's account, and before the limits.
    #[error("the fee is {fee}, and the sender agreed to {most_fee} at most")]
    FeeTooHigh {
        /// The fee that is due now.
        fee: Amount,
        /// The largest fee that was agreed to.
        most_fee: Amount,
    },
}

/// Refusals are stored with steps counted from 1, as the first ones were.
mod stored_step {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(step: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        let is_stored = !serializer.is_human_readable();
        serializer.serialize_u8(step.saturating_add(u8::from(is_stored)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        let is_stored = !deserializer.is_human_readable();
        let step = u8::deserialize(deserializer)?;
        step.checked_sub(u8::from(is_stored)).ok_or_else(|| D::Error::custom("no step has this number"))
    }
}

impl Refusal {
    /// The stable code by which clients and reports know the refusal, for example `insufficient_funds`.
    pub const fn code(&self) -> &'static str {
        match self {
            Refusal::IdReused => "id_reused",
            Refusal::AmountZero => "amount_zero",
            Refusal::SameAccount => "same_account",
            Refusal::ExpiryPassed { .. } => "expiry_passed",
            Refusal::HoldUnknown { .. } => "hold_unknown",
            Refusal::HoldSettled { .. } => "hold_settled",
            Refusal::HoldVoided { .. } => "hold_voided",
            Refusal::HoldExpired { .. } => "hold_expired",
            Refusal::HoldNotDue { .. } => "hold_not_due",
            Refusal::CaptureTooLarge { .. } => "capture_too_large",
            Refusal::HoldLowered { .. } => "hold_lowered",
            Refusal::NotReversible { .. } => "not_reversible",
            Refusal::ReversalTooLarge { .. } => "reversal_too_large",
            Refusal::NothingToSweep { .. } => "nothing_to_sweep",
            Refusal::AccountUnknown { .. } => "account_unknown",
            Refusal::SystemAccount { .. } => "system_account",
            Refusal::CurrencyMismatch { .. } => "currency_mismatch",
            Refusal::AccountClosed { .. } => "account_closed",
            Refusal::AccountFrozen { .. } => "account_frozen",
            Refusal::LimitPerTransfer { .. } => "limit_per_transfer",
            Refusal::LimitPerDay { .. } => "limit_per_day",
            Refusal::InsufficientFunds { .. } => "insufficient_funds",
            Refusal::BalanceLimit { .. } => "balance_limit",
            Refusal::CurrencyLimit { .. } => "currency_limit",
            Refusal::AccountExists { .. } => "account_exists",
            Refusal::NumberReserved { .. } => "number_reserved",
            Refusal::TypeUnknown { .. } => "type_unknown",
            Refusal::TypeFixed { .. } => "type_fixed",
            Refusal::TypeCurrency { .. } => "type_currency",
            Refusal::CurrencyUnknown { .. } => "currency_unknown",
            Refusal::CurrencyFixed { .. } => "currency_fixed",
            Refusal::TooMany { .. } => "too_many",
            Refusal::NotEmpty { .. } => "not_empty",
            Refusal::HoldsOpen { .. } => "holds_open",
            Refusal::OverdraftInUse { .. } => "overdraft_in_use",
            Refusal::RecordConflict { .. } => "record_conflict",
            Refusal::Archived { .. } => "archived",
            Refusal::Linked { .. } => "linked",
            Refusal::ScheduleUnknown { .. } => "schedule_unknown",
            Refusal::ScheduleEnded { .. } => "schedule_ended",
            Refusal::ScheduleNeverRuns { .. } => "schedule_never_runs",
            Refusal::HoldAwaitsVerification { .. } => "hold_awaits_verification",
            Refusal::ReversalsSound { .. } => "reversals_sound",
            Refusal::FeeTooHigh { .. } => "fee_too_high",
        }
    }
}
