//! Bugs in the order of work. Nothing here is timed: the tests count how much is decided before something else.

use std::rc::Rc;

use futures::future::join_all;
use jangbu_actors::command::{CashPosting, Command, Linked, OpenAccount, Step, Transfer};
use jangbu_actors::ledger::{AccountNumber, CommandId, OwnerId, Position, RecordPut, Refusal};
use jangbu_actors::plant::Bug;
use jangbu_actors::{Bank, Error};
use jangbu_sim::{Simulation, World};

use crate::flows::calm;
use crate::town::{number, won};
use crate::{ANY, catches};

/// The maximum number of commands in flight, beyond which others wait. Earlier commands come first.
const IN_FLIGHT: u64 = 512;

/// What may come in between in addition: a turn or two of others, and rounding.
const SOME: u64 = 64;

fn own(text: String) -> AccountNumber {
    number(&text)
}

async fn open(bank: &Bank, numbers: impl IntoIterator<Item = AccountNumber>) -> Result<(), Error> {
    let open = |number| {
        let open = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number);
        Command::OpenAccount(Box::new(open.with_id(CommandId::derived(number.as_str().as_bytes()))))
    };
    for answer in bank.submit(numbers.into_iter().map(open).collect()).await? {
        answer?;
    }
    Ok(())
}

fn deposit(number: AccountNumber, units: u64) -> Command {
    Command::Deposit(CashPosting::new(number, won(units)))
}

/// Submits a large batch, and then one deposit. Returns the number of records between the submission and the deposit's.
async fn behind(bank: Bank, world: World, batch: Vec<Command>) -> Result<u64, Error> {
    let (submitter, submitted) = (bank.clone(), bank.stats().durable);
    let large = world.spawn(async move { submitter.submit(batch).await });
    // Until most of the batch is admitted, and before most of it is decided.
    while bank.stats().in_flight == 0 {
        world.sleep(std::time::Duration::from_micros(1)).await;
    }
    for _ in 0..3 {
        world.sleep(std::time::Duration::from_millis(1)).await;
    }
    let before = bank.stats().durable.max(submitted);
    let receipt = bank.deposit(CashPosting::new(number("B"), won(1))).await?;
    for answer in large.await? {
        answer?;
    }
    Ok(receipt.position.get() - before.get())
}

#[test]
fn a_batch_that_hogs_the_intake_is_caught() {
    catches(Bug::BatchHogsIntake, "decided before", || {
        for seed in 1..=3 {
            let run = |bank: Bank, world: World| async move {
                open(&bank, ["A", "B"].map(number)).await?;
                let batch = (0..4_000).map(|_| deposit(number("A"), 1)).collect();
                behind(bank, world, batch).await
            };
            let between = calm(seed).steps(1_000_000).run(run).unwrap().output;
            // The durable position lags behind by another full set of commands in flight.
            assert!(between <= 3 * IN_FLIGHT + SOME, "seed {seed}: {between} commands were decided before one deposit");
        }
    });
}

#[test]
fn conditional_puts_of_different_keys_do_not_wait_for_each_other() {
    const PUTS: u64 = 100;
    let _sound = jangbu_actors::plant::plant(None);
    let mut fewest = PUTS;
    for seed in 1..=10 {
        let run = |bank: Bank, _: World| async move {
            let put = |n| {
                let (kind, key) = ("note".to_owned(), format!("k{n}"));
                let puts = vec![RecordPut { kind, key, value: Some(vec![1]), expected: Some(Position::START) }];
                Command::PutRecords { id: CommandId::random(), puts }
            };
            let before = bank.stats().commits;
            for answer in bank.submit((0..PUTS).map(put).collect()).await? {
                answer?;
            }
            Ok::<_, Error>(bank.stats().commits - before)
        };
        fewest = fewest.min(calm(seed).run(run).unwrap().output);
    }
    // If each waited for the earlier ones to be durable, each would need its own commit, whatever the seed.
    assert!(fewest < PUTS / 4, "{fewest} commits at least for {PUTS} puts of different keys");
}

