//! Sessions in memory, found by the hash of the cookie's secret. The journal has them, too, sealed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jangbu::{Position, Timestamp};
use parking_lot::RwLock;

use super::{Member, MemberId, SessionId};
use crate::server::config;

/// The most sessions of a member. A further one ends the least recently used.
pub(super) const MOST_OF_A_MEMBER: usize = 50;
/// The shortest interval at which the last use of a session is written to the journal.
const WRITTEN_EVERY: Duration = Duration::from_secs(180);

/// A session, as its owner may see it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The id. It is not the secret.
    pub(crate) id: SessionId,
    /// The owner.
    pub(crate) member: MemberId,
    /// When it began, by signing in.
    pub(crate) created_at: Timestamp,
    /// When it was last used.
    pub(crate) last_seen_at: Timestamp,
    /// The network address at sign-in.
    pub(crate) address: String,
    /// The program at sign-in.
    pub(crate) user_agent: String,
    /// The generation of the member's sessions that it belongs to.
    pub(super) generation: u32,
    /// When its owner last proved to be present, by signing in or later.
    pub(crate) proven_at: Timestamp,
}

impl Session {
    /// When it ends if it is not used again.
    pub(crate) fn idle_expires_at(&self, lasting: config::Sessions) -> Timestamp {
        self.ends_after(self.last_seen_at, lasting)
    }

    /// Returns when it ends if it was last used then.
    fn ends_after(&self, last_seen_at: Timestamp, lasting: config::Sessions) -> Timestamp {
        last_seen_at.after(lasting.idle).min(self.expires_at(lasting))
    }

    /// When it ends in any case.
    pub(crate) fn expires_at(&self, lasting: config::Sessions) -> Timestamp {
        self.created_at.after(lasting.absolute)
    }

    /// Whether its generation is valid for the member.
    pub(super) fn is_of(&self, member: &Member) -> bool {
        member.is_active() && member.generations.have_session(self.id, self.generation)
    }

    /// Whether it has expired.
    pub(super) fn is_over(&self, lasting: config::Sessions, now: Timestamp) -> bool {
        self.idle_expires_at(lasting) <= now
    }
}

/// A session, with what only the server needs.
#[derive(Debug)]
pub(super) struct ActiveSession {
    pub(super) session: Session,
    pub(super) hash: String,
    last_seen_ns: AtomicI64,
    /// Not in the journal: after a restart only the sign-in counts.
    proven_ns: AtomicI64,
    written_ns: AtomicI64,
    /// The version of its record.
    pub(super) version: Position,
}

impl ActiveSession {
    pub(super) fn new(session: Session, hash: String, version: Position) -> ActiveSession {
        let (seen_ns, proven_ns) = (session.last_seen_at.as_ns(), session.proven_at.as_ns());
        ActiveSession {
            session,
            hash,
            last_seen_ns: seen_ns.into(),
            proven_ns: proven_ns.into(),
            written_ns: seen_ns.into(),
            version,
        }
    }

    fn last_seen_at(&self) -> Timestamp {
        Timestamp::from_ns(self.last_seen_ns.load(Ordering::Relaxed))
    }

    fn view(&self) -> Session {
        let last_seen_at = self.last_seen_at();
        let proven_at = Timestamp::from_ns(self.proven_ns.load(Ordering::Relaxed));
        Session { last_seen_at, proven_at, ..self.session.clone() }
    }
}

/// A session that was just used.
#[derive(Debug)]
pub(super) struct SessionUse {
    pub(super) session: Session,
    /// The hash and version of its record, if that must be written again.
    pub(super) write: Option<(String, Position)>,
}

/// All sessions that have not ended.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    inner: RwLock<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: HashMap<SessionId, ActiveSession>,
    by_hash: HashMap<String, SessionId>,
    by_member: HashMap<MemberId, Vec<SessionId>>,
}

impl Sessions {
    /// Adds a session.
    pub(super) fn add(&self, held: ActiveSession) {
        let mut inner = self.inner.write();
        let (id, member) = (held.session.id, held.session.member);
        inner.by_hash.insert(held.hash.clone(), id);
        inner.by_member.entry(member).or_default().push(id);
        inner.by_id.insert(id, held);
    }

    /// Records that the session with that secret is used now; `None` if there is none, or it has expired.
    pub(super) fn use_now(&self, hash: &str, lasting: config::Sessions, now: Timestamp) -> Option<SessionUse> {
        let inner = self.inner.read();
        let held = inner.by_id.get(inner.by_hash.get(hash)?)?;
        let before = held.view();
        if before.is_over(lasting, now) {
            return None;
        }
        held.last_seen_ns.fetch_max(now.as_ns(), Ordering::Relaxed);
        let every = WRITTEN_EVERY.min(lasting.idle / 4);
        let written_ns = held.written_ns.load(Ordering::Relaxed);
        let is_due = Timestamp::from_ns(written_ns).after(every) <= now;
        // Of several simultaneous requests, one writes.
        let write = is_due
            && held.written_ns.compare_exchange(written_ns, now.as_ns(), Ordering::Relaxed, Ordering::Relaxed).is_ok();
        Some(SessionUse { session: held.view(), write: write.then(|| (held.hash.clone(), held.version)) })
    }

