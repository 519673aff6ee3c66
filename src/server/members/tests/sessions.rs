use std::time::Duration;

use actix_web::http::header::SET_COOKIE;
use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::json;

use super::{assert_like, cookie_of, sign_in, with_cookie};
use crate::server::testing::{PASSWORD, Town};

async fn session(town: &Town, cookie: &str) -> StatusCode {
    with_cookie(town, cookie, TestRequest::get().uri("/api/v1/session")).await.status
}

async fn begin(town: &Town, username: &str) -> String {
    let answer = sign_in(town, json!({ "username": username, "password": PASSWORD })).await;
    assert_eq!(answer.status, StatusCode::OK);
    cookie_of(&answer)
}

#[actix_web::test]
async fn signing_out_ends_the_session_and_takes_the_cookie_away() {
    let town = Town::new().await;
    let cookie = begin(&town, "mina").await;
    let out = with_cookie(&town, &cookie, TestRequest::delete().uri("/api/v1/session")).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let set = out.headers.get(SET_COOKIE).unwrap().to_str().unwrap();
    assert!(set.starts_with("jangbu-") && set.contains("=;") && set.contains("Max-Age=0"), "{set}");
    assert_eq!(session(&town, &cookie).await, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn sessions_are_listed_and_ended_one_by_one_by_their_owner() {
    let town = Town::new().await;
    let (first, second) = (begin(&town, "mina").await, begin(&town, "mina").await);
    let joons = begin(&town, "joon").await;
    let list = with_cookie(&town, &second, TestRequest::get().uri("/api/v1/sessions")).await;
    assert_like(
        &list.json,
        json!({
            "data": [
                { "id": "*", "created_at": "*", "last_seen_at": "*", "idle_expires_at": "*", "expires_at": "*", "proof_until": "*",
                  "address": "127.0.0.1", "user_agent": "a browser", "current": true },
                { "id": "*", "created_at": "*", "last_seen_at": "*", "idle_expires_at": "*", "expires_at": "*", "proof_until": "*",
                  "address": "127.0.0.1", "user_agent": "a browser", "current": false },
            ],
            "has_more": false, "next": null,
        }),
    );
    let uri = format!("/api/v1/sessions/{}", list.json["data"][1]["id"].as_str().unwrap());
    let foreign = with_cookie(&town, &joons, TestRequest::delete().uri(&uri)).await;
    assert_eq!(foreign.status, StatusCode::NOT_FOUND);
    assert_eq!(session(&town, &first).await, StatusCode::OK);
    let own = with_cookie(&town, &second, TestRequest::delete().uri(&uri)).await;
    assert_eq!(own.status, StatusCode::NO_CONTENT);
    assert_eq!(session(&town, &first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(session(&town, &second).await, StatusCode::OK);
    for id in ["x", "00000000-0000-0000-0000-000000000000"] {
        let uri = format!("/api/v1/sessions/{id}");
        let unknown = with_cookie(&town, &second, TestRequest::delete().uri(&uri)).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{id}");
    }
}

#[actix_web::test]
async fn a_session_ends_when_idle_and_in_any_case_after_its_time() {
    let town = Town::new().await;
    let (idle, busy) = (begin(&town, "mina").await, begin(&town, "mina").await);
    town.clock.advance(Duration::from_secs(29 * 60));
    assert_eq!(session(&town, &busy).await, StatusCode::OK);
    town.clock.advance(Duration::from_secs(2 * 60));
    assert_eq!(session(&town, &idle).await, StatusCode::UNAUTHORIZED);
    let mut lasted = 0;
    while session(&town, &busy).await == StatusCode::OK && lasted < 100 {
        town.clock.advance(Duration::from_secs(29 * 60));
        lasted += 1;
    }
    // 12 hours less the 31 minutes before.
    assert_eq!(lasted, 24);
}

#[actix_web::test]
async fn when_a_session_was_last_used_is_not_written_with_every_request() {
    let town = Town::new().await;
    let cookie = begin(&town, "mina").await;
    let end = || town.service.bank.stats().durable;
    let before = end();
    for _ in 0..5 {
        assert_eq!(session(&town, &cookie).await, StatusCode::OK);
    }
    assert_eq!(end(), before);
    town.clock.advance(Duration::from_secs(180));
    for _ in 0..5 {
        assert_eq!(session(&town, &cookie).await, StatusCode::OK);
    }
    // It is written beside the request.
    assert_eq!(super::memory::differences(&town).await, [""; 0]);
    assert_eq!(end(), before.next());
}

#[actix_web::test]
async fn a_member_has_fifty_sessions_at_most() {
    let town = Town::new().await;
    let first = begin(&town, "mina").await;
    for _ in 0..49 {
        town.clock.advance(Duration::from_secs(1));
        town.cookie("mina").await;
    }
    assert_eq!(town.service.members.sessions_of(town.member("mina").id).len(), 50);
    town.clock.advance(Duration::from_secs(1));
    let last = begin(&town, "mina").await;
    assert_eq!(town.service.members.sessions_of(town.member("mina").id).len(), 50);
    assert_eq!(session(&town, &first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(session(&town, &last).await, StatusCode::OK);
}

#[actix_web::test]
async fn changing_the_password_ends_the_other_sessions() {
    let town = Town::new().await;
    let (this, other) = (begin(&town, "mina").await, begin(&town, "mina").await);
    let change = |current: &str, new: &str| {
        let body = json!({ "current": current, "new": new });
        with_cookie(&town, &this, TestRequest::post().uri("/api/v1/me/password").set_json(body))
    };
    let wrong = change("not the password", "tea in the garden").await;
    assert_eq!((wrong.status, &wrong.json["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("wrong_password")));
    assert_eq!(change(PASSWORD, "password123").await.json["errors"][0]["code"], "too_common");
    assert_eq!(change(PASSWORD, PASSWORD).await.json["errors"][0]["code"], "unchanged");
    assert_eq!(session(&town, &other).await, StatusCode::OK);
    assert_eq!(change(PASSWORD, "tea in the garden").await.status, StatusCode::NO_CONTENT);
    assert_eq!(session(&town, &this).await, StatusCode::OK);
    assert_eq!(session(&town, &other).await, StatusCode::UNAUTHORIZED);
    let old = sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await;
    assert_eq!(old.status, StatusCode::UNAUTHORIZED);
    let new = sign_in(&town, json!({ "username": "mina", "password": "tea in the garden" })).await;
    assert_eq!(new.status, StatusCode::OK);
}

#[actix_web::test]
async fn disabling_a_member_ends_every_session() {
    let town = Town::new().await;
    let cookie = begin(&town, "mina").await;
    let ids = json!({ "ids": [town.member("mina").id], "action": "disable" });
    assert_eq!(town.send("ada", Method::POST, "/admin/members/bulk", ids).await.status, StatusCode::OK);
    assert_eq!(session(&town, &cookie).await, StatusCode::UNAUTHORIZED);
    let ids = json!({ "ids": [town.member("mina").id], "action": "enable" });
    assert_eq!(town.send("ada", Method::POST, "/admin/members/bulk", ids).await.status, StatusCode::OK);
    assert_eq!(session(&town, &cookie).await, StatusCode::UNAUTHORIZED, "a session that ended does not come back");
    begin(&town, "mina").await;
}

#[actix_web::test]
async fn a_password_is_hashed_anew_at_the_first_sign_in_under_other_settings() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let hash = async |town: &Town, who: &str| {
        let found = town.service.members.credentials(town.member(who).id).await.unwrap().unwrap();
        found.credentials.password
    };
    assert!(hash(&town, "mina").await.contains("$m=8,t=1,p=1$"));
    let town = town.reopen_with(directory.path(), |config| config.passwords.memory_kib = 16).await.unwrap();
    let wrong = sign_in(&town, json!({ "username": "joon", "password": "not this one at all" })).await;
    assert_eq!((wrong.status, hash(&town, "joon").await.contains("$m=8,")), (StatusCode::UNAUTHORIZED, true));
    let first = begin(&town, "mina").await;
    let renewed = hash(&town, "mina").await;
    assert!(renewed.contains("$m=16,t=1,p=1$"), "{renewed}");
    let second = begin(&town, "mina").await;
    assert_eq!(hash(&town, "mina").await, renewed, "once is enough");
    assert_eq!((session(&town, &first).await, session(&town, &second).await), (StatusCode::OK, StatusCode::OK));
}

/// Cookies know no ports, and whatever else is on the host can set one of the same name.
#[actix_web::test]
async fn another_bank_s_cookie_is_another_one_and_every_cookie_of_the_name_is_tried() {
    let (town, other) = (Town::new().await, Town::new().await);
    let (own, foreign) = (begin(&town, "mina").await, begin(&other, "mina").await);
    assert_ne!(own.split_once('=').unwrap().0, foreign.split_once('=').unwrap().0);
    let name = own.split_once('=').unwrap().0;
    for cookies in [format!("{foreign}; {own}"), format!("{name}=forged; {own}"), format!("{own}; {name}=forged")] {
        assert_eq!(session(&town, &cookies).await, StatusCode::OK, "{cookies}");
    }
    let many = format!("{}{own}", format!("{name}=forged; ").repeat(50));
    assert_eq!(session(&town, &many).await, StatusCode::UNAUTHORIZED, "and no more than a few");
}
