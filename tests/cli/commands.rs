//! Commands for accounts, currencies and types, and the program's own commands.

use serde_json::{Value, json};

use super::program::Scratch;

fn bank() -> Scratch {
    let bank = Scratch::new();
    bank.run(&["open", "--owner", "mina", "--number", "A", "--currency", "EUR"]).succeeded();
    bank.run(&["open", "--owner", "joon", "--number", "B", "--currency", "EUR"]).succeeded();
    bank.run(&["deposit", "A", "1000"]).succeeded();
    bank
}

#[test]
fn an_account_is_frozen_one_way_or_both_and_unfrozen() {
    let bank = bank();
    let pay = || bank.run(&["transfer", "A", "B", "1"]);
    let frozen = |arguments: &[&str]| bank.run(&[arguments, &["--format", "json"]].concat()).json()["frozen"].clone();
    assert_eq!(frozen(&["freeze", "A", "--debits"]), json!({ "debits": true, "credits": false }));
    assert!(pay().failed(1).ends_with("(account_frozen)"));
    bank.run(&["deposit", "A", "1"]).succeeded();
    assert_eq!(frozen(&["freeze", "A", "--credits"]), json!({ "debits": true, "credits": true }));
    assert!(bank.run(&["deposit", "A", "1"]).failed(1).ends_with("(account_frozen)"));
    assert_eq!(frozen(&["unfreeze", "A", "--debits"]), json!({ "debits": false, "credits": true }));
    pay().succeeded();
    assert_eq!(frozen(&["unfreeze", "A"]), json!({ "debits": false, "credits": false }));
    assert_eq!(frozen(&["freeze", "A"]), json!({ "debits": true, "credits": true }));
    assert!(bank.run(&["freeze", "nobody"]).failed(1).ends_with("(account_unknown)"));
}

#[test]
fn limits_are_set_in_decimals_and_reset_to_the_type() {
    let bank = bank();
    let set =
        ["type", "set", "capped", "--currency", "EUR", "--limit-per-day", "50", "--fee", "0.25", "--format", "json"];
    let kind = bank.run(&set).json();
    assert_eq!((&kind["limit_per_day"], &kind["fee"], &kind["name"]), (&json!(5_000), &json!(25), &json!("capped")));
    bank.run(&["open", "--owner", "mina", "--number", "C", "--type", "capped", "--overdraft", "100"]).succeeded();
    let limits = |arguments: &[&str]| {
        let account = bank.run(&[&["limits", "C", "--format", "json"], arguments].concat()).json();
        [&account["limit_per_transfer"], &account["limit_per_day"], &account["overdraft"]].map(Value::clone)
    };
    assert_eq!(limits(&[]), [Value::Null, json!(5_000), json!(10_000)]);
    assert_eq!(limits(&["--per-transfer", "10.50", "--per-day", "none"]), [json!(1_050), Value::Null, json!(10_000)]);
    assert_eq!(limits(&["--per-day", "type", "--overdraft", "20"]), [json!(1_050), json!(5_000), json!(2_000)]);
    let over = bank.run(&["transfer", "C", "A", "10.51"]).failed(1);
    assert_eq!(over, "refused: 10.51 EUR requested, the limit per transfer is 10.50 (limit_per_transfer)");
    bank.run(&["transfer", "C", "A", "10.50"]).succeeded();
    // A refusal changes nothing, including the other limits.
    let refused = bank.run(&["limits", "C", "--overdraft", "10.49", "--per-transfer", "none"]).failed(1);
    assert_eq!(refused, "refused: the account's balance is -10.50 EUR, below an overdraft of 10.49 (overdraft_in_use)");
    assert_eq!(limits(&[])[0], json!(1_050));
    assert!(bank.run(&["limits", "C", "--per-day", "1.001"]).failed(2).contains("3 decimals"));
    // Only the given terms of a type are changed.
    let changed = bank.run(&["type", "set", "capped", "--limit-per-day", "none", "--format", "json"]).json();
    assert_eq!((&changed["limit_per_day"], &changed["fee"]), (&Value::Null, &json!(25)));
    assert!(bank.run(&["type", "set", "new"]).failed(2).contains("--currency"));
    assert!(bank.run(&["type", "set", "capped", "--currency", "KRW"]).failed(1).ends_with("(type_fixed)"));
    let types = bank.run(&["type", "list", "--format", "json"]).json();
    assert_eq!(types.as_array().unwrap().len(), 2, "{types}");
}

#[test]
fn an_account_is_closed_at_zero_and_a_currency_is_added_once() {
    let bank = bank();
    let refused = bank.run(&["close", "A"]).failed(1);
    let expected = "the account's balance is 1,000.00 EUR, and only an account at zero can be closed (not_empty)";
    assert_eq!(refused, format!("refused: {expected}"));
    bank.run(&["withdraw", "A", "1000"]).succeeded();
    assert_eq!(bank.run(&["close", "A", "--format", "json"]).json()["status"], "closed");
    assert!(bank.run(&["freeze", "A"]).failed(1).ends_with("(account_closed)"));
    let id = "0192f0c1-2345-7abc-8def-0123456789ab";
    let add = ["currency", "add", "XPT", "--scale", "3", "--id", id, "--format", "json"];
    let added = bank.run(&add).json();
    assert_eq!(bank.run(&add).json(), added, "the same id gets the first answer again");
    bank.run(&["open", "--owner", "mina", "--number", "P", "--currency", "XPT", "--overdraft", "0.005"]).succeeded();
    assert!(bank.run(&["currency", "add", "XPT", "--scale", "2"]).failed(1).ends_with("(currency_fixed)"));
    let list = bank.run(&["currency", "list", "--format", "json"]).json();
    assert!(list.as_array().unwrap().contains(&json!({ "currency": "XPT", "scale": 3 })), "{list}");
}

