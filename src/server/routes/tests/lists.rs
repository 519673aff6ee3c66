//! Accounts, statements, lists of transfers, payees.

use actix_web::http::Method;
use jangbu::clock::{Clock, SystemClock};
use jangbu::{
    Amount, Currency,
    accounts::{AccountType, TypeCode},
};
use serde_json::{Value, json};

use super::{account, golden, header, pay, post};
use crate::server::testing::Town;

#[actix_web::test]
async fn an_account_is_told_whole_and_staff_reads_whose_it_is() {
    let town = Town::new().await;
    let answer = town.get(Some("mina"), &format!("/accounts/{}", town.mina)).await;
    let mut expected = json!({
        "number": town.mina.as_str(), "owner": {"id": "ID"}, "type": {"code": "basic", "name": "Basic"},
        "currency": "KRW", "scale": 0, "status": "open", "frozen": {"debits": false, "credits": false},
        "opened_at": "TIME", "posted": 100_000, "held": 0, "available": 100_000, "pending_in": 0, "overdraft": 0,
        "limit_per_transfer": null, "limit_per_day": null, "left_today": null, "free_transfers_left": 3,
        "date": "DATE", "version": 2, "position": "POSITION",
    });
    expected["type"]["name"] = answer.json["type"]["name"].clone();
    assert_eq!(golden(answer.json), expected);
    expected["owner"] = json!({"id": "ID", "username": "mina", "name": "Mina Kim"});
    assert_eq!(golden(town.get(Some("theo"), &format!("/accounts/{}", town.mina)).await.json), expected);
    let list = town.get(Some("mina"), "/accounts").await.json;
    assert_eq!((list["data"].as_array().unwrap().len(), &list["has_more"]), (1, &false.into()));
}

#[actix_web::test]
async fn a_member_opens_accounts_of_the_types_on_offer() {
    let town = Town::new().await;
    let savings = AccountType::new(TypeCode::new("savings").unwrap(), "Savings", Currency::krw());
    town.service.bank.set_type(savings).await.unwrap();
    let key = [("idempotency-key", "mine")];
    let open = |body: Value| town.send_with("mina", Method::POST, "/accounts", Some(body), &key);
    let opened = open(json!({"type": "savings"})).await;
    assert_eq!((opened.status.as_u16(), &opened.json["type"]["name"]), (201, &"Savings".into()), "{}", opened.text);
    assert_eq!(open(json!({"type": "savings"})).await.json["number"], opened.json["number"]);
    assert_eq!(town.get(Some("mina"), "/accounts").await.json["data"].as_array().unwrap().len(), 2);
    for (kind, field) in [("basic", "type"), ("gold", "type")] {
        let answer = post(&town, "mina", "/accounts", json!({"type": kind})).await;
        assert_eq!((answer.status.as_u16(), &answer.json["errors"][0]["field"]), (422, &field.into()), "{kind}");
    }
    let foreign = post(&town, "mina", "/accounts", json!({"type": "savings", "currency": "USD"})).await;
    assert_eq!((foreign.status.as_u16(), &foreign.json["errors"][0]["field"]), (422, &"currency".into()));
    assert_eq!(post(&town, "auda", "/accounts", json!({"type": "savings"})).await.status, 403);
}

#[actix_web::test]
async fn a_member_has_a_hundred_accounts_and_a_repeated_request_its_first_answer() {
    let town = Town::new().await;
    let savings = AccountType::new(TypeCode::new("savings").unwrap(), "Savings", Currency::krw());
    town.service.bank.set_type(savings).await.unwrap();
    let owner = town.member("mina").owner();
    for _ in 1..99 {
        town.service.bank.open_account(jangbu::OpenAccount::new(owner)).await.unwrap();
    }
    let key = [("idempotency-key", "the hundredth")];
    let open = || town.send_with("mina", Method::POST, "/accounts", Some(json!({"type": "savings"})), &key);
    let first = open().await;
    assert_eq!(first.status, 201, "{}", first.json);
    let again = open().await;
    assert_eq!((again.status.as_u16(), &again.json["number"]), (201, &first.json["number"]));
    let refused = post(&town, "mina", "/accounts", json!({"type": "savings"})).await;
    assert_eq!((refused.status.as_u16(), &refused.json["code"]), (422, &"too_many_accounts".into()));
}

