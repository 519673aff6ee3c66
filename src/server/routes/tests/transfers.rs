//! One transfer at a time.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{golden, header, pay, post, posted, waiting_town};
use crate::server::testing::Town;

#[actix_web::test]
async fn a_transfer_is_posted_and_each_side_reads_its_own_label() {
    let town = Town::new().await;
    let mut request = pay(town.mina, town.joon, 2_500);
    request["sender_label"] = "lunch".into();
    request["receiver_label"] = "from mina".into();
    request["reference"] = "invoice 7".into();
    request["metadata"] = json!({ "order": "4711" });
    let answer = post(&town, "mina", "/transfers", request).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let id = answer.json["id"].as_str().unwrap().to_owned();
    assert_eq!(header(&answer, "location"), format!("/api/v1/transfers/{id}"));
    let mut expected = json!({
        "id": "ID", "kind": "transfer", "status": "posted", "requires_verification": false, "from": town.mina.as_str(),
        "to": town.joon.as_str(),
        "amount": 2_500, "fee": 0, "total": 2_500, "currency": "KRW", "scale": 0, "sender_label": "lunch",
        "receiver_label": null, "reference": "invoice 7", "metadata": {"order": "4711"}, "date": "DATE",
        "created_at": "TIME", "ended_at": null, "captured": 0, "remaining": 0, "customer_text": null, "reason": null,
        "refusal": null, "hold": null, "settlement": null, "original": null, "original_step": null, "reversed": 0,
        "reversals": [], "step": null, "position": "POSITION",
    });
    assert_eq!(golden(answer.json.clone()), expected);
    // Later reads tell the same as the first answer, to the letter.

    let path = format!("/transfers/{id}");
    assert_eq!(town.get(Some("mina"), &path).await.json, answer.json);
    let of_sender = expected.clone();
    (expected["sender_label"], expected["receiver_label"]) = (Value::Null, "from mina".into());
    (expected["fee"], expected["total"], expected["metadata"]) = (Value::Null, Value::Null, Value::Null);
    assert_eq!(golden(town.get(Some("joon"), &path).await.json), expected);
    // Staff reads besides what can still be taken back.
    let mut expected = of_sender;
    (expected["receiver_label"], expected["reversible"]) = ("from mina".into(), 2_500.into());
    assert_eq!(golden(town.get(Some("auda"), &path).await.json), expected);
    assert_eq!((posted(&town, town.mina).await, posted(&town, town.joon).await), (97_500, 102_500));
}

#[actix_web::test]
async fn where_transfers_are_verified_they_wait_and_the_money_is_held() {
    let town = waiting_town().await;
    let answer = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 60_000)).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let expected = json!({
        "id": "ID", "kind": "transfer", "status": "pending", "requires_verification": true, "from": town.mina.as_str(),
        "to": town.joon.as_str(),
        "amount": 60_000, "fee": 0, "total": 60_000, "currency": "KRW", "scale": 0, "sender_label": "",
        "receiver_label": null, "reference": "", "metadata": {}, "date": "DATE", "created_at": "TIME",
        "ended_at": null, "captured": 0, "remaining": 60_000, "customer_text": null, "reason": null, "refusal": null,
        "hold": null, "settlement": null, "original": null, "original_step": null, "reversed": 0, "reversals": [],
        "step": null, "position": "POSITION",
    });
    assert_eq!(golden(answer.json.clone()), expected);
    let path = format!("/transfers/{}", answer.json["id"].as_str().unwrap());
    assert_eq!(town.get(Some("mina"), &path).await.json, answer.json);
    let second = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 60_000)).await;
    assert_eq!((second.status.as_u16(), &second.json["code"]), (422, &"insufficient_funds".into()));
    assert_eq!(second.json["figures"], json!({ "available": 40_000, "needed": 60_000 }));
    let open = pay(town.mina, town.joon, 1);
    let at_most = post(
        &town,
        "mina",
        "/transfers",
        json!({ "at_most": true, "from": open["from"], "to": open["to"], "amount": 1 }),
    )
    .await;
    assert_eq!((at_most.status.as_u16(), &at_most.json["errors"][0]["field"]), (400, &"at_most".into()));

    // The verdict, as the verifier's thread brings it.
    let id: jangbu::CommandId = answer.json["id"].as_str().unwrap().parse().unwrap();
    town.service.bank.settle_hold(jangbu::holds::SettleHold::all(id)).await.unwrap();
    let after = town.get(Some("joon"), &path).await.json;
    assert_eq!(
        (&after["status"], &after["captured"], &after["remaining"]),
        (&"posted".into(), &60_000.into(), &0.into())
    );
    assert!(after["ended_at"].is_string());
}

#[actix_web::test]
async fn a_pending_transfer_is_cancelled_by_its_sender_once() {
    let town = waiting_town().await;
    let made = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 60_000)).await.json;
    let path = format!("/transfers/{}/cancel", made["id"].as_str().unwrap());
    for (who, status) in [("joon", 403), ("theo", 404), ("ada", 404), ("auda", 403)] {
        assert_eq!(town.send(who, Method::POST, &path, None).await.status, status, "{who}");
    }
    let key = [("idempotency-key", "once")];
    let cancelled = town.send_with("mina", Method::POST, &path, None, &key).await;
    assert_eq!(
        (cancelled.status.as_u16(), &cancelled.json["status"]),
        (200, &"cancelled".into()),
        "{}",
        cancelled.text
    );
    assert_eq!(town.service.bank.snapshot(town.mina).await.unwrap().held.minor_units(), 0);
    // The same request again gets the same answer; another one is too late.
    let again = town.send_with("mina", Method::POST, &path, None, &key).await;
    assert_eq!((again.status.as_u16(), &again.json), (200, &cancelled.json));
    let late = town.send("mina", Method::POST, &path, None).await;
    assert_eq!((late.status.as_u16(), &late.json["code"]), (409, &"not_pending".into()));
    assert_eq!(late.json["figures"]["status"], "cancelled");
    // The verdict that comes later finds a voided hold.
    let id: jangbu::CommandId = made["id"].as_str().unwrap().parse().unwrap();
    assert!(town.service.bank.settle_hold(jangbu::holds::SettleHold::all(id)).await.is_err());
    assert_eq!(posted(&town, town.joon).await, 100_000);
}

