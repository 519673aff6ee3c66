//! A request that is repeated with its key gets the whole first answer again, whatever has become of things meanwhile.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{account, pay, post, posted, typed_account};
use crate::server::config::{Config, Verification};
use crate::server::testing::{Answer, Town};

/// A request, the same each time.
struct Request {
    who: Option<&'static str>,
    method: Method,
    path: String,
    body: Option<Value>,
    key: String,
}

impl Request {
    fn new(who: impl Into<Option<&'static str>>, path: impl Into<String>, body: impl Into<Option<Value>>) -> Request {
        let path = path.into();
        let key = format!("key of {path}");
        Request { who: who.into(), method: Method::POST, path, body: body.into(), key }
    }

    /// A change of what is there.
    fn change(who: &'static str, path: impl Into<String>, body: Value) -> Request {
        Request { method: Method::PATCH, ..Request::new(who, path, body) }
    }

    /// The same with another key.
    fn keyed(mut self, key: &str) -> Request {
        self.key = key.into();
        self
    }

    async fn send(&self, town: &Town) -> Answer {
        let headers = [("idempotency-key", self.key.as_str())];
        town.send_with(self.who, self.method.clone(), &self.path, self.body.clone(), &headers).await
    }
}

/// What is compared of two answers: all but the id of the request.
fn whole(answer: &Answer) -> (u16, String, Option<String>) {
    let place = answer.headers.get("location").map(|place| place.to_str().unwrap().to_owned());
    let text = match answer.text.contains("request_id") {
        true => without_request_id(answer.json.clone()).to_string(),
        false => answer.text.clone(),
    };
    (answer.status.as_u16(), text, place)
}

fn without_request_id(mut value: Value) -> Value {
    match &mut value {
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_request_id(item.take())),
        Value::Object(fields) => {
            fields.remove("request_id");
            fields.values_mut().for_each(|field| *field = without_request_id(field.take()));
        }
        _ => {}
    }
    value
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotent-replayed").is_some_and(|replayed| replayed == "true")
}

