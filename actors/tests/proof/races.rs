//! Many concurrent callers: nothing is overdrawn, nothing deadlocks, nothing is lost.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::executor::block_on;
use jangbu_actors::command::{Command, InvalidCommand, Outcome, SettleHold, Transfer, VoidHold};
use jangbu_actors::ledger::{CommandId, Refusal};
use jangbu_actors::{Bank, BankError, Error};

use crate::model::Answer;
use crate::support::{ask, deposit, hold, is_closed, is_long, number, open, opening, pay, posted, run, sum, won};

#[test]
fn sixty_four_callers_spend_the_last_funds_exactly() {
    for workers in [1, 3] {
        let bank = Bank::builder().workers(workers).in_memory().unwrap();
        run(&bank, ["A", "B", "C", "D"].map(|text| opening(open(text))));
        run(&bank, [deposit("A", 1_000)]);
        let paid = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for caller in 0..64 {
                let (bank, paid) = (bank.clone(), &paid);
                scope.spawn(move || {
                    for _ in 0..4 {
                        match ask(&bank, &pay("A", ["B", "C", "D"][caller % 3], 7)) {
                            Ok(_) => paid.fetch_add(1, Ordering::Relaxed),
                            Err(Refusal::InsufficientFunds { .. }) => 0,
                            Err(other) => panic!("{other}"),
                        };
                    }
                });
            }
        });
        assert_eq!(paid.into_inner(), 142, "1,000 divided by 7, without the rest");
        assert_eq!((posted(&bank, "A"), sum(&bank)), (6, 0));
        block_on(bank.close()).unwrap();
    }
}

#[test]
fn payments_in_a_circle_do_not_deadlock() {
    for workers in [1, 3] {
        let bank = Bank::builder().workers(workers).in_memory().unwrap();
        run(&bank, ["A", "B", "C"].map(|text| opening(open(text))));
        run(&bank, ["A", "B", "C"].map(|text| deposit(text, 50)));
        std::thread::scope(|scope| {
            for caller in 0..8 {
                let bank = bank.clone();
                scope.spawn(move || {
                    for round in 0..20 {
                        let way = ["A", "B", "C", "A"];
                        let leg = |step: usize| pay(way[step % 3], way[step % 3 + 1], 30 + round % 7);
                        let batch = (0..30).map(|step| leg(step + caller)).collect();
                        block_on(bank.submit(batch)).unwrap();
                    }
                });
            }
        });
        let balances = ["A", "B", "C"].map(|text| posted(&bank, text));
        assert_eq!(balances.iter().sum::<i64>(), 150);
        assert!(balances.iter().all(|balance| *balance >= 0), "{balances:?}");
        assert_eq!(sum(&bank), 0);
        block_on(bank.close()).unwrap();
    }
}

#[test]
fn overloaded_callers_are_refused_at_once_and_keep_their_ids() {
    let bank = Bank::builder().max_in_flight(4).in_memory().unwrap();
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    run(&bank, [deposit("A", 100)]);
    // More than can ever be admitted: returning `Overloaded` would make the caller retry forever.
    let five: Vec<_> = (0..5).map(|_| pay("A", "B", 1)).collect();
    let refused = block_on(bank.submit(five.clone()));
    assert_eq!(refused, Err(Error::Invalid(InvalidCommand::BatchTooLarge { most: 4 })));
    // The largest admitted batch, while something else is in flight.
    let all = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..32)
            .map(|_| {
                let bank = bank.clone();
                scope.spawn(move || block_on(bank.submit((0..4).map(|_| pay("A", "B", 0)).collect())))
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>()
    });
    for answer in all {
        assert!(answer.is_ok() || answer == Err(Error::Bank(BankError::Overloaded)), "{answer:?}");
    }
    for command in &five {
        assert_eq!(block_on(bank.movement(command.id())).unwrap(), None);
    }
    run(&bank, five);
    assert_eq!(posted(&bank, "B"), 5);
    block_on(bank.close()).unwrap();
}

#[test]
fn everything_acknowledged_before_a_close_survives_it() {
    let directory = tempfile::tempdir().unwrap();
    let bank = Bank::open(directory.path()).unwrap();
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    run(&bank, [deposit("A", 1_000_000)]);
    let (paid, started) = (AtomicUsize::new(0), std::sync::Barrier::new(5));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (bank, paid, started) = (bank.clone(), &paid, &started);
            scope.spawn(move || {
                started.wait();
                loop {
                    let batch = (0..50).map(|_| pay("A", "B", 1)).collect();
                    match block_on(bank.submit(batch)) {
                        Ok(answers) => paid.fetch_add(answers.iter().flatten().count(), Ordering::Relaxed),
                        Err(Error::Bank(BankError::Closed | BankError::OutcomeUnknown)) => break,
                        Err(other) => panic!("{other}"),
                    };
                }
            });
        }
        started.wait();
        block_on(bank.submit((0..50).map(|_| pay("A", "B", 1)).collect())).unwrap();
        block_on(bank.clone().close()).unwrap();
        assert!(is_closed(&block_on(bank.submit(vec![pay("A", "B", 1)]))));
        assert!(is_closed(&block_on(bank.snapshot(number("A")))));
        block_on(bank.clone().close()).unwrap();
    });
    drop(bank);
    let bank = Bank::open(directory.path()).unwrap();
    let found = usize::try_from(posted(&bank, "B")).unwrap();
    assert!(found >= paid.into_inner() + 50);
    assert_eq!(sum(&bank), 0);
    block_on(bank.close()).unwrap();
}

