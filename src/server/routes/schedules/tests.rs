//! Standing orders in town.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::server::testing::Town;

fn rent(town: &Town) -> Value {
    json!({
        "from": town.mina, "to": town.joon, "amount": 500, "sender_label": "rent",
        "rule": { "every": "month", "day": 31, "time": "09:00" }, "ends_after": 12,
        "retry": { "attempts": 2, "interval_s": 3_600 },
    })
}

#[actix_web::test]
async fn a_schedule_is_made_paused_resumed_and_cancelled() {
    let town = Town::new().await;
    let made = town.send("mina", Method::POST, "/me/schedules", rent(&town)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let json = &made.json;
    assert_eq!(json["rule"], json!({ "every": "month", "interval": 1, "day": 31, "time": "09:00" }));
    assert_eq!(
        (&json["status"], &json["currency"], &json["ends_after"]),
        (&json!("active"), &json!("KRW"), &json!(12))
    );
    assert!(json["next_at"].is_string() && json["last"].is_null());
    let path = format!("/me/schedules/{}", json["id"].as_str().unwrap());
    let list = town.get(Some("mina"), "/me/schedules").await.json;
    assert_eq!((list["data"].as_array().unwrap().len(), &list["data"][0]["id"]), (1, &json["id"]));
    // Who is paid, and staff, do not see it here.
    for who in ["joon", "ada"] {
        assert_eq!(town.get(Some(who), "/me/schedules").await.json["data"], json!([]), "{who}");
        assert_eq!(town.get(Some(who), &path).await.status, 404, "{who}");
        assert_eq!(town.send(who, Method::POST, &format!("{path}/cancel"), None).await.status, 404, "{who}");
        assert_eq!(town.get(Some(who), &format!("{path}/runs")).await.status, 404, "{who}");
    }
    for (change, status) in [("pause", "paused"), ("resume", "active"), ("cancel", "ended")] {
        let changed = town.send("mina", Method::POST, &format!("{path}/{change}"), None).await;
        assert_eq!((changed.status.as_u16(), &changed.json["status"]), (200, &json!(status)), "{change}");
    }
    let over = town.send("mina", Method::POST, &format!("{path}/pause"), None).await;
    assert_eq!((over.status.as_u16(), &over.json["code"]), (409, &json!("schedule_ended")));
    assert_eq!(town.get(Some("mina"), &path).await.json["ended"], "cancelled");
    assert_eq!(town.get(Some("mina"), "/me/schedules").await.json["data"], json!([]));
    assert_eq!(town.get(Some("mina"), &format!("{path}/runs")).await.json["data"], json!([]));
}

#[actix_web::test]
async fn a_schedule_pays_from_own_accounts_by_a_calendar() {
    let town = Town::new().await;
    let ask = |change: Value| {
        let mut wanted = rent(&town);
        wanted.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let town = &town;
        async move { town.send("mina", Method::POST, "/me/schedules", wanted).await.status.as_u16() }
    };
    for (change, status) in [
        (json!({ "from": town.joon }), 404),
        (json!({ "from": "NONE" }), 404),
        (json!({ "to": "NONE" }), 422),
        (json!({ "amount": 0 }), 422),
        (json!({ "amount": -1 }), 400),
        (json!({ "rule": { "every": "month", "day": 32, "time": "09:00" } }), 400),
        (json!({ "rule": { "every": "week", "days": [], "time": "09:00" } }), 400),
        (json!({ "rule": { "every": "day", "time": "25:00" } }), 400),
        (json!({ "rule": { "every": "year" } }), 400),
        (json!({ "starts_on": "tomorrow" }), 400),
        (json!({ "ends_on": "2030-01-01" }), 400),
        (json!({ "sender_label": "x".repeat(11) }), 400),
        (json!({ "what": 1 }), 400),
        (json!({ "rule": { "every": "week", "days": ["mon", "fri"], "time": "9:05" } }), 201),
        (json!({ "at_most": true }), 201),
        (json!({ "most_fee": -1 }), 400),
        (json!({ "most_fee": 0 }), 201),
    ] {
        assert_eq!(ask(change.clone()).await, status, "{change}");
    }
    let all = town.get(Some("mina"), "/me/schedules").await.json;
    let mut most_fees: Vec<_> = all["data"].as_array().unwrap().iter().map(|it| it["most_fee"].as_u64()).collect();
    most_fees.sort_unstable();
    assert_eq!(most_fees, [None, None, Some(0)]);
    assert_eq!(town.get(Some("mina"), "/me/schedules/none").await.status, 404);
    let first = town.get(Some("mina"), "/me/schedules?limit=1").await.json;
    let next = first["next"].as_str().unwrap();
    let second = town.get(Some("mina"), &format!("/me/schedules?limit=1&cursor={next}")).await.json;
    assert_ne!(first["data"][0]["id"], second["data"][0]["id"]);
    assert_eq!((second["data"].as_array().unwrap().len(), &second["has_more"]), (1, &json!(true)));
}
