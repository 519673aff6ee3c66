//! Accounts in town, as staff sees and changes them.

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::server::testing::Town;

#[actix_web::test]
async fn only_staff_reads_and_only_administrators_change() {
    let town = Town::new().await;
    let path = format!("/admin/accounts/{}", town.mina);
    for (who, read, change) in [("mina", 403, 403), ("theo", 200, 403), ("auda", 200, 403), ("ada", 200, 409)] {
        assert_eq!(town.get(Some(who), "/admin/accounts").await.status, read, "{who}");
        assert_eq!(town.get(Some(who), &path).await.status, read, "{who}");
        let changed = town.send(who, Method::PATCH, &path, json!({ "version": 1, "overdraft": 5 })).await;
        assert_eq!(changed.status, change, "{who}");
        let bulk = json!({ "numbers": [town.mina], "action": "unfreeze" });
        let changed = town.send(who, Method::POST, "/admin/accounts/bulk", bulk).await;
        assert_eq!(changed.status, if change == 409 { 200 } else { 403 }, "{who}");
    }
    assert_eq!(town.get(None, &path).await.status, 401);
    assert_eq!(town.get(Some("ada"), "/admin/accounts/NONE").await.status, 404);
    assert_eq!(town.get(Some("ada"), "/admin/accounts/!").await.status, 404);
}

#[actix_web::test]
async fn accounts_are_found_sorted_summed_and_exported() {
    let town = Town::new().await;
    let all = town.get(Some("ada"), "/admin/accounts?sort=-posted,number").await.json;
    assert_eq!((all["total"].as_u64(), all["has_more"].as_bool()), (Some(4), Some(false)));
    assert_eq!(all["data"][3]["role"], "cash");
    assert_eq!(
        all["totals"]["currencies"][0],
        json!({
            "currency": "KRW", "scale": 0, "accounts": 4, "posted": 0, "held": 0,
        })
    );
    let customers = json!({ "currency": "KRW", "scale": 0, "accounts": 2, "posted": 200_000, "held": 0 });
    assert_eq!(all["totals"]["customers"], json!([customers]));
    let found = town.get(Some("ada"), "/admin/accounts?q=MINA&status=open").await.json;
    assert_eq!((&found["total"], &found["data"][0]["owner"]["name"]), (&json!(1), &json!("Mina Kim")));
    assert_eq!(found["counts"]["status"], json!({ "open": 1 }));
    let csv = town.send_with("auda", Method::GET, "/admin/accounts?q=mina", None, &[("accept", "text/csv")]).await;
    assert!(csv.text.starts_with("\u{feff}number,owner,username,name,"), "{}", csv.text);
    assert_eq!(csv.text.lines().count(), 2);
    for wrong in ["sort=size", "limit=0", "page=0", "cursor=x", "status=gone", "what=1"] {
        assert_eq!(town.get(Some("ada"), &format!("/admin/accounts?{wrong}")).await.status, 400, "{wrong}");
    }
}

#[actix_web::test]
async fn a_change_names_the_version_that_it_rests_on() {
    let town = Town::new().await;
    let path = format!("/admin/accounts/{}", town.mina);
    let read = town.get(Some("ada"), &path).await.json;
    assert_eq!((&read["own_limit_per_transfer"], &read["own_limit_per_day"]), (&json!(-1), &json!(-1)));
    let change = json!({
        "version": read["version"], "frozen": { "debits": true, "credits": false }, "overdraft": 700,
        "own_limit_per_transfer": 0, "own_limit_per_day": null,
    });
    let changed = town.send("ada", Method::PATCH, &path, change.clone()).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let json = &changed.json;
    assert_eq!(
        (&json["status"], &json["overdraft"], &json["available"]),
        (&json!("frozen"), &json!(700), &json!(100_700))
    );
    assert_eq!((&json["own_limit_per_transfer"], &json["own_limit_per_day"]), (&json!(0), &Value::Null));
    assert_eq!(json["limit_per_transfer"], 0);
    let stale = town.send("ada", Method::PATCH, &path, change).await;
    assert_eq!((stale.status.as_u16(), &stale.json["code"]), (409, &json!("conflict")));
    let close = town.send("ada", Method::PATCH, &path, json!({ "version": json["version"], "close": true })).await;
    assert_eq!((close.status.as_u16(), &close.json["code"]), (422, &json!("not_empty")));
    let wrong = json!({ "version": json["version"], "own_limit_per_day": -2 });
    assert_eq!(town.send("ada", Method::PATCH, &path, wrong).await.status, 400);
    let found = town.get(Some("ada"), "/admin/accounts?own_limits=true").await.json;
    assert_eq!(found["data"][0]["number"], json!(town.mina));
}

