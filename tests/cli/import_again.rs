//! Repeated imports: no row is imported twice, and every row that is not imported has a reason.

use super::program::{Ran, Scratch, examples};

const ACCOUNTS: &str = "number,owner,currency\nA,mina,KRW\nB,joon,KRW\n";
const NO_ORDERS: &str = "order,from,to,amount\n";
const NO_DEPOSITS: &str = "to,amount\n";

/// Returns the line of the summary that begins with `title`.
fn line<'a>(output: &'a str, title: &str) -> &'a str {
    output.lines().find(|line| line.starts_with(title)).unwrap_or_else(|| panic!("no line {title} in {output}"))
}

fn balances(bank: &Scratch) -> [i64; 2] {
    let found: Vec<i64> = bank.balances().into_iter().map(|(_, posted)| posted).collect();
    found.try_into().expect("the accounts A and B")
}

fn import(bank: &Scratch, deposits: &str, orders: &str, options: &[&str]) -> Ran {
    let files = bank.files(ACCOUNTS, deposits, orders);
    bank.run(&[&["import", &files], options].concat())
}

#[test]
fn a_new_row_at_the_top_is_the_only_one_posted() {
    let bank = Scratch::new();
    import(&bank, "to,amount,label\nA,100,mon\nA,200,tue\nA,300,wed\n", NO_ORDERS, &[]).succeeded();
    let output =
        import(&bank, "to,amount,label\nA,400,thu\nA,300,wed\nA,200,tue\nA,100,mon\n", NO_ORDERS, &[]).succeeded();
    assert_eq!(line(&output, "deposits"), "deposits  1 posted (400 KRW), 3 posted before, 0 refused");
    assert_eq!(balances(&bank), [1_000, 0]);
}

#[test]
fn ids_distinguish_equal_deposits_of_two_files() {
    let bank = Scratch::new();
    let posted = |id: &str| {
        let output = import(&bank, &format!("to,amount,id\nA,100,{id}\n"), NO_ORDERS, &[]).succeeded();
        line(&output, "deposits").contains("1 posted (100 KRW)")
    };
    assert!(posted("D-1") && posted("D-2") && !posted("D-1"));
    assert_eq!(balances(&bank), [200, 0]);
    let ran = import(&bank, "to,amount,id\nA,101,D-1\nA,1,\nA,1,D-3\nB,1,d-3\n", NO_ORDERS, &[]);
    assert_eq!(ran.status, 1, "{ran:?}");
    for expected in [
        "deposits.csv: line 2, deposit D-1: it was imported before with different content: amount was 100 KRW, is now 101 KRW (id_reused)",
        "deposits.csv: line 3, column 3 (id): the field is empty",
        "deposits.csv: line 5, column 3 (id): id d-3 is in line 4 already",
        "error: 3 rows could not be imported",
    ] {
        assert!(ran.stderr.lines().any(|line| line.ends_with(expected)), "{expected}\n{}", ran.stderr);
    }
    assert_eq!(balances(&bank), [201, 0]);
}

#[test]
fn an_order_number_with_different_content_is_an_error() {
    let bank = Scratch::new();
    let header = "order,from,to,amount,label\n";
    import(
        &bank,
        "to,amount\nA,1000\n",
        &format!("{header}1,A,B,10,rent\n2,A,B,10,rent\n3,A,B,10,rent\n4,A,B,10,rent\n"),
        &[],
    )
    .succeeded();
    let changed = format!("{header}1,A,B,20,rent\n2,B,A,10,rent\n3,A,B,10,tea\n4,A,B,10,rent\n");
    let ran = import(&bank, "to,amount\nA,1000\n", &changed, &[]);
    assert_eq!(ran.status, 1, "{ran:?}");
    for expected in [
        "orders.csv: line 2, order 1: it was imported before with different content: amount was 10 KRW, is now 20 KRW (id_reused)",
        "orders.csv: line 3, order 2: it was imported before with different content: from was A, is now B; to was B, is now A (id_reused)",
        "orders.csv: line 4, order 3: it was imported before with different content: label was \"rent\", is now \"tea\" (id_reused)",
    ] {
        assert!(ran.stderr.lines().any(|line| line.ends_with(expected)), "{expected}\n{}", ran.stderr);
    }
    assert_eq!(line(&ran.stdout, "month 1"), "month 1   0 posted, 1 posted before, 3 refused");
    assert_eq!(line(&ran.stdout, "          refused"), "          refused 3: id_reused");
    assert_eq!(balances(&bank), [960, 40]);
}

