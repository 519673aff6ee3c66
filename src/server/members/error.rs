//! Why something about members cannot be done, and why members cannot be opened.

use std::path::PathBuf;

use jangbu::{BankError, Error, Position, Refusal};

use super::MemberId;
use super::keys::KeysError;
use crate::server::audit::AuditError;

/// Why something about a member, a session or a token was not done. Nothing was changed, except where a variant says so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemberError {
    /// The bank refused or failed.
    #[error(transparent)]
    Bank(#[from] Error),
    /// A key cannot be read or written, or what it seals cannot be opened.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// A field of the request is not acceptable.
    #[error("{}: {}", .0.field, .0.detail)]
    Field(FieldError),
    /// There is no such member, session or token, or it belongs to another member.
    #[error("not found")]
    NotFound,
    /// The session is over, or its member may no longer be signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The token is unknown, expired or revoked.
    #[error("the token is unknown, expired or revoked")]
    TokenInvalid,
    /// The token may not be used from the caller's address.
    #[error("the token may not be used from this address")]
    AddressNotAllowed,
    /// The member's role does not allow one of the scopes.
    #[error("the member's role does not allow this")]
    NotAllowed,
    /// Unknown username or wrong password, which are not told apart.
    #[error("the username or the password is wrong")]
    WrongCredentials,
    /// The second factor failed while signing in.
    #[error("{0}")]
    SignInFactor(FactorError),
    /// The credentials are right, but the member is disabled.
    #[error("this member may not sign in")]
    SignInDisabled,
    /// The current password, asked for again, is wrong.
    #[error("{field}: this is not your password")]
    WrongPassword {
        /// The field that has it.
        field: &'static str,
    },
    /// The second factor, asked for again, failed.
    #[error("{0}")]
    ProofFactor(FactorError),
    /// Too many failures; another try is allowed later.
    #[error("too many failures; try again in {wait_s} seconds")]
    TooManyFailures {
        /// The seconds to wait.
        wait_s: u64,
    },
    /// A second factor exists already.
    #[error("a second factor is set up already; disable it first")]
    TotpEnabled,
    /// A code was confirmed without an offered secret.
    #[error("request a secret first")]
    TotpNotBegun,
    /// The confirmed code does not belong to the offered secret.
    #[error("the code does not belong to this secret and this time")]
    TotpNotConfirmed,
    /// There is no second factor.
    #[error("no second factor is set up")]
    TotpDisabled,
    /// Another member has the username.
    #[error("this username is taken")]
    UsernameTaken,
    /// The member is erased.
    #[error("this member is erased")]
    Erased,
    /// The member is disabled.
    #[error("this member may not sign in")]
    Disabled,
    /// No administrator would be left.
    #[error("this is the last administrator")]
    LastAdministrator,
    /// The member has the most valid tokens already.
    #[error("a member has at most {most} valid tokens; revoke one first")]
    TooManyTokens {
        /// The most.
        most: usize,
    },
    /// What was to be changed is at another version than the one that was read.
    #[error("this was changed in the meantime; read it again")]
    Conflict {
        /// The version that it is at, where it is known.
        version: Option<Position>,
    },
    /// The credentials were changed while they were proven.
    #[error("the credentials were changed in the meantime; try again")]
    CredentialsChanged,
    /// Other changes of the member kept getting in between.
    #[error("this member is being changed; try again")]
    BeingChanged,
    /// Too many passwords are being hashed.
    #[error("too many members are signing in; try again")]
    Overloaded,
    /// A password cannot be hashed.
    #[error("a password cannot be hashed")]
    Hashing,
    /// The member is erased, but some of the data could not be destroyed.
    #[error("member {member} is erased, but some data remains: {}; erase the member again", left.join(", "))]
    ErasureUnfinished {
        /// The member.
        member: MemberId,
        /// What remains.
        left: Vec<&'static str>,
    },
}

/// What is wrong with a field of a request about a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// The path of the field.
    pub(crate) field: String,
    /// The stable code.
    pub(crate) code: &'static str,
    /// The reason, for people.
    pub(crate) detail: String,
}

/// Why a second factor did not prove anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FactorError {
    /// No code was given.
    #[error("a code of the second factor is required too")]
    Missing,
    /// The code is wrong.
    #[error("the code is wrong, or was used before")]
    Wrong,
}

impl MemberError {
    /// A field that is not acceptable.
    pub(super) fn field(field: impl Into<String>, code: &'static str, detail: impl Into<String>) -> MemberError {
        MemberError::Field(FieldError { field: field.into(), code, detail: detail.into() })
    }

    /// Whether another change came first.
    pub(super) const fn is_conflict(&self) -> bool {
        matches!(self, MemberError::Conflict { .. } | MemberError::CredentialsChanged | MemberError::BeingChanged)
    }
}

impl From<BankError> for MemberError {
    fn from(error: BankError) -> MemberError {
        MemberError::Bank(error.into())
    }
}

impl From<Refusal> for MemberError {
    fn from(refusal: Refusal) -> MemberError {
        MemberError::Bank(refusal.into())
    }
}

impl From<AuditError> for MemberError {
    fn from(error: AuditError) -> MemberError {
        match error {
            AuditError::Bank(error) => error.into(),
            AuditError::Keys(error) => error.into(),
        }
    }
}

/// Why members cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MembersOpenError {
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
