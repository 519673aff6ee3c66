//! `jangbu repair`, on a journal in which an early version reversed steps twice.

use std::path::Path;

use serde_json::json;

use super::program::Scratch;

/// The commands in the fixture whose step was reversed twice.
const TWICE: [&str; 2] = ["277472e8-7a15-8df8-85b7-b36e4f5b6c80", "d469e183-8015-860c-944b-59f7c3736449"];
const ID: &str = "0192f0c1-2345-7abc-8def-0123456789ab";

#[test]
fn faults_named_by_check_are_repaired() {
    let bank = Scratch::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("actors/tests/fixtures/bank-reversed-twice/journal");
    let journal = bank.data().join("journal");
    std::fs::create_dir_all(&journal).expect("a directory for the journal");
    for file in std::fs::read_dir(fixture).expect("the fixture") {
        let file = file.expect("a file of the fixture");
        std::fs::copy(file.path(), journal.join(file.file_name())).expect("a copy of it");
    }
    // The fixture was written years before some runs of this test.
    std::fs::write(bank.data().join("jangbu.toml"), "clock_lead_s = 3153600000\n").expect("settings");
    let found = bank.run(&["check"]).failed(1);
    for original in TWICE {
        assert!(found.contains(&format!("`jangbu repair reversal {original} --step 0` returns it")), "{found}");
    }
    let repair = |original: &str, more: &[&str]| {
        bank.run(&[&["repair", "reversal", original, "--step", "0", "--format", "json"], more].concat())
    };
    let receipt = repair(TWICE[0], &["--id", ID]).json();
    assert_eq!((&receipt["amount"], &receipt["fee"], &receipt["currency"]), (&json!(60), &json!(0), &json!("KRW")));
    assert_eq!((&receipt["sender_balance"], &receipt["receiver_balance"]), (&json!(5_040), &json!(4_960)));
    assert_eq!(repair(TWICE[0], &["--id", ID]).json(), receipt, "the same id gets the first answer again");
    assert!(!bank.run(&["check"]).failed(1).contains(TWICE[0]), "the other one is left");
    repair(TWICE[1], &[]).succeeded();
    bank.run(&["check", "--deep"]).succeeded();
    let error = repair(TWICE[0], &[]).failed(1);
    assert_eq!(error, format!("refused: the reversals of {} need no repair (reversals_sound)", TWICE[0]));
    assert!(repair(ID, &[]).failed(1).ends_with("(not_reversible)"));
    assert_eq!(bank.run(&["repair", "reversal", "7"]).status, 2);
}
