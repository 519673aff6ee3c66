//! `jangbu schedule`: schedules are created, listed, and run only by their own command.

use serde_json::Value;

use super::program::Scratch;

fn add(bank: &Scratch, rule: &[&str]) -> String {
    let mut arguments = vec!["schedule", "add", "110-1001", "110-1002", "1000", "--format", "json"];
    arguments.extend(rule);
    bank.run(&arguments).json().get("id").and_then(Value::as_str).expect("an id").to_owned()
}

fn posted(bank: &Scratch, account: &str) -> i64 {
    let account = bank.run(&["account", account, "--format", "json"]).json();
    account.get("posted").and_then(Value::as_i64).expect("a balance")
}

/// Adds a schedule for a moment in the near future, and waits for it. On a busy machine the first moments may have
/// passed when the program reads them.
fn add_and_wait(bank: &Scratch) -> String {
    let now = || jangbu::clock::Clock::now(&jangbu::clock::SystemClock);
    for seconds in [2, 8, 32, 128] {
        let moment = now().after(std::time::Duration::from_secs(seconds));
        let at = moment.to_string();
        let rule = ["--at", &at, "--label", "rent", "--format", "json"];
        let ran = bank.run(&[&["schedule", "add", "110-1001", "110-1002", "1000"][..], &rule].concat());
        if ran.status == 0 {
            while now() <= moment {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            return ran.json().get("id").and_then(Value::as_str).expect("an id").to_owned();
        }
    }
    panic!("every moment was past")
}

#[test]
fn due_schedules_are_run_by_schedule_run_only() {
    let bank = Scratch::with_examples();
    let before = posted(&bank, "110-1002");
    let id = add_and_wait(&bank);
    assert_eq!(posted(&bank, "110-1002"), before, "looking changes nothing");
    let runs = bank.run(&["schedule", "run", "--format", "json"]).json();
    assert_eq!((&runs[0]["outcome"], &runs[0]["schedule"]), (&Value::from("posted"), &Value::from(id.as_str())));
    assert_eq!(runs.as_array().map(Vec::len), Some(1));
    assert_eq!(posted(&bank, "110-1002"), before + 1_000);
    assert_eq!(bank.run(&["schedule", "run", "--format", "json"]).json(), Value::Array(Vec::new()));
    let told = bank.run(&["schedule", "runs", &id, "--format", "json"]).json();
    assert_eq!(told[0]["id"], runs[0]["id"], "also when it has ended");
    let statement = bank.run(&["statement", "110-1002", "--format", "json"]).json();
    assert_eq!((&statement[0]["id"], &statement[0]["label"]), (&runs[0]["id"], &Value::from("rent")));
    bank.run(&["check"]).succeeded();
}

#[test]
fn schedules_are_listed_paused_resumed_and_cancelled() {
    let bank = Scratch::with_examples();
    let monthly = ["--monthly", "31", "--time", "09:00", "--retries", "3", "--retry-after", "3600", "--times", "12"];
    let id = add(&bank, &monthly);
    add(&bank, &["--weekly", "mon,thu", "--every", "2", "--up-to", "--catch-up", "all", "--most-fee", "300"]);
    add(&bank, &["--daily", "--start", "2200-01-01", "--until", "2200-12-31"]);
    let list = |account: &str| bank.run(&["schedule", "list", "--account", account, "--format", "json"]).json();
    let all = list("110-1001");
    let mut rules: Vec<_> = all.as_array().expect("a list").iter().map(|order| order["when"].to_string()).collect();
    rules.sort();
    let expected = ["every 2 weeks on mon,thu at 00:00", "every day at 00:00", "every month on day 31 at 09:00"];
    assert_eq!(rules, expected.map(|text| format!("{text:?}")));
    assert_eq!(list("110-1002"), all);
    assert_eq!(list("110-1003"), Value::Array(Vec::new()));
    for (command, status) in [("pause", "paused"), ("resume", "active"), ("cancel", "cancelled")] {
        let changed = bank.run(&["schedule", command, &id, "--format", "json"]).json();
        assert_eq!(changed["status"], status);
    }
    assert_eq!(bank.run(&["schedule", "list", "--format", "json"]).json().as_array().map(Vec::len), Some(2));
    let error = bank.run(&["schedule", "pause", &id]).failed(1);
    assert_eq!(error, format!("refused: schedule {id} has ended (schedule_ended)"));
}

#[test]
fn invalid_schedules_are_one_line_of_error() {
    let bank = Scratch::with_examples();
    let add = |rule: &[&str]| {
        let mut arguments = vec!["schedule", "add", "110-1001", "110-1002", "1000"];
        arguments.extend(rule);
        bank.run(&arguments)
    };
    assert!(add(&["--at", "2001-01-01T00:00:00Z"]).failed(1).contains("schedule_never_runs"));
    assert_eq!(add(&["--monthly", "32"]).failed(2), "a month has the days 1 to 31");
    assert!(add(&["--daily", "--retries", "11", "--retry-after", "600"]).failed(2).contains("at most 10 retries"));
    for (rule, reason) in [
        (&["--daily", "--time", "24:00"][..], "00:00 to 23:59"),
        (&["--weekly", "monday"], "mon, tue, wed"),
        (&["--daily", "--start", "soon"], "not a date"),
        (&["--daily", "--monthly", "1"], "cannot be used with"),
        (&[], "required"),
        (&["--daily", "--retries", "1"], "required"),
    ] {
        let ran = add(rule);
        assert!(ran.status == 2 && ran.stderr.contains(reason), "{rule:?}: {ran:?}");
    }
    let unknown = "00000000-0000-0000-0000-000000000001";
    let error = bank.run(&["schedule", "runs", unknown]).failed(1);
    assert_eq!(error, format!("refused: there is no schedule {unknown} (schedule_unknown)"));
}

#[test]
fn retries_are_bounded() {
    let bank = Scratch::with_examples();
    let order = ["schedule", "add", "110-1001", "110-1002", "1000", "--daily"];
    for (retries, after, status) in [("11", "600", 2), ("1", "599", 2), ("1", "2678401", 2), ("10", "600", 0)] {
        let ran = bank.run(&[&order[..], &["--retries", retries, "--retry-after", after]].concat());
        match status {
            0 => drop(ran.succeeded()),
            _ => assert!(ran.failed(status).contains("at most 10 retries, 600 to 2678400 seconds apart")),
        }
    }
}
