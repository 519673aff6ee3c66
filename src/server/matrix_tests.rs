//! Every operation of the OpenAPI document, by every role, with session and token, on one's own, others' and unknown
//! things.
//!
//! An operation fails the tests if it is missing in the table of [`super::access`], if its description differs from the
//! table, or if [`body`] does not know its body. So none can be forgotten.

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::access::{Access, ROUTES};
use super::principal::{Permission, Role};
use super::scopes::Scope;
use super::testing::Town;

/// The callers: the town's people, and an unauthenticated client.
const CALLERS: [Option<&str>; 5] = [None, Some("mina"), Some("theo"), Some("auda"), Some("ada")];
/// How the caller is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    Session,
    /// A token with every scope that fits the role.
    Token,
}

const MEANS: [Means; 2] = [Means::Session, Means::Token];
/// An id that does not exist.
const UNKNOWN: &str = "01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c";

/// An operation of the document.
pub(super) struct Operation {
    pub(super) method: Method,
    pub(super) path: String,
    /// `None` if anyone may call it.
    pub(super) permission: Option<Permission>,
    /// `None` if it requires a session, or if anyone may call it.
    scope: Option<Scope>,
    pub(super) has_body: bool,
    /// Whether it accepts an `Idempotency-Key`.
    pub(super) takes_key: bool,
    /// The query parameters, and whether each may be repeated.
    pub(super) query: Vec<(String, bool)>,
}

/// The owner of the thing that an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The caller.
    Own,
    /// Joon, who never calls.
    Foreign,
    /// Nobody: it does not exist.
    Unknown,
}

/// The things that operations are about.
pub(super) struct Things {
    pub(super) mina: Ids,
    pub(super) joon: Ids,
    /// Created by the administrator.
    kind: String,
}

/// A member's things.
pub(super) struct Ids {
    pub(super) member: String,
    pub(super) account: String,
    transfer: String,
    session: String,
    token: String,
}

pub(super) async fn operations(town: &Town) -> Vec<Operation> {
    let answer = town.call(TestRequest::with_uri("/api/openapi.json")).await;
    let paths = answer.json["paths"].as_object().unwrap().clone();
    let mut found = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let name = format!("{method} {path}");
            let description = operation["description"].as_str().unwrap_or_else(|| panic!("{name} has no description"));
            let access = Access::of(&method.to_uppercase(), &path);
            let access = access.unwrap_or_else(|| panic!("{name} is not in the table of `access.rs`"));
            let said = description.split_once("Permission: ").map(|(_, said)| said.trim());
            // Further requirements are tested in `proof_tests.rs`.
            let said = said.and_then(|said| said.split("\n\nFresh proof: ").next());
            assert_eq!(said, Some(&*said_of(access)), "the description of {name} differs from the table");
            found.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.strip_prefix("/api/v1").unwrap_or_else(|| panic!("{name} is not below /api/v1")).into(),
                permission: access.permission,
                scope: access.scope,
                has_body: !operation["requestBody"].is_null(),
                takes_key: parameters(operation).any(|parameter| parameter["name"] == "Idempotency-Key"),
                query: query_of(operation),
            });
        }
    }
    found
}

/// Returns the part of a description that states who may call the operation.
fn said_of(access: &Access) -> String {
    let Some(permission) = access.permission else { return "anyone".into() };
    let scope = access.scope.map_or("none; a session is required", Scope::name);
    format!("{}\n\nScope: {scope}", permission.name())
}

fn parameters(operation: &Value) -> impl Iterator<Item = &Value> {
    operation["parameters"].as_array().into_iter().flatten()
}

/// Returns the query parameters of an operation.
fn query_of(operation: &Value) -> Vec<(String, bool)> {
    let in_query = parameters(operation).filter(|parameter| parameter["in"] == "query");
    let named = |parameter: &Value| {
        let kind = &parameter["schema"]["type"];
        let is_list = *kind == "array" || kind.as_array().is_some_and(|kinds| kinds.contains(&"array".into()));
        (text(&parameter["name"]), is_list)
    };
    in_query.map(named).collect()
}

