//! What a token is for and bound to, over every route that could get around it.

use std::time::Duration;

use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use jangbu::{Amount, CashPosting, OpenAccount};
use serde_json::{Value, json};

use crate::server::scopes::Scope;
use crate::server::testing::{Answer, Town};

/// A token of somebody's, by its secret.
struct Bearer(String);

impl Bearer {
    async fn of(town: &Town, who: &str, scopes: Value, bounds: Value) -> Bearer {
        let expires_at = town.service.time.now().after(Duration::from_secs(5 * 86_400)).to_string();
        let wanted = json!({ "name": "till", "scopes": scopes, "bounds": bounds, "expires_at": expires_at });
        let made = town.send(who, Method::POST, "/me/tokens", wanted).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        Bearer(format!("Bearer {}", made.json["secret"].as_str().unwrap()))
    }

    async fn send(&self, town: &Town, method: Method, path: &str, json: impl Into<Option<Value>>) -> Answer {
        town.send_with(None, method, path, json, &[("authorization", &self.0)]).await
    }

    async fn get(&self, town: &Town, path: &str) -> Answer {
        self.send(town, Method::GET, path, None).await
    }

    async fn pay(&self, town: &Town, amount: u64, key: &str) -> Answer {
        let body = json!({ "from": town.mina, "to": town.joon, "amount": amount });
        let headers = [("authorization", self.0.as_str()), ("idempotency-key", key)];
        town.send_with(None, Method::POST, "/transfers", body, &headers).await
    }
}

#[track_caller]
fn refused(answer: &Answer, code: &str) {
    assert_eq!(answer.json["code"], code, "{} {}", answer.status, answer.text);
}

