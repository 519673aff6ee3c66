//! The audit log through the routes: outcomes, what is counted, who follows.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::server::proof::{Presence, Shown};
use crate::server::storage::Space;
use crate::server::testing::{Answer, PASSWORD, Town};

async fn entries(town: &Town, query: &str) -> Vec<Value> {
    let found = town.get(Some("auda"), &format!("/admin/audit?limit=200&{query}")).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.text);
    found.json["data"].as_array().unwrap().clone()
}

async fn written(town: &Town) {
    town.service.audit.flush(true).await.unwrap();
}

/// The fields of an entry, one after the other.
fn of(entry: &Value, fields: &[&str]) -> Value {
    fields.iter().map(|field| entry[*field].clone()).collect()
}

fn in_a_month(town: &Town) -> String {
    town.service.time.now().after(Duration::from_secs(30 * 86_400)).to_string()
}

async fn token(town: &Town, who: &str, scope: &str) -> String {
    let wanted = json!({ "name": "t", "scopes": [scope], "expires_at": in_a_month(town) });
    let made = town.send(who, Method::POST, "/me/tokens", wanted).await;
    made.json["secret"].as_str().or(made.json["token"]["secret"].as_str()).unwrap_or_default().to_owned()
}

#[actix_web::test]
async fn a_deposit_that_is_done_refused_or_repeated_says_so_in_the_log_and_its_file() {
    let town = Town::new().await;
    let deposit = async |amount: u64, key: &str| -> Answer {
        let order = json!({ "to": town.mina, "amount": amount });
        town.send_with("theo", Method::POST, "/deposits", order, &[("idempotency-key", key)]).await
    };
    let too_much = 9_007_199_254_740_991;
    assert_eq!(deposit(5, "a").await.status, 201);
    assert_eq!(deposit(too_much, "b").await.status, 422);
    assert_eq!(deposit(too_much, "b").await.status, 422);
    assert_eq!(deposit(5, "a").await.status, 201);
    assert_eq!(deposit(5, "a").await.status, 201);
    written(&town).await;

    let found = entries(&town, "action=cash.deposited").await;
    let said: Vec<Value> = found.iter().map(|entry| of(entry, &["outcome", "code", "count"])).collect();
    let code = said[0][1].clone();
    assert!(code.is_string(), "{found:?}");
    assert_eq!(said, [json!(["repeated", code, 1]), json!(["refused", code, 1]), json!(["done", null, 1])]);
    assert_eq!(found[0]["command"], found[1]["command"]);
    let movement = town.get(Some("theo"), &format!("/transfers/{}", found[2]["command"].as_str().unwrap())).await;
    assert_eq!(
        (movement.status.as_u16(), &movement.json["amount"]),
        (200, &json!(5)),
        "the id of the command is the transfer's"
    );
    let again = entries(&town, "action=request.repeated").await;
    let fields = ["object", "outcome", "count", "command", "username"];
    assert_eq!(of(&again[0], &fields), json!(["deposit", "repeated", 2, found[2]["command"], "theo"]));

    let csv = town.get(Some("auda"), "/admin/audit?action=cash.deposited&format=csv&bom=false").await.text;
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let place = |name: &str| rows_place(&csv, name);
    let (outcome, refusal, command) = (place("outcome"), place("code"), place("command"));
    let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
    let outcomes: Vec<&str> = rows.iter().map(|row| &row[outcome]).collect();
    assert_eq!(outcomes, ["repeated", "refused", "done"]);
    assert_eq!((&rows[1][refusal], &rows[2][refusal]), (code.as_str().unwrap(), ""));
    assert_eq!(&rows[2][command], found[2]["command"].as_str().unwrap());
}

fn rows_place(csv: &str, name: &str) -> usize {
    csv.lines().next().unwrap().split(',').position(|column| column == name).unwrap()
}

/// What the ledger never decided is not told as done.
#[actix_web::test]
async fn a_change_that_the_bank_has_not_decided_is_not_done() {
    let town = Town::new().await;
    let caller = crate::server::principal::Principal {
        member: town.member("ada"),
        via: crate::server::principal::Via::Session(crate::server::members::SessionId::random()),
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        presence: Presence::new(Shown::Proven, false),
    };
    let entry = super::Entry { command: Some(jangbu::CommandId::random()), ..super::Entry::about("x.y", caller.id()) };
    town.service.audit.change(&caller, entry).await.unwrap();
    assert_eq!(of(&entries(&town, "action=x.y").await[0], &["outcome", "code"]), json!(["not_done", null]));
}

