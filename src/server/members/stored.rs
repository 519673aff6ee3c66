//! Members, credentials, sessions and tokens as records of the journal: the open part, and the sealed part.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jangbu::{
    Currency, Position, Timestamp,
    records::{ApplicationRecord, RecordPut},
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::keys::{Keys, KeysError, Label};
use super::{Generations, MemberId, SessionId, TokenId};
use crate::server::principal::Role;
use crate::server::scopes::{Bounds, Scope};

/// A kind of record about members. Its value is JSON: open fields, and sealed ones in base64.
pub(super) trait Stored: Serialize + DeserializeOwned {
    /// The kind of the application record.
    const KIND: &'static str;
    /// The type of the sealed part.
    type Sealed: Serialize + DeserializeOwned;
}

/// A value in the journal: the open and the sealed part.
#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    #[serde(flatten)]
    open: T,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
}

/// Kind `member`, by the member's id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredMember {
    pub(super) role: Role,
    pub(super) disabled: bool,
    pub(super) totp: bool,
    pub(super) free_transfers_per_day: u32,
    pub(super) joined_at: Timestamp,
    /// Whether the password was set by someone else and must be changed first.
    pub(super) password_due: bool,
    pub(super) erased_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) generations: Generations,
    /// By currency, the amount in minor units above which a transfer needs a fresh proof.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) proof_above: BTreeMap<Currency, u64>,
}

/// The personal data of a member.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Profile {
    pub(super) username: String,
    pub(super) name: String,
    pub(super) email: String,
    /// The member's household.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) household: Option<String>,
}

impl Stored for StoredMember {
    const KIND: &'static str = "member";
    type Sealed = Profile;
}

/// Kind `username`, by the keyed hash of the name in lower case: its owner.
pub(super) const USERNAME_KIND: &str = "username";

/// Kind `credentials`, by the member's id. Sealed entirely.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredCredentials {}

/// The credentials of a member.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Credentials {
    /// The hash of the password, as a PHC string.
    pub(super) password: String,
    /// Until when a one-time password is valid.
    pub(super) password_until: Option<Timestamp>,
    /// The secret of the second factor.
    pub(super) totp: Option<Totp>,
    /// A secret that is not confirmed yet.
    pub(super) totp_offered: Option<String>,
    /// The hashes of the remaining recovery codes.
    pub(super) recovery: Vec<String>,
}

/// A second factor in use.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Totp {
    /// The secret, in base 32.
    pub(super) secret: String,
    /// The last step whose code was used: it and earlier ones cannot be used again.
    pub(super) last_step: u64,
}

impl Stored for StoredCredentials {
    const KIND: &'static str = "credentials";
    type Sealed = Credentials;
}

/// Kind `session`, by the session's id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredSession {
    pub(super) member: MemberId,
    pub(super) created_at: Timestamp,
    pub(super) last_seen_at: Timestamp,
    /// The generation of the member's sessions that it belongs to.
    #[serde(default)]
    pub(super) generation: u32,
}

/// The personal and secret data of a session.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SessionDetails {
    /// The hash of the secret in the cookie.
    pub(super) hash: String,
    pub(super) address: String,
    pub(super) user_agent: String,
}

impl Stored for StoredSession {
    const KIND: &'static str = "session";
    type Sealed = SessionDetails;
}

/// Kind `token`, by the token's id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredToken {
    pub(super) member: MemberId,
    pub(super) scopes: Vec<Scope>,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) last_used_at: Option<Timestamp>,
    pub(super) revoked_at: Option<Timestamp>,
    /// The generation of the member's tokens that it belongs to.
    #[serde(default)]
    pub(super) generation: u32,
}

/// The personal and secret data of a token.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct TokenDetails {
    /// The hash of the token.
    pub(super) hash: String,
    /// The name given by the owner.
    pub(super) name: String,
    /// The restrictions of the token: payees and addresses say much about its owner.
    #[serde(default, skip_serializing_if = "Bounds::is_empty")]
    pub(super) bounds: Bounds,
    /// Where it was used when `last_used_at` was last stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_used_from: Option<String>,
}

impl Stored for StoredToken {
    const KIND: &'static str = "token";
    type Sealed = TokenDetails;
}

/// Makes a record to write: the open part as it is, the sealed part under the member's key.
///
/// # Errors
/// [`KeysError::NoKey`] for a member without a key.
pub(super) fn put<T: Stored>(
    keys: &Keys,
    member: MemberId,
    key: &str,
    open: &T,
    sealed: Option<&T::Sealed>,
    expected: Option<Position>,
) -> Result<RecordPut, KeysError> {
    let label = Label { member, kind: T::KIND, key };
    let sealed = match sealed {
        Some(sealed) => {
            let plain = serde_json::to_vec(sealed).map_err(|_| KeysError::Sealed)?;
            Some(STANDARD_NO_PAD.encode(keys.seal(label, &plain)?))
        }
        None => None,
    };
    let value = serde_json::to_vec(&Envelope { open, sealed }).map_err(|_| KeysError::Sealed)?;
    Ok(RecordPut { kind: T::KIND.into(), key: key.into(), value: Some(value), expected })
}

