//! Who may call each route, and what else it needs: permission, scope, a fresh proof, in one table.
//!
//! The layer [`permit`] asks the table before a route runs, and the OpenAPI document is filled from it. A route that is not in
//! the table is answered as if there were none, and fails the test that walks the document. What a route finds out from the
//! body it asks for itself; the table names it.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, ResponseError};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, PathItem};

use super::edge::{Served, unknown};
use super::http::Problem;
use super::identity;
use super::principal::{Permission, Principal, Via};
use super::proof::{Need, session_required};
use super::scopes::Scope;
use super::service::Service;

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
    /// What it needs beside the permission.
    pub(crate) need: Option<Need>,
    /// Another permission that some bodies need, which the route asks for.
    pub(crate) also: Option<Permission>,
}

const fn route(method: &'static str, path: &'static str, permission: Permission, scope: Scope) -> Access {
    let (permission, scope) = (Some(permission), Some(scope));
    Access { method, path, permission, scope, keeps_bounds: false, allowed_due: Due::Nothing, need: None, also: None }
}

/// What needs a person: no token is enough, whatever its scopes.
const fn session(method: &'static str, path: &'static str, permission: Permission) -> Access {
    let permission = Some(permission);
    Access {
        method,
        path,
        permission,
        scope: None,
        keeps_bounds: false,
        allowed_due: Due::Nothing,
        need: None,
        also: None,
    }
}

/// What anyone may call.
const fn open(method: &'static str, path: &'static str) -> Access {
    Access {
        method,
        path,
        permission: None,
        scope: None,
        keeps_bounds: false,
        allowed_due: Due::Nothing,
        need: None,
        also: None,
    }
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

    const fn proven(self) -> Access {
        Access { need: Some(Need::Proof), ..self }
    }

    const fn sometimes(self, permission: Permission) -> Access {
        Access { also: Some(permission), ..self }
    }

    const fn proven_when(self, condition: &'static str) -> Access {
        Access { need: Some(Need::ProofWhen(condition)), ..self }
    }
}

const ABOVE_A_LIMIT: &str = "a limit of the bank's or the member's is passed";
const ABOVE_THE_BANKS: &str = "a limit of the bank's is passed";

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
    session("PATCH", "/me", ManageOwn).proven_when("the e-mail address or `proof_above` changes"),
    session("POST", "/me/password", ManageOwn).before_password().proven(),
    session("POST", "/me/totp", ManageOwn).before_factor().proven(),
    session("GET", "/me/tokens", ManageOwn),
    session("POST", "/me/tokens", ManageOwn).proven(),
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
    route("POST", "/transfers", MoveOwn, Scope::Transfer).bounded().proven_when(ABOVE_A_LIMIT),
    route("POST", "/transfers/{id}/cancel", MoveOwn, Scope::Transfer).bounded(),
    route("POST", "/transfers/batch", Batch, Scope::Batch).bounded().proven_when(ABOVE_A_LIMIT),
    route("POST", "/me/schedules", MoveOwn, Scope::Schedule).bounded().proven_when(ABOVE_A_LIMIT),
    route("POST", "/me/schedules/{id}/{change}", MoveOwn, Scope::Schedule).bounded(),
    // The counter.
    route("POST", "/deposits", Counter, Scope::Counter).proven_when(ABOVE_THE_BANKS),
    route("POST", "/withdrawals", Counter, Scope::Counter).proven_when(ABOVE_THE_BANKS),
    route("POST", "/sweeps", Counter, Scope::Counter).proven_when(ABOVE_THE_BANKS),
    route("POST", "/linked", Counter, Scope::Counter).proven_when(ABOVE_THE_BANKS).sometimes(Reverse),
    route("POST", "/transfers/{id}/reverse", Reverse, Scope::Counter).proven_when(ABOVE_THE_BANKS),
    route("POST", "/holds", Counter, Scope::Hold).proven_when(ABOVE_THE_BANKS),
    route("POST", "/transfers/{id}/amend", Counter, Scope::Hold).proven_when(ABOVE_THE_BANKS),
    route("POST", "/transfers/{id}/settle", Counter, Scope::Hold).proven_when(ABOVE_THE_BANKS),
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
    session("POST", "/admin/members", Administer).proven_when("the role is a staff role"),
    session("POST", "/admin/members/bulk", Administer),
    session("PATCH", "/admin/members/{id}", Administer).proven_when("the role or the e-mail address changes"),
    session("POST", "/admin/members/{id}/erase", Administer).proven(),
    session("POST", "/admin/members/{id}/password", Administer).proven(),
    session("POST", "/admin/members/{id}/totp", Administer).proven(),
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
    /// 403: `password_due`, `not_allowed` for the role, `totp_due`, `session_required` for any token where a person is needed,
    /// `scope_missing` for a token without the scope, `token_bound` for one that is bound to what the route does not keep to,
    /// `proof_required` where a person has to have proven to be there.
    fn check(&self, caller: &Principal) -> Result<(), Problem> {
        let Some(permission) = self.permission else { return Ok(()) };
        if caller.member.password_due && self.allowed_due != Due::Password {
            return Err(due("password_due", "change your password first"));
        }
        caller.require(permission)?;
        if caller.presence.factor_is_due && self.allowed_due == Due::Nothing {
            return Err(due("totp_due", "set up a second factor first: `POST /api/v1/me/totp`"));
        }
        if let Via::Token(_, grant) = &caller.via {
            let scope = self.scope.ok_or_else(session_required)?;
            if !grant.covers(scope) {
                return Err(Problem::scope_missing(scope.name()));
            }
            let is_bound = !grant.bounds.accounts.is_empty() || !grant.bounds.payees.is_empty();
            if is_bound && !self.keeps_bounds {
                return Err(Problem::token_bound("this operation shows more than that"));
            }
        }
        if self.need == Some(Need::Proof) { caller.presence.require() } else { Ok(()) }
    }
}

