//! Commands on several accounts: `link`, `reverse`, `sweep`, and `transfer --at-most`.

#![expect(clippy::unwrap_used, reason = "tests")]

use serde_json::{Value, json};

use super::program::{Ran, Scratch};

const ID: &str = "0192f0c1-2345-7abc-8def-0123456789ab";
const HOLD: &str = "0192f0c1-2345-7abc-8def-0123456789ac";
const NOBODYS: &str = "0192f0c1-2345-7abc-8def-000000000000";

/// A bank in which A has 100.00 EUR, B and C nothing, and W is in won.
fn bank() -> Scratch {
    let bank = Scratch::new();
    let files = bank.files(
        "number,owner,currency\nA,mina,EUR\nB,joon,EUR\nC,sora,EUR\nW,mina,KRW\n",
        "to,amount\nA,100.00\n",
        "order,from,to,amount\n",
    );
    bank.run(&["import", &files]).succeeded();
    bank
}

/// Links the steps of a file, whose name is printed as `F`.
fn link(bank: &Scratch, steps: &str, more: &[&str]) -> Ran {
    let path = bank.path().join("steps.csv");
    std::fs::write(&path, steps).unwrap();
    let path = path.to_string_lossy().into_owned();
    let mut ran = bank.run(&[&["link", &path, "--format", "json"], more].concat());
    ran.stderr = ran.stderr.replace(&path, "F");
    ran
}

fn posted(bank: &Scratch) -> [i64; 3] {
    let balances = bank.balances();
    ["A", "B", "C"].map(|number| balances.iter().find(|(found, _)| found == number).unwrap().1)
}

#[test]
fn linked_steps_happen_together() {
    let bank = bank();
    bank.run(&["hold", "place", "A", "C", "10", "--id", HOLD]).succeeded();
    let steps = format!(
        "# B has nothing before the first step\n\ntransfer,A,B,60.00,rent\ntransfer,B,C,50\nat-most,B,A,99\nsettle,{HOLD},4,keep\n"
    );
    let done = link(&bank, &steps, &["--id", ID]).json();
    assert_eq!((&done["id"], &done["steps"]), (&json!(ID), &json!(4)));
    assert!(done["position"].is_u64(), "{done}");
    assert_eq!(posted(&bank), [4_600, 0, 5_400]);
    assert_eq!(link(&bank, &steps, &["--id", ID]).json(), done, "the same id gets the first answer again");
    let statement = bank.run(&["statement", "A", "--format", "json"]).json();
    assert!(statement.as_array().unwrap().iter().any(|entry| entry["label"] == "rent"), "{statement}");
    let hold = bank.run(&["hold", "show", HOLD, "--format", "json"]).json();
    assert_eq!((&hold["status"], &hold["remaining"]), (&json!("held"), &json!(600)));
    link(&bank, &format!("settle,{HOLD}\n"), &[]).succeeded();
    assert_eq!(posted(&bank), [4_000, 0, 6_000]);
    bank.run(&["check"]).succeeded();
}

