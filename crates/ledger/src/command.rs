//! The commands that a bank accepts, and their answers.

mod holds;
mod linked;
mod outcome;
mod scheduled;
mod size;
mod step;
mod stored;
mod texts;
mod transfer;

pub use crate::MAX_STEPS;
pub use holds::{AmendHold, DrawReceipt, HoldReceipt, PlaceHold, SettleHold, VoidHold};
pub use linked::{Linked, RepairReversals, Reverse, Sweep};
pub use outcome::{Answered, Outcome, Receipt};
pub use size::MAX_COMMAND_BYTES;
pub use step::Step;
pub use transfer::Transfer;

use serde::{Deserialize, Serialize};
use texts::{check_details, check_reason, check_type_name};

use crate::codec;
use crate::{
    AccountNumber, AccountType, Amount, AmountError, Change, CommandId, ContentHash, Currency, CurrencyError, Details,
    DetailsError, HoldId, NumberError, OwnerId, OwnerIdError, RecordPut, Schedule, ScheduleChange, ScheduleError,
    TypeCode, TypeCodeError,
};

/// The maximum number of commands in one call of `Bank::submit`.
pub const MAX_BATCH: usize = 8_192;
/// The maximum number of application records that one command writes.
pub const MAX_PUTS: usize = 16;
/// The maximum size of an application record's value in bytes.
pub const MAX_RECORD_BYTES: usize = 4_096;
const MAX_RECORD_KIND_BYTES: usize = 20;
const MAX_RECORD_KEY_BYTES: usize = 200;

/// A deposit or withdrawal of cash at the bank's counter. It costs no fee and uses no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashPosting {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The customer's account.
    pub account: AccountNumber,
    /// The amount.
    pub amount: Amount,
    /// Labels, reference, metadata.
    pub details: Option<Box<Details>>,
}

impl CashPosting {
    /// Creates a deposit or withdrawal with a new id and without a label.
    pub fn new(account: AccountNumber, amount: Amount) -> CashPosting {
        CashPosting { id: CommandId::random(), account, amount, details: None }
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> CashPosting {
        self.id = id;
        self
    }

    /// Sets the text on the customer's statement, up to 10 characters.
    #[must_use]
    pub fn with_label(mut self, label: &str) -> CashPosting {
        let details = self.details.get_or_insert_default();
        details.sender_label = label.into();
        details.receiver_label = label.into();
        self
    }
}

/// Opens an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAccount {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The account number; `None` generates one with check digits.
    pub number: Option<AccountNumber>,
    /// The owner. Owners need no registration; a new owner has
    /// [`FREE_TRANSFERS_PER_DAY`](crate::FREE_TRANSFERS_PER_DAY) free transfers per day.
    pub owner: OwnerId,
    /// The account type; `None` for the built-in type.
    pub kind: Option<TypeCode>,
    /// The currency; `None` for the currency of the type, or KRW for the built-in type.
    pub currency: Option<Currency>,
    /// How far below zero the balance may go.
    pub overdraft: Amount,
}

impl OpenAccount {
    /// Creates an account of the built-in type in KRW, with a generated number.
    pub fn new(owner: OwnerId) -> OpenAccount {
        OpenAccount {
            id: CommandId::random(),
            number: None,
            owner,
            kind: None,
            currency: None,
            overdraft: Amount::ZERO,
        }
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> OpenAccount {
        self.id = id;
        self
    }

    /// Sets the number.
    #[must_use]
    pub fn with_number(mut self, number: AccountNumber) -> OpenAccount {
        self.number = Some(number);
        self
    }

    /// Sets the account type.
    #[must_use]
    pub fn with_type(mut self, kind: TypeCode) -> OpenAccount {
        self.kind = Some(kind);
        self
    }

    /// Sets the currency.
    #[must_use]
    pub fn with_currency(mut self, currency: Currency) -> OpenAccount {
        self.currency = Some(currency);
        self
    }

    /// Sets the overdraft.
    #[must_use]
    pub fn with_overdraft(mut self, overdraft: Amount) -> OpenAccount {
        self.overdraft = overdraft;
        self
    }
}

/// Changes a property of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeAccount {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The account.
    pub account: AccountNumber,
    /// The change.
    pub change: Change,
}