#[actix_web::test]
async fn a_statement_is_paged_and_exported() {
    let town = Town::new().await;
    let mut request = pay(town.mina, town.joon, 300);
    request["sender_label"] = "=1+1".into();
    request["reference"] = "a,\"b\"".into();
    post(&town, "mina", "/transfers", request).await;
    let path = format!("/accounts/{}/entries", town.mina);
    let first = town.get(Some("mina"), &format!("{path}?limit=1")).await.json;
    let entry = json!({
        "position": "POSITION", "id": "ID", "recorded_at": "TIME", "date": "DATE", "kind": "transfer_out",
        "counterparty": town.joon.as_str(), "counterparty_name": "홍*동", "change": -300, "fee": 0, "balance": 99_700,
        "currency": "KRW", "scale": 0, "label": "=1+1", "reference": "a,\"b\"",
    });
    assert_eq!((golden(first["data"][0].clone()), &first["has_more"]), (entry, &true.into()));
    let next = format!("{path}?limit=200&cursor={}", first["next"].as_str().unwrap());
    let rest = town.get(Some("mina"), &next).await.json;
    let kinds: Vec<&str> = rest["data"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!((kinds, &rest["next"]), (vec!["deposit", "opened"], &Value::Null));
    for (query, count) in [("from=2000-01-01&to=2000-12-31", 0), ("from=2000-01-01", 3), ("to=2000-01-01T00:00:00Z", 0)]
    {
        let answer = town.get(Some("mina"), &format!("{path}?{query}")).await;
        assert_eq!(answer.json["data"].as_array().unwrap().len(), count, "{query}");
    }
    for query in ["limit=0", "limit=201", "cursor=%25", "from=yesterday", "colour=red"] {
        assert_eq!(town.get(Some("mina"), &format!("{path}?{query}")).await.status, 400, "{query}");
    }
    let csv = town.send_with("mina", Method::GET, &path, None, &[("accept", "text/csv")]).await;
    assert!(header(&csv, "content-type").starts_with("text/csv"));
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("\u{feff}account,position,id,recorded_at,date,kind,counterparty"));
    assert!(lines[1].ends_with(",-300,0,99700,KRW,'=1+1,\"a,\"\"b\"\"\",,"), "{}", lines[1]);
}

#[actix_web::test]
async fn a_long_statement_is_exported_whole() {
    let town = Town::new().await;
    let one = Amount::ONE;
    let pay = |_| jangbu::Command::Transfer(jangbu::Transfer::new(town.mina, town.joon, one));
    town.service.bank.submit((0..2_500).map(pay).collect()).await.unwrap();
    for path in [format!("/accounts/{}/entries", town.mina), "/transfers".to_owned()] {
        let csv = town.send_with("mina", Method::GET, &path, None, &[("accept", "text/csv")]).await;
        let id = if path == "/transfers" { 1 } else { 2 };
        let ids: std::collections::HashSet<&str> =
            csv.text.lines().skip(1).filter_map(|line| line.split(',').nth(id)).collect();
        let beside = if path == "/transfers" { 1 } else { 2 };
        assert_eq!((ids.len(), csv.text.lines().count()), (2_500 + beside, 2_501 + beside), "{path}");
    }
}

