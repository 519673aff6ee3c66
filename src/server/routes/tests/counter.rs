//! What staff does at the counter, and what is written down of it.

use serde_json::json;

use super::{account, golden, pay, post, posted, waiting_town};
use crate::server::audit;
use crate::server::testing::Town;

#[actix_web::test]
async fn cash_comes_in_and_goes_out() {
    let town = Town::new().await;
    let request = json!({"to": town.mina.as_str(), "amount": 5_000, "label": "counter", "reference": "slip 3"});
    let deposit = post(&town, "theo", "/deposits", request).await;
    assert_eq!(deposit.status, 201, "{}", deposit.text);
    let expected = json!({
        "id": "ID", "kind": "deposit", "status": "posted", "requires_verification": false, "from": "CASH-KRW", "to": town.mina.as_str(),
        "amount": 5_000, "fee": 0, "total": 5_000, "currency": "KRW", "scale": 0, "sender_label": "counter",
        "receiver_label": "counter", "reference": "slip 3", "metadata": {}, "date": "DATE", "created_at": "TIME",
        "ended_at": null, "captured": 0, "remaining": 0, "customer_text": null, "reason": null, "refusal": null,
        "hold": null, "settlement": null, "original": null, "original_step": null, "reversed": 0, "reversals": [],
        "step": null, "position": "POSITION",
    });
    assert_eq!(golden(deposit.json), expected);
    let withdrawal = post(&town, "ada", "/withdrawals", json!({"from": town.mina.as_str(), "amount": 1_000})).await;
    assert_eq!((withdrawal.status.as_u16(), &withdrawal.json["to"]), (201, &"CASH-KRW".into()));
    assert_eq!(posted(&town, town.mina).await, 104_000);
    let unknown = post(&town, "theo", "/deposits", json!({"to": "NOBODY", "amount": 1})).await;
    assert_eq!((unknown.status.as_u16(), &unknown.json["errors"][0]["field"]), (422, &"to".into()));
    let long =
        post(&town, "theo", "/deposits", json!({"to": town.mina.as_str(), "amount": 1, "label": "eleven char"})).await;
    assert_eq!((long.status.as_u16(), &long.json["errors"][0]["field"]), (400, &"label".into()));
}

