//! What a member, or a few, could do to everybody: fill the journal, take what is counted, find out who is there.
//!
//! The same over TCP, at full speed, is in `tests/serve/flood.rs`.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use futures::future::join_all;
use jangbu::{
    AccountNumber, Amount, OpenAccount,
    schedules::{Rule, Schedule, SetSchedule},
};
use serde_json::{Value, json};

use super::config::{Budget, Config, Rates};
use super::principal::Permission;
use super::storage::Space;
use super::testing::{Answer, Town};

/// A client with one session, so that asking again begins no other one.
struct Client<'a> {
    town: &'a Town,
    cookie: String,
}

impl<'a> Client<'a> {
    async fn of(town: &'a Town, who: &str) -> Client<'a> {
        Client { town, cookie: town.cookie(who).await.1 }
    }

    async fn send(&self, method: Method, path: &str, body: impl Into<Option<Value>>) -> Answer {
        self.town.send_with(None, method, path, body, &[("cookie", &self.cookie)]).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, body).await
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).into()
}

fn standing_order(from: AccountNumber, to: AccountNumber) -> Value {
    json!({ "from": from, "to": to, "amount": 1, "rule": { "every": "day", "time": "09:30" } })
}

fn in_a_month(town: &Town) -> String {
    town.service.time.now().after(Duration::from_secs(30 * 86_400)).to_string()
}

/// Each of these is asked for twice, and the second time leaves the journal as it is.
#[actix_web::test]
async fn a_change_that_changes_nothing_writes_nothing() {
    let town = Town::new().await;
    let (mina, ada) = (Client::of(&town, "mina").await, Client::of(&town, "ada").await);
    let token = json!({ "name": "t", "scopes": ["read"], "expires_at": in_a_month(&town) });
    let token = text(&mina.post("/me/tokens", token).await.json["token"]["id"]);
    town.cookie("mina").await;
    let session = text(&mina.send(Method::GET, "/sessions", None).await.json["data"][0]["id"]);
    let order = text(&mina.post("/me/schedules", standing_order(town.mina, town.joon)).await.json["id"]);
    let kind = json!({ "code": "plain", "name": "Plain", "currency": "KRW" });
    assert_eq!(ada.post("/admin/account-types", kind).await.status, 201);
    let (me, number) = (town.member("mina").id, town.mina);
    let theirs = format!("/admin/accounts/{number}");
    let both = |debits: bool| json!({ "frozen": { "debits": debits, "credits": debits } });
    for (client, method, path, body) in [
        (&mina, Method::PATCH, "/me".to_owned(), json!({ "name": "Mina Lee", "email": "m@example.com" })),
        (&mina, Method::DELETE, format!("/me/tokens/{token}"), Value::Null),
        (&mina, Method::DELETE, format!("/sessions/{session}"), Value::Null),
        (&mina, Method::POST, format!("/me/schedules/{order}/pause"), Value::Null),
        (&mina, Method::POST, format!("/me/schedules/{order}/resume"), Value::Null),
        (&mina, Method::POST, format!("/me/schedules/{order}/cancel"), Value::Null),
        (&ada, Method::PATCH, format!("/admin/members/{me}"), json!({ "free_transfers_per_day": 7 })),
        (&ada, Method::PATCH, format!("/admin/members/{me}"), json!({ "role": "teller" })),
        (&ada, Method::PATCH, format!("/admin/members/{me}"), json!({ "role": "member", "name": "Mina Kim" })),
        (&ada, Method::PATCH, format!("/admin/members/{me}"), json!({ "disabled": true })),
        (&ada, Method::POST, "/admin/members/bulk".to_owned(), json!({ "ids": [me], "action": "enable" })),
        (&ada, Method::PATCH, theirs.clone(), both(true)),
        (&ada, Method::PATCH, theirs.clone(), json!({ "overdraft": 5 })),
        (&ada, Method::PATCH, theirs.clone(), json!({ "type": "plain" })),
        (&ada, Method::PATCH, theirs.clone(), json!({ "own_limit_per_transfer": 9, "own_limit_per_day": null })),
        (&ada, Method::POST, "/admin/accounts/bulk".to_owned(), json!({ "numbers": [number], "action": "unfreeze" })),
        (&ada, Method::POST, "/admin/accounts/bulk".to_owned(), json!({ "numbers": [number], "action": "freeze" })),
        (&ada, Method::PATCH, "/admin/account-types/plain".to_owned(), json!({ "name": "Simple", "fee": 3 })),
    ] {
        for round in 0..2 {
            let mut body = body.clone();
            if method == Method::PATCH && path != "/me" {
                // Staff's reads are audited, and come before the journal is looked at.
                body["version"] = ada.send(Method::GET, &path, None).await.json["version"].clone();
            }
            let before = town.service.bank.stats().durable;
            let answer = client.send(method.clone(), &path, Some(body).filter(|body| !body.is_null())).await;
            let after = town.service.bank.stats().durable;
            if round == 0 {
                assert!(answer.status.is_success() && after > before, "{method} {path}: {}", answer.text);
            } else {
                assert!(answer.status.as_u16() < 500, "{method} {path}: {}", answer.text);
                assert_eq!(after, before, "{method} {path} {} writes again: {}", answer.status, answer.text);
            }
        }
    }
}