#[actix_web::test]
async fn every_kind_of_refusal_is_kept_with_who_from_where_and_how_often() {
    let town = Town::with(|config| config.rates.lookups.per_member = 2).await;
    let joon = town.member("joon").id.to_string();
    let sign_in = async |username: &str, password: &str| {
        let body = json!({ "username": username, "password": password });
        town.call(TestRequest::post().uri("/api/v1/session").set_json(body).insert_header(("x-request-id", "tried")))
            .await
    };
    // Both failures are below the limits of the address.
    assert_eq!(sign_in("joon", "wrong").await.json["code"], "wrong_credentials");
    assert_eq!(sign_in("nobody at all", PASSWORD).await.json["code"], "wrong_credentials");
    for _ in 0..3 {
        assert_eq!(town.get(Some("mina"), &format!("/admin/members/{joon}")).await.status, 403);
    }
    for _ in 0..4 {
        town.get(Some("mina"), "/payees/9990001").await;
    }
    for _ in 0..2 {
        let request = TestRequest::get().uri("/api/v1/accounts").insert_header(("authorization", "Bearer jb_no_such"));
        assert_eq!(town.call(request).await.status, 401);
    }
    let cross_site = TestRequest::post().uri("/api/v1/deposits").set_json(json!({}));
    let cross_site =
        cross_site.insert_header(town.cookie("mina").await).insert_header(("origin", "https://evil.example"));
    assert_eq!(town.call(cross_site).await.json["code"], "cross_site");
    assert!(entries(&town, "action=request.refused").await.is_empty(), "they are counted first");
    written(&town).await;

    let failed = entries(&town, "action=session.refused").await;
    let fields = ["object", "object_id", "code", "outcome", "count", "address", "request_id", "via", "username"];
    let mut failed: Vec<Value> = failed.iter().map(|entry| of(entry, &fields)).collect();
    failed.sort_by_key(Value::to_string);
    let expected =
        |id: &str| json!(["member", id, "wrong_credentials", "refused", 1, "127.0.0.1", "tried", "sign_in", null]);
    let mut known = [expected(&joon), expected("unknown")];
    known.sort_by_key(Value::to_string);
    assert_eq!(failed, known);

    let refused = entries(&town, "action=request.refused").await;
    let fields = ["object_id", "code", "count", "after", "username", "via"];
    let mut refused: Vec<Value> = refused.iter().map(|entry| of(entry, &fields)).collect();
    refused.sort_by_key(Value::to_string);
    let about = |thing: &str| json!({ "of": [thing] });
    let mut expected = [
        json!(["GET /api/v1/admin/members/{id}", "not_allowed", 3, about(&joon), "mina", "session"]),
        json!(["GET /api/v1/payees/{number}", "rate_limited", 2, about("9990001"), "mina", "session"]),
        json!(["GET /api/v1/accounts", "token_invalid", 2, null, null, "token"]),
        json!(["POST /api/v1/deposits", "cross_site", 1, null, null, "nobody"]),
    ];
    expected.sort_by_key(Value::to_string);
    assert_eq!(refused, expected);

    // What was tried with the name of a member is gone with the member.
    assert_eq!(town.send("ada", Method::POST, &format!("/admin/members/{joon}/erase"), None).await.status, 200);
    let left = entries(&town, &format!("action=session.refused&object=member&object_id={joon}")).await;
    assert_eq!(of(&left[0], &["code", "address"]), json!(["wrong_credentials", null]));
}

