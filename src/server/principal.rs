//! Who asks, and what they may do.

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
    /// Uses own accounts.
    #[default]
    Member,
    /// Works at the counter: deposits, withdrawals, holds, linked transfers, reversals.
    Teller,
    /// Reads everything and changes nothing.
    Auditor,
    /// Administers the bank.
    Admin,
}

/// What a route asks of who calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    /// Read what is one's own.
    ReadOwn,
    /// Change what is one's own: profile, sessions, schedules, payees. Never by a token.
    ManageOwn,
    /// Move money of one's own.
    MoveOwn,
    /// Move money of one's own in batches.
    Batch,
    /// Read what is anybody's; such reads are audited.
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
    /// The name, as the document of the API has it.
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
    /// The name, as clients write it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Role::Member => "member",
            Role::Teller => "teller",
            Role::Auditor => "auditor",
            Role::Admin => "admin",
        }
    }

    /// Whether the role belongs to the bank's staff.
    pub(crate) const fn is_staff(self) -> bool {
        !matches!(self, Role::Member)
    }

    /// Whether the role allows it.
    pub(crate) const fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::ReadOwn | Permission::ManageOwn => true,
            // An auditor changes nothing, own money included.
            Permission::MoveOwn | Permission::Batch => !matches!(self, Role::Auditor),
            Permission::ReadAny => self.is_staff(),
            Permission::Counter | Permission::Reverse => matches!(self, Role::Teller | Role::Admin),
            Permission::ReadAudit => matches!(self, Role::Auditor | Role::Admin),
            Permission::Administer => matches!(self, Role::Admin),
        }
    }
}

/// By what the caller is known.
#[derive(Clone, Debug)]
pub(crate) enum Via {
    /// A session, by its cookie.
    Session(SessionId),
    /// A token, by the `Authorization` header, with what it grants.
    Token(TokenId, Arc<Grant>),
}

/// Who calls: a member who may sign in, known by a session or a token.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    /// The member.
    pub(crate) member: Member,
    /// By what the member is known.
    pub(crate) via: Via,
    /// From where the call comes, as far as proxies are trusted.
    pub(crate) address: IpAddr,
    /// What is shown of the person.
    pub(crate) presence: Presence,
}

impl Principal {
    /// The member's id.
    pub(crate) const fn id(&self) -> MemberId {
        self.member.id
    }

    /// The session that the caller is known by.
    pub(crate) const fn session(&self) -> Option<SessionId> {
        match self.via {
            Via::Session(id) => Some(id),
            Via::Token(..) => None,
        }
    }

    /// Fails unless the role allows it. What a route itself needs was asked before it ran: `access.rs`.
    ///
    /// # Errors
    /// 403.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Problem> {
        if self.member.role.allows(permission) { Ok(()) } else { Err(Problem::forbidden()) }
    }

    /// Whether role and, for a token, scopes allow it, beyond what the route itself takes.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        let by_means = match &self.via {
            Via::Session(_) => true,
            Via::Token(_, grant) => Scope::of(permission).is_some_and(|scope| grant.covers(scope)),
        };
        by_means && self.require(permission).is_ok()
    }

    /// Fails for a token without a scope that a part of what is asked needs, beyond what the route itself takes.
    ///
    /// # Errors
    /// 403 `scope_missing`.
    pub(crate) fn require_scope(&self, scope: Scope) -> Result<(), Problem> {
        match &self.via {
            Via::Token(_, grant) if !grant.covers(scope) => Err(Problem::scope_missing(scope.name())),
            _ => Ok(()),
        }
    }

    /// What a token binds the caller to; `None` for a session.
    pub(crate) fn bounds(&self) -> Option<&Bounds> {
        match &self.via {
            Via::Session(_) => None,
            Via::Token(_, grant) => Some(&grant.bounds),
        }
    }

    /// Fails for a token that is bound to other accounts of its owner.
    ///
    /// # Errors
    /// 403 `token_bound`.
    pub(crate) fn keep_to_account(&self, number: AccountNumber) -> Result<(), Problem> {
        match self.bounds() {
            Some(bounds) if !bounds.admit_account(number) => Err(Problem::token_bound("does not include this account")),
            _ => Ok(()),
        }
    }

    /// Fails for a token that is bound to other payees.
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

    /// Who was found to call, and may call this route.
    ///
    /// # Errors
    /// 403 for a route that anyone may call, which the table of `access.rs` says.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(permitted_caller(request).ok_or_else(Problem::forbidden))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_allow_what_they_are_for() {
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
