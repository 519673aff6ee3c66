//! Who may call each route: the permission and the scope of every one, in one table.
//!
//! The table is asked before a handler runs, and the OpenAPI document is filled from it. A route that is not in it can be
//! called by nobody who has to be known, and fails the test that walks the document.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::StatusCode;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, PathItem};

use super::http::Problem;
use super::principal::{Permission, Principal, Via};
use super::scopes::Scope;

/// The part of every path before those of the table.
const BASE: &str = "/api/v1";

/// What a member has to do before anything else is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing.
    Nothing,
    /// Set up a second factor.
    Factor,
    /// Change a password that somebody else gave, or set up a second factor.
    Password,
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    /// The method.
    pub(crate) method: &'static str,
    /// The path below `/api/v1`, with the names of its parts.
    pub(crate) path: &'static str,
    /// The permission; `None` for what anyone may do.
    pub(crate) permission: Option<Permission>,
    /// The scope that a token must have; `None` where a session is needed.
    pub(crate) scope: Option<Scope>,
    /// Whether a token that is bound to accounts or payees may be used: the route keeps to them.
    pub(crate) keeps_bounds: bool,
    /// What may be due of the caller when it is called.
    pub(crate) allowed_due: Due,
}

const fn route(method: &'static str, path: &'static str, permission: Permission, scope: Scope) -> Access {
    let (permission, scope) = (Some(permission), Some(scope));
    Access { method, path, permission, scope, keeps_bounds: false, allowed_due: Due::Nothing }
}

/// What needs a person: no token is enough, whatever its scopes.
const fn session(method: &'static str, path: &'static str, permission: Permission) -> Access {
    let permission = Some(permission);
    Access { method, path, permission, scope: None, keeps_bounds: false, allowed_due: Due::Nothing }
}

/// What anyone may call.
const fn open(method: &'static str, path: &'static str) -> Access {
    Access { method, path, permission: None, scope: None, keeps_bounds: false, allowed_due: Due::Nothing }
}

impl Access {
    const fn bounded(self) -> Access {
        Access { keeps_bounds: true, ..self }
    }

    const fn before_factor(self) -> Access {
        Access { allowed_due: Due::Factor, ..self }
    }

    const fn before_password(self) -> Access {
        Access { allowed_due: Due::Password, ..self }
    }
}

use Permission::{Administer, Batch, Counter, ManageOwn, MoveOwn, ReadAny, ReadAudit, ReadOwn, Reverse};

