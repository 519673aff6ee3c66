//! Ending sessions: one, all others, or all of a member.

use jangbu::Position;
use tokio::sync::watch;

use super::sessions::Session;
use super::stored::{self, Stored, StoredSession};
use super::{Member, MemberError, MemberId, Members, SessionId};
use crate::server::audit::{Actor, Entry};

impl Members {
    /// Returns a member's valid sessions, most recent first.
    pub(crate) fn sessions_of(&self, member: MemberId) -> Vec<Session> {
        let Some(owner) = self.find(member) else { return Vec::new() };
        let mut found = self.sessions.of(member, self.config.sessions, self.time.now());
        found.retain(|session| session.is_of(&owner));
        found
    }

    /// Ends a session of the member.
    ///
    /// # Errors
    /// 404 when there is none of that id, or it is another's.
    pub(crate) async fn end_session(&self, actor: &Actor, member: MemberId, id: SessionId) -> Result<(), MemberError> {
        if !self.sessions.has(member, id) {
            return Err(MemberError::NotFound);
        }
        let entry = Entry { object: "session".into(), id: id.to_string(), ..Entry::about("session.ended", member) };
        self.audit.write(actor, entry).await?;
        self.end(&[id]).await
    }

    /// Deletes what a change of the member's record has ended: the records of sessions, and marks of tokens. None of it
    /// is valid any more, whether or not this completes.
    pub(super) async fn clear_away(&self, member: &Member) -> Result<(), MemberError> {
        self.endings.signal(member.id);
        self.end(&self.sessions.ended_of(member)).await?;
        self.revoke_ended(member).await;
        Ok(())
    }

    /// Subscribes to signals that a session or token of the member may have ended.
    pub(crate) fn endings_of(&self, member: MemberId) -> watch::Receiver<()> {
        self.endings.follow(member)
    }

    /// Ends sessions. They are invalid at once, and durably so when this returns.
    pub(super) async fn end(&self, ids: &[SessionId]) -> Result<(), MemberError> {
        for id in ids {
            if let Some(member) = self.sessions.remove(*id) {
                self.endings.signal(member);
            }
        }
        for chunk in ids.chunks(jangbu::records::MAX_PUTS) {
            let deleted = chunk.iter().map(|id| stored::delete(StoredSession::KIND, id.to_string(), None));
            self.bank.put_records(deleted.collect()).await?;
        }
        Ok(())
    }

    /// Records in the background when a session was last used: a request that is abandoned leaves memory and journal in
    /// agreement. It is not an error if the session ended in the meantime.
    pub(super) fn write_last_seen(&self, session: &Session, hash: String, version: Position) {
        let open = StoredSession {
            member: session.member,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            generation: session.generation,
        };
        let details =
            stored::SessionDetails { hash, address: session.address.clone(), user_agent: session.user_agent.clone() };
        let (id, key) = (session.id, session.id.to_string());
        let put = stored::put(&self.keys, session.member, &key, &open, Some(&details), Some(version));
        let Ok(put) = put else { return };
        let (bank, sessions) = (self.bank.clone(), self.sessions.clone());
        tokio::spawn(async move {
            if let Ok(version) = bank.put_records(vec![put]).await {
                sessions.written(id, version);
            }
        });
    }
}
