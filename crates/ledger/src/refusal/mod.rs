//! The reasons for which the ledger refuses commands.

mod in_decimals;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::{AccountNumber, Amount, Balance, CommandId, Currency, HoldId, Position, Timestamp, TypeCode};

/// A refused command: a business outcome, with the figures that explain it.
///
/// The variants are in order of precedence unless a variant says otherwise: if several apply, the first is returned. A
/// movement of money is checked in this order: the command itself, the sender's account, the fee account, the
/// receiver's account. A sender without enough money therefore gets [`Refusal::InsufficientFunds`] even if the receiver
/// is closed.
///
/// A refusal is recorded under the command's id and returned to every repetition. [`Refusal::IdReused`] is not
/// recorded, because the id is already taken, and neither is [`Refusal::Archived`] if the id is the reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The id was used for a command with different content.
    #[error("the id was already used for another command")]
    IdReused,
    /// The amount is zero.
    #[error("the amount is zero")]
    AmountZero,
    /// Sender and receiver are the same account.
    #[error("sender and receiver are the same account")]
    SameAccount,
    /// The expiry of the hold is not in the future.
    #[error("the hold would expire at {expires_at}, which is not in the future")]
    ExpiryPassed {
        /// The requested expiry.
        expires_at: Timestamp,
    },
    /// There is no hold with that id.
    #[error("there is no hold {hold}")]
    HoldUnknown {
        /// The id that was given.
        hold: HoldId,
    },
    /// The hold was settled completely.
    #[error("the hold {hold} is settled")]
    HoldSettled {
        /// The hold.
        hold: HoldId,
    },
    /// The hold was voided, by a command or by its verification.
    #[error("the hold {hold} is voided")]
    HoldVoided {
        /// The hold.
        hold: HoldId,
    },
    /// The hold has expired.
    #[error("the hold {hold} has expired")]
    HoldExpired {
        /// The hold.
        hold: HoldId,
    },
    /// The hold has not expired yet.
    #[error("the hold {hold} has not expired yet")]
    HoldNotDue {
        /// The hold.
        hold: HoldId,
    },
    /// The amount exceeds what is left of the hold.
    #[error("the amount {requested} exceeds the {remaining} left of the hold")]
    CaptureTooLarge {
        /// The amount that is left.
        remaining: Amount,
        /// The requested amount.
        requested: Amount,
    },
    /// A hold can only be raised.
    #[error("the hold's amount is {amount} and cannot be lowered to {requested}")]
    HoldLowered {
        /// The hold's amount.
        amount: Amount,
        /// The requested amount.
        requested: Amount,
    },
    /// There is no movement with that id that can be reversed.
    #[error("{original} is not a movement that can be reversed")]
    NotReversible {
        /// The id that was given.
        original: CommandId,
    },
    /// The amount exceeds what is left of the original after earlier reversals.
    #[error("the amount {requested} exceeds the {left} left to reverse")]
    ReversalTooLarge {
        /// The amount that is left.
        left: Amount,
        /// The requested amount.
        requested: Amount,
    },
    /// The balance is already at the target.
    #[error("the balance is already {target}")]
    NothingToSweep {
        /// The target.
        target: Balance,
    },
    /// There is no account with that number.
    #[error("there is no account {number}")]
    AccountUnknown {
        /// The number that was given.
        number: AccountNumber,
    },
    /// The command is not allowed for the bank's own cash and fee accounts.
    #[error("{number} is one of the bank's own accounts")]
    SystemAccount {
        /// The system account.
        number: AccountNumber,
    },
    /// Sender and receiver have different currencies.
    #[error("the sender's account is in {from} and the receiver's in {to}")]
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
    /// The account is frozen for this kind of movement.
    #[error("account {number} is frozen")]
    AccountFrozen {
        /// The frozen account.
        number: AccountNumber,
    },
    /// The amount exceeds the limit per transfer.
    #[error("the transfer of {requested} exceeds the limit of {limit} per transfer")]
    LimitPerTransfer {
        /// The limit in force.
        limit: Amount,
        /// The amount of the transfer.
        requested: Amount,
    },
    /// The amount exceeds what is left of the daily limit.
    #[error("the transfer of {requested} exceeds the limit of {limit} per day, of which {used} is used")]
    LimitPerDay {
        /// The limit in force.
        limit: Amount,
        /// The total of the day's transfers so far.
        used: Amount,
        /// The amount of the transfer.
        requested: Amount,
    },
    /// The account has less money than amount and fee together.
    #[error("{needed} is needed, but {available} is available")]
    InsufficientFunds {
        /// The amount that can be spent, overdraft included.
        available: Amount,
        /// Amount and fee together.
        needed: Amount,
    },
    /// The receiver's balance would exceed 2^53 − 1 minor units.
    #[error("account {number} cannot hold more: its balance is {posted}")]
    BalanceLimit {
        /// The receiver's number.
        number: AccountNumber,
        /// The receiver's balance.
        posted: Balance,
    },
    /// The bank's own cash or fee account would exceed ±(2^53 − 1) minor units.
    #[error("the bank cannot book more {currency}")]
    CurrencyLimit {
        /// The currency.
        currency: Currency,
    },
    /// The number is already in use.
    #[error("account {number} already exists")]
    AccountExists {
        /// The requested number.
        number: AccountNumber,
    },
    /// The number is reserved for the bank's own accounts.
    #[error("{number} is reserved: numbers that begin with CASH- or FEES- are the bank's own")]
    NumberReserved {
        /// The requested number.
        number: AccountNumber,
    },
    /// There is no account type with that code.
    #[error("there is no account type {code}")]
    TypeUnknown {
        /// The code that was given.
        #[serde(rename = "type")]
        code: TypeCode,
    },
    /// The account type is built in, or the change would alter its currency.
    #[error("account type {code} cannot be changed like this: it is built in, or its currency is fixed")]
    TypeFixed {
        /// The account type.
        #[serde(rename = "type")]
        code: TypeCode,
    },
    /// The account type has another currency than the account.
    #[error("account type {code} is not for accounts in {currency}")]
    TypeCurrency {
        /// The account type.
        #[serde(rename = "type")]
        code: TypeCode,
        /// The account's currency.
        currency: Currency,
    },
    /// The currency is not in ISO 4217, and the bank has not added it.
    #[error("{currency} is not a currency of ISO 4217, and the bank has not added it")]
    CurrencyUnknown {
        /// The code that was given.
        currency: Currency,
    },
    /// The currency already exists with another scale.
    #[error("{currency} has {scale} decimals, which cannot be changed")]
    CurrencyFixed {
        /// The currency.
        currency: Currency,
        /// The number of decimals that it has.
        scale: u8,
    },
    /// The maximum number of open holds of an account, account types or currencies is reached.
    #[error("the maximum of {most} is reached")]
    TooMany {
        /// The maximum.
        most: u32,
    },
    /// The account's balance is not zero.
    #[error("the account's balance is {posted}, and only an account at zero can be closed")]
    NotEmpty {
        /// The balance.
        posted: Balance,
    },
    /// The account is part of open holds.
    #[error("holds are open: {held} are held, {pending_in} may come in")]
    HoldsOpen {
        /// The amount held on the account.
        held: Amount,
        /// The amount that holds of other accounts may bring.
        pending_in: Amount,
    },
    /// The balance is lower than the new overdraft allows.
    #[error("the account's balance is {posted}, below an overdraft of {overdraft}")]
    OverdraftInUse {
        /// The balance.
        posted: Balance,
        /// The requested overdraft.
        overdraft: Amount,
    },
    /// The application record does not have the version that the command expects.
    #[error("the record has version {found}, not the expected one")]
    RecordConflict {
        /// The version found; 0 if there is no such record.
        found: Position,
    },
    /// One of the linked steps was refused, and therefore all of them.
    #[error("step {step} is refused: {refusal}")]
    Linked {
        /// The number of the step, counted from 0.
        #[serde(with = "stored_step")]
        step: u8,
        /// The reason.
        refusal: Box<Refusal>,
    },
    /// There is no schedule with that id.
    #[error("there is no schedule {schedule}")]
    ScheduleUnknown {
        /// The id that was given.
        schedule: CommandId,
    },
    /// The schedule has ended and cannot be changed any more.
    #[error("schedule {schedule} has ended")]
    ScheduleEnded {
        /// The schedule.
        schedule: CommandId,
    },
    /// The schedule would never run: its moment has passed, or its last date is before its first occurrence.
    #[error("the schedule has no run after {now}")]
    ScheduleNeverRuns {
        /// The moment after which there is no occurrence.
        now: Timestamp,
    },
    /// The outcome depends on an archived record: an earlier command with the same id, or the record that the command
    /// refers to. Only the archive knows that command's content and its answer. Nothing happens.
    #[error("this depends on the record at position {position}, which is archived")]
    Archived {
        /// The position of the archived record.
        position: Position,
    },
    /// The hold cannot be raised until its verification ends, because the verdict is about its present amount. In the
    /// order of precedence it comes directly after [`Refusal::HoldLowered`] and before the checks of the accounts.
    #[error("the hold {hold} awaits verification and cannot be raised until then")]
    HoldAwaitsVerification {
        /// The hold.
        hold: HoldId,
    },
    /// The movement was not reversed by more than its amount, and its reversals are consistent.
    #[error("the reversals of {original} need no repair")]
    ReversalsSound {
        /// The original.
        original: CommandId,
    },
    /// The fee due exceeds the largest fee that the sender accepted. In the order of precedence it comes directly after
    /// [`Refusal::AccountFrozen`] of the sender's account and before the limits.
    #[error("the fee is {fee}, and the sender accepts at most {most_fee}")]
    FeeTooHigh {
        /// The fee that is due.
        fee: Amount,
        /// The largest fee that the sender accepts.
        most_fee: Amount,
    },
}

/// Refusals are stored with steps counted from 1, as in the first version of the format.
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
    /// Returns the stable code of the refusal for programs, for example `insufficient_funds`.
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