fn id_of(answer: &Answer) -> String {
    answer.json["id"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

fn delay(config: &mut Config) {
    let (min, max) = (Duration::from_secs(3_600), Duration::from_secs(7_200));
    config.verification = Verification::Delay { min, max, rejected_per_mille: 0 };
}

/// Makes something of every kind, each with a key.
async fn make_everything(town: &Town) -> Vec<(Request, Answer)> {
    let mut made: Vec<(Request, Answer)> = Vec::new();
    let mut ask = async |request: Request, status: u16| {
        let answer = request.send(town).await;
        assert_eq!(answer.status.as_u16(), status, "{}: {}", request.path, answer.text);
        assert!(!is_replayed(&answer), "{}", request.path);
        made.push((request, answer.clone()));
        answer
    };
    let (mina, joon) = (town.mina, town.joon);
    let second = account(town, "mina", 0).await;
    let posted = id_of(&ask(Request::new("mina", "/transfers", pay(mina, joon, 10)), 201).await);
    ask(Request::new("mina", "/transfers", pay(mina, joon, 1_000_000)).keyed("too much"), 422).await;
    ask(Request::new("mina", "/transfers/batch", json!([pay(mina, joon, 1), pay(mina, joon, 1_000_000)])), 200).await;
    ask(Request::new("theo", "/deposits", json!({"to": mina.as_str(), "amount": 500})), 201).await;
    ask(Request::new("theo", "/withdrawals", json!({"from": mina.as_str(), "amount": 5})), 201).await;
    ask(
        Request::new("theo", "/sweeps", json!({"account": second.as_str(), "against": joon.as_str(), "target": 7})),
        201,
    )
    .await;
    let hold = id_of(&ask(Request::new("theo", "/holds", pay(mina, joon, 900)), 201).await);
    let of_hold = |what: &str| format!("/transfers/{hold}/{what}");
    ask(Request::new("theo", of_hold("settle"), json!({"amount": 100, "keep_rest": true})), 200).await;
    ask(Request::new("theo", of_hold("amend"), json!({"amount": 950, "expires_at": "2199-01-01T00:00:00Z"})), 200)
        .await;
    let voided = id_of(&ask(Request::new("theo", "/holds", pay(mina, joon, 30)).keyed("voided"), 201).await);
    ask(Request::new("theo", format!("/transfers/{voided}/void"), json!({"reason": "wrong"})), 200).await;
    ask(Request::new("theo", format!("/transfers/{posted}/reverse"), json!({"amount": 4})), 201).await;
    let steps = json!([{"type": "transfer", "from": mina.as_str(), "to": joon.as_str(), "amount": 3}]);
    ask(Request::new("theo", "/linked", json!({"steps": steps})), 201).await;
    let daily = json!({"every": "day", "time": "09:30"});
    let order = json!({"from": mina.as_str(), "to": joon.as_str(), "amount": 1, "rule": daily});
    let order = id_of(&ask(Request::new("mina", "/me/schedules", order), 201).await);
    for change in ["pause", "resume"] {
        ask(Request::new("mina", format!("/me/schedules/{order}/{change}"), None), 200).await;
    }
    let kind = json!({"code": "savings", "name": "Savings", "currency": "KRW", "fee": 100});
    ask(Request::new("ada", "/admin/account-types", kind), 201).await;
    ask(Request::new("mina", "/accounts", json!({"type": "savings"})), 201).await;
    let owner = town.member("joon").id.to_string();
    ask(Request::new("ada", "/admin/accounts", json!({"owner": owner, "type": "savings"})), 201).await;
    let member = json!({"username": "newcomer", "name": "N", "email": "n@example.com"});
    ask(Request::new("ada", "/admin/members", member), 201).await;
    let until = town.service.time.now().after(Duration::from_secs(86_400)).to_string();
    ask(Request::new("mina", "/me/tokens", json!({"name": "t", "scopes": ["read"], "expires_at": until})), 201).await;
    let anybody = json!({"username": "Sora", "password": "a long password", "name": "S", "email": "s@example.com"});
    ask(Request::new(None, "/members", anybody), 201).await;
    ask(Request::change("mina", "/me", json!({"name": "Mina of Seoul"})), 200).await;
    let joon = town.get(Some("ada"), &format!("/admin/members/{owner}")).await.json;
    let renamed = json!({"version": joon["version"], "name": "Joon of Busan"});
    ask(Request::change("ada", format!("/admin/members/{owner}"), renamed), 200).await;
    ask(Request::new("ada", "/admin/members/bulk", json!({"ids": [owner], "action": "enable"})), 200).await;
    let lowered =
        json!({"version": town.get(Some("ada"), "/admin/account-types/savings").await.json["version"], "fee": 90});
    ask(Request::change("ada", "/admin/account-types/savings", lowered), 200).await;
    let seconds = format!("/admin/accounts/{second}");
    let limited = json!({"version": town.get(Some("ada"), &seconds).await.json["version"], "own_limit_per_day": 70});
    ask(Request::change("ada", seconds, limited), 200).await;
    let open = json!({"numbers": [second.as_str(), "NONE"], "action": "unfreeze"});
    ask(Request::new("ada", "/admin/accounts/bulk", open), 200).await;
    made
}

/// Has everything that was made become something else.
async fn change_everything(town: &Town, made: &[(Request, Answer)]) {
    let of = |path: &str| &made.iter().find(|(request, _)| request.path == path).unwrap().1.json;
    let ok = |answer: Answer| assert!(answer.status.is_success(), "{}", answer.text);
    let hold = of("/holds")["id"].as_str().unwrap();
    ok(post(town, "theo", &format!("/transfers/{hold}/settle"), json!({})).await);
    ok(post(town, "theo", "/deposits", json!({"to": town.mina.as_str(), "amount": 2_000_000})).await);
    for path in ["/transfers", "/sweeps", "/linked"] {
        let id = of(path)["id"].as_str().unwrap();
        ok(post(town, "theo", &format!("/transfers/{id}/reverse"), json!({})).await);
    }
    let order = of("/me/schedules")["id"].as_str().unwrap();
    ok(town.send("mina", Method::POST, &format!("/me/schedules/{order}/cancel"), None).await);
    let changes = json!({"version": of("/admin/account-types/savings")["version"], "fee": 200, "name": "Saving more"});
    ok(town.send("ada", Method::PATCH, "/admin/account-types/savings", changes).await);
    let newcomer = &of("/admin/members")["member"];
    let changes = json!({"version": newcomer["version"], "name": "Another Name"});
    ok(town.send("ada", Method::PATCH, &format!("/admin/members/{}", newcomer["id"].as_str().unwrap()), changes).await);
    let token = of("/me/tokens")["token"]["id"].as_str().unwrap();
    ok(town.send("mina", Method::DELETE, &format!("/me/tokens/{token}"), None).await);
    for number in [town.mina.as_str(), of("/accounts")["number"].as_str().unwrap()] {
        ok(post(town, "ada", "/admin/accounts/bulk", json!({"numbers": [number], "action": "freeze"})).await);
    }
    let opened = of("/admin/accounts");
    let closing = json!({"version": opened["version"], "close": true});
    ok(town
        .send("ada", Method::PATCH, &format!("/admin/accounts/{}", opened["number"].as_str().unwrap()), closing)
        .await);
}

#[actix_web::test]
async fn a_repeated_request_gets_the_whole_first_answer_whatever_has_become_of_things() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let made = make_everything(&town).await;
    change_everything(&town, &made).await;
    let town = town.reopen(directory.path()).await.unwrap();
    let before = (posted(&town, town.mina).await, posted(&town, town.joon).await);
    let mut faults = Vec::new();
    for (request, first) in &made {
        let again = request.send(&town).await;
        if whole(&again) != whole(first) || !is_replayed(&again) {
            faults.push(format!("{}\n  {:?}\n  {:?}", request.path, whole(first), whole(&again)));
        }
        let Some(body) = &request.body else { continue };
        // The same key with something else.
        let mut other = body.clone();
        let fields = other.as_object_mut();
        match fields.and_then(|fields| fields.values_mut().find(|value| value.is_u64() || value.is_string())) {
            Some(value) if value.is_u64() => *value = 99.into(),
            Some(value) => *value = "other".into(),
            None => other = json!({}),
        }
        let (path, key, method) = (request.path.clone(), request.key.clone(), request.method.clone());
        let other = Request { who: request.who, method, path, body: Some(other), key };
        let answer = other.send(&town).await;
        // What does not even fit is told so.
        if !matches!(answer.status.as_u16(), 400 | 404 | 409) || is_replayed(&answer) {
            faults.push(format!("{} with another body: {} {}", other.path, answer.status, answer.text));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!((posted(&town, town.mina).await, posted(&town, town.joon).await), before);
}

#[actix_web::test]
async fn what_staff_does_about_pending_transfers_is_repeated_safely() {
    let town = super::waiting_town().await;
    let pending = async |key: &str| {
        id_of(&Request::new("mina", "/transfers", pay(town.mina, town.joon, 10)).keyed(key).send(&town).await)
    };
    let (first, second) = (pending("first").await, pending("second").await);
    let cancel = |id: &str| Request::new("ada", format!("/admin/transfers/{id}/cancel"), None).keyed("cancel");
    let answer = cancel(&first).send(&town).await;
    assert_eq!((answer.status.as_u16(), is_replayed(&answer)), (200, false), "{}", answer.text);
    let again = cancel(&first).send(&town).await;
    assert_eq!((whole(&again), is_replayed(&again)), (whole(&answer), true));
    let other = cancel(&second).send(&town).await;
    assert_eq!(other.json["code"], "id_reused", "of another transfer");
    let status = town.get(Some("mina"), &format!("/transfers/{second}")).await.json["status"].clone();
    assert_eq!(status, "pending");
}

#[actix_web::test]
async fn the_key_of_a_sign_up_tells_nobody_else_anything() {
    let town = Town::new().await;
    let body =
        |password: &str| json!({"username": "sora", "password": password, "name": "S", "email": "s@example.com"});
    let sign_up = |body: Value| Request::new(None, "/members", body);
    let first = sign_up(body("a long password")).send(&town).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let stranger = sign_up(body("another password")).send(&town).await;
    assert_eq!((stranger.status.as_u16(), &stranger.json["code"]), (409, &"id_reused".into()), "{}", stranger.text);
    let again = sign_up(body("a long password")).send(&town).await;
    assert_eq!((whole(&again), is_replayed(&again)), (whole(&first), true));
    let other_key = sign_up(body("a long password")).keyed("other").send(&town).await;
    assert_eq!(other_key.json["code"], "username_taken");
}

#[actix_web::test]
async fn a_key_is_one_callers_and_one_operations() {
    let town = Town::new().await;
    let key = |who, path: &str, body: Value| Request::new(who, path, body).keyed("k");
    let hold = |who| key(who, "/holds", pay(town.mina, town.joon, 5));
    let (theos, adas) = (hold("theo").send(&town).await, hold("ada").send(&town).await);
    assert_eq!((theos.status.as_u16(), adas.status.as_u16()), (201, 201));
    assert_ne!(id_of(&theos), id_of(&adas), "another caller's");
    let deposit = key("theo", "/deposits", json!({"to": town.mina.as_str(), "amount": 5})).send(&town).await;
    assert_eq!(deposit.status, 201, "another operation: {}", deposit.text);
    let settle = |hold: &Answer| key("theo", &format!("/transfers/{}/settle", id_of(hold)), json!({}));
    assert_eq!(settle(&theos).send(&town).await.status, 200);
    let of_another = Request { who: Some("ada"), ..settle(&adas) };
    assert_eq!(of_another.send(&town).await.status, 200);
    let second = Request::new("theo", "/holds", pay(town.mina, town.joon, 6)).send(&town).await;
    let reused = settle(&second).send(&town).await;
    assert_eq!((reused.status.as_u16(), &reused.json["code"]), (409, &"id_reused".into()), "of another hold");
}

#[actix_web::test]
async fn without_a_key_nothing_is_a_repetition() {
    let town = Town::new().await;
    let send = async || post(&town, "mina", "/transfers", pay(town.mina, town.joon, 1)).await;
    let (first, second) = (send().await, send().await);
    assert!(!is_replayed(&second));
    assert_ne!(id_of(&first), id_of(&second));
}

#[actix_web::test]
async fn a_request_has_one_key_or_none_and_no_empty_one() {
    let town = Town::new().await;
    let long = "k".repeat(256);
    for headers in [
        &[("idempotency-key", "a"), ("idempotency-key", "a")][..],
        &[("idempotency-key", "a"), ("Idempotency-Key", "b")],
        &[("idempotency-key", "")],
        &[("idempotency-key", &long)],
    ] {
        let body = pay(town.mina, town.joon, 1);
        let answer = town.send_with("mina", Method::POST, "/transfers", body, headers).await;
        assert_eq!((answer.status.as_u16(), &answer.json["errors"][0]["field"]), (400, &"Idempotency-Key".into()));
    }
    assert_eq!(posted(&town, town.mina).await, 100_000);
}

#[actix_web::test]
async fn a_bank_can_ask_for_a_key_with_everything_that_moves_money() {
    let town = Town::with(|config| config.require_idempotency_key = true).await;
    let plain = pay(town.mina, town.joon, 1);
    let id = "01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c";
    let cash = json!({"to": town.mina.as_str(), "from": town.mina.as_str(), "amount": 1});
    let only = |field: &str| {
        let mut cash = cash.clone();
        cash.as_object_mut().unwrap().remove(field);
        cash
    };
    let steps =
        json!({"steps": [{"type": "transfer", "from": town.mina.as_str(), "to": town.joon.as_str(), "amount": 1}]});
    let order = json!({"from": town.mina.as_str(), "to": town.joon.as_str(), "amount": 1,
        "rule": {"every": "day", "time": "09:30"}});
    for (who, path, body) in [
        ("mina", "/transfers".to_owned(), plain.clone()),
        ("mina", "/transfers/batch".to_owned(), json!([plain])),
        ("theo", "/holds".to_owned(), plain.clone()),
        ("theo", "/deposits".to_owned(), only("from")),
        ("theo", "/withdrawals".to_owned(), only("to")),
        ("theo", "/sweeps".to_owned(), json!({"account": town.mina.as_str(), "against": town.joon.as_str()})),
        ("theo", "/linked".to_owned(), steps),
        ("theo", format!("/transfers/{id}/settle"), json!({})),
        ("theo", format!("/transfers/{id}/amend"), json!({"amount": 5})),
        ("theo", format!("/transfers/{id}/reverse"), json!({})),
        ("mina", "/me/schedules".to_owned(), order),
    ] {
        let answer = post(&town, who, &path, body).await;
        assert_eq!((answer.status.as_u16(), &answer.json["errors"][0]["code"]), (400, &"required".into()), "{path}");
    }
    assert_eq!(posted(&town, town.mina).await, 100_000);
    let keyed = Request::new("mina", "/transfers", plain).send(&town).await;
    assert_eq!(keyed.status, 201);
}

#[actix_web::test]
async fn a_repetition_gets_its_answer_also_when_the_bank_begins_or_ceases_to_verify() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let (mina, joon) = (town.mina, town.joon);
    let mut open = pay(mina, joon, 50);
    open["at_most"] = true.into();
    let all = |suffix: &str| {
        vec![
            Request::new("mina", "/transfers", pay(mina, joon, 10)).keyed(&format!("single {suffix}")),
            Request::new("mina", "/transfers", pay(mina, joon, 10_000_000)).keyed(&format!("refused {suffix}")),
            Request::new("mina", "/transfers/batch", json!([pay(mina, joon, 1), pay(mina, joon, 2)])).keyed(suffix),
        ]
    };
    let mut asked = all("plain");
    asked.push(Request::new("mina", "/transfers", open.clone()).keyed("open"));
    asked.push(Request::new("mina", "/transfers/batch", json!([open, pay(mina, joon, 3)])).keyed("open"));
    let mut first = Vec::new();
    for request in &asked {
        first.push(whole(&request.send(&town).await));
    }
    assert_eq!(first.iter().map(|(status, ..)| *status).collect::<Vec<_>>(), [201, 422, 200, 201, 200]);
    let moved = posted(&town, mina).await;

    // The bank verifies from now on.
    let town = town.reopen_with(directory.path(), delay).await.unwrap();
    for (request, first) in asked.iter().zip(&first) {
        let again = request.send(&town).await;
        assert_eq!((&whole(&again), is_replayed(&again)), (first, true));
    }
    let new = Request::new("mina", "/transfers", open).keyed("open and new").send(&town).await;
    assert_eq!((new.status.as_u16(), &new.json["errors"][0]["field"]), (400, &"at_most".into()), "{}", new.text);
    let other = Request::new("mina", "/transfers", pay(mina, joon, 11)).keyed("single plain").send(&town).await;
    assert_eq!((other.status.as_u16(), &other.json["code"]), (409, &"id_reused".into()));
    let held = all("verified");
    let mut first = Vec::new();
    for request in &held {
        first.push(whole(&request.send(&town).await));
    }
    assert_eq!(first.iter().map(|(status, ..)| *status).collect::<Vec<_>>(), [202, 422, 200]);
    let hold = serde_json::from_str::<Value>(&first[0].1).unwrap()["id"].as_str().unwrap().to_owned();
    let cancel = Request::new("mina", format!("/transfers/{hold}/cancel"), None);
    let cancelled = cancel.send(&town).await;
    assert_eq!((cancelled.status.as_u16(), &cancelled.json["status"]), (200, &"cancelled".into()));

    // And now it does not.
    let town = town.reopen(directory.path()).await.unwrap();
    for (request, first) in held.iter().zip(&first) {
        let again = request.send(&town).await;
        assert_eq!((&whole(&again), is_replayed(&again)), (first, true));
    }
    assert_eq!(whole(&cancel.send(&town).await), whole(&cancelled));
    let mut open = pay(mina, joon, 10);
    open["at_most"] = true.into();
    let other = Request::new("mina", "/transfers", open).keyed("single verified").send(&town).await;
    assert_eq!((other.status.as_u16(), &other.json["code"]), (409, &"id_reused".into()));
    assert_eq!(posted(&town, mina).await, moved);
}

#[actix_web::test]
async fn a_fee_that_was_confirmed_is_binding() {
    let town = Town::new().await;
    let kind = json!({"code": "dear", "name": "Dear", "currency": "KRW", "fee": 500});
    assert_eq!(post(&town, "ada", "/admin/account-types", kind).await.status, 201);
    let from = typed_account(&town, "mina", 100_000, "dear".parse().unwrap()).await;
    let agreed = |most_fee: u64| {
        let mut body = pay(from, town.joon, 1_000);
        body["most_fee"] = most_fee.into();
        body
    };
    let quote = post(&town, "mina", "/quotes", pay(from, town.joon, 1_000)).await.json;
    assert_eq!(quote["fee"], 0, "{quote}");
    for _ in 0..3 {
        assert_eq!(post(&town, "mina", "/transfers", agreed(0)).await.status, 201);
    }
    // The free ones are used up: what the person saw is not what is due.
    let refused = post(&town, "mina", "/transfers", agreed(0)).await;
    assert_eq!((refused.status.as_u16(), &refused.json["code"]), (422, &"fee_too_high".into()), "{}", refused.text);
    assert_eq!(refused.json["figures"], json!({"fee": 500, "most_fee": 0}));
    assert_eq!(refused.json["errors"][0]["field"], "most_fee");
    let batch = post(&town, "mina", "/transfers/batch", json!([agreed(499), agreed(500)])).await.json;
    assert_eq!((&batch[0]["problem"]["code"], &batch[1]["status"]), (&"fee_too_high".into(), &201.into()), "{batch}");
    assert_eq!(posted(&town, from).await, 100_000 - 3_000 - 1_500);
    let held = post(&town, "theo", "/holds", agreed(499)).await;
    assert_eq!((&held.json["code"], &held.json["errors"][0]["field"]), (&"fee_too_high".into(), &"most_fee".into()));
    let quote = post(&town, "mina", "/quotes", agreed(0)).await.json;
    assert_eq!((&quote["granted"], &quote["refusal"]["code"]), (&false.into(), &"fee_too_high".into()), "{quote}");
}

#[actix_web::test]
async fn balances_of_the_past_are_told() {
    let town = Town::new().await;
    let paid = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 300)).await.json;
    let position = paid["position"].as_u64().unwrap();
    let balance = async |who: &'static str, query: String| {
        town.get(Some(who), &format!("/accounts/{}/balance{query}", town.mina)).await
    };
    assert_eq!(balance("mina", String::new()).await.json["posted"], 99_700);
    assert_eq!(balance("mina", format!("?position={}", position - 1)).await.json["posted"], 100_000);
    assert_eq!(balance("theo", format!("?position={position}")).await.json["posted"], 99_700);
    assert_eq!(balance("mina", "?at=2020-01-01".into()).await.json["posted"], Value::Null);
    assert_eq!(balance("mina", "?at=2199-12-31T00:00:00Z".into()).await.json["posted"], 99_700);
    assert_eq!(balance("mina", "?at=2020-01-01&position=1".into()).await.status, 400);
    assert_eq!(balance("joon", String::new()).await.status, 404);
    let trial = town.get(Some("auda"), &format!("/admin/trial-balance?position={position}")).await.json;
    let sums = &trial["currencies"][0];
    assert_eq!(
        (&trial["position"], &sums["customers"], &sums["cash"]),
        (&position.into(), &200_000.into(), &(-200_000).into())
    );
    assert_eq!(town.get(Some("mina"), "/admin/trial-balance").await.status, 403);
}

