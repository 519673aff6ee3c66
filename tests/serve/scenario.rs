//! The original's scenario: verification is slow, everybody is answered at once, and all sums are right.
//!
//! Here the process is also killed in the middle. With `JANGBU_LONG=1`, verification takes the original's 7 to 30
//! seconds and each answer must arrive within its 2 seconds; otherwise the delays are short.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::people::{Customer, Person, serve, transfer};
use super::service::{PATIENCE, Running, Scratch};

/// The number of transfers that wait for verification at a time.
const TRANSFERS: u64 = 40;
/// The initial balance of each account.
const CASH: u64 = 100_000;

/// An accepted transfer: its id, the key that it was sent with, and its cost.
struct Accepted {
    id: String,
    key: String,
    from: usize,
    to: usize,
    amount: u64,
    fee: u64,
}

/// The expected balances.
struct Books {
    expected: Vec<u64>,
}

fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some()
}

fn start(scratch: &Scratch) -> Running {
    let (min, max) = if is_long() { (7_000, 30_000) } else { (300, 3_000) };
    let delays = [format!("verification.min_ms={min}"), format!("verification.max_ms={max}")];
    let mut service =
        serve(scratch, &["verification.mode=delay", "verification.rejected_per_mille=250", &delays[0], &delays[1]]);
    if is_long() {
        service.be_impatient(Duration::from_secs(2));
    }
    service
}

fn waiting(service: &Running, admin: &Person) -> u64 {
    admin.read(service, "/admin/pending?limit=1")["total"].as_u64().expect("a total")
}

/// Waits until at most this many transfers wait for verification.
fn wait_for(service: &Running, admin: &Person, most: u64) -> u64 {
    let begun = Instant::now();
    loop {
        let waiting = waiting(service, admin);
        if waiting <= most {
            return waiting;
        }
        assert!(begun.elapsed() < PATIENCE + Duration::from_secs(30), "{waiting} transfers are not verified");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Sends the transfer with this number, between accounts that depend on the number.
fn send(service: &Running, customers: &[Customer], number: u64) -> (Value, Accepted) {
    let count = customers.len();
    let from = usize::try_from(number).unwrap() % count;
    let to = (from + 1 + usize::try_from(number / 4).unwrap() % (count - 1)) % count;
    let (amount, key) = (100 + number, format!("scenario-{number}"));
    let body = transfer(&customers[from].account, &customers[to].account, amount);
    let answer = customers[from].person.post_once(service, &key, "/transfers", &body);
    assert_eq!(answer.status, 202, "{answer:?}");
    let told = answer.json();
    let (id, fee) = (told["id"].as_str().unwrap().to_owned(), told["fee"].as_u64().unwrap());
    (told, Accepted { id, key, from, to, amount, fee })
}

impl Books {
    fn settle(&mut self, transfer: &Accepted) {
        self.expected[transfer.from] -= transfer.amount + transfer.fee;
        self.expected[transfer.to] += transfer.amount;
    }
}

#[test]
fn forty_slow_transfers_and_a_kill_in_the_middle_end_exactly_once() {
    let scratch = Scratch::new();
    let service = start(&scratch);
    let admin = Person::sign_in(&service, "admin");
    let customers: Vec<Customer> =
        ["mina", "joon", "sora", "hana"].iter().map(|name| Customer::join(&service, &admin, name, CASH)).collect();
    let mut books = Books { expected: vec![CASH; customers.len()] };

    let mut accepted = Vec::new();
    for number in 0..TRANSFERS {
        let (told, transfer) = send(&service, &customers, number);
        assert_eq!(told["status"], "pending", "answered only after its verification: {told}");
        accepted.push(transfer);
        // Cash arrives meanwhile, and counts at once.
        if number % 4 == 0 {
            let to = usize::try_from(number / 4).unwrap() % customers.len();
            admin.deposit(&service, &customers[to].account, 1_000);
            books.expected[to] += 1_000;
        }
    }
    let held: i64 = customers.iter().map(|customer| customer.person.balance(&service, &customer.account).1).sum();
    assert!(held > 0, "nothing is held");

    let left = wait_for(&service, &admin, TRANSFERS - 10);
    assert!(left > 0, "all were verified before the process was killed");
    service.signal(Signal::KILL);
    drop(service);
    let service = start(&scratch);
    let resumed = waiting(&service, &admin);
    assert!(resumed > 0, "no transfer was left to resume, of {left}");

    // A client without an answer asks again: nothing is sent twice, whether it has ended or not.
    for transfer in accepted.iter().step_by(3) {
        let body = super::people::transfer(
            &customers[transfer.from].account,
            &customers[transfer.to].account,
            transfer.amount,
        );
        let again = customers[transfer.from].person.post_once(&service, &transfer.key, "/transfers", &body);
        assert_eq!((again.status, again.json()["id"].as_str()), (202, Some(&*transfer.id)), "{again:?}");
    }
    admin.deposit(&service, &customers[0].account, 777);
    books.expected[0] += 777;

    wait_for(&service, &admin, 0);
    let mut ends: HashMap<String, u64> = HashMap::new();
    for transfer in &accepted {
        let told = customers[transfer.from].person.read(&service, &format!("/transfers/{}", transfer.id));
        let status = told["status"].as_str().unwrap().to_owned();
        match status.as_str() {
            "posted" => books.settle(transfer),
            "rejected" => {}
            other => panic!("a transfer ended as {other}: {told}"),
        }
        *ends.entry(status).or_default() += 1;
        let times = arrivals(&service, &customers[transfer.to], transfer.amount);
        assert_eq!(times, usize::from(told["status"] == "posted"), "the receiver got it {times} times: {told}");
    }
    assert_eq!(ends.len(), 2, "no transfer was rejected, or all were: {ends:?}");
    for (customer, expected) in customers.iter().zip(&books.expected) {
        let balance = customer.person.balance(&service, &customer.account);
        let expected = i64::try_from(*expected).unwrap();
        assert_eq!(balance, (expected, 0, expected), "{}", customer.account);
    }
    conserved(&service, &admin, &customers);
    let (status, log) = service.stop();
    assert!(status.success(), "{log:?}");
    let (status, output, errors) = scratch.run(&["check", "--deep"]);
    assert_eq!((status, errors.as_str()), (0, ""), "{output}");
}

/// Counts how often an amount, which belongs to a single transfer, arrived at the receiver.
fn arrivals(service: &Running, receiver: &Customer, amount: u64) -> usize {
    let entries = receiver.person.read(service, &format!("/accounts/{}/entries?limit=200", receiver.account));
    assert_eq!(entries["has_more"], false);
    entries["data"].as_array().unwrap().iter().filter(|entry| entry["change"] == amount).count()
}

/// Checks that members' balances and the bank's fees add up to the deposits.
fn conserved(service: &Running, admin: &Person, customers: &[Customer]) {
    let members: i64 = customers.iter().map(|customer| customer.person.balance(service, &customer.account).0).sum();
    let fees = admin.balance(service, "FEES-KRW").0;
    let deposits = i64::try_from(CASH).unwrap() * 4 + 10 * 1_000 + 777;
    assert_eq!(members + fees, deposits, "money appeared or vanished; fees: {fees}");
    assert!(fees > 0, "no transfer had a fee");
}
