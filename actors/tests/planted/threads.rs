//! A panic on each of the engine's threads: the bank stops, nobody waits forever, and every acknowledged command
//! survives. A thread that works for a single caller fails only that caller.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use jangbu_actors::command::{CashPosting, OpenAccount, PlaceHold, Receipt, Transfer};
use jangbu_actors::ledger::{CommandId, OwnerId, Position};
use jangbu_actors::plant::{Planted, Spot, plant};
use jangbu_actors::verification::NoVerification;
use jangbu_actors::{Bank, BankError, Error, check};

use crate::town::{number, pay, won};

/// Far longer than anything here takes: a caller that waits this long waits forever.
const FOR_EVER: Duration = Duration::from_secs(120);

/// Enough transfers to use every thread: they fill segments and cause checkpoints, events and verdicts.
const ENOUGH: usize = 2_000;

/// The spots at which a panic stops the bank.
const STOPPING: [Spot; 9] = [
    Spot::Supervisor,
    Spot::Worker,
    Spot::Journal,
    Spot::Segment,
    Spot::Books,
    Spot::Save,
    Spot::LookUp,
    Spot::Events,
    Spot::Verify,
];

fn open(directory: &std::path::Path) -> Bank {
    let builder = Bank::builder().workers(2).segment_bytes(64 * 1024).checkpoint_records(100);
    builder.verifier(NoVerification).open(directory).unwrap()
}

/// Opens A and B, with money on A.
fn found(bank: &Bank) {
    for text in ["A", "B"] {
        let open = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(text));
        block_on(bank.open_account(open)).unwrap();
    }
    block_on(bank.deposit(CashPosting::new(number("A"), won(1_000_000)))).unwrap();
}

/// Does a little of everything until the bank stops, or for long enough. Returns what was acknowledged.
fn work(bank: &Bank, planted: &Planted) -> (Vec<(Transfer, Receipt)>, Option<Error>) {
    let mut told = Vec::new();
    // A subscription, so that events are read.
    let mut events = bank.subscribe(Position::START).unwrap();
    for count in 0..ENOUGH {
        // Ids without a time have to be looked up.
        let id = CommandId::derived(format!("transfer {count}").as_bytes());
        let transfer = pay("A", "B", 1).with_id(id);
        match block_on(bank.transfer(transfer.clone())) {
            Ok(receipt) => told.push((transfer, receipt)),
            Err(error) => return (told, Some(error)),
        }
        let hold = PlaceHold::for_verification(pay("A", "B", 1));
        if count % 50 == 0
            && let Err(error) = block_on(bank.place_hold(hold))
        {
            return (told, Some(error));
        }
        while let Some(Some(event)) = events.next().now_or_never() {
            if event.is_err() {
                return (told, block_on(bank.snapshot(number("A"))).err());
            }
        }
        if planted.has_panicked() {
            // The panicking thread may have been about to report it.
            std::thread::yield_now();
        }
    }
    (told, None)
}

/// Runs something that must terminate.
fn in_time<T: Send + 'static>(what: String, run: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, result) = channel();
    std::thread::spawn(move || done.send(run()));
    result.recv_timeout(FOR_EVER).unwrap_or_else(|_| panic!("{what}: somebody waits for ever, or the test failed"))
}

/// Everything acknowledged must be there after the next open.
fn holds_afterwards(directory: &std::path::Path, told: &[(Transfer, Receipt)], what: &str) {
    let bank = open(directory);
    for (transfer, receipt) in told {
        assert_eq!(block_on(bank.transfer(transfer.clone())).as_ref(), Ok(receipt), "{what}");
    }
    block_on(bank.transfer(pay("A", "B", 1))).unwrap();
    block_on(bank.close()).unwrap();
    check::check(directory, check::Options { deep: true }).unwrap();
}

#[test]
fn a_panic_on_any_thread_of_the_engine_stops_the_bank() {
    for spot in STOPPING {
        let what = format!("{spot:?}");
        in_time(what.clone(), move || {
            // From beginning to end, because panics that other tests plant would happen here too.
            let planted = plant(None);
            let directory = tempfile::tempdir().unwrap();
            let bank = open(directory.path());
            found(&bank);
            planted.panic_at(spot);
            let (told, error) = work(&bank, &planted);
            assert!(planted.has_panicked(), "{what}: nothing came to that place");
            let expected =
                |error: &Error| matches!(error, Error::Bank(BankError::OutcomeUnknown | BankError::Failed(_)));
            assert!(error.as_ref().is_some_and(expected), "{what}: {error:?}");
            let stopped = loop {
                match block_on(bank.transfer(pay("A", "B", 1))) {
                    Err(Error::Bank(BankError::Failed(reason))) => break reason,
                    // A caller can learn of it a moment before the bank has stopped.
                    Err(Error::Bank(BankError::OutcomeUnknown)) => {}
                    other => panic!("{what}: {other:?}"),
                }
            };
            assert!(stopped.contains("panicked: as planted"), "{what}: {stopped}");
            let failed = Err(BankError::Failed(stopped));
            assert_eq!(block_on(bank.snapshot(number("A"))).map(drop), failed.clone().map_err(Error::from), "{what}");
            assert_eq!(block_on(bank.checkpoint()).map(drop), failed, "{what}");
            assert_eq!(block_on(bank.close()), failed, "{what}");
            holds_afterwards(directory.path(), &told, &what);
        });
    }
}

#[test]
fn a_panic_during_close_reaches_all_waiting_callers() {
    in_time("close".into(), || {
        // From beginning to end, because panics that other tests plant would happen here too.
        let planted = plant(None);
        let directory = tempfile::tempdir().unwrap();
        let bank = open(directory.path());
        found(&bank);
        let receipt = block_on(bank.transfer(pay("A", "B", 1))).unwrap();
        planted.panic_at(Spot::Close);
        let (one, other) = (bank.clone(), bank);
        let (first, second) = block_on(futures::future::join(one.close(), other.close()));
        assert!(matches!(&first, Err(BankError::Failed(reason)) if reason.contains("as planted")), "{first:?}");
        assert_eq!(first, second);
        let bank = open(directory.path());
        assert_eq!(block_on(bank.position_of(receipt.id)).unwrap(), Some(receipt.position));
        block_on(bank.close()).unwrap();
    });
}

#[test]
fn a_panic_in_work_for_one_caller_affects_only_that_caller() {
    in_time("callers".into(), || {
        // From beginning to end, because panics that other tests plant would happen here too.
        let planted = plant(None);
        let directory = tempfile::tempdir().unwrap();
        let copies = tempfile::tempdir().unwrap();
        let bank = open(directory.path());
        found(&bank);
        let transfer = pay("A", "B", 1);
        let receipt = block_on(bank.transfer(transfer.clone())).unwrap();
        for spot in [Spot::Read, Spot::Backup, Spot::Check] {
            planted.panic_at(spot);
            let failed = match spot {
                Spot::Read => block_on(bank.history(number("A"), jangbu_actors::HistoryQuery::default())).is_err(),
                Spot::Backup => block_on(bank.backup(copies.path())).is_err(),
                _ => block_on(bank.check(Arc::default())).is_err(),
            };
            assert!(failed && planted.has_panicked(), "{spot:?}");
            block_on(bank.history(number("A"), jangbu_actors::HistoryQuery::default())).unwrap();
            block_on(bank.backup(copies.path())).unwrap();
            block_on(bank.check(Arc::default())).unwrap();
        }
        block_on(bank.close()).unwrap();
        holds_afterwards(directory.path(), &[(transfer, receipt)], "callers");
    });
}
