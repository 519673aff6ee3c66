//! Past movements, events and balances.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::program::Scratch;

fn list(bank: &Scratch, arguments: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = ["transfers", "--format", "json"].iter().chain(arguments).copied().collect();
    bank.run(&all).json().as_array().expect("an array").clone()
}

fn events(bank: &Scratch, arguments: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = ["events"].iter().chain(arguments).copied().collect();
    let lines = bank.run(&all).succeeded();
    lines.lines().map(|line| serde_json::from_str(line).expect("a JSON object")).collect()
}

#[test]
fn transfers_are_filtered_and_ordered() {
    let bank = Scratch::with_examples();
    bank.run(&["transfer", "110-1001", "110-1002", "77", "--label", "the Rent"]).succeeded();
    bank.run(&["transfer", "110-1001", "110-1002", "99999999"]).failed(1);
    let all = list(&bank, &[]);
    let positions: Vec<u64> = all.iter().map(|row| row["position"].as_u64().expect("a position")).collect();
    assert!(positions.len() > 5 && positions.is_sorted_by(|newer, older| newer > older), "{positions:?}");
    let mut oldest = list(&bank, &["--order", "oldest"]);
    oldest.reverse();
    assert_eq!(oldest, all);

    let rent = list(&bank, &["--text", "rent", "--account", "110-1001", "--least", "70", "--most", "80"]);
    assert_eq!(rent.len(), 1);
    let row = &rent[0];
    assert_eq!((&row["kind"], &row["status"], &row["amount"]), (&"transfer".into(), &"posted".into(), &77.into()));
    assert_eq!((&row["from"], &row["to"]), (&"110-1001".into(), &"110-1002".into()));
    let refused = list(&bank, &["--status", "refused", "--account", "110-1002"]);
    assert_eq!(refused.iter().filter(|row| row["amount"] == 99_999_999).count(), 1);
    assert!(refused.iter().all(|row| row["refusal"] != Value::Null));

    let first = list(&bank, &["--limit", "2"]);
    let after = first[1]["position"].to_string();
    let rest = list(&bank, &["--after", &after]);
    assert_eq!([first, rest].concat(), all);
    let table = bank.run(&["transfers", "--limit", "1", "--text", "rent"]).succeeded();
    assert!(table.contains("the Rent") && table.contains("77"), "{table}");
    bank.run(&["transfers", "--account", "999-9999"]).failed(1);
    assert_eq!(bank.run(&["transfers", "--status", "none-such"]).status, 2);
}

#[test]
fn events_are_printed_line_by_line_and_can_be_followed() {
    let bank = Scratch::with_examples();
    let all = events(&bank, &[]);
    let positions: Vec<u64> = all.iter().map(|event| event["position"].as_u64().expect("a position")).collect();
    assert_eq!(positions, (1..=positions.len() as u64).collect::<Vec<_>>());
    assert_eq!(all[0]["event"], "bank_created");
    assert_eq!(events(&bank, &["--from", "5"]), all[4..]);
    let of_account = events(&bank, &["--account", "110-1001"]);
    let named = |event: &&Value| {
        event["accounts"].as_array().is_some_and(|accounts| accounts.iter().any(|number| number == "110-1001"))
    };
    assert_eq!(of_account, all.iter().filter(named).cloned().collect::<Vec<_>>());

    let mut following = bank.command(&["events", "--follow"]).stdout(Stdio::piped()).spawn().expect("it starts");
    let lines = BufReader::new(following.stdout.take().expect("its output")).lines();
    let followed: Vec<Value> = lines
        .take(all.len())
        .map(|line| serde_json::from_str(&line.expect("a line")).expect("a JSON object"))
        .collect();
    following.kill().expect("it still runs: it waits for more");
    following.wait().expect("it ends");
    assert_eq!(followed, all);
}

/// A query at a record's printed time finds the record.
#[test]
fn a_printed_time_finds_its_record() {
    let bank = Scratch::with_examples();
    let balance =
        |at: &str| bank.run(&["balance", "110-1001", "--at", at, "--format", "json"]).json()["posted"].clone();
    for _ in 0..3 {
        let paid = ["transfer", "110-1001", "110-1002", "1"];
        let receipt = bank.run(&[&paid[..], &["--format", "json"]].concat()).json();
        let at = receipt["recorded_at"].as_str().expect("a time");
        assert_eq!(balance(at), receipt["sender_balance"], "{at}");
        let table = bank.run(&paid).succeeded();
        let at = table.lines().find_map(|line| line.strip_prefix("recorded_at")).expect("a time").trim().to_owned();
        assert_eq!(balance(&at), serde_json::json!(receipt["sender_balance"].as_i64().expect("a balance") - 1), "{at}");
    }
    // For every printed time, a list from that time includes the row, and a list up to it does not.
    for (list, format) in [("transfers", "csv"), ("transfers", "json"), ("statement", "csv"), ("statement", "json")] {
        let list = if list == "transfers" { vec![list] } else { vec![list, "110-1001"] };
        let ask = |more: &[&str]| {
            let text = bank.run(&[&list[..], more, &["--format", format]].concat()).succeeded();
            if format == "json" {
                let rows: Vec<Value> = serde_json::from_str(&text).expect("JSON");
                let row = |row: &Value| (row["position"].to_string(), row["recorded_at"].as_str().map(str::to_owned));
                rows.iter().map(row).collect::<Vec<_>>()
            } else {
                let mut reader = csv::Reader::from_reader(text.as_bytes());
                let columns = reader.headers().expect("a head").clone();
                let place = |name| columns.iter().position(|column| column == name).expect("a column");
                let (position, at) = (place("position"), place("recorded_at"));
                let rows = reader.records().map(|row| row.expect("a row"));
                rows.map(|row| (row[position].to_owned(), Some(row[at].to_owned()))).collect()
            }
        };
        let all = ask(&[]);
        assert!(all.len() > 5);
        for (position, at) in all.iter().step_by(all.len().div_ceil(3)) {
            let at = at.as_deref().expect("a time");
            let (from, to) = (ask(&["--from", at]), ask(&["--to", at]));
            assert!(from.iter().any(|(found, _)| found == position), "--from {at}");
            assert!(to.iter().all(|(found, _)| found != position), "--to {at}");
            assert_eq!(from.len() + to.len(), all.len(), "{at}");
        }
    }
}