/// Asks for every operation that is a member's own, and that writes, again and again.
#[actix_web::test]
async fn every_write_of_a_member_comes_to_the_end_of_its_budget() {
    let tight = Budget { per_member: 3, per_address: 1_000, total: 1_000 };
    let town = Town::with(|config| {
        let endless = Rates::UNLIMITED;
        config.rates = Rates {
            changes: tight,
            credentials: tight,
            endings: tight,
            transfers: tight,
            batch_transfers: tight,
            sign_in_per_address: 3,
            sign_up_per_address: 3,
            ..endless
        };
    })
    .await;
    let things = super::matrix_tests::Things::of(&town).await;
    for operation in super::matrix_tests::operations(&town).await {
        let super::matrix_tests::Operation { method, path, permission, has_body, .. } = operation;
        let is_own = matches!(permission, None | Some(Permission::ManageOwn | Permission::MoveOwn | Permission::Batch));
        let name = format!("{method} {path}");
        // A session is signed out once.
        if method.is_safe() || !is_own || name == "DELETE /session" {
            continue;
        }
        // What ends things has its budget by session.
        let mina = Client::of(&town, "mina").await;
        let path = things.path(&path, super::matrix_tests::Whose::Own);
        let mut statuses = Vec::new();
        for _ in 0..5 {
            let (mine, theirs) = (&things.mina.account, &things.joon.account);
            let body = super::matrix_tests::body(&town, &name, mine, theirs, &things.mina.member);
            let answer = mina.send(method.clone(), &path, body.filter(|_| has_body)).await;
            if answer.status == 429 {
                assert!(answer.headers.contains_key("retry-after"), "{name}");
                assert_eq!(answer.json["code"], "rate_limited", "{name}");
            }
            statuses.push(answer.status.as_u16());
        }
        assert_eq!(statuses[3..], [429, 429], "{name}: {statuses:?}");
    }
    // Others, and staff, go on.
    assert_eq!(town.send("joon", Method::PATCH, "/me", json!({ "name": "J" })).await.status, 200);
    let deposit = json!({ "to": town.mina, "amount": 1 });
    for _ in 0..5 {
        assert_eq!(town.send("theo", Method::POST, "/deposits", deposit.clone()).await.status, 201);
    }
}

/// What 429 refuses was not begun.
#[actix_web::test]
async fn what_is_refused_for_its_budget_writes_nothing() {
    let town = Town::with(|config| config.rates = Config::new("").rates).await;
    let mina = Client::of(&town, "mina").await;
    let (mut written, mut refused) = (0, 0);
    for count in 0..200 {
        let before = town.service.bank.stats().durable;
        let answer = mina.send(Method::PATCH, "/me", json!({ "name": format!("Mina {count}") })).await;
        match answer.status.as_u16() {
            200 => written += 1,
            429 => {
                refused += 1;
                assert_eq!(town.service.bank.stats().durable, before);
            }
            _ => panic!("{}", answer.text),
        }
    }
    assert!((60..70).contains(&written) && refused > 100, "{written} {refused}");
}