#[test]
fn steps_hold_money_and_later_commands_draw_on_it() {
    let bank = bank();
    let steps = "transfer,A,B,5,fee\nhold,A,C,60,order 7,2100-12-31,0,E2E-7\nhold,A,B,10\n";
    link(&bank, steps, &["--id", ID]).succeeded();
    let hold = format!("{ID}.1");
    let shown = |hold: &str| bank.run(&["hold", "show", hold, "--format", "json"]).json();
    let first = shown(&hold);
    assert_eq!((&first["id"], &first["status"], &first["label"]), (&json!(hold), &json!("held"), &json!("order 7")));
    assert_eq!((&first["end_to_end_id"], first["expires_at"].is_string()), (&json!("E2E-7"), true), "{first}");
    let listed = bank.run(&["hold", "list", "A", "--format", "json"]).json();
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids, [json!(hold), json!(format!("{ID}.2"))]);
    bank.run(&["hold", "amend", &hold, "--raise-to", "70"]).succeeded();
    bank.run(&["hold", "settle", &hold, "20", "--keep"]).succeeded();
    link(&bank, &format!("settle,{hold},30\nvoid,{ID}.2\n"), &[]).succeeded();
    assert_eq!(posted(&bank), [4_500, 500, 5_000]);
    let of_hold = bank.run(&["transfers", "--hold", &hold, "--format", "json"]).json();
    assert_eq!(of_hold.as_array().unwrap().len(), 2, "{of_hold}");
    assert_eq!(shown(&hold)["status"], "partly_settled");
    let several = bank.run(&["reverse", &hold]).failed(1);
    assert!(several.contains("settled in several parts"), "{several}");
    // A command cannot draw on a hold that it places.
    let own = link(&bank, &format!("hold,A,B,1\nvoid,{NOBODYS}.0\n"), &["--id", NOBODYS]).failed(2);
    assert!(own.contains("only holds of earlier commands"), "{own}");
    let unknown = bank.run(&["hold", "void", &format!("{ID}.0")]).failed(1);
    assert!(unknown.contains("hold_unknown"), "{unknown}");
    for wrong in [".64", ".01", ".x", "."] {
        let ran = bank.run(&["hold", "show", &format!("{ID}{wrong}")]);
        assert_eq!(ran.status, 2, "{wrong}: {}", ran.stderr);
        assert!(ran.stderr.contains("a hold id is the id of the command that placed it"), "{}", ran.stderr);
    }
    bank.run(&["check"]).succeeded();
}

#[test]
fn linked_steps_can_be_reversed_once() {
    let bank = bank();
    let steps = "transfer,a,b,60,rent,0,E2E-1\ntransfer,B,C,50\n";
    link(&bank, steps, &["--id", ID]).succeeded();
    let told = bank.run(&["transfers", "--format", "json"]).json();
    assert!(told.as_array().unwrap().iter().any(|it| it["end_to_end_id"] == "E2E-1"), "{told}");
    // C pays back first, so that B has the money to pay back.
    let back = format!("reverse,{ID},,1,back\nreverse,{ID},59.50\n");
    link(&bank, &back, &[]).succeeded();
    assert_eq!(posted(&bank), [9_950, 50, 0]);
    let again = link(&bank, &format!("reverse,{ID}\nreverse,{ID},0.01,1\n"), &[]).failed(1);
    let nothing = "line 2 (step 1): 0.01 EUR requested, 0.00 left to reverse (reversal_too_large)";
    assert_eq!(again, format!("refused: F, {nothing}"));
    let twice = link(&bank, &format!("reverse,{ID},0.1\nreverse,{ID},0.1\n"), &[]).failed(2);
    assert!(twice.contains("reverses each movement at most once"), "{twice}");
    assert_eq!(posted(&bank), [9_950, 50, 0]);
    link(&bank, &format!("reverse,{ID}\n"), &[]).succeeded();
    assert_eq!(posted(&bank), [10_000, 0, 0]);
    bank.run(&["check"]).succeeded();
}

#[test]
fn holds_are_voided_together() {
    let bank = bank();
    bank.run(&["hold", "place", "A", "B", "10", "--id", HOLD]).succeeded();
    bank.run(&["hold", "place", "A", "C", "20", "--id", ID]).succeeded();
    let error = link(&bank, &format!("void,{HOLD}\nvoid,{NOBODYS}\n"), &[]).failed(1);
    assert_eq!(error, format!("refused: F, line 2 (step 1): there is no hold {NOBODYS} (hold_unknown)"));
    link(&bank, &format!("void,{HOLD}\nvoid,{ID}\n"), &[]).succeeded();
    let account = bank.run(&["account", "A", "--format", "json"]).json();
    assert_eq!((&account["held"], &account["holds"]), (&json!(0), &json!([])));
}