impl ChangeAccount {
    /// Creates a change with a new id.
    pub fn new(account: AccountNumber, change: Change) -> ChangeAccount {
        ChangeAccount { id: CommandId::random(), account, change }
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> ChangeAccount {
        self.id = id;
        self
    }
}

/// Creates a schedule: one transfer at a future moment, or repeated transfers by a calendar rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetSchedule {
    /// The id under which it takes effect at most once. It becomes the id of the schedule.
    pub id: CommandId,
    /// The schedule.
    pub schedule: Schedule,
}

impl SetSchedule {
    /// Creates the command with a new id.
    pub fn new(schedule: Schedule) -> SetSchedule {
        SetSchedule { id: CommandId::random(), schedule }
    }

    /// Sets the id.
    #[must_use]
    pub fn with_id(mut self, id: CommandId) -> SetSchedule {
        self.id = id;
        self
    }
}

/// Pauses, resumes or cancels a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSchedule {
    /// The id under which it takes effect at most once.
    pub id: CommandId,
    /// The schedule.
    pub schedule: CommandId,
    /// The change.
    pub change: ScheduleChange,
}

impl ChangeSchedule {
    /// Creates a change with a new id.
    pub fn new(schedule: CommandId, change: ScheduleChange) -> ChangeSchedule {
        ChangeSchedule { id: CommandId::random(), schedule, change }
    }

    /// Sets the id.
    #[must_use]
    pub const fn with_id(mut self, id: CommandId) -> ChangeSchedule {
        self.id = id;
        self
    }
}

/// A command to a bank. New variants are added at the end, because refused commands are stored in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Moves money between two accounts.
    Transfer(Transfer),
    /// Pays in cash.
    Deposit(CashPosting),
    /// Pays out cash.
    Withdrawal(CashPosting),
    /// Opens an account.
    OpenAccount(Box<OpenAccount>),
    /// Freezes, unfreezes or closes an account, or changes its overdraft, limits or type.
    ChangeAccount(Box<ChangeAccount>),
    /// Creates an account type, or replaces the one with the same code.
    SetType {
        /// The id under which it takes effect at most once.
        id: CommandId,
        /// The type as it is to be.
        account_type: Box<AccountType>,
    },
    /// Sets an owner's number of free transfers per day.
    SetOwner {
        /// The id under which it takes effect at most once.
        id: CommandId,
        /// The owner.
        owner: Box<OwnerId>,
        /// Free transfers per account and business day.
        free_transfers_per_day: u32,
    },
    /// Adds a currency of the bank's own, or fixes the scale of an ISO 4217 currency before its first account.
    AddCurrency {
        /// The id under which it takes effect at most once.
        id: CommandId,
        /// The currency.
        currency: Currency,
        /// The number of decimals, 0 to 8.
        scale: u8,
    },
    /// Writes or deletes up to 16 application records, all or none.
    PutRecords {
        /// The id under which it takes effect at most once.
        id: CommandId,
        /// The records.
        puts: Vec<RecordPut>,
    },
    /// Sets money aside for a receiver.
    PlaceHold(Box<PlaceHold>),
    /// Settles a hold, completely or in part.
    SettleHold(SettleHold),
    /// Voids a hold.
    VoidHold(VoidHold),
    /// Extends or raises a hold.
    AmendHold(Box<AmendHold>),
    /// Returns the money of an expired hold to the sender. The bank sends this command itself; no caller needs to.
    ExpireHold {
        /// The id under which it takes effect at most once.
        id: CommandId,
        /// The hold.
        hold: HoldId,
    },
    /// Carries out several steps, all or none.
    Linked(Linked),
    /// Reverses an earlier movement.
    Reverse(Box<Reverse>),
    /// Brings an account to a target balance.
    Sweep(Box<Sweep>),
    /// Creates a schedule. The id of the command becomes the id of the schedule.
    SetSchedule(Box<SetSchedule>),
    /// Pauses, resumes or cancels a schedule.
    ChangeSchedule(ChangeSchedule),
    /// Returns the part of a movement's reversals that exceeds its amount.
    RepairReversals(RepairReversals),
}

