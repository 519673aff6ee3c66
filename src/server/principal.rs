//! The caller and their permissions.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use jangbu::AccountNumber;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::permitted_caller;
use super::http::Problem;
use super::members::{Member, MemberId, SessionId, TokenId};
use super::proof::Presence;
use super::scopes::{Bounds, Grant, Scope};

/// The role of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Uses their own accounts.
    #[default]
    Member,
    /// Works at the counter: deposits, withdrawals, holds, linked transfers, reversals.
    Teller,
    /// Reads everything, changes nothing.
    Auditor,
    /// Administers the bank.
    Admin,
}

/// A permission that a route requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Read one's own data.
    ReadOwn,
    /// Change one's own profile, sessions, schedules and payees. Never with a token.
    ManageOwn,
    /// Move one's own money.
    MoveOwn,
    /// Move one's own money in batches.
    Batch,
    /// Read everybody's data; such reads are audited.
    ReadAny,
    /// Work at the counter.
    Counter,
    /// Reverse transfers.
    Reverse,
    /// Read the audit log.
    ReadAudit,
    /// Change members, accounts, types and tokens, and work on the pending queue.
    Administer,
}

impl Permission {
    /// Returns the name in the OpenAPI document.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Permission::ReadOwn => "read_own",
            Permission::ManageOwn => "manage_own",
            Permission::MoveOwn => "move_own",
            Permission::Batch => "batch",
            Permission::ReadAny => "read_any",
            Permission::Counter => "counter",
            Permission::Reverse => "reverse",
            Permission::ReadAudit => "read_audit",
            Permission::Administer => "administer",
        }
    }
}

impl Role {
    /// Returns the name for clients.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Role::Member => "member",
            Role::Teller => "teller",
            Role::Auditor => "auditor",
            Role::Admin => "admin",
        }
    }

    /// Returns whether the role belongs to the bank's staff.
    pub(crate) const fn is_staff(self) -> bool {
        !matches!(self, Role::Member)
    }

    /// Returns whether the role has a permission.
    pub(crate) const fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::ReadOwn | Permission::ManageOwn => true,
            // An auditor changes nothing, not even their own money.
            Permission::MoveOwn | Permission::Batch => !matches!(self, Role::Auditor),
            Permission::ReadAny => self.is_staff(),
            Permission::Counter | Permission::Reverse => matches!(self, Role::Teller | Role::Admin),
            Permission::ReadAudit => matches!(self, Role::Auditor | Role::Admin),
            Permission::Administer => matches!(self, Role::Admin),
        }
    }
}

/// How the caller was authenticated.
#[derive(Clone, Debug)]
pub(crate) enum Via {
    /// By a session cookie.
    Session(SessionId),
    /// By a token in the `Authorization` header.
    Token(TokenId, Arc<Grant>),
}

/// The caller: a member who may sign in, authenticated by a session or a token.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) member: Member,
    /// How the member was authenticated.
    pub(crate) via: Via,
    /// The client's address, behind trusted proxies.
    pub(crate) address: IpAddr,
    /// The proof that the person is present.
    pub(crate) presence: Presence,
}

impl Principal {
    /// Returns the member's id.
    pub(crate) const fn id(&self) -> MemberId {
        self.member.id
    }

    /// Returns the caller's session.
    pub(crate) const fn session(&self) -> Option<SessionId> {
        match self.via {
            Via::Session(id) => Some(id),
            Via::Token(..) => None,
        }
    }

    /// Fails unless the role has the permission. The route's own requirements were checked before: `access.rs`.
    ///
    /// # Errors
    /// 403.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.member.role.allows(permission) { Ok(()) } else { Err(Problem::forbidden()) }
    }

    /// Returns whether the role and, for a token, its scopes have a permission beyond what the route requires.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        let by_means = match &self.via {
            Via::Session(_) => true,
            Via::Token(_, grant) => Scope::of(permission).is_some_and(|scope| grant.covers(scope)),
        };
        by_means && self.require(permission).is_ok()
    }

    /// Fails for a token without a scope that a part of the request requires in addition.
    ///
    /// # Errors
    /// 403 `scope_missing`.
    pub(crate) fn require_scope(&self, scope: Scope) -> Result<(), Problem> {
        match &self.via {
            Via::Token(_, grant) if !grant.covers(scope) => Err(Problem::scope_missing(scope.name())),
            _ => Ok(()),
        }
    }

    /// Returns the restrictions of a token; `None` for a session.
    pub(crate) fn bounds(&self) -> Option<&Bounds> {
        match &self.via {
            Via::Session(_) => None,
            Via::Token(_, grant) => Some(&grant.bounds),
        }
    }

    /// Fails for a token that is restricted to other accounts.
    ///
    /// # Errors
    /// 403 `token_bound`.
    pub(crate) fn keep_to_account(&self, number: AccountNumber) -> Result<(), Problem> {
        match self.bounds() {
            Some(bounds) if !bounds.admit_account(number) => Err(Problem::token_bound("does not include this account")),
            _ => Ok(()),
        }
    }

    /// Fails for a token that is restricted to other payees.
    ///
    /// # Errors
    /// 403 `token_bound`.
    pub(crate) fn keep_to_payee(&self, number: AccountNumber) -> Result<(), Problem> {
        match self.bounds() {
            Some(bounds) if !bounds.admit_payee(number) => Err(Problem::token_bound("does not include this payee")),
            _ => Ok(()),
        }
    }
}

impl FromRequest for Principal {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    /// Returns the caller who was permitted to call this route.
    ///
    /// # Errors
    /// 403 for a route that the table of `access.rs` opens to anyone.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(permitted_caller(request).ok_or_else(Problem::forbidden))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_their_permissions() {
        use Permission::*;
        let all = [ReadOwn, ManageOwn, MoveOwn, Batch, ReadAny, Counter, Reverse, ReadAudit, Administer];
        for (role, allowed) in [
            (Role::Member, &[ReadOwn, ManageOwn, MoveOwn, Batch][..]),
            (Role::Teller, &[ReadOwn, ManageOwn, MoveOwn, Batch, ReadAny, Counter, Reverse]),
            (Role::Auditor, &[ReadOwn, ManageOwn, ReadAny, ReadAudit]),
            (Role::Admin, &all),
        ] {
            for permission in all {
                assert_eq!(role.allows(permission), allowed.contains(&permission), "{role:?} {permission:?}");
            }
        }
    }
}
