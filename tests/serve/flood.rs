//! Members who ask for as much as they can, and clients who ask for nothing.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

use super::people::{Customer, Person, serve, transfer};
use super::service::{Answer, Running, Scratch, read_answer};

/// The usual suite has a few seconds; with `JANGBU_LONG` it takes as long as is asked for.
fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some()
}

/// What one member does again and again: how often it wrote, and what a budget lets through within the time.
struct Flood {
    name: &'static str,
    most: usize,
    written: AtomicUsize,
    asked: AtomicUsize,
    ask: Box<Ask>,
}

/// Asks once more, with how often was asked before.
type Ask = dyn Fn(&Customer, &Running, usize) -> Answer + Sync + Send;

fn flood(
    name: &'static str,
    most: usize,
    ask: impl Fn(&Customer, &Running, usize) -> Answer + Sync + Send + 'static,
) -> Flood {
    Flood { name, most, written: AtomicUsize::new(0), asked: AtomicUsize::new(0), ask: Box::new(ask) }
}

/// How many records the journal has.
fn written(admin: &Person, service: &Running) -> u64 {
    let engine = admin.read(service, "/admin/engine");
    engine["durable"].as_u64().unwrap_or_else(|| panic!("{engine}"))
}

/// The most records that this test may leave: what the bursts of the floods' budgets allow, and what comes back of them in a second
/// with what others pay. None has more than 2 KiB.
const RECORDS_OF_BURSTS: u64 = 900;
const RECORDS_PER_S: u64 = 80;

#[test]
fn floods_come_to_an_end_while_others_pay() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &["rates.sign_up_per_address=0", "rates.sign_in_per_address=0"]);
    let admin = Person::sign_in(&service, "admin");
    let (mina, joon) =
        (Customer::join(&service, &admin, "mina", 1_000_000), Customer::join(&service, &admin, "joon", 0));
    let to = joon.account.clone();
    let lasts = Duration::from_secs(if is_long() { 10 } else { 2 });
    let seconds = usize::try_from(lasts.as_secs()).unwrap() + 2;
    let patch = |customer: &Customer, service: &Running, body: Value| customer.person.patch(service, "/me", &body);
    let (unknown, refused, many) = (to.clone(), to.clone(), to.clone());
    let floods = [
        flood("profile", 61, move |who, service, count| patch(who, service, json!({ "name": format!("N {count}") }))),
        flood("second factor", 31, |who, service, _| {
            who.person.post(service, "/me/totp", &json!({ "action": "begin" }))
        }),
        flood("tokens", 50, |who, service, _| {
            let at = "2026-12-31T00:00:00Z";
            who.person.post(service, "/me/tokens", &json!({ "name": "t", "scopes": ["read"], "expires_at": at }))
        }),
        flood("accounts", 61, |who, service, _| who.person.post(service, "/accounts", &json!({ "type": "ordinary" }))),
        flood("schedules", 61, move |who, service, _| {
            let order = json!({ "from": who.account, "to": to, "amount": 1, "rule": { "every": "day", "time": "09:30" },
                "retry": { "attempts": 10, "interval_s": 600 } });
            who.person.post(service, "/me/schedules", &order)
        }),
        flood("transfers", 200 + 20 * seconds, move |who, service, _| who.pay(service, &refused, 1_000)),
        flood("unknown accounts", 31 + seconds / 2, move |who, service, count| {
            who.pay(service, &format!("{unknown}{}", count % 1_000), 1)
        }),
        flood("batches", (200 + 20 * seconds) / 50, move |who, service, _| {
            let batch: Value = (0..50).map(|_| transfer(&who.account, &many, 1_000)).collect();
            who.person.post(service, "/transfers/batch", &batch)
        }),
    ];
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
                    assert!(matches!(answer.status, 200 | 201 | 422 | 429), "{}: {answer:?}", flood.name);
                    // A refusal of the ledger is a record too.
                    let is_written = matches!(answer.status, 200 | 201) || flood.name.contains("accounts");
                    if is_written && answer.status != 429 || flood.name == "transfers" && answer.status == 422 {
                        flood.written.fetch_add(1, Ordering::Relaxed);
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
    let asked: BTreeMap<&str, (usize, usize)> = floods
        .iter()
        .map(|flood| (flood.name, (flood.asked.load(Ordering::Relaxed), flood.written.load(Ordering::Relaxed))))
        .collect();
    println!("{asked:?}; {written_in_all} records; p99 of others {:?}", times[times.len() * 99 / 100]);
    for flood in &floods {
        let written = flood.written.load(Ordering::Relaxed);
        assert!(written <= flood.most, "{} wrote {written} times, {} is the most", flood.name, flood.most);
    }
    let most = RECORDS_OF_BURSTS + RECORDS_PER_S * lasts.as_secs();
    assert!(written_in_all <= most, "{written_in_all} records of {most}: {asked:?}");
}

