//! Amounts in decimals, in refusals and in the bounds of a list.

use super::program::Scratch;

const PAID: &str = "0192f0c1-2345-7abc-8def-0123456789ab";
const HOLD: &str = "0192f0c1-2345-7abc-8def-0123456789ac";

/// Creates a bank in which A had 12,345.67 EUR, paid 100.00 to B and holds 2,000.00 for it, and W has 1,234 KRW. A
/// transfer may move up to 5,000.00, and a day's transfers up to 8,000.00.
fn bank() -> Scratch {
    use jangbu::{
        AccountNumber, Amount, CashPosting, Currency, OpenAccount, OwnerId,
        accounts::{AccountType, TypeCode},
    };
    let scratch = Scratch::new();
    let bank = jangbu::blocking::Bank::open(scratch.data()).unwrap();
    let (code, euro): (TypeCode, Currency) = (TypeCode::new("capped").unwrap(), "EUR".parse().unwrap());
    let mut capped = AccountType::new(code, "capped", euro);
    capped.limit_per_transfer = Some(Amount::new(500_000).unwrap());
    capped.limit_per_day = Some(Amount::new(800_000).unwrap());
    bank.set_type(capped).unwrap();
    let number = |text: &str| AccountNumber::new(text).unwrap();
    for account in ["A", "B"] {
        let open = OpenAccount::new(OwnerId::new(account).unwrap()).with_number(number(account)).with_type(code);
        bank.open_account(open).unwrap();
    }
    for (account, cash) in [("W", 1_234), ("V", 0)] {
        bank.open_account(OpenAccount::new(OwnerId::new(account).unwrap()).with_number(number(account))).unwrap();
        if cash > 0 {
            bank.deposit(CashPosting::new(number(account), Amount::new(cash).unwrap())).unwrap();
        }
    }
    bank.deposit(CashPosting::new(number("A"), Amount::new(1_234_567).unwrap())).unwrap();
    bank.close().unwrap();
    scratch.run(&["transfer", "A", "B", "100", "--id", PAID]).succeeded();
    scratch.run(&["hold", "place", "A", "B", "2000", "--id", HOLD]).succeeded();
    scratch
}

#[test]
fn refusals_have_decimals_and_the_currency() {
    let bank = bank();
    let steps = bank.path().join("steps.csv");
    std::fs::write(&steps, "transfer,A,B,1\ntransfer,W,V,99999\n").unwrap();
    let steps = steps.to_string_lossy().into_owned();
    let linked = format!("{steps}, line 2 (step 1): 99,999 KRW needed, 1,234 available (insufficient_funds)");
    for (arguments, error) in [
        (&["transfer", "W", "V", "99999"][..], "99,999 KRW needed, 1,234 available (insufficient_funds)"),
        (
            &["transfer", "A", "B", "5000.01"],
            "5,000.01 EUR requested, the limit per transfer is 5,000.00 (limit_per_transfer)",
        ),
        (&["transfer", "B", "A", "100.05"], "100.05 EUR needed, 100.00 available (insufficient_funds)"),
        (&["withdraw", "W", "5000"], "5,000 KRW needed, 1,234 available (insufficient_funds)"),
        (&["hold", "place", "B", "A", "1000.50"], "1,000.50 EUR needed, 100.00 available (insufficient_funds)"),
        (&["hold", "settle", HOLD, "2000.01"], "2,000.01 EUR requested, 2,000.00 left of the hold (capture_too_large)"),
        (
            &["hold", "amend", HOLD, "--raise-to", "1999.99"],
            "the hold's amount is 2,000.00 EUR and cannot be lowered to 1,999.99 (hold_lowered)",
        ),
        (&["reverse", PAID, "100.01"], "100.01 EUR requested, 100.00 left to reverse (reversal_too_large)"),
        (&["sweep", "B", "A", "--target", "100"], "the balance is already 100.00 EUR (nothing_to_sweep)"),
        (&["sweep", "A", "B", "--target", "99999.99"], "87,754.32 EUR needed, 100.00 available (insufficient_funds)"),
        (&["link", &steps], &linked),
    ] {
        let refused = bank.run(arguments).failed(1);
        assert_eq!(refused, format!("refused: {error}"), "{arguments:?}");
        let told = bank.run(&[arguments, &["--dry-run"]].concat());
        assert_eq!((told.status, told.stderr), (1, format!("error: refused: {error}\n")), "{arguments:?}");
    }
}

#[test]
fn lists_are_bounded_by_amounts_in_decimals() {
    let bank = bank();
    let found = |more: &[&str]| {
        let list = bank.run(&[&["transfers", "--format", "json", "--order", "oldest"], more].concat()).json();
        let seen = |row: &serde_json::Value| {
            let currency = row["currency"].as_str().unwrap();
            format!("{} {currency} of {}", row["amount"].as_u64().unwrap(), row["scale"].as_u64().unwrap())
        };
        list.as_array().unwrap().iter().map(seen).collect::<Vec<_>>()
    };
    let [won, euro, paid, held] = ["1234 KRW of 0", "1234567 EUR of 2", "10000 EUR of 2", "200000 EUR of 2"];
    assert_eq!(found(&[]), [won, euro, paid, held]);
    // In minor units, the amount in euros is a hundred times as large.
    assert_eq!(found(&["--least", "1234"]), [won, euro, held]);
    assert_eq!(found(&["--least", "1234.01"]), [euro, held]);
    assert_eq!(found(&["--least", "2000", "--most", "2000.00"]), [held]);
    assert_eq!(found(&["--most", "1234"]), [won, paid]);
    assert_eq!(found(&["--most", "1233.99"]), [paid]);
    assert_eq!(found(&["--currency", "KRW"]), [won]);
    assert_eq!(found(&["--currency", "EUR", "--limit", "1"]), [euro]);
    assert_eq!(found(&["--least", "9007199254740991"]), [""; 0]);
    for wrong in ["1,234", "ten", "-5", "1e3", ""] {
        let ran = bank.run(&["transfers", "--least", wrong]);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{wrong:?} {ran:?}");
    }
}
