//! Many transfers in one request.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use super::{header, pay, posted, waiting_town};
use crate::server::testing::{Answer, Town};

async fn batch(town: &Town, who: &str, body: Value, key: Option<&str>) -> Answer {
    let headers: Vec<_> = key.map(|key| ("idempotency-key", key)).into_iter().collect();
    town.send_with(who, Method::POST, "/transfers/batch", Some(body), &headers).await
}

fn statuses(answer: &Answer) -> Vec<u64> {
    answer.json.as_array().unwrap().iter().map(|it| it["status"].as_u64().unwrap()).collect()
}

#[actix_web::test]
async fn each_is_answered_in_its_place() {
    let town = Town::new().await;
    let mut with_fee = pay(town.mina, town.joon, 1);
    with_fee["fee"] = 0.into();
    let mut labelled = pay(town.mina, town.joon, 1);
    labelled["sender_label"] = "eleven char".into();
    let body = json!([
        pay(town.mina, town.joon, 300),
        pay(town.joon, town.mina, 1),
        with_fee,
        pay(town.mina, "NOBODY".parse().unwrap(), 1),
        labelled,
        pay("NOBODY".parse().unwrap(), town.mina, 1),
        pay(town.mina, town.joon, 100_000),
        pay(town.mina, town.joon, 7),
    ]);
    let answer = batch(&town, "mina", body, None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(statuses(&answer), [201, 404, 400, 422, 400, 404, 422, 201]);
    let first = super::golden(answer.json[0].clone());
    let expected = json!({
        "status": 201,
        "transfer": {
            "id": "ID", "status": "posted", "amount": 300, "fee": 0, "created_at": "TIME", "date": "DATE",
            "position": "POSITION",
        },
    });
    assert_eq!(first, expected);
    assert_eq!(answer.json[3]["problem"]["errors"][0]["field"], "to");
    assert_eq!(answer.json[6]["problem"]["figures"], json!({"available": 99_700, "needed": 100_000}));
    assert_eq!(posted(&town, town.mina).await, 99_693);
}

#[actix_web::test]
async fn lines_are_answered_by_lines() {
    let town = Town::new().await;
    let lines = format!("{}\nnonsense\n\n{}\n", pay(town.mina, town.joon, 1), pay(town.mina, town.joon, 2));
    let send = async |kind: &'static str| {
        let request = TestRequest::post().uri("/api/v1/transfers/batch").insert_header(town.cookie("mina").await);
        town.call(request.insert_header(("content-type", kind)).set_payload(lines.clone())).await
    };
    let answer = send("application/x-ndjson").await;
    assert_eq!(header(&answer, "content-type"), "application/x-ndjson");
    let told: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.iter().map(|it| it["status"].as_u64().unwrap()).collect::<Vec<_>>(), [201, 400, 201]);
    assert_eq!(send("text/plain").await.status, 415);
}

#[actix_web::test]
async fn a_batch_sent_again_moves_nothing_more() {
    let town = Town::new().await;
    let body = json!([pay(town.mina, town.joon, 1), pay(town.mina, town.joon, 999_999), pay(town.mina, town.joon, 2)]);
    let first = batch(&town, "mina", body.clone(), Some("k")).await;
    let again = batch(&town, "mina", body.clone(), Some("k")).await;
    assert_eq!((statuses(&first), first.json[0].clone()), (vec![201, 422, 201], again.json[0].clone()));
    assert_eq!(first.json[2], again.json[2]);
    assert_eq!(posted(&town, town.joon).await, 100_003);
    let mut other = body.clone();
    other[2]["amount"] = 3.into();
    let longer = json!([body[0], body[1], body[2], pay(town.mina, town.joon, 4)]);
    for other in [other, longer, json!([body[0]])] {
        let other = batch(&town, "mina", other, Some("k")).await;
        assert_eq!((other.status.as_u16(), &other.json["code"]), (409, &"id_reused".into()), "{}", other.text);
    }
    assert_eq!(posted(&town, town.joon).await, 100_003);
}

#[actix_web::test]
async fn where_transfers_are_verified_a_batch_waits_too() {
    let town = waiting_town().await;
    let body = json!([pay(town.mina, town.joon, 60_000), pay(town.mina, town.joon, 60_000)]);
    let answer = batch(&town, "mina", body, None).await;
    assert_eq!(statuses(&answer), [202, 422]);
    assert_eq!((&answer.json[0]["transfer"]["status"], posted(&town, town.mina).await), (&"pending".into(), 100_000));
}

#[actix_web::test]
async fn every_transfer_of_a_batch_counts() {
    let town = Town::with(|config| {
        (config.rates.transfers.per_member, config.rates.batch_transfers.per_member) = (2, 3);
    })
    .await;
    let many = |count: u64| -> Value { (0..count).map(|_| pay(town.mina, town.joon, 1)).collect() };
    let single = async || town.send("mina", Method::POST, "/transfers", pay(town.mina, town.joon, 1)).await;
    assert_eq!(batch(&town, "mina", many(1), None).await.status, 200);
    let refused = batch(&town, "mina", many(2), None).await;
    assert_eq!((refused.status.as_u16(), refused.headers.contains_key("retry-after")), (429, true));
    assert_eq!(single().await.status, 201, "the one that is left");
    assert_eq!(single().await.status, 429);
    let large = batch(&town, "mina", many(3), None).await;
    assert_eq!((large.status.as_u16(), &large.json["figures"]["most"]), (429, &2.into()), "{}", large.text);
    assert_eq!(posted(&town, town.joon).await, 100_002);

    let in_a_month = town.service.time.now().after(std::time::Duration::from_secs(30 * 86_400)).to_string();
    let wanted = json!({ "name": "payroll", "scopes": ["batch"], "expires_at": in_a_month });
    let made = town.send("mina", Method::POST, "/me/tokens", wanted).await;
    let bearer = format!("Bearer {}", made.json["secret"].as_str().unwrap_or_else(|| panic!("{}", made.text)));
    let by_token = async |count: u64| {
        let headers = [("authorization", bearer.as_str())];
        town.send_with(None, Method::POST, "/transfers/batch", many(count), &headers).await.status.as_u16()
    };
    assert_eq!((by_token(3).await, by_token(1).await), (200, 429), "a limit of its own");
    assert_eq!(posted(&town, town.joon).await, 100_005);
}

#[actix_web::test]
async fn a_batch_is_bounded() {
    let town = Town::new().await;
    let many: Vec<Value> = (0..8_193).map(|_| pay(town.mina, town.joon, 1)).collect();
    assert_eq!(batch(&town, "mina", many.into(), None).await.status, 400);
    assert_eq!(posted(&town, town.joon).await, 100_000);
    let request = TestRequest::post().uri("/api/v1/transfers/batch").insert_header(town.cookie("mina").await);
    let large =
        request.insert_header(("content-type", "application/json")).set_payload(vec![b' '; 8 * 1024 * 1024 + 1]);
    assert_eq!(town.call(large).await.status, 413);
    assert_eq!(batch(&town, "auda", json!([]), None).await.status, 403);
    assert_eq!(statuses(&batch(&town, "mina", json!([]), None).await), [0; 0]);
}
