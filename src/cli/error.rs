//! The errors that end a command, the line printed for each, and its exit status.

use std::io::{self, Write};
use std::path::PathBuf;

use jangbu::backup::BackupError;
use jangbu::check::CheckError;
use jangbu::{
    BankError, Error, JournalError, OpenError, Refusal,
    commands::InvalidCommand,
    money::AmountError,
    time::{TimeZoneError, WhenError},
};

use super::dry_run::Unit;
use crate::copied::BackupFailure;
use crate::tables::TableError;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The ledger refused the command.
    #[error("refused: {} ({code})", describe(.refusal, *.unit), code = .refusal.code())]
    Refused {
        /// The reason.
        refusal: Refusal,
        /// The unit of the refusal's amounts; without it they are in minor units.
        unit: Option<Unit>,
    },
    /// The ledger refused one row of a file, and so the whole file.
    #[error(
        "refused: {}, line {line} (step {step}): {} ({code})", path.display(), describe(.refusal, *.unit),
        code = .refusal.code()
    )]
    RefusedRow {
        /// The file.
        path: PathBuf,
        line: u64,
        /// The step's number, counted from 0.
        step: usize,
        /// The reason.
        refusal: Refusal,
        /// The unit of the refusal's amounts.
        unit: Option<Unit>,
    },
    /// Rows of a file cannot be read.
    #[error("{0}")]
    BadRows(String),
    /// The offline audit found a fault.
    #[error("fault at position {position}: {what}")]
    Fault {
        /// The first faulty record.
        position: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A backup or an archive does not match its checksums or its manifest.
    #[error("fault: {0}")]
    Damaged(String),
    /// The benchmark's audit found that the disk does not hold what was acknowledged.
    #[error("the audit failed: {0}")]
    Audit(String),
    /// A text is not an amount of the account's currency.
    #[error("cannot read {text:?}: {source}")]
    Amount {
        /// The text as it was given.
        text: String,
        /// What is wrong with it.
        source: AmountError,
    },
    /// A day or moment is outside the range that the bank can store.
    #[error(transparent)]
    When(#[from] WhenError),
    /// A command is malformed, whatever the state of the ledger.
    #[error(transparent)]
    Invalid(InvalidCommand),
    #[cfg(feature = "server")]
    #[error(transparent)]
    Config(#[from] crate::server::config::ConfigError),
    /// An order about members, tokens or a running service was refused.
    #[cfg(feature = "server")]
    #[error("refused: {detail} ({code})")]
    Order {
        /// The stable code.
        code: String,
        /// The reason.
        detail: String,
    },
    /// The service answered that it is not ready.
    #[cfg(feature = "server")]
    #[error("the service is not ready: status {status}, {answer}")]
    NotReady {
        /// The HTTP status.
        status: u16,
        /// The response body.
        answer: String,
    },
    /// The command line asks for something that does not exist or contradicts itself.
    #[error("{0}")]
    Usage(String),
    /// The output has more rows than a sheet can hold.
    #[error("{}", TableError::TooLong)]
    TooLong,
    /// There is no bank in the directory.
    #[error("there is no bank in {}: {why}; `jangbu import` and `jangbu open` create one", path.display())]
    NoBank {
        /// The directory.
        path: PathBuf,
        /// What is wrong with the directory.
        why: &'static str,
    },
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The bank has stopped, or cannot accept more work.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// One of the command's own file operations failed.
    #[error("cannot {operation} {}: {source}", path.display())]
    File {
        /// The failed operation, as a verb.
        operation: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// A file is malformed.
    #[error("{}: {what}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The error of a command that the service ran.
    #[cfg(feature = "server")]
    #[error("{line}")]
    Served {
        /// The message.
        line: String,
        /// The exit status.
        status: u8,
    },
    /// Any other failure of the machine or of a service.
    #[error("{0}")]
    Machine(String),
    /// Standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// The reader of standard output closed it. Not an error.
    #[error("the reader of the output is gone")]
    ReaderGone,
}

/// Advice for when another process has the bank open.
const IN_USE: &str = "; if a service has it open, make changes in the dashboard or through the API, and audit it in the \
    dashboard (Engine) or with POST /api/v1/admin/engine/check; read-only commands, admin, token, clock and backup work through the service";

impl CliError {
    /// Returns the exit status, as documented in [`super`].
    pub(super) fn exit_status(&self) -> u8 {
        match self {
            CliError::ReaderGone => 0,
            CliError::Refused { .. }
            | CliError::BadRows(_)
            | CliError::Malformed { .. }
            | CliError::Fault { .. }
            | CliError::Damaged(_)
            | CliError::RefusedRow { .. }
            | CliError::Audit(_) => 1,
            CliError::Amount { .. }
            | CliError::When(_)
            | CliError::Invalid(_)
            | CliError::Usage(_)
            | CliError::TooLong => 2,
            #[cfg(feature = "server")]
            CliError::Served { status, .. } => *status,
            #[cfg(feature = "server")]
            CliError::Order { .. } | CliError::NotReady { .. } => 1,
            #[cfg(feature = "server")]
            CliError::Config(_) => 2,
            // A mistyped file name is an error in the command line, like any other argument.
            CliError::File { operation: "read", source, .. }
                if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                2
            }
            CliError::NoBank { .. }
            | CliError::Open(_)
            | CliError::Bank(_)
            | CliError::File { .. }
            | CliError::Machine(_)
            | CliError::Output(_) => 3,
        }
    }

    /// Converts the bank's error, and attaches `unit` to the amounts of a refusal.
    pub(super) fn in_unit(unit: Unit) -> impl FnOnce(Error) -> CliError {
        move |error| match CliError::from(error) {
            CliError::Refused { refusal, .. } => CliError::Refused { refusal, unit: Some(unit) },
            other => other,
        }
    }

    /// Returns the error as one line.
    pub(super) fn line(&self) -> String {
        let mut line = self.to_string().replace(['\n', '\r'], " ");
        match self {
            CliError::Open(OpenError::Journal(JournalError::Damaged { .. })) => {
                line.push_str("; nothing was changed; `jangbu recover --help` explains how to proceed");
            }
            CliError::Open(OpenError::InUse(_)) => line.push_str(IN_USE),
            _ => {}
        }
        line
    }

    /// Prints the error as one line on standard error.
    pub(super) fn print(&self) {
        // If standard error is closed too, only the exit status remains to report the error.
        let _ = writeln!(io::stderr(), "error: {}", self.line());
    }
}

/// Returns the refusal as text, with amounts in decimals if their currency is known.
fn describe(refusal: &Refusal, unit: Option<Unit>) -> String {
    unit.map_or_else(|| refusal.to_string(), |unit| refusal.in_decimals(unit.currency, unit.scale))
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        CliError::Refused { refusal, unit: None }
    }
}

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Invalid(invalid) => CliError::Invalid(invalid),
            Error::Bank(bank) => CliError::Bank(bank),
            // An error variant that a later engine adds.
            other => CliError::Machine(other.to_string()),
        }
    }
}

