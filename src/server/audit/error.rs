//! Why the audit log cannot be written or read.

use jangbu::{BankError, Error};

use crate::server::members::KeysError;

/// Why an entry cannot be written, or the log cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuditError {
    /// The bank cannot write or read the records.
    #[error(transparent)]
    Bank(#[from] Error),
    /// What is personal in an entry cannot be sealed.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl From<BankError> for AuditError {
    fn from(error: BankError) -> AuditError {
        AuditError::Bank(error.into())
    }
}
