//! Reading the audit log: newest first, by object, by member, by action, by time.

use jangbu::{CommandId, Timestamp, records::ApplicationRecord};
use serde_json::Value;

use super::entry::{BY_MEMBER, BY_OBJECT, KIND, Kept, Times, place_of};
use super::{Audit, AuditError, Outcome};
use crate::server::members::MemberId;
use crate::server::principal::Role;

/// How many entries one question looks at; the page it gives may then be shorter, and says where to go on.
const LOOKED_AT: usize = 5_000;
/// How many records are read at a time.
const READ_AT_ONCE: usize = 500;

/// What is asked of the audit log. What is left out does not matter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    /// The kind of thing.
    pub(crate) object: Option<String>,
    /// Its id, which takes the kind too.
    pub(crate) id: Option<String>,
    /// Who it was.
    pub(crate) member: Option<MemberId>,
    /// What was done; `account.` stands for everything that is done to accounts.
    pub(crate) action: Option<String>,
    /// From then on.
    pub(crate) from: Option<Timestamp>,
    /// Before then.
    pub(crate) to: Option<Timestamp>,
    /// Behind this entry, by its id.
    pub(crate) after: Option<String>,
    /// At most so many.
    pub(crate) limit: usize,
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its id, by which a page goes on behind it.
    pub(crate) key: String,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Who it was; `None` for whoever works at the machine.
    pub(crate) who: Option<MemberId>,
    /// What they were to the bank.
    pub(crate) role: Option<Role>,
    /// By what they were known.
    pub(crate) via: String,
    /// From where; `None` when they are erased.
    pub(crate) address: Option<String>,
    /// What was done.
    pub(crate) action: String,
    /// The kind of object.
    pub(crate) object: String,
    /// The object's id.
    pub(crate) id: String,
    /// How it was before; `None` too when the member it is about is erased.
    pub(crate) before: Option<Value>,
    /// How it was after.
    pub(crate) after: Option<Value>,
    /// The command of the ledger.
    pub(crate) command: Option<CommandId>,
    /// The id of the request.
    pub(crate) request_id: Option<String>,
    /// What became of it; `None` when the ledger's record of it is archived.
    pub(crate) outcome: Option<Outcome>,
    /// The code of the refusal.
    pub(crate) code: Option<String>,
    /// How often it happened, and when, for what is counted.
    pub(crate) times: Option<Times>,
}

impl Audit {
    /// Whether there is an entry of an action on a thing.
    ///
    /// # Errors
    /// As the bank's.
    pub(crate) async fn has(&self, object: &str, id: &str, action: &str) -> Result<bool, AuditError> {
        let (object, id, action) = (Some(object.to_owned()), Some(id.to_owned()), Some(action.to_owned()));
        let (found, _) = self.find(&Query { object, id, action, limit: 1, ..Query::default() }).await?;
        Ok(!found.is_empty())
    }

    /// A page of entries, newest first, and the id behind which the next page begins, if there may be more.
    ///
    /// # Errors
    /// As the bank's.
    pub(crate) async fn find(&self, query: &Query) -> Result<(Vec<Found>, Option<String>), AuditError> {
        let (kind, prefix) = match (query.object.as_deref(), query.id.as_deref(), query.member) {
            (Some(object), Some(id), _) => (BY_OBJECT, format!("{object}/{id}/")),
            (_, _, Some(member)) => (BY_MEMBER, format!("{member}/")),
            _ => (KIND, String::new()),
        };
        // Just before the first entry that is old enough. What is at `to` itself begins with the place and is behind it.
        let newest = query.to.map(|to| format!("{}~", place_of(to)));
        let mut after = query.after.clone().max(newest).map(|key| format!("{prefix}{key}"));
        let mut found = Vec::new();
        for _ in 0..LOOKED_AT / READ_AT_ONCE {
            let page = self.bank.records(kind, &prefix, after.as_deref(), READ_AT_ONCE).await?;
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

    async fn entry(&self, kind: &str, record: ApplicationRecord, key: &str) -> Result<Option<Kept>, AuditError> {
        let value = if kind == KIND {
            Some(record.value)
        } else {
            self.bank.record(KIND, key).await?.map(|record| record.value)
        };
        Ok(value.and_then(|value| serde_json::from_slice(&value).ok()))
    }

    /// An entry with what became of it.
    pub(super) async fn show(&self, key: String, kept: Kept) -> Result<Found, AuditError> {
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
    pub(super) fn matches(&self, kept: &Kept) -> bool {
        let is_action =
            |action: &str| kept.action == action || (action.ends_with('.') && kept.action.starts_with(action));
        self.object.as_ref().is_none_or(|object| *object == kept.object)
            && self.id.as_ref().is_none_or(|id| *id == kept.id)
            && self.member.is_none_or(|member| kept.who == Some(member))
            && self.action.as_deref().is_none_or(is_action)
            && self.to.is_none_or(|to| kept.at < to)
    }
}
