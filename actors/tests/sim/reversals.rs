//! Two members of staff concurrently reverse the steps of one linked command, again and again: each step is reversed
//! once.

use std::rc::Rc;

use jangbu_actors::command::{CashPosting, Linked, OpenAccount, Reverse, Step};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId, OwnerId, Refusal};
use jangbu_actors::{Bank, Error};
use jangbu_sim::{Simulation, World};

/// With these seeds, most show a fault in which reversals do not wait for each other.
const SEEDS: u64 = 12;
/// How often each step's reversal is requested.
const ROUNDS: u64 = 3;

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

fn id(what: &str) -> CommandId {
    CommandId::derived(what.as_bytes())
}

fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

/// Requests one step's reversal repeatedly. Answered requests are repeated after a crash.
async fn staff(bank: Bank, step: u8) -> Result<u64, Error> {
    let mut reversed = 0;
    for round in 0..ROUNDS {
        let reverse = Reverse::part(id("linked"), won(60)).with_id(id(&format!("back {step} {round}")));
        match bank.reverse(Reverse { step, ..reverse }).await {
            Ok(receipt) => reversed += receipt.amount.minor_units(),
            Err(Error::Refused(refusal)) => {
                assert_eq!(refusal, Refusal::ReversalTooLarge { left: won(40), requested: won(60) });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(reversed)
}

async fn work(bank: Bank, world: World) -> Result<(), Error> {
    for text in ["A", "B", "C", "D"] {
        let owner = OwnerId::new(&text.to_lowercase()).unwrap();
        bank.open_account(OpenAccount::new(owner).with_number(number(text)).with_id(id(text))).await?;
        bank.deposit(CashPosting::new(number(text), won(1_000)).with_id(id(&format!("deposit {text}")))).await?;
    }
    let step = |from, to| Step::transfer(number(from), number(to), won(100));
    bank.linked(Linked::new(vec![step("A", "B"), step("C", "D")]).with_id(id("linked"))).await?;
    let bank = Rc::new(bank);
    let start = |step| {
        let bank = (*bank).clone();
        world.spawn(async move { staff(bank, step).await })
    };
    let (first, second) = (start(0), start(1));
    assert_eq!((first.await?, second.await?), (60, 60), "each step once");
    for (text, balance) in [("A", 960), ("B", 1_040), ("C", 960), ("D", 1_040)] {
        assert_eq!(bank.snapshot(number(text)).await?.posted.minor_units(), balance, "of {text}");
    }
    Ok(())
}

#[test]
fn steps_with_disjoint_parties_are_each_reversed_once() {
    for seed in 1..=SEEDS {
        Simulation::new(seed).run(work).unwrap();
    }
}