#[test]
fn a_refused_row_is_named_and_nothing_moves() {
    let bank = bank();
    for (steps, error) in [
        (
            "transfer,A,B,60\n\n# more than is left\ntransfer,A,C,60\n",
            "line 4 (step 1): 60.00 EUR needed, 40.00 available (insufficient_funds)",
        ),
        ("transfer,A,B,1\ntransfer,A,nobody,1\n", "line 2 (step 1): there is no account nobody (account_unknown)"),
        ("transfer,nobody,B,1\n", "line 1 (step 0): there is no account nobody (account_unknown)"),
        ("transfer,A,B,1\ntransfer,A,B,0\n", "line 2 (step 1): the amount is zero (amount_zero)"),
        (
            "transfer,A,W,1\n",
            "line 1 (step 0): the sender's account is in EUR and the receiver's in KRW (currency_mismatch)",
        ),
    ] {
        assert_eq!(link(&bank, steps, &[]).failed(1), format!("refused: F, {error}"));
    }
    let unknown = link(&bank, &format!("settle,{NOBODYS},1\n"), &[]).failed(1);
    assert_eq!(unknown, format!("refused: F, line 1 (step 0): there is no hold {NOBODYS} (hold_unknown)"));
    assert_eq!(posted(&bank), [10_000, 0, 0]);
}

#[test]
fn rows_that_cannot_be_read_are_named() {
    let bank = bank();
    for (steps, error) in [
        ("", "the file has no steps"),
        ("# nothing\n\n", "the file has no steps"),
        (
            "transfer,A,B,1\nmove,A,B,1\n",
            "line 2, column 1 (step): \"move\" is not a step; the steps are transfer, at-most, hold, settle, void, reverse",
        ),
        (
            "transfer,A,B\n",
            "line 1, column 3 (step): the row has 3 fields; expected \
             transfer,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]]",
        ),
        (
            "transfer,A,B,1,x,0,y,z\n",
            "line 1, column 7 (step): the row has 8 fields; expected \
             transfer,FROM,TO,AMOUNT[,LABEL[,MOST FEE[,END-TO-END ID]]]",
        ),
        (
            "transfer,A,B,1,x,0.001\n",
            "line 1, column 6 (most fee): cannot read \"0.001\": the amount has 3 decimals, its currency has 2",
        ),
        (
            "transfer,A,B,1,x,,this id is longer than 35 characters\n",
            "line 1, column 7 (end-to-end id): an end-to-end id has at most 35 characters",
        ),
        ("reverse\n", "line 1, column 1 (step): the row has 1 fields; expected reverse,ID[,AMOUNT[,STEP[,LABEL]]]"),
        (
            "\ntransfer,A,B,1.001\n",
            "line 2, column 4 (amount): cannot read \"1.001\": the amount has 3 decimals, its currency has 2",
        ),
        ("transfer,A,B,-1\n", "line 1, column 4 (amount): cannot read \"-1\": the amount is negative"),
        ("transfer,A,B,1,more than ten\n", "line 1, column 5 (label): a label has at most 10 characters"),
        ("settle,7\n", "line 1, column 2 (hold): "),
        ("void\n", "line 1, column 1 (step): the row has 1 fields; expected void,HOLD"),
    ] {
        let found = link(&bank, steps, &[]).failed(1);
        assert!(found.starts_with(&format!("F: {error}")), "{steps:?}: {found}");
    }
    let keep = link(&bank, &format!("settle,{HOLD},,keep\n"), &[]).failed(1);
    assert_eq!(keep, "F: line 1, column 4 (keep): expected nothing or, after an amount, `keep`");
    let many = "transfer,A,B,0.01\n".repeat(65);
    assert_eq!(link(&bank, &many, &[]).failed(1), "F: it has 65 steps; one command links 1 to 64");
    assert_eq!(posted(&bank), [10_000, 0, 0]);
    link(&bank, &many[18..], &[]).succeeded();
    assert_eq!(posted(&bank), [9_936, 64, 0]);
    let missing = bank.run(&["link", "missing.csv"]).failed(2);
    assert!(missing.starts_with("cannot read missing.csv: "), "{missing}");
}

