//! Days and moments as arguments: the same forms for every option, within the bank's range.

use serde_json::Value;

use super::program::Scratch;

fn list(bank: &Scratch, arguments: &[&str]) -> Value {
    bank.run(&[arguments, &["--format", "json"]].concat()).json()
}

#[test]
fn a_day_is_accepted_wherever_a_moment_is() {
    let bank = Scratch::with_examples();
    let paid = bank.run(&["transfer", "110-1001", "110-1002", "77", "--format", "json"]).json();
    let today = paid["date"].as_str().expect("a date");
    let now = list(&bank, &["balance", "110-1001"]);
    assert_eq!(list(&bank, &["balance", "110-1001", "--at", today]), now);
    assert_eq!(list(&bank, &["balance", "110-1001", "--at", "9999-12-31"]), now);
    assert_eq!(list(&bank, &["balance", "110-1001", "--at", "2020-01-01"])["posted"], Value::Null);
    bank.run(&["trial-balance", "--at", today]).succeeded();
    for command in [&["transfers"][..], &["statement", "110-1001"]] {
        let all = list(&bank, command);
        for period in [&["--from", today][..], &["--to", today], &["--from", today, "--to", "9999-12-31"]] {
            assert_eq!(list(&bank, &[command, period].concat()), all, "{command:?} {period:?}");
        }
        for period in [["--to", "2020-01-01"], ["--from", "2200-01-01"]] {
            assert_eq!(list(&bank, &[command, &period].concat()), serde_json::json!([]), "{command:?} {period:?}");
        }
    }
    let hold = ["hold", "place", "110-1001", "110-1002", "1", "--expires", "2099-12-31"];
    let placed = bank.run(&[&hold[..], &["--format", "json"]].concat()).json();
    let expires = placed["expires_at"].as_str().expect("a moment");
    assert_eq!(expires.parse::<jangbu::Timestamp>(), "2100-01-01T00:00:00+09:00".parse(), "the day is still within");
}

#[test]
fn moments_out_of_range_are_refused_and_never_clamped() {
    let bank = Scratch::with_examples();
    let pay = ["110-1001", "110-1002", "1"];
    let before = bank.balances();
    for beyond in ["2300-01-01", "2300-01-01T00:00:00Z", "1600-01-01", "9999-12-30", "2262-04-11T23:47:16.854775808Z"] {
        for arguments in [
            &["balance", "110-1001", "--at", beyond][..],
            &["trial-balance", "--at", beyond],
            &["transfers", "--from", beyond],
            &["transfers", "--to", beyond],
            &["statement", "110-1001", "--from", beyond],
            &["statement", "110-1001", "--to", beyond],
            &["hold", "place", pay[0], pay[1], pay[2], "--expires", beyond],
            &["schedule", "add", pay[0], pay[1], pay[2], "--daily", "--start", beyond],
            &["schedule", "add", pay[0], pay[1], pay[2], "--daily", "--until", beyond],
            &["schedule", "add", pay[0], pay[1], pay[2], "--at", beyond],
            &["clock", "accept", "--until", beyond],
        ] {
            let ran = bank.run(arguments);
            assert_eq!(ran.status, 2, "{arguments:?}: {} {}", ran.stdout, ran.stderr);
        }
    }
    bank.run(&["hold", "place", pay[0], pay[1], pay[2], "--expires-in", "9000 days"]).succeeded();
    assert_eq!(bank.run(&["hold", "place", pay[0], pay[1], pay[2], "--expires-in", "99999 days"]).status, 2);
    assert_eq!(bank.run(&["transfers", "--from", "9999-12-31"]).status, 2, "no end is no beginning");
    assert_eq!(bank.balances(), before);
}