#[actix_web::test]
async fn a_hold_is_settled_and_voided_by_who_placed_it() {
    let town = Town::new().await;
    let place = async || {
        let placed = post(&town, "theo", "/holds", pay(town.mina, town.joon, 900)).await;
        assert_eq!((placed.status.as_u16(), &placed.json["status"]), (201, &"held".into()), "{}", placed.text);
        assert_eq!(placed.json["metadata"], json!({}), "who placed it is told to staff, apart");
        placed.json["id"].as_str().unwrap().to_owned()
    };
    let id = place().await;
    let holds = town.get(Some("mina"), &format!("/accounts/{}/holds", town.mina)).await.json;
    let expected = json!({
        "id": "ID", "status": "held", "from": town.mina.as_str(), "to": town.joon.as_str(), "amount": 900,
        "captured": 0, "remaining": 900, "fee": 0, "placed_at": "TIME", "date": "DATE", "expires_at": null,
        "age_s": 0, "requires_verification": false, "ended_at": null, "customer_text": null, "position": "POSITION",
    });
    let mut hold = golden(holds["data"][0].clone());
    hold["age_s"] = 0.into();
    assert_eq!(hold, expected);
    let settle = format!("/transfers/{id}/settle");
    let part = post(&town, "theo", &settle, json!({"amount": 400, "keep_rest": true})).await;
    assert_eq!((&part.json["captured"], &part.json["remaining"]), (&400.into(), &500.into()), "{}", part.text);
    let large = post(&town, "theo", &settle, json!({"amount": 501})).await;
    assert_eq!((large.status.as_u16(), &large.json["errors"][0]["field"]), (422, &"amount".into()));
    let last = post(&town, "ada", &settle, json!({"amount": 100})).await;
    assert_eq!(
        (last.status.as_u16(), &last.json["status"], &last.json["captured"]),
        (200, &"partly_settled".into(), &500.into())
    );
    assert_eq!(posted(&town, town.joon).await, 100_500);
    let id = place().await;
    let voided = post(&town, "theo", &format!("/transfers/{id}/void"), json!({"reason": "wrong"})).await;
    assert_eq!((&voided.json["status"], &voided.json["reason"]), (&"voided".into(), &"wrong".into()));
    let mut order = pay(town.mina, town.joon, 3);
    order["expires_at"] = "2199-01-01T00:00:00Z".into();
    let until = post(&town, "theo", "/holds", order).await.json;
    assert_eq!(until["expires_at"], "2199-01-01T00:00:00Z");
    let history = town.get(Some("auda"), &format!("/admin/accounts/{}/history?limit=1", town.mina)).await.json;
    assert_eq!(history["data"][0]["after"]["expires_at"], "2199-01-01T00:00:00Z");
    // A hold of the administrator's is not the teller's to end.
    let placed = post(&town, "ada", "/holds", pay(town.mina, town.joon, 1)).await.json;
    assert_eq!(placed["placed_by"], town.member("ada").id.to_string());
    let seen = town.get(Some("mina"), &format!("/transfers/{}", placed["id"].as_str().unwrap())).await.json;
    assert_eq!((&seen["placed_by"], &seen["metadata"]), (&serde_json::Value::Null, &json!({})));
    let settle = format!("/transfers/{}/settle", placed["id"].as_str().unwrap());
    assert_eq!(post(&town, "theo", &settle, json!({})).await.status, 403);
    // Nor is it told to a member on both sides who placed it.
    let other = town.service.bank.open_account(jangbu::OpenAccount::new(town.member("mina").owner())).await.unwrap();
    let own = post(&town, "ada", "/holds", pay(town.mina, other, 1)).await.json;
    let seen = town.get(Some("mina"), &format!("/transfers/{}", own["id"].as_str().unwrap())).await.json;
    assert_eq!((&seen["amount"], &seen["placed_by"]), (&1.into(), &serde_json::Value::Null));
}

#[actix_web::test]
async fn nobody_settles_or_voids_what_its_verification_has_to_decide() {
    let town = waiting_town().await;
    let made = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 10)).await.json;
    let id = made["id"].as_str().unwrap();
    for (path, body) in [
        (format!("/transfers/{id}/settle"), json!({})),
        (format!("/transfers/{id}/void"), json!({})),
        ("/linked".to_owned(), json!({"steps": [{"type": "settle", "hold": id}]})),
    ] {
        let answer = post(&town, "ada", &path, body).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (409, &"under_verification".into()), "{path}");
    }
}

#[actix_web::test]
async fn linked_steps_happen_all_or_none() {
    let town = Town::new().await;
    let auda = account(&town, "auda", 0).await;
    let step = |from: jangbu::AccountNumber, to: jangbu::AccountNumber, amount: u64| json!({"type": "transfer", "from": from.as_str(), "to": to.as_str(), "amount": amount});
    let steps = json!({"steps": [step(town.mina, auda, 700), step(auda, town.joon, 700)]});
    let linked = post(&town, "theo", "/linked", steps).await;
    assert_eq!(linked.status, 201, "{}", linked.text);
    let each: Vec<_> =
        linked.json["transfers"].as_array().unwrap().iter().map(|it| (&it["step"], &it["amount"])).collect();
    assert_eq!(each, [(&0.into(), &700.into()), (&1.into(), &700.into())]);
    let steps = json!({"steps": [step(town.mina, auda, 5), step(auda, town.joon, 700)]});
    let refused = post(&town, "theo", "/linked", steps).await;
    assert_eq!((refused.status.as_u16(), &refused.json["code"]), (422, &"insufficient_funds".into()));
    assert_eq!(refused.json["errors"][0]["field"], "steps[1].amount");
    assert_eq!((posted(&town, town.mina).await, posted(&town, auda).await), (99_300, 0));
    let hold = post(&town, "theo", "/holds", pay(town.mina, town.joon, 50)).await.json["id"].clone();
    let steps = json!({"steps": [{"type": "void", "hold": hold}, step(town.mina, town.joon, 1)]});
    assert_eq!(post(&town, "theo", "/linked", steps).await.status, 201);
    assert_eq!(post(&town, "theo", "/linked", json!({"steps": []})).await.status, 400);
}

