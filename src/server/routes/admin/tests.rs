//! Types, the pending queue and the engine, as staff sees them.

use actix_web::http::Method;
use jangbu::{Amount, Transfer, holds::PlaceHold};
use serde_json::json;

use crate::server::testing::Town;

#[actix_web::test]
async fn a_type_is_made_read_and_changed() {
    let town = Town::new().await;
    let new = json!({ "code": "salary", "name": "Salary", "currency": "KRW", "limit_per_day": 9_000, "fee": 500 });
    assert_eq!(town.send("auda", Method::POST, "/admin/account-types", new.clone()).await.status, 403);
    let made = town.send("ada", Method::POST, "/admin/account-types", new.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let version = made.json["version"].clone();
    assert_eq!(
        made.json,
        json!({
            "code": "salary", "name": "Salary", "currency": "KRW", "scale": 0, "limit_per_transfer": null,
            "limit_per_day": 9_000, "fee": 500, "version": version,
        })
    );
    assert_eq!(town.send("ada", Method::POST, "/admin/account-types", new).await.json["code"], "type_exists");
    let path = "/admin/account-types/salary";
    let change = json!({ "version": version, "limit_per_day": null, "name": "Wages" });
    let changed = town.send("ada", Method::PATCH, path, change.clone()).await.json;
    assert_eq!(
        (&changed["name"], &changed["limit_per_day"], &changed["fee"]),
        (&json!("Wages"), &json!(null), &json!(500))
    );
    assert_eq!(town.send("ada", Method::PATCH, path, change).await.status, 409);
    let found = town.get(Some("theo"), "/admin/account-types?q=wages").await.json;
    assert_eq!((&found["total"], &found["data"][0]["code"]), (&json!(1), &json!("salary")));
    assert_eq!(town.get(Some("mina"), path).await.status, 403);
    assert_eq!(town.get(Some("ada"), "/admin/account-types/none").await.status, 404);
    let history = town.get(Some("auda"), &format!("{path}/history")).await.json["data"].clone();
    assert_eq!((&history[0]["action"], &history[0]["username"]), (&json!("account_type.changed"), &json!("ada")));
    assert_eq!((&history[0]["before"]["name"], &history[0]["after"]["name"]), (&json!("Salary"), &json!("Wages")));
    assert_eq!((&history[1]["action"], &history[1]["before"]), (&json!("account_type.made"), &json!(null)));
    assert_eq!(town.get(Some("theo"), &format!("{path}/history")).await.status, 403);
    assert_eq!(town.get(Some("ada"), "/admin/account-types/none/history").await.status, 404);
}

#[actix_web::test]
async fn what_is_pending_is_listed_and_cancelled_once() {
    let town = Town::new().await;
    let bank = &town.service.bank;
    let transfer = Transfer::new(town.mina, town.joon, Amount::new(700).unwrap()).with_labels("rent", "mina");
    let held = bank.accept(transfer).await.unwrap();
    // A hold of the counter is no pending transfer.
    bank.place_hold(PlaceHold::new(town.mina, town.joon, Amount::new(1).unwrap())).await.unwrap();
    assert_eq!(town.get(Some("mina"), "/admin/pending").await.status, 403);
    let queue = town.get(Some("theo"), "/admin/pending").await.json;
    assert_eq!((&queue["total"], queue["data"].as_array().unwrap().len()), (&json!(1), 1));
    let told = &queue["data"][0];
    assert_eq!((&told["id"], &told["stage"], &told["amount"]), (&json!(held.id), &json!("queued"), &json!(700)));
    let path = format!("/admin/transfers/{}", held.id);
    let retried = town.send("ada", Method::POST, &format!("{path}/retry"), None).await;
    assert_eq!((retried.status.as_u16(), &retried.json["code"]), (409, &json!("not_verified")), "nobody verifies");
    assert_eq!(town.send("theo", Method::POST, &format!("{path}/cancel"), None).await.status, 403);
    let cancelled = town.send("ada", Method::POST, &format!("{path}/cancel"), None).await;
    assert_eq!((cancelled.status.as_u16(), &cancelled.json["status"]), (200, &json!("cancelled")));
    let again = town.send("ada", Method::POST, &format!("{path}/cancel"), None).await;
    assert_eq!((again.status.as_u16(), &again.json["code"]), (409, &json!("not_pending")));
    assert_eq!(town.send("ada", Method::POST, "/admin/transfers/none/retry", None).await.status, 404);
    assert_eq!(town.get(Some("ada"), "/admin/pending").await.json["total"], 0);
}

#[actix_web::test]
async fn the_engine_is_watched_and_checked_while_it_runs() {
    let town = Town::new().await;
    assert_eq!(town.get(Some("mina"), "/admin/engine").await.status, 403);
    let engine = town.get(Some("auda"), "/admin/engine").await.json;
    assert_eq!(engine["durable"], town.service.bank.stats().durable.get());
    let stats = town.service.bank.stats();
    assert_eq!(
        (&engine["accounts"], &engine["active_accounts"], &engine["passivated_accounts"]),
        (&json!(4), &json!(stats.active_accounts), &json!(4 - stats.active_accounts))
    );
    assert_eq!((&engine["segments"], &engine["disk_bytes"]), (&json!(0), &json!(0)), "in memory");
    assert!(engine["checkpoint_age_s"].is_u64());
    for field in ["throughput", "latency_ms", "mailboxes", "hottest", "pending", "commit_records_mean", "uptime_s"] {
        assert!(!engine[field].is_null(), "{field}");
    }
    let path = format!("/admin/engine/accounts/{}", town.mina);
    assert_eq!(town.get(Some("theo"), &path).await.json["active"], true);
    assert_eq!(town.get(Some("theo"), "/admin/engine/accounts/NONE").await.status, 404);
    assert_eq!(town.get(Some("auda"), "/admin/engine/check").await.status, 404);
    assert_eq!(town.get(Some("auda"), "/admin/engine/check/events").await.status, 404);
    assert_eq!(town.send("auda", Method::POST, "/admin/engine/check", None).await.status, 403);
    assert_eq!(town.send("ada", Method::POST, "/admin/engine/check", None).await.status, 202);
    for _ in 0..1_000 {
        let check = town.get(Some("auda"), "/admin/engine/check").await.json;
        if check["status"] != "running" {
            let told = town.stream("auda", "/admin/engine/check/events").await;
            let (event, data) = told.trim_end().split_once('\n').unwrap();
            assert_eq!(event, "event: check", "one event, and the end: {told}");
            let data: serde_json::Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            assert_eq!(data, check);
            assert_eq!((&check["status"], &check["currencies"][0]["customers"]), (&json!("sound"), &json!(200_000)));
            assert_eq!((&check["checked"], &check["accounts"]), (&check["through"], &json!(4)));
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the check does not end");
}

#[actix_web::test]
async fn a_list_is_drilled_into_by_date() {
    let town = Town::new().await;
    let years = town.get(Some("auda"), "/admin/members").await.json["counts"]["joined_at"].clone();
    let (year, count) = years.as_object().unwrap().iter().next().unwrap();
    assert_eq!(count, &json!(5));
    let months = town.get(Some("auda"), &format!("/admin/members?joined={year}")).await.json;
    assert_eq!(months["total"], 5);
    let (month, _) = months["counts"]["joined_at"].as_object().unwrap().iter().next().unwrap();
    assert!(month.starts_with(year) && month.len() == 7, "{month}");
    let other = town.get(Some("auda"), "/admin/accounts?opened=1999-01").await.json;
    assert_eq!((&other["total"], &other["counts"]["opened_at"]), (&json!(0), &json!({})));
    assert_eq!(town.get(Some("auda"), "/admin/tokens?created=last-week").await.status, 400);
    assert_eq!(town.get(Some("auda"), "/admin/tokens?created=2026").await.status, 200);
    assert_eq!(town.get(Some("theo"), "/admin/tokens").await.status, 403);
}

#[actix_web::test]
async fn an_account_that_is_looked_at_tells_its_last_messages() {
    let town = Town::new().await;
    let path = format!("/admin/engine/accounts/{}", town.mina);
    let first = town.get(Some("theo"), &path).await.json;
    assert_eq!((&first["active"], &first["messages"]), (&json!(true), &json!([])));
    for (amount, status) in [(300, 201), (999_999, 422)] {
        let pay = json!({ "from": town.mina, "to": town.joon, "amount": amount });
        assert_eq!(town.send("mina", Method::POST, "/transfers", pay).await.status, status);
    }
    let mut messages = town.get(Some("theo"), &path).await.json["messages"].clone();
    for message in messages.as_array_mut().unwrap() {
        assert!(message["at"].as_str().unwrap().parse::<jangbu::Timestamp>().is_ok());
        message["at"] = json!("TIME");
    }
    assert_eq!(
        messages,
        json!([
            { "number": 1, "at": "TIME", "kind": "debit", "outcome": "applied", "amount": 300, "hold": null,
              "posted": 99_700, "undecided": 1, "waiting": 0 },
            { "number": 2, "at": "TIME", "kind": "debit", "outcome": "refused", "amount": 999_999, "hold": null,
              "posted": 99_700, "undecided": 0, "waiting": 0 },
        ])
    );
    town.clock.advance(std::time::Duration::from_secs(16));
    let pay = json!({ "from": town.mina, "to": town.joon, "amount": 1 });
    assert_eq!(town.send("mina", Method::POST, "/transfers", pay).await.status, 201);
    assert_eq!(town.get(Some("theo"), &path).await.json["messages"], json!([]), "nobody had looked for a while");
}
