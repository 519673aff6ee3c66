//! Losing the stored state is harmless; a full disk loses nothing that was acknowledged.

use rustix::process::{Resource, Rlimit, Signal, prlimit};
use serde_json::{Value, json};

use super::people::{Customer, NO_SECOND_FACTOR, PASSWORD, Person, serve, transfer};
use super::service::{Running, Scratch};

const CASH: u64 = 100_000;
/// Removes limits on the number of transfers, which these tests do not test.
const UNLIMITED: [&str; 2] = ["rates.transfers_per_member=0", "rates.transfers_per_address=0"];

#[test]
fn the_stored_state_can_be_lost_while_the_service_is_stopped() {
    let scratch = Scratch::new();
    let slow = ["verification.mode=delay", "verification.min_ms=600000", "verification.max_ms=600000"];
    let service = serve(&scratch, &slow);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", CASH);
    let joon = Customer::join(&service, &admin, "joon", 0);
    let pending = mina.person.post_once(&service, "rent", "/transfers", &transfer(&mina.account, &joon.account, 700));
    assert_eq!(pending.status, 202, "{pending:?}");
    let seen = |service: &Running| {
        let account = &mina.account;
        let mut seen: Vec<Value> = [
            "/session".to_owned(),
            "/accounts".to_owned(),
            format!("/accounts/{account}/entries"),
            format!("/accounts/{account}/holds"),
            "/transfers".to_owned(),
        ]
        .iter()
        .map(|path| mina.person.read(service, path))
        .collect();
        seen.push(admin.read(service, "/admin/members?sort=username"));
        without_times(&mut seen);
        seen
    };
    let before = seen(&service);
    let (status, log) = service.stop();
    assert!(status.success(), "{log:?}");
    let lost: Vec<_> = std::fs::read_dir(scratch.data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && path.join("db").exists())
        .collect();
    assert_eq!(lost.len(), 1, "the stored state is not where it was: {lost:?}");
    std::fs::remove_dir_all(&lost[0]).unwrap();

    let service = serve(&scratch, &slow);
    assert_eq!(seen(&service), before);
    let again = mina.person.post_once(&service, "rent", "/transfers", &transfer(&mina.account, &joon.account, 700));
    assert_eq!(again.json()["id"], pending.json()["id"], "{again:?}");
    let id = pending.json()["id"].as_str().unwrap().to_owned();
    let cancelled = mina.person.post(&service, &format!("/transfers/{id}/cancel"), &json!({}));
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    assert_eq!(mina.person.balance(&service, &mina.account), (100_000, 0, 100_000));
}

/// Drops times and ages.
fn without_times(values: &mut [Value]) {
    for value in values {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| !matches!(name.as_str(), "last_seen_at" | "idle_expires_at" | "age_s"));
                for (_, field) in fields {
                    without_times(std::slice::from_mut(field));
                }
            }
            Value::Array(items) => without_times(items),
            _ => {}
        }
    }
}

/// Starts the service such that writing a file beyond a limit is a write error, as on a full disk, and not a signal.
fn serve_bounded(scratch: &Scratch) -> Running {
    let command = scratch.command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--set",
        UNLIMITED[0],
        "--set",
        UNLIMITED[1],
        "--set",
        NO_SECOND_FACTOR,
    ]);
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(command.get_program()).args(command.get_args());
    shell.current_dir(scratch.path()).env("JANGBU_ADMIN_PASSWORD", PASSWORD);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("JANGBU_")) {
        shell.env_remove(name);
    }
    shell.stdin(std::process::Stdio::null());
    shell.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    Running::start(shell)
}

#[test]
fn a_full_disk_acknowledges_nothing_and_loses_nothing_acknowledged() {
    let scratch = Scratch::new();
    let service = serve_bounded(&scratch);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", CASH);
    let joon = Customer::join(&service, &admin, "joon", 0);
    let batch: Vec<Value> = (0..500).map(|_| transfer(&joon.account, &mina.account, 1)).collect();
    let send = |service: &Running, number: usize| {
        let key = format!("batch-{number}");
        joon.person.post_once(service, &key, "/transfers/batch", &json!(batch))
    };
    admin.deposit(&service, &joon.account, CASH * 100);
    // The journal's file is fully allocated; beyond this limit it cannot be written.
    let most = Rlimit { current: Some(512 * 1024), maximum: Some(512 * 1024) };
    prlimit(Some(service.pid()), Resource::Fsize, most).expect("the process is ours");

    let mut acknowledged = Vec::new();
    let failed = loop {
        let answer = send(&service, acknowledged.len());
        if answer.status != 200 {
            break answer;
        }
        acknowledged.push(answer.json());
        assert!(acknowledged.len() < 1_000, "the bound was never met");
    };
    assert_eq!(failed.status, 503, "{failed:?}");
    assert!(failed.header("retry-after").is_some(), "{failed:?}");
    assert!(!acknowledged.is_empty(), "nothing was ever acknowledged");
    let refused = mina.pay(&service, &joon.account, 1);
    assert_eq!(refused.status, 503, "a bank that cannot write acknowledged a transfer: {refused:?}");
    assert_eq!(service.get("/readyz").status, 503, "nobody is told that the bank does not answer");
    assert_eq!(service.get("/healthz").status, 200);
    service.signal(Signal::KILL);
    drop(service);

    // Disk space is available again. What was acknowledged exists, and the rest can be sent again.
    let service = serve(&scratch, &UNLIMITED);
    for (number, told) in acknowledged.iter().enumerate() {
        assert_eq!(&send(&service, number).json(), told, "batch {number}");
    }
    let again = send(&service, acknowledged.len());
    assert_eq!(again.status, 200, "{again:?}");
    let made = |told: &Value| told.as_array().unwrap().iter().filter(|item| item["status"] == 201).count();
    let posted: usize = acknowledged.iter().map(made).sum::<usize>() + made(&again.json());
    let got = mina.person.balance(&service, &mina.account).0;
    assert_eq!(got, i64::try_from(CASH).unwrap() + i64::try_from(posted).unwrap());
    assert_eq!(posted, (acknowledged.len() + 1) * 500);
    service.stop();
    let (status, output, errors) = scratch.run(&["check", "--deep"]);
    assert_eq!((status, errors.as_str()), (0, ""), "{output}");
}