#[actix_web::test]
async fn a_transfer_is_taken_back_and_a_verified_one_by_its_settlement() {
    let town = waiting_town().await;
    let made = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 60)).await.json;
    let path = format!("/transfers/{}/reverse", made["id"].as_str().unwrap());
    assert_eq!(post(&town, "theo", &path, json!({})).await.json["code"], "not_reversible");
    let id: jangbu::CommandId = made["id"].as_str().unwrap().parse().unwrap();
    town.service.bank.settle_hold(jangbu::holds::SettleHold::all(id)).await.unwrap();
    let left = async || town.get(Some("theo"), path.trim_end_matches("/reverse")).await.json["reversible"].clone();
    assert_eq!(left().await, 60);
    let part = post(&town, "theo", &path, json!({"amount": 20, "label": "sorry"})).await;
    assert_eq!((part.status.as_u16(), &part.json["kind"]), (201, &"reversal".into()), "{}", part.text);
    let large = post(&town, "theo", &path, json!({"amount": 41})).await;
    assert_eq!((&large.json["code"], &large.json["figures"]["left"]), (&"reversal_too_large".into(), &40.into()));
    assert_eq!(left().await, 40);
    assert_eq!(post(&town, "theo", &path, json!({})).await.status, 201);
    assert_eq!((posted(&town, town.mina).await, left().await), (100_000, 0.into()));
}

#[actix_web::test]
async fn one_of_several_linked_movements_is_looked_at_and_taken_back() {
    let town = Town::new().await;
    let step = |from: jangbu::AccountNumber, to: jangbu::AccountNumber, amount: u64| json!({"type": "transfer", "from": from.as_str(), "to": to.as_str(), "amount": amount});
    let steps = json!({"steps": [step(town.mina, town.joon, 700), step(town.joon, town.mina, 40)]});
    let linked = post(&town, "theo", "/linked", steps).await.json;
    let path = format!("/transfers/{}", linked["id"].as_str().unwrap());
    let second = town.get(Some("theo"), &format!("{path}?step=1")).await.json;
    assert_eq!(
        (&second["step"], &second["amount"], &second["reversible"]),
        (&1.into(), &40.into(), &40.into()),
        "{second}"
    );
    assert_eq!(town.get(Some("theo"), &format!("{path}?step=2")).await.status, 404);
    // What a member sees says nothing of it.
    assert_eq!(town.get(Some("mina"), &format!("{path}?step=1")).await.json["reversible"], serde_json::Value::Null);
    let part = post(&town, "theo", &format!("{path}/reverse"), json!({"step": 1, "amount": 30})).await;
    assert_eq!((part.status.as_u16(), &part.json["amount"]), (201, &30.into()), "{}", part.text);
    assert_eq!(town.get(Some("theo"), &format!("{path}?step=1")).await.json["reversible"], 10);
    assert_eq!(town.get(Some("theo"), &path).await.json["reversible"], 700);
    assert_eq!(post(&town, "theo", &format!("{path}/reverse"), json!({"step": 1})).await.status, 201);
    assert_eq!(town.get(Some("theo"), &format!("{path}?step=1")).await.json["reversible"], 0);
    assert_eq!(posted(&town, town.mina).await, 99_300);
    let back = part.json["id"].as_str().unwrap();
    assert_eq!(
        town.get(Some("theo"), &format!("/transfers/{back}")).await.json["reversible"],
        serde_json::Value::Null,
        "a reversal is for ever"
    );
}

