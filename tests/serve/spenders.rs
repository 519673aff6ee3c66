//! Concurrent spenders of one balance, and repeated requests, also after the process was killed.

use std::sync::Barrier;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::people::{Customer, Person, serve, transfer};
use super::service::{Running, Scratch};

const SPENDERS: u64 = 64;
const CASH: u64 = 100_000;
const EACH: u64 = 2_560;

/// Runs as many spenders as wait for each other, each over its own connection. Returns their answers.
fn race(service: &Running, spender: &Customer, to: &str) -> Vec<(u16, Value)> {
    let line = Barrier::new(usize::try_from(SPENDERS).unwrap());
    std::thread::scope(|scope| {
        let spend = || {
            line.wait();
            let answer = spender.pay(service, to, EACH);
            (answer.status, answer.json())
        };
        let racers: Vec<_> = (0..SPENDERS).map(|_| scope.spawn(spend)).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}

/// Sixty-four spend one balance at once, which is enough for thirty-three: three without a fee, thirty with one.
fn one_balance_is_spent_once(settings: &[&str], accepted: u16) {
    let scratch = Scratch::new();
    let service = serve(&scratch, settings);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", CASH);
    let joon = Customer::join(&service, &admin, "joon", 0);
    let answers = race(&service, &mina, &joon.account);
    let made: Vec<&Value> = answers.iter().filter(|(status, _)| *status == accepted).map(|(_, told)| told).collect();
    let refused = answers.iter().filter(|(_, told)| told["code"] == "insufficient_funds").count();
    assert_eq!((made.len(), refused), (33, 31), "{answers:?}");
    let fees: u64 = made.iter().map(|told| told["fee"].as_u64().unwrap()).sum();
    assert_eq!(fees, 30 * 500);
    let left = i64::try_from(CASH - 33 * EACH - fees).unwrap();
    assert_eq!(mina.person.balance(&service, &mina.account).2, left);
}

#[test]
fn sixty_four_spenders_of_one_balance_spend_it_once() {
    one_balance_is_spent_once(&[], 201);
}

#[test]
fn sixty_four_spenders_of_one_balance_hold_it_once() {
    one_balance_is_spent_once(&["verification.mode=delay"], 202);
}

#[test]
fn a_repeated_request_after_a_kill_gets_its_first_answer() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &[]);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", CASH);
    let joon = Customer::join(&service, &admin, "joon", 0);
    let pay = |amount| transfer(&mina.account, &joon.account, amount);
    let deposit = json!({ "to": mina.account, "amount": 50 });
    let ask = |service: &Running| {
        [
            mina.person.post_once(service, "first", "/transfers", &pay(10)),
            mina.person.post_once(service, "too much", "/transfers", &pay(CASH * 2)),
            admin.post_once(service, "first", "/deposits", &deposit),
        ]
        .map(|answer| {
            let mut told = answer.json();
            // Each request has its own id.
            told.as_object_mut().unwrap().remove("request_id");
            (answer.status, told)
        })
    };
    let before = ask(&service);
    assert_eq!(before.each_ref().map(|(status, _)| *status), [201, 422, 201], "{before:?}");
    let balance = mina.person.balance(&service, &mina.account);
    service.signal(Signal::KILL);
    drop(service);

    let service = serve(&scratch, &[]);
    for _ in 0..2 {
        assert_eq!(ask(&service), before);
    }
    assert_eq!(mina.person.balance(&service, &mina.account), balance);
    let other = mina.person.post_once(&service, "first", "/transfers", &pay(11));
    assert_eq!(other.problem(), (409, "id_reused".into()));
    let of_another = joon.person.post_once(&service, "first", "/transfers", &transfer(&joon.account, &mina.account, 1));
    assert_eq!(of_another.status, 201, "a key is one caller's alone: {of_another:?}");
}

#[test]
fn a_batch_repeated_after_a_kill_is_posted_once() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &[]);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", CASH);
    let joon = Customer::join(&service, &admin, "joon", 0);
    let batch: Vec<Value> = (1..=50).map(|amount| transfer(&mina.account, &joon.account, amount)).collect();
    let send = |service: &Running| {
        let answer = mina.person.post_once(service, "salaries", "/transfers/batch", &json!(batch));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let before = send(&service);
    let got = joon.person.balance(&service, &joon.account);
    assert_eq!(got.0, (1..=50).sum::<i64>());
    service.signal(Signal::KILL);
    drop(service);
    let service = serve(&scratch, &[]);
    assert_eq!(send(&service), before);
    assert_eq!(joon.person.balance(&service, &joon.account), got);
}

/// Staff at two counters reverse both steps of linked transfers at the same moment, repeatedly. The steps have no
/// account in common.
#[test]
fn concurrent_reversals_of_linked_steps_happen_once_each() {
    const ORIGINALS: usize = 20;
    let scratch = Scratch::new();
    let service = serve(&scratch, &[]);
    let admin = Person::sign_in(&service, "admin");
    // At two counters.
    let staff = [admin.clone(), Person::sign_in(&service, "admin")];
    let [mina, joon, sora, hana] =
        ["mina", "joon", "sora", "hana"].map(|name| Customer::join(&service, &admin, name, CASH));
    let balances = || [&mina, &joon, &sora, &hana].map(|it| it.person.balance(&service, &it.account).0);
    let step = |from: &Customer, to: &Customer| json!({ "type": "transfer", "from": from.account, "to": to.account, "amount": 10 });
    let linked = json!({ "steps": [step(&mina, &joon), step(&sora, &hana)] });
    for _ in 0..ORIGINALS {
        let answer = admin.post(&service, "/linked", &linked);
        assert_eq!(answer.status, 201, "{answer:?}");
        let fees = balances();
        let original = answer.json()["id"].as_str().expect("an id").to_owned();
        let path = format!("/transfers/{original}/reverse");
        let line = Barrier::new(2);
        let reversed = std::thread::scope(|scope| {
            let each = staff.iter().enumerate().map(|(step, person)| {
                let (line, service, path) = (&line, &service, &path);
                scope.spawn(move || {
                    let ask = |_| {
                        line.wait();
                        person.post(service, path, &json!({ "step": step }))
                    };
                    (0..3).map(ask).filter(|answer| answer.status == 201).count()
                })
            });
            let each: Vec<_> = each.collect();
            each.into_iter().map(|staff| staff.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(reversed, [1, 1], "each step once, of {original}");
        let back = [fees[0] + 10, fees[1] - 10, fees[2] + 10, fees[3] - 10];
        assert_eq!(balances(), back);
    }
}