impl From<TimeZoneError> for CliError {
    fn from(error: TimeZoneError) -> Self {
        CliError::Open(error.into())
    }
}

impl From<CheckError> for CliError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::InUse(path) => CliError::Open(OpenError::InUse(path)),
            CheckError::NoBank(path) => CliError::NoBank { path, why: "it has no journal" },
            CheckError::Fault { position, what } => CliError::Fault { position: position.get(), what },
            CheckError::Archive(error) => CliError::from(*error),
            other => CliError::Machine(other.to_string()),
        }
    }
}

impl From<BackupError> for CliError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::NoBank(path) => CliError::NoBank { path, why: "it has no journal" },
            BackupError::Bank(bank) => CliError::Bank(bank),
            BackupError::Open(open) => CliError::Open(open),
            other => CliError::from(BackupFailure::from(other)),
        }
    }
}

impl From<BackupFailure> for CliError {
    fn from(error: BackupFailure) -> Self {
        match error {
            BackupFailure::Fault { position, what } => CliError::Fault { position, what },
            BackupFailure::Damaged(what) => CliError::Damaged(what),
            BackupFailure::Impossible(what) => CliError::Machine(what),
        }
    }
}

#[cfg(feature = "server")]
impl From<crate::server::run::ServeError> for CliError {
    fn from(error: crate::server::run::ServeError) -> Self {
        use crate::server::run::ServeError;
        match error {
            ServeError::Open(open) => CliError::Open(open),
            ServeError::Bank(bank) => CliError::Bank(bank),
            other => CliError::Machine(other.to_string()),
        }
    }
}

impl From<io::Error> for CliError {
    /// Converts an error of writing to standard output. Every other file operation names its file.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { CliError::ReaderGone } else { CliError::Output(error) }
    }
}

impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        CliError::from(io::Error::from(error))
    }
}

impl From<TableError> for CliError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::TooLong => CliError::TooLong,
            other => CliError::Machine(other.to_string()),
        }
    }
}

impl From<csv::Error> for CliError {
    fn from(error: csv::Error) -> Self {
        // The csv crate's own conversion hides the error kind, which identifies a closed pipe.
        CliError::from(match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            other => io::Error::other(format!("{other:?}")),
        })
    }
}