// Millions of commands are copied from thread to thread, so rare and large variants are boxed. A transfer has 88 bytes.
const _: () = assert!(size_of::<Command>() <= 88, "a command is larger than a transfer");

/// A malformed command, rejected without asking the ledger. It consumes no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCommand {
    /// Texts that do not fit.
    #[error(transparent)]
    Details(#[from] DetailsError),
    /// Not a valid amount.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Not a valid account number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// Not a valid owner id.
    #[error(transparent)]
    Owner(#[from] OwnerIdError),
    /// Not a valid currency code.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
    /// Not a valid account type code.
    #[error(transparent)]
    TypeCode(#[from] TypeCodeError),
    /// A type's name that is empty, longer than 60 characters or not readable.
    #[error("a type's name has 1 to 60 readable characters")]
    TypeName,
    /// A type without a currency.
    #[error("an account type needs a currency")]
    TypeCurrency,
    /// More than 8 decimals.
    #[error("a currency has at most 8 decimals")]
    Scale,
    /// The bank itself as the owner.
    #[error("the owner \"bank\" is the bank itself")]
    OwnerReserved,
    /// No application records, too many of them, or records that are too large.
    #[error(
        "one command writes 1 to {MAX_PUTS} records of distinct keys; a kind has 1 to 20 bytes without a NUL, \
         a key up to 200, a value up to {MAX_RECORD_BYTES}"
    )]
    Records,
    /// No steps, or too many.
    #[error("one command links 1 to {MAX_STEPS} steps")]
    Steps,
    /// Two linked steps that reverse the same movement.
    #[error("one command reverses each movement at most once: reverse both amounts in one step")]
    ReversedTwice,
    /// A reason that does not fit.
    #[error("a reason has at most 140 characters, all of which can be read in one line")]
    Reason,
    /// A command that moves no money, so there is nothing to preview.
    #[error("only commands that move or hold money can be previewed")]
    NotPreviewed,
    /// A schedule to be ended with [`ScheduleChange::AccountClosed`], which only the closing of an account does.
    #[error("only closing an account ends a schedule this way; cancel the schedule instead")]
    ScheduleChange,
    /// An invalid schedule.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// A command whose texts fit one by one but are too large together.
    #[error("a command has at most {MAX_COMMAND_BYTES} bytes when encoded, but this one has {0}")]
    TooLarge(usize),
    /// A step that settles or voids a hold that another step of the same command places.
    #[error(
        "a step settles or voids a hold that the same command places: only holds of earlier commands can be drawn on"
    )]
    OwnHold,
    /// An id that is reserved for the journal's indexes.
    #[error("ids whose 7th and 9th octets are both FF are reserved for the journal's indexes; choose another id")]
    ReservedId,
    /// A batch with more commands than the bank accepts at once: [`MAX_BATCH`], or the admission limit if that is
    /// lower.
    #[error("a batch has at most {most} commands")]
    BatchTooLarge {
        /// The maximum number of commands.
        most: usize,
    },
}

impl Command {
    /// Returns the id under which the command takes effect at most once.
    pub fn id(&self) -> CommandId {
        match self {
            Command::Transfer(transfer) => transfer.id,
            Command::Deposit(cash) | Command::Withdrawal(cash) => cash.id,
            Command::OpenAccount(open) => open.id,
            Command::ChangeAccount(change) => change.id,
            Command::SetSchedule(set) => set.id,
            Command::ChangeSchedule(change) => change.id,
            Command::SetType { id, .. }
            | Command::SetOwner { id, .. }
            | Command::AddCurrency { id, .. }
            | Command::PutRecords { id, .. }
            | Command::ExpireHold { id, .. } => *id,
            Command::PlaceHold(hold) => hold.id,
            Command::SettleHold(settle) => settle.id,
            Command::VoidHold(void) => void.id,
            Command::AmendHold(amend) => amend.id,
            Command::Linked(linked) => linked.id,
            Command::Reverse(reverse) => reverse.id,
            Command::RepairReversals(repair) => repair.id,
            Command::Sweep(sweep) => sweep.id,
        }
    }

