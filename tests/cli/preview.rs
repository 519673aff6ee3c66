//! `--dry-run`: the expected outcome of every command that moves or holds money.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::program::{Ran, Scratch};

const PAID: &str = "0192f0c1-2345-7abc-8def-0123456789ab";
const HOLD: &str = "0192f0c1-2345-7abc-8def-0123456789ac";
const NOBODYS: &str = "0192f0c1-2345-7abc-8def-000000000000";

/// Creates a bank in which A had 100.00 EUR, paid 10.00 to B, and holds 20.00 for it; each costs 0.50. A transfer may
/// move up to 80.00. U and V are in won.
fn bank() -> Scratch {
    use jangbu::{
        AccountNumber, Amount, CashPosting, Currency, OpenAccount, OwnerId,
        accounts::{AccountType, TypeCode},
    };
    let scratch = Scratch::new();
    let bank = jangbu::blocking::Bank::open(scratch.data()).unwrap();
    let (code, euro): (TypeCode, Currency) = (TypeCode::new("paid").unwrap(), "EUR".parse().unwrap());
    let mut paid = AccountType::new(code, "paid", euro);
    paid.fee = Amount::new(50).unwrap();
    paid.limit_per_transfer = Some(Amount::new(8_000).unwrap());
    bank.set_type(paid).unwrap();
    let number = |text: &str| AccountNumber::new(text).unwrap();
    for (account, owner) in [("A", "mina"), ("B", "joon")] {
        let owner = OwnerId::new(owner).unwrap();
        bank.set_owner(owner, 0).unwrap();
        bank.open_account(OpenAccount::new(owner).with_number(number(account)).with_type(code)).unwrap();
    }
    for account in ["U", "V"] {
        bank.open_account(OpenAccount::new(OwnerId::new(account).unwrap()).with_number(number(account))).unwrap();
        bank.deposit(CashPosting::new(number(account), Amount::new(1_000).unwrap())).unwrap();
    }
    bank.deposit(CashPosting::new(number("A"), Amount::new(10_000).unwrap())).unwrap();
    bank.close().unwrap();
    scratch.run(&["transfer", "A", "B", "10", "--id", PAID]).succeeded();
    let place = ["hold", "place", "A", "B", "20", "--id", HOLD, "--expires", "2200-01-01T00:00:00Z"];
    scratch.run(&place).succeeded();
    scratch
}