    /// Notes that the session's record was written.
    pub(super) fn written(&self, id: SessionId, version: Position) {
        if let Some(held) = self.inner.write().by_id.get_mut(&id) {
            held.version = version;
        }
    }

    /// Returns a member's valid sessions, most recent first.
    pub(super) fn of(&self, member: MemberId, lasting: config::Sessions, now: Timestamp) -> Vec<Session> {
        let inner = self.inner.read();
        let ids = inner.by_member.get(&member).into_iter().flatten();
        let mut found: Vec<_> = ids.filter_map(|id| inner.by_id.get(id)).map(ActiveSession::view).collect();
        found.retain(|session| !session.is_over(lasting, now));
        found.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        found
    }

    /// Returns the sessions of a member whose generation is no longer valid.
    pub(super) fn ended_of(&self, member: &Member) -> Vec<SessionId> {
        let inner = self.inner.read();
        let own = inner.by_member.get(&member.id).into_iter().flatten().filter_map(|id| inner.by_id.get(id));
        own.filter(|held| member.erased || !held.session.is_of(member)).map(|held| held.session.id).collect()
    }

    /// Records that the owner of the session has just proved to be present.
    pub(super) fn proven(&self, id: SessionId, now: Timestamp) {
        if let Some(held) = self.inner.read().by_id.get(&id) {
            held.proven_ns.fetch_max(now.as_ns(), Ordering::Relaxed);
        }
    }

    /// Returns sessions that must make way for a new one of the member: expired, or too many. At most `most`.
    pub(super) fn outdated(
        &self,
        member: MemberId,
        lasting: config::Sessions,
        now: Timestamp,
        most: usize,
    ) -> Vec<SessionId> {
        let inner = self.inner.read();
        let own = inner.by_member.get(&member).into_iter().flatten().filter_map(|id| inner.by_id.get(id));
        let mut own: Vec<_> = own.map(ActiveSession::view).collect();
        own.sort_by_key(|session| (!session.is_over(lasting, now), session.last_seen_at));
        let too_many = own.len().saturating_sub(MOST_OF_A_MEMBER.saturating_sub(1));
        let over = own.iter().filter(|session| session.is_over(lasting, now)).count();
        let mut found: Vec<_> = own.iter().take(too_many.max(over)).map(|session| session.id).collect();
        // Members who never return leave sessions behind: each sign-in removes a few of anyone's.
        let anybodys = inner.by_id.values().filter(|held| held.session.member != member);
        found.extend(
            anybodys.take(64).map(ActiveSession::view).filter(|one| one.is_over(lasting, now)).map(|one| one.id),
        );
        found.truncate(most);
        found
    }

    /// Whether the session with that id belongs to the member.
    pub(super) fn has(&self, member: MemberId, id: SessionId) -> bool {
        self.inner.read().by_id.get(&id).is_some_and(|held| held.session.member == member)
    }

    /// Returns the id, owner and generation of the session with that secret, unless it has ended. The session does not count
    /// as used.
    pub(super) fn known(
        &self,
        hash: &str,
        lasting: config::Sessions,
        now: Timestamp,
    ) -> Option<(SessionId, MemberId, u32)> {
        let inner = self.inner.read();
        let held = inner.by_id.get(inner.by_hash.get(hash)?)?;
        let Session { id, member, generation, .. } = held.session;
        (now < held.session.ends_after(held.last_seen_at(), lasting)).then_some((id, member, generation))
    }

    /// Returns all sessions, with when their use was last written and the version of their record.
    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<(Session, Timestamp, Position)> {
        let written = |held: &ActiveSession| Timestamp::from_ns(held.written_ns.load(Ordering::Relaxed));
        self.inner.read().by_id.values().map(|held| (held.view(), written(held), held.version)).collect()
    }

    /// Returns the id of the session with that secret.
    pub(super) fn id_of(&self, hash: &str) -> Option<SessionId> {
        self.inner.read().by_hash.get(hash).copied()
    }

    /// Removes a session. Returns its owner.
    pub(super) fn remove(&self, id: SessionId) -> Option<MemberId> {
        let mut inner = self.inner.write();
        let held = inner.by_id.remove(&id)?;
        inner.by_hash.remove(&held.hash);
        if let Some(own) = inner.by_member.get_mut(&held.session.member) {
            own.retain(|other| *other != id);
            if own.is_empty() {
                inner.by_member.remove(&held.session.member);
            }
        }
        Some(held.session.member)
    }
}