/// Every route of the API.
pub(crate) const ROUTES: &[Access] = &[
    open("POST", "/members"),
    open("GET", "/meta"),
    open("POST", "/session"),
    open("POST", "/setup"),
    // What is a person's own.
    session("GET", "/session", ManageOwn).before_password(),
    session("DELETE", "/session", ManageOwn).before_password(),
    session("POST", "/session/proof", ManageOwn).before_password(),
    session("GET", "/sessions", ManageOwn),
    session("DELETE", "/sessions/{id}", ManageOwn),
    session("PATCH", "/me", ManageOwn),
    session("POST", "/me/password", ManageOwn).before_password(),
    session("POST", "/me/totp", ManageOwn).before_factor(),
    session("GET", "/me/tokens", ManageOwn),
    session("POST", "/me/tokens", ManageOwn),
    session("DELETE", "/me/tokens/{id}", ManageOwn),
    session("POST", "/accounts", MoveOwn),
    // Reading what is one's own. With `admin_read` staff's tokens see what is others' by the same routes.
    route("GET", "/account-types", ReadOwn, Scope::Read).bounded(),
    route("GET", "/accounts", ReadOwn, Scope::Read).bounded(),
    route("GET", "/accounts/{number}", ReadOwn, Scope::Read).bounded(),
    route("GET", "/accounts/{number}/balance", ReadOwn, Scope::Read).bounded(),
    route("GET", "/accounts/{number}/entries", ReadOwn, Scope::Read).bounded(),
    route("GET", "/accounts/{number}/holds", ReadOwn, Scope::Read).bounded(),
    route("GET", "/transfers", ReadOwn, Scope::Read).bounded(),
    route("GET", "/transfers/{id}", ReadOwn, Scope::Read).bounded(),
    route("GET", "/me/payees", ReadOwn, Scope::Read),
    route("GET", "/payees/{number}", ReadOwn, Scope::Read).bounded(),
    route("GET", "/me/schedules", ReadOwn, Scope::Read).bounded(),
    route("GET", "/me/schedules/{id}", ReadOwn, Scope::Read).bounded(),
    route("GET", "/me/schedules/{id}/runs", ReadOwn, Scope::Read).bounded(),
    route("GET", "/me/events", ReadOwn, Scope::Events),
    route("GET", "/accounts/{number}/events", ReadOwn, Scope::Events).bounded(),
    // Moving money of one's own.
    route("POST", "/quotes", MoveOwn, Scope::Transfer).bounded(),
    route("POST", "/transfers", MoveOwn, Scope::Transfer).bounded(),
    route("POST", "/transfers/{id}/cancel", MoveOwn, Scope::Transfer).bounded(),
    route("POST", "/transfers/batch", Batch, Scope::Batch).bounded(),
    route("POST", "/me/schedules", MoveOwn, Scope::Schedule).bounded(),
    route("POST", "/me/schedules/{id}/{change}", MoveOwn, Scope::Schedule).bounded(),
    // The counter.
    route("POST", "/deposits", Counter, Scope::Counter),
    route("POST", "/withdrawals", Counter, Scope::Counter),
    route("POST", "/sweeps", Counter, Scope::Counter),
    route("POST", "/linked", Counter, Scope::Counter),
    route("POST", "/transfers/{id}/reverse", Reverse, Scope::Counter),
    route("POST", "/holds", Counter, Scope::Hold),
    route("POST", "/transfers/{id}/amend", Counter, Scope::Hold),
    route("POST", "/transfers/{id}/settle", Counter, Scope::Hold),
    route("POST", "/transfers/{id}/void", Counter, Scope::Hold),
    // Reading what is anybody's.
    route("GET", "/admin/account-types", ReadAny, Scope::AdminRead),
    route("GET", "/admin/account-types/{code}", ReadAny, Scope::AdminRead),
    route("GET", "/admin/account-types/{code}/history", ReadAudit, Scope::AdminRead),
    route("GET", "/admin/accounts", ReadAny, Scope::AdminRead),
    route("GET", "/admin/accounts/{number}", ReadAny, Scope::AdminRead),
    route("GET", "/admin/accounts/{number}/history", ReadAudit, Scope::AdminRead),
    route("GET", "/admin/engine", ReadAny, Scope::AdminRead),
    route("GET", "/admin/engine/accounts/{number}", ReadAny, Scope::AdminRead),
    route("GET", "/admin/engine/check", ReadAny, Scope::AdminRead),
    route("GET", "/admin/engine/check/events", ReadAny, Scope::AdminRead),
    route("GET", "/admin/engine/events", ReadAny, Scope::AdminRead),
    route("GET", "/admin/members", ReadAny, Scope::AdminRead),
    route("GET", "/admin/members/{id}", ReadAny, Scope::AdminRead),
    route("GET", "/admin/members/{id}/history", ReadAudit, Scope::AdminRead),
    route("GET", "/admin/pending", ReadAny, Scope::AdminRead),
    route("GET", "/admin/schedules", ReadAny, Scope::AdminRead),
    route("GET", "/admin/tokens", ReadAudit, Scope::AdminRead),
    route("GET", "/admin/transfers", ReadAny, Scope::AdminRead),
    route("GET", "/admin/trial-balance", ReadAny, Scope::AdminRead),
    route("GET", "/admin/audit", ReadAudit, Scope::Audit),
    // Administering.
    route("POST", "/admin/account-types", Administer, Scope::Admin),
    route("PATCH", "/admin/account-types/{code}", Administer, Scope::Admin),
    route("POST", "/admin/accounts", Administer, Scope::Admin),
    route("POST", "/admin/accounts/bulk", Administer, Scope::Admin),
    route("PATCH", "/admin/accounts/{number}", Administer, Scope::Admin),
    route("POST", "/admin/engine/check", Administer, Scope::Admin),
    route("POST", "/admin/schedules/{id}/{change}", Administer, Scope::Admin),
    route("POST", "/admin/transfers/{id}/cancel", Administer, Scope::Admin),
    route("POST", "/admin/transfers/{id}/retry", Administer, Scope::Admin),
    // Members, credentials and tokens need a person.
    session("POST", "/admin/members", Administer),
    session("POST", "/admin/members/bulk", Administer),
    session("PATCH", "/admin/members/{id}", Administer),
    session("POST", "/admin/members/{id}/erase", Administer),
    session("POST", "/admin/members/{id}/password", Administer),
    session("POST", "/admin/members/{id}/totp", Administer),
    session("DELETE", "/admin/tokens/{id}", Administer),
];