#[actix_web::test]
async fn a_missing_scope_and_a_bad_token_are_told_as_what_they_are() {
    let town = Town::new().await;
    let challenge =
        |answer: &Answer| answer.headers.get(WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned());
    let reader = Bearer::of(&town, "ada", json!(["read"]), json!({})).await;
    let missing = reader.send(&town, Method::POST, "/deposits", json!({ "to": town.mina, "amount": 1 })).await;
    assert_eq!((missing.status, &missing.json["figures"]["scope"]), (StatusCode::FORBIDDEN, &json!("counter")));
    refused(&missing, "scope_missing");
    let expected = r#"Bearer realm="jangbu", error="insufficient_scope", scope="counter""#;
    assert_eq!(challenge(&missing).as_deref(), Some(expected));
    let unknown = Bearer("Bearer jb_nothing".into()).get(&town, "/accounts").await;
    assert_eq!((unknown.status, unknown.json["code"].as_str()), (StatusCode::UNAUTHORIZED, Some("token_invalid")));
    assert_eq!(challenge(&unknown).as_deref(), Some(r#"Bearer realm="jangbu", error="invalid_token""#));
    let nobody = town.get(None, "/accounts").await;
    assert_eq!(
        (nobody.status, challenge(&nobody).as_deref()),
        (StatusCode::UNAUTHORIZED, Some(r#"Bearer realm="jangbu""#))
    );
    let of_member = Bearer::of(&town, "mina", json!(["read"]), json!({})).await;
    let beyond = of_member.get(&town, "/admin/members").await;
    assert_eq!((beyond.json["code"].as_str(), challenge(&beyond)), (Some("not_allowed"), None), "no scope would help");
}

/// The table of routes is held against itself elsewhere; this is what the scopes are for.
#[actix_web::test]
async fn each_scope_opens_what_it_is_for_and_no_other_scope_does() {
    let town = Town::new().await;
    let mut tokens = Vec::new();
    for scope in Scope::ALL {
        tokens.push((scope, Bearer::of(&town, "ada", json!([scope]), json!({})).await));
    }
    let nobody = "00000000-0000-0000-0000-000000000000";
    for (scope, method, path) in [
        (Scope::Transfer, Method::POST, "/transfers".to_owned()),
        (Scope::Batch, Method::POST, "/transfers/batch".into()),
        (Scope::Schedule, Method::POST, "/me/schedules".into()),
        (Scope::Schedule, Method::POST, format!("/me/schedules/{nobody}/resume")),
        (Scope::Counter, Method::POST, "/deposits".into()),
        (Scope::Counter, Method::POST, format!("/transfers/{nobody}/reverse")),
        (Scope::Hold, Method::POST, "/holds".into()),
        (Scope::Hold, Method::POST, format!("/transfers/{nobody}/settle")),
        (Scope::Events, Method::GET, "/me/events".into()),
        (Scope::Audit, Method::GET, "/admin/audit".into()),
        (Scope::AdminRead, Method::GET, "/admin/members".into()),
        (Scope::Admin, Method::POST, "/admin/accounts/bulk".into()),
        (Scope::Read, Method::GET, "/accounts".into()),
    ] {
        for (having, bearer) in &tokens {
            let body = (method == Method::POST).then(|| json!({}));
            let answer = bearer.send(&town, method.clone(), &path, body).await;
            let is_open = *having == scope || (scope, *having) == (Scope::Read, Scope::AdminRead);
            assert_eq!(answer.json["code"] != "scope_missing", is_open, "{path} with {having:?}: {}", answer.text);
        }
    }
}

#[actix_web::test]
async fn what_needs_a_person_takes_no_token_whatever_its_scopes() {
    let town = Town::new().await;
    let all =
        json!(["read", "transfer", "batch", "hold", "schedule", "counter", "events", "audit", "admin_read", "admin"]);
    let admin = Bearer::of(&town, "ada", all, json!({})).await;
    let mina = town.member("mina").id;
    let own = town.member("ada").id;
    for (method, path, body) in [
        (Method::POST, format!("/admin/members/{own}/password"), json!({})),
        (Method::POST, format!("/admin/members/{mina}/totp"), json!({})),
        (Method::PATCH, format!("/admin/members/{mina}"), json!({ "version": 1, "role": "admin" })),
        (Method::POST, "/me/tokens".into(), json!({})),
        (Method::POST, "/me/password".into(), json!({ "current": "x", "new": "y" })),
        (Method::POST, "/accounts".into(), json!({ "type": "ordinary" })),
    ] {
        refused(&admin.send(&town, method, &path, body).await, "session_required");
    }
}

#[actix_web::test]
async fn staffs_own_reading_does_not_open_what_is_others() {
    let town = Town::new().await;
    let (own, any) = (
        Bearer::of(&town, "theo", json!(["read"]), json!({})).await,
        Bearer::of(&town, "theo", json!(["admin_read"]), json!({})).await,
    );
    let foreign = format!("/accounts/{}", town.mina);
    let of_mina = format!("/accounts?owner={}", town.member("mina").id);
    for path in [&foreign, &of_mina] {
        assert_eq!(
            (own.get(&town, path).await.status.as_u16(), any.get(&town, path).await.status.as_u16()),
            (404, 200)
        );
    }
    let log = Bearer::of(&town, "auda", json!(["audit"]), json!({})).await;
    assert_eq!(log.get(&town, "/admin/audit").await.status, StatusCode::OK);
    for path in ["/admin/members", "/accounts", "/admin/accounts"] {
        refused(&log.get(&town, path).await, "scope_missing");
    }
}

#[actix_web::test]
async fn a_token_is_used_from_its_addresses_alone() {
    let town = Town::new().await;
    let bounds = json!({ "addresses": ["192.0.2.0/24", "2001:db8::7"] });
    let bearer = Bearer::of(&town, "mina", json!(["read"]), bounds).await;
    for (peer, status) in [
        ("192.0.2.200:9", 200),
        ("[::ffff:192.0.2.1]:9", 200),
        ("[2001:db8::7]:9", 200),
        ("198.51.100.1:9", 403),
        ("[2001:db8::8]:9", 403),
    ] {
        let request = TestRequest::get().uri("/api/v1/accounts").peer_addr(peer.parse().unwrap());
        let answer = town.call(request.insert_header(("authorization", bearer.0.as_str()))).await;
        assert_eq!(answer.status.as_u16(), status, "{peer} {}", answer.text);
    }
    let used = town.get(Some("mina"), "/me/tokens").await.json["data"][0].clone();
    assert_eq!(used["last_used_from"], "2001:db8::7", "the refusals were no use of it");
}

#[actix_web::test]
async fn a_token_keeps_to_its_accounts() {
    let town = Town::new().await;
    let owner = town.member("mina").owner();
    let second = town.service.bank.open_account(OpenAccount::new(owner)).await.unwrap();
    town.service.bank.deposit(CashPosting::new(second, Amount::new(500).unwrap())).await.unwrap();
    let scopes = json!(["read", "transfer", "batch", "schedule", "events"]);
    let bearer = Bearer::of(&town, "mina", scopes, json!({ "accounts": [town.mina] })).await;
    let pay = |from: jangbu::AccountNumber| json!({ "from": from, "to": town.joon, "amount": 1 });
    let order = |from| {
        let mut order = pay(from);
        order["rule"] = json!({ "every": "day", "time": "09:30" });
        order
    };
    let moved =
        town.send("mina", Method::POST, "/transfers", pay(second)).await.json["id"].as_str().unwrap().to_owned();
    let set =
        town.send("mina", Method::POST, "/me/schedules", order(second)).await.json["id"].as_str().unwrap().to_owned();
    let get = |path: String| (Method::GET, path, None);
    for (method, path, body) in [
        get(format!("/accounts/{second}")),
        get(format!("/accounts/{second}/balance")),
        get(format!("/accounts/{second}/entries")),
        get(format!("/accounts/{second}/holds")),
        get(format!("/accounts/{second}/events")),
        get(format!("/transfers?account={second}")),
        get("/transfers".into()),
        get(format!("/transfers/{moved}")),
        get(format!("/me/schedules/{set}")),
        get(format!("/me/schedules/{set}/runs")),
        get("/me/events".into()),
        get("/me/payees".into()),
        (Method::POST, "/transfers".into(), Some(pay(second))),
        (Method::POST, "/quotes".into(), Some(pay(second))),
        (Method::POST, "/me/schedules".into(), Some(order(second))),
        (Method::POST, format!("/me/schedules/{set}/cancel"), None),
    ] {
        let answer = bearer.send(&town, method, &path, body).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["code"]),
            (403, &json!("token_bound")),
            "{path} {}",
            answer.text
        );
    }
    let list = bearer.get(&town, "/accounts").await.json["data"].clone();
    assert_eq!(list.as_array().unwrap().iter().map(|one| &one["number"]).collect::<Vec<_>>(), [&json!(town.mina)]);
    assert_eq!(bearer.get(&town, "/me/schedules").await.json["data"], json!([]));
    let both = bearer.send(&town, Method::POST, "/transfers/batch", json!([pay(second), pay(town.mina)])).await;
    assert_eq!(
        (&both.json[0]["problem"]["code"], &both.json[1]["status"]),
        (&json!("token_bound"), &json!(201)),
        "{}",
        both.text
    );
    assert_eq!(bearer.send(&town, Method::POST, "/transfers", pay(town.mina)).await.status, StatusCode::CREATED);
    assert_eq!(bearer.get(&town, &format!("/transfers?account={}", town.mina)).await.status, StatusCode::OK);
    let wanted = json!({ "name": "t", "scopes": ["read"], "bounds": { "accounts": [town.joon] },
        "expires_at": town.service.time.now().after(Duration::from_secs(60)).to_string() });
    let foreign = town.send("mina", Method::POST, "/me/tokens", wanted).await;
    assert_eq!((foreign.status.as_u16(), &foreign.json["errors"][0]["field"]), (404, &json!("bounds.accounts[0]")));
}

#[actix_web::test]
async fn a_token_pays_its_payees_alone() {
    let town = Town::new().await;
    let theo = town.service.bank.open_account(OpenAccount::new(town.member("theo").owner())).await.unwrap();
    let scopes = json!(["read", "transfer", "batch", "schedule"]);
    let bearer = Bearer::of(&town, "mina", scopes, json!({ "payees": [town.joon] })).await;
    let pay = |to: jangbu::AccountNumber| json!({ "from": town.mina, "to": to, "amount": 1 });
    let mut order = pay(theo);
    order["rule"] = json!({ "every": "day", "time": "09:30" });
    let set =
        town.send("mina", Method::POST, "/me/schedules", order.clone()).await.json["id"].as_str().unwrap().to_owned();
    let resumed = bearer.send(&town, Method::POST, &format!("/me/schedules/{set}/resume"), None).await;
    refused(&resumed, "token_bound");
    for (path, body) in [("/transfers", pay(theo)), ("/quotes", pay(theo)), ("/me/schedules", order)] {
        refused(&bearer.send(&town, Method::POST, path, body).await, "token_bound");
    }
    refused(&bearer.get(&town, &format!("/payees/{theo}")).await, "token_bound");
    let both = bearer.send(&town, Method::POST, "/transfers/batch", json!([pay(theo), pay(town.joon)])).await;
    assert_eq!((&both.json[0]["problem"]["code"], &both.json[1]["status"]), (&json!("token_bound"), &json!(201)));
    assert_eq!(bearer.send(&town, Method::POST, "/transfers", pay(town.joon)).await.status, StatusCode::CREATED);
}

#[actix_web::test]
async fn a_token_pays_no_more_than_its_total_of_a_day() {
    let town = Town::new().await;
    let bounds = json!({ "per_day": [{ "currency": "KRW", "amount": 100 }] });
    let bearer = Bearer::of(&town, "mina", json!(["transfer", "batch"]), bounds).await;
    assert_eq!(bearer.pay(&town, 60, "a").await.status, StatusCode::CREATED);
    let beyond = bearer.pay(&town, 41, "b").await;
    refused(&beyond, "token_total");
    assert_eq!((beyond.status.as_u16(), &beyond.json["figures"]["left"]), (422, &json!(40)), "{}", beyond.text);
    let again = bearer.pay(&town, 60, "a").await;
    assert_eq!((again.status, again.headers.contains_key("idempotent-replayed")), (StatusCode::CREATED, true));
    let to_nobody = json!({ "from": town.mina, "to": "NOBODY", "amount": 40 });
    assert_eq!(
        bearer.send(&town, Method::POST, "/transfers", to_nobody).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let pay = |to: &str, amount: u64| json!({ "from": town.mina, "to": to, "amount": amount });
    let too_much = json!([pay(town.joon.as_str(), 30), pay(town.joon.as_str(), 11)]);
    refused(&bearer.send(&town, Method::POST, "/transfers/batch", too_much).await, "token_total");
    let half = json!([pay(town.joon.as_str(), 30), pay("NOBODY", 10)]);
    assert_eq!(bearer.send(&town, Method::POST, "/transfers/batch", half).await.json[0]["status"], 201);
    assert_eq!(bearer.pay(&town, 10, "c").await.status, StatusCode::CREATED, "what was refused counts no longer");
    refused(&bearer.pay(&town, 1, "d").await, "token_total");
    assert_eq!(
        town.send("mina", Method::POST, "/transfers", pay(town.joon.as_str(), 5)).await.status,
        StatusCode::CREATED
    );
    let usd = json!({ "code": "dollars", "name": "Dollars", "currency": "USD" });
    assert_eq!(town.send("ada", Method::POST, "/admin/account-types", usd).await.status, StatusCode::CREATED);
    town.clock.advance(Duration::from_secs(86_400));
    assert_eq!(bearer.pay(&town, 100, "e").await.status, StatusCode::CREATED, "and a day has another total");
    refused(&bearer.pay(&town, 1, "f").await, "token_total");
}

#[actix_web::test]
async fn no_restart_gives_a_token_more_than_its_total() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let bounds = json!({ "per_day": [{ "currency": "KRW", "amount": 1_600 }] });
    let bearer = Bearer::of(&town, "mina", json!(["transfer"]), bounds).await;
    let before = town.service.bank.stats().durable.get();
    for count in 0..50 {
        assert_eq!(bearer.pay(&town, 2, &format!("a{count}")).await.status, StatusCode::CREATED);
    }
    let written = town.service.bank.stats().durable.get() - before;
    assert!(written <= 50 + 2, "{written} records for 50 payments: one for the use, one for the step");
    let town = town.reopen(directory.path()).await.unwrap();
    // Of the first step, 100, nobody knows what was paid.
    assert_eq!(bearer.pay(&town, 1_501, "b").await.json["figures"]["left"], 1_500);
    assert_eq!(bearer.pay(&town, 1_500, "c").await.status, StatusCode::CREATED);
    let town = town.reopen(directory.path()).await.unwrap();
    refused(&bearer.pay(&town, 1, "d").await, "token_total");
}

#[actix_web::test]
async fn a_use_is_seen_at_once_and_written_down_once_a_day() {
    let town = Town::new().await;
    let bearer = Bearer::of(&town, "mina", json!(["read"]), json!({})).await;
    let uses = async || {
        for _ in 0..20 {
            assert_eq!(bearer.get(&town, "/accounts").await.status, StatusCode::OK);
            tokio::task::yield_now().await;
        }
        // The writing is beside the request.
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let before = town.service.bank.stats().durable.get();
    uses().await;
    town.clock.advance(Duration::from_secs(3_600));
    uses().await;
    assert_eq!(town.service.bank.stats().durable.get() - before, 1);
    let seen = town.get(Some("mina"), "/me/tokens").await.json["data"][0].clone();
    let last: jangbu::Timestamp = seen["last_used_at"].as_str().unwrap().parse().unwrap();
    assert!(last.after(Duration::from_secs(60)) > town.service.time.now(), "{last}");
    assert_eq!(seen["last_used_from"], "127.0.0.1");
    town.clock.advance(Duration::from_secs(86_400));
    let before = town.service.bank.stats().durable.get();
    uses().await;
    assert_eq!(town.service.bank.stats().durable.get() - before, 1);
    let path = format!("/me/tokens/{}", seen["id"].as_str().unwrap());
    assert_eq!(town.send("mina", Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
}

#[actix_web::test]
async fn bounds_that_cannot_be_are_refused() {
    let town = Town::new().await;
    let expires_at = town.service.time.now().after(Duration::from_secs(86_400)).to_string();
    let number = json!(town.mina);
    for (who, scopes, bounds, field) in [
        ("mina", json!(["read"]), json!({ "addresses": ["here"] }), None),
        ("mina", json!(["read"]), json!({ "adresses": [] }), None),
        (
            "mina",
            json!(["transfer", "schedule"]),
            json!({ "per_day": [{ "currency": "KRW", "amount": 1 }] }),
            Some("bounds.per_day"),
        ),
        (
            "mina",
            json!(["transfer"]),
            json!({ "per_day": [{ "currency": "KRW", "amount": 1 }, { "currency": "KRW", "amount": 2 }] }),
            Some("bounds.per_day"),
        ),
        ("theo", json!(["counter"]), json!({ "payees": [number] }), Some("bounds.payees")),
        ("mina", json!(["read"]), json!({ "payees": vec![number; 51] }), Some("bounds.payees")),
    ] {
        let body = json!({ "name": "t", "scopes": scopes, "bounds": bounds, "expires_at": expires_at });
        let answer = town.send(who, Method::POST, "/me/tokens", body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bounds} {}", answer.text);
        if let Some(field) = field {
            assert_eq!(answer.json["errors"][0]["field"], field, "{}", answer.text);
        }
    }
}
