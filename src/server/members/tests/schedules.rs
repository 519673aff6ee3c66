//! What becomes of the standing orders of a member who is disabled or erased, and what staff does about everybody's.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::server::local::{Order, ScheduleEnd};
use crate::server::testing::Town;

async fn order(town: &Town, who: &str) -> String {
    let (from, to) = if who == "mina" { (town.mina, town.joon) } else { (town.joon, town.mina) };
    let rule = json!({ "every": "day", "time": "09:30" });
    let wanted = json!({ "from": from, "to": to, "amount": 1_000, "rule": rule });
    let made = town.send(who, Method::POST, "/me/schedules", wanted).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json["id"].as_str().unwrap().to_owned()
}

async fn status(town: &Town, id: &str) -> String {
    let order = town.service.bank.standing_order(id.parse().unwrap()).await.unwrap().unwrap();
    order.progress.status.to_string()
}

/// How often an order has paid, some days later.
async fn runs(town: &Town, id: &str) -> u32 {
    town.clock.advance(Duration::from_secs(2 * 86_400));
    town.service.bank.run_due().await.unwrap();
    town.service.bank.standing_order(id.parse().unwrap()).await.unwrap().unwrap().progress.posted
}

#[actix_web::test]
async fn a_member_who_is_disabled_or_erased_pays_only_what_is_kept() {
    let disable = |end: Option<&str>| {
        let mut change = json!({ "disabled": true });
        if let Some(end) = end {
            change["schedules"] = json!(end);
        }
        Some(change)
    };
    for (what, change, becomes) in [
        ("disable", disable(None), "paused"),
        ("disable", disable(Some("pause")), "paused"),
        ("disable", disable(Some("cancel")), "cancelled"),
        ("disable", disable(Some("keep")), "active"),
        ("bulk", None, "paused"),
        ("bulk keep", None, "active"),
        ("console", None, "cancelled"),
        ("erase", None, "cancelled"),
        ("erase by console", None, "cancelled"),
    ] {
        let town = Town::new().await;
        let about = format!("{what} {change:?}");
        let (first, second, others) =
            (order(&town, "mina").await, order(&town, "mina").await, order(&town, "joon").await);
        let mina = town.member("mina");
        let path = format!("/admin/members/{}", mina.id);
        let username = "mina".to_owned();
        match what {
            "disable" => {
                let mut change = change.unwrap();
                change["version"] = mina.version.get().into();
                let done = town.send("ada", Method::PATCH, &path, change).await;
                assert_eq!(done.status, StatusCode::OK, "{about}: {}", done.text);
            }
            "bulk" | "bulk keep" => {
                let mut body = json!({ "ids": [mina.id], "action": "disable" });
                if what == "bulk keep" {
                    body["schedules"] = "keep".into();
                }
                let done = town.send("ada", Method::POST, "/admin/members/bulk", body).await;
                assert!(done.json["data"][0]["problem"].is_null(), "{about}: {}", done.text);
            }
            "console" => {
                let order = Order::Disable { username, disabled: true, schedules: Some(ScheduleEnd::Cancel) };
                order.carry_out(&town.service).await.unwrap();
            }
            "erase by console" => drop(Order::Erase { username }.carry_out(&town.service).await.unwrap()),
            _ => {
                let done = town.send("ada", Method::POST, &format!("{path}/erase"), None).await;
                assert_eq!(done.status, StatusCode::OK, "{about}: {}", done.text);
            }
        }
        for id in [&first, &second] {
            assert_eq!(status(&town, id).await, becomes, "{about}");
        }
        assert_eq!(status(&town, &others).await, "active", "{about}: another's");
        assert_eq!(runs(&town, &first).await > 0, becomes == "active", "{about}");
        assert!(runs(&town, &others).await > 0, "{about}");
        if becomes != "active" {
            let ended = format!("member.schedules_{becomes}");
            let entries = town.get(Some("auda"), &format!("/admin/audit?action={ended}")).await.json;
            assert_eq!(entries["data"][0]["object_id"], json!(mina.id), "{about}: {entries}");
            assert_eq!(entries["data"].as_array().unwrap().len(), 1, "{about}");
        }
    }
}

