//! A member's credentials: read from the journal when they are needed, and written back at the version that was read.

use jangbu::{Position, RecordPut};
use secrecy::{ExposeSecret, SecretString};

use super::stored::{self, Credentials, Stored, StoredCredentials};
use super::{KeysError, Line, Member, MemberId, Members, Tries, passwords};
use crate::server::audit::{Actor, Entry};
use crate::server::http::Problem;

/// Credentials, and the version at which they were read.
pub(super) struct Versioned {
    pub(super) credentials: Credentials,
    pub(super) version: Position,
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

    /// Changes a member's own password, and ends every other session.
    ///
    /// # Errors
    /// 422 `wrong_password` for the current one, 400 for a new one that does not do, 429 after too many failures.
    pub(crate) async fn change_password(
        &self,
        actor: &Actor,
        member: &Member,
        keep: Option<super::SessionId>,
        current: SecretString,
        new: SecretString,
    ) -> Result<(), Problem> {
        passwords::check("new", new.expose_secret(), &member.username)?;
        let mut found = self.proven(member, current.clone(), "current").await?;
        if passwords::opaque(current.expose_secret()) == passwords::opaque(new.expose_secret()) {
            return Err(Problem::invalid_field("new", "unchanged", "the new password is the current one"));
        }
        found.credentials.password = self.hasher.hash(new, Line::Known(Some(member.id))).await?;
        found.credentials.password_until = None;
        let changed = Member { password_due: false, ..member.clone() };
        let mut puts = self.audit.records(actor, Entry::about("member.password_changed", member.id))?;
        puts.push(self.credentials_record(member.id, &found)?);
        self.put_member(changed, puts).await?;
        self.end_sessions(member.id, keep).await
    }

    /// The member's credentials, if that is the password. Failures are delayed as at sign-in.
    pub(super) async fn proven(
        &self,
        member: &Member,
        password: SecretString,
        field: &str,
    ) -> Result<Versioned, Problem> {
        // Strangers cannot delay who is signed in, and whoever found the session open cannot guess for long.
        let tries = Tries::SignedIn(member.id);
        self.delays.begin(&member.username, tries, self.time.uptime())?;
        let found = self.credentials(member.id).await?;
        let hash = found.as_ref().map(|found| found.credentials.password.clone());
        let matches = self.hasher.matches(password, hash, Line::Known(Some(member.id))).await;
        if matches.is_err() {
            self.delays.take_back(&member.username, tries);
        }
        match found {
            Some(found) if matches?.is_same() => {
                self.delays.succeeded(&member.username, tries);
                Ok(found)
            }
            _ => Err(wrong(field)),
        }
    }
}

fn wrong(field: &str) -> Problem {
    use actix_web::http::StatusCode;
    let detail = format!("{field}: this is not your password");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong_password", detail)
}
