//! Every defect of the original system by name. None of them exists here.
//!
//! | the original | the test |
//! | --- | --- |
//! | the pending total was read, then written: two requests at once were both accepted | [`double_spend`] |
//! | the worker read a balance, added, saved: the later save overwrote the earlier | [`lost_update`] |
//! | the fee was taken from the client's request | [`the_clients_fee`] |
//! | anyone could send from anyone's account, and read any balance | [`anothers_account`] |
//! | limits were stored and never enforced | [`limits_without_effect`] |
//! | the free quota "per day" was counted per month | [`free_quota_of_the_month`] |
//! | the verification's result was ignored | [`ignored_verification`] |
//! | the report was written before the money moved, outside of the transaction | [`report_without_money`] |
//! | the fee disappeared from the books | [`vanishing_fee`] |
//! | negative and zero amounts, sender = receiver, an unknown receiver were accepted or crashed the worker | [`invalid_transfers`] |
//! | a retry was a second transfer | [`retry_that_pays_twice`] |
//! | a crash between queueing and settling left the pending total raised forever | [`hold_that_never_ends`] |
//! | the result went to the browser's console | [`outcome_that_is_not_reported`] |
//! | a default administrator with a password of three digits | [`default_administrator`] |

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::people::{Customer, Person, serve, transfer};
use super::service::{PATIENCE, Running, Scratch};

const CASH: u64 = 100_000;
/// A verification longer than any test.
const SLOW: [&str; 3] = ["verification.mode=delay", "verification.min_ms=600000", "verification.max_ms=600000"];
/// A verification that ends soon.
const QUICK: [&str; 3] = ["verification.mode=delay", "verification.min_ms=1", "verification.max_ms=20"];

/// A bank with an administrator and two members.
struct Town {
    scratch: Scratch,
    service: Running,
    admin: Person,
    mina: Customer,
    joon: Customer,
}

impl Town {
    fn new(settings: &[&str]) -> Town {
        let scratch = Scratch::new();
        let service = serve(&scratch, settings);
        let admin = Person::sign_in(&service, "admin");
        let mina = Customer::join(&service, &admin, "mina", CASH);
        let joon = Customer::join(&service, &admin, "joon", CASH);
        Town { scratch, service, admin, mina, joon }
    }

    fn of_mina(&self) -> (i64, i64, i64) {
        self.mina.person.balance(&self.service, &self.mina.account)
    }

    fn of_joon(&self) -> (i64, i64, i64) {
        self.joon.person.balance(&self.service, &self.joon.account)
    }

