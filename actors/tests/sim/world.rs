//! The simulator itself: what it offers to an application, and what it detects.

use std::cell::{Cell, RefCell};
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use jangbu_actors::command::{CashPosting, OpenAccount, Transfer};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId, OwnerId};
use jangbu_actors::{Bank, BankError, Error};
use jangbu_sim::{Failure, SEED_VARIABLE, Simulation, World, seeds};

fn account(number: &str) -> AccountNumber {
    AccountNumber::new(number).unwrap()
}

/// Opens the account unless it is already open.
async fn open(bank: &Bank, number: &str) -> Result<AccountNumber, Error> {
    let open = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(account(number));
    bank.open_account(open.with_id(CommandId::derived(number.as_bytes()))).await
}

fn deposit(account: AccountNumber, id: &str) -> CashPosting {
    CashPosting::new(account, Amount::new(10).unwrap()).with_id(CommandId::derived(id.as_bytes()))
}

/// A simulation in which nothing fails.
fn calm(seed: u64) -> Simulation {
    Simulation::new(seed).crashes(false).disk_failures(false).clock_leaps(false)
}

#[test]
fn only_the_simulation_advances_time() {
    let slept = |world: World| async move {
        let order = Rc::new(RefCell::new(Vec::new()));
        let sleeper = |name: &'static str, seconds| {
            let (order, awake) = (Rc::clone(&order), world.sleep(Duration::from_secs(seconds)));
            world.spawn(async move {
                awake.await;
                order.borrow_mut().push(name);
                name.len()
            })
        };
        let before = world.now();
        let tasks = [sleeper("late", 3_000), sleeper("soon", 60), sleeper("later", 9_000)];
        for (task, length) in tasks.into_iter().zip([4, 4, 5]) {
            assert_eq!(task.await, length);
        }
        assert_eq!(*order.borrow(), ["soon", "late", "later"]);
        assert!(world.now().as_ns() - before.as_ns() >= 9_000_000_000_000);
        Ok::<_, Error>(())
    };
    let began = std::time::Instant::now();
    calm(1).run(move |_, world| slept(world)).unwrap();
    assert!(began.elapsed() < Duration::from_secs(60), "nobody waited");
}

#[test]
fn a_calm_world_has_no_crashes_and_no_failures() {
    for seed in 1..=20 {
        let report = calm(seed).run(|bank, _| async move { open(&bank, "A").await }).unwrap();
        assert_eq!((report.crashes, report.disk_failures, report.output), (0, 0, account("A")));
    }
}

#[test]
fn an_application_can_crash_where_it_wants_to() {
    for seed in 1..=20 {
        let lives = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&lives);
        let run = move |bank: Bank, world: World| {
            let seen = Rc::clone(&seen);
            async move {
                seen.borrow_mut().push(world.life());
                let account = open(&bank, "A").await?;
                let receipt = bank.deposit(deposit(account, "once")).await?;
                if world.life() < 3 {
                    world.crash().await;
                }
                Ok::<_, Error>((receipt.position, bank.snapshot(account).await?.posted.minor_units()))
            }
        };
        let report = calm(seed).run(run).unwrap();
        assert_eq!(*lives.borrow(), [0, 1, 2, 3]);
        assert_eq!((report.crashes, report.output.1), (3, 10));
        assert!(report.output.0 <= report.end);
    }
}

#[test]
fn a_failing_disk_stops_the_bank_and_the_application_gets_the_error() {
    let errors = Rc::new(RefCell::new(Vec::new()));
    for seed in 1..=60 {
        let heard = Rc::clone(&errors);
        let run = move |bank: Bank, _: World| {
            let heard = Rc::clone(&heard);
            async move {
                let account = open(&bank, "A").await?;
                for n in 0..40 {
                    if let Err(error) = bank.deposit(deposit(account, &n.to_string())).await {
                        heard.borrow_mut().push(error.clone());
                        assert!(bank.deposit(deposit(account, "after")).await.is_err(), "the bank stopped");
                        return Err(error);
                    }
                }
                Ok(bank.snapshot(account).await?.posted.minor_units())
            }
        };
        let report = Simulation::new(seed).crashes(false).run(run).unwrap();
        assert_eq!(report.output, 400);
    }
    let unknown = |error: &&Error| matches!(error, Error::Bank(BankError::OutcomeUnknown));
    let (count, unknown) = (errors.borrow().len(), errors.borrow().iter().filter(unknown).count());
    assert!(count > 5 && unknown > 2, "{:?}", errors.borrow());
}

