//! A member's credentials: read from the journal on demand, and written back at the version that was read.

use jangbu::{Position, records::RecordPut};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::stored::{self, Credentials, Stored, StoredCredentials};
use super::{AttemptFrom, KeysError, Member, MemberError, MemberId, Members, QueueLane, SessionId, passwords};
use crate::server::audit::{Actor, Entry};

/// Credentials, with the version at which they were read.
pub(super) struct Versioned {
    pub(super) credentials: Credentials,
    pub(super) version: Position,
}

/// A change of one's own password.
#[derive(Debug)]
pub(crate) struct PasswordChange {
    /// The current password.
    pub(crate) current: SecretString,
    /// The new password.
    pub(crate) new: SecretString,
    /// Whether tokens stay valid.
    pub(crate) keep_tokens: bool,
}

impl Members {
    /// Returns the credentials of a member; `None` for an unknown or erased member.
    pub(super) async fn credentials(&self, member: MemberId) -> Result<Option<Versioned>, MemberError> {
        let Some(record) = self.bank.record(StoredCredentials::KIND, &member.to_string()).await? else {
            return Ok(None);
        };
        match stored::sealed_part::<StoredCredentials>(&self.keys, member, &record) {
            Ok(credentials) => Ok(Some(Versioned { credentials, version: record.version })),
            Err(KeysError::NoKey) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the record of changed credentials. Writing it is refused if they were changed in the meantime.
    pub(super) fn credentials_record(&self, member: MemberId, changed: &Versioned) -> Result<RecordPut, MemberError> {
        let (key, open) = (member.to_string(), StoredCredentials {});
        Ok(stored::put(&self.keys, member, &key, &open, Some(&changed.credentials), Some(changed.version))?)
    }

    /// Changes a member's own password, and ends all sessions except the current one, and all tokens unless
    /// `keep_tokens` is set.
    ///
    /// # Errors
    /// 422 `wrong_password` for the current one, 400 for a new one that does not do, 429 after too many failures.
    pub(crate) async fn change_password(
        &self,
        actor: &Actor,
        member: &Member,
        session: SessionId,
        change: PasswordChange,
    ) -> Result<(), MemberError> {
        let PasswordChange { current, new, keep_tokens } = change;
        passwords::check("new", new.expose_secret(), &member.username)?;
        let mut found = self.with_password(member, session, current.clone(), "current").await?;
        // The password was right, but other factors were not proven: earlier failures stay counted.
        self.failed_proofs.take_back(&session.to_string(), AttemptFrom::SignedIn(member.id));
        if passwords::opaque(current.expose_secret()) == passwords::opaque(new.expose_secret()) {
            return Err(MemberError::field("new", "unchanged", "the new password is the same as the current one"));
        }
        found.credentials.password = self.hasher.hash(new, QueueLane::Known(Some(member.id))).await?;
        found.credentials.password_until = None;
        let generations = member.generations.sessions_over(Some(session));
        let generations = if keep_tokens { generations } else { generations.tokens_over() };
        let changed = Member { password_due: false, generations, ..member.clone() };
        let after = json!({ "tokens": if keep_tokens { "kept" } else { "revoked" } });
        let entry = Entry::about("member.password_changed", member.id).with_values(None, after);
        let mut puts = self.audit.records(actor, entry)?;
        puts.push(self.credentials_record(member.id, &found)?);
        let changed = self.put_member(changed, puts).await?;
        self.clear_away(&changed).await
    }

    /// Returns the credentials of a signed-in member if the password is right. The attempt counts as a failure of the
    /// session until the caller takes it back, so that the holder of a session guesses no faster than anyone else.
    pub(super) async fn with_password(
        &self,
        member: &Member,
        session: SessionId,
        password: SecretString,
        field: &'static str,
    ) -> Result<Versioned, MemberError> {
        let whose = session.to_string();
        self.failed_proofs.begin(&whose, AttemptFrom::SignedIn(member.id), self.time.uptime())?;
        let found = self.credentials(member.id).await?;
        let now = self.time.now();
        let usable = found.as_ref().filter(|found| found.credentials.password_until.is_none_or(|until| now < until));
        let hash = usable.map(|found| found.credentials.password.clone());
        let line = QueueLane::Known(Some(member.id));
        let likeness = self.hasher.matches(password, hash, line).await.inspect_err(|_| {
            // An attempt that was not checked is not a failure.
            self.failed_proofs.take_back(&whose, AttemptFrom::SignedIn(member.id));
        })?;
        found.filter(|_| likeness.is_same()).ok_or(MemberError::WrongPassword { field })
    }
}