#[actix_web::test]
async fn what_repeats_is_written_when_its_minute_is_over() {
    let town = Town::new().await;
    let path = format!("/admin/members/{}", town.member("mina").id);
    for _ in 0..4 {
        assert_eq!(town.get(Some("theo"), &path).await.status, 200);
    }
    let counts = async || -> Vec<Value> {
        entries(&town, "action=member.read").await.iter().map(|entry| of(entry, &["count", "username"])).collect()
    };
    town.service.audit.flush(false).await.unwrap();
    assert_eq!(counts().await, [json!([1, "theo"])]);
    town.clock.advance(Duration::from_secs(61));
    town.service.audit.flush(false).await.unwrap();
    assert_eq!(counts().await, [json!([3, "theo"]), json!([1, "theo"])]);
    town.service.audit.flush(true).await.unwrap();
    assert_eq!(counts().await.len(), 2, "nothing is written twice");
}

#[actix_web::test]
async fn searches_histories_reads_of_the_log_and_files_are_kept() {
    let town = Town::new().await;
    let mina = town.member("mina").id.to_string();
    for path in [
        "/admin/members?q=kim&role=member&limit=10".to_owned(),
        "/admin/members?q=kim&role=member&limit=20".to_owned(),
        "/admin/accounts?q=mina&sort=number".to_owned(),
        "/admin/transfers?text=rent".to_owned(),
        "/admin/tokens?q=robot".to_owned(),
        "/admin/audit?object=account".to_owned(),
        format!("/admin/members/{mina}/history"),
        format!("/admin/accounts/{}/history", town.mina),
        "/admin/account-types/basic/history".to_owned(),
        "/admin/members?format=csv".to_owned(),
        "/admin/members?format=xlsx&q=mina".to_owned(),
        "/admin/transfers?format=csv".to_owned(),
        format!("/accounts/{}/entries?format=csv", town.mina),
    ] {
        assert_eq!(town.get(Some("ada"), &path).await.status, 200, "{path}");
    }
    written(&town).await;
    let ada = town.member("ada").id;
    let found = entries(&town, &format!("member={ada}")).await;
    let with = |action: &str| -> Vec<Value> {
        let fields = ["object_id", "after", "count"];
        let mut found: Vec<Value> =
            found.iter().filter(|entry| entry["action"] == action).map(|entry| of(entry, &fields)).collect();
        found.iter_mut().filter_map(|entry| entry[1].as_object_mut()).for_each(|after| drop(after.remove("request")));
        found.sort_by_key(Value::to_string);
        found
    };
    let sought = json!({ "q": "kim", "role": "member" });
    assert_eq!(
        with("members.read"),
        [
            json!(["list", { "format": "csv" }, 1]),
            json!(["list", { "format": "xlsx", "q": "mina" }, 1]),
            json!(["list", sought, 1]),
            json!(["list", sought, 1]),
        ]
    );
    assert_eq!(with("accounts.read"), [json!(["list", { "q": "mina" }, 1])]);
    assert_eq!(with("transfers.read").last().unwrap(), &json!(["list", { "text": "rent" }, 1]));
    assert_eq!(with("tokens.read"), [json!(["list", { "q": "robot" }, 1])]);
    assert_eq!(with("audit.read"), [json!(["list", { "object": "account" }, 1])]);
    assert_eq!(with("member.history_read"), [json!([mina, null, 1])]);
    assert_eq!(with("account.history_read"), [json!([town.mina, null, 1])]);
    assert_eq!(with("account_type.history_read"), [json!(["basic", null, 1])]);
    assert_eq!(
        with("members.exported"),
        [
            json!(["list", { "rows": 1, "sought": { "format": "xlsx", "q": "mina" } }, 1]),
            json!(["list", { "rows": 5, "sought": { "format": "csv" } }, 1]),
        ]
    );
    assert_eq!(with("transfers.exported"), [json!(["list", { "rows": 2, "sought": { "format": "csv" } }, 1])]);
    assert_eq!(with("account.exported"), [json!([town.mina, { "rows": 2, "sought": { "format": "csv" } }, 1])]);
    // What a member takes of the own account is nobody's business.
    let own = town.get(Some("mina"), &format!("/accounts/{}/entries?format=csv", town.mina)).await;
    assert_eq!(own.status, 200);
    written(&town).await;
    assert!(entries(&town, &format!("member={mina}&action=account.")).await.is_empty());
}

