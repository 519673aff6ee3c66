//! An actor-model banking engine to embed: one actor per account, two-phase transfers, a durable journal.
//!
//! Start with [`Bank`] (async, with any runtime) or [`blocking::Bank`] (without a runtime). The other items, by
//! purpose:
//!
//! | purpose | items |
//! | --- | --- |
//! | single commands | [`Transfer`], [`CashPosting`], [`OpenAccount`], [`ChangeAccount`], and [`Command`] for batches |
//! | holds: money in two phases | [`PlaceHold`], [`SettleHold`], [`VoidHold`], [`AmendHold`]; [`verification`] in between |
//! | several movements at once | [`Linked`] with its [`Step`]s, [`Reverse`] (and [`RepairReversals`]), [`Sweep`] |
//! | answers | [`Receipt`], [`HoldReceipt`], [`DrawReceipt`], [`Outcome`]; [`Refusal`] if the ledger refuses; [`Error`], [`BankError`], [`OpenError`] |
//! | money | [`Amount`], [`Balance`], [`Currency`] |
//! | identifiers | [`AccountNumber`], [`OwnerId`], [`CommandId`], [`HoldId`], [`TypeCode`], [`Position`] |
//! | terms of accounts | [`AccountType`], [`Change`], [`LimitException`], [`Freeze`] |
//! | current state | [`Snapshot`], [`HoldView`], [`Entry`] by [`HistoryQuery`], [`Movement`], [`ApplicationRecord`], [`Stats`]; lists as a [`Page`] |
//! | schedules | [`SetSchedule`] with a [`Schedule`] by a [`Rule`], [`ChangeSchedule`], [`StandingOrder`], [`ScheduledRun`] |
//! | the past | [`TransferQuery`] for [`Movement`]s, [`Moment`] for earlier balances and a [`TrialBalance`] |
//! | events | [`Subscription`], [`Events`], [`Event`] |
//! | time | [`Timestamp`], [`BusinessDate`], [`clock`] |
//! | checking a bank that is closed | [`check`] |
//! | recovering after a loss of records | [`recover`] |
//! | testing a program against crashes | `sim`, with the feature of that name |
//! | backups and archives | [`Bank::backup`], [`backup`], [`archive`] |
//!
//! # Example
//!
//! ```
//! use jangbu::{Amount, CashPosting, OpenAccount, OwnerId, Transfer, blocking::Bank};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // `Bank::open("data")` instead keeps everything on disk.
//! let bank = Bank::in_memory()?;
//! let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
//! let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?))?;
//!
//! bank.deposit(CashPosting::new(mina, Amount::new(10_000)?))?;
//! let receipt = bank.transfer(Transfer::new(mina, joon, Amount::new(2_500)?).with_labels("lunch", "lunch"))?;
//!
//! assert_eq!(receipt.sender_balance.minor_units(), 7_500);
//! assert_eq!(bank.snapshot(joon)?.posted.minor_units(), 2_500);
//! bank.close()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Serde and `Debug`
//!
//! The types of commands, answers, events and views implement `Serialize` and `Deserialize`. In human-readable formats
//! such as JSON, ids, account numbers and currencies are text, amounts are integers in minor units, times are RFC 3339
//! in UTC (or `2026-11-22`, `09:30`, `mon,thu`), variants are in `snake_case`, and the value of an application record
//! is Base64. In binary formats such as bincode, times are numbers. `Debug` shows the same texts, but never the value
//! of an application record. The files in `tests/forms/golden` contain examples of every type and variant; a test
//! compares them with the code.
//!
//! # Features
//!
//! `cli`, on by default, builds the program `jangbu` with its dependencies. A program that embeds the bank depends on
//! `jangbu` with `default-features = false` and gets only the engine.
//!
//! `sim` adds the simulator, which runs the engine with a seeded clock, order of messages and disk faults. It serves to
//! test a program that embeds the bank.

pub use jangbu_actors::clock;
pub use jangbu_actors::command::{
    AmendHold, Answered, CashPosting, ChangeAccount, ChangeSchedule, Command, DrawReceipt, HoldReceipt, InvalidCommand,
    Linked, MAX_BATCH, MAX_COMMAND_BYTES, MAX_PUTS, MAX_RECORD_BYTES, MAX_STEPS, OpenAccount, Outcome, PlaceHold,
    Receipt, RepairReversals, Reverse, SetSchedule, SettleHold, Step, Sweep, Transfer, VoidHold,
};
pub use jangbu_actors::journal::JournalError;
pub use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, AmountError, Attempt, Balance, BusinessDate, BusinessDateError, CatchUp,
    Change, Changes, CommandId, Currency, CurrencyError, Details, DetailsError, END_TO_END_ID, End,
    FREE_TRANSFERS_PER_DAY, Freeze, HoldEnd, HoldId, HoldIdError, LimitException, MAX_END_TO_END_ID_CHARS,
    MAX_LABEL_CHARS, MAX_METADATA_KEY_BYTES, MAX_METADATA_PAIRS, MAX_METADATA_VALUE_BYTES, MAX_MINOR_UNITS,
    MAX_REFERENCE_CHARS, MAX_RETRIES, MAX_RETRY_INTERVAL_S, MIN_RETRY_INTERVAL_S, NumberError, OwnerId, OwnerIdError,
    Pending, Position, PostingKind, Progress, RecordPut, Refusal, Retry, Role, Rule, RuleError, RunOutcome,
    SKIPPED_WHEN_LATER_BY_S, Schedule, ScheduleChange, ScheduleError, ScheduleStatus, ScheduledAmount, SpellingError,
    TextError, TimeOfDay, TimeZoneError, Timestamp, TimestampError, TypeCode, TypeCodeError, Weekday, Weekdays, When,
    WhenError, check_spelling, number_key, text, time_zone,
};
pub use jangbu_actors::{
    AccountBalance, Activation, Activity, ApplicationRecord, AsPlaced, Bank, BankError, Builder, CommandKind, Cursor,
    CursorError, Direction, Entry, EntryKind, Error, Event, EventError, EventKind, Events, Heard, HeardKind,
    HeardOutcome, HistoryQuery, HoldStatus, HoldView, Moment, Movement, MovementKind, MovementStatus, OpenError, Order,
    Pace, Page, Part, RecordKept, ScheduledRun, Snapshot, SnapshotHold, StandingOrder, Stats, Status, Subscription,
    TransferQuery, TrialBalance, View, Viewer, Waits, archive, backup, blocking, check, recover,
};
pub use jangbu_actors::{preview, verification};
#[cfg(feature = "sim")]
pub use jangbu_sim as sim;

/// The Rust of the documents, compiled and run as tests of the documentation.
#[cfg(all(doctest, feature = "sim"))]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/getting-started.md")]
    struct GettingStarted;
    #[doc = include_str!("../docs/embedding.md")]
    struct Embedding;
}
