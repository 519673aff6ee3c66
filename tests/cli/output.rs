//! The output formats, and readers that close the output early.

use std::process::Stdio;

use serde_json::{Value, json};

use super::program::Scratch;

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().expect("a JSON object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn accounts_have_amounts_in_minor_units_in_json_and_in_decimals_elsewhere() {
    let bank = Scratch::with_examples();
    let accounts = bank.run(&["accounts", "--format", "json"]).json();
    let find = |number: &str| accounts.as_array().unwrap().iter().find(|account| account["number"] == number).cloned();
    let expected = json!({
        "number": "330-0001", "owner": "mina", "type": "basic", "currency": "EUR", "scale": 2,
        "posted": 298_000, "held": 0, "pending_in": 0, "open_holds": 0, "available": 298_000, "status": "open",
    });
    assert_eq!(find("330-0001"), Some(expected));
    // The bank's own accounts are listed too, so the balances add up to zero.
    assert!(find("CASH-EUR").is_some() && find("FEES-KRW").is_some());
    let sum: i64 = accounts.as_array().unwrap().iter().map(|account| account["posted"].as_i64().unwrap()).sum();
    assert_eq!(sum, 0);

    let csv = bank.run(&["accounts", "--format", "csv"]).succeeded();
    assert!(csv.starts_with("\u{feff}number,owner,type,currency,posted,held,pending_in,available,status\n"), "{csv}");
    assert!(csv.contains("\n330-0001,mina,basic,EUR,2980.00,0.00,0.00,2980.00,open\n"), "{csv}");
    let table = bank.run(&["accounts"]).succeeded();
    let cells: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(
        cells.contains(&vec!["330-0001", "mina", "basic", "EUR", "2980.00", "0.00", "0.00", "2980.00", "open"]),
        "{table}"
    );
}

#[test]
fn one_account() {
    let bank = Scratch::with_examples();
    let account = bank.run(&["account", "330-0001", "--format", "json"]).json();
    assert_eq!(
        keys(&account),
        [
            "available",
            "currency",
            "date",
            "free_transfers_left",
            "frozen",
            "held",
            "holds",
            "left_today",
            "limit_per_day",
            "limit_per_transfer",
            "number",
            "opened_at",
            "overdraft",
            "owner",
            "pending_in",
            "position",
            "posted",
            "scale",
            "status",
            "type",
            "version"
        ]
    );
    assert_eq!((&account["posted"], &account["limit_per_day"]), (&json!(298_000), &Value::Null));
    let table = bank.run(&["account", "330-0001"]).succeeded();
    assert!(table.lines().any(|line| line.split_whitespace().eq(["posted", "2980.00"])), "{table}");
}

#[test]
fn a_statement_is_listed_backwards_from_the_balance() {
    let bank = Scratch::with_examples();
    let statement = bank.run(&["statement", "330-0001", "--format", "json"]).json();
    let entries: Vec<&Value> = statement.as_array().unwrap().iter().filter(|entry| entry["what"] != "opened").collect();
    assert_eq!(entries.len(), 3, "{statement}");
    let mut balance = 298_000;
    for entry in &entries {
        assert_eq!(entry["balance"], balance);
        balance -= entry["change"].as_i64().unwrap();
    }
    assert_eq!(balance, 0);
    assert_eq!(
        keys(entries[0]),
        [
            "account",
            "balance",
            "change",
            "counterparty",
            "currency",
            "date",
            "end_to_end_id",
            "fee",
            "id",
            "label",
            "position",
            "recorded_at",
            "reference",
            "scale",
            "what"
        ]
    );
    assert_eq!((&entries[2]["what"], &entries[2]["label"]), (&json!("deposit"), &json!("opening")));
    let csv = bank.run(&["statement", "330-0001", "--format", "csv"]).succeeded();
    let columns = "\u{feff}account,position,recorded_at,date,what,counterparty,currency,change,fee,balance,label,reference,\
                   end_to_end_id,id\n";
    assert!(csv.starts_with(columns) && csv.contains(",-1250.00,"), "{csv}");
}