/// A file of steps for `link`.
fn steps(bank: &Scratch, name: &str, text: &str) -> String {
    let path = bank.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

fn dry(bank: &Scratch, arguments: &[&str], format: &str) -> Ran {
    bank.run(&[arguments, &["--dry-run", "--format", format]].concat())
}

fn has(table: &str, line: [&str; 2]) -> bool {
    let line = line.join(" ");
    table.lines().any(|found| found.split_whitespace().eq(line.split_whitespace()))
}

#[test]
fn a_dry_run_shows_the_figures_and_changes_nothing() {
    let bank = bank();
    let before = bank.run(&["check"]).succeeded();
    let file = steps(&bank, "steps.csv", &format!("transfer,A,B,30\nvoid,{HOLD}\n"));
    for (arguments, [amount, fee, available]) in [
        (&["transfer", "A", "B", "30"][..], [3_000, 50, 3_850]),
        (&["transfer", "A", "B", "80", "--at-most"], [6_850, 50, 0]),
        (&["hold", "place", "A", "B", "30", "--expires-in", "2h"], [3_000, 50, 3_850]),
        (&["hold", "settle", HOLD], [2_000, 50, 6_900]),
        (&["hold", "settle", HOLD, "5", "--keep"], [500, 50, 6_900]),
        (&["hold", "void", HOLD, "--reason", "no"], [0, 0, 8_950]),
        (&["hold", "amend", HOLD, "--raise-to", "25"], [500, 0, 6_400]),
        (&["hold", "amend", HOLD, "--expires", "2201-01-01T00:00:00Z"], [0, 0, 6_900]),
        (&["link", &file], [3_000, 50, 5_900]),
        (&["reverse", PAID], [1_000, 0, 0]),
        (&["reverse", PAID, "4", "--label", "back"], [400, 0, 600]),
        (&["sweep", "B", "A", "--target", "2.50"], [750, 0, 250]),
        (&["deposit", "B", "7"], [700, 0, 1_700]),
        (&["withdraw", "A", "9"], [900, 0, 6_000]),
    ] {
        let quote = dry(&bank, arguments, "json").json();
        let found = ["amount", "fee", "total"].map(|name| quote[name].as_u64());
        assert_eq!(found, [amount, fee, amount + fee].map(Some), "{arguments:?}: {quote}");
        let left = &quote["headroom"];
        assert_eq!((&left["available"], &left["per_transfer"]), (&json!(available), &json!(8_000)), "{arguments:?}");
        let date = quote["date"].as_str().unwrap();
        assert!(date.len() == 10 && date.parse::<jiff::civil::Date>().is_ok(), "{arguments:?}: {date}");

        let table = dry(&bank, arguments, "table").succeeded();
        let decimal = |minor: u64| format!("{}.{:02}", minor / 100, minor % 100);
        let (amount, total, available) = (decimal(amount), decimal(amount + fee), decimal(available));
        for line in [
            ["would_move", &amount],
            ["total", &total],
            ["currency", "EUR"],
            ["date", date],
            ["available_after", &available],
            ["limit_per_transfer", "80.00"],
            ["left_today_after", "no limit"],
            ["free_transfers_after", "0"],
        ] {
            assert!(has(&table, line), "{arguments:?}: {line:?} in {table}");
        }
    }
    let csv = dry(&bank, &["sweep", "B", "A"], "csv").succeeded();
    assert!(csv.starts_with("\u{feff}would_move,fee,total,currency,date,available_after,limit_per_transfer,"), "{csv}");
    assert_eq!(bank.run(&["check"]).succeeded(), before, "no new record, and the same totals");
}

#[test]
fn a_refused_dry_run_shows_what_would_be_accepted() {
    let bank = bank();
    let before = bank.run(&["check"]).succeeded();
    let file = steps(&bank, "steps.csv", "# rent\ntransfer,A,B,1\ntransfer,A,B,69\n");
    let unknown = steps(&bank, "unknown.csv", "transfer,A,B,1\nsettle,0192f0c1-2345-7abc-8def-000000000000,1\n");
    for (arguments, code, largest) in [
        (&["transfer", "A", "B", "69"][..], "insufficient_funds", json!(6_850)),
        (&["transfer", "A", "B", "80.01"], "limit_per_transfer", json!(6_850)),
        (&["transfer", "nobody", "B", "1"], "account_unknown", Value::Null),
        (&["transfer", "A", "nobody", "1"], "account_unknown", Value::Null),
        (&["hold", "place", "A", "B", "69"], "insufficient_funds", json!(6_850)),
        (&["hold", "place", "nobody", "B", "1"], "account_unknown", Value::Null),
        (&["hold", "settle", HOLD, "20.01"], "capture_too_large", json!(2_000)),
        (&["hold", "settle", NOBODYS], "hold_unknown", Value::Null),
        (&["hold", "void", NOBODYS], "hold_unknown", Value::Null),
        (&["hold", "amend", HOLD, "--raise-to", "19"], "hold_lowered", json!(8_000)),
        (&["hold", "amend", NOBODYS, "--raise-to", "19"], "hold_unknown", Value::Null),
        (&["link", &file], "linked", Value::Null),
        (&["link", &unknown], "linked", Value::Null),
        (&["reverse", PAID, "10.01"], "reversal_too_large", json!(1_000)),
        (&["reverse", NOBODYS], "not_reversible", Value::Null),
        (&["sweep", "A", "B"], "insufficient_funds", Value::Null),
        (&["sweep", "nobody", "B"], "account_unknown", Value::Null),
        (&["deposit", "nobody", "1"], "account_unknown", Value::Null),
        (&["withdraw", "A", "69.01"], "insufficient_funds", json!(6_900)),
    ] {
        let told = dry(&bank, arguments, "json");
        assert_eq!(told.status, 1, "{arguments:?}: {told:?}");
        assert!(told.stderr.starts_with("error: refused: ") && told.stderr.lines().count() == 1, "{told:?}");
        let objection: Value = serde_json::from_str(&told.stdout).unwrap();
        let refusal = objection["refusal"].as_object().and_then(|refusal| refusal.keys().next());
        assert_eq!(refusal.map(String::as_str), Some(code), "{arguments:?}: {objection}");
        assert_eq!((&objection["largest"], &objection["earliest"]), (&largest, &Value::Null), "{arguments:?}");

        let table = dry(&bank, arguments, "table");
        assert_eq!(table.status, 1, "{arguments:?}: {table:?}");
        assert!(has(&table.stdout, ["would_be", code]), "{arguments:?}: {table:?}");
        let largest = largest.as_u64().map_or(String::new(), |units| format!("{}.{:02}", units / 100, units % 100));
        assert!(has(&table.stdout, ["largest_that_would_pass", &largest]), "{arguments:?}: {table:?}");
    }
    let told = dry(&bank, &["link", &file], "table");
    assert!(
        told.stderr.contains("steps.csv, line 3 (step 1): ") && told.stderr.contains("insufficient_funds"),
        "{told:?}"
    );
    assert_eq!(bank.run(&["check"]).succeeded(), before, "no refusal is recorded either");
}

#[test]
fn amounts_in_several_currencies_have_no_sum() {
    let bank = bank();
    let file = steps(&bank, "steps.csv", "transfer,A,B,30\ntransfer,U,V,700\n");
    let quote = dry(&bank, &["link", &file], "json").json();
    assert_eq!(["amount", "fee", "total"].map(|name| &quote[name]), [&Value::Null; 3], "{quote}");
    assert_eq!(quote["headroom"]["available"], 300, "of the last step");
    let table = dry(&bank, &["link", &file], "table").succeeded();
    for line in [["would_move", "of several currencies"], ["currency", "EUR KRW"], ["available_after", "300"]] {
        assert!(has(&table, line), "{line:?} in {table}");
    }
}

#[test]
fn invalid_dry_runs_are_refused() {
    let bank = bank();
    let before = bank.run(&["check"]).succeeded();
    for arguments in [
        &["hold", "list", "A", "--dry-run"][..],
        &["hold", "show", HOLD, "--dry-run"],
        &["check", "--dry-run"],
        &["open", "--owner", "mina", "--dry-run"],
        &["transfer", "A", "B", "1", "--dry-run=yes"],
        &["hold", "amend", HOLD, "--dry-run"],
        &["sweep", "A", "--dry-run"],
    ] {
        let ran = bank.run(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert!(ran.stderr.starts_with("error: "), "{arguments:?}: {ran:?}");
    }
    for (arguments, reason) in [
        (&["transfer", "A", "B", "1.001"][..], "the amount has 3 decimals, its currency has 2"),
        (&["deposit", "A", "-1"], "the amount is negative"),
        (&["withdraw", "A", "1", "--label", "more than ten"], "a label has at most 10 characters"),
    ] {
        let error = dry(&bank, arguments, "json").failed(2);
        assert!(error.contains(reason), "{arguments:?}: {error}");
    }
    // With a used id, a different command is refused, and the same command does nothing more.
    for other in [&["transfer", "A", "B", "1", "--id", PAID][..], &["hold", "place", "A", "B", "1", "--id", HOLD]] {
        let told = dry(&bank, other, "json");
        assert!(told.status == 1 && told.stdout.contains("\"id_reused\""), "{other:?}: {told:?}");
    }
    let fresh = ["transfer", "A", "B", "1", "--id", NOBODYS];
    dry(&bank, &fresh, "json").succeeded();
    assert_eq!(bank.run(&["check"]).succeeded(), before);
    bank.run(&fresh).succeeded();
    let after = bank.run(&["check"]).succeeded();
    let repeated: Value = serde_json::from_str(&dry(&bank, &fresh, "json").succeeded()).unwrap();
    assert!(repeated["repeated"]["position"].as_u64() > Some(1), "{repeated}");
    assert_eq!(bank.run(&["check"]).succeeded(), after);
}
