//! Changes of a member: profile, role, disabling, free transfers.

use std::collections::BTreeMap;

use jangbu::{Currency, Error, Position, Refusal, records::RecordPut};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::names::readable_name;
use super::{Member, MemberError, MemberId, Members, QueueLane, ScheduleEnd, joining, secrets, stored};
use crate::server::audit::{Actor, Entry};
use crate::server::principal::Role;

/// The most characters of a household's name.
const LONGEST_HOUSEHOLD: usize = 40;

/// A change of a member. Fields that are left out stay unchanged.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemberChange {
    /// The full name.
    pub(crate) name: Option<String>,
    /// The e-mail address.
    pub(crate) email: Option<String>,
    /// The role.
    pub(crate) role: Option<Role>,
    /// Whether the member is disabled: signing in is refused.
    pub(crate) disabled: Option<bool>,
    /// Free transfers per account and business day.
    pub(crate) free_transfers_per_day: Option<u32>,
    /// The household; `Some(None)` for none.
    pub(crate) household: Option<Option<String>>,
    /// By currency, the amount in minor units above which a transfer of the member needs a fresh proof.
    pub(crate) proof_above: Option<BTreeMap<Currency, u64>>,
    /// What happens to the schedules of a member who is disabled. Default: paused.
    pub(crate) schedules: Option<ScheduleEnd>,
}

impl Members {
    /// Changes a member, who must be at `version` if it is given.
    ///
    /// Disabling a member, or changing the role, ends all sessions and tokens, because their permissions change.
    /// Disabling also pauses or cancels the schedules, unless they are to be kept.
    ///
    /// # Errors
    /// 400 for a field, 404 for an unknown member, 409 `conflict` at another version, 422 `last_admin`, `erased`.
    pub(crate) async fn change(
        &self,
        actor: &Actor,
        id: MemberId,
        version: Option<Position>,
        change: MemberChange,
    ) -> Result<Member, MemberError> {
        let _alone = self.administrators.lock().await;
        let before = self.changeable(id)?;
        if version.is_some_and(|version| version != before.version) {
            return Err(MemberError::Conflict { version: Some(before.version) });
        }
        let name = change.name.as_deref().map(|name| readable_name("name", name)).transpose()?;
        change.email.as_deref().map_or(Ok(()), joining::check_email)?;
        let household = match change.household {
            Some(Some(household)) => Some(readable_household(&household)?),
            Some(None) => None,
            None => before.household.clone(),
        };
        let after = Member {
            household,
            name: name.unwrap_or_else(|| before.name.clone()),
            email: change.email.unwrap_or_else(|| before.email.clone()),
            role: change.role.unwrap_or(before.role),
            disabled: change.disabled.unwrap_or(before.disabled),
            free_transfers_per_day: change.free_transfers_per_day.unwrap_or(before.free_transfers_per_day),
            proof_above: change.proof_above.unwrap_or_else(|| before.proof_above.clone()),
            ..before.clone()
        };
        let schedules = match change.schedules {
            Some(_) if !after.disabled => {
                let detail = "only allowed for a member who is disabled";
                return Err(MemberError::field("schedules", "invalid", detail));
            }
            None if after.disabled && !before.disabled => Some(ScheduleEnd::default()),
            given => given,
        };
        let (was, is) = differences(&before, &after);
        // A member who is disabled already has nothing left to end.
        let ends = after.disabled && !before.disabled || after.role != before.role;
        if ends {
            self.keeps_an_administrator(&before, &after)?;
        }
        let _nothing_begins = match schedules {
            Some(end) => {
                let alone = self.begin_nothing().await;
                // First, so that after a crash no schedule of a disabled member continues to pay.
                self.end_schedules(actor, id, end).await?;
                Some(alone)
            }
            None => None,
        };
        if was.is_empty() {
            return Ok(before);
        }
        let after = if ends { Member { generations: before.generations.all_over(), ..after } } else { after };
        let action = match (before.disabled, after.disabled) {
            (false, true) => "member.disabled",
            (true, false) => "member.enabled",
            _ => "member.changed",
        };
        let entry = Entry::about(action, id).with_values(Value::Object(was), Value::Object(is));
        let has_same_quota = after.free_transfers_per_day == before.free_transfers_per_day;
        let records = if has_same_quota {
            self.audit.records(actor, entry)?
        } else {
            // The ledger comes first: its own record is durable before the member's record says the same.
            self.audit.write(actor, entry).await?;
            self.bank.set_owner(id.owner(), after.free_transfers_per_day).await?;
            Vec::new()
        };
        let put = self.put_member(after, records).await;
        if put.is_err() && !has_same_quota {
            // The member changed something in the meantime, and a refused change must have no effect.
            self.bank.set_owner(id.owner(), before.free_transfers_per_day).await?;
        }
        let after = put?;
        if ends {
            self.clear_away(&after).await?;
        }
        Ok(after)
    }

