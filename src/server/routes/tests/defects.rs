//! The defects of the original system, each by its name: none of them came along.

use futures::future::join_all;
use jangbu::{
    Amount, CommandId, Currency,
    accounts::{AccountType, Change, ChangeAccount, LimitException, TypeCode},
};
use serde_json::json;

use super::{header, pay, post, posted, typed_account, waiting_town};
use crate::server::testing::Town;

/// The type with a fee of 500 won.
pub(super) async fn ordinary(town: &Town) -> TypeCode {
    let code = TypeCode::new("ordinary").unwrap();
    let mut kind = AccountType::new(code, "Ordinary", Currency::krw());
    kind.fee = Amount::new(500).unwrap();
    town.service.bank.set_type(kind).await.unwrap();
    code
}

#[actix_web::test]
async fn double_spend_two_requests_at_once_cannot_both_be_accepted() {
    let town = waiting_town().await;
    let spend = || post(&town, "mina", "/transfers", pay(town.mina, town.joon, 60_000));
    let answers = join_all([spend(), spend()]).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 422]);
}

#[actix_web::test]
async fn lost_update_money_neither_vanishes_nor_appears() {
    let town = Town::new().await;
    let there = (0..20).map(|_| post(&town, "mina", "/transfers", pay(town.mina, town.joon, 1)));
    let back = (0..20).map(|_| post(&town, "joon", "/transfers", pay(town.joon, town.mina, 2)));
    let answers =
        join_all(there.map(futures::FutureExt::boxed_local).chain(back.map(futures::FutureExt::boxed_local))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!((posted(&town, town.mina).await, posted(&town, town.joon).await), (100_020, 99_980));
}

#[actix_web::test]
async fn the_fee_is_the_banks_and_not_the_clients() {
    let town = Town::new().await;
    let mut request = pay(town.mina, town.joon, 1);
    request["fee"] = 0.into();
    let answer = post(&town, "mina", "/transfers", request).await;
    assert_eq!((answer.status.as_u16(), posted(&town, town.mina).await), (400, 100_000), "{}", answer.text);
}

#[actix_web::test]
async fn nobody_sends_from_or_reads_anothers_account() {
    let town = Town::new().await;
    assert_eq!(post(&town, "joon", "/transfers", pay(town.mina, town.joon, 1)).await.status, 404);
    assert_eq!(town.get(Some("joon"), &format!("/accounts/{}", town.mina)).await.status, 404);
    assert_eq!(posted(&town, town.mina).await, 100_000);
}

#[actix_web::test]
async fn limits_are_enforced() {
    let town = Town::new().await;
    let limit = |change| ChangeAccount { id: CommandId::random(), account: town.mina, change };
    let of = |units| LimitException::At(Amount::new(units).unwrap());
    town.service.bank.change_account(limit(Change::LimitPerTransfer(of(500)))).await.unwrap();
    town.service.bank.change_account(limit(Change::LimitPerDay(of(800)))).await.unwrap();
    let over = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 501)).await;
    assert_eq!((&over.json["code"], &over.json["figures"]["limit"]), (&"limit_per_transfer".into(), &500.into()));
    assert_eq!(post(&town, "mina", "/transfers", pay(town.mina, town.joon, 500)).await.status, 201);
    let day = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 301)).await;
    assert_eq!((&day.json["code"], &day.json["figures"]["used"]), (&"limit_per_day".into(), &500.into()));
}

#[actix_web::test]
async fn the_free_quota_is_counted_per_day_and_not_per_month() {
    let town = Town::new().await;
    let code = ordinary(&town).await;
    let from = typed_account(&town, "mina", 50_000, code).await;
    let mut fees = Vec::new();
    for _ in 0..4 {
        fees.push(post(&town, "mina", "/transfers", pay(from, town.joon, 1)).await.json["fee"].as_u64().unwrap());
    }
    assert_eq!(fees, [0, 0, 0, 500]);
    town.clock.advance(std::time::Duration::from_secs(24 * 60 * 60));
    assert_eq!(post(&town, "mina", "/transfers", pay(from, town.joon, 1)).await.json["fee"], 0);
}

