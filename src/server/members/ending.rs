//! Ending sessions: one, the others, all of a member's.

use jangbu::{Error, Position, Refusal};

use super::sessions::Session;
use super::stored::{self, Stored, StoredSession};
use super::{MemberId, Members, SessionId};
use crate::server::audit::{Actor, Entry};
use crate::server::http::Problem;

impl Members {
    /// A member's sessions that are not over, the one last begun first.
    pub(crate) fn sessions_of(&self, member: MemberId) -> Vec<Session> {
        self.sessions.of(member, self.config.sessions, self.time.now())
    }

    /// Ends a session of the member's.
    ///
    /// # Errors
    /// 404 when there is none of that id, or it is another's.
    pub(crate) async fn end_session(&self, actor: &Actor, member: MemberId, id: SessionId) -> Result<(), Problem> {
        if !self.sessions.has(member, id) {
            return Err(Problem::not_found());
        }
        let entry = Entry { object: "session".into(), id: id.to_string(), ..Entry::about("session.ended", member) };
        self.audit.write(actor, entry).await?;
        self.end(&[id]).await
    }

    /// Ends every session of a member's but the one to keep.
    pub(super) async fn end_sessions(&self, member: MemberId, keep: Option<SessionId>) -> Result<(), Problem> {
        let mut ids = self.sessions.ids_of(member);
        ids.retain(|id| Some(*id) != keep);
        self.end(&ids).await
    }

    /// Ends sessions. They are over at once; that they are is durable when this returns.
    pub(super) async fn end(&self, ids: &[SessionId]) -> Result<(), Problem> {
        for id in ids {
            self.sessions.remove(*id);
        }
        for chunk in ids.chunks(jangbu::MAX_PUTS) {
            let deleted = chunk.iter().map(|id| stored::delete(StoredSession::KIND, id.to_string(), None));
            self.bank.put_records(deleted.collect()).await?;
        }
        Ok(())
    }

    /// Writes down when a session was last used. That somebody ended it meanwhile is no error.
    pub(super) async fn write_last_seen(&self, session: &Session, hash: String, version: Position) {
        let open = StoredSession {
            member: session.member,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
        };
        let details =
            stored::SessionDetails { hash, address: session.address.clone(), user_agent: session.user_agent.clone() };
        let key = session.id.to_string();
        let put = |version| stored::put(&self.keys, session.member, &key, &open, Some(&details), Some(version));
        let Ok(first) = put(version) else { return };
        let written = match self.bank.put_records(vec![first]).await {
            Err(Error::Refused(Refusal::RecordConflict { .. })) => {
                // Memory is behind the journal where a request was given up while it wrote this down.
                let Ok(Some(found)) = self.bank.record(StoredSession::KIND, &key).await else { return };
                let Ok(again) = put(found.version) else { return };
                self.bank.put_records(vec![again]).await
            }
            written => written,
        };
        if let Ok(version) = written {
            self.sessions.written(session.id, version);
        }
    }
}