    /// Sets a one-time password for a member, and ends all sessions and tokens.
    ///
    /// # Errors
    /// 404 for an unknown member, 422 `erased`, 503 when too many passwords are being hashed.
    pub(crate) async fn reset_password(&self, actor: &Actor, id: MemberId) -> Result<SecretString, MemberError> {
        let member = self.changeable(id)?;
        let mut found = self.credentials(id).await?.ok_or(MemberError::NotFound)?;
        let made = secrets::typed(4)?;
        found.credentials.password = self.hasher.hash(made.clone(), QueueLane::Known(None)).await?;
        found.credentials.totp_offered = None;
        found.credentials.password_until = Some(self.time.now().after(joining::ONE_TIME_PASSWORD_LASTS));
        let mut puts = self.audit.records(actor, Entry::about("member.password_reset", id))?;
        puts.push(self.credentials_record(id, &found)?);
        let generations = member.generations.all_over();
        let changed = self.put_member(Member { password_due: true, generations, ..member }, puts).await?;
        self.clear_away(&changed).await?;
        self.delays.forget(&changed.username);
        Ok(made)
    }

    /// Removes the second factor of a member who has lost it, and ends all sessions and tokens.
    ///
    /// # Errors
    /// 404 for an unknown member, 422 `totp_disabled`, `erased`.
    pub(crate) async fn reset_totp(&self, actor: &Actor, id: MemberId) -> Result<(), MemberError> {
        let member = self.changeable(id)?;
        let found = self.credentials(id).await?.ok_or(MemberError::NotFound)?;
        let generations = member.generations.all_over();
        let changed = self.drop_totp(actor, Member { generations, ..member }, found).await?;
        self.clear_away(&changed).await
    }

    /// Writes a member's record at the version that was read, together with other records.
    pub(super) async fn put_member(&self, changed: Member, mut puts: Vec<RecordPut>) -> Result<Member, MemberError> {
        let (open, profile) = changed.to_record();
        let key = changed.id.to_string();
        puts.push(stored::put(&self.keys, changed.id, &key, &open, Some(&profile), Some(changed.version))?);
        let version = match self.put(puts).await {
            Ok(version) => version,
            Err(error) => {
                // Memory may be behind the journal, and the next try has to find what the journal has.
                self.reload(changed.id).await?;
                return Err(error);
            }
        };
        let changed = Member { version, ..changed };
        self.directory.write().set(changed.clone());
        Ok(changed)
    }

    /// Writes records at the versions that were read.
    pub(super) async fn put(&self, puts: Vec<RecordPut>) -> Result<Position, MemberError> {
        self.bank.put_records(puts).await.map_err(|error| match error {
            Error::Refused(Refusal::RecordConflict { .. }) => MemberError::Conflict { version: None },
            other => other.into(),
        })
    }

    fn changeable(&self, id: MemberId) -> Result<Member, MemberError> {
        let member = self.find(id).ok_or(MemberError::NotFound)?;
        if member.erased { Err(MemberError::Erased) } else { Ok(member) }
    }

    /// Fails if no administrator would be left.
    pub(super) fn keeps_an_administrator(&self, before: &Member, after: &Member) -> Result<(), MemberError> {
        let administers = |member: &Member| member.role == Role::Admin && member.is_active();
        let others = self.all().iter().any(|other| other.id != before.id && administers(other));
        if administers(before) && !administers(after) && !others {
            return Err(MemberError::LastAdministrator);
        }
        Ok(())
    }
}

/// Returns the fields that differ, with their old and new values.
fn differences(before: &Member, after: &Member) -> (Map<String, Value>, Map<String, Value>) {
    let fields = |member: &Member| {
        [
            ("name", json!(member.name)),
            ("email", json!(member.email)),
            ("household", json!(member.household)),
            ("role", json!(member.role)),
            ("disabled", json!(member.disabled)),
            ("free_transfers_per_day", json!(member.free_transfers_per_day)),
            ("proof_above", json!(member.proof_above)),
        ]
    };
    let pairs = fields(before).into_iter().zip(fields(after)).filter(|(was, is)| was.1 != is.1);
    pairs.map(|((name, was), (_, is))| ((name.to_owned(), was), (name.to_owned(), is))).unzip()
}

/// Checks the name of a household.
fn readable_household(text: &str) -> Result<String, MemberError> {
    let household = readable_name("household", text)?;
    if household.chars().count() > LONGEST_HOUSEHOLD {
        let detail = format!("at most {LONGEST_HOUSEHOLD} characters");
        return Err(MemberError::field("household", "too_long", detail));
    }
    Ok(household)
}
