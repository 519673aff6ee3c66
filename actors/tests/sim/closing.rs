//! The bank is closed by several callers while clients are working. A command refused because the bank is closed had no
//! effect, and every other command has an answer that holds after the next open.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures::future::join3;
use jangbu_actors::command::Command;
use jangbu_actors::{Bank, BankError, Error};
use jangbu_sim::{Simulation, World, seeds};

use crate::auditor;
use crate::clients::Desk;
use crate::journal;
use crate::notes::Notes;
use crate::workload;

/// How often the bank is closed and opened again.
const TIMES: u32 = 3;
const CLIENTS: usize = 4;
/// The longest time after which the bank is closed.
const LATEST_US: u64 = 30_000;
const LARGEST_BATCH: u64 = 9;
const MOST_STEPS: u64 = 200_000;

/// What is remembered from one opening to the next, in addition to the notes.
#[derive(Default)]
struct Ledger {
    /// How often the bank was closed.
    closed: Cell<u32>,
    /// Commands that the bank refused because it was closed.
    turned_away: RefCell<Vec<Command>>,
    /// The number of commands that were refused in total.
    count: Cell<usize>,
}

async fn work(bank: Bank, world: World, notes: Rc<RefCell<Notes>>, kept: Rc<Ledger>) -> Result<(), Error> {
    let desk = Desk { bank, world, notes };
    for command in kept.turned_away.take() {
        let found = desk.bank.position_of(command.id()).await?;
        assert_eq!(found, None, "the bank was closed, it said, and recorded all the same {command:?}");
    }
    desk.ask_again().await?;
    desk.ask(workload::setup()).await?;
    if kept.closed.get() == TIMES {
        return auditor::closing_audit(&desk).await;
    }
    let client = |_| {
        let (desk, kept) = (desk.clone(), Rc::clone(&kept));
        desk.world.clone().spawn(async move { until_closed(&desk, &kept).await })
    };
    let clients: Vec<_> = (0..CLIENTS).map(client).collect();
    desk.world.sleep(Duration::from_micros(desk.world.below(LATEST_US))).await;
    let close = || desk.bank.clone().close();
    let (first, second, third) = join3(close(), close(), close()).await;
    assert!(first == second && second == third, "one bank is closed once: {first:?}, {second:?}, {third:?}");
    let mut unknown = false;
    for client in clients {
        unknown |= client.await == BankError::OutcomeUnknown;
    }
    assert_eq!(desk.bank.clone().close().await, first, "whoever comes late hears the same");
    first?;
    assert!(!unknown, "a bank that was closed in order answers whatever it admitted");
    kept.closed.set(kept.closed.get() + 1);
    desk.world.crash().await
}

/// Sends batches until the bank is closed. Returns the error.
async fn until_closed(desk: &Desk, kept: &Ledger) -> BankError {
    loop {
        let count = 1 + desk.world.below(LARGEST_BATCH);
        let batch: Vec<Command> = (0..count).map(|_| workload::draw(&desk.world, &desk.notes.borrow())).collect();
        desk.notes.borrow_mut().asked.extend(batch.iter().cloned());
        match desk.bank.submit(batch.clone()).await {
            Ok(answers) => {
                for (command, answer) in batch.iter().zip(answers) {
                    desk.notes.borrow_mut().note(command.id(), answer);
                }
            }
            Err(Error::Bank(error)) => {
                if error == BankError::Closed {
                    kept.count.set(kept.count.get() + batch.len());
                    kept.turned_away.borrow_mut().extend(batch);
                }
                return error;
            }
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn a_bank_closed_under_load_answers_exactly_what_it_admitted() {
    let mut turned_away = 0;
    for seed in seeds(if crate::many::is_long() { 3_000 } else { 60 }) {
        let (notes, kept) = (Rc::new(RefCell::new(Notes::default())), Rc::new(Ledger::default()));
        let (for_work, of_work) = (Rc::clone(&notes), Rc::clone(&kept));
        let report = Simulation::new(seed)
            .steps(MOST_STEPS)
            .run(move |bank, world| work(bank, world, Rc::clone(&for_work), Rc::clone(&of_work)))
            .unwrap();
        journal::check(&report, &notes.borrow());
        turned_away += kept.count.get();
    }
    assert!(turned_away > 0, "nobody came too late");
}