/// Fails on a number in `value` that loses precision as a double.
fn assert_exact(value: &Value) {
    match value {
        Value::Array(values) => values.iter().for_each(assert_exact),
        Value::Object(fields) => fields.values().for_each(assert_exact),
        Value::Number(number) => assert!(number.as_i64().is_some_and(|number| number.abs() < 1 << 53), "{number}"),
        _ => {}
    }
}

#[test]
fn moments_and_dates_of_events_are_text_wherever_they_are() {
    let bank = Scratch::with_examples();
    let (late, later) = ("2199-12-31T23:59:59.123456789Z", "2200-01-01T00:00:00Z");
    let id = "0192f0c1-2345-7abc-8def-0123456789ab";
    bank.run(&["hold", "place", "110-1001", "110-1002", "1", "--id", id, "--expires", late]).succeeded();
    bank.run(&["hold", "amend", id, "--expires", later]).succeeded();
    let past = "2001-01-01T00:00:00Z";
    bank.run(&["hold", "place", "110-1001", "110-1002", "1", "--expires", past]).failed(1);
    let add = ["schedule", "add", "110-1001", "110-1002", "1000"];
    bank.run(&[&add[..], &["--at", later]].concat()).succeeded();
    bank.run(&[&add[..], &["--daily", "--start", "2200-01-01", "--until", "2200-12-31"]].concat()).succeeded();

    let lines = bank.run(&["events"]).succeeded();
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line).expect("a JSON object");
        assert_exact(&value);
        let recorded = value["recorded_at"].as_str().and_then(|text| text.parse::<jangbu::Timestamp>().ok());
        let event: jangbu::events::Event = serde_json::from_str(line).expect("an event, as the engine tells it");
        assert_eq!((recorded, value["date"].as_str()), (Some(event.recorded_at), Some(&*event.date.to_string())));
        assert_eq!(serde_json::to_value(&event).expect("JSON"), value, "and back again");
    }
    let all = events(&bank, &[]);
    let [.., held, amended, refused, once, daily] = &all[..] else { panic!("{all:?}") };
    assert_eq!((&held["expires_at"], &amended["expires_at"]), (&late.into(), &later.into()));
    assert_eq!(refused["refusal"]["expiry_passed"]["expires_at"], past);
    assert_eq!((&once["schedule"]["rule"]["once"], &once["progress"]["pending"]["at"]), (&later.into(), &later.into()));
    assert_eq!(once["progress"]["pending"]["occurrence"], later);
    let schedule = &daily["schedule"];
    assert_eq!((&schedule["start"], &schedule["end"]["until"]), (&"2200-01-01".into(), &"2200-12-31".into()));

    let refused = list(&bank, &["--status", "refused", "--limit", "1"]);
    assert_eq!(refused[0]["refusal"]["expiry_passed"]["expires_at"], past);
    refused.iter().for_each(assert_exact);
}

#[test]
fn past_balances_are_printed() {
    let bank = Scratch::with_examples();
    let now = bank.run(&["balance", "110-1001", "--format", "json"]).json()["posted"].as_i64().expect("a balance");
    let transfer = bank.run(&["transfer", "110-1001", "110-1002", "500", "--format", "json"]).json();
    let position = transfer["position"].as_u64().expect("a position");
    let fee = transfer["fee"].as_i64().expect("a fee");
    let at = |arguments: &[&str]| {
        let all: Vec<&str> = ["balance", "110-1001", "--format", "json"].iter().chain(arguments).copied().collect();
        bank.run(&all).json()["posted"].clone()
    };
    assert_eq!(at(&["--position", &(position - 1).to_string()]), now);
    assert_eq!(at(&["--position", &position.to_string()]), now - 500 - fee);
    assert_eq!(at(&["--at", "2200-01-01T00:00:00Z"]), now - 500 - fee);
    assert_eq!(at(&["--at", "2001-01-01T00:00:00+09:00"]), Value::Null);
    assert_eq!(at(&["--position", "1"]), Value::Null);
    assert_eq!(bank.run(&["balance", "110-1001", "--position", "1", "--at", "2026-01-01T00:00:00Z"]).status, 2);

    let trial = bank.run(&["trial-balance", "--format", "json"]).json();
    for row in trial.as_array().expect("an array") {
        let sum: i64 = ["customers", "cash", "fees"].iter().filter_map(|name| row[*name].as_i64()).sum();
        assert_eq!((sum, &row["position"]), (0, &position.into()), "{row}");
    }
    let before = (position - 1).to_string();
    let accounts = bank.run(&["trial-balance", "--accounts", "--position", &before, "--format", "json"]).json();
    let accounts = accounts.as_array().expect("an array");
    let posted = |number: &str| accounts.iter().find(|row| row["number"] == number).map(|row| row["posted"].clone());
    assert_eq!(posted("110-1001"), Some(now.into()));
    let sum: i64 = accounts.iter().filter_map(|row| row["posted"].as_i64()).sum();
    assert_eq!(sum, 0);
}
