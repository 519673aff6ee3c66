//! Signing in: the same answer and the same work for a name that nobody has and for a wrong password.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use jangbu::{Error, Position, Refusal};
use secrecy::SecretString;

use super::second_factor::Proof;
use super::sessions::{Held, Session};
use super::stored::{self, SessionDetails, Stored, StoredSession};
use super::{Devices, Likeness, Line, Member, MemberId, Members, SessionId, Tries, secrets};
use crate::server::audit::{Actor, Entry};
use crate::server::http::Problem;
use crate::server::networks;

/// The most bytes of a user agent that are kept.
const MOST_USER_AGENT_BYTES: usize = 300;
/// How many sessions that are over one sign-in clears away, so that all fits into one record.
const CLEARED_AT_ONCE: usize = 8;

/// Who wants to sign in.
#[derive(Debug)]
pub(crate) struct SignIn {
    /// The username.
    pub(crate) username: String,
    /// The password.
    pub(crate) password: SecretString,
    /// The code of the second factor.
    pub(crate) totp: Option<String>,
    /// A recovery code instead.
    pub(crate) recovery_code: Option<String>,
    /// From where.
    pub(crate) address: IpAddr,
    /// With which program.
    pub(crate) user_agent: String,
    /// The secret of the session that the browser has until now, which ends.
    pub(crate) before: Vec<SecretString>,
    /// Whether it is a device that signed in before; see [`Members::who_tries`].
    pub(crate) tries: Tries,
}

impl Members {
    /// Who tries to sign in with that name: a device of the member's, or a stranger of some network.
    ///
    /// # Errors
    /// As of reading the credentials.
    pub(crate) async fn who_tries(&self, username: &str, devices: &Devices, from: IpAddr) -> Result<Tries, Problem> {
        let stranger = Tries::From(networks::customer(from));
        if devices.is_empty() {
            return Ok(stranger);
        }
        // Looked up for a name that nobody has too: an answer that comes sooner would tell it from others.
        let id = self.find_by_username(username).map_or(MemberId(uuid::Uuid::nil()), |member| member.id);
        let found = self.credentials(id).await?;
        let mark = found.and_then(|found| self.mark_of(devices, id, &found.credentials.password, self.time.now()));
        Ok(mark.map_or(stranger, |mark| Tries::Device(id, mark)))
    }

    /// Begins a session. Returns the secret of its cookie.
    ///
    /// # Errors
    /// 401 `wrong_credentials`, `totp_required`, `totp_wrong`; 403 `member_disabled` for who proved everything else;
    /// 429 after too many failures, 503 when too many are signing in.
    pub(crate) async fn sign_in(&self, asked: SignIn) -> Result<(Member, Session, SecretString), Problem> {
        let now = self.time.now();
        self.delays.begin(&asked.username, asked.tries, self.time.uptime())?;
        // Before the credentials: a session is of the generation that was in force before they were read.
        let member = self.find_by_username(&asked.username);
        // Looked up for a name that nobody has too, and then not found.
        let id = member.as_ref().map_or(MemberId(uuid::Uuid::nil()), |member| member.id);
        let found = self.credentials(id).await?;
        let usable = found.as_ref().filter(|found| found.credentials.password_until.is_none_or(|until| now < until));
        let hash = usable.map(|found| found.credentials.password.clone());
        let line = match asked.tries {
            Tries::Device(..) | Tries::SignedIn(_) => Line::Known(Some(id)),
            Tries::From(_) => Line::Network(networks::line(asked.address)),
        };
        let likeness = self.hasher.matches(asked.password.clone(), hash, line).await.inspect_err(|_| {
            // What was not looked at is no failure.
            self.delays.take_back(&asked.username, asked.tries);
        })?;
        let (Some(member), Some(mut found), true) = (member, found, likeness.is_same()) else {
            return Err(unauthorised("wrong_credentials", "username or password is wrong"));
        };
        let mut puts = Vec::new();
        match found.credentials.prove(asked.totp.as_deref(), asked.recovery_code.as_deref(), now)? {
            Proof::NotAsked => {}
            Proof::Used => puts.push(self.credentials_record(member.id, &found)?),
            Proof::Missing => {
                self.delays.take_back(&asked.username, asked.tries);
                return Err(unauthorised("totp_required", "a code of the second factor is needed too"));
            }
            Proof::Wrong => return Err(unauthorised("totp_wrong", "the code is wrong, or was used already")),
        }
        if !member.is_active() {
            return Err(Problem::new(StatusCode::FORBIDDEN, "member_disabled", "this member may not sign in"));
        }
        let begun = self.begin_session(&member, asked.address, &asked.user_agent, puts).await;
        let (session, secret) = begun.map_err(|error| match error {
            // The same code twice at once: one of them was first.
            Error::Refused(Refusal::RecordConflict { .. }) => {
                unauthorised("totp_wrong", "the code is wrong, or was used already")
            }
            other => other.into(),
        })?;
        // What was proven may be so no more: the session is of a generation that is over, and never was good.
        if !self.find(member.id).is_some_and(|member| session.is_of(&member)) {
            self.end(&[session.id]).await?;
            return Err(wrong_credentials());
        }
        self.delays.succeeded(&asked.username, asked.tries);
        self.renew_hash(member.id, asked.password, likeness, &found.credentials.password).await;
        if let Some(before) = asked.before.iter().find_map(|before| self.sessions.id_of(&secrets::hash(before))) {
            self.end(&[before]).await?;
        }
        Ok((member, session, secret))
    }