#[actix_web::test]
async fn transfers_are_found_by_what_is_asked_of_them() {
    let town = Town::new().await;
    let second = account(&town, "mina", 0).await;
    for (to, amount, reference) in [(town.joon, 300, "Rent, May"), (second, 40, "tea"), (town.joon, 5, "tea")] {
        let mut request = pay(town.mina, to, amount);
        request["reference"] = reference.into();
        post(&town, "mina", "/transfers", request).await;
    }
    let hold = post(&town, "theo", "/holds", pay(town.mina, town.joon, 70)).await;
    assert_eq!(hold.status, 201, "{}", hold.text);
    let found = async |who: &'static str, query: &str| -> Vec<u64> {
        let answer = town.get(Some(who), &format!("/transfers?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json["data"].as_array().unwrap().iter().map(|it| it["amount"].as_u64().unwrap()).collect()
    };
    assert_eq!(found("mina", "").await, [70, 5, 40, 300, 100_000]);
    assert_eq!(found("mina", "order=oldest&limit=2").await, [100_000, 300]);
    assert_eq!(found("mina", "kind=transfer&text=RENT").await, [300]);
    assert_eq!(found("mina", "least=6&most=300").await, [70, 40, 300]);
    assert_eq!(found("mina", "status=held").await, [70]);
    assert_eq!(found("mina", "status=pending").await, [0; 0]);
    assert_eq!(found("mina", "status=posted&kind=deposit").await, [100_000]);
    assert_eq!(found("mina", &format!("account={second}")).await, [40]);
    assert_eq!(found("joon", "kind=transfer").await, [5, 300]);
    assert_eq!(found("theo", "").await, [0; 0], "staff's own");
    assert_eq!(found("theo", &format!("member={}&kind=transfer", town.member("mina").id)).await, [5, 40, 300]);
    assert_eq!(found("auda", &format!("account={}&kind=transfer", town.joon)).await, [5, 300]);
    let page = town.get(Some("mina"), "/transfers?limit=2").await.json;
    let next = format!("limit=2&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(found("mina", &next).await, [40, 300]);
    for query in ["status=open", "kind=gift", "least=-1", "order=random", "limit=0"] {
        assert_eq!(town.get(Some("mina"), &format!("/transfers?{query}")).await.status, 400, "{query}");
    }
}

/// What a list shows as the time of a row is a time from which on it has that row, and until which it has not.
#[actix_web::test]
async fn a_time_that_is_shown_can_be_asked_for() {
    let town = Town::new().await;
    for amount in 1..=7 {
        post(&town, "mina", "/transfers", pay(town.mina, town.joon, amount)).await;
    }
    for (who, path, field) in [
        ("mina", "/transfers".to_owned(), "created_at"),
        ("mina", format!("/accounts/{}/entries", town.mina), "recorded_at"),
        ("ada", "/admin/transfers".to_owned(), "created_at"),
        ("ada", "/admin/audit".to_owned(), "at"),
    ] {
        let list = async |query: &str| -> Vec<String> {
            let answer = town.get(Some(who), &format!("{path}?limit=200{query}")).await;
            assert_eq!(answer.status, 200, "{path}{query}: {}", answer.text);
            let rows = answer.json["data"].as_array().unwrap().iter();
            rows.map(|row| row[field].as_str().unwrap_or_else(|| panic!("{path} has no {field}: {row}")).to_owned())
                .collect()
        };
        let all = list("").await;
        assert!(all.len() >= 5, "{path}: {all:?}");
        for at in all.iter().step_by(2) {
            assert!(list(&format!("&from={at}")).await.contains(at), "{path} from {at}");
            assert!(!list(&format!("&to={at}")).await.contains(at), "{path} to {at}");
        }
    }
}

#[actix_web::test]
async fn days_are_those_of_the_bank_and_not_of_the_settings() {
    let now: jiff::Timestamp = SystemClock.now().to_string().parse().unwrap();
    let day_in = |zone: &str| now.in_tz(zone).unwrap().date();
    // One of the two has another day than Seoul, at any time.
    let elsewhere =
        ["Pacific/Kiritimati", "Pacific/Niue"].into_iter().find(|zone| day_in(zone) != day_in("Asia/Seoul"));
    let town = Town::with(|config| config.time_zone = Some((elsewhere.unwrap().into(), "a test".into()))).await;
    assert_eq!(town.get(None, "/meta").await.json["time_zone"], "Asia/Seoul", "as the bank was made");
    let (here, there) = (day_in("Asia/Seoul"), day_in(elsewhere.unwrap()));
    for path in ["/transfers".to_owned(), format!("/accounts/{}/entries", town.mina), "/admin/transfers".to_owned()] {
        for (day, is_found) in [(here, true), (there, false)] {
            let who = if path.starts_with("/admin") { "ada" } else { "mina" };
            let list = town.get(Some(who), &format!("{path}?from={day}&to={day}")).await.json;
            assert_eq!(!list["data"].as_array().unwrap().is_empty(), is_found, "{path} {day}");
        }
    }
}

#[actix_web::test]
async fn a_payee_is_told_with_a_masked_name() {
    let town = Town::new().await;
    let path = format!("/payees/{}", town.joon);
    let expected = json!({"number": town.joon.as_str(), "currency": "KRW", "scale": 0, "name": "홍*동", "own": false});
    assert_eq!(town.get(Some("mina"), &path).await.json, expected);
    assert_eq!(town.get(Some("joon"), &path).await.json["own"], true);
    for unknown in ["NOBODY", "CASH-KRW", "FEES-KRW"] {
        assert_eq!(town.get(Some("mina"), &format!("/payees/{unknown}")).await.status, 404, "{unknown}");
    }
    assert_eq!(town.get(None, &path).await.status, 401);
}

#[actix_web::test]
async fn an_erased_payee_has_no_name_and_is_not_ones_own() {
    let town = Town::new().await;
    assert_eq!(post(&town, "mina", "/transfers", pay(town.mina, town.joon, 5)).await.status, 201);
    let erase = format!("/admin/members/{}/erase", town.member("joon").id);
    assert_eq!(town.send("ada", Method::POST, &erase, None).await.status, 200);
    let payee = town.get(Some("mina"), &format!("/payees/{}", town.joon)).await.json;
    assert_eq!((&payee["name"], &payee["own"]), (&Value::Null, &false.into()));
    assert_eq!(town.get(Some("mina"), "/me/payees").await.json["data"][0]["name"], Value::Null);
    let entries = town.get(Some("mina"), &format!("/accounts/{}/entries", town.mina)).await.json;
    let paid = entries["data"].as_array().unwrap().iter().find(|entry| entry["counterparty"] == town.joon.as_str());
    assert_eq!(paid.unwrap()["counterparty_name"], Value::Null);
}

#[actix_web::test]
async fn payees_cannot_be_harvested() {
    let town = Town::with(|config| config.rates.lookups.per_member = 3).await;
    let mut statuses = Vec::new();
    for number in 0..5 {
        statuses.push(town.get(Some("mina"), &format!("/payees/X{number}")).await.status.as_u16());
    }
    assert_eq!(statuses, [404, 404, 404, 429, 429]);
    let limited = town.get(Some("mina"), "/payees/X9").await;
    assert!(limited.headers.contains_key("retry-after"));
    assert_eq!(town.get(Some("joon"), "/payees/X9").await.status, 404, "others go on");
}

#[actix_web::test]
async fn recent_payees_are_those_paid_last_without_oneself() {
    let town = Town::new().await;
    let (own, theo) = (account(&town, "mina", 0).await, account(&town, "theo", 0).await);
    for to in [town.joon, theo, own, town.joon] {
        post(&town, "mina", "/transfers", pay(town.mina, to, 1)).await;
    }
    post(&town, "joon", "/transfers", pay(town.joon, town.mina, 1)).await;
    let list = town.get(Some("mina"), "/me/payees").await.json;
    let numbers: Vec<&str> = list["data"].as_array().unwrap().iter().map(|it| it["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, [town.joon.as_str(), theo.as_str()]);
    let expected = json!({
        "number": theo.as_str(), "currency": "KRW", "scale": 0, "name": "T**o T****r", "own": false,
        "last_used_at": "TIME",
    });
    assert_eq!(golden(list["data"][1].clone()), expected);
}