#[test]
fn check_and_backup_print_json() {
    let bank = bank();
    let checked = bank.run(&["check", "--format", "json"]).json();
    assert_eq!((&checked["sound"], &checked["accounts"]), (&json!(true), &json!(4)));
    assert_eq!(checked["currencies"][0]["currency"], "EUR");
    let copied = bank.run(&["backup", "copies", "--format", "json"]).json();
    assert_eq!((&copied["position"], &copied["has_keys"]), (&checked["position"], &json!(false)));
    let journal = std::fs::read_dir(bank.data().join("journal")).unwrap().map(|entry| entry.unwrap().path());
    let segment = journal.max_by_key(|path| path.metadata().unwrap().len()).unwrap();
    let mut bytes = std::fs::read(&segment).unwrap();
    let written = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[written / 2] ^= 0x40;
    std::fs::write(&segment, &bytes).unwrap();
    let faulty = bank.run(&["check", "--format", "json"]);
    let told: Value = serde_json::from_str(&faulty.stdout).unwrap();
    assert_eq!((faulty.status, &told["sound"]), (1, &json!(false)), "{faulty:?}");
    assert!(faulty.stderr.starts_with("error: fault at position "), "{faulty:?}");
}

#[test]
fn the_directory_may_come_from_the_environment() {
    let bank = bank();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_jangbu"));
    let listed = command.args(["account", "A"]).env("JANGBU_DATA", bank.data()).output().unwrap();
    assert!(listed.status.success(), "{listed:?}");
    // The flag has precedence.
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_jangbu"));
    let listed = command.args(["account", "A", "--data"]).arg(bank.data()).env("JANGBU_DATA", "/nowhere").output();
    assert!(listed.unwrap().status.success());
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_jangbu"));
    let settings = command.args(["config", "--format", "json"]).env("JANGBU_DATA", bank.data()).output().unwrap();
    assert!(settings.status.success(), "{settings:?}");
}

#[test]
fn completions_and_man_pages_are_printed() {
    let bank = Scratch::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = bank.run(&["completions", shell]).succeeded();
        assert!(text.contains("trial-balance") && text.contains("unfreeze"), "{shell}");
    }
    let page = bank.run(&["man"]).succeeded();
    assert!(page.contains(".TH jangbu 1") && page.contains("Examples:"), "{page}");
    bank.run(&["man", "pages"]).succeeded();
    let pages = bank.path().join("pages");
    for name in ["jangbu.1", "jangbu-transfer.1", "jangbu-hold-place.1"] {
        assert!(std::fs::read_to_string(pages.join(name)).unwrap().contains("Examples:"), "{name}");
    }
}

#[test]
fn a_date_is_a_day_in_the_banks_time_zone() {
    let bank = bank();
    let today = bank.run(&["account", "A", "--format", "json"]).json()["date"].as_str().unwrap().to_owned();
    let posted = |at: &str| bank.run(&["balance", "A", "--at", at, "--format", "json"]).json()["posted"].clone();
    assert_eq!((posted(&today), posted("2001-01-01")), (json!(100_000), Value::Null));
    let count = |from: &str, to: &str| {
        let list = bank.run(&["transfers", "--from", from, "--to", to, "--format", "json"]).json();
        list.as_array().unwrap().len()
    };
    assert_eq!((count(&today, &today), count("2001-01-01", "2001-12-31"), count(&today, "2199-12-31")), (1, 0, 1));
    let sums = bank.run(&["trial-balance", "--at", &today, "--format", "json"]).json();
    assert_eq!(sums[0]["customers"], 100_000);
    for wrong in [["balance", "A", "--at", "2026-02-30"], ["balance", "A", "--at", "tomorrow"]] {
        assert_eq!(bank.run(&wrong).status, 2, "{wrong:?}");
    }
}

/// Each command is run twice. The second run writes nothing, unless it has an id, whose answer must be kept.
#[test]
fn a_change_that_changes_nothing_writes_nothing() {
    let bank = bank();
    bank.run(&["type", "set", "plain", "--currency", "EUR"]).succeeded();
    let add = ["schedule", "add", "A", "B", "1", "--daily", "--format", "json"];
    let order = bank.run(&add).json()["id"].as_str().expect("an id").to_owned();
    let records = || bank.run(&["check", "--format", "json"]).json()["records"].as_u64().expect("a number");
    let id = "01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c";
    for (change, first, again) in [
        (&["freeze", "A"][..], 1, 0),
        (&["unfreeze", "A", "--debits"], 1, 0),
        (&["limits", "A", "--per-day", "5", "--per-transfer", "none", "--overdraft", "1"], 1, 0),
        (&["limits", "A"], 0, 0),
        (&["type", "set", "plain", "--fee", "0.10"], 1, 0),
        (&["schedule", "pause", &order], 1, 0),
        (&["schedule", "resume", &order], 1, 0),
        (&["schedule", "resume", &order, "--id", id], 1, 0),
    ] {
        for written in [first, again] {
            let before = records();
            bank.run(change).succeeded();
            assert_eq!(records() - before, written, "{change:?}");
        }
    }
}