#[actix_web::test]
async fn linked_steps_take_back_what_staff_may_take_back() {
    let town = waiting_town().await;
    let verified = post(&town, "mina", "/transfers", pay(town.mina, town.joon, 60)).await.json;
    let id: jangbu::CommandId = verified["id"].as_str().unwrap().parse().unwrap();
    let back = |steps: serde_json::Value| json!({ "steps": steps });
    let undecided = post(&town, "theo", "/linked", back(json!([{"type": "reverse", "transfer": id}]))).await;
    assert_eq!(
        (undecided.status.as_u16(), &undecided.json["code"]),
        (422, &"not_reversible".into()),
        "{}",
        undecided.text
    );
    let settlement = town.service.bank.settle_hold(jangbu::holds::SettleHold::all(id)).await.unwrap().id.to_string();
    let step = |from: jangbu::AccountNumber, to: jangbu::AccountNumber, amount: u64| json!({"type": "transfer", "from": from.as_str(), "to": to.as_str(), "amount": amount, "most_fee": 0});
    let linked =
        post(&town, "theo", "/linked", back(json!([step(town.mina, town.joon, 700), step(town.joon, town.mina, 40)])))
            .await
            .json;
    let steps = json!([
        {"type": "reverse", "transfer": id, "amount": 20, "label": "sorry"},
        {"type": "reverse", "transfer": linked["id"], "step": 1},
        {"type": "reverse", "transfer": linked["id"]},
    ]);
    assert_eq!(post(&town, "mina", "/linked", back(steps.clone())).await.status, 403);
    let taken = post(&town, "theo", "/linked", back(steps.clone())).await;
    assert_eq!(taken.status, 201, "{}", taken.text);
    let told = |it: &serde_json::Value| {
        let (kind, amount, original, step) = (&it["kind"], &it["amount"], &it["original"], &it["original_step"]);
        json!([kind, amount, original, step])
    };
    let each: Vec<_> = taken.json["transfers"].as_array().unwrap().iter().map(told).collect();
    let expected = [
        json!(["reversal", 20, settlement, 0]),
        json!(["reversal", 40, linked["id"], 1]),
        json!(["reversal", 700, linked["id"], 0]),
    ];
    assert_eq!(each, expected);
    let path = format!("/transfers/{}", linked["id"].as_str().unwrap());
    let first = town.get(Some("theo"), &path).await.json;
    assert_eq!(
        (&first["reversed"], &first["reversals"], &first["reversible"]),
        (&700.into(), &json!([taken.json["id"]]), &0.into())
    );
    let again = post(&town, "theo", "/linked", back(steps)).await;
    assert_eq!((again.status.as_u16(), &again.json["code"]), (422, &"reversal_too_large".into()), "{}", again.text);
    assert_eq!((&again.json["figures"]["step"], posted(&town, town.mina).await), (&1.into(), 99_960));
    let twice = json!([{"type": "reverse", "transfer": id, "amount": 1}, {"type": "reverse", "transfer": settlement, "amount": 1}]);
    let twice = post(&town, "theo", "/linked", back(twice)).await;
    assert_eq!((twice.status.as_u16(), &twice.json["errors"][0]["code"]), (400, &"repeated".into()), "{}", twice.text);
}

/// An order of a marketplace: a hold for the seller, and the platform's fee.
fn order(town: &Town, amount: u64) -> serde_json::Value {
    json!({ "steps": [
        { "type": "transfer", "from": town.mina.as_str(), "to": town.joon.as_str(), "amount": 100 },
        { "type": "hold", "from": town.mina.as_str(), "to": town.joon.as_str(), "amount": amount, "reference": "order 7",
          "receiver_label": "order 7", "expires_at": "2100-01-01T00:00:00Z" },
    ] })
}

