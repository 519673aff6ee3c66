//! Every operation of the OpenAPI document that is about credentials, against the table of what needs a person.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::matrix_tests::{Operation, body, operations};
use super::proof::{NEEDS, Need};
use super::testing::{PASSWORD, Town};

/// What is about members, credentials, sessions and tokens, changes something and needs no person, with the reason. Whatever
/// is added there has to be in this list or in the table.
const NEED_NONE: &[(&str, &str)] = &[
    ("POST /session", "it is a proof itself"),
    ("POST /session/proof", "it is a proof itself"),
    ("DELETE /session", "it gives nothing"),
    ("DELETE /sessions/{id}", "it takes away"),
    ("DELETE /me/tokens/{id}", "it takes away, and no token may: `manage_own`"),
    ("POST /members", "nobody is signed in yet"),
    ("POST /setup", "nobody is signed in yet"),
    ("POST /me/schedules/{id}/{change}", "its amount was proven when it was made"),
    ("POST /admin/members/bulk", "it enables and disables, and gives nobody credentials"),
];

fn name(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

fn need(operation: &Operation) -> Option<Need> {
    let is = |(method, path, _): &&(&str, &str, Need)| *method == operation.method.as_str() && *path == operation.path;
    NEEDS.iter().find(is).map(|(_, _, need)| *need)
}

fn is_about_credentials(path: &str) -> bool {
    let roots = ["/me", "/session", "/setup", "/members", "/admin/members", "/admin/tokens"];
    roots.iter().any(|root| path.starts_with(root))
}

#[actix_web::test]
async fn whatever_is_about_credentials_needs_a_person_or_says_why_not() {
    let town = Town::new().await;
    let operations = operations(&town).await;
    for (method, path, _) in NEEDS {
        let found = operations.iter().any(|one| one.method.as_str() == *method && one.path == *path);
        assert!(found, "there is no {method} {path}");
    }
    for operation in operations.iter().filter(|one| is_about_credentials(&one.path) && !one.method.is_safe()) {
        let is_listed = NEED_NONE.iter().any(|(listed, _)| *listed == name(operation));
        assert_ne!(need(operation).is_some(), is_listed, "{}: say in one place what it needs", name(operation));
    }
}

#[actix_web::test]
async fn the_document_says_what_needs_a_person() {
    let town = Town::new().await;
    let document = town.call(TestRequest::with_uri("/api/openapi.json")).await.json;
    for operation in operations(&town).await {
        let method = operation.method.as_str().to_lowercase();
        let said = &document["paths"][format!("/api/v1{}", operation.path)][method];
        let description = said["description"].as_str().unwrap().replace('\n', " ");
        let by_token = said["security"].as_array().into_iter().flatten().any(|way| way.get("token").is_some());
        let about = name(&operation);
        match need(&operation) {
            None => assert!(!description.to_lowercase().contains("needs a fresh proof"), "{about}"),
            Some(Need::Session) => assert!(description.contains("no token may") && !by_token, "{about}"),
            Some(Need::Proof) => assert!(description.contains("Needs a fresh proof") && !by_token, "{about}"),
            Some(Need::ProofWhen(_)) => {
                assert!(
                    description.contains("eeds a fresh proof when") || description.contains("it needs a fresh proof"),
                    "{about}"
                );
            }
        }
    }
}

/// A request to the operation that needs a person whatever the condition is.
fn request(town: &Town, operation: &Operation) -> (String, Option<Value>) {
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
        "POST /transfers/batch" => json!([large]),
        "POST /admin/members" => {
            json!({ "username": "thief", "name": "T", "email": "t@example.com", "role": "admin" })
        }
        "PATCH /admin/members/{id}" => json!({ "version": town.member("joon").version.get(), "role": "admin" }),
        other => return (path, body(town, other, &mina, &joon, &id).filter(|_| operation.has_body)),
    };
    (path, Some(json))
}

/// Somebody with a session that is old, and a token of every scope, tries everything that gives power.
#[actix_web::test]
async fn no_token_and_no_old_session_does_what_needs_a_person() {
    let town = Town::with(|config| config.proof.above = [(jangbu::Currency::krw(), 50_000)].into()).await;
    let mut tried = 0;
    for operation in operations(&town).await {
        let Some(need) = need(&operation) else { continue };
        let who = if operation.path.starts_with("/admin/") { "ada" } else { "mina" };
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
        let (path, body) = request(&town, &operation);
        let before = town.service.bank.stats().durable;
        for (header, codes) in [(token, &["session_required", "not_allowed"][..]), (old.clone(), &["proof_required"])] {
            let mut request = TestRequest::with_uri(&format!("/api/v1{path}")).method(operation.method.clone());
            request = request.insert_header(header);
            if let Some(body) = &body {
                request = request.set_json(body);
            }
            let answer = town.call(request).await;
            let code = answer.json["code"].as_str().unwrap_or_default();
            if need == Need::Session && codes == ["proof_required"] {
                assert_eq!(answer.status, 404, "a session is enough: {} {}", name(&operation), answer.text);
            } else {
                assert_eq!(answer.status, 403, "{}: {}", name(&operation), answer.text);
                assert!(codes.contains(&code), "{}: {}", name(&operation), answer.text);
            }
        }
        // When the session and the token were last used is written down.
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
        // It may have been an erasure.
        if town.service.members.find_by_username("joon").is_none() {
            let new = json!({ "username": "joon", "password": PASSWORD, "name": "J", "email": "j@example.com" });
            town.send(None, Method::POST, "/members", new).await;
        }
    }
    assert_eq!(tried, NEEDS.len());
}
