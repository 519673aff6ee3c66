//! An entry as records of the journal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jangbu::{CommandId, Position, Timestamp, records::RecordPut};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Actor;
use crate::server::members::{Keys, KeysError, Known, Label, MemberId};
use crate::server::principal::Role;

/// The kind of the records with the entries.
pub(super) const KIND: &str = "audit";
/// The kind of the records by object: `<object>/<id>/<key of the entry>`.
pub(super) const BY_OBJECT: &str = "audit.object";
/// The kind of the records by who it was: `<member>/<key of the entry>`.
pub(super) const BY_MEMBER: &str = "audit.member";
/// What is sealed with the address, apart from the values.
const ADDRESS: &str = "audit.address";

/// The most bytes of the values before and after, in JSON: what fits into a record with all that is beside them, sealed.
const MOST_VALUE_BYTES: usize = 1_000;
/// The most bytes of an object's id and of a request's id.
const MOST_ID_BYTES: usize = 100;

/// What is written down.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// What was done, for example `account.frozen` or `member.read`.
    pub(crate) action: String,
    /// The kind of thing, for example `account`.
    pub(crate) object: String,
    /// Its id or number.
    pub(crate) id: String,
    /// How it was before, as far as it changed.
    pub(crate) before: Option<Value>,
    /// How it is after, as far as it changed.
    pub(crate) after: Option<Value>,
    /// The command of the ledger that carries it out, under which its outcome is found.
    pub(crate) command: Option<CommandId>,
}

impl Entry {
    /// What was done to a member.
    pub(crate) fn about(action: &str, member: MemberId) -> Entry {
        Entry {
            action: action.into(),
            object: "member".into(),
            id: member.to_string(),
            before: None,
            after: None,
            command: None,
        }
    }

    /// With how it was and how it is.
    pub(crate) fn with_values(self, before: impl Into<Option<Value>>, after: impl Into<Option<Value>>) -> Entry {
        Entry { before: before.into(), after: after.into(), ..self }
    }
}

/// The value of a record of kind `audit`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) at: Timestamp,
    pub(super) who: Option<MemberId>,
    pub(super) role: Option<Role>,
    pub(super) via: String,
    /// Sealed under the key of who it was; in the clear only where there is no such member.
    pub(super) address: Option<Part>,
    pub(super) action: String,
    pub(super) object: String,
    pub(super) id: String,
    pub(super) command: Option<CommandId>,
    pub(super) request_id: Option<String>,
    /// Before and after. Sealed where it is about a member, or what a member of the staff searched for.
    pub(super) values: Option<Part>,
    /// The code of the refusal, where no command of the ledger has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    /// Whether the command had been answered before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) repeated: bool,
    /// How often it happened, for what is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) times: Option<Times>,
}

/// How often something happened, and when.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Times {
    /// How often.
    pub(crate) count: u64,
    /// When for the first time.
    pub(crate) first: Timestamp,
    /// When for the last time.
    pub(crate) last: Timestamp,
}

/// What an entry says beside what was done.
#[derive(Clone, Debug, Default)]
pub(super) struct Circumstances {
    pub(super) code: Option<String>,
    pub(super) repeated: bool,
    pub(super) times: Option<Times>,
    pub(super) request_id: Option<String>,
    /// Whether the values are the caller's own words.
    pub(super) are_own_words: bool,
}

/// A part of an entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// Nothing personal.
    Clear(Value),
    /// A member's own.
    Sealed { whose: MemberId, sealed: String },
}

/// The records of an entry: itself, and those by which it is found.
pub(super) fn records(
    keys: &Keys,
    actor: &Actor,
    entry: Entry,
    how: Circumstances,
    at: Timestamp,
) -> Result<Vec<RecordPut>, KeysError> {
    let key = new_key(at);
    let Entry { action, object, id, before, after, command } = entry;
    let id = shortened(&id, MOST_ID_BYTES);
    let subject = (object == "member").then(|| id.parse().ok()).flatten();
    let Circumstances { code, repeated, times, request_id, are_own_words } = how;
    let whose_values = if are_own_words { actor.member } else { subject };
    // From where somebody unknown tried to be a member is about that member.
    let whose_address = actor.member.or(subject.filter(|_| actor.via != Actor::CONSOLE));
    let values = (before.is_some() || after.is_some()).then(|| json!([cut(before), cut(after)]));
    let part = |owner: Option<MemberId>, kind, value| part(keys, owner, kind, &key, value);
    let kept = Kept {
        at,
        who: actor.member,
        role: actor.role,
        via: actor.via.clone(),
        address: actor.address.map(|address| part(whose_address, ADDRESS, json!(address))).transpose()?,
        values: values.map(|values| part(whose_values, KIND, values)).transpose()?,
        request_id: request_id.map(|id| shortened(&id, MOST_ID_BYTES)),
        action,
        object,
        id,
        command,
        code,
        repeated,
        times,
    };
    let value = serde_json::to_vec(&kept).map_err(|_| KeysError::Sealed)?;
    let record = |kind: &str, key: String, value: Vec<u8>| RecordPut {
        kind: kind.into(),
        key,
        value: Some(value),
        // None of them is there yet, and none is ever written again.
        expected: Some(Position::START),
    };
    let mut puts = vec![record(BY_OBJECT, format!("{}/{}/{key}", kept.object, kept.id), Vec::new())];
    puts.extend(actor.member.map(|member| record(BY_MEMBER, format!("{member}/{key}"), Vec::new())));
    puts.push(record(KIND, key, value));
    Ok(puts)
}