#[test]
fn a_transfer_is_reversed_in_parts_up_to_its_amount() {
    let bank = bank();
    bank.run(&["transfer", "A", "B", "30", "--id", ID]).succeeded();
    let reverse = |more: &[&str]| bank.run(&[&["reverse", ID, "--format", "json"], more].concat());
    let part = reverse(&["12.50", "--label", "returned"]).json();
    assert_eq!((&part["amount"], &part["fee"], &part["currency"]), (&json!(1_250), &json!(0), &json!("EUR")));
    assert_eq!((&part["sender_balance"], &part["receiver_balance"]), (&json!(1_750), &json!(8_250)));
    let error = reverse(&["17.51"]).failed(1);
    assert_eq!(error, "refused: 17.51 EUR requested, 17.50 left to reverse (reversal_too_large)");
    assert!(reverse(&["1.001"]).failed(2).contains("the amount has 3 decimals"));
    assert!(reverse(&["0"]).failed(1).ends_with("(amount_zero)"));
    assert!(reverse(&["--step", "1"]).failed(1).ends_with("(not_reversible)"));
    assert_eq!(reverse(&[]).json()["amount"], 1_750);
    assert!(reverse(&[]).failed(1).ends_with("(reversal_too_large)"));
    assert_eq!(posted(&bank), [10_000, 0, 0]);

    let error = bank.run(&["reverse", NOBODYS]).failed(1);
    assert_eq!(error, format!("refused: {NOBODYS} is not a movement that can be reversed (not_reversible)"));
    for arguments in [&["reverse", "7"][..], &["reverse", ID, "--step", "-1"], &["reverse", ID, "--step", "64"]] {
        assert_eq!(bank.run(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn a_settlement_and_a_linked_step_can_be_reversed() {
    let bank = bank();
    bank.run(&["hold", "place", "A", "B", "30", "--id", HOLD]).succeeded();
    assert!(bank.run(&["reverse", HOLD]).failed(1).ends_with("(not_reversible)"));
    bank.run(&["hold", "settle", HOLD, "--id", ID]).succeeded();
    assert_eq!(bank.run(&["reverse", ID, "5", "--format", "json"]).json()["receiver_balance"], 7_500);
    let linked = link(&bank, "transfer,A,B,1\ntransfer,A,C,2\n", &[]).json()["id"].as_str().unwrap().to_owned();
    let second: Value = bank.run(&["reverse", &linked, "--step", "1", "--format", "json"]).json();
    assert_eq!((&second["amount"], posted(&bank)), (&json!(200), [7_400, 2_600, 0]));
}

#[test]
fn a_sweep_brings_an_account_to_its_target() {
    let bank = bank();
    let sweep = |more: &[&str]| bank.run(&[&["sweep", "A", "B", "--format", "json"], more].concat());
    let above = sweep(&["--target", "40.00"]).json();
    assert_eq!(
        (&above["amount"], &above["balance"], &above["against_balance"]),
        (&json!(6_000), &json!(4_000), &json!(6_000))
    );
    let below = sweep(&["--target", "70", "--label", "cover"]).json();
    assert_eq!(
        (&below["amount"], &below["balance"], &below["against_balance"]),
        (&json!(3_000), &json!(7_000), &json!(3_000))
    );
    assert!(sweep(&["--target", "70"]).failed(1).ends_with("(nothing_to_sweep)"));
    assert!(sweep(&["--target", "100.01"]).failed(1).ends_with("(insufficient_funds)"));
    assert!(sweep(&["--target", "-1"]).failed(1).ends_with("(insufficient_funds)"));
    assert!(sweep(&["--target", "1.001"]).failed(2).contains("the amount has 3 decimals"));
    assert_eq!(sweep(&[]).json()["balance"], 0);
    assert_eq!(posted(&bank), [0, 10_000, 0]);
    for (arguments, code) in [
        (["sweep", "A", "A"], "same_account"),
        (["sweep", "nobody", "A"], "account_unknown"),
        (["sweep", "A", "nobody"], "account_unknown"),
        (["sweep", "A", "W"], "currency_mismatch"),
    ] {
        let error = bank.run(&arguments).failed(1);
        assert!(error.ends_with(&format!("({code})")), "{arguments:?}: {error}");
    }
}

#[test]
fn an_at_most_transfer_moves_what_is_available() {
    let bank = bank();
    let at_most = ["transfer", "A", "B", "250.00", "--at-most", "--format", "json"];
    let receipt = bank.run(&at_most).json();
    assert_eq!((&receipt["amount"], posted(&bank)), (&json!(10_000), [0, 10_000, 0]));
    assert!(bank.run(&at_most).failed(1).ends_with("(insufficient_funds)"));
    assert_eq!(bank.run(&["transfer", "B", "A", "1", "--at-most", "--format", "json"]).json()["amount"], 100);
}