/// Each client increments a counter repeatedly and expects what it read before: no step may be lost.
async fn count(bank: Bank, world: World) -> Result<(), Error> {
    const CLIENTS: u64 = 3;
    const STEPS: u64 = 12;
    let client = |number: u64| {
        let (bank, dice) = (bank.clone(), world.clone());
        world.spawn(async move {
            for _ in 0..STEPS {
                loop {
                    let kept = bank.record("note", "counter").await?;
                    let (version, value) = kept.map_or((Position::START, 0), |kept| (kept.version, kept.value[0]));
                    let put = |key: &str, value, expected| RecordPut {
                        kind: "note".into(),
                        key: key.into(),
                        value: Some(vec![value]),
                        expected,
                    };
                    // Another write in the same command, without an expected version.
                    let other = put(&format!("c{}", dice.below(3)), u8::try_from(number).unwrap(), None);
                    match bank.put_records(vec![put("counter", value + 1, Some(version)), other]).await {
                        Ok(_) => break,
                        Err(Error::Refused(Refusal::RecordConflict { .. })) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            Ok(())
        })
    };
    for done in join_all((0..CLIENTS).map(client)).await {
        done?;
    }
    let counter = bank.record("note", "counter").await?.unwrap();
    assert_eq!(u64::from(counter.value[0]), CLIENTS * STEPS, "steps were lost");
    Ok(())
}

#[test]
fn a_put_that_overlooks_what_is_queued_is_caught() {
    catches(Bug::PutOverlooksQueued, "steps were lost", || {
        for seed in 1..=40 {
            calm(seed).run(count).unwrap();
        }
    });
}

/// Senders with less money than they would pay, to accounts that open and close: the first payments are granted.
async fn pay_in_order(bank: Bank, world: World) -> Result<(), Error> {
    const SENDERS: u64 = 3;
    const RECEIVERS: u64 = 9;
    let (sender, receiver) = (|n| own(format!("S{n}")), |n| own(format!("R{n}")));
    open(&bank, (0..SENDERS).map(sender).chain((0..RECEIVERS).map(receiver))).await?;
    let client = |n| {
        let (bank, dice) = (bank.clone(), world.clone());
        world.spawn(async move {
            for _ in 0..12 {
                let (money, payments) = (1 + dice.below(9), 12);
                bank.submit(vec![deposit(sender(n), money)]).await?[0].clone()?;
                let pay = |_| {
                    // Half of the ids contain no time.
                    let id = match dice.below(2) {
                        0 => CommandId::random(),
                        _ => CommandId::derived(&dice.random().to_le_bytes()),
                    };
                    Transfer::new(sender(n), receiver(dice.below(RECEIVERS)), won(1)).with_id(id)
                };
                let batch: Vec<Command> = (0..payments).map(pay).map(Command::Transfer).collect();
                let answers = bank.submit(batch).await?;
                let granted: Vec<bool> = answers.iter().map(Result::is_ok).collect();
                let expected: Vec<bool> = (0..payments).map(|place| place < money).collect();
                assert_eq!(granted, expected, "decided out of order");
            }
            Ok::<_, Error>(())
        })
    };
    for done in join_all((0..SENDERS).map(client)).await {
        done?;
    }
    Ok(())
}

fn crowded(seed: u64) -> Simulation {
    calm(seed).steps(300_000).bank(|builder| builder.max_active_accounts(4).segment_bytes(16 * 1024))
}

#[test]
fn a_debit_that_overtakes_is_caught() {
    catches(Bug::DebitOvertakes, "decided out of order", || {
        for seed in 1..=30 {
            crowded(seed).run(pay_in_order).unwrap();
        }
    });
}

/// If every id has to be looked up, debits still keep their order.
#[test]
fn debits_keep_their_order_during_id_lookups() {
    let _unsure = jangbu_actors::plant::plant(Some(Bug::FiltersUnsure));
    for seed in 1..=30 {
        crowded(seed).run(pay_in_order).unwrap();
    }
}

/// Groups want two accounts, over and over, each as soon as the previous one is done; one transfer wants both.
async fn among_groups(bank: Bank, world: World) -> Result<u64, Error> {
    const CLIENTS: u64 = 6;
    let [a, b] = ["A", "B"].map(number);
    let others: Vec<AccountNumber> = (0..CLIENTS).map(|n| own(format!("C{n}"))).collect();
    open(&bank, [a, b].into_iter().chain(others.iter().copied())).await?;
    let money = [a, b].into_iter().chain(others.iter().copied()).map(|account| deposit(account, 1_000_000));
    for answer in bank.submit(money.collect()).await? {
        answer?;
    }
    let stop = Rc::new(std::cell::Cell::new(false));
    let client = |(n, other): (usize, AccountNumber)| {
        let (bank, stop) = (bank.clone(), Rc::clone(&stop));
        let account = [a, b][n % 2];
        world.spawn(async move {
            while !stop.get() {
                let step = |from, to| Step::transfer(from, to, won(1));
                bank.linked(Linked::new(vec![step(account, other), step(other, account)])).await?;
            }
            Ok::<_, Error>(())
        })
    };
    let clients: Vec<_> = others.iter().copied().enumerate().map(client).collect();
    let mut most = 0;
    for _ in 0..20 {
        world.sleep(std::time::Duration::from_millis(world.below(5))).await;
        let before = bank.stats().durable.get();
        let receipt = bank.transfer(Transfer::new(a, b, won(1))).await?;
        most = most.max(receipt.position.get() - before);
    }
    stop.set(true);
    for client in clients {
        client.await?;
    }
    Ok(most)
}

#[test]
fn a_lost_place_in_the_queue_is_caught() {
    // With the bug, the transfer waits for as long as the groups continue.
    catches(Bug::PlaceLost, ANY, || {
        for seed in 1..=30 {
            let most = calm(seed).steps(100_000).run(among_groups).unwrap().output;
            // Each client has one group before it, and perhaps one that was not durable yet.
            assert!(most <= 14, "seed {seed}: {most} commands were decided before one transfer");
        }
    });
}
