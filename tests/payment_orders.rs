//! The payment orders of a real bank, if available: in the folder named by `JANGBU_PAYMENT_ORDERS`, or in
//! `../shared/data/payment-orders`. They are not part of this repository, and without them the test is skipped.

#[expect(dead_code, reason = "written for more tests than this one")]
#[path = "cli/program.rs"]
mod program;

use std::path::{Path, PathBuf};

use program::Scratch;

const MONTH_HALER: i64 = 2_122_899_360;

fn folder() -> Option<PathBuf> {
    let nearby = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/payment-orders");
    let folder = std::env::var_os("JANGBU_PAYMENT_ORDERS").map_or_else(nearby, PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[test]
fn three_months_of_orders_post_in_full_and_the_fourth_is_refused() {
    let Some(folder) = folder() else {
        println!("skipped: the payment orders are not on this machine (see JANGBU_PAYMENT_ORDERS)");
        return;
    };
    let folder = folder.to_string_lossy();
    let bank = Scratch::new();
    let import = |month: &str| bank.run(&["import", &folder, "--strict", "--month", month]).succeeded();

    let first = import("1");
    assert!(first.contains("accounts  10946 opened, 0 opened before, 0 refused\ndeposits  3758 posted"), "{first}");
    for (month, output) in [("1", first), ("2", import("2")), ("3", import("3"))] {
        let expected = format!("month {month}   6471 posted (21228993.60 CZK), 0 posted before, 0 refused\n");
        assert!(output.ends_with(&expected), "{output}");
    }

    // The numbers of accounts at other banks include a bank code. Nobody paid into any other account.
    let balances = bank.balances();
    assert_eq!(balances.len(), 10_946);
    let (others, own): (Vec<_>, Vec<_>) = balances.iter().partition(|(number, _)| number.contains('-'));
    assert_eq!((own.len(), others.len()), (4_500, 6_446));
    assert!(own.iter().all(|(_, posted)| *posted == 0), "a paying account is not at 0.00");
    assert_eq!(others.iter().map(|(_, posted)| posted).sum::<i64>(), 3 * MONTH_HALER);

    let fourth = bank.run(&["import", &folder, "--strict", "--month", "4"]);
    let expected = "month 4   0 posted, 0 posted before, 6471 refused\n          refused 6471: insufficient_funds\n";
    assert!(fourth.status == 1 && fourth.stdout.ends_with(expected), "{}", fourth.stdout);
    assert_eq!(fourth.stderr.lines().count(), 6_471 + 1);
    assert_eq!(bank.balances(), balances);

    let again = import("2");
    assert!(again.ends_with("month 2   0 posted, 6471 posted before, 0 refused\n"), "{again}");
    assert_eq!(bank.balances(), balances);
    let audit = bank.run(&["check", "--deep"]).succeeded();
    assert!(audit.contains(", sum 0.00\n") && audit.ends_with("ok\n"), "{audit}");
}
