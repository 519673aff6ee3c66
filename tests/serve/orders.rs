//! Standing orders with verification: the transfers of a schedule are verified, too.

use std::time::{Duration, Instant};

use jangbu::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use super::people::{Customer, Person, serve};
use super::service::{PATIENCE, Scratch};

/// Runs a member's order once, and returns the run and the balances.
#[expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test")]
fn run_once(settings: &[&str]) -> (Value, (i64, i64, i64), (i64, i64, i64)) {
    let scratch = Scratch::new();
    let service = serve(&scratch, settings);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", 100_000);
    let joon = Customer::join(&service, &admin, "joon", 100_000);
    let at = SystemClock.now().after(Duration::from_millis(300)).to_string();
    let mut order = json!({
        "from": mina.account, "to": joon.account, "amount": 600, "rule": { "every": "once", "at": at }, "at_most": true,
    });
    let open = mina.person.post(&service, "/me/schedules", &order);
    assert_eq!((open.status, open.json()["code"].as_str()), (400, Some("invalid_request")), "what is held is fixed");
    order["at_most"] = false.into();
    let made = mina.person.post(&service, "/me/schedules", &order);
    assert_eq!(made.status, 201, "{made:?}");
    let path = format!("/me/schedules/{}/runs", made.json()["id"].as_str().unwrap());
    let begun = Instant::now();
    loop {
        let run = mina.person.read(&service, &path)["data"][0].clone();
        let id = run["transfer"].as_str().unwrap_or_default();
        let transfer =
            if id.is_empty() { Value::Null } else { mina.person.read(&service, &format!("/transfers/{id}")) };
        let status = transfer["status"].as_str().unwrap_or("none");
        if status == "rejected" || (status == "pending" && settings.contains(&"verification.min_ms=600000")) {
            assert_eq!(run["outcome"], "accepted", "{run}");
            let balances = (mina.person.balance(&service, &mina.account), joon.person.balance(&service, &joon.account));
            return (transfer, balances.0, balances.1);
        }
        assert!(begun.elapsed() < PATIENCE, "it does not come to its end: {run}, {transfer}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_standing_order_moves_nothing_unverified() {
    let slow = ["verification.mode=delay", "verification.min_ms=600000", "verification.max_ms=600000"];
    let (transfer, mina, joon) = run_once(&slow);
    assert_eq!((&transfer["status"], &transfer["amount"]), (&"pending".into(), &600.into()));
    assert_eq!((mina, joon), ((100_000, 600, 99_400), (100_000, 0, 100_000)));
    let rejecting = [
        "verification.mode=delay",
        "verification.min_ms=1",
        "verification.max_ms=20",
        "verification.rejected_per_mille=1000",
    ];
    let (_, mina, joon) = run_once(&rejecting);
    assert_eq!((mina, joon), ((100_000, 0, 100_000), (100_000, 0, 100_000)));
}
