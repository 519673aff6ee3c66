//! Members: who may sign in, and with which role.
//!
//! Everything about members is stored as application records of the journal. What is personal or secret (names, e-mail
//! addresses, password hashes, secrets of second factors) is sealed with one key per member, kept in a separate key
//! file: erasing a member destroys the key. The directory in memory holds the contents of the records, read at start.
//!
//! What this module must never do: store a secret in the clear, or let anyone distinguish unknown names from wrong
//! passwords.

mod answers;
mod authenticating;
mod changing;
mod cookie;
mod credentials;
mod delays;
mod devices;
mod directory;
mod end_signals;
mod erasing;
mod error;
mod generations;
mod ids;
mod joining;
mod keys;
mod names;
mod opening;
mod passwords;
mod proofs;
mod schedules;
mod sealed_answers;
mod second_factor;
mod secrets;
mod session_ends;
mod sessions;
mod signing_in;
mod stored;
mod token_list;
mod tokens;
mod verifying;

use std::collections::BTreeMap;
use std::sync::Arc;

use jangbu::{Bank, Currency, OwnerId, Position, Timestamp};
use parking_lot::RwLock;

use super::audit::Audit;
use super::config::Config;
use super::time::Time;
use super::turns::{Turn, Turns};
pub(crate) use answers::{MemberAnswer, SessionAnswer, SessionState, TokenAnswer};
pub(crate) use authenticating::KnownCaller;
pub(crate) use changing::MemberChange;
pub(crate) use cookie::Cookies;
pub(crate) use credentials::PasswordChange;
pub(crate) use delays::AttemptFrom;
use delays::Delays;
use devices::DeviceCookies;
pub(crate) use devices::Devices;
use directory::Directory;
use end_signals::EndSignals;
pub(crate) use error::{FactorError, FieldError, MemberError, MembersOpenError};
pub(crate) use generations::Generations;
pub(crate) use ids::{MemberId, SessionId, TokenId};
pub(crate) use joining::{NewMember, PasswordGiven};
pub(crate) use keys::{Keys, KeysError, Known, Label};
use passwords::{Hasher, PasswordMatch, QueueLane};
pub(crate) use proofs::ProofAttempt;
pub(crate) use schedules::ScheduleEnd;
pub(crate) use second_factor::TotpOffer;
#[cfg(test)]
pub(crate) use second_factor::code_at;
use sessions::Sessions;
pub(crate) use signing_in::SignIn;
use token_list::TokenList;
pub(crate) use tokens::NewToken;
pub(crate) use verifying::{KeysFound, MEMBER_RECORDS, verify_keys};

use super::principal::Role;

/// A member, without credentials.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// The id.
    pub(crate) id: MemberId,
    /// The username: 3 to 40 letters, digits, `.`, `_` or `-`, unique regardless of case.
    pub(crate) username: String,
    /// The full name.
    pub(crate) name: String,
    /// The e-mail address.
    pub(crate) email: String,
    /// The household: a name shared by its members; `None` if the bank has not assigned one.
    pub(crate) household: Option<String>,
    /// The role.
    pub(crate) role: Role,
    /// Whether the member is disabled: signing in is refused.
    pub(crate) disabled: bool,
    /// Whether a second factor is set up.
    pub(crate) has_totp: bool,
    /// Free transfers per account and business day.
    pub(crate) free_transfers_per_day: u32,
    /// By currency, the amount in minor units above which a transfer of the member needs a fresh proof.
    pub(crate) proof_above: BTreeMap<Currency, u64>,
    /// When the member joined.
    pub(crate) joined_at: Timestamp,
    /// Whether the password was set by someone else and must be changed before anything else.
    pub(crate) password_due: bool,
    /// Whether everything personal is destroyed. Names are then empty.
    pub(crate) erased: bool,
    /// The generations by which the member's sessions and tokens are valid.
    pub(crate) generations: Generations,
    /// The version of the record, which a change must name.
    pub(crate) version: Position,
}

impl Member {
    /// Returns the owner that the member's accounts have in the bank.
    pub(crate) fn owner(&self) -> OwnerId {
        self.id.owner()
    }

    /// Whether the member may sign in and stay signed in.
    pub(crate) const fn is_active(&self) -> bool {
        !self.disabled && !self.erased
    }
}

/// The directory of members, with their sessions and tokens.
#[derive(Debug)]
pub(crate) struct Members {
    bank: Bank,
    keys: Arc<Keys>,
    audit: Audit,
    config: Arc<Config>,
    cookies: Cookies,
    device_cookies: DeviceCookies,
    time: Time,
    hasher: Hasher,
    delays: Delays,
    /// Failed proofs, by session, so that only a signed-in member can delay them.
    failed_proofs: Delays,
    endings: EndSignals,
    directory: RwLock<Directory>,
    sessions: Arc<Sessions>,
    tokens: Arc<TokenList>,
    turns: Turns<MemberId>,
    /// Held while deciding whether an administrator may give up that role.
    administrators: tokio::sync::Mutex<()>,
    /// Shared by those who begin something permanent for a member; exclusive while a member is disabled or erased.
    beginning: tokio::sync::RwLock<()>,
}

impl Members {
    /// Returns the member with that id, also an erased one.
    pub(crate) fn find(&self, id: MemberId) -> Option<Member> {
        self.directory.read().find(id).cloned()
    }

    /// Returns the member with that username, regardless of case.
    pub(crate) fn find_by_username(&self, username: &str) -> Option<Member> {
        self.directory.read().find_by_username(username).cloned()
    }

    /// Waits for the member's turn to create something whose number is limited.
    pub(crate) async fn turn(&self, id: MemberId) -> Turn<MemberId> {
        self.turns.of(id).await
    }

    /// Returns the number of active administrators.
    pub(crate) fn administrators(&self) -> usize {
        self.directory.read().all().filter(|member| member.role == Role::Admin && member.is_active()).count()
    }

    /// Returns all members, in the order in which they joined.
    pub(crate) fn all(&self) -> Vec<Member> {
        self.directory.read().all().cloned().collect()
    }

    /// Repairs the key file and its copy if one of them is not as it should be. Returns whether that was so. Blocks on
    /// the disk.
    ///
    /// # Errors
    /// [`KeysError::File`]: then what could be read before can be read still.
    pub(crate) fn mend_keys(&self) -> Result<bool, KeysError> {
        self.keys.mend()
    }

    /// Returns the name and attributes of the session cookie.
    pub(crate) const fn cookies(&self) -> &Cookies {
        &self.cookies
    }
}

#[cfg(test)]
pub(crate) mod tests;
