//! The ids of members, sessions and tokens.

use std::fmt;
use std::str::FromStr;

use jangbu::{CommandId, OwnerId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The id of a member, which is also the id of the owner of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct MemberId(pub(crate) Uuid);

/// The id of a session. It is not the secret in the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct SessionId(pub(crate) Uuid);

/// The id of a token. It is not the token's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct TokenId(pub(crate) Uuid);

impl MemberId {
    /// Makes a new id. Ids sort by their time of creation.
    pub(crate) fn random() -> MemberId {
        MemberId(CommandId::random().uuid())
    }

    /// Returns the owner that the member's accounts have in the bank.
    #[expect(clippy::expect_used, reason = "a UUID in text is 36 printable characters")]
    pub(crate) fn owner(self) -> OwnerId {
        OwnerId::new(&self.0.to_string()).expect("a UUID is an owner's id")
    }

    /// Returns the member who is that owner; `None` for an owner who is not a member.
    pub(crate) fn of_owner(owner: &OwnerId) -> Option<MemberId> {
        owner.as_str().parse().ok()
    }
}

impl SessionId {
    /// A new one.
    pub(crate) fn random() -> SessionId {
        SessionId(CommandId::random().uuid())
    }
}

impl TokenId {
    /// A new one.
    pub(crate) fn random() -> TokenId {
        TokenId(CommandId::random().uuid())
    }
}

impl FromStr for MemberId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(MemberId)
    }
}

impl FromStr for SessionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(SessionId)
    }
}

impl FromStr for TokenId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(TokenId)
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