#[actix_web::test]
async fn below_the_reserve_members_write_nothing_and_staff_go_on() {
    let town = Town::new().await;
    let things = super::matrix_tests::Things::of(&town).await;
    let hold = json!({ "from": town.mina, "to": town.joon, "amount": 5 });
    let hold = text(&town.send("theo", Method::POST, "/holds", hold).await.json["id"]);
    let low = Space { free_bytes: 1 << 20, total_bytes: 1 << 40 };
    town.service.storage.measure_by(move || Some(low));
    let mina = Client::of(&town, "mina").await;
    for operation in super::matrix_tests::operations(&town).await {
        let super::matrix_tests::Operation { method, path, permission, has_body, .. } = operation;
        let is_own = matches!(permission, Some(Permission::ManageOwn | Permission::MoveOwn | Permission::Batch));
        // To end things goes on: it stops what writes.
        let ends = method == Method::DELETE || path.ends_with("/cancel") || path.ends_with("/{change}");
        if method.is_safe() || !(is_own && !ends || path == "/members") {
            continue;
        }
        let name = format!("{method} {path}");
        let (mine, theirs) = (&things.mina.account, &things.joon.account);
        let body = super::matrix_tests::body(&town, &name, mine, theirs, &things.mina.member);
        let before = town.service.bank.stats().durable;
        let path = things.path(&path, super::matrix_tests::Whose::Own);
        let answer = mina.send(method, &path, body.filter(|_| has_body)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["code"]),
            (503, &json!("storage_low")),
            "{name}: {}",
            answer.text
        );
        assert!(answer.headers.contains_key("retry-after"), "{name}");
        assert_eq!(town.service.bank.stats().durable, before, "{name}");
    }
    assert_eq!(mina.send(Method::GET, "/accounts", None).await.status, 200);
    let deposit = json!({ "to": town.mina, "amount": 1 });
    assert_eq!(town.send("theo", Method::POST, "/deposits", deposit).await.status, 201);
    let settled = town.send("theo", Method::POST, &format!("/transfers/{hold}/settle"), json!({})).await;
    assert_eq!(settled.status, 200, "{}", settled.text);
    let sign_in = json!({ "username": "ada", "password": super::testing::PASSWORD });
    assert_eq!(town.send(None, Method::POST, "/session", sign_in).await.status, 200);
    let ready = town.call(TestRequest::with_uri("/readyz")).await;
    assert!(ready.status == 200 && ready.text.contains("storage is low"), "{}", ready.text);

    town.service.storage.measure_by(|| Some(Space { free_bytes: 1 << 39, total_bytes: 1 << 40 }));
    assert_eq!(mina.send(Method::PATCH, "/me", json!({ "name": "M" })).await.status, 200);
    assert_eq!(town.call(TestRequest::with_uri("/readyz")).await.text, "ready\n");
}

/// Two that count at the same moment find the same number.
#[actix_web::test]
async fn caps_hold_when_many_ask_at_once() {
    let town = Town::new().await;
    let mina = Client::of(&town, "mina").await;
    let kind = json!({ "code": "plain", "name": "Plain", "currency": "KRW" });
    town.send("ada", Method::POST, "/admin/account-types", kind).await;
    let token = json!({ "name": "t", "scopes": ["read"], "expires_at": in_a_month(&town) });
    // An account that she has counts.
    for (path, body, most, code) in [
        ("/accounts", json!({ "type": "plain" }), 99, "too_many_accounts"),
        ("/me/tokens", token, 50, "too_many_tokens"),
        ("/me/schedules", standing_order(town.mina, town.joon), 100, "too_many_schedules"),
    ] {
        let answers = join_all((0..160).map(|_| mina.post(path, body.clone()))).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, most, "{path}");
        let refused = answers.iter().find(|answer| answer.status != 201).unwrap();
        assert_eq!((refused.status.as_u16(), &refused.json["code"]), (422, &json!(code)), "{}", refused.text);
    }
    // Others' orders that pay to her are not hers.
    let joon = Client::of(&town, "joon").await;
    assert_eq!(joon.post("/me/schedules", standing_order(town.joon, town.mina)).await.status, 201);
    let list = mina.send(Method::GET, "/me/schedules?limit=1", None).await;
    let order = format!("/me/schedules/{}/cancel", text(&list.json["data"][0]["id"]));
    assert_eq!(mina.send(Method::POST, &order, None).await.status, 200);
    assert_eq!(mina.post("/me/schedules", standing_order(town.mina, town.joon)).await.status, 201, "room again");
}

