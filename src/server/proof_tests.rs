//! Compares every operation about credentials in the OpenAPI document with the table of fresh proofs.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::access::{Access, ROUTES};
use super::matrix_tests::{Operation, body, operations};
use super::principal::Permission;
use super::proof::Need;
use super::testing::{PASSWORD, Town};

/// Operations about members, credentials, sessions and tokens that change something without a fresh proof, with the
/// reason. A new operation must be in this list or in the table.
const NEED_NONE: &[(&str, &str)] = &[
    ("POST /session", "it is a proof itself"),
    ("POST /session/proof", "it is a proof itself"),
    ("DELETE /session", "it gives nothing"),
    ("DELETE /sessions/{id}", "it takes away"),
    ("DELETE /me/tokens/{id}", "it takes away, and no token may: `manage_own`"),
    ("DELETE /admin/tokens/{id}", "it takes away, and no token may"),
    ("POST /members", "nobody is signed in yet"),
    ("POST /setup", "nobody is signed in yet"),
    ("POST /me/schedules/{id}/{change}", "its amount was proven when it was made"),
    ("POST /admin/members/bulk", "it enables and disables, and gives nobody credentials"),
];

fn name(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

fn need(operation: &Operation) -> Option<Need> {
    Access::of(operation.method.as_str(), &format!("/api/v1{}", operation.path)).and_then(|access| access.need)
}

fn is_about_credentials(path: &str) -> bool {
    let roots = ["/me", "/session", "/setup", "/members", "/admin/members", "/admin/tokens"];
    roots.iter().any(|root| path.starts_with(root))
}

#[actix_web::test]
async fn operations_on_credentials_require_a_proof_or_have_a_reason() {
    let town = Town::new().await;
    let operations = operations(&town).await;
    for operation in operations.iter().filter(|one| is_about_credentials(&one.path) && !one.method.is_safe()) {
        let is_listed = NEED_NONE.iter().any(|(listed, _)| *listed == name(operation));
        assert_ne!(need(operation).is_some(), is_listed, "{}: list it in exactly one place", name(operation));
    }
}

#[actix_web::test]
async fn the_document_names_required_proofs() {
    let town = Town::new().await;
    let document = town.call(TestRequest::with_uri("/api/openapi.json")).await.json;
    for operation in operations(&town).await {
        let method = operation.method.as_str().to_lowercase();
        let said = &document["paths"][format!("/api/v1{}", operation.path)][method];
        let description = said["description"].as_str().unwrap();
        let by_token = said["security"].as_array().into_iter().flatten().any(|way| way.get("token").is_some());
        let told = description.split_once("\n\nFresh proof: ").and_then(|(_, told)| told.split("\n\n").next());
        let told = told.map(str::to_owned);
        let (expected, is_persons) = match need(&operation) {
            None => (None, false),
            Some(Need::Proof) => (Some("always".to_owned()), true),
            Some(Need::ProofWhen(condition)) => (Some(format!("when {condition}")), false),
        };
        assert_eq!(told, expected, "{}", name(&operation));
        assert!(!(is_persons && by_token), "{}: a token is not a proof", name(&operation));
    }
}

#[actix_web::test]
async fn permissions_required_by_some_bodies_are_named() {
    let town = Town::new().await;
    let document = town.call(TestRequest::with_uri("/api/openapi.json")).await.json;
    let named: Vec<_> = ROUTES.iter().filter_map(|access| Some((access, access.also?))).collect();
    assert_eq!(named.iter().map(|(access, _)| access.path).collect::<Vec<_>>(), ["/linked"]);
    for (access, also) in named {
        let path = format!("/api/v1{}", access.path);
        let said = document["paths"][path][access.method.to_lowercase()]["description"].as_str().unwrap().to_owned();
        let (words, _) = said.split_once("Permission: ").unwrap();
        assert!(words.contains(&format!("permission `{}`", also.name())), "{said}");
        assert!(said.ends_with(&format!("Permission required by some bodies: {}", also.name())), "{said}");
    }
}

/// Creates a hold and a transfer of joon's above the limit, and enough money for more.
async fn at_the_counter(town: &Town) -> (String, String) {
    let won = |amount| jangbu::Amount::new(amount).unwrap();
    for account in [town.mina, town.joon] {
        town.service.bank.deposit(jangbu::CashPosting::new(account, won(500_000))).await.unwrap();
    }
    let hold = jangbu::holds::PlaceHold::new(town.joon, town.mina, won(60_000));
    let transfer = jangbu::Transfer::new(town.joon, town.mina, won(60_000));
    let ids = (hold.id.to_string(), transfer.id.to_string());
    town.service.bank.place_hold(hold).await.unwrap();
    town.service.bank.transfer(transfer).await.unwrap();
    ids
}

/// Returns a request that requires a fresh proof whatever the condition.
async fn request(town: &Town, operation: &Operation) -> (String, Option<Value>) {
    let (hold, transfer) = at_the_counter(town).await;
    let (mina, joon) = (town.mina.to_string(), town.joon.to_string());
    let id = town.member("joon").id.to_string();
    let path = operation.path.replace("{id}", &id);
    let large = json!({ "from": mina, "to": joon, "amount": 90_000 });
    let json = match name(operation).as_str() {
        "PATCH /me" => json!({ "email": "thief@example.com" }),
        "POST /me/schedules" => {
            json!({ "from": mina, "to": joon, "amount": 90_000, "rule": { "every": "day", "time": "09:30" } })
        }
        "POST /transfers" => large,
        "POST /deposits" => json!({ "to": mina, "amount": 90_000 }),
        "POST /withdrawals" => json!({ "from": mina, "amount": 90_000 }),
        "POST /sweeps" => json!({ "account": joon, "against": mina }),
        "POST /holds" => json!({ "from": joon, "to": mina, "amount": 90_000 }),
        "POST /linked" => json!({ "steps": [{ "type": "transfer", "from": joon, "to": mina, "amount": 90_000 }] }),
        "POST /transfers/{id}/amend" => return (format!("/transfers/{hold}/amend"), Some(json!({ "amount": 90_000 }))),
        "POST /transfers/{id}/settle" => return (format!("/transfers/{hold}/settle"), Some(json!({}))),
        "POST /transfers/{id}/reverse" => return (format!("/transfers/{transfer}/reverse"), Some(json!({}))),
        "POST /transfers/batch" => json!([large]),
        "POST /admin/members" => {
            json!({ "username": "thief", "name": "T", "email": "t@example.com", "role": "admin" })
        }
        "PATCH /admin/members/{id}" => json!({ "version": town.member("joon").version.get(), "role": "admin" }),
        other => return (path, body(town, other, &mina, &joon, &id).filter(|_| operation.has_body)),
    };
    (path, Some(json))
}

/// A caller with an old session, and one with a token with every scope, tries every operation that gives power.
#[actix_web::test]
async fn tokens_and_old_sessions_cannot_do_what_requires_a_proof() {
    let town = Town::with(|config| config.proof.above = [(jangbu::Currency::krw(), 50_000)].into()).await;
    let mut tried = 0;
    for operation in operations(&town).await {
        if need(&operation).is_none() {
            continue;
        }
        let is_own =
            matches!(operation.permission, Some(Permission::ManageOwn | Permission::MoveOwn | Permission::Batch));
        let who = if is_own { "mina" } else { "ada" };
        let scopes = match who {
            "ada" => json!(crate::server::scopes::Scope::ALL),
            _ => json!(["read", "transfer", "batch", "schedule"]),
        };
        let expires_at = town.service.time.now().after(Duration::from_secs(86_400)).to_string();
        let wanted = json!({ "name": "t", "scopes": scopes, "expires_at": expires_at });
        let made = town.send(who, Method::POST, "/me/tokens", wanted).await;
        let token = ("authorization", format!("Bearer {}", made.json["secret"].as_str().unwrap()));
        let old = town.cookie(who).await;
        town.clock.advance(Duration::from_secs(6 * 60));
        let (path, body) = request(&town, &operation).await;
        let before = town.service.bank.stats().durable;
        for (header, codes) in [(token, &["session_required", "not_allowed"][..]), (old.clone(), &["proof_required"])] {
            let mut request = TestRequest::with_uri(&format!("/api/v1{path}")).method(operation.method.clone());
            request = request.insert_header(header);
            if let Some(body) = &body {
                request = request.set_json(body);
            }
            let answer = town.call(request).await;
            let code = answer.json["code"].as_str().unwrap_or_default();
            assert_eq!(answer.status, 403, "{}: {}", name(&operation), answer.text);
            assert!(codes.contains(&code), "{}: {}", name(&operation), answer.text);
        }
        // The last use of the session and the token is written.
        let after = town.service.bank.stats().durable;
        assert!(after.get() - before.get() <= 2, "{} wrote something", name(&operation));
        let proof = TestRequest::post().uri("/api/v1/session/proof").insert_header(old.clone());
        assert_eq!(town.call(proof.set_json(json!({ "password": PASSWORD }))).await.status, 200);
        let mut request = TestRequest::with_uri(&format!("/api/v1{path}")).method(operation.method.clone());
        request = request.insert_header(old);
        if let Some(body) = &body {
            request = request.set_json(body);
        }
        let answer = town.call(request).await;
        assert_ne!(answer.status, 403, "{}: {}", name(&operation), answer.text);
        tried += 1;
        // The operation may have been an erasure.
        if town.service.members.find_by_username("joon").is_none() {
            let new = json!({ "username": "joon", "password": PASSWORD, "name": "J", "email": "j@example.com" });
            town.send(None, Method::POST, "/members", new).await;
        }
    }
    assert_eq!(tried, ROUTES.iter().filter(|access| access.need.is_some()).count());
}