/// The batch is larger than a part that is handed over at a time, and than what is decided at a time.
#[test]
fn a_batch_that_races_a_close_happens_whole_or_not_at_all() {
    const BATCH: usize = 8_000;
    let rounds = if is_long() { 200 } else { 8 };
    let (mut whole, mut none) = (0, 0);
    for round in 0..rounds {
        let kept = tempfile::tempdir().unwrap();
        let bank = Bank::open(kept.path()).unwrap();
        run(&bank, ["A", "B"].map(|text| opening(open(text))));
        run(&bank, [deposit("A", BATCH as u64)]);
        let batch: Vec<_> = (0..BATCH).map(|_| pay("A", "B", 1)).collect();
        let started = std::sync::Barrier::new(3);
        let (answered, closed, again) = std::thread::scope(|scope| {
            let submit = scope.spawn(|| {
                started.wait();
                block_on(bank.submit(batch.clone()))
            });
            let close = |after: u64| {
                let (bank, started) = (bank.clone(), &started);
                scope.spawn(move || {
                    started.wait();
                    std::thread::sleep(std::time::Duration::from_micros(after * 150));
                    block_on(bank.close())
                })
            };
            let (first, second) = (close(round), close(round / 2));
            (submit.join().unwrap(), first.join().unwrap(), second.join().unwrap())
        });
        assert_eq!((closed, again), (Ok(()), Ok(())), "round {round}");
        drop(bank);
        let bank = Bank::open(kept.path()).unwrap();
        let paid = usize::try_from(posted(&bank, "B")).unwrap();
        match answered {
            Ok(answers) => {
                assert_eq!((answers.iter().flatten().count(), paid), (BATCH, BATCH), "round {round}");
                whole += 1;
            }
            Err(Error::Bank(BankError::Closed)) => {
                assert_eq!(paid, 0, "round {round}: closed, it said");
                none += 1;
            }
            Err(other) => panic!("round {round}: {other}"),
        }
        block_on(bank.close()).unwrap();
    }
    println!("{whole} whole, {none} not at all");
}

#[test]
fn handles_dropped_in_the_middle_lose_nothing_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let bank = Bank::open(directory.path()).unwrap();
    run(&bank, ["A", "B"].map(|text| opening(open(text))));
    run(&bank, [deposit("A", 100)]);
    let id = CommandId::random();
    let transfer = Transfer::new(number("A"), number("B"), won(40)).with_id(id);
    let receipt = block_on(bank.transfer(transfer)).unwrap();
    // A call that nobody waits for any more, and then the last handle.
    drop(bank.submit(vec![pay("A", "B", 1)]));
    drop(bank);
    let bank = Bank::open(directory.path()).unwrap();
    let movement = block_on(bank.movement(id)).unwrap().unwrap();
    assert_eq!(movement.position, receipt.position);
    assert_eq!((posted(&bank, "B"), sum(&bank)), (40, 0));
    block_on(bank.close()).unwrap();
}

#[test]
fn racing_captures_use_a_hold_exactly() {
    for workers in [1, 3] {
        let bank = Bank::builder().workers(workers).in_memory().unwrap();
        run(&bank, ["A", "B"].map(|text| opening(open(text))));
        run(&bank, [deposit("A", 1_000)]);
        let placed = hold("A", "B", 1_000);
        run(&bank, [placed.clone()]);
        let (captured, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let count = |command: Command| match ask(&bank, &command) {
            Ok(Outcome::Drawn(drawn)) => {
                captured.fetch_add(usize::from(!drawn.amount.is_zero()), Ordering::Relaxed);
                ended.fetch_add(usize::from(drawn.end.is_some()), Ordering::Relaxed);
            }
            Err(Refusal::CaptureTooLarge { .. } | Refusal::HoldVoided { .. }) => {}
            other => panic!("{other:?}"),
        };
        std::thread::scope(|scope| {
            for _ in 0..32 {
                scope.spawn(|| {
                    (0..6)
                        .for_each(|_| count(Command::SettleHold(SettleHold::part(placed.id(), won(7)).keeping_rest())))
                });
            }
        });
        assert_eq!(captured.load(Ordering::Relaxed), 142, "1,000 divided by 7, without the rest");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| count(Command::VoidHold(VoidHold::new(placed.id()))));
            }
        });
        assert_eq!((ended.into_inner(), posted(&bank, "B"), sum(&bank)), (1, 994, 0));
        block_on(bank.close()).unwrap();
    }
}

/// Each would empty its own account into the other, without seeing what the other brought.
#[test]
fn two_transfers_of_the_whole_balance_are_serialized() {
    for workers in [1, 3] {
        let bank = Bank::builder().workers(workers).in_memory().unwrap();
        run(&bank, ["A", "B"].map(|text| opening(open(text))));
        run(&bank, ["A", "B"].map(|text| deposit(text, 100)));
        let all = |from: &str, to: &str| Command::Transfer(Transfer::at_most(number(from), number(to), won(1_000)));
        for round in 0..200 {
            let answers = block_on(bank.submit(vec![all("A", "B"), all("B", "A")])).unwrap();
            // The second one moves what the first brought.
            let is_all = |answer: &Answer| matches!(answer, Ok(Outcome::Posted(receipt)) if receipt.amount == won(200));
            assert!(answers.iter().any(is_all), "round {round}: {answers:?}");
            if posted(&bank, "B") == 200 {
                run(&bank, [pay("B", "A", 100)]);
            } else {
                run(&bank, [pay("A", "B", 100)]);
            }
        }
        block_on(bank.close()).unwrap();
    }
}