/// Returns a body that fits the schema, about `account` and `other`.
pub(super) fn body(town: &Town, operation: &str, account: &str, other: &str, member: &str) -> Option<Value> {
    let transfer = json!({ "from": account, "to": other, "amount": 1 });
    Some(match operation {
        "POST /members" => {
            json!({ "username": "somebody", "password": "a long enough one", "name": "S", "email": "s@example.com" })
        }
        "POST /session" => json!({ "username": "nobody", "password": "not this one" }),
        "POST /session/proof" => json!({ "password": "not this one" }),
        "POST /setup" => json!({ "token": "no such", "username": "root", "password": "a long enough one", "name": "R",
            "email": "r@example.com" }),
        "PATCH /me" => json!({ "name": "Another Name" }),
        "POST /me/password" => json!({ "current": "not this one", "new": "a long enough one" }),
        "POST /me/totp" => json!({ "action": "begin" }),
        "POST /me/tokens" => json!({ "name": "t", "scopes": ["read"], "expires_at": in_a_month(town),
            "bounds": { "addresses": ["127.0.0.0/8"], "per_day": [{ "currency": "KRW", "amount": 1 }] } }),
        "POST /accounts" => json!({ "type": "matrix" }),
        "POST /quotes" | "POST /transfers" => transfer,
        "POST /holds" => json!({ "from": account, "to": other, "amount": 1 }),
        "POST /transfers/batch" => json!([transfer]),
        "POST /transfers/{id}/cancel" => json!({}),
        "POST /transfers/{id}/settle" => json!({}),
        "POST /transfers/{id}/amend" => json!({ "amount": 1 }),
        "POST /transfers/{id}/void" => json!({}),
        "POST /transfers/{id}/reverse" => json!({}),
        "POST /deposits" => json!({ "to": account, "amount": 1 }),
        "POST /withdrawals" => json!({ "from": account, "amount": 1 }),
        "POST /sweeps" => json!({ "account": account, "against": other }),
        "POST /linked" => json!({ "steps": [{ "type": "transfer", "from": account, "to": other, "amount": 1 }] }),
        "POST /me/schedules" => {
            json!({ "from": account, "to": other, "amount": 1, "rule": { "every": "day", "time": "09:30" } })
        }
        "POST /admin/accounts" => json!({ "owner": member, "type": "matrix" }),
        "PATCH /admin/accounts/{number}" => json!({ "version": 1 }),
        "POST /admin/accounts/bulk" => json!({ "numbers": [account], "action": "unfreeze" }),
        "POST /admin/account-types" => json!({ "code": "other", "name": "Other", "currency": "KRW" }),
        "PATCH /admin/account-types/{code}" => json!({ "version": 1, "name": "Renamed" }),
        "POST /admin/members" => {
            json!({ "username": "newcomer", "name": "N", "email": "n@example.com", "role": "member" })
        }
        "PATCH /admin/members/{id}" => json!({ "version": 1 }),
        "POST /admin/members/bulk" => json!({ "ids": [member], "action": "enable" }),
        "POST /admin/engine/check" => json!({}),
        _ => return None,
    })
}

impl Things {
    pub(super) async fn of(town: &Town) -> Things {
        let kind = json!({ "code": "matrix", "name": "Matrix", "currency": "KRW" });
        town.send("ada", Method::POST, "/admin/account-types", kind).await;
        let mut mina = Ids::of(town, "mina", &town.mina.to_string()).await;
        // The sender of incoming money is the bank itself.
        let pay = json!({ "from": town.mina.to_string(), "to": town.joon.to_string(), "amount": 1 });
        mina.transfer = text(&town.send("mina", Method::POST, "/transfers", pay).await.json["id"]);
        Things { mina, joon: Ids::of(town, "joon", &town.joon.to_string()).await, kind: "matrix".into() }
    }

    /// Returns the operation's path, about somebody's thing.
    pub(super) fn path(&self, path: &str, whose: Whose) -> String {
        let ids = match whose {
            Whose::Own => &self.mina,
            Whose::Foreign | Whose::Unknown => &self.joon,
        };
        let id = match path {
            path if path.contains("/transfers/{id}") => &ids.transfer,
            path if path.starts_with("/sessions/") => &ids.session,
            path if path.contains("/tokens/{id}") => &ids.token,
            path if path.contains("/members/{id}") => &ids.member,
            _ => UNKNOWN,
        };
        let unknown = whose == Whose::Unknown;
        path.replace("{number}", if unknown { "NOSUCHNUMBER" } else { &ids.account })
            .replace("{code}", if unknown { "nosuch" } else { &self.kind })
            .replace("{id}", if unknown { UNKNOWN } else { id })
    }
}

