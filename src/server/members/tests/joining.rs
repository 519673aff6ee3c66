use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::assert_like;
use crate::server::testing::Town;

fn haru() -> Value {
    json!({ "username": "haru", "password": "tea in the garden", "name": "Haru Lee", "email": "haru@example.com" })
}

fn haru_with(field: &str, value: &str) -> Value {
    let mut body = haru();
    body[field] = value.into();
    body
}

#[actix_web::test]
async fn anyone_signs_up_and_may_then_sign_in() {
    let town = Town::new().await;
    let joined = town.send(None, Method::POST, "/members", haru()).await;
    assert_eq!(joined.status, StatusCode::CREATED);
    assert_like(
        &joined.json,
        json!({
            "id": "*", "username": "haru", "name": "Haru Lee", "email": "haru@example.com", "household": null, "role": "member",
            "totp": false, "disabled": false, "erased": false, "password_due": false, "free_transfers_per_day": 3,
                "proof_above": {},
            "joined_at": "*", "version": "*",
        }),
    );
    let signed_in = super::sign_in(&town, json!({ "username": "HARU", "password": "tea in the garden" })).await;
    assert_eq!(signed_in.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_username_is_one_members_without_regard_to_case() {
    let town = Town::new().await;
    let taken = town.send(None, Method::POST, "/members", haru_with("username", "MINA")).await;
    assert_eq!((taken.status, &taken.json["code"]), (StatusCode::CONFLICT, &json!("username_taken")));
    // Two at once: the record of the name decides.
    let (one, other) = tokio::join!(
        town.send(None, Method::POST, "/members", haru()),
        town.send(None, Method::POST, "/members", haru_with("username", "Haru"))
    );
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[actix_web::test]
async fn fields_are_what_they_must_be() {
    let town = Town::new().await;
    for (field, value, code) in [
        ("username", "ab", "invalid"),
        ("username", "with space", "invalid"),
        ("username", &*"x".repeat(41), "invalid"),
        ("password", "short", "too_short"),
        ("password", "password123", "too_common"),
        ("name", "", "invalid"),
        ("name", "a\nb", "control_character"),
        ("name", "\u{202e}anim", "direction_control"),
        ("email", "nobody", "invalid"),
        ("email", "a b@example.com", "invalid"),
    ] {
        let answer = town.send(None, Method::POST, "/members", haru_with(field, value)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{field} {value:?}");
        assert_eq!(answer.json["errors"][0]["field"], field, "{value:?}");
        assert_eq!(answer.json["errors"][0]["code"], code, "{field} {value:?}");
    }
    let same = json!({ "username": "tea.garden", "password": "Tea.Garden", "name": "H", "email": "h@example.com" });
    let answer = town.send(None, Method::POST, "/members", same).await;
    assert_eq!(answer.json["errors"][0]["code"], "contains_username");
    let unknown = town.send(None, Method::POST, "/members", haru_with("role", "admin")).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST, "nobody makes themselves an administrator");
}

#[actix_web::test]
async fn signing_up_can_be_switched_off() {
    let town = Town::with(|config| config.sign_up = false).await;
    let answer = town.send(None, Method::POST, "/members", haru()).await;
    assert_eq!((answer.status, &answer.json["code"]), (StatusCode::FORBIDDEN, &json!("sign_up_closed")));
}

#[actix_web::test]
async fn a_profile_is_changed_by_its_owner() {
    let town = Town::new().await;
    let changed = town.send("mina", Method::PATCH, "/me", json!({ "name": "Mina Park" })).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_eq!((&changed.json["name"], &changed.json["email"]), (&json!("Mina Park"), &json!("mina@example.com")));
    let wrong = town.send("mina", Method::PATCH, "/me", json!({ "email": "nowhere" })).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let role = town.send("mina", Method::PATCH, "/me", json!({ "role": "admin" })).await;
    assert_eq!(role.status, StatusCode::BAD_REQUEST);
    assert_eq!(town.get(None, "/session").await.status, StatusCode::UNAUTHORIZED);
}
