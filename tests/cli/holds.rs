//! `jangbu hold`: correct and wrong use of each subcommand.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use serde_json::{Value, json};

use super::program::Scratch;

const HOLD: &str = "0192f0c1-2345-7abc-8def-0123456789ab";
const NOBODYS: &str = "0192f0c1-2345-7abc-8def-000000000000";

/// A bank in which A has 100.00 EUR and B nothing; transfers of A cost 0.50.
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
    bank.set_type(paid).unwrap();
    for (number, owner) in [("A", "mina"), ("B", "joon")] {
        let (number, owner) = (AccountNumber::new(number).unwrap(), OwnerId::new(owner).unwrap());
        bank.set_owner(owner, 0).unwrap();
        bank.open_account(OpenAccount::new(owner).with_number(number).with_type(code)).unwrap();
    }
    let a = AccountNumber::new("A").unwrap();
    bank.deposit(CashPosting::new(a, Amount::new(10_000).unwrap())).unwrap();
    bank.close().unwrap();
    scratch
}

fn place(bank: &Scratch, amount: &str) -> Value {
    bank.run(&["hold", "place", "A", "B", amount, "--id", HOLD, "--label", "hotel", "--format", "json"]).json()
}

fn figures(bank: &Scratch, number: &str) -> [i64; 4] {
    let account = bank.run(&["account", number, "--format", "json"]).json();
    ["posted", "held", "available", "pending_in"].map(|name| account[name].as_i64().unwrap())
}

