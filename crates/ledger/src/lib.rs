//! The rules of the ledger: what an account is, which commands it allows, and how each event changes it.
//!
//! A `decide_*` function inspects an account and returns an event or a [`Refusal`]; [`apply`] carries out an event.
//! Account actors, recovery, the books and the offline check all use these functions.
//!
//! `decide_*` and [`apply`] never read a clock, draw a random number or touch a file, and they know nothing of actix or
//! sled. The time, the business date and the terms of an account type are arguments.

mod account;
mod account_type;
mod application_record;
mod calendar;
pub mod codec;
pub mod command;
mod currency;
mod details;
mod hold_id;
mod ids;
mod money;
mod number;
mod reason;
mod record;
mod refusal;
mod schedule;
pub mod text;
pub mod value_form;

pub use account::{
    Account, AccountOpened, Amended, Change, Changes, Day, Debited, Draw, Drawn, Event, Exposure,
    FREE_TRANSFERS_PER_DAY, Fault, Freeze, Hold, HoldEnd, HoldTerms, LimitException, MAX_OPEN_HOLDS, PostingKind, Role,
    Terms, apply, decide_amend, decide_change, decide_credit, decide_debit, decide_draw, decide_hold, receiver_accepts,
};
pub use account_type::{AccountType, TypeCode, TypeCodeError};
pub use application_record::RecordPut;
pub use calendar::{
    BusinessDate, BusinessDateError, DayClock, TimeZoneError, Timestamp, TimestampError, When, WhenError, time_zone,
};
pub use currency::{Currency, CurrencyError};
pub use details::{
    Details, DetailsError, END_TO_END_ID, MAX_END_TO_END_ID_CHARS, MAX_LABEL_CHARS, MAX_METADATA_KEY_BYTES,
    MAX_METADATA_PAIRS, MAX_METADATA_VALUE_BYTES, MAX_REFERENCE_CHARS,
};
pub use hold_id::{HoldId, HoldIdError, HoldPosition, MAX_STEPS};
#[cfg(feature = "testing")]
pub use ids::draw_ids_from;
pub use ids::{AccountId, CommandId, ContentHash, OwnerId, OwnerIdError, Position};
pub use money::{Amount, AmountError, Balance, MAX_MINOR_UNITS};
pub use number::{AccountNumber, NumberError};
pub use reason::Reason;
pub use record::{
    BankCreated, Body, ClockAccepted, Counted, HoldAmended, HoldDrawn, HoldPlaced, Link, LinkedMovement, LinkedStep,
    Links, Original, Posted, Record, RecordKeys, Refused, ReversalsRepaired, Reversed, ScheduleChanged, ScheduleRun,
    ScheduleSet, StepReversed, Taken, Tally, TallyError, decode_record, decode_record_keys, encode_record,
};
pub use refusal::Refusal;
pub use schedule::{
    Attempt, CatchUp, End, MAX_RETRIES, MAX_RETRY_INTERVAL_S, MIN_RETRY_INTERVAL_S, Pending, Progress, Retry, Rule,
    RuleError, RunOutcome, SKIPPED_WHEN_LATER_BY_S, Schedule, ScheduleChange, ScheduleError, ScheduleStatus,
    ScheduledAmount, Step, TimeOfDay, Weekday, Weekdays, attempt_id,
};
pub use text::{SpellingError, TextError, check_spelling, number_key};