#[actix_web::test]
async fn what_becomes_of_the_orders_of_a_disabled_member_can_be_said_later_and_of_nobody_else() {
    let town = Town::new().await;
    let id = order(&town, "mina").await;
    let mina = town.member("mina");
    let path = format!("/admin/members/{}", mina.id);
    let change = async |change: Value| {
        let mut change = change;
        change["version"] = town.get(Some("ada"), &path).await.json["version"].clone();
        let done = town.send("ada", Method::PATCH, &path, change).await;
        done.status.as_u16()
    };
    for (wanted, answered, becomes) in [
        (json!({ "schedules": "cancel" }), 400, "active"),
        (json!({ "disabled": false, "schedules": "cancel" }), 400, "active"),
        (json!({ "disabled": true, "schedules": "stop" }), 400, "active"),
        (json!({ "disabled": true, "schedules": "keep" }), 200, "active"),
        (json!({ "name": "Mina Park" }), 200, "active"),
        (json!({ "schedules": "pause" }), 200, "paused"),
        (json!({ "disabled": false }), 200, "paused"),
        (json!({ "disabled": true, "schedules": "cancel" }), 200, "cancelled"),
    ] {
        assert_eq!(change(wanted.clone()).await, answered, "{wanted}");
        assert_eq!(status(&town, &id).await, becomes, "{wanted}");
    }
}

#[actix_web::test]
async fn staff_sees_everybodys_orders_and_ends_them() {
    let town = Town::new().await;
    let (mina, joon) = (order(&town, "mina").await, order(&town, "joon").await);
    let list = async |who: &str, query: &str| {
        let answer = town.get(Some(who), &format!("/admin/schedules{query}")).await;
        let ids = answer.json["data"].as_array().map(|rows| rows.iter().map(|row| row["id"].clone()).collect());
        (answer.status.as_u16(), ids.unwrap_or_else(Vec::<Value>::new), answer.json)
    };
    let mut both = [mina.clone(), joon.clone()];
    both.sort();
    for who in ["theo", "auda", "ada"] {
        let (status, ids, json) = list(who, "").await;
        assert_eq!((status, ids), (200, vec![json!(both[0]), json!(both[1])]), "{who}");
        let row = json["data"].as_array().unwrap().iter().find(|row| row["id"] == json!(mina)).unwrap();
        assert_eq!((&row["owner"]["username"], &row["amount"]), (&json!("mina"), &json!(1_000)));
    }
    let (_, ids, first) = list("ada", "?limit=1").await;
    assert_eq!((ids, &first["has_more"]), (vec![json!(both[0])], &json!(true)));
    let (_, ids, _) = list("ada", &format!("?limit=1&cursor={}", first["next"].as_str().unwrap())).await;
    assert_eq!(ids, [json!(both[1])]);
    let of = town.member("mina").id;
    assert_eq!(list("theo", &format!("?member={of}")).await.1, [json!(mina)]);
    assert_eq!(list("theo", &format!("?account={}", town.mina)).await.1.len(), 2, "it pays one and is paid by one");
    assert_eq!(list("theo", "?account=NOSUCHNUMBER").await.0, 404);
    assert_eq!(list("theo", &format!("?member={of}&account={}", town.mina)).await.0, 400);
    assert_eq!(list("mina", "").await.0, 403);

    let path = format!("/admin/schedules/{mina}");
    for who in ["mina", "theo", "auda"] {
        let answer = town.send(who, Method::POST, &format!("{path}/cancel"), None).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{who}");
    }
    for (change, code, becomes) in [("pause", 200, "paused"), ("resume", 404, "paused"), ("cancel", 200, "cancelled")] {
        let answer = town.send("ada", Method::POST, &format!("{path}/{change}"), None).await;
        assert_eq!(answer.status.as_u16(), code, "{change}: {}", answer.text);
        assert_eq!(status(&town, &mina).await, becomes, "{change}");
    }
    let over = town.send("ada", Method::POST, &format!("{path}/cancel"), None).await;
    assert_eq!((over.status.as_u16(), &over.json["code"]), (409, &json!("schedule_ended")));
    let entries = town.get(Some("auda"), &format!("/admin/audit?object=schedule&object_id={mina}")).await.json;
    let said: Vec<_> = entries["data"].as_array().unwrap().iter().map(|it| (&it["action"], &it["outcome"])).collect();
    let (cancelled, paused) = (json!("schedule.cancelled"), json!("schedule.paused"));
    assert_eq!(said, [(&cancelled, &json!("refused")), (&cancelled, &json!("done")), (&paused, &json!("done"))]);
}
