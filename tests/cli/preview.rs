//! `jangbu transfer --dry-run`: what would come of a transfer, and nothing else.

use crate::program::Scratch;

fn two_accounts() -> Scratch {
    let scratch = Scratch::new();
    for (owner, number) in [("mina", "A"), ("joon", "B")] {
        scratch.run(&["open", "--owner", owner, "--number", number]).succeeded();
    }
    scratch.run(&["deposit", "A", "1000"]).succeeded();
    scratch
}

#[test]
fn a_dry_run_tells_the_figures_and_moves_nothing() {
    let scratch = two_accounts();
    let told = scratch.run(&["transfer", "A", "B", "400", "--dry-run", "--format", "json"]);
    assert_eq!((told.status, told.stderr.as_str()), (0, ""), "{told:?}");
    let quote: serde_json::Value = serde_json::from_str(&told.stdout).expect("one JSON object");
    assert_eq!((&quote["total"], &quote["headroom"]["available"]), (&400.into(), &600.into()));
    let account = scratch.run(&["account", "A", "--format", "json"]);
    let account: serde_json::Value = serde_json::from_str(&account.stdout).expect("one JSON object");
    assert_eq!(account["posted"], 1000);
}

#[test]
fn a_dry_run_that_would_be_refused_tells_what_would_pass() {
    let scratch = two_accounts();
    let told = scratch.run(&["transfer", "A", "B", "1001", "--dry-run"]);
    assert_eq!(told.status, 1);
    assert!(told.stdout.contains("insufficient_funds") && told.stdout.contains("1000"), "{told:?}");
    assert!(told.stderr.starts_with("error: "), "{told:?}");
}