impl Ids {
    async fn of(town: &Town, username: &str, account: &str) -> Ids {
        let deposit = town.send("theo", Method::POST, "/deposits", json!({ "to": account, "amount": 10 })).await;
        assert_eq!(deposit.status, StatusCode::CREATED, "{}", deposit.text);
        let session = town.get(Some(username), "/session").await;
        let wanted = json!({ "name": "t", "scopes": ["read"], "expires_at": in_a_month(town) });
        let token = town.send(username, Method::POST, "/me/tokens", wanted).await;
        Ids {
            member: town.member(username).id.to_string(),
            account: account.into(),
            transfer: text(&deposit.json["id"]),
            session: text(&session.json["session"]["id"]),
            token: text(&token.json["token"]["id"]),
        }
    }
}

/// Returns the `Authorization` header of a new token.
async fn bearer(town: &Town, who: &str, scopes: &[Scope]) -> String {
    let wanted = json!({ "name": "matrix", "scopes": scopes, "expires_at": in_a_month(town) });
    let made = town.send(who, Method::POST, "/me/tokens", wanted).await;
    format!("Bearer {}", text(&made.json["secret"]))
}

fn in_a_month(town: &Town) -> String {
    town.service.time.now().after(std::time::Duration::from_secs(30 * 86_400)).to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).into()
}

fn role(town: &Town, who: &str) -> Role {
    town.member(who).role
}

/// Returns whether an operation is about somebody else's account by design.
fn is_about_others(path: &str) -> bool {
    path.starts_with("/payees/")
}