#[actix_web::test]
async fn a_hold_among_linked_steps_is_known_by_its_step_everywhere() {
    let town = Town::new().await;
    let placed = post(&town, "theo", "/linked", order(&town, 900)).await;
    assert_eq!(placed.status, 201, "{}", placed.text);
    let hold = format!("{}.1", placed.json["id"].as_str().unwrap());
    let (paid, held) = (&placed.json["transfers"][0], &placed.json["transfers"][1]);
    assert_eq!((&paid["kind"], &paid["hold"], &paid["step"]), (&json!("transfer"), &json!(null), &json!(0)));
    assert_eq!(
        (&held["kind"], &held["status"], &held["hold"], &held["step"], &held["metadata"], &held["expires_at"]),
        (&json!("hold"), &json!("held"), &json!(hold), &json!(1), &json!({}), &json!("2100-01-01T00:00:00Z")),
        "{held}"
    );
    assert_eq!(held["placed_by"], town.member("theo").id.to_string());
    let account = town.get(Some("mina"), &format!("/accounts/{}", town.mina)).await.json;
    assert_eq!((&account["posted"], &account["available"]), (&json!(99_900), &json!(99_000)), "{account}");
    let open = town.get(Some("mina"), &format!("/accounts/{}/holds", town.mina)).await.json;
    assert_eq!((&open["data"][0]["id"], &open["data"][0]["remaining"]), (&json!(hold), &json!(900)), "{open}");
    let path = format!("/transfers/{hold}");
    let part = post(&town, "theo", &format!("{path}/settle"), json!({"amount": 400, "keep_rest": true})).await;
    assert_eq!(
        (part.status.as_u16(), &part.json["hold"], &part.json["captured"]),
        (200, &json!(hold), &json!(400)),
        "{}",
        part.text
    );
    let raised = post(&town, "theo", &format!("{path}/amend"), json!({"amount": 1_000})).await;
    assert_eq!((raised.status.as_u16(), &raised.json["amount"]), (200, &json!(1_000)), "{}", raised.text);
    // One capture: taken back by the hold's own id, with or without the number of its step behind it.
    let back = post(&town, "theo", &format!("{path}/reverse"), json!({"amount": 150})).await;
    assert_eq!((back.status.as_u16(), &back.json["original"]), (201, &part.json["settlement"]), "{}", back.text);
    let command = format!("/transfers/{}/reverse", placed.json["id"].as_str().unwrap());
    let back = post(&town, "theo", &command, json!({"step": 1, "amount": 50})).await;
    assert_eq!((back.status.as_u16(), &back.json["original"]), (201, &part.json["settlement"]), "{}", back.text);
    let two = post(&town, "theo", &format!("{path}/reverse"), json!({"step": 2})).await;
    assert_eq!((two.status.as_u16(), &two.json["errors"][0]["field"]), (400, &json!("step")), "{}", two.text);
    let last = post(&town, "ada", &format!("{path}/settle"), json!({"amount": 100})).await;
    assert_eq!(
        (&last.json["status"], &last.json["captured"]),
        (&json!("partly_settled"), &json!(500)),
        "{}",
        last.text
    );
    let several = post(&town, "theo", &format!("{path}/reverse"), json!({})).await;
    assert_eq!((several.status.as_u16(), &several.json["code"]), (422, &json!("several_captures")), "{}", several.text);
    for (who, label) in [("mina", json!(null)), ("joon", json!("order 7"))] {
        let seen = town.get(Some(who), &path).await.json;
        assert_eq!((&seen["captured"], &seen["receiver_label"]), (&json!(500), &label), "{seen}");
        let listed = town.get(Some(who), &format!("/transfers?hold={hold}")).await.json;
        let amounts: Vec<_> =
            listed["data"].as_array().unwrap().iter().map(|it| (&it["amount"], &it["reference"])).collect();
        assert_eq!(amounts, [(&json!(100), &json!("order 7")), (&json!(400), &json!("order 7"))], "{listed}");
    }
    let void = async |path: String| post(&town, "theo", &path, json!({})).await;
    let over = void(format!("{path}/void")).await;
    assert_eq!((over.status.as_u16(), &over.json["code"]), (422, &json!("hold_settled")), "{}", over.text);
    // There is none of such an id.
    for wrong in ["0", "2", "01", "64", "x"] {
        let path = format!("/transfers/{}.{wrong}", placed.json["id"].as_str().unwrap());
        assert_eq!(void(format!("{path}/void")).await.status, 404, "{wrong}");
        assert_eq!(town.get(Some("mina"), &path).await.status, 404, "{wrong}");
    }
    assert_eq!(void(format!("/transfers/{}/void", placed.json["id"].as_str().unwrap())).await.status, 404);
}

