//! Movements among all of the bank, as staff finds them.

use actix_web::http::Method;
use jangbu::{
    Currency, OpenAccount,
    accounts::{AccountType, TypeCode},
};
use serde_json::json;

use super::{golden, header, pay, post};
use crate::server::testing::Town;

async fn town_with_movements() -> Town {
    let town = Town::new().await;
    for (who, from, to, amount, reference) in [
        ("mina", town.mina, town.joon, 300, "Rent, May"),
        ("joon", town.joon, town.mina, 40, "tea"),
        ("mina", town.mina, town.joon, 5, "tea"),
    ] {
        let mut request = pay(from, to, amount);
        request["reference"] = reference.into();
        request["sender_label"] = "=out".into();
        assert_eq!(post(&town, who, "/transfers", request).await.status, 201);
    }
    assert_eq!(post(&town, "theo", "/holds", pay(town.mina, town.joon, 70)).await.status, 201);
    assert_eq!(post(&town, "mina", "/transfers", pay(town.mina, town.joon, 999_999)).await.status, 422);
    town
}

async fn found(town: &Town, who: &str, query: &str) -> Vec<u64> {
    let answer = town.get(Some(who), &format!("/admin/transfers?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text);
    answer.json["data"].as_array().unwrap().iter().map(|it| it["amount"].as_u64().unwrap()).collect()
}

#[actix_web::test]
async fn staff_finds_everybodys_movements_by_what_is_asked_of_them() {
    let town = town_with_movements().await;
    let (mina, joon) = (town.member("mina").id, town.member("joon").id);
    for (query, amounts) in [
        ("", &[70, 5, 40, 300, 100_000, 100_000][..]),
        ("order=oldest&limit=3", &[100_000, 100_000, 300]),
        ("kind=transfer&text=RENT", &[300]),
        ("q=rent", &[300]),
        ("least=6&most=300", &[70, 40, 300]),
        ("status=held", &[70]),
        ("status=refused", &[999_999]),
        ("status=posted&kind=deposit", &[100_000, 100_000]),
        (&format!("member={mina}&kind=deposit"), &[100_000]),
        (&format!("member={joon}&account={}&kind=transfer", town.mina), &[5, 40, 300]),
        (&format!("account={}&kind=deposit", town.joon), &[100_000]),
        (&format!("q={}&kind=deposit", town.joon), &[100_000]),
        (&format!("account={}&q={}", town.mina, town.joon), &[70, 5, 40, 300]),
        ("q=NOSUCHNUMBER", &[]),
        ("from=2000-01-01&to=2000-12-31", &[]),
        ("from=2000-01-01&kind=hold", &[70]),
    ] {
        assert_eq!(found(&town, "auda", query).await, amounts, "{query}");
    }
    let page = town.get(Some("ada"), "/admin/transfers?limit=2").await.json;
    assert_eq!(page["has_more"], true);
    let next = format!("limit=2&cursor={}", page["next"].as_str().unwrap());
    assert_eq!(found(&town, "ada", &next).await, [40, 300]);
}

#[actix_web::test]
async fn amounts_are_found_in_their_currency() {
    let town = town_with_movements().await;
    let usd: Currency = "USD".parse().unwrap();
    let code = TypeCode::new("dollars").unwrap();
    town.service.bank.set_type(AccountType::new(code, "Dollars", usd)).await.unwrap();
    let open = OpenAccount { kind: Some(code), ..OpenAccount::new(town.member("mina").owner()) };
    let dollars = town.service.bank.open_account(open).await.unwrap();
    // 3.00 dollars are as many minor units as 300 won.
    for amount in [300, 7_000] {
        assert_eq!(post(&town, "theo", "/deposits", json!({"to": dollars, "amount": amount})).await.status, 201);
    }
    for (query, amounts) in [
        ("least=300&most=300", &[300, 300][..]),
        ("least=300&most=300&currency=USD", &[300]),
        ("least=300&currency=USD", &[7_000, 300]),
        ("most=300&currency=KRW", &[70, 5, 40, 300]),
        ("currency=USD&kind=transfer", &[]),
        ("currency=EUR", &[]),
    ] {
        assert_eq!(found(&town, "auda", query).await, amounts, "{query}");
    }
    assert_eq!(town.get(Some("auda"), "/admin/transfers?currency=dollars").await.status, 400);
}

#[actix_web::test]
async fn one_movement_is_found_by_its_id_and_told_whole() {
    let town = town_with_movements().await;
    let rent = town.get(Some("ada"), "/admin/transfers?q=rent").await.json["data"][0].clone();
    let id = rent["id"].as_str().unwrap().to_owned();
    let by_id = town.get(Some("ada"), &format!("/admin/transfers?q={id}")).await.json;
    assert_eq!(by_id, json!({ "data": [rent], "has_more": false, "next": null }));
    for other in ["kind=deposit", "status=held", "least=301", "to=2000-01-01", "account=NOSUCHNUMBER"] {
        let answer = town.get(Some("ada"), &format!("/admin/transfers?q={id}&{other}")).await;
        let is_empty = answer.json["data"].as_array().is_none_or(Vec::is_empty);
        assert!(is_empty, "{other}: {}", answer.text);
    }
    let expected = json!({
        "id": "ID", "kind": "transfer", "status": "posted", "requires_verification": false, "from": town.mina.as_str(),
        "to": town.joon.as_str(), "amount": 300, "fee": 0, "total": 300, "currency": "KRW", "scale": 0, "sender_label": "=out",
        "receiver_label": "", "reference": "Rent, May", "metadata": {}, "date": "DATE", "created_at": "TIME",
        "ended_at": null, "captured": 0, "remaining": 0, "customer_text": null, "reason": null, "refusal": null,
        "hold": null, "settlement": null, "original": null, "original_step": null, "reversed": 0, "reversals": [],
        "step": null, "position": "POSITION",
    });
    assert_eq!(golden(rent), expected);
}

#[actix_web::test]
async fn all_that_fit_are_a_file_without_formulas() {
    let town = town_with_movements().await;
    let path = "/admin/transfers?kind=transfer&order=oldest";
    let csv = town.send_with("theo", Method::GET, path, None, &[("accept", "text/csv")]).await;
    assert!(header(&csv, "content-type").starts_with("text/csv"));
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!((lines.len(), lines[0].split(',').next()), (4, Some("\u{feff}position")));
    assert!(lines[1].contains(",'=out,,\"Rent, May\","), "{}", lines[1]);
}

#[actix_web::test]
async fn only_staff_lists_and_what_it_reads_is_audited() {
    let town = town_with_movements().await;
    assert_eq!(town.get(None, "/admin/transfers").await.status, 401);
    assert_eq!(town.get(Some("mina"), "/admin/transfers").await.status, 403);
    let unknown = "01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c";
    for (query, status) in [
        (format!("member={unknown}"), 404),
        ("account=NOSUCHNUMBER".to_owned(), 404),
        ("account=!".to_owned(), 400),
        ("q=rent&text=rent".to_owned(), 400),
        ("order=random".to_owned(), 400),
        ("limit=201".to_owned(), 400),
        ("cursor=%25".to_owned(), 400),
        (format!("text={}", "x".repeat(141)), 400),
        (format!("q={}", "x".repeat(141)), 400),
    ] {
        assert_eq!(town.get(Some("ada"), &format!("/admin/transfers?{query}")).await.status, status, "{query}");
    }
    town.get(Some("theo"), "/admin/transfers").await;
    town.get(Some("theo"), &format!("/admin/transfers?account={}", town.joon)).await;
    town.get(Some("theo"), &format!("/admin/transfers?member={}", town.member("mina").id)).await;
    let read = town.get(Some("ada"), &format!("/admin/audit?member={}", town.member("theo").id)).await.json;
    let actions = read["data"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap());
    let read: Vec<&str> = actions.filter(|action| action.ends_with(".read")).collect();
    assert_eq!(read, ["member.read", "account.read", "transfers.read"]);
}

#[actix_web::test]
async fn a_member_finds_by_an_account_only_what_is_the_members_own() {
    let town = town_with_movements().await;
    let third = super::account(&town, "theo", 1_000).await;
    assert_eq!(post(&town, "theo", "/transfers", pay(third, town.joon, 8)).await.status, 201);
    let found = async |query: &str| -> Vec<u64> {
        let list = town.get(Some("mina"), &format!("/transfers?{query}")).await.json;
        list["data"].as_array().unwrap().iter().map(|it| it["amount"].as_u64().unwrap()).collect()
    };
    assert_eq!(found(&format!("q={}", town.joon)).await, [70, 5, 40, 300]);
    let foreign = town.get(Some("theo"), &format!("/transfers?q={}", town.joon)).await.json["data"][0].clone();
    assert_eq!(found(&format!("q={}", foreign["id"].as_str().unwrap())).await, [0; 0]);
    assert_eq!(found(&format!("q={third}")).await, [0; 0]);
}
