//! Members who send as many requests as they can, and clients that send nothing.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use super::people::{Customer, Person, serve, transfer};
use super::service::{Answer, Running, Scratch, read_answer};

/// The usual suite has a few seconds; with `JANGBU_LONG` the test takes as long as that variable says.
fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some()
}

/// A request that a member repeats: an operation of the OpenAPI document, how often its budget lets it succeed in the
/// time of the test, and how often it did.
struct Flood {
    operation: &'static str,
    most: usize,
    succeeded: AtomicUsize,
    asked: AtomicUsize,
    ask: Box<Ask>,
}

/// Sends the request once more, with the number of previous requests.
type Ask = dyn Fn(&Customer, &Running, usize) -> Answer + Sync + Send;

fn flood(
    operation: &'static str,
    most: usize,
    ask: impl Fn(&Customer, &Running, usize) -> Answer + Sync + Send + 'static,
) -> Flood {
    Flood { operation, most, succeeded: AtomicUsize::new(0), asked: AtomicUsize::new(0), ask: Box::new(ask) }
}

/// Returns the number of records in the journal.
fn written(admin: &Person, service: &Running) -> u64 {
    let engine = admin.read(service, "/admin/engine");
    engine["durable"].as_u64().unwrap_or_else(|| panic!("{engine}"))
}

/// The largest number of records that this test may leave: what the floods' budgets allow as bursts and per second, and
/// others' payments. No record has more than 2 KiB.
const RECORDS_OF_BURSTS: u64 = 1_000;
const RECORDS_PER_S: u64 = 100;
/// The number of admitted sign-ups at this address: those of the test's members, and the remaining ones for the flood.
const SIGN_UPS: usize = 60;

/// Returns the operations in the document that change something: those for staff, and all others.
fn operations(service: &Running) -> (Vec<(String, String)>, Vec<String>) {
    let document = service.get("/api/openapi.json").json();
    let (mut staffs, mut others) = (Vec::new(), Vec::new());
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let description = operation["description"].as_str().unwrap_or_default();
            let is_staffs = ["counter", "reverse", "administer"]
                .iter()
                .any(|of| description.contains(&format!("Permission: {of}")));
            let (method, below) = (method.to_uppercase(), path.trim_start_matches("/api/v1"));
            match (method.as_str(), is_staffs) {
                ("GET", _) => {}
                (_, true) => staffs.push((method, path.replace(['{', '}'], ""))),
                (_, false) => others.push(format!("{method} {below}")),
            }
        }
    }
    (staffs, others)
}

/// Returns every operation available to a stranger or a new member, and staff's operations called by others.
fn floods(to: &str, seconds: usize, staffs: Vec<(String, String)>) -> Vec<Flood> {
    let (of_transfer, of_batch, of_quote, of_order) = (to.to_owned(), to.to_owned(), to.to_owned(), to.to_owned());
    let (unknown, of_change) = (to.to_owned(), to.to_owned());
    let transfers = 200 + 20 * seconds;
    let order = |who: &Customer, to: &str| {
        json!({ "from": who.account, "to": to, "amount": 1, "rule": { "every": "day", "time": "09:30" },
            "retry": { "attempts": 10, "interval_s": 600 } })
    };
    let wrong = json!({ "current": "not this one", "new": "another long one" });
    vec![
        flood("PATCH /me", 61, |who, service, count| {
            who.person.patch(service, "/me", &json!({ "name": format!("N {count}") }))
        }),
        flood("POST /me/totp", 31, |who, service, _| {
            who.person.post(service, "/me/totp", &json!({ "action": "begin" }))
        }),
        flood("POST /me/password", 0, move |who, service, _| who.person.post(service, "/me/password", &wrong)),
        flood("POST /session/proof", 0, |who, service, _| {
            who.person.post(service, "/session/proof", &json!({ "password": "not this one" }))
        }),
        flood("POST /me/tokens", 50, |who, service, _| {
            let wanted = json!({ "name": "t", "scopes": ["read"], "expires_at": "2027-01-31T00:00:00Z" });
            who.person.post(service, "/me/tokens", &wanted)
        }),
        flood("DELETE /me/tokens/{id}", 0, |who, service, _| {
            who.person.delete(service, "/me/tokens/01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c")
        }),
        flood("DELETE /sessions/{id}", 0, |who, service, _| {
            who.person.delete(service, "/sessions/01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c")
        }),
        flood("DELETE /session", 1, |who, service, _| who.person.delete(service, "/session")),
        flood("POST /accounts", 61, |who, service, _| {
            who.person.post(service, "/accounts", &json!({ "type": "ordinary" }))
        }),
        flood("POST /me/schedules", 61, move |who, service, _| {
            who.person.post(service, "/me/schedules", &order(who, &of_order))
        }),
        flood("POST /me/schedules/{id}/{change}", 61 + seconds, move |who, service, count| {
            let change = if count % 2 == 0 { "pause" } else { "resume" };
            let own = who.person.get(service, "/me/schedules").json()["data"][0]["id"].as_str().map(str::to_owned);
            let id = own.unwrap_or_else(|| {
                let made = who.person.post(service, "/me/schedules", &order(who, &of_change));
                made.json()["id"].as_str().expect("an order").to_owned()
            });
            who.person.post(service, &format!("/me/schedules/{id}/{change}"), &Value::Null)
        }),
        flood("POST /transfers", transfers, move |who, service, _| who.pay(service, &of_transfer, 1_000)),
        flood("POST /quotes", transfers, move |who, service, count| {
            let number = format!("{of_quote}{}", count % 1_000);
            who.person.post(service, "/quotes", &transfer(&who.account, &number, 1))
        }),
        // To accounts that do not exist, each of which is a lookup.
        flood("POST /transfers", 31 + seconds / 2, move |who, service, count| {
            who.pay(service, &format!("{unknown}{}", count % 1_000), 1)
        }),
        flood("POST /transfers/batch", transfers / 50, move |who, service, _| {
            let batch: Value = (0..50).map(|_| transfer(&who.account, &of_batch, 1_000)).collect();
            who.person.post(service, "/transfers/batch", &batch)
        }),
        flood("POST /transfers/{id}/cancel", 0, |who, service, _| {
            who.person.post(service, "/transfers/01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c/cancel", &Value::Null)
        }),
        flood("POST /session", 0, |_, service, count| {
            service.post("/api/v1/session", &json!({ "username": format!("no{count}"), "password": "not this one" }))
        }),
        flood("POST /members", SIGN_UPS, |_, service, count| {
            let new = json!({ "username": format!("fresh{count}"), "password": "tea in the garden", "name": "F",
                "email": "f@example.com" });
            service.post("/api/v1/members", &new)
        }),
        flood("POST /setup", 0, |_, service, _| {
            let new = json!({ "token": "none", "username": "root", "password": "tea in the garden", "name": "R",
                "email": "r@example.com" });
            service.post("/api/v1/setup", &new)
        }),
        flood("of staff", 0, move |who, service, count| {
            let (method, path) = &staffs[count % staffs.len()];
            let headers = [("Cookie", who.person.cookie()), ("Sec-Fetch-Site", "same-origin")];
            service.send(method, path, &headers, "")
        }),
    ]
}

