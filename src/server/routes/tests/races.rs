//! Many at once, on the same money.

use futures::future::join_all;
use serde_json::json;

use super::{pay, post, posted, waiting_town};
use crate::server::testing::Town;

#[actix_web::test]
async fn sixty_four_spenders_of_one_balance_spend_it_once() {
    let town = Town::new().await;
    // 100,000 is enough for 39 of 2,500.. and the rest is refused with what is left then.
    let spenders = (0..64).map(|_| post(&town, "mina", "/transfers", pay(town.mina, town.joon, 2_560)));
    let answers = join_all(spenders).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.json["code"] == "insufficient_funds").count();
    assert_eq!((made, refused), (39, 25));
    assert_eq!((posted(&town, town.mina).await, posted(&town, town.joon).await), (160, 199_840));
}

#[actix_web::test]
async fn a_cancellation_and_a_verdict_that_race_have_one_winner() {
    let town = waiting_town().await;
    let (mut cancelled, mut settled) = (0, 0);
    for round in 0..40 {
        let made = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 100)).await.json;
        let id = made["id"].as_str().unwrap();
        let path = format!("/transfers/{id}/cancel");
        let cancel = post(&town, "mina", &path, json!(null));
        let verdict =
            town.service.bank.settle_hold(jangbu::holds::SettleHold::all(id.parse::<jangbu::HoldId>().unwrap()));
        // Who is asked first changes from round to round.
        let (cancel, verdict) = if round % 2 == 0 {
            futures::future::join(cancel, verdict).await
        } else {
            let (verdict, cancel) = futures::future::join(verdict, cancel).await;
            (cancel, verdict)
        };
        assert_ne!(cancel.status == 200, verdict.is_ok(), "one of them, and not both: {}", cancel.text);
        if cancel.status == 200 {
            cancelled += 1;
        } else {
            assert_eq!((cancel.status.as_u16(), &cancel.json["code"]), (409, &"not_pending".into()));
            assert_eq!(cancel.json["figures"]["status"], "posted");
            settled += 1;
        }
    }
    assert_eq!(cancelled + settled, 40);
    assert_eq!(posted(&town, town.joon).await, 100_000 + 100 * settled);
    assert_eq!(town.service.bank.snapshot(town.mina).await.unwrap().held.minor_units(), 0);
}

#[actix_web::test]
async fn a_key_used_at_once_is_used_once() {
    let town = Town::new().await;
    let key = [("idempotency-key", "k")];
    let send = |_| {
        town.send_with("mina", actix_web::http::Method::POST, "/transfers", Some(pay(town.mina, town.joon, 10)), &key)
    };
    let answers = join_all((0..16).map(send)).await;
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.json == answers[0].json));
    assert_eq!(posted(&town, town.joon).await, 100_010);
}
