//! The pure rules of the ledger: what an account is, what may happen to it, and what happens when it does.
//!
//! `decide` functions look at an account and answer with an event or a [`Refusal`]; [`apply`] carries an event
//! out. Live actors, recovery, the books that follow the journal and the offline checker all use these functions.
//!
//! What `decide` and `apply` must never do: read a clock, draw a random number, touch a file, know of actix or sled.
//! The time, the business date and the terms of an account type reach it as arguments.

mod account;
mod account_type;
mod calendar;
mod calendar_forms;
mod change;
pub mod codec;
pub mod command;
mod currency;
mod exposure;
mod hold;
mod hold_id;
mod ids;
mod money;
mod movement;
mod number;
mod posting;
#[cfg(test)]
mod posting_tests;
mod reason;
mod record;
mod refusal;
#[cfg(test)]
mod refusal_tests;
mod refusal_words;
mod reversals;
mod schedule;
mod spelling;
pub mod text;
pub mod value_form;
mod when;

pub use account::{Account, Day, Fault, Freeze, Role, apply};
pub use account_type::{AccountType, TypeCode, TypeCodeError};
pub use calendar::{BusinessDate, BusinessDateError, DayClock, TimeZoneError, Timestamp, TimestampError, time_zone};
pub use change::{Change, Changes, LimitException, decide_change};
pub use currency::{Currency, CurrencyError};
pub use exposure::Exposure;
pub use hold::{Amended, Draw, Drawn, Hold, HoldEnd, HoldTerms, decide_amend, decide_draw};
pub use hold_id::{HoldId, HoldIdError, HoldPlace};
#[cfg(feature = "testing")]
pub use ids::draw_ids_from;
pub use ids::{AccountId, CommandId, ContentHash, OwnerId, OwnerIdError, Position};
pub use money::{Amount, AmountError, Balance, MAX_MINOR_UNITS};
pub use movement::{
    HoldAmended, HoldDrawn, HoldPlaced, LinkedMovement, LinkedStep, Original, Posted, PostingKind, Reversed,
};
pub use number::{AccountNumber, NumberError};
pub use posting::{
    Debited, Details, DetailsError, END_TO_END_ID, FREE_TRANSFERS_PER_DAY, MAX_END_TO_END_ID_CHARS, MAX_LABEL_CHARS,
    MAX_METADATA_KEY_BYTES, MAX_METADATA_PAIRS, MAX_METADATA_VALUE_BYTES, MAX_OPEN_HOLDS, MAX_REFERENCE_CHARS, Terms,
    decide_credit, decide_debit, decide_hold, receiver_accepts,
};
pub use reason::Reason;
pub use record::{
    AccountOpened, BankCreated, Body, ClockAccepted, Event, Link, Links, Record, RecordPut, Refused, ScheduleChanged,
    ScheduleRun, ScheduleSet,
};
pub use refusal::Refusal;
pub use reversals::{Counted, ReversalsRepaired, StepReversed, Taken, Tally, TallyError};
pub use schedule::{
    Attempt, CatchUp, End, MAX_RETRIES, MAX_RETRY_INTERVAL_S, MIN_RETRY_INTERVAL_S, Pending, Progress, Retry, Rule,
    RuleError, RunOutcome, SKIPPED_WHEN_LATER_BY_S, Schedule, ScheduleChange, ScheduleError, ScheduleStatus,
    ScheduledAmount, Step, TimeOfDay, Weekday, Weekdays, attempt_id,
};
pub use spelling::{SpellingError, check_spelling, number_key};
pub use text::TextError;
pub use when::{When, WhenError};