#[test]
fn a_statement_of_a_period() {
    let bank = Scratch::with_examples();
    let statement = |arguments: &[&str]| {
        let arguments = [&["statement", "330-0001", "--format", "json"], arguments].concat();
        bank.run(&arguments).json().as_array().unwrap().clone()
    };
    let all = statement(&[]);
    let date = all[0]["date"].as_str().unwrap();
    let latest = all[0]["recorded_at"].as_str().unwrap();
    // The dates are business dates of the bank, and both are included.
    let first_date = all.last().unwrap()["date"].as_str().unwrap();
    assert_eq!(statement(&["--from", first_date, "--to", date]), all);
    assert_eq!(statement(&["--to", "2001-01-01"]), Vec::<Value>::new());
    assert_eq!(statement(&["--from", "2200-01-01"]), Vec::<Value>::new());
    // A printed moment is exactly that of the entry.
    assert!(statement(&["--from", latest]).contains(&all[0]));
    assert!(!statement(&["--to", latest]).contains(&all[0]));
}

#[test]
fn a_transfer_prints_its_receipt_and_happens_once_per_id() {
    let bank = Scratch::with_examples();
    let transfer = ["transfer", "330-0001", "330-0002", "12.34", "--id", "0192f0c1-2345-7abc-8def-0123456789ab"];
    let arguments = [&transfer[..], &["--label", "lunch", "--format", "json"]].concat();
    let receipt = bank.run(&arguments).json();
    assert_eq!(
        keys(&receipt),
        ["amount", "currency", "date", "fee", "id", "position", "receiver_balance", "recorded_at", "sender_balance"]
    );
    assert_eq!((&receipt["amount"], &receipt["sender_balance"]), (&json!(1_234), &json!(296_766)));
    assert_eq!(bank.run(&arguments).json(), receipt, "the same id gets the first answer again");

    let other = ["transfer", "330-0001", "330-0002", "1", "--id", "0192f0c1-2345-7abc-8def-0123456789ab"];
    assert!(bank.run(&other).failed(1).ends_with("(id_reused)"));
    let statement = bank.run(&["statement", "330-0002", "--format", "json"]).json();
    assert_eq!((&statement[0]["change"], &statement[0]["label"]), (&json!(1_234), &json!("lunch")));
}

#[test]
fn an_account_from_opening_to_withdrawal() {
    let bank = Scratch::new();
    let open = ["open", "--owner", "mina", "--currency", "EUR", "--overdraft", "5.00", "--format", "json"];
    let number = bank.run(&open).json()["number"].as_str().unwrap().to_owned();
    let receipt = bank.run(&["deposit", &number, "10.50", "--format", "json"]).json();
    assert_eq!(keys(&receipt), ["amount", "balance", "currency", "date", "fee", "id", "position", "recorded_at"]);
    let receipt = bank.run(&["withdraw", &number, "15.5", "--format", "json"]).json();
    assert_eq!((&receipt["amount"], &receipt["balance"]), (&json!(1_550), &json!(-500)));
    let error = bank.run(&["withdraw", &number, "0.01"]).failed(1);
    assert!(error.ends_with("(insufficient_funds)"), "{error}");
}

#[test]
fn the_data_directory_can_be_named_before_the_subcommand() {
    let bank = Scratch::with_examples();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_jangbu"));
    let output = command.arg("--data").arg(bank.data()).args(["accounts", "--format", "csv"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), bank.run(&["accounts", "--format", "csv"]).succeeded());
}

#[test]
fn a_reader_that_closes_the_output_early_is_not_an_error() {
    let bank = Scratch::with_examples();
    // More than all buffers hold, so that the closed pipe is noticed before the end.
    let accounts: String = (0..2_000).map(|n| format!("{n},mina,KRW\n")).collect();
    let files = bank.files(&format!("number,owner,currency\n{accounts}"), "to,amount\n", "order,from,to,amount\n");
    bank.run(&["import", &files]).succeeded();
    for arguments in [
        &["accounts"][..],
        &["accounts", "--format", "json"],
        &["accounts", "--format", "csv"],
        &["statement", "220-5001"],
        &["check"],
    ] {
        let mut child = bank.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), error.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let bank = Scratch::with_examples();
    for format in ["table", "csv", "json", "xlsx"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = bank.command(&["accounts", "--format", format]).stdout(full).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{format}: {error}");
        assert!(error.starts_with("error: cannot write the output: "), "{format}: {error}");
    }
}

#[test]
fn help_documents_the_exit_statuses() {
    let help = Scratch::new().run(&["--help"]).succeeded();
    for line in ["  0  done", "  1  the ledger refused", "  2  the command line", "  3  the bank cannot"] {
        assert!(help.contains(line), "{help}");
    }
}
