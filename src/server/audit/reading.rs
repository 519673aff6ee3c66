//! Reads the audit log: newest first, by object, member, action or time.

use jangbu::{ApplicationRecord, CommandId, Timestamp};
use serde_json::Value;

use super::entry::{BY_MEMBER, BY_OBJECT, KIND, StoredEntry, Times, time_key};
use super::{Audit, Outcome};
use crate::server::http::Problem;
use crate::server::members::MemberId;
use crate::server::principal::Role;

/// The number of entries read per request. A page can be shorter because of it, and then says where to continue.
const MAX_ENTRIES_READ: usize = 5_000;
/// The number of records read at a time.
const PAGE: usize = 500;

/// A query of the audit log. Omitted fields match everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    /// The kind of object.
    pub(crate) object: Option<String>,
    /// The object's id, which requires the kind.
    pub(crate) id: Option<String>,
    /// The acting member.
    pub(crate) member: Option<MemberId>,
    /// The action; `account.` matches all actions on accounts.
    pub(crate) action: Option<String>,
    /// The earliest time, included.
    pub(crate) from: Option<Timestamp>,
    /// The latest time, excluded.
    pub(crate) to: Option<Timestamp>,
    /// The id of the entry after which the page begins.
    pub(crate) after: Option<String>,
    /// The largest number of entries.
    pub(crate) limit: usize,
}

/// An entry as it is read.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The entry's id, from which the next page continues.
    pub(crate) key: String,
    /// The time.
    pub(crate) at: Timestamp,
    /// The acting member; `None` for an operator at the machine.
    pub(crate) who: Option<MemberId>,
    /// The member's role at the time.
    pub(crate) role: Option<Role>,
    /// How the member was authenticated.
    pub(crate) via: String,
    /// The client's address; `None` if the member is erased.
    pub(crate) address: Option<String>,
    /// The action.
    pub(crate) action: String,
    /// The kind of object.
    pub(crate) object: String,
    /// The object's id.
    pub(crate) id: String,
    /// The values before; also `None` if the member they are about is erased.
    pub(crate) before: Option<Value>,
    /// The values after.
    pub(crate) after: Option<Value>,
    /// The ledger command.
    pub(crate) command: Option<CommandId>,
    /// The id of the request.
    pub(crate) request_id: Option<String>,
    /// The outcome; `None` if the ledger's record is archived.
    pub(crate) outcome: Option<Outcome>,
    /// The refusal's code.
    pub(crate) code: Option<String>,
    /// How often it happened, and when, for counted entries.
    pub(crate) times: Option<Times>,
}

impl Audit {
    /// Returns whether there is an entry of an action on an object.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn has(&self, object: &str, id: &str, action: &str) -> Result<bool, Problem> {
        let (object, id, action) = (Some(object.to_owned()), Some(id.to_owned()), Some(action.to_owned()));
        let (found, _) = self.find(&Query { object, id, action, limit: 1, ..Query::default() }).await?;
        Ok(!found.is_empty())
    }

    /// Returns a page of entries, newest first, and the id after which the next page begins, if there may be more.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn find(&self, query: &Query) -> Result<(Vec<Found>, Option<String>), Problem> {
        let (kind, prefix) = match (query.object.as_deref(), query.id.as_deref(), query.member) {
            (Some(object), Some(id), _) => (BY_OBJECT, format!("{object}/{id}/")),
            (_, _, Some(member)) => (BY_MEMBER, format!("{member}/")),
            _ => (KIND, String::new()),
        };
        // The position just before the first entry that is old enough. An entry at `to` itself starts with the time key
        // and comes later.
        let newest = query.to.map(|to| format!("{}~", time_key(to)));
        let mut after = query.after.clone().max(newest).map(|key| format!("{prefix}{key}"));
        let mut found = Vec::new();
        for _ in 0..MAX_ENTRIES_READ / PAGE {
            let page = self.bank.records(kind, &prefix, after.as_deref(), PAGE).await?;
            for record in page.data {
                let Some(key) = record.key.get(prefix.len()..).map(str::to_owned) else { continue };
                let Some(kept) = self.entry(kind, record, &key).await? else { continue };
                if query.from.is_some_and(|from| kept.at < from) {
                    return Ok((found, None));
                }
                if !query.matches(&kept) {
                    continue;
                }
                if found.len() >= query.limit {
                    let last: Option<&Found> = found.last();
                    let next = last.map(|last| last.key.clone());
                    return Ok((found, next));
                }
                found.push(self.show(key, kept).await?);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok((found, None)),
            }
        }
        let next = after.and_then(|key| key.get(prefix.len()..).map(str::to_owned));
        Ok((found, next))
    }

    async fn entry(&self, kind: &str, record: ApplicationRecord, key: &str) -> Result<Option<StoredEntry>, Problem> {
        let value = if kind == KIND {
            Some(record.value)
        } else {
            self.bank.record(KIND, key).await?.map(|record| record.value)
        };
        Ok(value.and_then(|value| serde_json::from_slice(&value).ok()))
    }

    /// Returns an entry with its outcome.
    pub(super) async fn show(&self, key: String, kept: StoredEntry) -> Result<Found, Problem> {
        let (outcome, code) = self.outcome(&kept).await?;
        let values = kept.values.and_then(|part| part.open(&self.keys, &key, false));
        let [before, after] = match values {
            Some(Value::Array(values)) => <[Value; 2]>::try_from(values).unwrap_or_default(),
            _ => Default::default(),
        };
        let given = |value: Value| (!value.is_null()).then_some(value);
        let address = kept.address.and_then(|part| part.open(&self.keys, &key, true));
        Ok(Found {
            outcome,
            code,
            times: kept.times,
            at: kept.at,
            who: kept.who,
            role: kept.role,
            via: kept.via,
            address: address.and_then(|address| address.as_str().map(str::to_owned)),
            action: kept.action,
            object: kept.object,
            id: kept.id,
            before: given(before),
            after: given(after),
            command: kept.command,
            request_id: kept.request_id,
            key,
        })
    }
}

impl Query {
    pub(super) fn matches(&self, kept: &StoredEntry) -> bool {
        let is_action =
            |action: &str| kept.action == action || (action.ends_with('.') && kept.action.starts_with(action));
        self.object.as_ref().is_none_or(|object| *object == kept.object)
            && self.id.as_ref().is_none_or(|id| *id == kept.id)
            && self.member.is_none_or(|member| kept.who == Some(member))
            && self.action.as_deref().is_none_or(is_action)
            && self.to.is_none_or(|to| kept.at < to)
    }
}
