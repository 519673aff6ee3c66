//! Sessions in memory: found by the hash of the cookie's secret. The journal has them too, sealed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jangbu::{Position, Timestamp};
use parking_lot::RwLock;

use super::{Member, MemberId, SessionId};
use crate::server::config;

/// The most sessions of a member. One more ends the one that was used least lately.
pub(super) const MOST_OF_A_MEMBER: usize = 50;
/// When a session was last used goes to the journal at most this often.
const WRITTEN_EVERY: Duration = Duration::from_secs(180);

/// A session as its owner may see it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The id, which is not the secret.
    pub(crate) id: SessionId,
    /// Whose it is.
    pub(crate) member: MemberId,
    /// When it was begun, by signing in.
    pub(crate) created_at: Timestamp,
    /// When it was last used.
    pub(crate) last_seen_at: Timestamp,
    /// From where it was begun.
    pub(crate) address: String,
    /// With which program it was begun.
    pub(crate) user_agent: String,
    /// The generation of its member's sessions that it belongs to.
    pub(super) generation: u32,
    /// When its owner last proved to be there: by signing in, or since.
    pub(crate) proven_at: Timestamp,
}

impl Session {
    /// When it ends without another request.
    pub(crate) fn idle_expires_at(&self, lasting: config::Sessions) -> Timestamp {
        self.ends_after(self.last_seen_at, lasting)
    }

    /// When it ends if it was last used then.
    fn ends_after(&self, last_seen_at: Timestamp, lasting: config::Sessions) -> Timestamp {
        last_seen_at.after(lasting.idle).min(self.expires_at(lasting))
    }

    /// When it ends in any case.
    pub(crate) fn expires_at(&self, lasting: config::Sessions) -> Timestamp {
        self.created_at.after(lasting.absolute)
    }

    /// Whether it is of a generation of the member's that is good.
    pub(super) fn is_of(&self, member: &Member) -> bool {
        member.is_active() && member.generations.have_session(self.id, self.generation)
    }

    /// Whether it is over.
    pub(super) fn is_over(&self, lasting: config::Sessions, now: Timestamp) -> bool {
        self.idle_expires_at(lasting) <= now
    }
}

/// A session with what only the server needs.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) session: Session,
    pub(super) hash: String,
    last_seen_ns: AtomicI64,
    /// Not in the journal: after a restart only signing in counts.
    proven_ns: AtomicI64,
    written_ns: AtomicI64,
    /// The version of its record.
    pub(super) version: Position,
}

impl Held {
    pub(super) fn new(session: Session, hash: String, version: Position) -> Held {
        let (seen_ns, proven_ns) = (session.last_seen_at.as_ns(), session.proven_at.as_ns());
        Held {
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
pub(super) struct Used {
    pub(super) session: Session,
    /// The version of its record, when that has to be written again.
    pub(super) write: Option<(String, Position)>,
}

/// Every session that is not over.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    inner: RwLock<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: HashMap<SessionId, Held>,
    by_hash: HashMap<String, SessionId>,
    by_member: HashMap<MemberId, Vec<SessionId>>,
}

impl Sessions {
    /// Takes a session in.
    pub(super) fn add(&self, held: Held) {
        let mut inner = self.inner.write();
        let (id, member) = (held.session.id, held.session.member);
        inner.by_hash.insert(held.hash.clone(), id);
        inner.by_member.entry(member).or_default().push(id);
        inner.by_id.insert(id, held);
    }

    /// Notes that the session of that secret is used now; `None` when there is none, or it is over.
    pub(super) fn use_now(&self, hash: &str, lasting: config::Sessions, now: Timestamp) -> Option<Used> {
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
        // Of several requests at once, one writes.
        let write = is_due
            && held.written_ns.compare_exchange(written_ns, now.as_ns(), Ordering::Relaxed, Ordering::Relaxed).is_ok();
        Some(Used { session: held.view(), write: write.then(|| (held.hash.clone(), held.version)) })
    }

    /// The session's record was written.
    pub(super) fn written(&self, id: SessionId, version: Position) {
        if let Some(held) = self.inner.write().by_id.get_mut(&id) {
            held.version = version;
        }
    }

    /// A member's sessions that are not over, the one last begun first.
    pub(super) fn of(&self, member: MemberId, lasting: config::Sessions, now: Timestamp) -> Vec<Session> {
        let inner = self.inner.read();
        let ids = inner.by_member.get(&member).into_iter().flatten();
        let mut found: Vec<_> = ids.filter_map(|id| inner.by_id.get(id)).map(Held::view).collect();
        found.retain(|session| !session.is_over(lasting, now));
        found.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        found
    }

    /// The sessions of a member that are of no generation that is good.
    pub(super) fn ended_of(&self, member: &Member) -> Vec<SessionId> {
        let inner = self.inner.read();
        let own = inner.by_member.get(&member.id).into_iter().flatten().filter_map(|id| inner.by_id.get(id));
        own.filter(|held| member.erased || !held.session.is_of(member)).map(|held| held.session.id).collect()
    }

    /// The owner of the session has just proven to be there.
    pub(super) fn proven(&self, id: SessionId, now: Timestamp) {
        if let Some(held) = self.inner.read().by_id.get(&id) {
            held.proven_ns.fetch_max(now.as_ns(), Ordering::Relaxed);
        }
    }

    /// Those that have to make way for a new session of the member: over, or too many. At most `most`.
    pub(super) fn outdated(
        &self,
        member: MemberId,
        lasting: config::Sessions,
        now: Timestamp,
        most: usize,
    ) -> Vec<SessionId> {
        let inner = self.inner.read();
        let own = inner.by_member.get(&member).into_iter().flatten().filter_map(|id| inner.by_id.get(id));
        let mut own: Vec<_> = own.map(Held::view).collect();
        own.sort_by_key(|session| (!session.is_over(lasting, now), session.last_seen_at));
        let too_many = own.len().saturating_sub(MOST_OF_A_MEMBER.saturating_sub(1));
        let over = own.iter().filter(|session| session.is_over(lasting, now)).count();
        let mut found: Vec<_> = own.iter().take(too_many.max(over)).map(|session| session.id).collect();
        // Whoever never comes back leaves sessions behind: each sign-in clears a few of anybody's away.
        let anybodys = inner.by_id.values().filter(|held| held.session.member != member);
        found.extend(anybodys.take(64).map(Held::view).filter(|one| one.is_over(lasting, now)).map(|one| one.id));
        found.truncate(most);
        found
    }

    /// The session of that id, if it is the member's.
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

    /// Every session, with when its use was last written down and the version of its record.
    #[cfg(test)]
    pub(super) fn all(&self) -> Vec<(Session, Timestamp, Position)> {
        let written = |held: &Held| Timestamp::from_ns(held.written_ns.load(Ordering::Relaxed));
        self.inner.read().by_id.values().map(|held| (held.view(), written(held), held.version)).collect()
    }

    /// The id of the session of that secret.
    pub(super) fn id_of(&self, hash: &str) -> Option<SessionId> {
        self.inner.read().by_hash.get(hash).copied()
    }

    /// Forgets a session. Returns whose it was.
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
