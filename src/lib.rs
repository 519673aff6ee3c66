//! An actor-model banking engine to embed: one actor per account, two-phase transfers, a durable journal.
//!
//! Begin with [`Bank`] (async, any runtime) or [`blocking::Bank`] (no runtime at all). The rest, by what it is for:
//!
//! | for | see |
//! | --- | --- |
//! | asking for something | [`Transfer`], [`CashPosting`], [`OpenAccount`], [`ChangeAccount`], and [`Command`] for batches |
//! | money in two phases | [`PlaceHold`], [`SettleHold`], [`VoidHold`], [`AmendHold`]; [`verification`] in between |
//! | several accounts at once | [`Linked`] with its [`Step`]s, [`Reverse`] (and [`RepairReversals`]), [`Sweep`] |
//! | the answer | [`Receipt`], [`HoldReceipt`], [`DrawReceipt`], [`Outcome`]; or [`Refusal`] (the ledger says no), [`Error`], [`BankError`], [`OpenError`] |
//! | money | [`Amount`], [`Balance`], [`Currency`] |
//! | names | [`AccountNumber`], [`OwnerId`], [`CommandId`], [`HoldId`], [`TypeCode`], [`Position`] |
//! | terms | [`AccountType`], [`Change`], [`LimitException`], [`Freeze`] |
//! | reading | [`Snapshot`], [`HoldView`], [`Entry`] by [`HistoryQuery`], [`Movement`], [`ApplicationRecord`], [`Stats`], each many in a [`Page`] |
//! | standing orders | [`SetSchedule`] with a [`Schedule`] by a [`Rule`], [`ChangeSchedule`], [`StandingOrder`], [`ScheduledRun`] |
//! | the past | [`TransferQuery`] for [`Movement`]s, [`Moment`] for old balances and a [`TrialBalance`] |
//! | events | [`Subscription`], [`Events`], [`Event`] |
//! | time | [`Timestamp`], [`BusinessDate`], [`clock`] |
//! | an offline audit | [`check`] |
//! | a bank that lost records | [`recover`] |
//! | testing a program against crashes | `sim`, with the feature of that name |
//! | copies, and less to keep | [`Bank::backup`], [`backup`], [`archive`] |
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
//! What is data implements `Serialize` and `Deserialize`. In JSON and other formats that people read, ids, account
//! numbers and currencies are text, amounts are integers in minor units, times are RFC 3339 in UTC (or `2026-11-22`, `09:30`,
//! `mon,thu`), variants are in `snake_case`, and the value of an application record is Base64. In formats that nobody
//! reads, such as bincode, times are numbers. `Debug` shows the same texts, and never a value of the application. The files
//! in `tests/forms/golden` have examples of every type and variant, and a test holds them.
//!
//! # Features
//!
//! `cli`, on by default, builds the program `jangbu` and brings in what it needs. A program that embeds the bank
//! depends on `jangbu` with `default-features = false` and gets the engine alone.
//!
//! `sim` adds the simulator: the engine under a seeded clock, order of messages and faults of the disk, for the tests of
//! a program that embeds the bank.

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
#[cfg(feature = "sim")]
pub use jangbu_actors::sim;
pub use jangbu_actors::{
    AccountBalance, Activation, Activity, ApplicationRecord, AsPlaced, Bank, BankError, Builder, CommandKind, Cursor,
    CursorError, Direction, Entry, EntryKind, Error, Event, EventError, EventKind, Events, Heard, HeardKind,
    HeardOutcome, HistoryQuery, HoldStatus, HoldView, Moment, Movement, MovementKind, MovementStatus, OpenError, Order,
    Pace, Page, Part, RecordKept, ScheduledRun, Snapshot, SnapshotHold, StandingOrder, Stats, Status, Subscription,
    TransferQuery, TrialBalance, View, Viewer, Waits, archive, backup, blocking, check, recover,
};
pub use jangbu_actors::{preview, verification};

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
