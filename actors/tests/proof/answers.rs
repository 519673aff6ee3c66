//! The same id always gets the same answer, however old it is.

use futures::executor::block_on;
use jangbu_actors::command::Command;
use jangbu_actors::ledger::Refusal;
use jangbu_actors::{Bank, Error};

use crate::script::with_id;
use crate::support::{ask, deposit, open, opening, pay, posted, run};

fn small(path: &std::path::Path) -> Bank {
    Bank::builder().segment_bytes(16 * 1024).checkpoint_records(50).open(path).unwrap()
}

#[test]
fn answers_outlive_segments_checkpoints_and_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let bank = small(directory.path());
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    run(&bank, [deposit("A", 1_000)]);
    let (paid, refused) = (pay("A", "B", 900), pay("A", "B", 101));
    let first = [ask(&bank, &paid), ask(&bank, &refused)];
    assert!(first[0].is_ok() && first[1].is_err());
    // Enough for several segments, after which the refused payment would be granted.
    run(&bank, (0..400).map(|_| deposit("A", 1)));
    block_on(bank.checkpoint()).unwrap();
    assert_eq!([ask(&bank, &paid), ask(&bank, &refused)], first);
    block_on(bank.close()).unwrap();
    let bank = small(directory.path());
    let other = with_id(pay("A", "B", 1), paid.id());
    // In one batch, the command with different content first: it is looked up, and the true repetitions join it in the
    // meantime.
    let batch = vec![other.clone(), paid.clone(), other, paid, refused.clone(), refused];
    let answers = block_on(bank.submit(batch)).unwrap();
    let [paid, refused] = first;
    let reused = || Err(Refusal::IdReused);
    assert_eq!(answers, [reused(), paid.clone(), reused(), paid, refused.clone(), refused]);
    assert_eq!(posted(&bank, "B"), 900);
    block_on(bank.close()).unwrap();
}

#[test]
fn repetitions_in_one_batch_join_the_first() {
    let bank = Bank::in_memory().unwrap();
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    run(&bank, [deposit("A", 100)]);
    for amount in [60, 41] {
        let command = pay("A", "B", amount);
        let other = with_id(pay("B", "A", 1), command.id());
        let answers = block_on(bank.submit(vec![command.clone(), other, command])).unwrap();
        assert_eq!(answers[0], answers[2]);
        assert_eq!(answers[0].is_ok(), amount == 60);
        assert_eq!(answers[1], Err(Refusal::IdReused));
    }
    assert_eq!(posted(&bank, "B"), 60);
    block_on(bank.close()).unwrap();
}

#[test]
fn a_malformed_command_consumes_no_id_and_stops_its_whole_batch() {
    let bank = Bank::in_memory().unwrap();
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    run(&bank, [deposit("A", 100)]);
    let good = pay("A", "B", 1);
    let mut malformed = pay("A", "B", 1);
    if let Command::Transfer(transfer) = &mut malformed {
        *transfer = transfer.clone().with_labels("eleven char", "");
    }
    let refused = block_on(bank.submit(vec![good.clone(), malformed.clone()]));
    assert!(matches!(refused, Err(Error::Invalid(_))));
    let same_id = with_id(pay("A", "B", 2), malformed.id());
    run(&bank, [good, same_id]);
    assert_eq!(posted(&bank, "B"), 3);
    block_on(bank.close()).unwrap();
}