#[test]
fn a_report_has_every_row_and_its_outcome() {
    let bank = Scratch::new();
    let orders = "order,from,to,amount\n1,A,B,10\n2,A,B,5000\n3,A,B,x\n";
    let read = |ran: &Ran| {
        assert_eq!(ran.status, 1, "{ran:?}");
        let text = std::fs::read_to_string(bank.path().join("report.csv")).expect("a report");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().expect("a header"), &["file", "line", "id", "status", "reason", "transfer_id"][..]);
        reader.records().map(|row| row.expect("a row")).collect::<Vec<_>>()
    };
    let rows = read(&import(&bank, "to,amount\nA,1000\n", orders, &["--report", "report.csv"]));
    let told: Vec<[&str; 3]> = rows.iter().map(|row| [&row[1], &row[2], &row[3]]).collect();
    let expected = [
        ["2", "A", "opened"],
        ["3", "B", "opened"],
        ["2", "", "posted"],
        ["2", "1", "posted"],
        ["3", "2", "refused"],
        ["4", "3", "unreadable"],
    ];
    assert_eq!(told, expected);
    assert!(rows.iter().all(|row| !row[0].is_empty()) && rows[3][0].ends_with("orders.csv"));
    assert!(rows[4][4].starts_with("insufficient_funds: ") && rows[5][4].contains("column 4 (amount)"), "{rows:?}");
    // The transfer can be found by the id in the report and by the order number.
    let transfers = bank.run(&["transfers", "--text", "1", "--kind", "transfer", "--format", "json"]).json();
    assert_eq!((&transfers[0]["id"], &transfers[0]["details"]["reference"]), (&rows[3][5].into(), &"1".into()));
    assert_eq!(transfers.as_array().map(Vec::len), Some(1));

    let again = read(&import(&bank, "to,amount\nA,1000\n", orders, &["--report", "report.csv"]));
    let told: Vec<&str> = again.iter().map(|row| &row[3]).collect();
    let expected = ["opened_before", "opened_before", "posted_before", "posted_before", "refused_before", "unreadable"];
    assert_eq!(told, expected);
    assert_eq!((&again[3][5], &again[4][5]), (&rows[3][5], &rows[4][5]), "the ids stay");

    // A refused row can be retried, under a different id.
    let orders = "order,from,to,amount\n1,A,B,10\n2,A,B,5000\n3,A,B,7\n";
    let options = ["--report", "report.csv", "--retry-refused"];
    import(&bank, "to,amount\nA,1000\nA,9000\n", orders, &options).succeeded();
    let text = std::fs::read_to_string(bank.path().join("report.csv")).expect("a report");
    let retried = text.lines().find(|line| line.contains("orders.csv,3,2,posted,")).expect("order 2 was posted");
    assert!(!retried.ends_with(&rows[4][5]), "{retried}");
    assert_eq!(balances(&bank), [10_000 - 5_017, 5_017]);
}

#[test]
fn a_report_that_cannot_be_written_stops_the_import_before_it_begins() {
    let bank = Scratch::new();
    let files = bank.files(ACCOUNTS, "to,amount\nA,1\n", NO_ORDERS);
    let orders = format!("{files}/orders.csv");
    for (report, status) in [("nowhere/report.csv", 3), (orders.as_str(), 2), (files.as_str(), 2)] {
        bank.run(&["import", &files, "--report", report]).failed(status);
        assert!(!bank.data().exists(), "{report}");
    }
    assert_eq!(std::fs::read_to_string(orders).expect("the orders"), NO_ORDERS);
}

