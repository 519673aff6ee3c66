//! Bugs in limits: the size of a command, and one seat per account.

use jangbu_actors::command::{CashPosting, InvalidCommand, Linked, OpenAccount, Step, Transfer};
use jangbu_actors::ledger::{Amount, Currency, Details, OwnerId, Refusal};
use jangbu_actors::plant::Bug;
use jangbu_actors::{Bank, Error};
use jangbu_sim::{Simulation, World};

use crate::catches;
use crate::town::{in_memory, number, won};

#[test]
fn a_command_without_a_bound_is_caught() {
    catches(Bug::CommandsUnbounded, "no bound", || {
        let metadata = (0..8).map(|n| (format!("{n:040}"), "v".repeat(200))).collect();
        let details = Some(Box::new(Details { metadata, ..Details::default() }));
        let step = Step::from(Transfer { details, ..Transfer::new(number("A"), number("B"), won(1)) });
        let answer = in_memory().linked(Linked::new(vec![step; 64]));
        assert!(matches!(answer, Err(Error::Invalid(InvalidCommand::TooLarge(_)))), "no bound: {answer:?}");
    });
}

/// Opens the first account of several currencies while others pay to the bank's own account in them.
async fn come(bank: Bank, world: World) -> Result<(), Error> {
    let open = |text: &str, code: &str| {
        let open = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(text));
        open.with_currency(Currency::new(code).unwrap())
    };
    bank.open_account(open("A", "KRW")).await?;
    for code in ["USD", "EUR", "JPY", "CHF"] {
        let own = number(&format!("CASH-{code}"));
        let payer = {
            let bank = bank.clone();
            world.spawn(async move { bank.transfer(Transfer::new(number("A"), own, Amount::ONE)).await })
        };
        bank.open_account(open(code, code)).await?;
        let paid = payer.await;
        let of_account = |refusal: &Refusal| ["account_unknown", "system_account"].contains(&refusal.code());
        let refused = match &paid {
            Err(Error::Refused(refusal)) => of_account(refusal),
            // The bank has stopped, as the next call shows.
            answer => matches!(answer, Err(Error::Bank(_))),
        };
        assert!(refused, "{paid:?}");
        bank.deposit(CashPosting::new(number(code), won(5))).await?;
    }
    Ok(())
}

fn currencies_come() {
    for seed in 1..=30 {
        let calm = Simulation::new(seed).crashes(false).disk_failures(false);
        if let Err(failure) = calm.run(come) {
            panic!("{failure}");
        }
    }
}

#[test]
fn two_seats_for_one_account_are_caught() {
    catches(Bug::TwoSeats, "has a seat", currencies_come);
}

#[test]
fn an_answer_that_comes_too_late_is_caught() {
    catches(Bug::AnswerTooLate, "", currencies_come);
}
