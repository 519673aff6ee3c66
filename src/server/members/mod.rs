//! Members: who may sign in, and what they are to the bank.
//!
//! Everything about them is an application record of the journal. What is personal or secret (names, e-mail, hashes of
//! passwords, secrets of second factors) is sealed with a key per member, kept in a key file of its own: erasing a
//! member destroys the key. The directory in memory is what the records say, opened at start.
//!
//! What this module must never do: keep a secret in the clear, or tell unknown names from wrong passwords.

mod answers;
mod authenticating;
mod changing;
mod cookie;
mod credentials;
mod delays;
mod devices;
mod directory;
mod ending;
mod endings;
mod erasing;
mod error;
mod generations;
mod ids;
mod joining;
mod kept_answers;
mod keys;
mod names;
mod opening;
mod passwords;
mod proving;
mod schedules;
mod second_factor;
mod secrets;
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
use delays::Delays;
pub(crate) use delays::Tries;
use devices::DeviceCookies;
pub(crate) use devices::Devices;
use directory::Directory;
use endings::Endings;
pub(crate) use error::MembersError;
pub(crate) use generations::Generations;
pub(crate) use ids::{MemberId, SessionId, TokenId};
pub(crate) use joining::{NewMember, PasswordGiven};
pub(crate) use keys::{Keys, KeysError, Known, Label};
use passwords::{Hasher, Likeness, Line};
pub(crate) use proving::Proving;
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
    /// The name to sign in with: 3 to 40 letters, digits, `.`, `_` or `-`, unique without regard to case.
    pub(crate) username: String,
    /// The full name.
    pub(crate) name: String,
    /// The e-mail address.
    pub(crate) email: String,
    /// The household, a word that all of it share; none where nobody linked the member to one.
    pub(crate) household: Option<String>,
    /// What the member is to the bank.
    pub(crate) role: Role,
    /// Whether signing in is refused.
    pub(crate) disabled: bool,
    /// Whether a second factor is asked for.
    pub(crate) has_totp: bool,
    /// Transfers that bear no fee, per account and business day.
    pub(crate) free_transfers_per_day: u32,
    /// Above how much, in minor units of each currency, a transfer of the member's needs a fresh proof.
    pub(crate) proof_above: BTreeMap<Currency, u64>,
    /// When the member joined.
    pub(crate) joined_at: Timestamp,
    /// Whether the password was given by somebody else: it has to be changed before anything else is allowed.
    pub(crate) password_due: bool,
    /// Whether everything personal about the member is destroyed. Names are then empty.
    pub(crate) erased: bool,
    /// Which of the member's sessions and tokens are good.
    pub(crate) generations: Generations,
    /// The version of the record, which a change must name.
    pub(crate) version: Position,
}

impl Member {
    /// The owner by which the bank knows the member's accounts.
    pub(crate) fn owner(&self) -> OwnerId {
        self.id.owner()
    }

    /// Whether the member may sign in and be signed in.
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
    /// Failed proofs, by session: nobody who is not signed in can delay them.
    failed_proofs: Delays,
    endings: Endings,
    directory: RwLock<Directory>,
    sessions: Arc<Sessions>,
    tokens: Arc<TokenList>,
    turns: Turns<MemberId>,
    /// Held while it is decided whether an administrator may cease to be one.
    administrators: tokio::sync::Mutex<()>,
    /// Shared by those who begin something that stays a member's; taken alone while a member is disabled or erased.
    beginning: tokio::sync::RwLock<()>,
}

impl Members {
    /// The member of that id, an erased one too.
    pub(crate) fn find(&self, id: MemberId) -> Option<Member> {
        self.directory.read().find(id).cloned()
    }

    /// The member of that username, without regard to case.
    pub(crate) fn find_by_username(&self, username: &str) -> Option<Member> {
        self.directory.read().find_by_username(username).cloned()
    }

    /// Waits for the member's turn to make one more of what is counted.
    pub(crate) async fn turn(&self, id: MemberId) -> Turn<MemberId> {
        self.turns.of(id).await
    }

    /// How many members may administer the bank.
    pub(crate) fn administrators(&self) -> usize {
        self.directory.read().all().filter(|member| member.role == Role::Admin && member.is_active()).count()
    }

    /// Every member, in the order in which they joined.
    pub(crate) fn all(&self) -> Vec<Member> {
        self.directory.read().all().cloned().collect()
    }

    /// Puts the key file and its copy in order where one of them is not as it should be. Returns whether that was so. Waits
    /// for the disk.
    ///
    /// # Errors
    /// [`KeysError::File`]: then what could be read before can be read still.
    pub(crate) fn mend_keys(&self) -> Result<bool, KeysError> {
        self.keys.mend()
    }

    /// The name and look of the cookie that sessions are known by.
    pub(crate) const fn cookies(&self) -> &Cookies {
        &self.cookies
    }
}

#[cfg(test)]
pub(crate) mod tests;
