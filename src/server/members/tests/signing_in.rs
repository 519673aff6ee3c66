use std::time::Duration;

use actix_web::http::header::{RETRY_AFTER, SET_COOKIE};
use actix_web::http::{Method, StatusCode};
use serde_json::json;

use super::{assert_like, cookie_of, sign_in, with_cookie};
use crate::server::testing::{PASSWORD, Town};
use actix_web::test::TestRequest;

#[actix_web::test]
async fn a_session_begins_with_a_cookie_and_says_who_it_is() {
    let town = Town::new().await;
    let answer = sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_like(
        &answer.json,
        json!({
            "member": {
                "id": "*", "username": "mina", "name": "Mina Kim", "email": "mina@example.com", "household": null, "role": "member",
                "totp": false, "disabled": false, "erased": false, "password_due": false, "free_transfers_per_day": 3,
                "proof_above": {},
                "joined_at": "*", "version": "*",
            },
            "session": {
                "id": "*", "created_at": "*", "last_seen_at": "*", "idle_expires_at": "*", "expires_at": "*", "proof_until": "*",
                "address": "127.0.0.1", "user_agent": "a browser", "current": true,
            },
            "totp_due": false,
        }),
    );
    let set = answer.headers.get(SET_COOKIE).unwrap().to_str().unwrap();
    let (value, attributes) = set.split_once("; ").unwrap();
    let (name, secret) = value.split_once('=').unwrap();
    assert_eq!(name, format!("jangbu-{}", town.service.bank.fingerprint().await.unwrap()));
    assert_eq!(secret.len(), 43, "{set}");
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Strict"]);
    let again = with_cookie(&town, value, TestRequest::get().uri("/api/v1/session")).await;
    assert_eq!(again.json["member"]["username"], "mina");
}

#[actix_web::test]
async fn behind_https_the_cookie_is_the_hosts_and_secure() {
    let town = Town::with(|config| config.public_url = Some("https://bank.example".parse().unwrap())).await;
    let answer = sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await;
    let set = answer.headers.get(SET_COOKIE).unwrap().to_str().unwrap();
    assert!(set.starts_with("__Host-jangbu-") && set.contains("; Secure") && set.contains("; HttpOnly"), "{set}");
}

#[actix_web::test]
async fn an_unknown_name_and_a_wrong_password_get_the_same_answer_for_the_same_work() {
    let town = Town::new().await;
    let mut answers = Vec::new();
    for username in ["mina", "nobody"] {
        let before = town.service.members.hasher.computed();
        let answer = sign_in(&town, json!({ "username": username, "password": "not the password" })).await;
        let mut problem = answer.json;
        // The only thing that tells two requests apart.
        assert!(problem.as_object_mut().unwrap().remove("request_id").is_some());
        answers.push((answer.status, problem.to_string(), town.service.members.hasher.computed() - before));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!((answers[0].0, answers[0].2), (StatusCode::UNAUTHORIZED, 1));
    assert!(answers[0].1.contains("wrong_credentials"), "{}", answers[0].1);
}

#[actix_web::test]
async fn failures_delay_the_next_try_and_lock_nobody_out() {
    let town = Town::new().await;
    let wrong = || sign_in(&town, json!({ "username": "mina", "password": "not the password" }));
    for _ in 0..3 {
        assert_eq!(wrong().await.status, StatusCode::UNAUTHORIZED);
    }
    let before = town.service.members.hasher.computed();
    let delayed = sign_in(&town, json!({ "username": "Mina", "password": PASSWORD })).await;
    assert_eq!((delayed.status, &delayed.json["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limited")));
    assert_eq!(delayed.headers.get(RETRY_AFTER).unwrap(), "1");
    assert_eq!(town.service.members.hasher.computed(), before, "what is too early is not looked at");
    for _ in 0..3 {
        assert_eq!(sign_in(&town, json!({ "username": "nobody", "password": "x" })).await.status, 401);
    }
    assert_eq!(sign_in(&town, json!({ "username": "nobody", "password": "x" })).await.status, 429, "unknown names too");
    town.clock.advance(Duration::from_secs(1));
    assert_eq!(sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await.status, StatusCode::OK);
    assert_eq!(wrong().await.status, StatusCode::UNAUTHORIZED, "success forgets");
}

#[actix_web::test]
async fn failures_under_a_false_clock_lock_nobody_out_when_it_is_set_right() {
    let town = Town::new().await;
    let wrong = || sign_in(&town, json!({ "username": "mina", "password": "not the password" }));
    town.clock.mislead(Duration::from_secs(365 * 24 * 60 * 60));
    for _ in 0..3 {
        assert_eq!(wrong().await.status, StatusCode::UNAUTHORIZED);
    }
    town.clock.correct();
    town.clock.advance(Duration::from_secs(1));
    assert_eq!(sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await.status, StatusCode::OK);
}

#[actix_web::test]
async fn signing_in_renews_the_session() {
    let town = Town::new().await;
    let body = json!({ "username": "mina", "password": PASSWORD });
    let first = cookie_of(&sign_in(&town, body.clone()).await);
    let request = TestRequest::post().uri("/api/v1/session").set_json(body);
    let second = cookie_of(&with_cookie(&town, &first, request).await);
    assert_ne!(first, second);
    let state = |cookie: String| async move { cookie };
    let before = with_cookie(&town, &state(first).await, TestRequest::get().uri("/api/v1/session")).await;
    assert_eq!(before.status, StatusCode::UNAUTHORIZED);
    let after = with_cookie(&town, &second, TestRequest::get().uri("/api/v1/session")).await;
    assert_eq!(after.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_disabled_member_is_told_so_only_with_the_right_password() {
    let town = Town::new().await;
    let mina = town.member("mina");
    let path = format!("/admin/members/{}", mina.id);
    let change = json!({ "version": mina.version.get(), "disabled": true });
    assert_eq!(town.send("ada", Method::PATCH, &path, change).await.status, StatusCode::OK);
    let right = sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await;
    assert_eq!((right.status, &right.json["code"]), (StatusCode::FORBIDDEN, &json!("member_disabled")));
    let wrong = sign_in(&town, json!({ "username": "mina", "password": "not the password" })).await;
    assert_eq!(wrong.json["code"], "wrong_credentials");
}

#[actix_web::test]
async fn nothing_secret_is_in_a_debug_text() {
    let town = Town::new().await;
    let answer = sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await;
    let secret = cookie_of(&answer).split_once('=').unwrap().1.to_owned();
    let text = format!("{:?}", town.service);
    assert!(!text.contains(&secret) && !text.contains(PASSWORD) && !text.contains("argon2id"), "{text}");
}
