//! What a caller of the bank may be told: refusals, and operational errors.

use std::path::PathBuf;
use std::time::Duration;

use jangbu_journal::JournalError;
use jangbu_ledger::command::InvalidCommand;
use jangbu_ledger::{
    AmountError, CurrencyError, DetailsError, NumberError, OwnerIdError, Position, Refusal, ScheduleError,
    TimeZoneError, Timestamp, TypeCodeError,
};

/// Why a call of the bank did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A business outcome: the ledger says no, and nothing moved.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The command is malformed; it consumed no id.
    #[error(transparent)]
    Invalid(#[from] InvalidCommand),
    /// The bank could not do it.
    #[error(transparent)]
    Bank(#[from] BankError),
}

/// What a program makes of texts and numbers before it asks for anything: so that `?` takes its errors, too.
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

/// Why the bank could not work on a call, whatever the ledger would have said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BankError {
    /// As much is in flight as the bank admits. Nothing happened, and no id was consumed: try again later.
    #[error("the bank has as much in flight as it admits; try again later")]
    Overloaded,
    /// The bank is closed or closing. Nothing happened.
    #[error("the bank is closed")]
    Closed,
    /// The bank stopped while the call was under way, and whether it took effect is not known. Open the bank again
    /// and repeat the call with the same id.
    #[error("the bank stopped before the outcome was durable; repeat the command with the same id")]
    OutcomeUnknown,
    /// A write, a sync or the engine failed, and the bank stopped for good. Nothing happened.
    #[error("the bank stopped: {0}")]
    Failed(String),
    /// The clock reads so much later than the bank has reason to believe that nothing new is decided by it. Nothing
    /// happened, and no id was consumed: set the clock right, or accept it with
    /// `Bank::accept_clock`, and try again.
    #[error(
        "the clock reads {now}, more than {lead} past {last}, the last time that is certain. \
         If the clock is wrong, set it right; if it is right, run `jangbu clock accept --until {now}`",
        lead = in_words(*lead)
    )]
    ClockAhead {
        /// The time of the last record, and what has passed since the bank saw it.
        last: Timestamp,
        /// What the clock reads.
        now: Timestamp,
        /// How far past that the clock may read.
        lead: Duration,
    },
    /// Events were asked for from a position on that the bank has not come to: they are another bank's, or of a history
    /// that this one does not have, as after a restore from a backup.
    #[error(
        "there is nothing at position {from} yet, and the last record is at {end}: what was read before is of another bank, \
         or this one was restored from a backup. Read its state anew, and follow from there"
    )]
    BeyondEnd {
        /// Where the events were to begin.
        from: Position,
        /// The last record.
        end: Position,
    },
    /// A cursor is behind another record than the bank has at its position, as after a restore from a backup.
    #[error(
        "the record at position {position} is not the one that the cursor is behind: it is of another bank, or this one was \
         restored from a backup. Read its state anew, and follow from there"
    )]
    AnotherHistory {
        /// The position.
        position: Position,
    },
    /// The bank is open for reading only. Nothing happened.
    #[error("the bank is open for reading only")]
    ReadOnly,
    /// A stored record or file could not be read.
    #[error("cannot read: {0}")]
    Unreadable(String),
    /// What was asked for was moved into an archive.
    #[error("the record at position {position} is archived; the first that can be read is at {first}")]
    Archived {
        /// A record that would have been needed.
        position: Position,
        /// The first record that can be read.
        first: Position,
    },
}

/// A lead as people say it: whole hours where it is of such.
fn in_words(lead: Duration) -> String {
    let seconds = lead.as_secs();
    if seconds >= 3_600 && seconds.is_multiple_of(3_600) {
        return format!("{} h", seconds / 3_600);
    }
    format!("{seconds} s")
}

/// What a caller is told when the journal cannot be read.
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
    /// There is no bank in the directory, and none is to be made.
    #[error("there is no bank in {}: it has no journal, or an empty one", .0.display())]
    NoBank(PathBuf),
    /// The journal is missing although there was one: nothing is made in its place.
    #[error(
        "there is no journal in {}, and {beside} beside it says that there was one: is its volume mounted? Nothing was \
         changed; put the journal back, or restore a backup elsewhere",
        directory.display()
    )]
    JournalMissing {
        /// The bank's directory.
        directory: PathBuf,
        /// What is there beside it.
        beside: &'static str,
    },
    /// The stored state of the same bank has records behind the end of the journal: these are missing.
    #[error(
        "the journal ends at position {end}, and the stored state of the same bank has the record at position {reach}: \
         acknowledged records are missing. Nothing was changed; put back the files that the journal lost, restore a backup \
         elsewhere, or accept the loss: `jangbu recover --accept-loss-after {end}`"
    )]
    RecordsMissing {
        /// The last record of the journal.
        end: Position,
        /// The last record that the stored state can be from.
        reach: Position,
    },
    /// The stored state of the same bank was stored with another record at a position of the journal.
    #[error(
        "the journal has another record at position {at} than when the state was stored: acknowledged records were \
         replaced. Nothing was changed; put back the journal that the bank had, restore a backup elsewhere, or accept the \
         loss: `jangbu recover --accept-loss-after {end}`"
    )]
    AnotherHistory {
        /// The record.
        at: Position,
        /// The last record of the journal.
        end: Position,
    },
    /// The directory cannot be made, read or written.
    #[error("cannot {operation} {}: {source}", path.display())]
    Directory {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The directory or file.
        path: PathBuf,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// The journal cannot be opened, or is damaged.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal was written by rules that this program does not have.
    #[error("the journal holds what the rules cannot lead to: {0}")]
    Replay(String),
    /// The operating system refuses the stored state: no space, no more files, no permission, a disk that fails. It was
    /// left as it is.
    #[error("the stored state cannot be used: {0}")]
    State(String),
    /// The journal was opened with another time zone than the bank was made with.
    #[error("the bank was made with the time zone {made}, which cannot be changed to {wanted}")]
    TimeZoneFixed {
        /// The bank's time zone.
        made: String,
        /// The one that was asked for.
        wanted: String,
    },
    /// The bank was made with a time zone that this program does not know.
    #[error(
        "the bank was made with the time zone {0}, which the database in this program does not have. Nothing was changed; \
         open the bank with a newer version"
    )]
    TimeZoneUnknown(String),
    /// No such time zone.
    #[error(transparent)]
    TimeZone(#[from] TimeZoneError),
    /// The bank that was just opened stopped.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// A thread or runtime could not be started.
    #[error("cannot start the engine: {0}")]
    Engine(String),
}