/// Sealed for its owner, if that is a member with a key; without one it stays out, unless it is nobody's.
fn part(keys: &Keys, owner: Option<MemberId>, kind: &str, key: &str, value: Value) -> Result<Part, KeysError> {
    match owner {
        None => Ok(Part::Clear(value)),
        Some(member) if keys.known(member) != Known::Key => Ok(Part::Clear(json!({ "left_out": true }))),
        Some(member) => {
            let plain = serde_json::to_vec(&value).map_err(|_| KeysError::Sealed)?;
            let sealed = STANDARD_NO_PAD.encode(keys.seal(Label { member, kind, key }, &plain)?);
            Ok(Part::Sealed { whose: member, sealed })
        }
    }
}

impl Part {
    /// What is in it; `None` when its owner is erased, or it is damaged.
    pub(super) fn open(&self, keys: &Keys, key: &str, is_address: bool) -> Option<Value> {
        match self {
            Part::Clear(value) => Some(value.clone()),
            Part::Sealed { whose, sealed } => {
                let kind = if is_address { ADDRESS } else { KIND };
                let sealed = STANDARD_NO_PAD.decode(sealed).ok()?;
                let plain = keys.open_sealed(Label { member: *whose, kind, key }, &sealed).ok()?;
                serde_json::from_slice(&plain).ok()
            }
        }
    }
}

/// The part of a key that stands for the time: the later, the smaller.
pub(super) fn place_of(at: Timestamp) -> String {
    let ns = u64::try_from(at.as_ns()).unwrap_or_default();
    format!("{:016x}", u64::MAX.saturating_sub(ns))
}

/// The time, and something random, since two may happen at the same time.
fn new_key(at: Timestamp) -> String {
    let random = CommandId::random().as_u128();
    format!("{}-{:016x}", place_of(at), random & u128::from(u64::MAX))
}

/// A value that is too long, cut and marked as such.
fn cut(value: Option<Value>) -> Value {
    let Some(value) = value else { return Value::Null };
    let text = value.to_string();
    if text.len() <= MOST_VALUE_BYTES {
        return value;
    }
    // Quotes are escaped once more, so half of it may be twice as long.
    json!({ "cut": shortened(&text, MOST_VALUE_BYTES / 2), "bytes": text.len() })
}

/// The beginning of a text, up to so many bytes.
fn shortened(text: &str, most: usize) -> String {
    text.char_indices()
        .take_while(|(at, next)| at.saturating_add(next.len_utf8()) <= most)
        .map(|(_, next)| next)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry as version 0.1 wrote it before entries had outcomes and counts.
    const OLD: &str = r#"{"at":"2026-11-23T18:08:39.478031421Z","who":"01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c","role":"teller","via":"session/01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1d","address":null,"action":"cash.deposited","object":"account","id":"JB12","command":"01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1e","request_id":"r1","values":{"clear":[null,{"amount":5}]}}"#;
    /// One as they are written now, with everything.
    const NEW: &str = r#"{"at":"2026-11-23T18:08:39.478031421Z","who":null,"role":null,"via":"sign_in","address":{"clear":"192.0.2.1"},"action":"session.refused","object":"member","id":"unknown","command":null,"request_id":"r2","values":null,"code":"wrong_credentials","repeated":true,"times":{"count":7,"first":"2026-11-23T18:07:39Z","last":"2026-11-23T18:08:30Z"}}"#;

    #[test]
    fn entries_of_every_age_are_read_and_written_as_they_were() {
        let old: Kept = serde_json::from_str(OLD).unwrap();
        assert!(old.code.is_none() && !old.repeated && old.times.is_none());
        let new: Kept = serde_json::from_str(NEW).unwrap();
        assert_eq!((new.code.as_deref(), new.repeated), (Some("wrong_credentials"), true));
        assert_eq!(new.times.unwrap().count, 7);
        for (kept, text) in [(old, OLD), (new, NEW)] {
            assert_eq!(serde_json::to_string(&kept).unwrap(), text);
        }
    }

    #[test]
    fn the_newest_sorts_first() {
        let (early, late) = (Timestamp::from_ns(1), Timestamp::from_ns(1_800_000_000_000_000_000));
        assert!(new_key(late) < new_key(early));
        assert_ne!(new_key(late), new_key(late));
    }

    #[test]
    fn what_is_too_long_is_cut_and_marked() {
        assert_eq!(cut(Some(json!({ "a": 1 }))), json!({ "a": 1 }));
        let long = json!({ "name": "홍".repeat(2_000) });
        let short = cut(Some(long.clone()));
        assert_eq!(short["bytes"], long.to_string().len());
        assert!(short["cut"].as_str().unwrap().starts_with("{\"name\":\"홍홍"));
        assert!(short.to_string().len() <= MOST_VALUE_BYTES);
    }

    #[test]
    fn the_largest_entry_fits_into_a_record() {
        let keys = Keys::in_memory();
        let member = MemberId::random();
        keys.create(member).unwrap();
        let long = json!({ "name": "\"\\\u{1}홍".repeat(2_000) });
        let entry = Entry { id: member.to_string(), ..Entry::about("member.changed", member) };
        let entry = entry.with_values(long.clone(), long);
        let address = Some("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff".parse().unwrap());
        let via = format!("session/{member}");
        let actor = Actor { member: Some(member), role: Some(Role::Admin), via, address };
        let at = Timestamp::from_ns(i64::MAX);
        let how = Circumstances {
            code: Some("erasure_unfinished".into()),
            repeated: true,
            times: Some(Times { count: u64::MAX, first: at, last: at }),
            request_id: Some("r".repeat(200)),
            are_own_words: true,
        };
        for put in records(&keys, &actor, entry, how, at).unwrap() {
            assert!(put.value.unwrap().len() <= jangbu::records::MAX_RECORD_BYTES && put.key.len() <= 200);
        }
    }
}
