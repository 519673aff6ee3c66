use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{assert_like, sign_in};
use crate::server::members::second_factor::code_at;
use crate::server::testing::{Answer, PASSWORD, Town};

/// Gives mina a second factor: its secret and the recovery codes.
pub(super) async fn enabled(town: &Town) -> (String, Vec<String>) {
    let begun = town.send("mina", Method::POST, "/me/totp", json!({ "action": "begin" })).await;
    assert_like(&begun.json, json!({ "secret": "*", "uri": "*" }));
    let uri = begun.json["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Jangbu:mina?") && uri.contains("issuer=Jangbu"), "{uri}");
    let secret = begun.json["secret"].as_str().unwrap().to_owned();
    let wrong = town.send("mina", Method::POST, "/me/totp", json!({ "action": "confirm", "code": "abc" })).await;
    assert_eq!((wrong.status, &wrong.json["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("totp_wrong")));
    let code = code_at(&secret, town.service.time.now());
    let confirmed = town.send("mina", Method::POST, "/me/totp", json!({ "action": "confirm", "code": code })).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.text);
    let codes: Vec<String> = serde_json::from_value(confirmed.json["recovery_codes"].clone()).unwrap();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

/// Members know their bank by its name, and authenticators read no colon within one.
#[actix_web::test]
async fn an_authenticator_shows_the_name_of_the_bank() {
    let town = Town::with(|config| config.name = "은행: Ost".into()).await;
    let begun = town.send("mina", Method::POST, "/me/totp", json!({ "action": "begin" })).await;
    let uri = begun.json["uri"].as_str().unwrap();
    let name = "%EC%9D%80%ED%96%89%20%20Ost";
    assert!(
        uri.starts_with(&format!("otpauth://totp/{name}:mina?")) && uri.ends_with(&format!("issuer={name}")),
        "{uri}"
    );
}

async fn with(town: &Town, field: &str, value: impl Into<Value>) -> Answer {
    let mut body = json!({ "username": "mina", "password": PASSWORD });
    body[field] = value.into();
    sign_in(town, body).await
}

#[actix_web::test]
async fn a_code_is_asked_for_and_accepted_once() {
    let town = Town::new().await;
    let (secret, _) = enabled(&town).await;
    let missing = sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await;
    assert_eq!((missing.status, &missing.json["code"]), (StatusCode::UNAUTHORIZED, &json!("totp_required")));
    let used = with(&town, "totp", code_at(&secret, town.service.time.now())).await;
    assert_eq!(used.json["code"], "totp_wrong", "the code that confirmed the secret was used");
    town.clock.advance(Duration::from_secs(60));
    let code = code_at(&secret, town.service.time.now());
    assert_eq!(with(&town, "totp", &*code).await.status, StatusCode::OK);
    assert_eq!(with(&town, "totp", &*code).await.json["code"], "totp_wrong");
    let wrong = sign_in(&town, json!({ "username": "mina", "password": "not it", "totp": code })).await;
    assert_eq!(wrong.json["code"], "wrong_credentials", "a wrong password is told first");
}

#[actix_web::test]
async fn one_step_either_way_is_allowed_and_no_more() {
    let town = Town::new().await;
    let (secret, _) = enabled(&town).await;
    for (seconds, status) in [(-90_i64, 401), (-30, 200), (90, 401), (30, 200)] {
        town.clock.advance(Duration::from_secs(300));
        let at = town.service.time.now().as_ns() + seconds * 1_000_000_000;
        let code = code_at(&secret, jangbu::Timestamp::from_ns(at));
        assert_eq!(with(&town, "totp", code).await.status.as_u16(), status, "{seconds} s");
    }
}

#[actix_web::test]
async fn the_same_code_twice_at_once_signs_in_once() {
    let town = Town::new().await;
    let (secret, _) = enabled(&town).await;
    town.clock.advance(Duration::from_secs(60));
    let code = code_at(&secret, town.service.time.now());
    let (one, other) = tokio::join!(with(&town, "totp", &*code), with(&town, "totp", &*code));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

#[actix_web::test]
async fn each_recovery_code_stands_in_once() {
    let town = Town::new().await;
    let (_, codes) = enabled(&town).await;
    assert_eq!(with(&town, "recovery_code", codes[0].to_uppercase()).await.status, StatusCode::OK);
    assert_eq!(with(&town, "recovery_code", &*codes[0]).await.json["code"], "totp_wrong");
    assert_eq!(with(&town, "recovery_code", &*codes[1]).await.status, StatusCode::OK);
    assert_eq!(with(&town, "recovery_code", "aaaa-bbbb-cccc-dddd").await.json["code"], "totp_wrong");
}

#[actix_web::test]
async fn a_second_factor_is_taken_away_once() {
    let town = Town::new().await;
    enabled(&town).await;
    let again = town.send("mina", Method::POST, "/me/totp", json!({ "action": "begin" })).await;
    assert_eq!(again.json["code"], "totp_enabled");
    let disable = || town.send("mina", Method::POST, "/me/totp", json!({ "action": "disable" }));
    assert_eq!(disable().await.status, StatusCode::NO_CONTENT);
    assert_eq!(disable().await.json["code"], "totp_disabled");
    assert!(!town.member("mina").has_totp);
    let alone = sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await;
    assert_eq!(alone.status, StatusCode::OK);
    let unknown = town.send("mina", Method::POST, "/me/totp", json!({ "action": "begin", "x": 1 })).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn an_administrator_takes_a_lost_factor_away() {
    let town = Town::new().await;
    enabled(&town).await;
    let path = format!("/admin/members/{}/totp", town.member("mina").id);
    assert_eq!(town.send("theo", Method::POST, &path, None).await.status, StatusCode::FORBIDDEN);
    assert_eq!(town.send("ada", Method::POST, &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(town.send("ada", Method::POST, &path, None).await.json["code"], "totp_disabled");
    assert_eq!(sign_in(&town, json!({ "username": "mina", "password": PASSWORD })).await.status, StatusCode::OK);
}