#[test]
fn a_dry_run_shows_the_outcome_and_changes_nothing() {
    let bank = Scratch::new();
    let dry = |options: &[&str]| bank.run(&[&["import", &examples(), "--dry-run"], options].concat());
    let output = dry(&[]).succeeded();
    assert!(output.contains("dry run: nothing was changed"), "{output}");
    assert!(
        output.ends_with("month 1   30 posted (2023.49 EUR, 7995750 KRW), 0 posted before, 0 refused\n"),
        "{output}"
    );
    assert!(!bank.data().exists(), "a dry run made a bank");

    let bank = Scratch::with_examples();
    let (before, balances) = (bank.run(&["check", "--deep"]).succeeded(), bank.balances());
    let files = || {
        let entries = walk(&bank.data());
        assert!(!entries.is_empty());
        entries
    };
    let found = files();
    let dry = |options: &[&str]| bank.run(&[&["import", &examples(), "--dry-run"], options].concat());
    let output = dry(&["--month", "2"]).succeeded();
    assert!(
        output.ends_with("month 2   30 posted (2023.49 EUR, 7995750 KRW), 0 posted before, 0 refused\n"),
        "{output}"
    );
    let output = dry(&[]).succeeded();
    assert!(output.ends_with("month 1   0 posted, 30 posted before, 0 refused\n"), "{output}");
    assert_eq!(files(), found, "a dry run changed a file of the bank");
    assert_eq!((bank.run(&["check", "--deep"]).succeeded(), bank.balances()), (before, balances));
    // The import itself has the predicted outcome.
    let json = |options: &[&str]| {
        let ran = bank.run(&[&["import", &examples(), "--month", "4", "--format", "json"], options].concat());
        let mut object: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON and nothing else");
        object["dry_run"] = serde_json::Value::Null;
        (ran.status, object)
    };
    let tried = json(&["--dry-run"]);
    assert_eq!(tried, json(&[]));
    assert_eq!(tried.1["files"][2]["done"], 30);
}

/// Returns every file below a directory with its content.
fn walk(directory: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(walk(&path))
        } else {
            found.push((path.clone(), std::fs::read(path).expect("a file")))
        }
    }
    found.sort();
    found
}

#[test]
fn existing_accounts_are_not_refusals() {
    let bank = Scratch::new();
    bank.run(&["open", "--owner", "mina", "--number", "A"]).succeeded();
    let output = import(&bank, NO_DEPOSITS, NO_ORDERS, &[]).succeeded();
    assert_eq!(line(&output, "accounts"), "accounts  1 opened, 1 opened before, 0 refused");
    let files = bank.files("number,owner,currency\nA,joon,KRW\nb,joon,KRW\n", NO_DEPOSITS, NO_ORDERS);
    let ran = bank.run(&["import", &files]);
    for expected in [
        "accounts.csv: line 2, column 2 (owner): account A exists already, with owner mina",
        "accounts.csv: line 3, column 1 (number): account b exists already, written B",
    ] {
        assert!(ran.stderr.lines().any(|line| line.ends_with(expected)), "{expected}\n{}", ran.stderr);
    }
    assert_eq!(bank.balances().len(), 2);
}

#[test]
fn archived_rows_are_not_imported_again() {
    use jangbu::{AccountNumber, Amount, Bank, CashPosting, Command};
    let bank = Scratch::new();
    // Small segments, so that some can be archived.
    let engine: jangbu::blocking::Bank =
        Bank::builder().segment_bytes(64 * 1024).open(bank.data()).expect("a bank").into();
    engine.close().expect("closed");
    import(&bank, "to,amount\nA,5\n", NO_ORDERS, &[]).succeeded();
    let engine: jangbu::blocking::Bank =
        Bank::builder().segment_bytes(64 * 1024).open(bank.data()).expect("a bank").into();
    let (to, one) = (AccountNumber::new("A").expect("a number"), Amount::new(1).expect("an amount"));
    for _ in 0..4 {
        let deposits = (0..1_000).map(|_| Command::Deposit(CashPosting::new(to, one))).collect();
        engine.submit(deposits).expect("paid in");
    }
    engine.close().expect("closed");
    let archived = bank.run(&["archive", "old", "--keep-segments", "1"]).succeeded();
    assert!(archived.contains("segments"), "{archived}");
    // The accounts are known to exist. Whether the deposit was posted is unknown.
    for options in [&[][..], &["--retry-refused"]] {
        let ran = import(&bank, "to,amount\nA,5\n", NO_ORDERS, options);
        assert_eq!(line(&ran.stdout, "accounts"), "accounts  0 opened, 2 opened before, 0 refused");
        assert!(ran.status == 1 && ran.stderr.contains("deposit of 5 to A: its outcome is archived"), "{ran:?}");
        assert_eq!(balances(&bank), [4_005, 0]);
    }
}
