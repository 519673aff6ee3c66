//! Tokens in memory, found by the hash of their secret.

use std::collections::HashMap;
use std::net::IpAddr;

use jangbu::{Position, Timestamp};
use parking_lot::{Mutex, RwLock};

use super::stored::{StoredToken, TokenDetails};
use super::{MemberId, TokenId};
use crate::server::scopes::Grant;

/// A token.
#[derive(Clone)]
pub(crate) struct Token {
    /// The id. It is not the secret.
    pub(crate) id: TokenId,
    pub(super) open: StoredToken,
    pub(super) details: TokenDetails,
    /// The version of its record.
    pub(super) version: Position,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Token {
    /// The owner.
    pub(crate) const fn member(&self) -> MemberId {
        self.open.member
    }

    /// The name given by the owner.
    pub(crate) fn name(&self) -> &str {
        &self.details.name
    }

    /// Returns what the token grants.
    pub(super) fn grant(&self) -> Grant {
        Grant { scopes: self.open.scopes.clone(), bounds: self.details.bounds.clone() }
    }

    /// Whether the token is neither revoked nor expired.
    pub(crate) fn is_active(&self, now: Timestamp) -> bool {
        self.open.revoked_at.is_none() && now < self.open.expires_at
    }
}

/// All tokens, including revoked ones.
#[derive(Debug, Default)]
pub(super) struct TokenList {
    inner: RwLock<Inner>,
    /// The exact last uses since the start; the journal has the day.
    uses: Mutex<HashMap<TokenId, LastUse>>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: HashMap<TokenId, Token>,
    by_hash: HashMap<String, TokenId>,
}

/// When a token was last used, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastUse {
    pub(super) at: Timestamp,
    pub(super) from: IpAddr,
}

impl TokenList {
    /// Adds a token, or its newer state. An older one that arrives late has no effect.
    pub(super) fn add(&self, token: Token) {
        let mut inner = self.inner.write();
        if inner.by_id.get(&token.id).is_some_and(|known| known.version > token.version) {
            return;
        }
        inner.by_hash.insert(token.details.hash.clone(), token.id);
        inner.by_id.insert(token.id, token);
    }

    /// Returns the token with that secret.
    pub(super) fn by_hash(&self, hash: &str) -> Option<Token> {
        let inner = self.inner.read();
        inner.by_id.get(inner.by_hash.get(hash)?).cloned()
    }

    /// Returns the id, the owner and the generation of the token with that secret, if it may be used now and from that
    /// address.
    pub(super) fn known(&self, hash: &str, now: Timestamp, from: IpAddr) -> Option<(TokenId, MemberId, u32)> {
        let inner = self.inner.read();
        let token = inner.by_id.get(inner.by_hash.get(hash)?)?;
        let is_good = token.is_active(now) && token.details.bounds.admit_address(from);
        is_good.then_some((token.id, token.member(), token.open.generation))
    }

    /// Returns the token with that id.
    pub(super) fn find(&self, id: TokenId) -> Option<Token> {
        self.inner.read().by_id.get(&id).cloned()
    }

    /// Returns all tokens, or all of a member, newest first.
    pub(super) fn all(&self, member: Option<MemberId>) -> Vec<Token> {
        let inner = self.inner.read();
        let asked = inner.by_id.values().filter(|token| member.is_none_or(|member| token.member() == member));
        let mut found: Vec<_> = asked.cloned().collect();
        found.sort_by_key(|token| std::cmp::Reverse((token.open.created_at, token.id)));
        found
    }

    /// Records that a token is used.
    pub(super) fn used(&self, id: TokenId, last: LastUse) {
        self.uses.lock().insert(id, last);
    }

    /// Returns when a token was last used since the start.
    pub(super) fn last_use(&self, id: TokenId) -> Option<LastUse> {
        self.uses.lock().get(&id).copied()
    }

    /// Removes a token.
    pub(super) fn remove(&self, id: TokenId) {
        self.uses.lock().remove(&id);
        let mut inner = self.inner.write();
        if let Some(token) = inner.by_id.remove(&id) {
            inner.by_hash.remove(&token.details.hash);
        }
    }
}
