use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::assert_like;
use crate::server::testing::{Answer, Town};

fn wanted(town: &Town, scopes: Value) -> Value {
    let expires_at = town.service.time.now().after(Duration::from_secs(86_400)).to_string();
    json!({ "name": "till", "scopes": scopes, "expires_at": expires_at })
}

async fn bearer(town: &Town, secret: &str, uri: &str) -> Answer {
    let request = TestRequest::get().uri(&format!("/api/v1{uri}"));
    town.call(request.insert_header(("authorization", format!("Bearer {secret}")))).await
}

#[actix_web::test]
async fn a_token_is_shown_once_and_does_what_its_scopes_and_role_allow() {
    let town = Town::new().await;
    let made = town.send("ada", Method::POST, "/me/tokens", wanted(&town, json!(["admin_read"]))).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let token = json!({
        "id": "*", "member": "*", "username": "ada", "name": "till", "scopes": ["admin_read"], "bounds": {}, "active": true,
        "created_at": "*", "expires_at": "*", "last_used_at": null, "last_used_from": null, "revoked_at": null,
    });
    assert_like(&made.json, json!({ "secret": "*", "token": token }));
    let secret = made.json["secret"].as_str().unwrap();
    assert!(secret.starts_with("jb_") && secret.len() == 46);
    let list = town.get(Some("ada"), "/me/tokens").await;
    assert_like(&list.json, json!({ "data": [token], "has_more": false, "next": null }));
    assert!(!list.text.contains(secret));
    assert_eq!(bearer(&town, secret, "/admin/members").await.status, StatusCode::OK);
    let own = format!("/api/v1/admin/tokens/{}", made.json["token"]["id"].as_str().unwrap());
    let outside = TestRequest::delete().uri(&own).insert_header(("authorization", format!("Bearer {secret}")));
    let outside = town.call(outside).await;
    assert_eq!(outside.status, StatusCode::FORBIDDEN, "the role would allow it, the scope does not");
    assert_eq!(bearer(&town, secret, "/me/tokens").await.status, StatusCode::FORBIDDEN, "no token makes tokens");
    let used = town.get(Some("ada"), "/me/tokens").await;
    assert!(used.json["data"][0]["last_used_at"].is_string());
    assert_eq!(bearer(&town, "jb_nothing", "/admin/members").await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_token_stays_within_its_owners_role_and_ends_when_that_changes() {
    let town = Town::new().await;
    let beyond = town.send("mina", Method::POST, "/me/tokens", wanted(&town, json!(["admin"]))).await;
    assert_eq!(beyond.status, StatusCode::FORBIDDEN);
    let made = town.send("theo", Method::POST, "/me/tokens", wanted(&town, json!(["admin_read", "counter"]))).await;
    let secret = made.json["secret"].as_str().unwrap();
    assert_eq!(bearer(&town, secret, "/admin/members").await.status, StatusCode::OK);
    let theo = town.member("theo");
    let change = json!({ "version": theo.version.get(), "role": "member" });
    let path = format!("/admin/members/{}", theo.id);
    assert_eq!(town.send("ada", Method::PATCH, &path, change).await.status, StatusCode::OK);
    assert_eq!(bearer(&town, secret, "/accounts").await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn tokens_end_by_time_by_their_owner_and_by_an_administrator() {
    let town = Town::new().await;
    let mut secrets = Vec::new();
    for _ in 0..3 {
        let made = town.send("theo", Method::POST, "/me/tokens", wanted(&town, json!(["admin_read"]))).await;
        let id = made.json["token"]["id"].as_str().unwrap().to_owned();
        secrets.push((made.json["secret"].as_str().unwrap().to_owned(), id));
    }
    let [(first, first_id), (second, second_id), (third, _)] = &secrets[..] else { panic!() };
    let path = format!("/me/tokens/{first_id}");
    assert_eq!(town.send("mina", Method::DELETE, &path, None).await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.send("theo", Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bearer(&town, first, "/admin/members").await.status, StatusCode::UNAUTHORIZED);
    let path = format!("/admin/tokens/{second_id}");
    assert_eq!(town.send("auda", Method::DELETE, &path, None).await.status, StatusCode::FORBIDDEN);
    assert_eq!(town.send("ada", Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(bearer(&town, second, "/admin/members").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(bearer(&town, third, "/admin/members").await.status, StatusCode::OK);
    let list = town.get(Some("ada"), "/admin/tokens?active=false&sort=created_at").await;
    assert_eq!((&list.json["total"], &list.json["counts"]["active"]), (&json!(2), &json!({ "true": 1, "false": 2 })));
    town.clock.advance(Duration::from_secs(86_400));
    assert_eq!(bearer(&town, third, "/admin/members").await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn what_a_token_cannot_be() {
    let town = Town::new().await;
    for (field, value) in [
        ("name", json!("")),
        ("scopes", json!([])),
        ("scopes", json!(["everything"])),
        ("expires_at", json!("2020-01-01T00:00:00Z")),
        ("expires_at", json!("2999-01-01T00:00:00Z")),
        ("expires_at", json!("tomorrow")),
        ("secret", json!("jb_mine")),
    ] {
        let mut body = wanted(&town, json!(["read"]));
        body[field] = value.clone();
        let answer = town.send("mina", Method::POST, "/me/tokens", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{field} {value}");
    }
}
