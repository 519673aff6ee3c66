//! Why the service cannot begin with the members that the bank has.

use std::path::PathBuf;

use actix_web::http::StatusCode;
use jangbu::{BankError, Error};

use super::MemberId;
use super::keys::KeysError;
use crate::server::http::Problem;

/// Why members cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MembersError {
    /// The bank cannot be read.
    #[error(transparent)]
    Bank(#[from] BankError),
    /// Something cannot be written at the beginning.
    #[error(transparent)]
    Write(Error),
    /// The key file cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The bank has sealed values, and their keys are not there.
    #[error(
        "the keys of {count} members are missing, of {first} for example: the key file {} is missing or another bank's; \
         restore it from a backup",
        path.display()
    )]
    KeysMissing {
        /// How many.
        count: usize,
        /// One of them.
        first: MemberId,
        /// Where the key file should be.
        path: PathBuf,
    },
    /// A record about members is not of a form that this program knows.
    #[error("the record {kind}/{key} cannot be read; it may be of a newer program")]
    Unreadable {
        /// Its kind.
        kind: String,
        /// Its key.
        key: String,
    },
    /// A setting cannot be used.
    #[error("{0}")]
    Setting(String),
}

impl From<KeysError> for Problem {
    fn from(error: KeysError) -> Self {
        tracing::error!("a key or what is sealed with it cannot be had: {error}");
        let detail = "what belongs to this member cannot be read or written at the moment";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "keys_unavailable", detail).with_retry_after(30)
    }
}
