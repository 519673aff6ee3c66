//! The errors of the bank's calls: refusals and operational errors.

use std::path::PathBuf;
use std::time::Duration;

use jangbu_journal::JournalError;
use jangbu_ledger::command::InvalidCommand;
use jangbu_ledger::{
    AmountError, CurrencyError, DetailsError, NumberError, OwnerIdError, Position, Refusal, ScheduleError,
    TimeZoneError, Timestamp, TypeCodeError,
};

/// Why a call of the bank failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A business outcome: the ledger refused the command, and nothing moved.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The command is malformed; it consumed no id.
    #[error(transparent)]
    Invalid(#[from] InvalidCommand),
    /// The bank could not carry out the call.
    #[error(transparent)]
    Bank(#[from] BankError),
}

/// Converts the errors of parsing texts and numbers, so that `?` works on them next to calls of the bank.
macro_rules! invalid {
    ($($error:ty),*) => {
        $(
            impl From<$error> for Error {
                fn from(error: $error) -> Self {
                    Error::Invalid(error.into())
                }
            }
        )*
    };
}

invalid!(AmountError, NumberError, OwnerIdError, CurrencyError, TypeCodeError, DetailsError, ScheduleError);

/// Why the bank could not process a call. The ledger has not refused it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BankError {
    /// The maximum number of commands is in flight. Nothing happened, and no id was consumed: try again later.
    #[error("the bank has the maximum number of commands in flight; try again later")]
    Overloaded,
    /// The bank is closed or closing. Nothing happened.
    #[error("the bank is closed")]
    Closed,
    /// The bank stopped during the call, and whether it took effect is unknown. Open the bank again and repeat the call
    /// with the same id.
    #[error("the bank stopped before the outcome was durable; repeat the command with the same id")]
    OutcomeUnknown,
    /// A write, a sync or the engine failed, and the bank has stopped. Nothing happened.
    #[error("the bank stopped: {0}")]
    Failed(String),
    /// The clock is further ahead of the last known time than the bank allows, so nothing new is decided. Nothing
    /// happened, and no id was consumed. Set the clock, or accept it with
    /// `Bank::accept_clock`, and try again.
    #[error(
        "the clock reads {now}, more than {lead} past {last}, the last known time. \
         If the clock is wrong, set it; if it is right, run `jangbu clock accept --until {now}`",
        lead = in_words(*lead)
    )]
    ClockAhead {
        /// The time of the last record plus the time that has passed since the bank read it.
        last: Timestamp,
        /// The clock's reading.
        now: Timestamp,
        /// The largest difference that is allowed.
        lead: Duration,
    },
    /// Events were requested from a position that the bank has not reached. The position comes from another bank, or
    /// from a history that this one no longer has after a restore from a backup.
    #[error(
        "position {from} is beyond the last record, at {end}: what was read before belongs to another bank, or this one was \
         restored from a backup. Read the state again and continue from there"
    )]
    BeyondEnd {
        /// The requested position.
        from: Position,
        /// The position of the last record.
        end: Position,
    },
    /// The cursor points after a record that differs from the bank's record at that position, for example after a
    /// restore from a backup.
    #[error(
        "the cursor does not match the record at position {position}: it belongs to another bank, or this one was restored \
         from a backup. Read the state again and continue from there"
    )]
    AnotherHistory {
        /// The position of the record.
        position: Position,
    },
    /// The bank is open read-only. Nothing happened.
    #[error("the bank is open for reading only")]
    ReadOnly,
    /// A stored record or file could not be read.
    #[error("cannot read: {0}")]
    Unreadable(String),
    /// The requested record was moved to an archive.
    #[error("the record at position {position} is archived; the first that can be read is at {first}")]
    Archived {
        /// The position of a record that is needed.
        position: Position,
        /// The position of the first record that can be read.
        first: Position,
    },
}

/// Formats a duration for people, in whole hours if possible.
fn in_words(lead: Duration) -> String {
    let seconds = lead.as_secs();
    if seconds >= 3_600 && seconds.is_multiple_of(3_600) {
        return format!("{} h", seconds / 3_600);
    }
    format!("{seconds} s")
}

/// Converts an error of reading the journal into the error for callers.
pub fn unreadable(error: JournalError) -> BankError {
    match error {
        JournalError::Archived { position, first } => BankError::Archived { position, first },
        other => BankError::Unreadable(other.to_string()),
    }
}

/// Why a bank could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process, or another handle of this one, has the bank open.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// There is no bank in the directory, and the call does not create one.
    #[error("there is no bank in {}: it has no journal, or an empty one", .0.display())]
    NoBank(PathBuf),
    /// The journal is missing although there was one. No new journal is created in its place.
    #[error(
        "there is no journal in {}, but {beside} beside it shows that there was one: is its volume mounted? Nothing was \
         changed; put the journal back, or restore a backup elsewhere",
        directory.display()
    )]
    JournalMissing {
        /// The bank's directory.
        directory: PathBuf,
        /// The file that shows that there was a journal.
        beside: &'static str,
    },
    /// The bank's stored state contains records after the end of the journal, so these are missing from the journal.
    #[error(
        "the journal ends at position {end}, but the bank's stored state includes the record at position {reach}: \
         acknowledged records are missing. Nothing was changed; put back the files that the journal lost, restore a backup \
         elsewhere, or accept the loss: `jangbu recover --accept-loss-after {end}`"
    )]
    RecordsMissing {
        /// The position of the last record of the journal.
        end: Position,
        /// The last position that the stored state may include.
        reach: Position,
    },
    /// The bank's stored state was saved when the journal had another record at some position.
    #[error(
        "the journal has another record at position {at} than when the state was stored: acknowledged records were \
         replaced. Nothing was changed; put back the journal that the bank had, restore a backup elsewhere, or accept the \
         loss: `jangbu recover --accept-loss-after {end}`"
    )]
    AnotherHistory {
        /// The position of the record.
        at: Position,
        /// The position of the last record of the journal.
        end: Position,
    },
    /// The directory cannot be created, read or written.
    #[error("cannot {operation} {}: {source}", path.display())]
    Directory {
        /// The failed operation, as a verb.
        operation: &'static str,
        /// The directory or file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The journal cannot be opened, or is damaged.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal contains records that this program's rules cannot produce.
    #[error("the journal contains records that the ledger's rules cannot produce: {0}")]
    Replay(String),
    /// The operating system does not grant access to the stored state: no space, too many open files, no permission or
    /// a failing disk. The state was not changed.
    #[error("the stored state cannot be used: {0}")]
    State(String),
    /// The requested time zone differs from the bank's, which is fixed.
    #[error("the bank was created with the time zone {made}, which cannot be changed to {wanted}")]
    TimeZoneFixed {
        /// The bank's time zone.
        made: String,
        /// The requested time zone.
        wanted: String,
    },
    /// The bank was created with a time zone that this program does not know.
    #[error(
        "the bank was created with the time zone {0}, which this program's database does not have. Nothing was changed; \
         open the bank with a newer version"
    )]
    TimeZoneUnknown(String),
    /// There is no such time zone.
    #[error(transparent)]
    TimeZone(#[from] TimeZoneError),
    /// The bank stopped directly after it was opened.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// A thread or runtime could not be started.
    #[error("cannot start the engine: {0}")]
    Engine(String),
}