    /// Hashes a password that was just found to be right with the settings in force, if it is hashed with others or in the
    /// form in which it was typed.
    ///
    /// Whoever signs in does so with or without: what fails here is done at the next sign-in.
    async fn renew_hash(&self, member: MemberId, password: SecretString, likeness: Likeness, hash: &str) {
        let Ok(Some(mut found)) = self.credentials(member).await else { return };
        // One that was changed since has another hash, and one that is changed meanwhile is at another version.
        if found.credentials.password != hash {
            return;
        }
        if likeness == Likeness::Same && !self.hasher.is_outdated(&found.credentials.password) {
            return;
        }
        let Ok(hash) = self.hasher.hash(password, Line::Known(Some(member))).await else { return };
        found.credentials.password = hash;
        let Ok(record) = self.credentials_record(member, &found) else { return };
        match self.bank.put_records(vec![record]).await {
            Ok(_) => tracing::info!("a password was hashed anew, with the settings in force"),
            Err(error) => tracing::info!("a password was not hashed anew: {error}"),
        }
    }

    /// Makes a session, with other records that belong to it, and ends those that have to make way.
    async fn begin_session(
        &self,
        member: &Member,
        address: IpAddr,
        user_agent: &str,
        mut puts: Vec<jangbu::RecordPut>,
    ) -> Result<(Session, SecretString), Error> {
        let now = self.time.now();
        let id = SessionId::random();
        let unsealed = |_| Error::Bank(jangbu::BankError::OutcomeUnknown);
        let secret = secrets::random().map_err(unsealed)?;
        let session = Session {
            id,
            member: member.id,
            created_at: now,
            last_seen_at: now,
            proven_at: now,
            generation: member.generations.of_session(),
            address: address.to_string(),
            user_agent: shortened(user_agent),
        };
        let hash = secrets::hash(&secret);
        let generation = session.generation;
        let open = StoredSession { member: member.id, created_at: now, last_seen_at: now, generation };
        let details = SessionDetails {
            hash: hash.clone(),
            address: session.address.clone(),
            user_agent: session.user_agent.clone(),
        };
        let key = id.to_string();
        let first = Some(Position::START);
        puts.push(stored::put(&self.keys, member.id, &key, &open, Some(&details), first).map_err(unsealed)?);
        let outdated = self.sessions.outdated(member.id, self.config.sessions, now, CLEARED_AT_ONCE);
        puts.extend(outdated.iter().map(|id| stored::delete(StoredSession::KIND, id.to_string(), None)));
        let actor =
            Actor { member: Some(member.id), role: Some(member.role), via: "sign_in".into(), address: Some(address) };
        let entry = Entry { object: "session".into(), id: key, ..Entry::about("session.created", member.id) };
        puts.extend(self.audit.records(&actor, entry).map_err(|_| Error::Bank(jangbu::BankError::OutcomeUnknown))?);
        let version = self.bank.put_records(puts).await?;
        for id in outdated {
            self.sessions.remove(id);
        }
        self.sessions.add(Held::new(session.clone(), hash, version));
        Ok((session, secret))
    }

    /// Has nobody sign in: a session for tests, without a password.
    #[cfg(test)]
    pub(crate) async fn signed_in(&self, member: &Member) -> SecretString {
        let address = std::net::Ipv4Addr::LOCALHOST.into();
        self.begin_session(member, address, "test", Vec::new()).await.unwrap().1
    }
}

fn wrong_credentials() -> Problem {
    unauthorised("wrong_credentials", "username or password is wrong")
}

fn unauthorised(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, code, detail)
}

fn shortened(text: &str) -> String {
    let fits = |(at, next): &(usize, char)| at.saturating_add(next.len_utf8()) <= MOST_USER_AGENT_BYTES;
    text.char_indices().take_while(fits).map(|(_, next)| next).filter(|next| !next.is_control()).collect()
}
