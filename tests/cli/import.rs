//! `jangbu import`: the outcomes of accounts, deposits and orders.

use super::program::{Scratch, examples};

const ACCOUNTS: &str = "number,owner,currency,opened\nA,mina,KRW,2024-01-01\nB,joon,KRW,2024-01-01\nE,mina,EUR,\n";
const DEPOSITS: &str = "to,amount,label\nA,1000,opening\nE,12.5,opening\n";
const ORDERS: &str = "order,from,to,amount,label\n1,A,B,300,rent\n2,A,B,200,rent\n";

#[test]
fn months_1_to_3_post_in_full_and_month_4_is_refused() {
    let bank = Scratch::new();
    let first = bank.run(&["import", &examples(), "--month", "1"]).succeeded();
    let (read, first) = first.split_at(first.find("accounts  ").unwrap_or_default());
    let read: Vec<&str> = read.lines().map(|line| line.rsplit('/').next().unwrap_or_default()).collect();
    let expected = [("accounts", 20), ("deposits", 14), ("orders", 30)];
    assert_eq!(read, expected.map(|(name, rows)| format!("{name}.csv: UTF-8, separated by commas, {rows} rows")));
    assert_eq!(
        first,
        "accounts  20 opened, 0 opened before, 0 refused\n\
         deposits  14 posted (6070.47 EUR, 23987250 KRW), 0 posted before, 0 refused\n\
         month 1   30 posted (2023.49 EUR, 7995750 KRW), 0 posted before, 0 refused\n"
    );
    for month in ["2", "3"] {
        let later = bank.run(&["import", &examples(), "--month", month]).succeeded();
        let expected = format!(
            "accounts  0 opened, 20 opened before, 0 refused\n\
                 deposits  0 posted, 14 posted before, 0 refused\n\
                 month {month}   30 posted (2023.49 EUR, 7995750 KRW), 0 posted before, 0 refused\n"
        );
        assert!(later.ends_with(&expected), "{later}");
    }
    let paid_out = bank.balances();
    assert_eq!(paid_out.iter().filter(|(_, posted)| *posted == 0).count(), 14, "{paid_out:?}");

    for told in ["30 refused\n          refused 30", "0 refused, 30 refused before\n          refused before 30"] {
        let fourth = bank.run(&["import", &examples(), "--month", "4"]);
        let expected = format!("month 4   0 posted, 0 posted before, {told}: insufficient_funds\n");
        assert!(fourth.status == 1 && fourth.stdout.ends_with(&expected), "{fourth:?}");
        let when = if told.contains("before") { "before" } else { "now" };
        let line = format!("orders.csv: line 2, order 101: refused {when}: ");
        assert!(fourth.stderr.contains(&line) && fourth.stderr.contains("(insufficient_funds)\n"), "{fourth:?}");
        assert_eq!(fourth.stderr.lines().count(), 31);
        assert!(fourth.stderr.ends_with("\nerror: 30 rows could not be imported\n"), "{fourth:?}");
    }
    assert_eq!(bank.balances(), paid_out);
    let audit = bank.run(&["check", "--deep"]).succeeded();
    assert!(audit.contains("customers 23987250, cash -23987250, fees 0, sum 0"), "{audit}");
    assert!(audit.ends_with("ok\n"), "{audit}");
}

#[test]
fn repeating_a_month_changes_nothing() {
    let bank = Scratch::with_examples();
    let before = (bank.balances(), bank.run(&["check"]).succeeded());
    let again = bank.run(&["import", &examples()]).succeeded();
    assert!(again.ends_with("month 1   0 posted, 30 posted before, 0 refused\n"), "{again}");
    assert_eq!((bank.balances(), bank.run(&["check"]).succeeded()), before);
}

#[test]
fn a_bad_row_is_reported_and_the_others_proceed() {
    let bank = Scratch::new();
    let files = bank.files(
        "number,owner,currency,opened,type\n\
         A,mina,KRW,2024-01-01,\n\
         B,joon,KRW,2024-01-01,basic\n\
         A B,joon,KRW,,\n\
         C,bank,KRW,,\n\
         D,sora,WON,,\n\
         E,sora,EUR,,gold\n\
         A,mina,KRW,,\n\
         F,,KRW,,\n",
        "to,amount,label\nA,1000,opening\nB,1.5,opening\nZ,5,opening\n",
        "order,from,to,amount,label\n\
         1,A,B,300,rent\n\
         2,A,B,-300,rent\n\
         3,A,B,9007199254740992,rent\n\
         4,A,B,\n\
         5,A,Q,1,rent\n\
         1,A,B,1,rent\n\
         6,A,B,1,more than ten\n\
         7,A,B,200,rent\n",
    );
    let ran = bank.run(&["import", &files]);
    assert_eq!(ran.status, 1, "{ran:?}");
    let expected = "accounts  2 opened, 0 opened before, 0 refused\n\
                    deposits  1 posted (1000 KRW), 0 posted before, 0 refused\n\
                    month 1   2 posted (500 KRW), 0 posted before, 0 refused\n";
    assert!(ran.stdout.ends_with(expected), "{ran:?}");
    let places = [
        ("accounts.csv: line 4, column 1 (number): ", "an account number is"),
        ("accounts.csv: line 5, column 2 (owner): ", "the bank itself"),
        ("accounts.csv: line 6, column 3 (currency): ", "WON is not a currency of ISO 4217"),
        ("accounts.csv: line 7, column 5 (type): ", "there is no account type gold"),
        ("accounts.csv: line 8, column 1 (number): ", "is in line 2 already"),
        ("accounts.csv: line 9, column 2 (owner): ", "an owner is"),
        ("deposits.csv: line 3, column 2 (amount): ", "1 decimal, its currency has 0"),
        ("deposits.csv: line 4, column 1 (to): ", "there is no account Z"),
        ("orders.csv: line 3, column 4 (amount): ", "the amount is negative"),
        ("orders.csv: line 4, column 4 (amount): ", "over the maximum"),
        ("orders.csv: line 5, column 5 (label): ", "the row has 4 fields, but the header has 5"),
        ("orders.csv: line 6, column 3 (to): ", "there is no account Q"),
        ("orders.csv: line 7, column 1 (order): ", "order 1 is in line 2 already"),
        ("orders.csv: line 8, column 5 (label): ", "a label has at most 10 characters"),
    ];
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), places.len() + 1, "{}", ran.stderr);
    for (line, (place, reason)) in lines.iter().zip(places) {
        assert!(line.contains(place) && line.contains(reason), "{line}\nis not about {place}{reason}");
    }
    assert_eq!(lines.last(), Some(&"error: 14 rows could not be imported"));
    assert_eq!(bank.balances(), [("A".into(), 500), ("B".into(), 500)]);
}

