//! Members: who may sign in, and what they are to the bank.
//!
//! Everything about them is an application record of the journal. What is personal or secret (names, e-mail, hashes of
//! passwords, secrets of second factors) is sealed with a key per member, kept in a key file of its own: erasing a
//! member destroys the key. The directory in memory is what the records say, opened at start.
//!
//! What this module must never do: keep a secret in the clear, or tell unknown names from wrong passwords.

use std::fmt;
use std::str::FromStr;

use actix_web::HttpRequest;
use jangbu::{OwnerId, Position, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::http::Problem;
use super::principal::{Principal, Role};

/// The id of a member, under which the bank knows the owner of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct MemberId(pub(crate) Uuid);

/// The id of a session, which is not the secret in its cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct SessionId(pub(crate) Uuid);

/// The id of a token, which is not its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct TokenId(pub(crate) Uuid);

/// A member, without credentials.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// The id.
    pub(crate) id: MemberId,
    /// The name to sign in with: 3 to 40 letters, digits, `.`, `_` or `-`, unique without regard to case.
    pub(crate) username: String,
    /// The full name.
    pub(crate) name: String,
    /// The e-mail address.
    pub(crate) email: String,
    /// What the member is to the bank.
    pub(crate) role: Role,
    /// Whether signing in is refused.
    pub(crate) disabled: bool,
    /// Whether a second factor is asked for.
    pub(crate) has_totp: bool,
    /// Transfers that bear no fee, per account and business day.
    pub(crate) free_transfers_per_day: u32,
    /// When the member joined.
    pub(crate) joined_at: Timestamp,
    /// The version of the record, which a change must name.
    pub(crate) version: Position,
}

impl Member {
    /// The owner by which the bank knows the member's accounts.
    pub(crate) fn owner(&self) -> OwnerId {
        self.id.owner()
    }
}

impl MemberId {
    /// The owner by which the bank knows the member's accounts.
    #[expect(clippy::expect_used, reason = "a UUID in text is 36 printable characters")]
    pub(crate) fn owner(self) -> OwnerId {
        OwnerId::new(&self.0.to_string()).expect("a UUID is an owner's id")
    }

    /// The member who owns what is an owner's; `None` for an owner that is no member.
    pub(crate) fn of_owner(owner: &OwnerId) -> Option<MemberId> {
        owner.as_str().parse().ok()
    }
}

impl FromStr for MemberId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(MemberId)
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The directory of members, with their sessions and tokens.
#[derive(Debug)]
pub(crate) struct Members {}

impl Members {
    /// Finds who calls, by the cookie of a session or by a token.
    ///
    /// # Errors
    /// 401 when nobody is signed in, the session is over, the token is revoked or the member disabled.
    pub(crate) async fn authenticate(&self, _request: &HttpRequest) -> Result<Principal, Problem> {
        Err(Problem::unauthorised())
    }

    /// The member of that id.
    pub(crate) fn find(&self, _id: MemberId) -> Option<Member> {
        None
    }

    /// The member of that username, without regard to case.
    pub(crate) fn find_by_username(&self, _username: &str) -> Option<Member> {
        None
    }

    /// Every member, in the order in which they joined.
    pub(crate) fn all(&self) -> Vec<Member> {
        Vec::new()
    }
}