/// Makes a record to delete.
pub(super) fn delete(kind: &str, key: impl Into<String>, expected: Option<Position>) -> RecordPut {
    RecordPut { kind: kind.into(), key: key.into(), value: None, expected }
}

/// Returns the open part of a record; `None` if it has another form.
pub(super) fn open_part<T: Stored>(record: &ApplicationRecord) -> Option<T> {
    serde_json::from_slice::<Envelope<T>>(&record.value).ok().map(|envelope| envelope.open)
}

/// Returns the sealed part of a record, opened with its member's key.
///
/// # Errors
/// [`KeysError::NoKey`] when the key is not there, [`KeysError::Sealed`] when it is not the right one.
pub(super) fn sealed_part<T: Stored>(
    keys: &Keys,
    member: MemberId,
    record: &ApplicationRecord,
) -> Result<T::Sealed, KeysError> {
    let label = Label { member, kind: T::KIND, key: &record.key };
    let envelope: Envelope<T> = serde_json::from_slice(&record.value).map_err(|_| KeysError::Sealed)?;
    let sealed = envelope.sealed.and_then(|text| STANDARD_NO_PAD.decode(text).ok()).ok_or(KeysError::Sealed)?;
    serde_json::from_slice(&keys.open_sealed(label, &sealed)?).map_err(|_| KeysError::Sealed)
}

/// Returns a record's key as an id.
pub(super) fn session_id(record: &ApplicationRecord) -> Option<SessionId> {
    record.key.parse().ok()
}

/// Returns a record's key as an id.
pub(super) fn token_id(record: &ApplicationRecord) -> Option<TokenId> {
    record.key.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;

    #[test]
    fn records_of_before_there_were_generations_are_read_and_new_ones_keep_theirs() {
        let old = r#"{"role":"admin","disabled":false,"totp":false,"free_transfers_per_day":3,
            "joined_at":"2026-11-23T18:08:39.478031421Z","password_due":false,"erased_at":null}"#;
        let mut member = serde_json::from_str::<Envelope<StoredMember>>(old).unwrap().open;
        assert_eq!((member.generations, member.proof_above.len()), (Generations::default(), 0));
        member.generations = member.generations.sessions_over(Some(SessionId::random())).tokens_over();
        member.proof_above.insert(Currency::krw(), 5);
        let written = serde_json::to_vec(&Envelope { open: member.clone(), sealed: None }).unwrap();
        let read = serde_json::from_slice::<Envelope<StoredMember>>(&written).unwrap().open;
        assert_eq!((read.generations, read.proof_above), (member.generations, member.proof_above));
        let old = r#"{"member":"01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c","scopes":["read"],"expires_at":1,"created_at":1,
            "last_used_at":null,"revoked_at":null}"#;
        assert_eq!(serde_json::from_str::<Envelope<StoredToken>>(old).unwrap().open.generation, 0);
    }

    #[test]
    fn moments_are_read_as_text_and_as_the_numbers_that_were_written_once() {
        let moment: Timestamp = "2026-11-23T18:08:39.478031421Z".parse().unwrap();
        let open =
            StoredSession { member: MemberId::random(), created_at: moment, last_seen_at: moment, generation: 0 };
        let mut written = to_value(Envelope { open: open.clone(), sealed: None }).unwrap();
        assert_eq!(written["created_at"], "2026-11-23T18:08:39.478031421Z");
        for form in [written["created_at"].clone(), json!(moment.as_ns())] {
            written["last_seen_at"] = form;
            let value = serde_json::to_vec(&written).unwrap();
            let read = serde_json::from_slice::<Envelope<StoredSession>>(&value).unwrap().open;
            assert_eq!((read.member, read.created_at, read.last_seen_at), (open.member, moment, moment));
        }
    }

    /// A token as it was stored before tokens were bound and more scopes were known.
    #[test]
    fn early_tokens_are_read_as_bound_to_nothing() {
        let open = r#"{"member":"01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c","scopes":["read","transfer","batch","counter","admin"],
            "created_at":"2026-11-23T18:08:39.478031421Z","expires_at":"2027-11-23T18:08:39Z","last_used_at":null,
            "revoked_at":null}"#;
        let open: StoredToken = serde_json::from_str(open).unwrap();
        assert_eq!(open.scopes, [Scope::Read, Scope::Transfer, Scope::Batch, Scope::Counter, Scope::Admin]);
        let sealed = r#"{"hash":"0123","name":"till"}"#;
        let details: TokenDetails = serde_json::from_str(sealed).unwrap();
        assert!(details.bounds.is_empty() && details.last_used_from.is_none());
        assert_eq!(serde_json::to_string(&details).unwrap(), sealed, "and written as before");
    }

    #[test]
    fn bounds_are_read_as_they_are_written() {
        let sealed = r#"{"hash":"0123","name":"till","bounds":{"accounts":["A-1"],"payees":["B-2"],"addresses":["192.0.2.0/24"],"per_day":[{"currency":"KRW","amount":100}]},"last_used_from":"192.0.2.7"}"#;
        let details: TokenDetails = serde_json::from_str(sealed).unwrap();
        assert_eq!(serde_json::to_string(&details).unwrap(), sealed);
    }
}