#[actix_web::test]
async fn what_was_posted_cannot_be_cancelled() {
    let town = Town::new().await;
    let made = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 1)).await.json;
    let path = format!("/transfers/{}/cancel", made["id"].as_str().unwrap());
    let answer = town.send("mina", Method::POST, &path, None).await;
    assert_eq!((answer.status.as_u16(), &answer.json["code"]), (409, &"not_pending".into()));
}

#[actix_web::test]
async fn a_request_that_does_not_fit_says_where() {
    let town = Town::new().await;
    let with = |field: &str, value: Value| {
        let mut request = pay(town.mina, town.joon, 1);
        request[field] = value;
        request
    };
    for (request, field, code) in [
        (with("sender_label", "eleven char".into()), "sender_label", "too_long"),
        (with("receiver_label", "eleven char".into()), "receiver_label", "too_long"),
        (with("reference", "x".repeat(141).into()), "reference", "too_long"),
        (with("metadata", json!({"jangbu.placed_by": "me"})), "metadata.jangbu.placed_by", "reserved"),
        (with("amount", json!(-5)), "amount", "invalid"),
        (with("to", "no+number".into()), "to", "invalid"),
    ] {
        let answer = post(&town, "mina", "/transfers", request).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(
            (&answer.json["errors"][0]["field"], &answer.json["errors"][0]["code"]),
            (&field.into(), &code.into())
        );
    }
    assert_eq!(posted(&town, town.mina).await, 100_000);
}

#[actix_web::test]
async fn a_refusal_has_its_figures_and_the_field_at_fault() {
    let town = Town::new().await;
    let unknown = "NOBODY".parse().unwrap();
    for (request, code, field, figures) in [
        (pay(town.mina, town.joon, 0), "amount_zero", "amount", Value::Null),
        (pay(town.mina, town.mina, 1), "same_account", "to", Value::Null),
        (pay(town.mina, unknown, 1), "account_unknown", "to", json!({"number": "NOBODY"})),
        (pay(town.mina, "CASH-KRW".parse().unwrap(), 1), "system_account", "to", json!({"number": "CASH-KRW"})),
        (
            pay(town.mina, town.joon, 100_001),
            "insufficient_funds",
            "amount",
            json!({"available": 100_000, "needed": 100_001}),
        ),
    ] {
        let answer = post(&town, "mina", "/transfers", request).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (422, &code.into()), "{}", answer.text);
        assert_eq!(answer.json["errors"][0]["field"], field);
        assert_eq!(answer.json.get("figures").cloned().unwrap_or_default(), figures);
    }
}

#[actix_web::test]
async fn a_repetition_gets_the_first_answer_and_another_content_a_conflict() {
    let town = Town::new().await;
    let key = [("idempotency-key", "rent-may")];
    let send = |who, request| town.send_with(who, Method::POST, "/transfers", Some(request), &key);
    let first = send("mina", pay(town.mina, town.joon, 700)).await;
    let again = send("mina", pay(town.mina, town.joon, 700)).await;
    assert_eq!((first.status.as_u16(), &again.json), (201, &first.json));
    let other = send("mina", pay(town.mina, town.joon, 701)).await;
    assert_eq!((other.status.as_u16(), &other.json["code"]), (409, &"id_reused".into()));
    // Another member's key is another key.
    assert_eq!(send("joon", pay(town.joon, town.mina, 50)).await.status, 201);
    assert_eq!(posted(&town, town.mina).await, 100_000 - 700 + 50);
    // A refusal is an answer too.
    let key = [("idempotency-key", "too much")];
    for _ in 0..2 {
        let answer =
            town.send_with("mina", Method::POST, "/transfers", Some(pay(town.mina, town.joon, 999_999)), &key).await;
        assert_eq!((answer.status.as_u16(), &answer.json["figures"]["available"]), (422, &99_350.into()));
    }
}

#[actix_web::test]
async fn a_quote_tells_what_would_happen_and_nothing_happens() {
    let town = Town::new().await;
    let granted = post(&town, "mina", "/quotes", pay(town.mina, town.joon, 40_000)).await;
    let expected = json!({
        "granted": true, "amount": 40_000, "fee": 0, "total": 40_000, "currency": "KRW", "scale": 0, "date": "DATE",
        "available_before": 100_000,
        "headroom": {"available": 60_000, "per_transfer": null, "left_today": null, "free_transfers_left": 2},
    });
    assert_eq!((granted.status.as_u16(), golden(granted.json)), (200, expected));
    let refused = post(&town, "mina", "/quotes", pay(town.mina, town.joon, 100_001)).await;
    let expected = json!({
        "granted": false,
        "refusal": {
            "code": "insufficient_funds", "detail": "100001 is needed, but 100000 is available",
            "figures": {"available": 100_000, "needed": 100_001},
        },
        "field": "amount", "largest": 100_000, "earliest": null, "currency": "KRW", "scale": 0,
    });
    assert_eq!((refused.status.as_u16(), refused.json), (200, expected));
    assert_eq!(posted(&town, town.mina).await, 100_000);
}