#[actix_web::test]
async fn the_log_is_followed_without_a_gap_and_every_entry_comes_once() {
    let town = Town::new().await;
    let follow = async |query: String| {
        let answer = town.get(Some("auda"), &format!("/admin/audit?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let ids: Vec<String> =
            answer.json["data"].as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap().into()).collect();
        (ids, answer.json["next"].as_str().unwrap().to_owned(), answer.json["has_more"].as_bool().unwrap())
    };
    let now = follow("follow=now".into()).await;
    assert!(now.0.is_empty());
    // From the start, in pages of any size, it is the list from its end.
    let (mut all, mut place) = (Vec::new(), "start".to_owned());
    loop {
        let (ids, next, has_more) = follow(format!("follow={place}&limit=3")).await;
        all.extend(ids);
        place = next;
        if !has_more {
            break;
        }
    }
    let mut listed: Vec<String> =
        entries(&town, "").await.iter().map(|entry| entry["id"].as_str().unwrap().into()).collect();
    listed.reverse();
    assert_eq!(all, listed[..all.len()]);
    assert!(all.len() > 10);

    // Who waits hears of the next one that fits.
    let waiting = follow(format!("follow={}&action=cash.&wait_s=20", now.1));
    let acting = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        town.send("theo", Method::POST, "/deposits", json!({ "to": town.mina, "amount": 5 })).await
    };
    let ((ids, next, _), made) = futures::future::join(waiting, acting).await;
    assert_eq!((ids.len(), made.status.as_u16()), (1, 201));
    let (ids, next, _) = follow(format!("follow={next}&action=cash.&wait_s=0")).await;
    assert!(ids.is_empty());
    // A service that stops lets nobody wait.
    town.service.stopping.begin();
    assert!(follow(format!("follow={next}&action=cash.&wait_s=20")).await.0.is_empty());

    for wrong in
        ["follow=yesterday", "follow=now&cursor=abc", "follow=now&wait_s=21", "wait_s=1", "follow=now&format=csv"]
    {
        assert_eq!(town.get(Some("auda"), &format!("/admin/audit?{wrong}")).await.status, 400, "{wrong}");
    }
    let beyond = town.get(Some("auda"), "/admin/audit?follow=999999-0000000000000000").await;
    assert!(beyond.status.is_client_error(), "{}", beyond.text);
    assert_eq!(town.get(Some("theo"), "/admin/audit?follow=now").await.status, 403);
}

