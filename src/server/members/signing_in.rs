//! Signing in: the same answer and the same work for an unknown name and for a wrong password.

use std::net::IpAddr;

use jangbu::{Error, Position, Refusal};
use secrecy::SecretString;

use super::second_factor::Proof;
use super::sessions::{ActiveSession, Session};
use super::stored::{self, SessionDetails, Stored, StoredSession};
use super::{
    AttemptFrom, Devices, FactorError, Member, MemberError, MemberId, Members, PasswordMatch, QueueLane, SessionId,
    secrets,
};
use crate::server::audit::{Actor, Entry};
use crate::server::networks;

/// The most bytes of a user agent that are stored.
const MOST_USER_AGENT_BYTES: usize = 300;
/// How many expired sessions one sign-in removes, so that everything fits into one record.
const CLEARED_AT_ONCE: usize = 8;

/// The credentials of a member.
#[derive(Debug)]
pub(crate) struct SignIn {
    /// The username.
    pub(crate) username: String,
    /// The password.
    pub(crate) password: SecretString,
    /// The code of the second factor.
    pub(crate) totp: Option<String>,
    /// A recovery code, instead of a code.
    pub(crate) recovery_code: Option<String>,
    /// From where.
    pub(crate) address: IpAddr,
    /// The program.
    pub(crate) user_agent: String,
    /// The secrets of the browser's previous session, which ends.
    pub(crate) before: Vec<SecretString>,
    /// Whether the device signed in before; see [`Members::who_tries`].
    pub(crate) tries: AttemptFrom,
}

impl Members {
    /// Determines the origin of an attempt to sign in: a device of the member, or a stranger from some network.
    ///
    /// # Errors
    /// As of reading the credentials.
    pub(crate) async fn who_tries(
        &self,
        username: &str,
        devices: &Devices,
        from: IpAddr,
    ) -> Result<AttemptFrom, MemberError> {
        let stranger = AttemptFrom::Network(networks::customer(from));
        if devices.is_empty() {
            return Ok(stranger);
        }
        // Looked up for unknown names, too: a faster answer would reveal them.
        let id = self.find_by_username(username).map_or(MemberId(uuid::Uuid::nil()), |member| member.id);
        let found = self.credentials(id).await?;
        let mark = found.and_then(|found| self.mark_of(devices, id, &found.credentials.password, self.time.now()));
        Ok(mark.map_or(stranger, |mark| AttemptFrom::Device(id, mark)))
    }

    /// Begins a session. Returns the secret of its cookie.
    ///
    /// # Errors
    /// 401 `wrong_credentials`, `totp_required`, `totp_wrong`; 403 `member_disabled` for who proved everything else;
    /// 429 after too many failures, 503 when too many are signing in.
    pub(crate) async fn sign_in(&self, asked: SignIn) -> Result<(Member, Session, SecretString), MemberError> {
        let now = self.time.now();
        self.delays.begin(&asked.username, asked.tries, self.time.uptime())?;
        // Read before the credentials: the session's generation is the one in force before they were read.
        let member = self.find_by_username(&asked.username);
        // Looked up for unknown names, too, and then not found.
        let id = member.as_ref().map_or(MemberId(uuid::Uuid::nil()), |member| member.id);
        let found = self.credentials(id).await?;
        let usable = found.as_ref().filter(|found| found.credentials.password_until.is_none_or(|until| now < until));
        let hash = usable.map(|found| found.credentials.password.clone());
        let line = match asked.tries {
            AttemptFrom::Device(..) | AttemptFrom::SignedIn(_) => QueueLane::Known(Some(id)),
            AttemptFrom::Network(_) => QueueLane::Network(networks::line(asked.address)),
        };
        let likeness = self.hasher.matches(asked.password.clone(), hash, line).await.inspect_err(|_| {
            // An attempt that was not checked is not a failure.
            self.delays.take_back(&asked.username, asked.tries);
        })?;
        let (Some(member), Some(mut found), true) = (member, found, likeness.is_same()) else {
            return Err(MemberError::WrongCredentials);
        };
        let mut puts = Vec::new();
        match found.credentials.prove(asked.totp.as_deref(), asked.recovery_code.as_deref(), now)? {
            Proof::NotAsked => {}
            Proof::Used => puts.push(self.credentials_record(member.id, &found)?),
            Proof::Missing => {
                self.delays.take_back(&asked.username, asked.tries);
                return Err(MemberError::SignInFactor(FactorError::Missing));
            }
            Proof::Wrong => return Err(MemberError::SignInFactor(FactorError::Wrong)),
        }
        if !member.is_active() {
            return Err(MemberError::SignInDisabled);
        }
        let begun = self.begin_session(&member, asked.address, &asked.user_agent, puts).await;
        let (session, secret) = begun.map_err(|error| match error {
            // The same code twice at once: another request used it first.
            Error::Refused(Refusal::RecordConflict { .. }) => MemberError::SignInFactor(FactorError::Wrong),
            other => other.into(),
        })?;
        // The credentials may have changed since they were checked: then the session's generation is over, and the
        // session was never valid.
        if !self.find(member.id).is_some_and(|member| session.is_of(&member)) {
            self.end(&[session.id]).await?;
            return Err(MemberError::WrongCredentials);
        }
        self.delays.succeeded(&asked.username, asked.tries);
        self.renew_hash(member.id, asked.password, likeness, &found.credentials.password).await;
        if let Some(before) = asked.before.iter().find_map(|before| self.sessions.id_of(&secrets::hash(before))) {
            self.end(&[before]).await?;
        }
        Ok((member, session, secret))
    }

    /// Hashes a password again that was just found to be right, if it was hashed with other settings or without
    /// preparation.
    ///
    /// Signing in does not depend on this: if it fails, the next sign-in does it.
    async fn renew_hash(&self, member: MemberId, password: SecretString, likeness: PasswordMatch, hash: &str) {
        let Ok(Some(mut found)) = self.credentials(member).await else { return };
        // A password that was changed since has another hash, or its record has another version.
        if found.credentials.password != hash {
            return;
        }
        if likeness == PasswordMatch::Same && !self.hasher.is_outdated(&found.credentials.password) {
            return;
        }
        let Ok(hash) = self.hasher.hash(password, QueueLane::Known(Some(member))).await else { return };
        found.credentials.password = hash;
        let Ok(record) = self.credentials_record(member, &found) else { return };
        match self.bank.put_records(vec![record]).await {
            Ok(_) => tracing::info!("a password was hashed anew, with the settings in force"),
            Err(error) => tracing::info!("a password was not hashed anew: {error}"),
        }
    }

    /// Creates a session, together with other records, and ends sessions that must make way.
    async fn begin_session(
        &self,
        member: &Member,
        address: IpAddr,
        user_agent: &str,
        mut puts: Vec<jangbu::records::RecordPut>,
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
        self.sessions.add(ActiveSession::new(session.clone(), hash, version));
        Ok((session, secret))
    }

    /// Creates a session without a password, for tests.
    #[cfg(test)]
    pub(crate) async fn signed_in(&self, member: &Member) -> SecretString {
        let address = std::net::Ipv4Addr::LOCALHOST.into();
        self.begin_session(member, address, "test", Vec::new()).await.unwrap().1
    }
}

fn shortened(text: &str) -> String {
    let fits = |(at, next): &(usize, char)| at.saturating_add(next.len_utf8()) <= MOST_USER_AGENT_BYTES;
    text.char_indices().take_while(fits).map(|(_, next)| next).filter(|next| !next.is_control()).collect()
}