#[actix_web::test]
async fn a_failed_verification_releases_the_hold_and_the_transfer_is_rejected() {
    let town = waiting_town().await;
    let made = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 60_000)).await.json;
    let id = made["id"].as_str().unwrap();
    let verdict = jangbu::holds::VoidHold {
        rejected: true,
        ..jangbu::holds::VoidHold::new(id.parse::<jangbu::HoldId>().unwrap()).because("fraud")
    };
    town.service.bank.void_hold(verdict).await.unwrap();
    let after = town.get(Some("mina"), &format!("/transfers/{id}")).await.json;
    assert_eq!((&after["status"], &after["reason"]), (&"rejected".into(), &serde_json::Value::Null));
    let of_staff = town.get(Some("ada"), &format!("/transfers/{id}")).await.json;
    assert_eq!((&of_staff["status"], &of_staff["reason"]), (&"rejected".into(), &"fraud".into()));
    let account = town.get(Some("mina"), &format!("/accounts/{}", town.mina)).await.json;
    assert_eq!((&account["available"], &account["held"]), (&100_000.into(), &0.into()));
}

#[actix_web::test]
async fn the_report_and_the_money_are_one_record() {
    let town = Town::new().await;
    let made = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 9)).await.json;
    for number in [town.mina, town.joon] {
        let who = if number == town.mina { "mina" } else { "joon" };
        let entries = town.get(Some(who), &format!("/accounts/{number}/entries?limit=1")).await.json;
        assert_eq!((&entries["data"][0]["position"], &entries["data"][0]["id"]), (&made["position"], &made["id"]));
    }
    let refused = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 999_999)).await;
    assert_eq!(refused.status, 422);
    let entries = town.get(Some("joon"), &format!("/accounts/{}/entries", town.joon)).await.json;
    assert_eq!(entries["data"].as_array().unwrap().len(), 3, "no report of what did not happen");
}

#[actix_web::test]
async fn the_fee_stays_in_the_books() {
    let town = Town::new().await;
    let code = ordinary(&town).await;
    let from = typed_account(&town, "mina", 50_000, code).await;
    for _ in 0..4 {
        assert_eq!(post(&town, "mina", "/transfers", pay(from, town.joon, 1)).await.status, 201);
    }
    assert_eq!(posted(&town, "FEES-KRW".parse().unwrap()).await, 500);
    let bank = &town.service.bank;
    let balance = bank.trial_balance_at(jangbu::queries::Moment::Position(bank.stats().durable)).await.unwrap();
    assert!(balance.is_balanced());
}

#[actix_web::test]
async fn senseless_transfers_are_refused_with_a_reason() {
    let town = Town::new().await;
    for (request, status) in [
        (json!({"from": town.mina.as_str(), "to": town.joon.as_str(), "amount": -1}), 400),
        (pay(town.mina, town.joon, 0), 422),
        (pay(town.mina, town.mina, 1), 422),
        (pay(town.mina, "NOBODY".parse().unwrap(), 1), 422),
    ] {
        let answer = post(&town, "mina", "/transfers", request).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(!answer.json["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(post(&town, "mina", "/transfers", pay(town.mina, town.joon, 1)).await.status, 201, "the bank goes on");
}

#[actix_web::test]
async fn a_retry_is_not_a_second_transfer() {
    let town = Town::new().await;
    let key = [("idempotency-key", "retry")];
    for _ in 0..3 {
        let send = town.send_with(
            "mina",
            actix_web::http::Method::POST,
            "/transfers",
            Some(pay(town.mina, town.joon, 5)),
            &key,
        );
        assert_eq!(send.await.status, 201);
    }
    assert_eq!(posted(&town, town.joon).await, 100_005);
}

#[actix_web::test]
async fn what_is_pending_survives_a_restart_and_is_not_held_forever() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::on_disk(directory.path()).await;
    let pending = jangbu::Transfer::new(town.mina, town.joon, Amount::new(70).unwrap());
    let id = town.service.bank.accept(pending).await.unwrap().id;
    let town = town.reopen(directory.path()).await.unwrap();
    let path = format!("/transfers/{id}");
    assert_eq!(town.get(Some("mina"), &path).await.json["status"], "pending");
    let cancelled = post(&town, "mina", &format!("{path}/cancel"), json!(null)).await;
    assert_eq!(
        (cancelled.status.as_u16(), &cancelled.json["status"]),
        (200, &"cancelled".into()),
        "{}",
        cancelled.text
    );
    assert_eq!(town.service.bank.snapshot(town.mina).await.unwrap().held.minor_units(), 0);
}

#[actix_web::test]
async fn the_outcome_can_be_asked_for() {
    let town = waiting_town().await;
    let made = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 10)).await;
    let at = header(&made, "location").strip_prefix("/api/v1").unwrap().to_owned();
    assert_eq!(town.get(Some("mina"), &at).await.json["status"], "pending");
}

#[actix_web::test]
async fn there_is_no_account_that_nobody_made() {
    let town = Town::new().await;
    for name in ["admin", "root", "administrator"] {
        assert!(town.service.members.find_by_username(name).is_none());
    }
}