fn keys(object: &Value) -> String {
    let mut keys: Vec<&str> = object.as_object().expect("a JSON object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys.join(" ")
}

#[test]
fn a_hold_is_placed_raised_captured_in_parts_and_closed() {
    let bank = bank();
    let placed = place(&bank, "30");
    assert_eq!(keys(&placed), "amount currency date expires_at fee id position recorded_at");
    assert_eq!((&placed["id"], &placed["amount"], &placed["fee"]), (&json!(HOLD), &json!(3_000), &json!(50)));
    assert_eq!(place(&bank, "30"), placed, "the same id gets the first answer again");
    assert_eq!((figures(&bank, "A"), figures(&bank, "B")), ([10_000, 3_050, 6_950, 0], [0, 0, 0, 3_000]));

    let raised = bank.run(&["hold", "amend", HOLD, "--raise-to", "40.00", "--format", "json"]).json();
    assert_eq!((&raised["amount"], &raised["status"]), (&json!(4_000), &json!("held")));

    let part = bank.run(&["hold", "settle", HOLD, "12.50", "--keep", "--format", "json"]).json();
    assert_eq!(
        keys(&part),
        "amount captured currency fee hold id position receiver_balance recorded_at released remaining sender_balance status"
    );
    assert_eq!((&part["amount"], &part["fee"], &part["status"]), (&json!(1_250), &json!(50), &json!("held")));
    assert_eq!((&part["remaining"], &part["sender_balance"]), (&json!(2_750), &json!(8_700)));

    let table = bank.run(&["hold", "settle", HOLD, "10"]).succeeded();
    for line in [["amount", "10.00"], ["fee", "0.00"], ["released", "17.50"], ["status", "partly_settled"]] {
        assert!(table.lines().any(|found| found.split_whitespace().eq(line)), "{line:?}: {table}");
    }
    assert_eq!((figures(&bank, "A"), figures(&bank, "B")), ([7_700, 0, 7_700, 0], [2_250, 0, 2_250, 0]));
    let shown = bank.run(&["hold", "show", HOLD, "--format", "json"]).json();
    assert_eq!(
        (&shown["status"], &shown["captured"], &shown["label"]),
        (&json!("partly_settled"), &json!(2_250), &json!("hotel"))
    );
    // The hold has two captures, so the one to reverse must be named; with a single capture there is no doubt.
    let rows = bank.run(&["transfers", "--hold", HOLD, "--order", "oldest", "--format", "json"]).json();
    let captures: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    let error = bank.run(&["reverse", HOLD]).failed(1);
    assert_eq!((captures.len(), captures.iter().all(|id| error.contains(id))), (2, true), "{error}");
    bank.run(&["reverse", captures[1], "3"]).succeeded();
    let back = bank.run(&["transfers", "--hold", HOLD, "--kind", "settlement,reversal", "--format", "json"]).json();
    assert_eq!((&back[0]["id"], &back[0]["reversed"]), (&json!(captures[1]), &json!(300)));
    bank.run(&["hold", "place", "A", "B", "2", "--id", NOBODYS]).succeeded();
    bank.run(&["hold", "settle", NOBODYS]).succeeded();
    bank.run(&["reverse", NOBODYS]).succeeded();
    bank.run(&["check"]).succeeded();
}

#[test]
fn a_void_releases_everything_and_shows_the_reason() {
    let bank = bank();
    place(&bank, "30.00");
    let voided = bank
        .run(&[
            "hold",
            "void",
            HOLD,
            "--reason",
            "changed my mind",
            "--customer-text",
            "As you asked",
            "--format",
            "json",
        ])
        .json();
    assert_eq!((&voided["released"], &voided["status"]), (&json!(3_050), &json!("voided")));
    assert_eq!(figures(&bank, "A"), [10_000, 0, 10_000, 0]);
    let shown = bank.run(&["hold", "show", HOLD, "--format", "json"]).json();
    assert_eq!((&shown["status"], &shown["reason"]), (&json!("voided"), &json!("changed my mind")));
    assert_eq!(shown["customer_text"], "As you asked");
    assert!(shown["ended_at"].is_string() && shown["waits_for"] == "", "{shown}");
}

#[test]
fn holds_are_listed_in_order_with_what_they_wait_for() {
    let bank = bank();
    place(&bank, "30");
    bank.run(&["hold", "place", "A", "B", "1", "--expires-in", "2h"]).succeeded();
    bank.run(&["hold", "place", "A", "B", "2", "--expires", "2200-01-01T00:00:00Z"]).succeeded();
    let list = bank.run(&["hold", "list", "A", "--format", "json"]).json();
    let seen: Vec<_> = list.as_array().unwrap().iter().map(|hold| (&hold["order"], &hold["amount"])).collect();
    assert_eq!(seen, [(&json!(1), &json!(3_000)), (&json!(2), &json!(100)), (&json!(3), &json!(200))]);
    assert_eq!(
        keys(&list[0]),
        "age_s amount captured currency expires_at fee id label order placed_at remaining to waits_for"
    );
    assert_eq!((&list[0]["expires_at"], &list[0]["waits_for"]), (&Value::Null, &json!("settlement")));
    let moment = |hold: &Value, name: &str| hold[name].as_str().unwrap().parse::<jangbu::Timestamp>().unwrap().as_ns();
    let (placed, expires) = (moment(&list[1], "placed_at"), moment(&list[1], "expires_at"));
    // The clock is read once to compute the expiry, and again when the bank accepts the hold.
    assert!((7_100_000_000_000..=7_200_000_000_000).contains(&(expires - placed)), "{list}");
    assert!(list[0]["age_s"].as_u64().unwrap() < 100, "{list}");
    assert_eq!(bank.run(&["hold", "list", "B", "--format", "json"]).json(), json!([]));
    let csv = bank.run(&["hold", "list", "A", "--format", "csv"]).succeeded();
    assert!(csv.starts_with(
        "\u{feff}order,id,to,currency,amount,captured,remaining,fee,placed_at,age,expires_at,waits_for,label\n"
    ));
    assert!(csv.contains(&format!("\n1,{HOLD},B,EUR,30.00,0.00,30.00,0.50,")), "{csv}");

    let accounts = bank.run(&["accounts", "--format", "json"]).json();
    let of = |number: &str| accounts.as_array().unwrap().iter().find(|account| account["number"] == number).unwrap();
    assert_eq!((&of("A")["open_holds"], &of("B")["pending_in"]), (&json!(3), &json!(3_300)));
    let account = bank.run(&["account", "A", "--format", "json"]).json();
    assert_eq!((&account["holds"][0]["id"], &account["holds"][0]["held"]), (&json!(HOLD), &json!(3_050)));
    let table = bank.run(&["account", "A"]).succeeded();
    assert!(table.lines().any(|line| line.split_whitespace().eq(["open_holds", "3"])), "{table}");
}

#[test]
fn an_overdue_hold_is_shown_as_expired_before_it_is_recorded() {
    let bank = bank();
    bank.run(&["hold", "place", "A", "B", "5", "--id", NOBODYS]).succeeded();
    let placed = bank.run(&["hold", "place", "A", "B", "30", "--expires-in", "1s", "--format", "json"]).json();
    let hold = placed["id"].as_str().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    // The expiry is not recorded yet, but everything that only reads shows it.
    assert_eq!((figures(&bank, "A"), figures(&bank, "B")), ([10_000, 550, 9_450, 0], [0, 0, 0, 500]));
    let list = bank.run(&["hold", "list", "A", "--format", "json"]).json();
    assert_eq!(list.as_array().unwrap().iter().map(|hold| &hold["id"]).collect::<Vec<_>>(), [NOBODYS]);
    let shown = bank.run(&["hold", "show", hold, "--format", "json"]).json();
    assert_eq!(
        (&shown["status"], &shown["remaining"], &shown["waits_for"]),
        (&json!("expired"), &json!(0), &json!(""))
    );
    let rows = bank.run(&["transfers", "--status", "expired", "--format", "json"]).json();
    assert_eq!((rows.as_array().unwrap().len(), &rows[0]["id"]), (1, &json!(hold)));
    assert_eq!(bank.run(&["transfers", "--status", "held", "--format", "json"]).json()[0]["id"], NOBODYS);
    let quote = bank.run(&["transfer", "A", "B", "94.00", "--dry-run"]);
    assert_eq!(quote.status, 0, "{quote:?}");
    bank.run(&["transfer", "A", "B", "94.00"]).succeeded();
    assert_eq!(figures(&bank, "A"), [550, 550, 0, 0]);
    let error = bank.run(&["hold", "settle", hold]).failed(1);
    assert_eq!(error, format!("refused: the hold {hold} has expired (hold_expired)"));
    bank.run(&["check"]).succeeded();
}

#[test]
fn refusals_of_holds_name_the_reason() {
    let bank = bank();
    place(&bank, "30");
    for (arguments, code) in [
        (&["place", "A", "B", "0"][..], "amount_zero"),
        (&["place", "A", "A", "1"], "same_account"),
        (&["place", "A", "B", "70"], "insufficient_funds"),
        (&["place", "A", "nobody", "1"], "account_unknown"),
        (&["place", "nobody", "B", "1"], "account_unknown"),
        (&["place", "A", "B", "1", "--expires", "2001-01-01T00:00:00Z"], "expiry_passed"),
        (&["place", "A", "B", "1", "--id", HOLD], "id_reused"),
        (&["settle", HOLD, "30.01"], "capture_too_large"),
        (&["settle", HOLD, "0"], "amount_zero"),
        (&["settle", NOBODYS], "hold_unknown"),
        (&["void", NOBODYS], "hold_unknown"),
        (&["show", NOBODYS], "hold_unknown"),
        (&["amend", NOBODYS, "--raise-to", "1"], "hold_unknown"),
        (&["amend", HOLD, "--raise-to", "29.99"], "hold_lowered"),
        (&["amend", HOLD, "--raise-to", "99.51"], "insufficient_funds"),
        (&["amend", HOLD, "--expires", "2001-01-01T00:00:00Z"], "expiry_passed"),
        (&["list", "nobody"], "account_unknown"),
    ] {
        let error = bank.run(&[&["hold"], arguments].concat()).failed(1);
        assert!(error.starts_with("refused: ") && error.ends_with(&format!("({code})")), "{arguments:?}: {error}");
    }
    assert_eq!(figures(&bank, "A"), [10_000, 3_050, 6_950, 0]);
    bank.run(&["hold", "settle", HOLD]).succeeded();
    for arguments in [["hold", "settle", HOLD], ["hold", "void", HOLD]] {
        assert_eq!(bank.run(&arguments).failed(1), format!("refused: the hold {HOLD} is settled (hold_settled)"));
    }
    assert!(bank.run(&["hold", "amend", HOLD, "--raise-to", "50"]).failed(1).ends_with("(hold_settled)"));
}

#[test]
fn malformed_amounts_and_texts_are_refused() {
    let bank = bank();
    place(&bank, "30");
    for (arguments, reason) in [
        (&["place", "A", "B", "1.001"][..], "the amount has 3 decimals, its currency has 2"),
        (&["place", "A", "B", "-1"], "the amount is negative"),
        (&["settle", HOLD, "1.001"], "the amount has 3 decimals, its currency has 2"),
        (&["settle", HOLD, "-1"], "the amount is negative"),
        (&["amend", HOLD, "--raise-to", "fifty"], "the amount is not a number"),
        (&["place", "A", "B", "1", "--label", "more than ten"], "a label has at most 10 characters"),
    ] {
        let error = bank.run(&[&["hold"], arguments].concat()).failed(2);
        assert!(error.contains(reason), "{arguments:?}: {error}");
    }
    let long = "x".repeat(141);
    assert!(bank.run(&["hold", "void", HOLD, "--reason", &long]).failed(2).contains("at most 140 characters"));
    for arguments in [
        &["place", "A", "B"][..],
        &["place", "A", "B", "1", "--expires", "tomorrow"],
        &["place", "A", "B", "1", "--expires-in", "soon"],
        &["place", "A", "B", "1", "--expires-in", "2h", "--expires", "2200-01-01T00:00:00Z"],
        &["place", "A", "B", "1", "--expires-in", "2h", "--id", NOBODYS],
        &["settle", "7"],
        &["settle", HOLD, "--keep"],
        &["amend", HOLD],
        &["give"],
    ] {
        let ran = bank.run(&[&["hold"], arguments].concat());
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{arguments:?}: {ran:?}");
    }
    assert_eq!(figures(&bank, "A"), [10_000, 3_050, 6_950, 0]);
}

#[test]
fn a_fee_above_the_accepted_one_is_refused() {
    let bank = bank();
    for (arguments, most_fee, refused) in [
        (["transfer", "A", "B", "1"].as_slice(), "0.49", true),
        (&["transfer", "A", "B", "1"], "0.50", false),
        (&["transfer", "A", "B", "1", "--at-most"], "0.49", true),
        (&["hold", "place", "A", "B", "1"], "0.49", true),
        (&["hold", "place", "A", "B", "1"], "0.50", false),
    ] {
        let before = figures(&bank, "A");
        let ran = bank.run(&[arguments, &["--most-fee", most_fee]].concat());
        match refused {
            true => {
                let error = ran.failed(1);
                assert!(error.contains("(fee_too_high)"), "{arguments:?}: {error}");
                assert_eq!(figures(&bank, "A"), before, "{arguments:?}");
            }
            false => drop(ran.succeeded()),
        }
    }
}
