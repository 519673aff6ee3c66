//! What ends a command, the line that says so, and the exit status that goes with it.

use std::io::{self, Write};
use std::path::PathBuf;

use jangbu::backup::BackupError;
use jangbu::check::CheckError;
use jangbu::{
    AmountError, BankError, Error, InvalidCommand, JournalError, OpenError, Refusal, TimeZoneError, WhenError,
};

use super::dry_run::Unit;
use crate::copied::NotCopied;
use crate::tables::TableError;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The ledger says no.
    #[error("refused: {} ({code})", words(.refusal, *.unit), code = .refusal.code())]
    Refused {
        /// Why.
        refusal: Refusal,
        /// What its amounts are counted in; without, they are in minor units.
        unit: Option<Unit>,
    },
    /// The ledger says no to one row of a file, and so to the whole file.
    #[error(
        "refused: {}, line {line} (step {step}): {} ({code})", path.display(), words(.refusal, *.unit),
        code = .refusal.code()
    )]
    RefusedRow {
        /// The file.
        path: PathBuf,
        /// The line on which the row begins, counted from 1.
        line: u64,
        /// Which step it is, counted from 0.
        step: usize,
        /// Why.
        refusal: Refusal,
        /// What its amounts are counted in.
        unit: Option<Unit>,
    },
    /// Rows of a file are not what they must be.
    #[error("{0}")]
    BadRows(String),
    /// The offline audit found something that cannot be.
    #[error("fault at position {position}: {what}")]
    Fault {
        /// The first record at fault.
        position: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A backup or an archive is not as it was written.
    #[error("fault: {0}")]
    Damaged(String),
    /// The run was measured, and what is on disk afterwards is not what was answered.
    #[error("the audit failed: {0}")]
    Audit(String),
    /// A text that is no amount of the account's currency.
    #[error("cannot read {text:?}: {source}")]
    Amount {
        /// The text as it was given.
        text: String,
        /// What is wrong with it.
        source: AmountError,
    },
    /// A day or moment that the bank cannot hold.
    #[error(transparent)]
    When(#[from] WhenError),
    /// A command that no ledger needs to look at.
    #[error(transparent)]
    Invalid(InvalidCommand),
    /// A setting of the service cannot be used.
    #[cfg(feature = "server")]
    #[error(transparent)]
    Config(#[from] crate::server::config::ConfigError),
    /// An order to a running service, or about members or tokens, was not carried out.
    #[cfg(feature = "server")]
    #[error("refused: {detail} ({code})")]
    Order {
        /// The stable code.
        code: String,
        /// Why.
        detail: String,
    },
    /// The service says that it is not ready.
    #[cfg(feature = "server")]
    #[error("the service is not ready: status {status}, {answer}")]
    NotReady {
        /// The status that it answered.
        status: u16,
        /// The answer.
        answer: String,
    },
    /// The command line asks for what there is not.
    #[error("{0}")]
    Usage(String),
    /// More rows than a sheet can have.
    #[error("{}", TableError::TooLong)]
    TooLong,
    /// There is nothing to work with.
    #[error("there is no bank in {}: {why}; `jangbu import` and `jangbu open` make one", path.display())]
    NoBank {
        /// The directory.
        path: PathBuf,
        /// What is there instead.
        why: &'static str,
    },
    /// The bank cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The bank stopped, or cannot take more.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// A file operation of the command's own failed.
    #[error("cannot {operation} {}: {source}", path.display())]
    File {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// A file that is not of the form that it must have.
    #[error("{}: {what}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// What a command that the service ran ended with.
    #[cfg(feature = "server")]
    #[error("{line}")]
    Served {
        /// The line that says why.
        line: String,
        /// The exit status.
        status: u8,
    },
    /// Anything else that the machine does not provide.
    #[error("{0}")]
    Machine(String),
    /// Standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// Whoever read standard output has closed it, which is no error.
    #[error("the reader of the output is gone")]
    ReaderGone,
}

/// What to do while somebody else has the bank open.
const IN_USE: &str = "; while a service has the bank open, change it in the dashboard or by the API, and check it in the \
    dashboard (Engine) or with POST /api/v1/admin/engine/check; commands that only read, admin, token, clock and backup ask the service";

impl CliError {
    /// The exit status, as documented in [`super`].
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
            // A mistyped name, as any other argument.
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

    /// Turns an answer of the bank into what ends the command, a refusal's amounts counted in `unit`.
    pub(super) fn in_unit(unit: Unit) -> impl FnOnce(Error) -> CliError {
        move |error| match CliError::from(error) {
            CliError::Refused { refusal, .. } => CliError::Refused { refusal, unit: Some(unit) },
            other => other,
        }
    }

    /// Says in one line what went wrong.
    pub(super) fn line(&self) -> String {
        let mut line = self.to_string().replace(['\n', '\r'], " ");
        match self {
            CliError::Open(OpenError::Journal(JournalError::Damaged { .. })) => {
                line.push_str("; nothing was changed; `jangbu recover --help` says how to go on");
            }
            CliError::Open(OpenError::InUse(_)) => line.push_str(IN_USE),
            _ => {}
        }
        line
    }

    /// Prints the error as one line on standard error.
    pub(super) fn print(&self) {
        // Where standard error is gone too, the exit status is all that is left to say it.
        let _ = writeln!(io::stderr(), "error: {}", self.line());
    }
}

/// A refusal in words, its amounts in decimals where their currency is known.
fn words(refusal: &Refusal, unit: Option<Unit>) -> String {
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
            // A kind of error that a later engine adds is one that this program cannot work with.
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
            other => CliError::from(NotCopied::from(other)),
        }
    }
}

impl From<NotCopied> for CliError {
    fn from(error: NotCopied) -> Self {
        match error {
            NotCopied::Fault { position, what } => CliError::Fault { position, what },
            NotCopied::Damaged(what) => CliError::Damaged(what),
            NotCopied::Impossible(what) => CliError::Machine(what),
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
    /// Takes an error of writing to standard output; every other file operation says which file it was about.
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
        // The crate's own conversion hides the kind, by which a reader that is gone is known.
        CliError::from(match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            other => io::Error::other(format!("{other:?}")),
        })
    }
}