#[actix_web::test]
async fn a_token_that_reads_follows_the_log() {
    let town = Town::new().await;
    let secret = token(&town, "auda", "audit").await;
    let request = TestRequest::get().uri("/api/v1/admin/audit?follow=now");
    let answer = town.call(request.insert_header(("authorization", format!("Bearer {secret}")))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

/// From where somebody unknown tried to be a member is about that member: it goes with the member's key. Of a name that
/// nobody has there is no such key.
#[actix_web::test]
async fn from_where_a_sign_in_failed_is_sealed_for_the_member_of_that_name() {
    let town = Town::new().await;
    let joon = town.member("joon").id.to_string();
    for username in ["joon", "nobody-of-that-name"] {
        let body = json!({ "username": username, "password": "not this one" });
        assert_eq!(town.send(None, Method::POST, "/session", body).await.status, 401);
    }
    written(&town).await;
    let kept = town.service.bank.records("audit", "", None, 200).await.unwrap().data;
    let kept: Vec<Value> = kept.iter().map(|record| serde_json::from_slice(&record.value).unwrap()).collect();
    let of = |id: &str| kept.iter().find(|kept| kept["action"] == "session.refused" && kept["id"] == id).unwrap();
    let (known, unknown) = (of(&joon), of("unknown"));
    assert_eq!(known["address"]["sealed"]["whose"], joon.as_str());
    assert!(!known.to_string().contains("127.0.0.1"), "{known}");
    assert_eq!(unknown["address"], json!({ "clear": "127.0.0.1" }));
    assert!(!kept.iter().any(|kept| kept.to_string().contains("nobody-of-that-name")), "people type passwords there");
}

/// Each is asked for twice: what repeats is counted, and nothing of it is left out.
#[actix_web::test]
async fn every_entry_says_who_from_where_by_which_request_and_whose_data() {
    let town = Town::with(|config| config.rates.lookups.per_member = 1).await;
    let joon = town.member("joon").id.to_string();
    let (number, wrong) = (town.joon.to_string(), json!({ "username": "joon", "password": "not this one" }));
    let cookies = [town.cookie("mina").await, town.cookie("ada").await];
    let (mina, ada) = (Some(0), Some(1));
    // The budget is used up, and what is refused from now on is what it refused.
    assert_eq!(town.get(Some("mina"), "/payees/9990000").await.status, 404);
    let history = format!("/admin/members/{joon}/history");
    let of_account = format!("/admin/accounts/{number}/history");
    let (of_joon, of_payee) = (json!({ "of": [joon] }), json!({ "of": ["9990001"] }));
    let kim = json!({ "q": "kim" });
    let told = |rows: u64| json!({ "rows": rows, "sought": { "q": "kim", "format": "csv" } });
    let member = format!("/admin/members/{joon}");
    let seen = [
        // who, asked for, status: the entry's action, object, id, code, and what it was about; how often an entry counts
        (None, "/session", 401, ["session.refused", "member", &joon, "wrong_credentials"], Value::Null, &[2][..]),
        (
            mina,
            &member,
            403,
            ["request.refused", "request", "GET /api/v1/admin/members/{id}", "not_allowed"],
            of_joon,
            &[2],
        ),
        (
            mina,
            "/payees/9990001",
            429,
            ["request.refused", "request", "GET /api/v1/payees/{number}", "rate_limited"],
            of_payee,
            &[2],
        ),
        (mina, "/me", 503, ["request.refused", "request", "PATCH /api/v1/me", "storage_low"], Value::Null, &[2]),
        (
            ada,
            "/admin/audit?object=account",
            200,
            ["audit.read", "audit", "list", ""],
            json!({ "object": "account" }),
            &[1, 1],
        ),
        (ada, &history, 200, ["member.history_read", "member", &joon, ""], Value::Null, &[1, 1]),
        (ada, &of_account, 200, ["account.history_read", "account", &number, ""], Value::Null, &[1, 1]),
        (ada, "/admin/members?q=kim", 200, ["members.read", "members", "list", ""], kim, &[1, 1]),
        (ada, "/admin/members?q=kim&format=csv", 200, ["members.exported", "members", "list", ""], told(1), &[1, 1]),
    ];
    for (at, (who, path, status, ..)) in seen.iter().enumerate() {
        let low = Space { free_bytes: u64::from(*status != 503) << 39, total_bytes: 1 << 40 };
        town.service.storage.measure_by(move || Some(low));
        for turn in ["first", "second"] {
            let mut request = TestRequest::with_uri(&format!("/api/v1{path}"));
            request = match *path {
                "/session" => request.method(Method::POST).set_json(&wrong),
                "/me" => request.method(Method::PATCH).set_json(json!({ "name": "M" })),
                _ => request,
            };
            if let Some(who) = who {
                request = request.insert_header(cookies[*who].clone());
            }
            let answer = town.call(request.insert_header(("x-request-id", format!("{turn}-{at}")))).await;
            assert_eq!(answer.status, *status, "{path}: {}", answer.text);
        }
    }
    written(&town).await;
    for (at, (who, path, _, [action, object, id, code], about, counts)) in seen.into_iter().enumerate() {
        let mut found = entries(&town, &format!("action={action}")).await;
        let ids = [format!("first-{at}"), format!("second-{at}")];
        // What is written once it is counted names the last request; a file has its own among what it was about.
        let by_request = |entry: &Value| {
            let asked = if action == "members.exported" { &entry["after"]["request"] } else { &entry["request_id"] };
            ids.iter().any(|id| asked == id.as_str())
        };
        found.retain(by_request);
        for entry in &mut found {
            entry["after"].as_object_mut().map(|after| after.remove("request"));
        }
        assert_eq!(found.iter().map(|entry| entry["count"].as_u64().unwrap()).collect::<Vec<_>>(), counts, "{path}");
        let username = who.map_or(Value::Null, |who| json!(["mina", "ada"][who]));
        let code = if code.is_empty() { Value::Null } else { code.into() };
        let fields = ["object", "object_id", "code", "after", "username", "address"];
        for entry in found {
            let expected = json!([object, id, code, about, username, "127.0.0.1"]);
            assert_eq!(of(&entry, &fields), expected, "{path}: {entry}");
        }
    }
}
