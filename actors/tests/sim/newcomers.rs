//! Currencies are added with their first accounts, while others use these accounts and the bank's own.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use jangbu_actors::command::{CashPosting, Command, OpenAccount, Transfer};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId, Currency, OwnerId, Refusal};
use jangbu_actors::{Bank, Error};
use jangbu_sim::{Simulation, World};

const CURRENCIES: [&str; 16] =
    ["USD", "EUR", "JPY", "CHF", "GBP", "CNY", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "CAD", "AUD", "NZD", "SGD"];
const CLIENTS: usize = 5;
const STEPS: usize = 40;

fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

/// The currencies known to exist, and the accounts opened in them.
#[derive(Default)]
struct Known {
    there: BTreeSet<&'static str>,
    opened: BTreeSet<&'static str>,
}

/// Opens the only account of a currency, or pays to one of the bank's own accounts in it.
async fn step(bank: &Bank, world: &World, known: &RefCell<Known>) -> Result<(), Error> {
    let code = CURRENCIES[usize::try_from(world.below(16)).unwrap()];
    let currency = Currency::new(code).unwrap();
    let was_there = known.borrow().there.contains(code);
    let (own, opening) = (["CASH", "FEES"][usize::try_from(world.below(2)).unwrap()], world.below(3) == 0);
    if opening {
        let open = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(code)).with_currency(currency);
        match bank.open_account(open).await {
            Ok(_) => assert!(known.borrow_mut().opened.insert(code), "{code} was opened twice"),
            Err(Error::Refused(Refusal::AccountExists { .. })) => {}
            Err(error) => return Err(error),
        }
        known.borrow_mut().there.insert(code);
        return Ok(());
    }
    let own = number(&format!("{own}-{code}"));
    let transfer = Transfer::new(number("A"), own, Amount::new(1).unwrap());
    match bank.transfer(transfer).await {
        Err(Error::Refused(Refusal::SystemAccount { .. })) => drop(known.borrow_mut().there.insert(code)),
        Err(Error::Refused(Refusal::AccountUnknown { .. })) => assert!(!was_there, "{own} is there and is not found"),
        Err(error) => return Err(error),
        Ok(receipt) => panic!("paid to one of the bank's own accounts: {receipt:?}"),
    }
    Ok(())
}

async fn come(bank: Bank, world: World) -> Result<(), Error> {
    let open = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number("A"));
    bank.submit(vec![Command::OpenAccount(Box::new(open.with_id(CommandId::derived(b"A"))))]).await?;
    let known = Rc::new(RefCell::new(Known::default()));
    let client = |_| {
        let (bank, dice, known) = (bank.clone(), world.clone(), Rc::clone(&known));
        world.spawn(async move {
            for _ in 0..STEPS {
                step(&bank, &dice, &known).await?;
            }
            Ok::<_, Error>(())
        })
    };
    let clients: Vec<_> = (0..CLIENTS).map(client).collect();
    for client in clients {
        client.await?;
    }
    // Cash of the currency must come from somewhere.
    let opened = known.borrow().opened.clone();
    for code in &opened {
        bank.deposit(CashPosting::new(number(code), Amount::new(5).unwrap())).await?;
    }
    let there = known.borrow().there.clone();
    for code in &there {
        for own in ["CASH", "FEES"] {
            let own = number(&format!("{own}-{code}"));
            let posted = bank.snapshot(own).await?.posted.minor_units();
            let is_cash = own == number(&format!("CASH-{code}"));
            assert_eq!(posted, if is_cash && opened.contains(code) { -5 } else { 0 });
            let transfer = Transfer::new(number("A"), own, Amount::new(1).unwrap());
            let refused = bank.transfer(transfer).await;
            assert_eq!(refused, Err(Error::Refused(Refusal::SystemAccount { number: own })));
        }
    }
    Ok(())
}

/// Each of the bank's own accounts has one seat, even if a command waited for the account before its currency existed.
#[test]
fn the_accounts_of_new_currencies_have_one_seat_each() {
    for seed in 1..=60 {
        let calm = Simulation::new(seed).crashes(false).disk_failures(false).steps(100_000);
        calm.run(come).unwrap();
    }
}