#[actix_web::test]
async fn a_hold_is_raised_and_extended_by_who_placed_it() {
    let town = Town::new().await;
    let placed = post(&town, "theo", "/holds", pay(town.mina, town.joon, 900)).await;
    let path = format!("/transfers/{}/amend", id_of(&placed));
    let raised = post(&town, "theo", &path, json!({"amount": 1_000})).await;
    assert_eq!(
        (raised.status.as_u16(), &raised.json["amount"], &raised.json["remaining"]),
        (200, &1_000.into(), &1_000.into())
    );
    let extended = post(&town, "ada", &path, json!({"expires_at": "2199-01-01T00:00:00Z"})).await;
    assert_eq!(
        (&extended.json["expires_at"], &extended.json["amount"]),
        (&"2199-01-01T00:00:00Z".into(), &1_000.into())
    );
    let lowered = post(&town, "theo", &path, json!({"amount": 10})).await;
    assert_eq!((lowered.status.as_u16(), &lowered.json["code"]), (422, &"hold_lowered".into()));
    assert_eq!(post(&town, "theo", &path, json!({})).await.status, 400);
    assert_eq!(post(&town, "mina", &path, json!({"amount": 2_000})).await.status, 403);
    let settle = format!("/transfers/{}/settle", id_of(&placed));
    let part = post(&town, "theo", &settle, json!({"amount": 400})).await.json;
    assert_eq!((&part["captured"], &part["remaining"]), (&400.into(), &0.into()), "the rest goes back");
    assert_eq!(posted(&town, town.joon).await, 100_400);
    assert_eq!(post(&town, "theo", &settle, json!({"keep_rest": true})).await.status, 400);
}