static BY_NAME: LazyLock<HashMap<(&str, &str), &Access>> =
    LazyLock::new(|| ROUTES.iter().map(|access| ((access.method, access.path), access)).collect());

impl Access {
    /// The row of a route; `path` is the whole path, with the names of its parts.
    pub(crate) fn of(method: &str, path: &str) -> Option<&'static Access> {
        BY_NAME.get(&(method, path.strip_prefix(BASE)?)).copied()
    }

    /// Whether the caller may call the route.
    ///
    /// # Errors
    /// 403: `password_due`, `not_allowed` for the role, `session_required` for any token where a person is needed,
    /// `scope_missing` for a token without the scope, `token_bound` for one that is bound to what the route does not keep to.
    pub(crate) fn check(&self, caller: &Principal) -> Result<(), Problem> {
        let Some(permission) = self.permission else { return Ok(()) };
        match self.allowed_due {
            Due::Nothing => caller.require(permission)?,
            Due::Factor => caller.require_even_with_totp_due(permission)?,
            Due::Password => caller.require_even_with_password_due(permission)?,
        }
        let Via::Token(_, grant) = &caller.via else { return Ok(()) };
        let Some(scope) = self.scope else { return Err(session_required()) };
        if !grant.covers(scope) {
            return Err(Problem::scope_missing(scope.name()));
        }
        let is_bound = !grant.bounds.accounts.is_empty() || !grant.bounds.payees.is_empty();
        if is_bound && !self.keeps_bounds { Err(Problem::token_bound("it shows more than that")) } else { Ok(()) }
    }
}

fn session_required() -> Problem {
    let detail = "no token is enough for this, whatever its scopes: sign in";
    Problem::new(StatusCode::FORBIDDEN, "session_required", detail)
}

/// Writes into the document who may call each operation.
pub(crate) fn describe(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            if let Some(access) = Access::of(method, path) {
                access.describe(operation);
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, post, patch, put, delete, .. } = item;
    [("GET", get), ("POST", post), ("PATCH", patch), ("PUT", put), ("DELETE", delete)]
        .into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

impl Access {
    fn describe(&self, operation: &mut Operation) {
        let session = SecurityRequirement::new("session", [""; 0]);
        operation.security = Some(match (self.permission, self.scope) {
            (None, _) => vec![SecurityRequirement::default()],
            (Some(_), None) => vec![session],
            (Some(_), Some(scope)) => vec![session, SecurityRequirement::new("token", [scope.name()])],
        });
        let Some(description) = &mut operation.description else { return };
        let scope = match (self.permission, self.scope) {
            (None, _) => return,
            (Some(_), None) => "none: a token cannot do this",
            (Some(_), Some(scope)) => scope.name(),
        };
        description.push_str("\n\nScope: ");
        description.push_str(scope);
    }
}