#[actix_web::test]
async fn every_operation_requires_its_permission_and_hides_others_things() {
    let town = Town::new().await;
    let things = Things::of(&town).await;
    let operations = operations(&town).await;
    let mut tokens = Vec::new();
    for who in CALLERS.into_iter().flatten() {
        let scopes: Vec<_> = Scope::ALL.into_iter().filter(|scope| scope.fits(role(&town, who))).collect();
        tokens.push((who, bearer(&town, who, &scopes).await));
    }
    assert!(operations.len() > 30, "{} operations are too few to be all", operations.len());
    let mut faults = Vec::new();
    for operation in &operations {
        let Operation { method, path, permission, has_body, .. } = operation;
        let name = format!("{method} {path}");
        for (who, means) in CALLERS.into_iter().flat_map(|who| MEANS.map(|means| (who, means))) {
            let token = tokens.iter().find(|(owner, _)| Some(*owner) == who).map(|(_, token)| token.as_str());
            let token = token.filter(|_| means == Means::Token);
            if who.is_none() && means == Means::Token {
                continue;
            }
            // Changes by staff are tested with each route; here they would only damage the town.
            let is_end = matches!(path.as_str(), "/session" | "/me/password") && *method != Method::GET;
            if is_end && who.is_some() && token.is_none() {
                continue;
            }
            let before = town.service.bank.snapshot(town.joon).await.unwrap();
            let mut answers = Vec::new();
            for whose in [Whose::Own, Whose::Foreign, Whose::Unknown] {
                if !path.contains('{') && whose != Whose::Own && !has_body {
                    continue;
                }
                // An administrator could really erase a member, who is needed later.
                let is_final = path.starts_with("/admin/members/{id}") && *method != Method::GET;
                if is_final && who == Some("ada") && whose != Whose::Unknown {
                    continue;
                }
                let (mine, theirs) = (&things.mina, &things.joon);
                let account = match whose {
                    Whose::Own => &mine.account,
                    Whose::Foreign => &theirs.account,
                    Whose::Unknown => "NOSUCHNUMBER",
                };
                let other = if whose == Whose::Own { &theirs.account } else { &mine.account };
                let json = has_body.then(|| {
                    body(&town, &name, account, other, &things.mina.member)
                        .unwrap_or_else(|| panic!("add the body of {name} to `body`"))
                });
                let place = things.path(path, whose);
                let answer = match token {
                    Some(token) => {
                        town.send_with(None, method.clone(), &place, json, &[("authorization", token)]).await
                    }
                    None => town.send(who, method.clone(), &place, json).await,
                };
                let status = answer.status;
                let about = format!("{name} by {who:?} with {means:?} about {whose:?}: {status} {}", answer.text);
                let allowed = match (permission, who) {
                    (None, _) => true,
                    (Some(_), None) => false,
                    (Some(permission), Some(who)) => role(&town, who).allows(*permission),
                };
                let is_right = match (who, permission) {
                    _ if status.as_u16() >= 500 => false,
                    (Some(_), Some(_)) if allowed && token.is_some() && operation.scope.is_none() => {
                        answer.json["code"] == "session_required"
                    }
                    (None, Some(_)) => status == StatusCode::UNAUTHORIZED,
                    (Some(_), _) if !allowed => matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND),
                    // A 400 would mean that the body of this test does not fit.
                    (Some("mina"), Some(_)) if whose == Whose::Own => !matches!(status.as_u16(), 400 | 401 | 403),
                    (Some("mina"), Some(_)) if path.contains('{') && !is_about_others(path) => {
                        status == StatusCode::NOT_FOUND
                    }
                    _ => true,
                };
                if !is_right {
                    faults.push(about);
                }
                answers.push((whose, status, answer.json));
            }
            if who == Some("mina") && path.contains('{') && !is_about_others(path) {
                let plain = |wanted: Whose| {
                    let (_, status, json) = answers.iter().find(|(whose, ..)| *whose == wanted).unwrap();
                    let mut json = json.clone();
                    json.as_object_mut().map(|fields| fields.remove("request_id"));
                    (*status, json)
                };
                if plain(Whose::Foreign) != plain(Whose::Unknown) {
                    faults.push(format!("{name} tells that joon's is there"));
                }
            }
            if matches!(who, None | Some("mina" | "auda")) {
                let after = town.service.bank.snapshot(town.joon).await.unwrap();
                assert!(after.posted >= before.posted, "{name} by {who:?} took joon's money");
                assert_eq!((after.held, after.frozen), (before.held, before.frozen), "{name} by {who:?}");
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[actix_web::test]
async fn every_row_of_the_table_is_an_operation() {
    let town = Town::new().await;
    let operations = operations(&town).await;
    for access in ROUTES {
        let is_there = operations.iter().any(|one| (one.method.as_str(), &*one.path) == (access.method, access.path));
        assert!(is_there, "{} {} is in the table but not in the document", access.method, access.path);
    }
    assert_eq!(operations.len(), ROUTES.len());
}

#[actix_web::test]
async fn every_operation_accepts_only_its_scope() {
    let town = Town::new().await;
    let things = Things::of(&town).await;
    let mut tokens = Vec::new();
    for scope in Scope::ALL {
        tokens.push((scope, bearer(&town, "ada", &[scope]).await));
    }
    let mut faults = Vec::new();
    for operation in operations(&town).await.iter().filter(|operation| operation.permission.is_some()) {
        let Operation { method, path, has_body, .. } = operation;
        let name = format!("{method} {path}");
        let json = has_body.then(|| body(&town, &name, "NOSUCHNUMBER", "NOSUCHNUMBER", UNKNOWN).unwrap());
        for (scope, token) in &tokens {
            let place = things.path(path, Whose::Unknown);
            let headers = [("authorization", token.as_str())];
            let answer = town.send_with(None, method.clone(), &place, json.clone(), &headers).await;
            let code = answer.json["code"].as_str().unwrap_or_default();
            let is_right = match operation.scope {
                None => code == "session_required",
                Some(wanted) if scope.covers(wanted) => {
                    !matches!(answer.status.as_u16(), 401 | 403 | 500..) && !code.starts_with("token_")
                }
                Some(_) => (answer.status, code) == (StatusCode::FORBIDDEN, "scope_missing"),
            };
            if !is_right {
                faults.push(format!("{name} with {}: {} {}", scope.name(), answer.status, answer.text));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
