//! A member's credentials: read from the journal when they are needed, and written back at the version that was read.

use jangbu::{Position, RecordPut};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::stored::{self, Credentials, Stored, StoredCredentials};
use super::{KeysError, Line, Member, MemberId, Members, SessionId, Tries, passwords};
use crate::server::audit::{Actor, Entry};
use crate::server::http::Problem;

/// Credentials, and the version at which they were read.
pub(super) struct Versioned {
    pub(super) credentials: Credentials,
    pub(super) version: Position,
}

/// A change of one's own password.
#[derive(Debug)]
pub(crate) struct PasswordChange {
    /// The password until now.
    pub(crate) current: SecretString,
    /// The password from now on.
    pub(crate) new: SecretString,
    /// Whether tokens stay good.
    pub(crate) keep_tokens: bool,
}

impl Members {
    /// The credentials of a member; `None` for nobody and for an erased member.
    pub(super) async fn credentials(&self, member: MemberId) -> Result<Option<Versioned>, Problem> {
        let Some(record) = self.bank.record(StoredCredentials::KIND, &member.to_string()).await? else {
            return Ok(None);
        };
        match stored::sealed_part::<StoredCredentials>(&self.keys, member, &record) {
            Ok(credentials) => Ok(Some(Versioned { credentials, version: record.version })),
            Err(KeysError::NoKey) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The record of changed credentials. It is refused when somebody else has changed them meanwhile.
    pub(super) fn credentials_record(&self, member: MemberId, changed: &Versioned) -> Result<RecordPut, Problem> {
        let (key, open) = (member.to_string(), StoredCredentials {});
        Ok(stored::put(&self.keys, member, &key, &open, Some(&changed.credentials), Some(changed.version))?)
    }

    /// Changes a member's own password, and ends every session but the one in which that is done, and every token unless
    /// they are to stay.
    ///
    /// # Errors
    /// 422 `wrong_password` for the current one, 400 for a new one that does not do, 429 after too many failures.
    pub(crate) async fn change_password(
        &self,
        actor: &Actor,
        member: &Member,
        session: SessionId,
        change: PasswordChange,
    ) -> Result<(), Problem> {
        let PasswordChange { current, new, keep_tokens } = change;
        passwords::check("new", new.expose_secret(), &member.username)?;
        let mut found = self.with_password(member, session, current.clone(), "current").await?;
        // It was no failure, and not all factors either: other failures stay counted.
        self.failed_proofs.take_back(&session.to_string(), Tries::SignedIn(member.id));
        if passwords::opaque(current.expose_secret()) == passwords::opaque(new.expose_secret()) {
            return Err(Problem::invalid_field("new", "unchanged", "the new password is the current one"));
        }
        found.credentials.password = self.hasher.hash(new, Line::Known(Some(member.id))).await?;
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

    /// The credentials of a member who is signed in, if that is the password. What is tried counts as a failure of the
    /// session until the caller takes it back: whoever holds a session guesses no faster than who has none.
    pub(super) async fn with_password(
        &self,
        member: &Member,
        session: SessionId,
        password: SecretString,
        field: &str,
    ) -> Result<Versioned, Problem> {
        let whose = session.to_string();
        self.failed_proofs.begin(&whose, Tries::SignedIn(member.id), self.time.uptime())?;
        let found = self.credentials(member.id).await?;
        let now = self.time.now();
        let usable = found.as_ref().filter(|found| found.credentials.password_until.is_none_or(|until| now < until));
        let hash = usable.map(|found| found.credentials.password.clone());
        let line = Line::Known(Some(member.id));
        let likeness = self.hasher.matches(password, hash, line).await.inspect_err(|_| {
            // What was not looked at is no failure.
            self.failed_proofs.take_back(&whose, Tries::SignedIn(member.id));
        })?;
        found.filter(|_| likeness.is_same()).ok_or_else(|| wrong(field))
    }
}

fn wrong(field: &str) -> Problem {
    use actix_web::http::StatusCode;
    let detail = format!("{field}: this is not your password");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_password", detail)
}
