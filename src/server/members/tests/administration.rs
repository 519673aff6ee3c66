use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{assert_like, cookie_of, sign_in, with_cookie};
use crate::server::testing::{Answer, Town};

async fn patch(town: &Town, username: &str, change: Value) -> Answer {
    let member = town.member(username);
    let mut body = change;
    if body.get("version").is_none() {
        body["version"] = member.version.get().into();
    }
    town.send("ada", Method::PATCH, &format!("/admin/members/{}", member.id), body).await
}

#[actix_web::test]
async fn members_are_searched_filtered_sorted_paged_and_exported() {
    let town = Town::new().await;
    let names = |answer: &Answer| -> Vec<String> {
        let rows = answer.json["data"].as_array().unwrap().iter();
        rows.map(|row| row["username"].as_str().unwrap().to_owned()).collect()
    };
    for (query, expected) in [
        ("?sort=username", &["ada", "auda", "joon", "mina", "theo"][..]),
        ("?sort=role,-username", &["ada", "auda", "mina", "joon", "theo"]),
        ("?role=member&sort=username", &["joon", "mina"]),
        ("?q=AUDITOR", &["auda"]),
        ("?q=%ED%99%8D", &["joon"]),
        ("?disabled=true", &[]),
        ("?sort=username&limit=2&page=2", &["joon", "mina"]),
    ] {
        let answer = town.get(Some("auda"), &format!("/admin/members{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert_eq!(names(&answer), expected, "{query}");
    }
    let first = town.get(Some("theo"), "/admin/members?sort=username&limit=3").await;
    assert_eq!((&first.json["total"], &first.json["has_more"]), (&json!(5), &json!(true)));
    let next = format!("/admin/members?sort=username&limit=3&cursor={}", first.json["next"].as_str().unwrap());
    assert_eq!(names(&town.get(Some("theo"), &next).await), ["mina", "theo"]);
    for wrong in ["?sort=password", "?limit=0", "?page=0", "?role=king", "?x=1"] {
        let answer = town.get(Some("ada"), &format!("/admin/members{wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let csv = town.send_with("ada", Method::GET, "/admin/members", None, &[("accept", "text/csv")]).await;
    let lines: Vec<_> = csv.text.lines().collect();
    assert!(lines[0].starts_with("\u{feff}id,username,name,email,role"), "{}", csv.text);
    assert_eq!(lines.len(), 6);
    assert_eq!(town.get(Some("mina"), "/admin/members").await.status, StatusCode::FORBIDDEN);
}

#[actix_web::test]
async fn a_change_names_the_version_and_tells_the_ledger() {
    let town = Town::new().await;
    let old = town.member("mina").version.get();
    let changed = patch(&town, "mina", json!({ "free_transfers_per_day": 7, "email": "park@example.com" })).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    assert_eq!(changed.json["free_transfers_per_day"], 7);
    assert_eq!(town.service.bank.snapshot(town.mina).await.unwrap().free_transfers_left, 7);
    let stale = patch(&town, "mina", json!({ "version": old, "name": "Other" })).await;
    assert_eq!((stale.status, &stale.json["code"]), (StatusCode::CONFLICT, &json!("conflict")));
    assert_eq!(stale.json["figures"]["version"], changed.json["version"]);
    let same = patch(&town, "mina", json!({ "name": "Mina Kim" })).await;
    assert_eq!(same.json["version"], changed.json["version"], "nothing changes, nothing is written");
    let unknown = "/admin/members/00000000-0000-0000-0000-000000000000";
    assert_eq!(town.send("ada", Method::PATCH, unknown, json!({ "version": 1 })).await.status, StatusCode::NOT_FOUND);
    assert_eq!(town.get(Some("ada"), "/admin/members/x").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn the_last_administrator_stays_one() {
    let town = Town::new().await;
    for change in [json!({ "role": "member" }), json!({ "disabled": true })] {
        let answer = patch(&town, "ada", change).await;
        assert_eq!((answer.status, &answer.json["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("last_admin")));
    }
    let erase = format!("/admin/members/{}/erase", town.member("ada").id);
    assert_eq!(town.send("ada", Method::POST, &erase, None).await.json["code"], "last_admin");
    let ids = json!({ "ids": [town.member("ada").id, town.member("theo").id], "action": "disable" });
    let bulk = town.send("ada", Method::POST, "/admin/members/bulk", ids).await;
    assert_eq!(bulk.json["data"][0]["problem"]["code"], "last_admin");
    assert_eq!(bulk.json["data"][1]["member"]["disabled"], true);

    assert_eq!(patch(&town, "auda", json!({ "role": "admin" })).await.status, StatusCode::OK);
    // Each takes the other's role away at the same time: one of them is too late.
    let demote = |by: &'static str, whom: &str| {
        let whom = town.member(whom);
        let (path, body) =
            (format!("/admin/members/{}", whom.id), json!({ "version": whom.version.get(), "role": "member" }));
        let town = &town;
        async move { town.send(by, Method::PATCH, &path, body).await.status.as_u16() }
    };
    let (one, other) = tokio::join!(demote("ada", "auda"), demote("auda", "ada"));
    assert!(one == 200 && other != 200 || one != 200 && other == 200, "{one} {other}");
}

#[actix_web::test]
async fn a_member_made_by_an_administrator_changes_the_password_first_of_all() {
    let town = Town::new().await;
    let new = json!({ "username": "tess", "name": "Tess", "email": "tess@example.com", "role": "teller" });
    let made = town.send("ada", Method::POST, "/admin/members", new).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let password = made.json["one_time_password"].as_str().unwrap();
    let signed_in = sign_in(&town, json!({ "username": "tess", "password": password })).await;
    assert_eq!(signed_in.json["member"]["password_due"], true);
    let cookie = cookie_of(&signed_in);
    let due = with_cookie(&town, &cookie, TestRequest::get().uri("/api/v1/admin/members")).await;
    assert_eq!((due.status, &due.json["code"]), (StatusCode::FORBIDDEN, &json!("password_due")));
    let body = json!({ "current": password, "new": "tea in the garden" });
    let change = TestRequest::post().uri("/api/v1/me/password").set_json(body);
    assert_eq!(with_cookie(&town, &cookie, change).await.status, StatusCode::NO_CONTENT);
    let now = with_cookie(&town, &cookie, TestRequest::get().uri("/api/v1/admin/members")).await;
    assert_eq!(now.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_reset_password_ends_sessions_and_does_not_last() {
    let town = Town::new().await;
    let (_, cookie) = town.cookie("mina").await;
    let path = format!("/admin/members/{}/password", town.member("mina").id);
    assert_eq!(town.send("theo", Method::POST, &path, None).await.status, StatusCode::FORBIDDEN);
    let reset = town.send("ada", Method::POST, &path, None).await;
    assert_like(&reset.json, json!({ "one_time_password": "*" }));
    let session = with_cookie(&town, &cookie, TestRequest::get().uri("/api/v1/session")).await;
    assert_eq!(session.status, StatusCode::UNAUTHORIZED);
    let body = json!({ "username": "mina", "password": reset.json["one_time_password"] });
    assert_eq!(sign_in(&town, body.clone()).await.status, StatusCode::OK);
    town.clock.advance(Duration::from_secs(72 * 3_600));
    assert_eq!(sign_in(&town, body).await.json["code"], "wrong_credentials");
}

/// However memory fell behind the journal, it is read again, and a member can be changed.
#[actix_web::test]
async fn a_member_whose_record_is_newer_than_memory_is_read_again() {
    let town = Town::new().await;
    let mina = town.member("mina");
    let key = mina.id.to_string();
    let record = town.service.bank.record("member", &key).await.unwrap().unwrap();
    let put = jangbu::records::RecordPut { kind: "member".into(), key, value: Some(record.value), expected: None };
    town.service.bank.put_records(vec![put]).await.unwrap();
    let change = async || town.send("mina", Method::PATCH, "/me", json!({ "name": "Mina Park" })).await;
    assert_eq!(change().await.json["code"], "conflict");
    assert!(town.member("mina").version > mina.version);
    assert_eq!(change().await.status, StatusCode::OK);
    // Erasing takes no version, and no second try.
    let path = format!("/admin/members/{}/erase", mina.id);
    assert_eq!(town.send("ada", Method::POST, &path, None).await.status, StatusCode::OK);
}