#[actix_web::test]
async fn a_refused_change_changes_nothing() {
    let town = Town::new().await;
    let path = format!("/admin/accounts/{}", town.mina);
    let euros = json!({ "code": "euros", "name": "Euros", "currency": "EUR" });
    assert_eq!(town.send("ada", Method::POST, "/admin/account-types", euros).await.status, 201);
    let overdrawn = json!({ "version": town.get(Some("ada"), &path).await.json["version"], "overdraft": 500 });
    assert_eq!(town.send("ada", Method::PATCH, &path, overdrawn).await.status, 200);
    let pay = json!({ "from": town.mina, "to": town.joon, "amount": 100_200 });
    assert_eq!(town.send("mina", Method::POST, "/transfers", pay).await.status, 201);
    let before = town.get(Some("ada"), &path).await.json;
    let frozen = json!({ "debits": true, "credits": true });
    for (other, status, code) in [
        (json!({ "overdraft": 100 }), 422, "overdraft_in_use"),
        (json!({ "type": "none" }), 422, "type_unknown"),
        (json!({ "type": "euros" }), 422, "type_currency"),
        (json!({ "close": true }), 400, "invalid_request"),
        (json!({ "own_limit_per_day": -2 }), 400, "invalid_request"),
    ] {
        let mut change = json!({ "version": before["version"], "frozen": frozen, "own_limit_per_transfer": 5 });
        change.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        let refused = town.send("ada", Method::PATCH, &path, change).await;
        assert_eq!((refused.status.as_u16(), &refused.json["code"]), (status, &json!(code)), "{}", refused.text);
        assert_eq!(town.get(Some("ada"), &path).await.json, before, "{other}");
    }
}

/// Several changes are one record of the ledger, which no crash can halve.
#[actix_web::test]
async fn changes_that_are_asked_for_together_are_one_record() {
    let town = Town::new().await;
    let path = format!("/admin/accounts/{}", town.mina);
    let before = town.get(Some("ada"), &path).await.json;
    let frozen = json!({ "debits": true, "credits": false });
    let change = json!({ "version": before["version"], "overdraft": 70, "frozen": frozen, "own_limit_per_transfer": 5,
        "own_limit_per_day": null });
    let account = town.service.bank.snapshot(town.mina).await.unwrap();
    let changed = town.send("ada", Method::PATCH, &path, change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(town.service.bank.snapshot(town.mina).await.unwrap().version, account.version + 1);
    let json = &changed.json;
    let told = json!([json["overdraft"], json["frozen"], json["own_limit_per_transfer"], json["own_limit_per_day"]]);
    assert_eq!(told, json!([70, frozen, 5, null]));
    let entry = town.get(Some("auda"), "/admin/audit?action=account.changed").await.json["data"][0].clone();
    let after = json!({ "overdraft": 70, "frozen": frozen, "own_limit_per_transfer": { "at": 5 }, "own_limit_per_day": "unlimited" });
    assert_eq!((&entry["after"], &entry["outcome"]), (&after, &json!("done")));
    assert_eq!(entry["before"]["overdraft"], 0);
}

#[actix_web::test]
async fn an_accounts_history_tells_who_changed_what() {
    let town = Town::new().await;
    let new = json!({ "owner": town.member("mina").id, "type": "basic", "overdraft": 40 });
    let made = town.send("ada", Method::POST, "/admin/accounts", new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/admin/accounts/{}", made.json["number"].as_str().unwrap());
    let change = json!({ "version": made.json["version"], "overdraft": 70 });
    assert_eq!(town.send("ada", Method::PATCH, &path, change).await.status, 200);
    let history = town.get(Some("auda"), &format!("{path}/history?limit=2")).await;
    let entries = history.json["data"].as_array().unwrap_or_else(|| panic!("{}", history.text));
    let told: Vec<_> = entries.iter().map(|entry| (&entry["action"], &entry["username"])).collect();
    assert_eq!(told, [(&json!("account.overdraft"), &json!("ada")), (&json!("account.opened"), &json!("ada"))]);
    assert_eq!((&entries[0]["before"], &entries[0]["after"]), (&json!({"overdraft": 40}), &json!({"overdraft": 70})));
    assert_eq!(entries[1]["after"]["overdraft"], 40);
    assert_eq!(town.get(Some("theo"), &format!("{path}/history")).await.status, 403);
    assert_eq!(town.get(Some("ada"), "/admin/accounts/NONE/history").await.status, 404);
}

#[actix_web::test]
async fn many_are_frozen_at_once_each_by_itself() {
    let town = Town::new().await;
    let bulk = json!({ "numbers": [town.mina, "NOBODY", town.joon], "action": "freeze" });
    let answer = town.send("ada", Method::POST, "/admin/accounts/bulk", bulk).await.json;
    assert_eq!((&answer["changed"], &answer["failed"]), (&json!(2), &json!(1)));
    assert_eq!(answer["results"][1]["problem"]["status"], 404);
    assert_eq!(town.get(Some("ada"), "/admin/accounts?status=frozen").await.json["total"], 2);
    let none = json!({ "numbers": [], "action": "freeze" });
    assert_eq!(town.send("ada", Method::POST, "/admin/accounts/bulk", none).await.status, 400);
}

#[actix_web::test]
async fn an_account_is_opened_for_a_member_once_per_key() {
    let town = Town::new().await;
    let kind = json!({ "code": "gold", "name": "Gold", "currency": "KRW", "fee": 100 });
    assert_eq!(town.send("ada", Method::POST, "/admin/account-types", kind).await.status, 201);
    let new = json!({ "owner": town.member("mina").id, "type": "gold" });
    let open = || town.send_with("ada", Method::POST, "/admin/accounts", new.clone(), &[("idempotency-key", "k")]);
    let (first, again) = (open().await, open().await);
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201), "{}", first.text);
    assert_eq!(first.json["number"], again.json["number"]);
    assert_eq!(first.json["type"], json!({ "code": "gold", "name": "Gold" }));
    let unknown = json!({ "owner": town.member("mina").id, "type": "none" });
    assert_eq!(town.send("ada", Method::POST, "/admin/accounts", unknown).await.status, 422);
}