fn due(code: &'static str, detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, code, detail)
}

/// Finds out who calls a route and whether they may, before the route sees the request; it takes the caller as a
/// [`Principal`]. What the table does not have is served by nobody. The layer stands around the scope of the API, so
/// whatever is routed there passes it, however its path is written.
pub(crate) async fn permit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let served = request.app_data::<Data<Served>>().cloned();
    let method = request.method().as_str();
    let pattern = served.as_ref().and_then(|served| served.pattern_of(method, request.path()));
    let Some(access) = pattern.and_then(|pattern| Access::of(method, pattern)) else {
        let answer = match request.path().starts_with(BASE) {
            true => unknown(request.request().clone()).await,
            // Written so that only the router takes it for the API.
            false => Problem::not_found().error_response(),
        };
        return Ok(request.into_response(answer));
    };
    match permitted(&request, access).await {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(problem) => Ok(request.into_response(problem.error_response())),
    }
}

async fn permitted(request: &ServiceRequest, access: &Access) -> Result<(), Problem> {
    if access.permission.is_none() {
        return Ok(());
    }
    let service = request.app_data::<Data<Service>>().ok_or_else(Problem::unauthorised)?;
    let caller = service.members.authenticate(request.request()).await?;
    identity::confirm(request.request(), caller.id())?;
    access.check(&caller)?;
    request.extensions_mut().insert(Permitted { caller, access: *access });
    Ok(())
}

/// Who was found to call, and the row by which they may.
#[derive(Debug)]
struct Permitted {
    caller: Principal,
    access: Access,
}

/// Who calls this route. A router that found another route than the table was asked for finds nobody.
pub(crate) fn permitted_caller(request: &HttpRequest) -> Option<Principal> {
    let extensions = request.extensions();
    let Permitted { caller, access } = extensions.get::<Permitted>()?;
    let path = request.match_pattern()?;
    let is_the_route = Access::of(request.method().as_str(), &path) == Some(access);
    is_the_route.then(|| caller.clone())
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
        let description = operation.description.get_or_insert_default();
        if !description.is_empty() {
            description.push_str("\n\n");
        }
        description.push_str("Permission: ");
        description.push_str(self.permission.map_or("anyone", Permission::name));
        let scope = match (self.permission, self.scope) {
            (None, _) => return,
            (Some(_), None) => "none; a session is required",
            (Some(_), Some(scope)) => scope.name(),
        };
        description.push_str("\n\nScope: ");
        description.push_str(scope);
        match self.need {
            Some(Need::Proof) => description.push_str("\n\nFresh proof: always"),
            Some(Need::ProofWhen(condition)) => {
                description.push_str("\n\nFresh proof: when ");
                description.push_str(condition);
            }
            None => {}
        }
        if let Some(also) = self.also {
            description.push_str("\n\nPermission required by some bodies: ");
            description.push_str(also.name());
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, HttpResponse, web};

    use super::*;
    use crate::server::testing::Town;

    /// Routes that somebody added and forgot to put into the table: one that wants to know who calls, and one that does not.
    #[actix_web::test]
    async fn a_route_that_is_not_in_the_table_is_served_by_nobody() {
        let town = Town::new().await;
        let forgotten = |_: Principal| async { HttpResponse::Ok().finish() };
        let document: OpenApi =
            serde_json::from_str(&town.call(TestRequest::with_uri("/api/openapi.json")).await.text).unwrap();
        let app = App::new()
            .app_data(town.service.clone())
            .app_data(Data::new(Served::by(&document)))
            .service(
                web::scope("/api/v1")
                    .wrap(from_fn(permit))
                    .route("/forgotten", web::post().to(forgotten))
                    .route("/forgotten/{id}", web::get().to(HttpResponse::Ok))
                    .route("/meta", web::get().to(HttpResponse::Ok))
                    .route("/accounts", web::get().to(forgotten)),
            )
            .route("/elsewhere", web::get().to(HttpResponse::Ok));
        let app = init_service(app).await;
        let cookie = town.cookie("ada").await;
        for (method, path, with_cookie, without) in [
            ("POST", "/api/v1/forgotten", 404, 404),
            ("GET", "/api/v1/forgotten/1", 404, 404),
            ("GET", "/api/v1/meta", 200, 200),
            ("GET", "/api/v1/accounts", 200, 401),
            ("GET", "/api/v1/acc%6funts", 404, 404),
            ("GET", "/%61pi/v1/accounts", 404, 404),
            ("GET", "/elsewhere", 200, 200),
        ] {
            let request = || TestRequest::with_uri(path).method(method.parse().unwrap());
            let known = call_service(&app, request().insert_header(cookie.clone()).to_request()).await.status();
            let unknown = call_service(&app, request().to_request()).await.status();
            assert_eq!((known.as_u16(), unknown.as_u16()), (with_cookie, without), "{method} {path}");
        }
    }
}