#[test]
fn corrected_rows_are_imported_by_the_next_run_and_no_row_twice() {
    let bank = Scratch::new();
    let wrong = bank.files(ACCOUNTS, "to,amount\nA,10.5\nA,1000\n", ORDERS);
    assert_eq!(bank.run(&["import", &wrong]).status, 1);
    let right = bank.files(ACCOUNTS, "to,amount\nA,105\nA,1000\n", ORDERS);
    let output = bank.run(&["import", &right]).succeeded();
    assert!(output.contains("deposits  1 posted (105 KRW), 1 posted before, 0 refused\n"), "{output}");
    assert_eq!(bank.balances(), [("A".into(), 605), ("B".into(), 500), ("E".into(), 0)]);
}

#[test]
fn strict_refuses_everything_before_anything_moves() {
    let bank = Scratch::new();
    let files = bank.files(ACCOUNTS, DEPOSITS, "order,from,to,amount\n1,A,B,300\n2,A,B,1.5\n");
    let ran = bank.run(&["import", &files, "--strict"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{ran:?}");
    assert!(ran.stderr.contains("orders.csv: line 3, column 4 (amount): "), "{ran:?}");
    assert!(ran.stderr.ends_with("error: 1 row cannot be read, so nothing was imported\n"), "{ran:?}");
    assert!(!bank.data().exists(), "a refused import left a bank behind");

    let files = bank.files(ACCOUNTS, DEPOSITS, ORDERS);
    bank.run(&["import", &files, "--strict"]).succeeded();
    assert_eq!(bank.balances(), [("A".into(), 500), ("B".into(), 500), ("E".into(), 1250)]);
}

#[test]
fn accounts_of_the_bank_can_be_named_without_being_in_the_file() {
    let bank = Scratch::new();
    bank.run(&["open", "--owner", "sora", "--number", "S", "--currency", "EUR"]).succeeded();
    let files = bank.files("number,owner,currency\n", "to,amount\nS,7.25\n", "order,from,to,amount\n");
    bank.run(&["import", &files]).succeeded();
    assert_eq!(bank.balances(), [("S".into(), 725)]);

    // The file says KRW, so its amounts would have the wrong decimals.
    let files = bank.files("number,owner,currency\nS,sora,KRW\n", "to,amount\n", "order,from,to,amount\n");
    let ran = bank.run(&["import", &files]);
    assert!(ran.stderr.contains("account S exists already, in EUR"), "{ran:?}");
}

#[test]
fn refusals_are_counted_by_reason() {
    let bank = Scratch::new();
    let orders = "order,from,to,amount\n1,A,B,2000\n2,A,A,1\n3,A,B,0\n4,A,E,1\n5,B,A,1\n";
    let files = bank.files(ACCOUNTS, DEPOSITS, orders);
    let ran = bank.run(&["import", &files]);
    let (status, output) = (ran.status, ran.stdout);
    let expected = "month 1   0 posted, 0 posted before, 5 refused\n\
                    \x20         refused 1: amount_zero\n\
                    \x20         refused 1: currency_mismatch\n\
                    \x20         refused 2: insufficient_funds\n\
                    \x20         refused 1: same_account\n";
    assert!(status == 1 && output.ends_with(expected), "{output}");
}

#[test]
fn a_missing_or_malformed_file_is_named() {
    let bank = Scratch::new();
    let missing = bank.run(&["import", "nowhere"]).failed(2);
    assert!(missing.starts_with("cannot read nowhere/accounts.csv: "), "{missing}");
    let files = bank.files(ACCOUNTS, "to,label\n", ORDERS);
    let malformed = bank.run(&["import", &files]).failed(1);
    let expected = "deposits.csv: line 1: the header has no column \"amount\"; it has to, label; known columns are to, amount, \
                    label, id";
    assert!(malformed.ends_with(expected), "{malformed}");
    assert!(!bank.data().exists());
}