    /// Waits until a transfer of Mina's is no longer pending, and returns it.
    fn end_of(&self, id: &str) -> Value {
        let begun = Instant::now();
        loop {
            let told = self.mina.person.read(&self.service, &format!("/transfers/{id}"));
            if told["status"] != "pending" {
                return told;
            }
            assert!(begun.elapsed() < PATIENCE, "it is never verified: {told}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a transfer of Mina's that is accepted, and returns its id.
    fn accepted(&self, amount: u64) -> String {
        let answer = self.mina.pay(&self.service, &self.joon.account, amount);
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn double_spend() {
    let town = Town::new(&SLOW);
    let pay = || town.mina.pay(&town.service, &town.joon.account, 60_000).status;
    let mut statuses = std::thread::scope(|scope| {
        let [one, other] = [scope.spawn(pay), scope.spawn(pay)];
        [one.join().unwrap(), other.join().unwrap()]
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 422]);
    assert_eq!(town.of_mina(), (100_000, 60_000, 40_000));
}

#[test]
fn lost_update() {
    let town = Town::new(&QUICK);
    let (service, mina, joon) = (&town.service, &town.mina, &town.joon);
    let rounds = 20;
    std::thread::scope(|scope| {
        let pay = |from: &Customer, to: &Customer| {
            for _ in 0..rounds {
                assert_eq!(from.pay(service, &to.account, 1).status, 202);
            }
        };
        scope.spawn(move || pay(mina, joon));
        scope.spawn(move || pay(joon, mina));
        for _ in 0..rounds {
            town.admin.deposit(service, &joon.account, 10);
        }
    });
    let begun = Instant::now();
    while town.of_mina().1 + town.of_joon().1 > 0 {
        assert!(begun.elapsed() < PATIENCE, "something is held for good");
        std::thread::sleep(Duration::from_millis(10));
    }
    let fees = (rounds - 3) * 500;
    assert_eq!(town.of_mina().0, 100_000 - fees);
    assert_eq!(town.of_joon().0, 100_000 - fees + 10 * rounds);
}

#[test]
fn the_clients_fee() {
    let town = Town::new(&[]);
    for name in ["fee", "remittance", "total"] {
        let mut request = transfer(&town.mina.account, &town.joon.account, 1);
        request[name] = 0.into();
        let answer = town.mina.person.post(&town.service, "/transfers", &request);
        assert_eq!(answer.problem().0, 400, "{name}");
    }
    let fees: Vec<u64> =
        (0..4).map(|_| town.mina.pay(&town.service, &town.joon.account, 1).json()["fee"].as_u64().unwrap()).collect();
    assert_eq!(fees, [0, 0, 0, 500], "the bank's own");
    let quote = transfer(&town.mina.account, &town.joon.account, 1);
    let quote = town.mina.person.post(&town.service, "/quotes", &quote).json();
    assert_eq!(quote["fee"], 500, "{quote}");
}

#[test]
fn anothers_account() {
    let town = Town::new(&[]);
    let request = transfer(&town.mina.account, &town.joon.account, 1);
    for path in ["/transfers", "/quotes"] {
        assert_eq!(town.joon.person.post(&town.service, path, &request).problem().0, 404, "{path}");
    }
    let batch = town.joon.person.post(&town.service, "/transfers/batch", &json!([request])).json();
    assert_eq!((&batch[0]["status"], &batch[0]["problem"]["status"]), (&404.into(), &404.into()), "{batch}");
    assert!(batch[0]["problem"]["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{batch}");
    for below in ["", "/entries", "/holds", "/events"] {
        let path = format!("/accounts/{}{below}", town.mina.account);
        assert_eq!(town.joon.person.get(&town.service, &path).problem().0, 404, "{path}");
        assert_eq!(town.service.get(&format!("/api/v1{path}")).problem().0, 401, "{path}");
    }
    assert_eq!(town.of_mina(), (100_000, 0, 100_000));
}

#[test]
fn limits_without_effect() {
    let town = Town::new(&[]);
    let path = format!("/admin/accounts/{}", town.mina.account);
    let version = town.admin.read(&town.service, &path)["version"].clone();
    let change = json!({ "version": version, "own_limit_per_transfer": 500, "own_limit_per_day": 800 });
    let changed = town.admin.patch(&town.service, &path, &change);
    assert_eq!(changed.status, 200, "{changed:?}");
    let pay = |amount| town.mina.pay(&town.service, &town.joon.account, amount);
    assert_eq!(pay(501).problem(), (422, "limit_per_transfer".into()));
    assert_eq!(pay(500).status, 201);
    let day = pay(301);
    assert_eq!(day.problem(), (422, "limit_per_day".into()));
    assert_eq!(day.json()["figures"]["used"], 500);
    assert_eq!(pay(300).status, 201);
}

#[test]
fn free_quota_of_the_month() {
    let town = Town::new(&[]);
    let free = || {
        let account = town.mina.person.read(&town.service, &format!("/accounts/{}", town.mina.account));
        (account["free_transfers_left"].as_u64().unwrap(), account["date"].as_str().unwrap().to_owned())
    };
    let (before, day) = free();
    assert_eq!(town.mina.pay(&town.service, &town.joon.account, 1).status, 201);
    let (after, same) = free();
    // At midnight in the bank's time zone they are available again; a test with its own clock checks this
    // (`routes/tests/defects.rs`).
    let expected = if day == same { 2 } else { 3 };
    assert_eq!((before, after), (3, expected), "three a day, and a date for which they count: {day}, {same}");
    assert_eq!(day.len(), "2026-11-23".len(), "{day} is no day");
}

#[test]
fn ignored_verification() {
    let mut settings = QUICK.to_vec();
    settings.push("verification.rejected_per_mille=1000");
    let town = Town::new(&settings);
    let told = town.end_of(&town.accepted(60_000));
    assert_eq!(told["status"], "rejected", "{told}");
    assert_eq!((town.of_mina(), town.of_joon()), ((100_000, 0, 100_000), (100_000, 0, 100_000)));
}

#[test]
fn report_without_money() {
    let town = Town::new(&[]);
    let refused = town.mina.pay(&town.service, &town.joon.account, CASH * 2);
    assert_eq!(refused.problem(), (422, "insufficient_funds".into()));
    let of_joon = format!("/accounts/{}/entries", town.joon.account);
    let reported = |who: &Customer| {
        let entries = who.person.read(&town.service, &format!("/accounts/{}/entries", who.account));
        entries["data"].as_array().unwrap().iter().filter(|entry| entry["kind"] != "deposit").count()
    };
    let (mina, joon) = (reported(&town.mina), reported(&town.joon));
    let made = town.mina.pay(&town.service, &town.joon.account, 9).json();
    assert_eq!((reported(&town.mina), reported(&town.joon)), (mina + 1, joon + 1));
    let entry = town.joon.person.read(&town.service, &of_joon)["data"][0].clone();
    assert_eq!((&entry["position"], &entry["id"]), (&made["position"], &made["id"]), "one record, or none");
    assert_eq!((&entry["change"], &entry["balance"]), (&9.into(), &100_009.into()));
}

#[test]
fn vanishing_fee() {
    let town = Town::new(&[]);
    for _ in 0..5 {
        assert_eq!(town.mina.pay(&town.service, &town.joon.account, 1).status, 201);
    }
    assert_eq!(town.admin.balance(&town.service, "FEES-KRW").0, 1_000);
    assert_eq!(town.of_mina().0 + town.of_joon().0 + 1_000, 200_000);
    town.service.stop();
    let (status, output, errors) = town.scratch.run(&["check", "--deep"]);
    assert_eq!((status, errors.as_str()), (0, ""), "{output}");
}

#[test]
fn invalid_transfers() {
    let town = Town::new(&[]);
    let (mina, joon) = (town.mina.account.as_str(), town.joon.account.as_str());
    for (request, expected) in [
        (json!({ "from": mina, "to": joon, "amount": -1 }), 400),
        (json!({ "from": mina, "to": joon, "amount": 1.5 }), 400),
        (json!({ "from": mina, "to": joon, "amount": "1" }), 400),
        (json!({ "from": mina, "to": joon, "amount": u64::MAX }), 400),
        (json!({ "from": mina, "to": joon }), 400),
        (json!({ "from": mina, "to": "x".repeat(21), "amount": 1 }), 400),
        (transfer(mina, joon, 0), 422),
        (transfer(mina, mina, 1), 422),
        (transfer(mina, "NOBODY", 1), 422),
        (transfer(mina, "FEES-KRW", 1), 422),
    ] {
        let answer = town.mina.person.post(&town.service, "/transfers", &request);
        assert_eq!(answer.problem().0, expected, "{request}: {answer:?}");
        assert!(answer.json()["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{answer:?}");
    }
    assert_eq!(town.mina.pay(&town.service, joon, 1).status, 201, "the bank goes on");
}

#[test]
fn retry_that_pays_twice() {
    let town = Town::new(&SLOW);
    let request = transfer(&town.mina.account, &town.joon.account, 5);
    let send = || town.mina.person.post_once(&town.service, "once", "/transfers", &request);
    let first = send();
    assert_eq!(first.status, 202, "{first:?}");
    for _ in 0..3 {
        let again = send();
        assert_eq!((again.status, again.json()), (202, first.json()));
    }
    assert_eq!(town.of_mina(), (100_000, 5, 99_995));
}

#[test]
fn hold_that_never_ends() {
    let mut town = Town::new(&SLOW);
    let id = town.accepted(60_000);
    town.service.signal(Signal::KILL);
    town.service.wait();
    town.service = serve(&town.scratch, &QUICK);
    assert_eq!(town.end_of(&id)["status"], "posted");
    assert_eq!((town.of_mina(), town.of_joon()), ((40_000, 0, 40_000), (160_000, 0, 160_000)));
}

#[test]
fn outcome_that_is_not_reported() {
    let town = Town::new(&QUICK);
    let follow = |who: &Customer| {
        let mut stream = town.service.connect();
        let host = town.service.address();
        let cookie = who.person.cookie();
        let ask = format!("GET /api/v1/me/events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        stream.write_all(ask.as_bytes()).unwrap();
        let mut heard = String::new();
        until(&mut stream, &mut heard, "event: ready");
        (stream, heard)
    };
    let (mut of_mina, mut mina_heard) = follow(&town.mina);
    let (mut of_joon, mut joon_heard) = follow(&town.joon);
    let id = town.accepted(60);
    for (stream, heard) in [(&mut of_mina, &mut mina_heard), (&mut of_joon, &mut joon_heard)] {
        until(stream, heard, "event: settled");
        assert!(heard.contains(&id) && heard.contains("event: held"), "{heard}");
    }
}

/// Reads a stream until a text arrives.
fn until(stream: &mut impl Read, heard: &mut String, text: &str) {
    let mut buffer = [0; 4_096];
    while !heard.contains(text) {
        let count = stream.read(&mut buffer).expect("the stream goes on");
        assert!(count > 0, "the stream ended: {heard}");
        heard.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
}

#[test]
fn default_administrator() {
    let scratch = Scratch::new();
    let service = scratch.serve(&["--set", "rates.sign_in_per_address=1000"]);
    for username in ["admin", "root", "administrator"] {
        for password in ["123", "111", "000", "admin", "password", ""] {
            let body = json!({ "username": username, "password": password });
            assert_ne!(service.post("/api/v1/session", &body).status, 200, "{username}, {password}");
        }
    }
    let wanted = |password: &str| json!({ "username": "boss", "password": password, "name": "Boss", "email": "boss@example.com" });
    for weak in ["123", "12345678", "password"] {
        assert_eq!(service.post("/api/v1/members", &wanted(weak)).problem().0, 400, "{weak}");
    }
}
