//! Bugs in how commands arrive, wait for each other, and end with the bank.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::executor::block_on;
use jangbu_actors::clock::{Clock, SystemClock};
use jangbu_actors::command::{CashPosting, Command, OpenAccount};
use jangbu_actors::ledger::{CommandId, OwnerId, Timestamp};
use jangbu_actors::plant::Bug;
use jangbu_actors::{Bank, BankError, Error};
use jangbu_sim::{Simulation, World};

use crate::town::{number, pay, won};
use crate::{ANY, catches};

/// A simulation in which nothing fails on its own.
pub(crate) fn calm(seed: u64) -> Simulation {
    Simulation::new(seed).crashes(false).disk_failures(false).clock_leaps(false).steps(100_000)
}

/// Closes a bank while batches are being admitted. Unanswered commands must not have happened.
async fn close_under_load(bank: Bank, world: World, batch: Rc<Cell<Option<[CommandId; 5]>>>) -> Result<(), Error> {
    if let Some(ids) = batch.take() {
        for id in ids {
            assert_eq!(bank.position_of(id).await?, None, "recorded although the bank was closed");
        }
        return Ok(());
    }
    bank.open_account(OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number("A"))).await?;
    let client = bank.clone();
    let submitting = world.spawn(async move {
        loop {
            let ids = [(); 5].map(|()| CommandId::random());
            let deposit = |id| Command::Deposit(CashPosting::new(number("A"), won(1)).with_id(id));
            if let Err(error) = client.submit(ids.map(deposit).to_vec()).await {
                return (ids, error);
            }
        }
    });
    world.sleep(Duration::from_micros(world.below(5_000))).await;
    bank.close().await?;
    let (ids, error) = submitting.await;
    assert_eq!(error, Error::Bank(BankError::Closed));
    batch.set(Some(ids));
    world.crash().await
}

#[test]
fn a_close_that_overlooks_what_is_being_handed_over_is_caught() {
    catches(Bug::CloseOverlooksAdmitted, ANY, || {
        for seed in 1..=40 {
            let batch = Rc::new(Cell::new(None));
            calm(seed).run(move |bank, world| close_under_load(bank, world, Rc::clone(&batch))).unwrap();
        }
    });
}

/// A clock that panics once, when a watched account reads it to date a message.
#[derive(Default)]
struct Trap(AtomicBool);

impl Clock for Trap {
    fn now(&self) -> Timestamp {
        // Other threads read the clock too: the supervisor's, and the books' for their checkpoints.
        let by_account = std::thread::current().name().is_some_and(|name| name.starts_with("actix-rt"));
        assert!(!(by_account && self.0.swap(false, Ordering::SeqCst)), "as planned");
        SystemClock.now()
    }
}

/// An account panics at the first credit of a batch but handles the others; the supervisor receives all results in one
/// message.
#[test]
fn what_is_recorded_after_a_panic_is_caught() {
    catches(Bug::CommitAfterPanic, "decided after the panic", || {
        let directory = tempfile::tempdir().unwrap();
        let trap = Arc::new(Trap::default());
        let clock: Arc<dyn Clock> = Arc::clone(&trap) as Arc<dyn Clock>;
        let open =
            || jangbu_actors::Bank::builder().workers(2).clock(Arc::clone(&clock)).open(directory.path()).unwrap();
        let bank = open();
        for text in ["A", "B"] {
            let account = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(text));
            block_on(bank.open_account(account)).unwrap();
        }
        block_on(bank.deposit(CashPosting::new(number("A"), won(1_000)))).unwrap();
        block_on(bank.watch_account(number("B"))).unwrap();
        trap.0.store(true, Ordering::SeqCst);
        let batch: Vec<Command> = (0..200).map(|_| Command::Transfer(pay("A", "B", 1))).collect();
        let ids: Vec<CommandId> = batch.iter().map(Command::id).collect();
        assert_eq!(block_on(bank.submit(batch)), Err(Error::Bank(BankError::OutcomeUnknown)));
        assert!(block_on(bank.close()).is_err());
        let bank = open();
        for id in ids {
            assert_eq!(block_on(bank.position_of(id)).unwrap(), None, "decided after the panic");
        }
        block_on(bank.close()).unwrap();
    });
}