    /// Checks everything that does not depend on the state of the bank.
    ///
    /// # Errors
    /// Every variant of [`InvalidCommand`] except `BatchTooLarge`.
    pub fn check(&self) -> Result<(), InvalidCommand> {
        if self.id().is_reserved() {
            return Err(InvalidCommand::ReservedId);
        }
        self.check_texts().and_then(|()| size::check(self))
    }

    fn check_texts(&self) -> Result<(), InvalidCommand> {
        match self {
            Command::Transfer(Transfer { details, .. })
            | Command::Deposit(CashPosting { details, .. })
            | Command::Withdrawal(CashPosting { details, .. }) => check_details(details.as_deref()),
            Command::PlaceHold(hold) => check_details(hold.details.as_deref()),
            Command::Reverse(reverse) => check_details(reverse.details.as_deref()),
            Command::Sweep(sweep) => check_details(sweep.details.as_deref()),
            Command::VoidHold(void) => check_reason(void.reason.as_deref()),
            Command::Linked(linked) if !(1..=MAX_STEPS).contains(&linked.steps.len()) => Err(InvalidCommand::Steps),
            Command::Linked(linked) if linked.reverses_twice() => Err(InvalidCommand::ReversedTwice),
            Command::Linked(linked) if linked.draws_on_own() => Err(InvalidCommand::OwnHold),
            Command::Linked(linked) => linked.steps.iter().try_for_each(|step| check_details(step.details())),
            Command::SetType { account_type, .. } => {
                check_type_name(&account_type.name)?;
                if account_type.currency.is_none() { Err(InvalidCommand::TypeCurrency) } else { Ok(()) }
            }
            Command::AddCurrency { scale, .. } if *scale > 8 => Err(InvalidCommand::Scale),
            Command::OpenAccount(open) if open.owner == OwnerId::bank() => Err(InvalidCommand::OwnerReserved),
            Command::SetOwner { owner, .. } if **owner == OwnerId::bank() => Err(InvalidCommand::OwnerReserved),
            Command::PutRecords { puts, .. } => check_puts(puts),
            Command::SetSchedule(set) => Ok(set.schedule.check()?),
            Command::ChangeSchedule(change) if change.change == ScheduleChange::AccountClosed => {
                Err(InvalidCommand::ScheduleChange)
            }
            _ => Ok(()),
        }
    }

    /// Returns the largest fee that the sender accepts, if the command names one.
    pub const fn most_fee(&self) -> Option<Amount> {
        match self {
            Command::Transfer(transfer) => transfer.most_fee,
            Command::PlaceHold(hold) => hold.most_fee,
            _ => None,
        }
    }

    /// Returns whether the command needs only the decision of one account about one of its holds.
    pub const fn is_about_hold(&self) -> bool {
        matches!(self, Command::SettleHold(_) | Command::VoidHold(_) | Command::ExpireHold { .. })
    }

    /// Returns the hash that distinguishes a repetition from a different command with the same id.
    pub fn content(&self) -> ContentHash {
        content_hash(self)
    }
}

fn check_puts(puts: &[RecordPut]) -> Result<(), InvalidCommand> {
    let fits = |put: &RecordPut| {
        (1..=MAX_RECORD_KIND_BYTES).contains(&put.kind.len())
            && !put.kind.contains('\0')
            && put.key.len() <= MAX_RECORD_KEY_BYTES
            && put.value.as_ref().is_none_or(|value| value.len() <= MAX_RECORD_BYTES)
    };
    let distinct: std::collections::BTreeSet<_> = puts.iter().map(|put| (&put.kind, &put.key)).collect();
    let sound = (1..=MAX_PUTS).contains(&puts.len()) && puts.iter().all(fits) && distinct.len() == puts.len();
    if sound { Ok(()) } else { Err(InvalidCommand::Records) }
}

/// Hashes the encoding of `command`.
fn content_hash(command: &Command) -> ContentHash {
    thread_local! {
        static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    BUFFER.with_borrow_mut(|buffer| {
        buffer.clear();
        // Encoding these types into memory cannot fail. If it did, equal commands would still hash equally.
        let _ = codec::encode(command, buffer);
        ContentHash::of(buffer)
    })
}
