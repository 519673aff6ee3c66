//! Somebody else uses an attempt's id. For that, they must know the bank's own id, which no answer contains.

use jangbu_actors::command::Transfer;
use jangbu_actors::ledger::{Body, CommandId, Refusal, Timestamp, attempt_id};

use crate::support::{Scene, balance, daily, number, records, refusal, set, standing, time, told, won};

/// Returns the bank's own id, from its journal.
fn bank_id(scene: &Scene) -> u128 {
    match &records(&scene.path())[0].body {
        Body::BankCreated(made) => made.bank,
        other => panic!("{other:?}"),
    }
}

fn at_nine() -> Timestamp {
    time("2026-11-02T09:00+09:00")
}

#[test]
fn an_id_used_for_something_else_does_not_stop_the_order() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily());
    bank.close().unwrap();
    let of_bank = bank_id(&scene);
    let bank = scene.open();
    for attempt in 1..=3 {
        let taken = attempt_id(of_bank, id, at_nine(), attempt);
        bank.transfer(Transfer::new(number("A"), number("B"), won(7)).with_id(taken)).unwrap();
    }
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    let expected = [1, 2, 3].map(|n| format!("11-02 09:00 id_reused {n}"));
    assert_eq!(told(&bank, id)[..3], expected);
    assert_eq!((told(&bank, id)[3].as_str(), balance(&bank, "B")), ("11-02 09:00 posted 4", 1_021));
    scene.end(bank);
}

#[test]
fn using_up_attempt_ids_prevents_only_one_occurrence() {
    let (scene, bank) = Scene::new();
    let id = set(&bank, daily());
    bank.close().unwrap();
    let of_bank = bank_id(&scene);
    let bank = scene.open();
    for attempt in 1..=20 {
        let taken = attempt_id(of_bank, id, at_nine(), attempt);
        bank.transfer(Transfer::new(number("A"), number("B"), won(7)).with_id(taken)).unwrap();
    }
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    assert_eq!((balance(&bank, "B"), standing(&bank, id).progress.failed), (140, 1));
    scene.go_to(&bank, "2026-11-03T09:00+09:00");
    assert_eq!(balance(&bank, "B"), 1_140);
    scene.end(bank);
}

#[test]
fn the_same_transfer_under_the_same_id_moves_money_once() {
    let (scene, bank) = Scene::new();
    let (before, after) = (set(&bank, daily()), set(&bank, daily()));
    bank.close().unwrap();
    let of_bank = bank_id(&scene);
    let bank = scene.open();
    let transfer = |id: CommandId| {
        let attempt = attempt_id(of_bank, id, at_nine(), 1);
        Transfer::new(number("A"), number("B"), won(1_000)).with_id(attempt)
    };
    let receipt = bank.transfer(transfer(before)).unwrap();
    assert_eq!(balance(&bank, "B"), 1_000);
    scene.go_to(&bank, "2026-11-02T09:00+09:00");
    assert_eq!(balance(&bank, "B"), 2_000, "one of the two had been made already");
    assert_eq!(told(&bank, before), ["11-02 09:00 posted 1"]);
    let repeated = bank.transfer(transfer(after)).unwrap();
    assert_eq!((balance(&bank, "B"), repeated.amount), (2_000, receipt.amount));
    let other = Transfer::new(number("A"), number("B"), won(1)).with_id(repeated.id);
    assert_eq!(refusal(bank.transfer(other)), Refusal::IdReused);
    scene.end(bank);
}
