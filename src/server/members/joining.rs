//! Creating members: by sign-up, or by an administrator.

use std::collections::BTreeMap;

use jangbu::{Error, Position, Refusal, accounts::FREE_TRANSFERS_PER_DAY, records::RecordPut};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::names::readable_name;
use super::stored::{self, Credentials, Profile, StoredCredentials, StoredMember, USERNAME_KIND};
use super::{Generations, KeysError, Member, MemberError, MemberId, Members, QueueLane, passwords, secrets};
use crate::server::audit::{Actor, Entry};
use crate::server::networks;
use crate::server::principal::Role;

/// How long a one-time password is valid.
pub(super) const ONE_TIME_PASSWORD_LASTS: std::time::Duration = std::time::Duration::from_secs(72 * 3_600);

/// A member to sign up.
#[derive(Debug)]
pub(crate) struct NewMember {
    /// The username.
    pub(crate) username: String,
    /// The full name.
    pub(crate) name: String,
    /// The e-mail address.
    pub(crate) email: String,
    /// The role.
    pub(crate) role: Role,
    /// Free transfers per account and business day.
    pub(crate) free_transfers_per_day: u32,
    /// The password, and who chose it.
    pub(crate) password: PasswordGiven,
}

/// A password, and who chose it.
#[derive(Debug)]
pub(crate) enum PasswordGiven {
    /// Chosen by the member.
    Own(SecretString),
    /// Generated, shown once, and to be changed at the first sign-in.
    OneTime,
}

impl Members {
    /// Creates a member. Also returns the one-time password, if one was generated.
    ///
    /// # Errors
    /// 400 for a field that is not what it must be, 409 `username_taken`, 503 when too many passwords are being hashed.
    pub(crate) async fn join(
        &self,
        actor: &Actor,
        new: NewMember,
    ) -> Result<(Member, Option<SecretString>), MemberError> {
        check_profile(&new.username, &new.email)?;
        let name = readable_name("name", &new.name)?;
        let (password, shown) = match new.password {
            PasswordGiven::Own(password) => {
                passwords::check("password", password.expose_secret(), &new.username)?;
                (password, None)
            }
            PasswordGiven::OneTime => {
                let made = secrets::typed(4)?;
                (made.clone(), Some(made))
            }
        };
        if self.find_by_username(&new.username).is_some() {
            return Err(MemberError::UsernameTaken);
        }
        let hash = self.hasher.hash(password, line_of(actor)).await?;
        let id = MemberId::random();
        // The key is on disk before anything is sealed with it.
        let keys = self.keys.clone();
        let created = tokio::task::spawn_blocking(move || keys.create(id)).await;
        created.map_err(|_| KeysError::NoKey)??;

        let now = self.time.now();
        let until = shown.as_ref().map(|_| now.after(ONE_TIME_PASSWORD_LASTS));
        let open = StoredMember {
            role: new.role,
            disabled: false,
            totp: false,
            free_transfers_per_day: new.free_transfers_per_day,
            joined_at: now,
            password_due: until.is_some(),
            erased_at: None,
            generations: Generations::default(),
            proof_above: BTreeMap::new(),
        };
        let profile = Profile { username: new.username, name, email: new.email, household: None };
        let credentials =
            Credentials { password: hash, password_until: until, totp: None, totp_offered: None, recovery: Vec::new() };
        // The actor of a sign-up is the new member.
        let actor = match (&actor.member, actor.via.as_str()) {
            (None, Actor::SIGN_UP) => Actor { member: Some(id), role: Some(open.role), ..actor.clone() },
            _ => actor.clone(),
        };
        let after = json!({
            "username": profile.username, "name": profile.name, "email": profile.email,
            "role": open.role, "free_transfers_per_day": open.free_transfers_per_day,
        });
        let key = id.to_string();
        let mut puts = self.audit.records(&actor, Entry::about("member.created", id).with_values(None, after))?;
        puts.push(self.name_record(&profile.username, id)?);
        let first = Some(Position::START);
        puts.push(stored::put(&self.keys, id, &key, &open, Some(&profile), first)?);
        puts.push(stored::put(&self.keys, id, &key, &StoredCredentials {}, Some(&credentials), first)?);
        if open.free_transfers_per_day != FREE_TRANSFERS_PER_DAY {
            self.bank.set_owner(id.owner(), open.free_transfers_per_day).await?;
        }
        let version = self.bank.put_records(puts).await.map_err(|error| match error {
            Error::Refused(Refusal::RecordConflict { .. }) => MemberError::UsernameTaken,
            other => other.into(),
        })?;
        let member = Member::of_record(id, open, Some(profile), version);
        self.directory.write().set(member.clone());
        Ok((member, shown))
    }

    /// Returns the record that assigns a username to this member, if it is free.
    fn name_record(&self, username: &str, id: MemberId) -> Result<RecordPut, MemberError> {
        Ok(RecordPut {
            kind: USERNAME_KIND.into(),
            key: self.keys.hash_name(&username.to_lowercase())?,
            value: Some(id.to_string().into_bytes()),
            expected: Some(Position::START),
        })
    }
}

impl Member {
    /// Makes a member from its record; without a profile, an erased one.
    pub(super) fn of_record(id: MemberId, open: StoredMember, profile: Option<Profile>, version: Position) -> Member {
        let erased = profile.is_none() || open.erased_at.is_some();
        let Profile { username, name, email, household } = profile.filter(|_| !erased).unwrap_or_default();
        Member {
            id,
            username,
            name,
            email,
            household,
            role: open.role,
            disabled: open.disabled || erased,
            has_totp: open.totp,
            free_transfers_per_day: open.free_transfers_per_day,
            proof_above: open.proof_above,
            joined_at: open.joined_at,
            password_due: open.password_due,
            erased,
            generations: open.generations,
            version,
        }
    }

    /// Returns the record of the member.
    pub(super) fn to_record(&self) -> (StoredMember, Profile) {
        let open = StoredMember {
            role: self.role,
            disabled: self.disabled,
            totp: self.has_totp,
            free_transfers_per_day: self.free_transfers_per_day,
            joined_at: self.joined_at,
            password_due: self.password_due,
            erased_at: None,
            generations: self.generations,
            proof_above: self.proof_above.clone(),
        };
        let profile = Profile {
            username: self.username.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            household: self.household.clone(),
        };
        (open, profile)
    }
}

/// Checks a username and an e-mail address.
fn check_profile(username: &str, email: &str) -> Result<(), MemberError> {
    let fits = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
    if !(3..=40).contains(&username.chars().count()) || !username.chars().all(fits) {
        let detail = "3 to 40 letters a to z, digits, `.`, `_` or `-`";
        return Err(MemberError::field("username", "invalid", detail));
    }
    check_email(email)
}

/// Checks the form of an e-mail address. Whether it exists, only a message can show.
pub(super) fn check_email(email: &str) -> Result<(), MemberError> {
    let parts = email.rsplit_once('@');
    let is_plain = !email.chars().any(|character| character.is_whitespace() || character.is_control());
    let fits = parts.is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.starts_with('.') && !domain.ends_with('.')
    });
    if fits && is_plain && email.len() <= 254 {
        Ok(())
    } else {
        Err(MemberError::field("email", "invalid", "an e-mail address of up to 254 bytes"))
    }
}

/// Returns the queue lane for hashing: sign-ups share that of their network; staff and console have their own.
fn line_of(actor: &Actor) -> QueueLane {
    let stranger = actor.address.filter(|_| actor.via == Actor::SIGN_UP);
    stranger.map_or(QueueLane::Known(None), |address| QueueLane::Network(networks::line(address)))
}
