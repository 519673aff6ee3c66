//! An actor-model banking engine to embed: one actor per account, two-phase transfers, a durable journal.
//!
//! Start with [`Bank`] (async, with any runtime) or [`blocking::Bank`] (without a runtime). The other items, by
//! purpose:
//!
//! | purpose | items |
//! | --- | --- |
//! | moving money | [`Transfer`], [`CashPosting`], [`Command`] for batches; [`transfers`] for linked steps, reversals and sweeps |
//! | money in two phases | [`holds`]; [`verification`] in between |
//! | accounts | [`OpenAccount`]; [`accounts`] for types, limits and changes |
//! | answers | [`Receipt`], [`Outcome`]; or [`Refusal`] (the ledger says no), [`Error`], [`BankError`], [`OpenError`] |
//! | values | [`Amount`], [`Balance`], [`Currency`], [`AccountNumber`], [`OwnerId`], [`CommandId`], [`HoldId`], [`Position`]; [`money`] |
//! | reading | [`queries`]: snapshots, statements, searches, balances as of an earlier moment |
//! | schedules | [`schedules`] |
//! | events | [`events`] |
//! | small values of a program's own | [`records`] |
//! | time | [`Timestamp`], [`BusinessDate`], [`time`], [`clock`] |
//! | dry runs | [`preview`] |
//! | maintenance | [`check`], [`backup`], [`archive`], [`recover`] |
//! | what the engine is doing | [`monitoring`] |
//! | testing a program against crashes | `sim`, with the feature of that name |
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

pub use jangbu_actors::command::{CashPosting, Command, OpenAccount, Outcome, Receipt, Transfer};
pub use jangbu_actors::journal::JournalError;
pub use jangbu_actors::ledger::{
    AccountNumber, Amount, Balance, BusinessDate, CommandId, Currency, Details, HoldId, OwnerId, Position, Refusal,
    Timestamp, text,
};
pub use jangbu_actors::{
    Bank, BankError, Builder, Error, OpenError, archive, backup, blocking, check, clock, preview, recover, verification,
};
#[cfg(feature = "sim")]
pub use jangbu_sim as sim;

/// Accounts, their types and what may be changed about them.
pub mod accounts {
    pub use jangbu_actors::command::ChangeAccount;
    pub use jangbu_actors::ledger::{
        AccountType, Change, Changes, FREE_TRANSFERS_PER_DAY, Freeze, LimitException, NumberError, OwnerIdError, Role,
        TypeCode, TypeCodeError,
    };
}

/// Commands in general: batches, their limits, and answers that may repeat an earlier one.
pub mod commands {
    pub use jangbu_actors::command::{Answered, InvalidCommand, MAX_BATCH, MAX_COMMAND_BYTES};
}

/// Events: what happened in the bank, in the order of the journal.
pub mod events {
    pub use jangbu_actors::{
        CommandKind, Cursor, CursorError, Event, EventError, EventKind, Events, HoldPlacement, RecordWrite,
        Subscription,
    };
}

/// Holds: money set aside for a receiver, to be settled, voided or left to expire.
pub mod holds {
    pub use jangbu_actors::command::{AmendHold, DrawReceipt, HoldReceipt, PlaceHold, SettleHold, VoidHold};
    pub use jangbu_actors::ledger::{HoldEnd, HoldIdError};
}

/// The bounds and errors of amounts and currencies. The types themselves are at the root.
pub mod money {
    pub use jangbu_actors::ledger::{AmountError, CurrencyError, MAX_MINOR_UNITS};
}

/// What the engine is doing: counters, activity, and the messages to an account that somebody watches.
pub mod monitoring {
    pub use jangbu_actors::{
        Activation, Activity, Stats, Waits, WatchedMessage, WatchedMessageKind, WatchedMessageOutcome,
    };
}

/// Queries: accounts, statements, holds, searches for movements, and balances as of an earlier moment.
pub mod queries {
    pub use jangbu_actors::{
        AccountBalance, Direction, Entry, EntryKind, HistoryQuery, HoldStatus, HoldView, Moment, Movement,
        MovementKind, MovementStatus, Order, Page, Part, Snapshot, SnapshotHold, Status, TransferQuery, TrialBalance,
        View, Viewer,
    };
}

/// Application records: small values that a program keeps in the journal beside the money.
pub mod records {
    pub use jangbu_actors::ApplicationRecord;
    pub use jangbu_actors::command::{MAX_PUTS, MAX_RECORD_BYTES};
    pub use jangbu_actors::ledger::RecordPut;
}

/// Schedules: transfers at a future moment, once or by a calendar rule.
pub mod schedules {
    pub use jangbu_actors::command::{ChangeSchedule, SetSchedule};
    pub use jangbu_actors::ledger::{
        Attempt, CatchUp, End, MAX_RETRIES, MAX_RETRY_INTERVAL_S, MIN_RETRY_INTERVAL_S, Pending, Progress, Retry, Rule,
        RuleError, RunOutcome, SKIPPED_WHEN_LATER_BY_S, Schedule, ScheduleChange, ScheduleError, ScheduleStatus,
        ScheduledAmount, TimeOfDay, Weekday, Weekdays,
    };
    pub use jangbu_actors::{Pace, ScheduledRun, StandingOrder};
}

/// Moments and days as people write them, and time zones. [`Timestamp`] and [`BusinessDate`] are at the root.
///
/// [`Timestamp`]: crate::Timestamp
/// [`BusinessDate`]: crate::BusinessDate
pub mod time {
    pub use jangbu_actors::ledger::{BusinessDateError, TimeZoneError, TimestampError, When, WhenError, time_zone};
}

/// Movements of money beyond a plain transfer, and the bounds of their texts.
pub mod transfers {
    pub use jangbu_actors::command::{Linked, MAX_STEPS, RepairReversals, Reverse, Step, Sweep};
    pub use jangbu_actors::ledger::{
        DetailsError, END_TO_END_ID, MAX_END_TO_END_ID_CHARS, MAX_LABEL_CHARS, MAX_METADATA_KEY_BYTES,
        MAX_METADATA_PAIRS, MAX_METADATA_VALUE_BYTES, MAX_REFERENCE_CHARS, PostingKind,
    };
}

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