#[test]
fn floods_come_to_an_end_while_others_pay() {
    let scratch = Scratch::new();
    let sign_ups = format!("rates.sign_up_per_address={SIGN_UPS}");
    let service = serve(&scratch, &[&sign_ups, "rates.sign_in_per_address=0"]);
    let admin = Person::sign_in(&service, "admin");
    let (mina, joon) =
        (Customer::join(&service, &admin, "mina", 1_000_000), Customer::join(&service, &admin, "joon", 0));
    let lasts = Duration::from_secs(if is_long() { 10 } else { 2 });
    let seconds = usize::try_from(lasts.as_secs()).unwrap() + 2;
    let (staffs, others) = operations(&service);
    assert!(staffs.len() > 20 && others.len() > 15, "{staffs:?} {others:?}");
    let floods = floods(&joon.account, seconds, staffs);
    for operation in others {
        let is_there = floods.iter().any(|flood| flood.operation == operation);
        assert!(is_there, "add {operation} to `floods`");
    }
    let members: Vec<Customer> =
        (0..floods.len()).map(|number| Customer::join(&service, &admin, &format!("flood{number}"), 0)).collect();
    let (begun, end) = (written(&admin, &service), Instant::now() + lasts);
    let is_over = AtomicBool::new(false);
    let mut times = std::thread::scope(|scope| {
        for (flood, member) in floods.iter().zip(&members) {
            let (service, is_over) = (&service, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let count = flood.asked.fetch_add(1, Ordering::Relaxed);
                    let answer = (flood.ask)(member, service, count);
                    let is_answer = matches!(answer.status, 200..=204 | 400..=429);
                    // Too many concurrent passwords are rejected, too.
                    assert!(is_answer || answer.status == 503, "{}: {answer:?}", flood.operation);
                    // A refusal by the ledger is a record, too.
                    let by_ledger = flood.operation == "POST /transfers" && matches!(answer.status, 404 | 422);
                    if matches!(answer.status, 200..=204) || by_ledger {
                        flood.succeeded.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        let mut times = Vec::new();
        while Instant::now() < end {
            let asked = Instant::now();
            let paid = mina.pay(&service, &joon.account, 1);
            times.push(asked.elapsed());
            assert_eq!(paid.status, 201, "{paid:?}");
            std::thread::sleep(Duration::from_millis(60));
        }
        is_over.store(true, Ordering::Relaxed);
        times
    });
    times.sort_unstable();
    let written_in_all = written(&admin, &service) - begun;
    let asked: Vec<(&str, usize, usize)> = floods
        .iter()
        .map(|flood| (flood.operation, flood.asked.load(Ordering::Relaxed), flood.succeeded.load(Ordering::Relaxed)))
        .collect();
    println!("{asked:?}; {written_in_all} records; p99 of others {:?}", times[times.len() * 99 / 100]);
    for flood in &floods {
        let succeeded = flood.succeeded.load(Ordering::Relaxed);
        assert!(succeeded <= flood.most, "{} succeeded {succeeded} times, {} is the most", flood.operation, flood.most);
    }
    let most = RECORDS_OF_BURSTS + RECORDS_PER_S * lasts.as_secs();
    assert!(written_in_all <= most, "{written_in_all} records of {most}: {asked:?}");
}

/// If the reserve is the whole disk, the free space is always below it.
#[test]
fn below_the_reserve_only_staff_write() {
    let scratch = Scratch::new();
    let unlimited = format!("storage_reserve_bytes={}", u64::MAX);
    let service = serve(&scratch, &[]);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", 1_000);
    let told = service.get("/metrics").body;
    assert!(told.contains("\njangbu_storage_low 0\n") && told.contains("\njangbu_storage_free_bytes "), "{told}");
    assert!(service.stop().0.success());
    let service = serve(&scratch, &[&unlimited, "storage_reserve_percent=100"]);
    let refused = mina.person.patch(&service, "/me", &json!({ "name": "Mina Lee" }));
    assert_eq!(refused.problem(), (503, "storage_low".into()));
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    assert_eq!(mina.person.balance(&service, &mina.account), (1_000, 0, 1_000), "everything can be read");
    admin.deposit(&service, &mina.account, 5);
    assert!(service.get("/metrics").body.contains("\njangbu_storage_low 1\n"));
    let ready = service.get("/readyz");
    assert!(ready.status == 200 && ready.body.contains("storage is low"), "{ready:?}");
    let (status, log) = service.stop();
    assert!(status.success() && log.iter().any(|line| line.contains("storage is low")), "{log:?}");
}

/// Opens as many connections as the machine allows: idle ones, and slow ones in the head or in the body.
#[test]
fn idle_and_slow_connections_keep_nobody_out() {
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, maximum: files.maximum })
        .expect("it is ours to raise");
    let possible = usize::try_from(files.maximum.unwrap_or(u64::MAX)).unwrap_or(usize::MAX).saturating_sub(1_500);
    let (idle, slow) = if is_long() { (10_000, 1_000) } else { (1_000, 100) };
    let idle = idle.min(possible);
    let scratch = Scratch::new();
    let service =
        serve(&scratch, &["limits.header_timeout_s=60", "limits.keep_alive_timeout_s=60", "limits.body_timeout_s=60"]);
    let admin = Person::sign_in(&service, "admin");
    let connections: Vec<TcpStream> = (0..idle).map(|_| service.connect()).collect();
    let halves: Vec<TcpStream> = (0..slow)
        .map(|number| {
            let mut stream = service.connect();
            let head = format!("POST /api/v1/session HTTP/1.1\r\nHost: h\r\nX-Slow: {number}");
            let body = format!("{head}\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{{");
            stream.write_all(if number % 2 == 0 { &head } else { &body }.as_bytes()).expect("it is received");
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(service.get("/api/v1/meta").status, 200);
    }
    assert_eq!(admin.patch(&service, "/me", &json!({ "name": "Still Here" })).status, 200, "and the journal grows");
    drop((connections, halves));
}

/// The timeout for bodies in the test of half-sent batches.
const BODY_S: usize = 4;

/// A half-sent batch uses memory until its timeout. One member cannot use everybody's.
#[test]
fn half_sent_batches_are_bounded_and_end() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &[&format!("limits.body_timeout_s={BODY_S}")]);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", 1_000);
    let joon = Customer::join(&service, &admin, "joon", 0);
    let before = rss_bytes(&service);
    let mut long = transfer(&mina.account, &joon.account, 1);
    long["reference"] = "x".repeat(500).into();
    let half = format!("{long}\n").repeat(7_000);
    let send = || {
        let mut stream = service.connect();
        let head = format!(
            "POST /api/v1/transfers/batch HTTP/1.1\r\nHost: h\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n\
             Cookie: {}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n",
            mina.person.cookie(),
            half.len() + 10
        );
        // A rejected body is not read to its end.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(half.as_bytes()));
        stream
    };
    let mut streams: Vec<TcpStream> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..120).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it was sent")).collect()
    });
    let held = rss_bytes(&service).saturating_sub(before);
    assert_eq!(joon.pay(&service, &mina.account, 1).status, 422, "others are served");
    // A reset connection has no answer.
    let status = |stream| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read_answer(stream).status));
    let statuses: Vec<u16> = streams.iter_mut().map(|stream| status(stream).unwrap_or_default()).collect();
    println!("{held} bytes were held; {statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 0 | 400 | 408 | 429)), "{statuses:?}");
    // Each takes 7 of a member's 24 MiB. How many succeed each other depends on the machine.
    let waited = statuses.iter().filter(|status| **status == 408).count();
    assert!((1..statuses.len() / 3).contains(&waited), "{waited} waited for their time to be over: {statuses:?}");
    assert!(held < 96 << 20, "{held} bytes are held for one member");
    let few: Value = (0..3).map(|_| transfer(&mina.account, &joon.account, 1)).collect();
    assert_eq!(mina.person.post(&service, "/transfers/batch", &few).status, 200, "memory is available again");
}

fn rss_bytes(service: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid().as_raw_nonzero())).expect("it runs");
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.expect("its memory") * 1_024
}