/// Where the whole disk is the reserve, less is always left of it.
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

/// As many connections as the machine lets this test open: idle ones, and slow ones in the head or in the body.
#[test]
fn idle_and_slow_connections_keep_nobody_out() {
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, maximum: files.maximum })
        .expect("it is ours to raise");
    let possible = usize::try_from(files.maximum.unwrap_or(u64::MAX)).unwrap_or(usize::MAX).saturating_sub(1_500);
    let (idle, slow) = if is_long() { (10_000, 1_000) } else { (1_000, 100) };
    let idle = idle.min(possible);
    let scratch = Scratch::new();
    let service = serve(&scratch, &["limits.head_s=60", "limits.keep_alive_s=60", "limits.body_s=60"]);
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

/// The time for a body in the test of those that do not come to an end.
const BODY_S: usize = 4;

/// Half of a batch takes room until its time is over: one member cannot take everybody's.
#[test]
fn half_sent_batches_are_bounded_and_end() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &[&format!("limits.body_s={BODY_S}")]);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", 1_000);
    let joon = Customer::join(&service, &admin, "joon", 0);
    let before = rss_bytes(&service);
    let mut long = transfer(&mina.account, &joon.account, 1);
    long["reference"] = "x".repeat(500).into();
    let half = format!("{long}\n").repeat(7_000);
    let begun = Instant::now();
    let send = || {
        let mut stream = service.connect();
        let head = format!(
            "POST /api/v1/transfers/batch HTTP/1.1\r\nHost: h\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n\
             Cookie: {}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n",
            mina.person.cookie(),
            half.len() + 10
        );
        // Who is refused in the middle is not read to the end.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(half.as_bytes()));
        stream
    };
    let mut streams: Vec<TcpStream> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..40).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it was sent")).collect()
    });
    let held = rss_bytes(&service).saturating_sub(before);
    assert_eq!(joon.pay(&service, &mina.account, 1).status, 422, "others are served");
    // A connection that is reset brings no answer.
    let status = |stream| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read_answer(stream).status));
    let statuses: Vec<u16> = streams.iter_mut().map(|stream| status(stream).unwrap_or_default()).collect();
    println!("{held} bytes were held; {statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 0 | 400 | 408 | 429)), "{statuses:?}");
    // Each of these takes 7 of the 24 MiB that one member may take.
    let at_once = 3;
    let waited = statuses.iter().filter(|status| **status == 408).count();
    let most = at_once * (usize::try_from(begun.elapsed().as_secs()).unwrap() / BODY_S + 1);
    assert!((1..=most).contains(&waited), "{waited} waited for their time to be over: {statuses:?}");
    assert!(held < 96 << 20, "{held} bytes are held for one member");
    let few: Value = (0..3).map(|_| transfer(&mina.account, &joon.account, 1)).collect();
    assert_eq!(mina.person.post(&service, "/transfers/batch", &few).status, 200, "there is room again");
}

fn rss_bytes(service: &Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.pid().as_raw_nonzero())).expect("it runs");
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.expect("its memory") * 1_024
}
