//! What is changed about a member: profile, role, whether they may sign in, what they are granted.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use jangbu::{Currency, Error, Position, RecordPut, Refusal};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::names::readable_name;
use super::{Line, Member, MemberId, Members, ScheduleEnd, joining, secrets, stored};
use crate::server::audit::{Actor, Entry};
use crate::server::http::Problem;
use crate::server::principal::Role;

/// The most characters of a household's word.
const LONGEST_HOUSEHOLD: usize = 40;

/// What is to be changed about a member. What is left out stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemberChange {
    /// The full name.
    pub(crate) name: Option<String>,
    /// The e-mail address.
    pub(crate) email: Option<String>,
    /// What the member is to the bank.
    pub(crate) role: Option<Role>,
    /// Whether signing in is refused.
    pub(crate) disabled: Option<bool>,
    /// Transfers that bear no fee, per account and business day.
    pub(crate) free_transfers_per_day: Option<u32>,
    /// The household; `Some(None)` for none.
    pub(crate) household: Option<Option<String>>,
    /// Above how much, in minor units of each currency, a transfer of the member's needs a fresh proof.
    pub(crate) proof_above: Option<BTreeMap<Currency, u64>>,
    /// What becomes of the standing orders of a member who is disabled: paused, when nothing is said.
    pub(crate) schedules: Option<ScheduleEnd>,
}

impl Members {
    /// Changes a member, who must be at that version, if one is given.
    ///
    /// Disabling, and another role, end every session and every token, which are renewed with what they may do. Disabling
    /// pauses or cancels the standing orders too, unless they are to be kept.
    ///
    /// # Errors
    /// 400 for a field, 404 for an unknown member, 409 `conflict` at another version, 422 `last_admin`, `erased`.
    pub(crate) async fn change(
        &self,
        actor: &Actor,
        id: MemberId,
        version: Option<Position>,
        change: MemberChange,
    ) -> Result<Member, Problem> {
        let _alone = self.administrators.lock().await;
        let before = self.changeable(id)?;
        if version.is_some_and(|version| version != before.version) {
            return Err(conflict(before.version));
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
                let detail = "say what becomes of the standing orders of a member who is disabled";
                return Err(Problem::invalid_field("schedules", "invalid", detail));
            }
            None if after.disabled && !before.disabled => Some(ScheduleEnd::default()),
            given => given,
        };
        let (was, is) = differences(&before, &after);
        // One who is disabled already has nothing that could end.
        let ends = after.disabled && !before.disabled || after.role != before.role;
        if ends {
            self.keeps_an_administrator(&before, &after)?;
        }
        let _nothing_begins = match schedules {
            Some(end) => {
                let alone = self.begin_nothing().await;
                // First, so that no crash leaves a disabled member's standing orders paying.
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
            // The ledger is told first: what stands in its own record is durable before the member's says so.
            self.audit.write(actor, entry).await?;
            self.bank.set_owner(id.owner(), after.free_transfers_per_day).await?;
            Vec::new()
        };
        let put = self.put_member(after, records).await;
        if put.is_err() && !has_same_quota {
            // The member changed something meanwhile: a change that is refused changes nothing.
            self.bank.set_owner(id.owner(), before.free_transfers_per_day).await?;
        }
        let after = put?;
        if ends {
            self.clear_away(&after).await?;
        }
        Ok(after)
    }

    /// Gives a member a password to be changed at the first sign-in, and ends every session and every token.
    ///
    /// # Errors
    /// 404 for an unknown member, 422 `erased`, 503 when too many passwords are being hashed.
    pub(crate) async fn reset_password(&self, actor: &Actor, id: MemberId) -> Result<SecretString, Problem> {
        let member = self.changeable(id)?;
        let mut found = self.credentials(id).await?.ok_or_else(Problem::not_found)?;
        let made = secrets::typed(4)?;
        found.credentials.password = self.hasher.hash(made.clone(), Line::Known(None)).await?;
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

    /// Takes a member's second factor away, for one who lost it, and ends every session and every token.
    ///
    /// # Errors
    /// 404 for an unknown member, 422 `totp_disabled`, `erased`.
    pub(crate) async fn reset_totp(&self, actor: &Actor, id: MemberId) -> Result<(), Problem> {
        let member = self.changeable(id)?;
        let found = self.credentials(id).await?.ok_or_else(Problem::not_found)?;
        let generations = member.generations.all_over();
        let changed = self.drop_totp(actor, Member { generations, ..member }, found).await?;
        self.clear_away(&changed).await
    }

    /// Writes a member's record at the version that it was read at, together with others.
    pub(super) async fn put_member(&self, changed: Member, mut puts: Vec<RecordPut>) -> Result<Member, Problem> {
        let (open, profile) = changed.to_record();
        let key = changed.id.to_string();
        puts.push(stored::put(&self.keys, changed.id, &key, &open, Some(&profile), Some(changed.version))?);
        let version = match self.put(puts).await {
            Ok(version) => version,
            Err(problem) => {
                // Then memory may be what is behind, and whoever tries again has to find what the journal has.
                self.reload(changed.id).await?;
                return Err(problem);
            }
        };
        let changed = Member { version, ..changed };
        self.directory.write().set(changed.clone());
        Ok(changed)
    }

    /// Writes records at the versions that they were read at.
    pub(super) async fn put(&self, puts: Vec<RecordPut>) -> Result<Position, Problem> {
        self.bank.put_records(puts).await.map_err(|error| match error {
            Error::Refused(Refusal::RecordConflict { .. }) => {
                Problem::new(StatusCode::CONFLICT, "conflict", "this was changed meanwhile; read it again")
            }
            other => other.into(),
        })
    }

    fn changeable(&self, id: MemberId) -> Result<Member, Problem> {
        let member = self.find(id).ok_or_else(Problem::not_found)?;
        if member.erased { Err(unprocessable("erased", "this member is erased")) } else { Ok(member) }
    }

    /// Fails when nobody would be left to administer the bank.
    pub(super) fn keeps_an_administrator(&self, before: &Member, after: &Member) -> Result<(), Problem> {
        let administers = |member: &Member| member.role == Role::Admin && member.is_active();
        let others = self.all().iter().any(|other| other.id != before.id && administers(other));
        if administers(before) && !administers(after) && !others {
            return Err(unprocessable("last_admin", "this is the last administrator"));
        }
        Ok(())
    }
}

/// What differs, as it was and as it is.
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

/// A household's word, as the bank chose it.
fn readable_household(text: &str) -> Result<String, Problem> {
    let household = readable_name("household", text)?;
    if household.chars().count() > LONGEST_HOUSEHOLD {
        let detail = format!("at most {LONGEST_HOUSEHOLD} characters");
        return Err(Problem::invalid_field("household", "too_long", detail));
    }
    Ok(household)
}

fn conflict(version: Position) -> Problem {
    let detail = "this was changed meanwhile; read it again";
    Problem::new(StatusCode::CONFLICT, "conflict", detail).with_figure("version", version.get())
}

fn unprocessable(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
}