#[actix_web::test]
async fn steps_about_holds_need_of_a_token_what_holds_need() {
    let town = Town::new().await;
    let placed = post(&town, "theo", "/linked", order(&town, 10)).await.json;
    let hold = format!("{}.1", placed["id"].as_str().unwrap());
    let until =
        jangbu::Timestamp::from_ns(jangbu::clock::Clock::now(&*town.clock).as_ns() + 86_400_000_000_000).to_string();
    for (scopes, expected) in [(json!(["counter"]), 403), (json!(["counter", "hold"]), 201)] {
        let wanted = json!({ "name": "till", "scopes": scopes, "expires_at": until });
        let token = post(&town, "theo", "/me/tokens", wanted).await.json["secret"].as_str().unwrap().to_owned();
        for step in [
            json!({ "type": "hold", "from": town.mina.as_str(), "to": town.joon.as_str(), "amount": 5 }),
            json!({ "type": "settle", "hold": hold, "amount": 1, "keep_rest": true }),
        ] {
            let request = actix_web::test::TestRequest::post().uri("/api/v1/linked");
            let request = request.insert_header(("authorization", format!("Bearer {token}")));
            let answer = town.call(request.set_json(json!({ "steps": [step] }))).await;
            assert_eq!(answer.status.as_u16(), expected, "{}", answer.text);
            let missing = if expected == 403 { json!("hold") } else { json!(null) };
            assert_eq!(answer.json["figures"]["scope"], missing, "{}", answer.text);
        }
    }
}

#[actix_web::test]
async fn the_statement_has_what_a_settled_transfer_was_sent_with() {
    let town = waiting_town().await;
    let mut order = pay(town.mina, town.joon, 60);
    order["sender_label"] = "rent".into();
    order["receiver_label"] = "from mina".into();
    order["reference"] = "May".into();
    let made = post(&town, "mina", "/transfers", order).await.json;
    let id: jangbu::CommandId = made["id"].as_str().unwrap().parse().unwrap();
    town.service.bank.settle_hold(jangbu::holds::SettleHold::all(id)).await.unwrap();
    for (who, account, kind, label) in
        [("mina", town.mina, "settled_out", "rent"), ("joon", town.joon, "settled_in", "from mina")]
    {
        let entries = town.get(Some(who), &format!("/accounts/{account}/entries?limit=1")).await.json;
        let entry = &entries["data"][0];
        assert_eq!(
            (&entry["kind"], &entry["label"], &entry["reference"], &entry["hold"]),
            (&kind.into(), &label.into(), &"May".into(), &made["id"]),
            "{entry}"
        );
    }
}

#[actix_web::test]
async fn what_staff_does_and_reads_is_written_down() {
    let town = Town::new().await;
    let theo = town.member("theo").id;
    let deposit = post(&town, "theo", "/deposits", json!({"to": town.mina.as_str(), "amount": 5})).await.json;
    let path = format!("/transfers/{}", deposit["id"].as_str().unwrap());
    assert_eq!(town.get(Some("theo"), &path).await.status, 200);
    assert_eq!(town.get(Some("theo"), &format!("/transfers?member={}", town.member("mina").id)).await.status, 200);
    assert_eq!(town.get(Some("theo"), &format!("/accounts/{}/entries", town.mina)).await.status, 200);
    let (found, _) = town
        .service
        .audit
        .find(&audit::Query { member: Some(theo), limit: 50, ..audit::Query::default() })
        .await
        .unwrap();
    let mut actions: Vec<String> = found.iter().map(|entry| entry.action.clone()).collect();
    actions.retain(|action| !action.starts_with("session"));
    assert_eq!(actions, ["account.read", "member.read", "transfer.read", "cash.deposited"]);
    let command = found.iter().find_map(|entry| entry.command).unwrap();
    assert_eq!(deposit["id"], command.to_string());
}