#[test]
fn a_bank_can_be_closed_dropped_or_kept() {
    for seed in 1..=30 {
        let closed = |bank: Bank, _| async move {
            open(&bank, "A").await?;
            let other = bank.clone();
            bank.close().await?;
            assert_eq!(other.snapshot(account("A")).await, Err(Error::Bank(BankError::Closed)));
            other.close().await.map_err(Error::Bank)
        };
        calm(seed).run(closed).unwrap();
        let dropped = |bank: Bank, world: World| async move {
            open(&bank, "A").await?;
            drop(bank);
            world.sleep(Duration::from_secs(1)).await;
            Ok::<_, Error>(())
        };
        calm(seed).run(dropped).unwrap();
        let kept = Rc::new(RefCell::new(None));
        let keep = Rc::clone(&kept);
        let keeping = move |bank: Bank, _| {
            *keep.borrow_mut() = Some(bank.clone());
            async move { open(&bank, "A").await }
        };
        calm(seed).run(keeping).unwrap();
        // Nothing answers any more, and nothing waits for it.
        drop(kept.take());
    }
}

#[test]
fn the_bank_can_have_other_settings() {
    let run = |bank: Bank, _| async move {
        open(&bank, "A").await?;
        Ok::<_, Error>(bank.submit(vec![]).await?.len())
    };
    let report = calm(1).bank(|builder| builder.time_zone("UTC").segment_bytes(128 * 1024)).run(run).unwrap();
    let bytes: Vec<usize> = report.disk.files().iter().map(|(_, bytes)| bytes.len()).collect();
    assert_eq!(bytes, [128 * 1024]);
}

#[test]
fn an_application_that_waits_forever_is_detected() {
    let failure = calm(5).run(|_, _| std::future::pending::<Result<(), Error>>()).unwrap_err();
    assert_eq!((failure.seed, failure.what.as_str()), (5, "nothing is left to do, and the application waits"));
    assert!(format!("{failure}").contains("JANGBU_SIM_SEED=5"), "{failure}");
}

#[test]
fn an_application_that_never_ends_is_detected() {
    let run = |_: Bank, world: World| async move {
        loop {
            world.sleep(Duration::from_millis(1)).await;
        }
    };
    let failure = calm(5).steps(2_000).run::<(), Error, _, _>(run).unwrap_err();
    assert_eq!(failure.what, "no end after 2000 steps");
}

#[test]
fn an_error_without_a_disk_failure_is_a_failure() {
    let run = |bank: Bank, _| async move {
        let (from, to) = (open(&bank, "A").await?, open(&bank, "B").await?);
        bank.transfer(Transfer::new(from, to, Amount::new(1).unwrap())).await
    };
    let failure: Failure = calm(5).run(run).unwrap_err();
    assert!(failure.what.starts_with("the application ended with an error: "), "{failure}");
}

#[test]
fn a_panic_propagates_and_leaves_nothing_behind() {
    let run = |bank: Bank, world: World| async move {
        open(&bank, "A").await?;
        drop(world.spawn(async move { panic!("as planned") }));
        std::future::pending::<Result<(), Error>>().await
    };
    let panicked = std::panic::catch_unwind(|| calm(5).run(run)).unwrap_err();
    assert_eq!(panicked.downcast_ref::<&str>(), Some(&"as planned"));
    calm(6).run(|bank, _| async move { open(&bank, "A").await }).unwrap();
}

#[test]
fn ids_are_seeded_within_a_simulation_and_nowhere_else() {
    let draw = || {
        let drawn = Rc::new(Cell::new(None));
        let within = Rc::clone(&drawn);
        let run = move |_, _| {
            within.set(Some(CommandId::random()));
            async { Ok::<_, Error>(()) }
        };
        calm(9).run(run).unwrap();
        (drawn.get().unwrap(), CommandId::random())
    };
    let (first, again) = (draw(), draw());
    assert_eq!(first.0, again.0);
    assert_ne!(first.1, again.1);
    assert!(first.0.unix_ms().is_some());
}

#[test]
fn seeds_are_counted_unless_one_is_asked_for() {
    let given: Vec<u64> = seeds(3).collect();
    match std::env::var(SEED_VARIABLE) {
        Ok(asked) => assert_eq!(given, [asked.parse::<u64>().unwrap()]),
        Err(_) => assert_eq!(given, [1, 2, 3]),
    }
}

#[test]
fn a_seed_is_asked_for_by_the_environment() {
    let run = |seed: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "world::seeds_are_counted_unless_one_is_asked_for"]);
        command.env(SEED_VARIABLE, seed).output().unwrap().status.success()
    };
    assert!(run("77"));
    assert!(!run("seventy-seven"), "a seed that is no number is not passed over");
}
