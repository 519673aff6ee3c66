//! Backups while a service runs.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::people::{Customer, Person, serve, transfer};
use super::service::{PATIENCE, Scratch};

/// Removes limits on the number of transfers, which these tests do not test.
const UNLIMITED: [&str; 2] = ["rates.transfers_per_member=0", "rates.transfers_per_address=0"];
const CASH: u64 = 1_000_000;

/// Returns the first figure on the line of the output that begins with this word.
#[track_caller]
fn figure(output: &str, word: &str) -> u64 {
    let line = output.lines().find_map(|line| line.strip_prefix(word)).unwrap_or_else(|| panic!("no {word}: {output}"));
    line.split_whitespace().find_map(|part| part.parse().ok()).unwrap_or_else(|| panic!("no figure: {line}"))
}

/// Runs the program, which must succeed, and returns its output.
#[track_caller]
fn succeeds(scratch: &Scratch, arguments: &[&str]) -> String {
    let (status, output, errors) = scratch.run(arguments);
    assert_eq!((status, errors.as_str()), (0, ""), "{arguments:?}: {output}");
    output
}

/// Restores a backup into a new directory, and returns a function that runs the program there.
fn restored(scratch: &Scratch, backup: &str, name: &str) -> impl Fn(&[&str]) -> String {
    let directory = scratch.path().join(name);
    let run = move |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jangbu"));
        let done = command.args(arguments).arg("--data").arg(&directory).output().expect("the program starts");
        assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).expect("the output is UTF-8")
    };
    run(&["restore", &scratch.path().join(backup).to_string_lossy()]);
    run
}

#[test]
fn a_backup_under_load_has_everything_acknowledged_before() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &UNLIMITED);
    let admin = Person::sign_in(&service, "admin");
    let mina = Customer::join(&service, &admin, "mina", CASH);
    let joon = Customer::join(&service, &admin, "joon", CASH);
    let over = AtomicBool::new(false);
    let pay = |from: &Customer, to: &Customer| {
        while !over.load(Ordering::Relaxed) {
            let paid = from.pay(&service, &to.account, 1);
            assert_eq!(paid.status, 201, "{paid:?}");
        }
    };
    let answered = std::thread::scope(|scope| {
        scope.spawn(|| pay(&mina, &joon));
        scope.spawn(|| pay(&joon, &mina));
        let first = mina.person.post(&service, "/transfers", &transfer(&mina.account, &joon.account, 7_001)).json();
        let began = succeeds(&scratch, &["backup", "copies"]);
        assert!(began.contains("\nkeys        copied\n"), "{began}");
        let second = mina.person.post(&service, "/transfers", &transfer(&mina.account, &joon.account, 7_002)).json();
        let went_on = succeeds(&scratch, &["backup", "copies"]);
        assert!(figure(&went_on, "position") > figure(&began, "position"), "{began}{went_on}");
        over.store(true, Ordering::Relaxed);
        [first, second].map(|answer: Value| answer["id"].as_str().expect("an id").to_owned())
    });
    succeeds(&scratch, &["backup", "copies"]);
    // Nothing is new, so nothing is copied.
    let idle = succeeds(&scratch, &["backup", "copies"]);
    assert_eq!((figure(&idle, "segments"), figure(&idle, "bytes")), (0, 0), "{idle}");
    let verified = succeeds(&scratch, &["verify-backup", "copies"]);
    assert!(verified.starts_with("keys        of 3 members, 0 erased\n") && verified.ends_with("ok\n"), "{verified}");
    let there = restored(&scratch, "copies", "restored");
    assert!(there(&["check", "--deep"]).ends_with("ok\n"));
    let transfers = there(&["transfers", "--format", "json"]);
    for id in answered {
        assert!(transfers.contains(&id), "{id} is missing");
    }
    assert!(there(&["admin", "list"]).contains("admin"), "the restored keys open nothing");
    assert!(service.stop().0.success());
}

