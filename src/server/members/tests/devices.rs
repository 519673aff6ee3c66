//! Strangers' tries, and the devices that they do not delay.

use std::time::Duration;

use actix_web::http::header::{COOKIE, SET_COOKIE};
use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::json;

use crate::server::testing::{Answer, PASSWORD, Town};

const STRANGER: &str = "203.0.113.66:9";
const HOME: &str = "192.0.2.7:9";

/// `POST /session` from there, by a browser with those cookies.
async fn from(town: &Town, peer: &str, (username, password): (&str, &str), cookies: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    let request = TestRequest::post().uri("/api/v1/session").set_json(body).peer_addr(peer.parse().unwrap());
    town.call(request.insert_header((COOKIE, cookies))).await
}

/// The cookie of the device that came with an answer, whole.
fn whole(answer: &Answer) -> String {
    let mut all = answer.headers.get_all(SET_COOKIE).map(|cookie| cookie.to_str().unwrap().to_owned());
    all.find(|cookie| cookie.contains("-device-")).unwrap_or_else(|| panic!("no device in {:?}", answer.headers))
}

fn device(answer: &Answer) -> String {
    whole(answer).split(';').next().unwrap().to_owned()
}

/// A stranger who tries to guess mina's password, seven times and on.
async fn besiege(town: &Town) {
    for _ in 0..7 {
        from(town, STRANGER, ("mina", "not the password"), "").await;
        town.clock.advance(Duration::from_secs(17));
    }
    from(town, STRANGER, ("mina", "not the password"), "").await;
    assert_eq!(from(town, STRANGER, ("mina", PASSWORD), "").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[actix_web::test]
async fn a_strangers_wrong_tries_delay_the_stranger_and_not_the_member() {
    let town = Town::new().await;
    let known = device(&from(&town, HOME, ("mina", PASSWORD), "").await);
    besiege(&town).await;
    assert_eq!(from(&town, HOME, ("mina", PASSWORD), "").await.status, StatusCode::OK, "from elsewhere");
    let same = from(&town, STRANGER, ("mina", PASSWORD), &known).await;
    assert_eq!(same.status, StatusCode::OK, "with a known device from the same address: {}", same.text);
    let current = json!({ "current": PASSWORD, "new": "another one, just as long" });
    besiege(&town).await;
    let changed = town.send("mina", Method::POST, "/me/password", current).await;
    assert_eq!(changed.status, StatusCode::NO_CONTENT, "signed in already: {}", changed.text);
}

#[actix_web::test]
async fn whoever_has_a_session_alone_does_not_guess_for_long() {
    let town = Town::new().await;
    let wrong = json!({ "current": "not the password", "new": "another one, just as long" });
    let (mut codes, (_, session)) = (Vec::new(), town.cookie("mina").await);
    for _ in 0..4 {
        let headers = [("cookie", session.as_str())];
        let answer = town.send_with(None, Method::POST, "/me/password", wrong.clone(), &headers).await;
        codes.push(answer.status.as_u16());
    }
    assert_eq!(codes, [422, 422, 422, 429]);
    assert_eq!(from(&town, HOME, ("mina", PASSWORD), "").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_device_waits_for_its_own_failures() {
    let town = Town::new().await;
    let known = device(&from(&town, HOME, ("mina", PASSWORD), "").await);
    for _ in 0..3 {
        assert_eq!(from(&town, HOME, ("mina", "mistyped"), &known).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(from(&town, HOME, ("mina", PASSWORD), &known).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from(&town, HOME, ("mina", PASSWORD), "").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_device_is_its_members_and_is_renewed_and_forgotten_with_the_password() {
    let town = Town::new().await;
    let first = from(&town, HOME, ("mina", PASSWORD), "").await;
    let set = whole(&first);
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=15552000"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(!set.contains("mina") && !set.contains(&town.member("mina").id.to_string()), "{set}");
    let renewed = device(&from(&town, HOME, ("mina", PASSWORD), &device(&first)).await);
    assert_ne!(renewed, device(&first));
    assert_eq!(renewed.len(), device(&first).len(), "in place of the one before");
    let shared = device(&from(&town, HOME, ("joon", PASSWORD), &renewed).await);
    besiege(&town).await;
    let joons = device(&from(&town, HOME, ("joon", PASSWORD), "").await);
    assert_eq!(from(&town, STRANGER, ("mina", PASSWORD), &joons).await.status, StatusCode::TOO_MANY_REQUESTS);
    let forged = format!("{}x", &renewed[..renewed.len() - 1]);
    assert_eq!(from(&town, STRANGER, ("mina", PASSWORD), &forged).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        from(&town, STRANGER, ("mina", PASSWORD), &shared).await.status,
        StatusCode::OK,
        "one browser, two members"
    );

    let path = format!("/admin/members/{}/password", town.member("mina").id);
    let reset = town.send("ada", Method::POST, &path, None).await;
    let one_time = reset.json["one_time_password"].as_str().unwrap_or_else(|| panic!("{}", reset.text)).to_owned();
    besiege_again(&town, &one_time, &shared).await;
}

/// A device that was known before a reset is a stranger after it.
async fn besiege_again(town: &Town, password: &str, before: &str) {
    for _ in 0..3 {
        from(town, STRANGER, ("mina", "not the password"), "").await;
    }
    assert_eq!(from(town, STRANGER, ("mina", password), before).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from(town, HOME, ("mina", password), "").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_device_is_known_for_half_a_year_and_by_its_own_bank_alone() {
    let town = Town::new().await;
    let known = device(&from(&town, HOME, ("mina", PASSWORD), "").await);
    let (other, value) = (Town::new().await, known.split_once('=').unwrap().1.to_owned());
    let name = device(&from(&other, HOME, ("joon", PASSWORD), "").await).split_once('=').unwrap().0.to_owned();
    besiege(&other).await;
    let foreign = format!("{name}={value}");
    assert_eq!(from(&other, STRANGER, ("mina", PASSWORD), &foreign).await.status, StatusCode::TOO_MANY_REQUESTS);
    town.clock.advance(Duration::from_secs(180 * 86_400));
    besiege(&town).await;
    assert_eq!(from(&town, STRANGER, ("mina", PASSWORD), &known).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[actix_web::test]
async fn a_known_device_does_not_count_against_its_network() {
    let town = Town::with(|config| config.rates.sign_in_per_address = 2).await;
    let known = device(&from(&town, HOME, ("mina", PASSWORD), "").await);
    for _ in 0..2 {
        from(&town, HOME, ("joon", "not the password"), "").await;
    }
    assert_eq!(from(&town, HOME, ("mina", PASSWORD), "").await.status, StatusCode::TOO_MANY_REQUESTS);
    let second = from(&town, HOME, ("mina", PASSWORD), &known).await;
    assert_eq!(second.status, StatusCode::OK);
    let third = from(&town, HOME, ("mina", PASSWORD), &device(&second)).await;
    assert_eq!(third.status, StatusCode::OK);
    let fourth = from(&town, HOME, ("mina", PASSWORD), &device(&third)).await;
    assert_eq!(fourth.status, StatusCode::TOO_MANY_REQUESTS, "it has a limit of its own");
}
