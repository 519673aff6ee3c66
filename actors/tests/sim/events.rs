//! An application that follows the bank across crashes: nothing is missed, and no event is taken back by a crash.

use std::cell::Cell;
use std::rc::Rc;

use jangbu_actors::command::{CashPosting, OpenAccount};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId, OwnerId, Position};
use jangbu_actors::{Error, EventError, EventKind};
use jangbu_sim::{Simulation, seeds};

const DEPOSITS: u64 = 12;

/// What the application keeps in a file of its own.
#[derive(Default)]
struct Kept {
    made: Cell<u64>,
    /// The position from which to continue, and the sum of the deposits seen.
    next: Cell<u64>,
    told: Cell<u64>,
}

#[test]
fn a_subscriber_of_a_simulated_bank_misses_nothing_across_crashes() {
    let (mut crashes, mut waited) = (0, 0);
    for seed in seeds(60) {
        let kept = Rc::new(Kept::default());
        let (application, waits) = (Rc::clone(&kept), Rc::new(Cell::new(0u32)));
        let counted = Rc::clone(&waits);
        let report = Simulation::new(seed)
            .run(move |bank, world| {
                let (kept, waits) = (Rc::clone(&application), Rc::clone(&counted));
                async move {
                    let till = AccountNumber::new("TILL").unwrap();
                    let open = OpenAccount::new(OwnerId::new("shop").unwrap()).with_number(till);
                    bank.open_account(open.with_id(CommandId::derived(b"open the till"))).await?;
                    let (paying, payer) = (Rc::clone(&kept), bank.clone());
                    let paid = world.spawn(async move {
                        while paying.made.get() < DEPOSITS {
                            let n = paying.made.get();
                            let id = CommandId::derived(&n.to_le_bytes());
                            let amount = Amount::new(1 << n).unwrap();
                            payer.deposit(CashPosting::new(till, amount).with_id(id)).await?;
                            paying.made.set(n + 1);
                        }
                        Ok::<_, Error>(())
                    });
                    let mut events = bank.subscribe(Position::new(kept.next.get()))?;
                    while kept.told.get() < (1 << DEPOSITS) - 1 {
                        if events.behind() == 0 {
                            waits.set(waits.get() + 1);
                        }
                        let event = match events.next().await {
                            Some(Ok(event)) => event,
                            // The disk fails, or the bank has failed because of it.
                            Some(Err(EventError::Bank(error))) => return Err(error.into()),
                            other => panic!("{other:?}"),
                        };
                        let expected = kept.next.get().max(1);
                        assert_eq!(event.position.get(), expected, "without a gap, also after a crash");
                        if let EventKind::Posted { amount, .. } = event.what {
                            kept.told.set(kept.told.get() + amount.minor_units());
                        }
                        kept.next.set(expected + 1);
                    }
                    paid.await?;
                    Ok::<_, Error>(bank.snapshot(till).await?.posted)
                }
            })
            .unwrap();
        assert_eq!((kept.told.get(), report.output.minor_units()), ((1 << DEPOSITS) - 1, (1 << DEPOSITS) - 1));
        crashes += report.crashes;
        waited += waits.get();
    }
    assert!(crashes > 10 && waited > 60, "{crashes} crashes, waited {waited} times");
}