#[actix_web::test]
async fn retries_have_a_floor_and_a_bound() {
    let town = Town::new().await;
    for (attempts, interval_s, status, field) in [
        (0, 0, 201, ""),
        (10, 600, 201, ""),
        (1, 2_678_400, 201, ""),
        (11, 600, 400, "retry.attempts"),
        (1, 599, 400, "retry.interval_s"),
        (1, 1, 400, "retry.interval_s"),
    ] {
        let mut wanted = standing_order(town.mina, town.joon);
        wanted["retry"] = json!({ "attempts": attempts, "interval_s": interval_s });
        let answer = town.send("mina", Method::POST, "/me/schedules", wanted).await;
        assert_eq!(answer.status, status, "{attempts} {interval_s}: {}", answer.text);
        if status == 400 {
            assert_eq!(answer.json["errors"][0]["field"], field);
        }
    }
}

/// The ways to ask whether there is an account of a number, each with what is asked.
fn probes(town: &Town, number: &str) -> [(&'static str, Method, String, Option<Value>); 6] {
    let from = town.mina;
    // Typed in another way: which account is meant would show that it is there.
    let bounds = json!({ "payees": [number.to_lowercase()] });
    let token = json!({ "name": "t", "scopes": ["read"], "expires_at": in_a_month(town), "bounds": bounds });
    let transfer = json!({ "from": from, "to": number, "amount": 1_000_000_000 });
    let order = json!({ "from": from, "to": number, "amount": 1, "rule": { "every": "day", "time": "09:30" } });
    [
        ("look-up", Method::GET, format!("/payees/{number}"), None),
        ("quote", Method::POST, "/quotes".into(), Some(transfer.clone())),
        ("transfer", Method::POST, "/transfers".into(), Some(transfer.clone())),
        ("schedule", Method::POST, "/me/schedules".into(), Some(order)),
        ("batch", Method::POST, "/transfers/batch".into(), Some(json!([transfer]))),
        ("token", Method::POST, "/me/tokens".into(), Some(token)),
    ]
}

/// Whatever tells whether an account exists is one budget; of batches, one of their own.
#[actix_web::test]
async fn accounts_cannot_be_harvested_by_any_operation() {
    for way in 0..6 {
        let budget = Budget { per_member: 4, per_address: 0, total: 0 };
        let town = Town::with(|config| {
            config.rates.lookups = budget;
            config.rates.batch_lookups = budget;
        })
        .await;
        let mina = Client::of(&town, "mina").await;
        let theo = OpenAccount::new(town.member("theo").owner());
        let there = town.service.bank.open_account(theo).await.unwrap();
        // Somebody's, nobody's: each costs one. Her own costs nothing.
        let mut statuses = Vec::new();
        let numbers = [town.mina.as_str(), town.joon.as_str(), there.as_str(), "X1", "X2", "X3"];
        for number in numbers {
            let (_, method, path, body) = probes(&town, number)[way].clone();
            statuses.push(mina.send(method, &path, body).await.status.as_u16());
        }
        let name = probes(&town, "X")[way].0;
        assert!(statuses[..5].iter().all(|status| *status != 429) && statuses[5] == 429, "{name}: {statuses:?}");
        // Whom she knows by now she may ask about, and pay.
        for (_, method, path, body) in probes(&town, town.joon.as_str()) {
            let answer = mina.send(method, &path, body).await;
            assert_ne!(answer.status, 429, "{path}: {}", answer.text);
        }
        if ["batch", "token"].contains(&name) {
            continue;
        }
        for (other, method, path, body) in probes(&town, "X4") {
            let answer = mina.send(method, &path, body).await;
            assert_eq!(
                answer.status == 429,
                !["batch", "token"].contains(&other),
                "{other} after {name}: {}",
                answer.text
            );
        }
    }
}

/// What a filter finds of somebody else's account is what it finds of one that is not there.
#[actix_web::test]
async fn filters_answer_alike_for_foreign_and_for_unknown_accounts() {
    let town = Town::new().await;
    let mina = Client::of(&town, "mina").await;
    let theo = OpenAccount::new(town.member("theo").owner());
    let foreign = town.service.bank.open_account(theo).await.unwrap().to_string();
    let pay = json!({ "from": town.mina, "to": town.joon, "amount": 1, "reference": format!("for {foreign}, NOSUCH") });
    assert_eq!(mina.post("/transfers", pay).await.status, 201);
    for query in [
        "/transfers?q={}",
        "/transfers?q={}&text=rent",
        "/transfers?q={}&direction=out",
        "/transfers?q={}&status=refused",
        "/transfers?account={}",
        "/transfers?account={}&status=refused",
        "/accounts/{}",
        "/accounts/{}/entries",
        "/accounts/{}/balance",
        "/accounts/{}/holds",
        "/accounts/{}/events",
    ] {
        let mut answers = Vec::new();
        for number in [foreign.as_str(), "NOSUCH"] {
            let answer = mina.send(Method::GET, &query.replace("{}", number), None).await;
            let mut json = answer.json;
            json.as_object_mut().map(|fields| fields.remove("request_id"));
            answers.push((answer.status, json));
        }
        assert_eq!(answers[0], answers[1], "{query}");
    }
    // Whom she paid she finds by the number.
    let found = mina.send(Method::GET, &format!("/transfers?q={}", town.joon), None).await;
    assert_eq!(found.json["data"].as_array().unwrap().len(), 1, "{}", found.text);
}

/// What `docs/operations.md` says that each kind of write costs is what it costs: bytes of the journal, once and for ever.
#[actix_web::test]
async fn each_kind_of_write_costs_what_the_manual_says() {
    const MANUAL: &str = include_str!("../../docs/operations.md");
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let (mina, ada) = (Client::of(&town, "mina").await, Client::of(&town, "ada").await);
    let kind = json!({ "code": "plain", "name": "Plain", "currency": "KRW" });
    ada.post("/admin/account-types", kind).await;
    let (from, to) = (town.mina, town.joon);
    let pay = |amount: u64| json!({ "from": from, "to": to, "amount": amount });
    let token = json!({ "name": "payroll", "scopes": ["read"], "expires_at": in_a_month(&town) });
    let sign_up =
        json!({ "username": "newcomer", "password": "a long enough one", "name": "New C", "email": "n@example.com" });
    let sign_in = json!({ "username": "mina", "password": super::testing::PASSWORD });
    let batch: Value = (0..100).map(|_| pay(1)).collect();
    let mut wrong = Vec::new();
    for (what, divided, client, method, path, body) in [
        ("a sign-up", 1, None, Method::POST, "/members", sign_up),
        ("a sign-in", 1, None, Method::POST, "/session", sign_in),
        ("a change of the profile", 1, Some(&mina), Method::PATCH, "/me", json!({ "name": "Mina Lee" })),
        ("a second factor that is offered", 1, Some(&mina), Method::POST, "/me/totp", json!({ "action": "begin" })),
        ("a token", 1, Some(&mina), Method::POST, "/me/tokens", token),
        ("an account", 1, Some(&mina), Method::POST, "/accounts", json!({ "type": "plain" })),
        ("a schedule", 1, Some(&mina), Method::POST, "/me/schedules", standing_order(from, to)),
        ("a transfer", 1, Some(&mina), Method::POST, "/transfers", pay(1)),
        ("a transfer that is refused", 1, Some(&mina), Method::POST, "/transfers", pay(1_000_000_000)),
        ("a transfer in a batch of 100", 100, Some(&mina), Method::POST, "/transfers/batch", batch),
        ("a deposit at the counter", 1, Some(&ada), Method::POST, "/deposits", json!({ "to": to, "amount": 1 })),
        ("a look of staff at an account", 1, Some(&ada), Method::GET, "/admin/accounts", Value::Null),
    ] {
        let path = if what.starts_with("a look") { format!("{path}/{to}") } else { path.to_owned() };
        let body = Some(body).filter(|body| !body.is_null());
        let before = town.service.bank.stats().written_bytes;
        let answer = match client {
            Some(client) => client.send(method, &path, body).await,
            None => town.send(None, method, &path, body).await,
        };
        assert!(answer.status.is_success() || answer.status == 422, "{what}: {}", answer.text);
        let cost = (town.service.bank.stats().written_bytes - before) / divided;
        let row = MANUAL.lines().find_map(|line| line.strip_prefix(&format!("| {what} | ")));
        let said: u64 = row.and_then(|row| row.split(' ').next()?.parse().ok()).unwrap_or_default();
        println!("| {what} | {cost} |");
        // A commit has whole sectors, and texts of other lengths can take one more or less.
        if cost.abs_diff(said) > if divided == 1 { 512 } else { 16 } {
            wrong.push(format!("{what} costs {cost} bytes, and the manual says {said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A member has as many orders due at once as transfers a period, and then some.
#[actix_web::test]
async fn runs_of_orders_count_among_the_transfers_of_their_owner() {
    const MOST: u32 = 200;
    let transfers = Budget { per_member: MOST, per_address: 0, total: 0 };
    let town = Town::with(|config| config.rates = Rates { transfers, ..Rates::UNLIMITED }).await;
    town.service.run_orders().unwrap();
    let at = town.service.time.now().after(Duration::from_secs(3_600));
    let won = Amount::new(1).unwrap();
    let orders = (0..MOST + 5).map(|_| SetSchedule::new(Schedule::new(town.mina, town.joon, won, Rule::Once(at))));
    let orders: Vec<SetSchedule> = orders.collect();
    let others = SetSchedule::new(Schedule::new(town.joon, town.mina, won, Rule::Once(at)));
    let ids: Vec<_> = orders.iter().map(|order| order.id).collect();
    let other = others.id;
    for order in orders.into_iter().chain([others]) {
        town.service.bank.schedule(order).await.unwrap();
    }
    let posted = async || {
        let mut posted = 0;
        for id in &ids {
            posted += town.service.bank.standing_order(*id).await.unwrap().unwrap().progress.posted;
        }
        posted
    };
    let mina = Client::of(&town, "mina").await;
    let pay = json!({ "from": town.mina, "to": town.joon, "amount": 1 });
    assert_eq!(mina.post("/transfers", pay.clone()).await.status, 201);
    town.clock.advance(Duration::from_secs(3_601));
    town.service.bank.run_due().await.unwrap();
    // The limit refills as time passes, so a few more may have been made meanwhile; but not the same moment's.
    let made = posted().await;
    assert!(made < MOST + 5, "all {made} were made at once");
    assert_eq!(town.service.bank.standing_order(other).await.unwrap().unwrap().progress.posted, 1, "joon has his own");
    let mut waiting = Vec::new();
    // The other session has been idle for too long.
    let mina = Client::of(&town, "mina").await;
    for id in &ids {
        let order = mina.send(Method::GET, &format!("/me/schedules/{id}"), None).await.json;
        assert!(order["id"].is_string(), "{order}");
        assert_eq!(order["status"] == "active", order["put_off_until"].is_string(), "{order}");
        waiting.extend(order["put_off_until"].as_str().map(str::to_owned));
    }
    assert_eq!(waiting.len(), usize::try_from(MOST + 5 - made).unwrap());
    for _ in 0..200 {
        // By the clock of the bank they wait no longer; by that of the limit they may.
        town.clock.advance(Duration::from_secs(6));
        town.service.bank.run_due().await.unwrap();
        if posted().await == MOST + 5 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(posted().await, MOST + 5, "none is lost, and none comes twice");
    assert_eq!(town.service.bank.snapshot(town.mina).await.unwrap().posted.minor_units(), 100_000 - 5 - 200);
}