#[test]
fn a_wrong_target_is_reported_and_the_service_continues() {
    let (scratch, other) = (Scratch::new(), Scratch::new());
    other.serve(&[]).stop();
    succeeds(&other, &["backup", "copies"]);
    std::fs::create_dir(scratch.path().join("notes")).unwrap();
    std::fs::write(scratch.path().join("notes/todo"), "buy milk").unwrap();
    let data = scratch.data();
    let targets = [
        (data.join("copies"), "within the bank's own directory"),
        (scratch.path().join("notes"), "is not empty"),
        (scratch.path().join("notes/todo"), "cannot create"),
        (scratch.path().join("no/such/place"), "No such file or directory"),
        (other.path().join("copies"), "holds copies of another bank"),
    ];
    let refusals = || -> Vec<_> {
        let refusal = |(target, _): &(PathBuf, _)| scratch.run(&["backup", &target.to_string_lossy()]);
        targets.iter().map(refusal).collect()
    };
    let service = scratch.serve(&[]);
    let beside = refusals();
    for ((target, said), (status, output, errors)) in targets.iter().zip(&beside) {
        assert_eq!((*status, output.as_str()), (3, ""), "{}: {errors}", target.display());
        assert!(errors.starts_with("error: ") && errors.contains(said), "{}: {errors}", target.display());
    }
    assert_eq!(service.get("/readyz").status, 200);
    succeeds(&scratch, &["backup", "copies"]);
    let manifest = scratch.path().join("copies/manifest");
    std::fs::write(&manifest, "no manifest").unwrap();
    let damaged = scratch.run(&["backup", "copies"]);
    assert_eq!(damaged.0, 1, "{damaged:?}");
    assert!(damaged.2.starts_with("error: fault: ") && damaged.2.contains("is damaged"), "{damaged:?}");
    assert!(service.stop().0.success());
    assert_eq!(refusals(), beside);
    succeeds(&scratch, &["check"]);
}

/// Starts a backup that waits for a manifest that is a pipe and later finds it damaged. Returns the result of a second
/// backup started meanwhile.
fn hanging(scratch: &Scratch) -> (Child, (i32, String, String)) {
    std::fs::create_dir(scratch.path().join("slow")).unwrap();
    let pipe = scratch.path().join("slow/manifest");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let spawn = || scratch.command(&["backup", "slow"]).spawn().expect("the program starts");
    let (mut first, begun) = (spawn(), Instant::now());
    loop {
        let other = scratch.run(&["backup", "other"]);
        if other.0 != 0 {
            return (first, other);
        }
        // The second one may have started first, and made this one fail.
        if first.try_wait().unwrap().is_some() {
            first = spawn();
        }
        assert!(begun.elapsed() < PATIENCE, "the first backup never began");
    }
}

#[test]
fn one_backup_runs_at_a_time_and_blocks_nothing() {
    let scratch = Scratch::new();
    let service = scratch.serve(&[]);
    let (first, (status, output, errors)) = hanging(&scratch);
    assert_eq!((status, output.as_str()), (3, ""), "{errors}");
    assert!(errors.contains("another backup is in progress in ") && errors.contains("slow"), "{errors}");
    succeeds(&scratch, &["admin", "create", "anna"]);
    assert_eq!(service.get("/readyz").status, 200);
    // The reader of the pipe gets an empty file, which is not a manifest.
    drop(std::fs::OpenOptions::new().write(true).open(scratch.path().join("slow/manifest")).unwrap());
    let first = first.wait_with_output().unwrap();
    assert_eq!(first.status.code(), Some(1), "{first:?}");
    succeeds(&scratch, &["backup", "third"]);
    assert!(service.stop().0.success());
}

#[test]
fn a_stop_does_not_wait_for_a_backup() {
    let scratch = Scratch::new();
    let mut service = scratch.serve(&[]);
    let (first, _) = hanging(&scratch);
    service.signal(Signal::TERM);
    let first = first.wait_with_output().unwrap();
    let errors = String::from_utf8(first.stderr).unwrap();
    assert_eq!(first.status.code(), Some(3), "{errors}");
    assert!(errors.contains("the service is stopping; the backup in ") && errors.contains("is incomplete"), "{errors}");
    assert!(service.wait().success());
    succeeds(&scratch, &["check"]);
}

#[test]
fn erasing_a_member_during_a_backup_leaves_it_complete() {
    let scratch = Scratch::new();
    let service = serve(&scratch, &[]);
    let admin = Person::sign_in(&service, "admin");
    let people: Vec<_> = (0..12).map(|number| format!("member-{number:02}")).collect();
    for name in &people {
        succeeds(&scratch, &["admin", "create", name, "--role", "teller"]);
    }
    for (number, name) in people.iter().enumerate() {
        let backup = scratch.command(&["backup", "copies"]).spawn().expect("the program starts");
        std::thread::sleep(Duration::from_millis(4 * number as u64));
        let members = admin.read(&service, &format!("/admin/members?q={name}"));
        let id = members["data"][0]["id"].as_str().unwrap_or_else(|| panic!("no {name}: {members}")).to_owned();
        let erased = admin.post(&service, &format!("/admin/members/{id}/erase"), &serde_json::json!({}));
        assert_eq!(erased.status, 200, "{erased:?}");
        let backup = backup.wait_with_output().unwrap();
        assert!(backup.status.success(), "{backup:?}");
        succeeds(&scratch, &["verify-backup", "copies"]);
    }
}
