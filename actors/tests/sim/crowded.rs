//! More accounts are needed at once than may be active: commands still make progress.

use jangbu_actors::command::{CashPosting, Command, OpenAccount, Transfer};
use jangbu_actors::ledger::{AccountNumber, Amount, OwnerId, Refusal};
use jangbu_actors::{Bank, Error};
use jangbu_sim::{Simulation, World};

const ACCOUNTS: u64 = 8;
const CLIENTS: usize = 3;
const TRANSFERS: usize = 100;

fn account(number: u64) -> AccountNumber {
    AccountNumber::new(&format!("A{number}")).unwrap()
}

async fn crowd(bank: Bank, world: World) -> Result<(), Error> {
    let owner = OwnerId::new("mina").unwrap();
    let open = |n| Command::OpenAccount(Box::new(OpenAccount::new(owner).with_number(account(n))));
    bank.submit((0..ACCOUNTS).map(open).collect()).await?;
    let pay_in = |n| Command::Deposit(CashPosting::new(account(n), Amount::new(1_000).unwrap()));
    bank.submit((0..ACCOUNTS).map(pay_in).collect()).await?;
    let client = |_| {
        let (bank, dice) = (bank.clone(), world.clone());
        world.spawn(async move {
            for _ in 0..TRANSFERS {
                let from = dice.below(ACCOUNTS);
                // Some do not exist: looking them up takes seats from others and leaves them empty.
                let to =
                    (from + 1 + dice.below(ACCOUNTS - 1)) % ACCOUNTS + if dice.below(3) == 0 { ACCOUNTS } else { 0 };
                let transfer = Transfer::new(account(from), account(to), Amount::new(1).unwrap());
                match bank.transfer(transfer).await {
                    Ok(_) => assert!(to < ACCOUNTS),
                    Err(Error::Refused(refusal)) => {
                        assert_eq!(refusal, Refusal::AccountUnknown { number: account(to) })
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok::<_, Error>(())
        })
    };
    let clients: Vec<_> = (0..CLIENTS).map(client).collect();
    for client in clients {
        client.await?;
    }
    Ok(())
}

/// Each account was loaded for a command that also needed another, for which it was retired again, in an endless cycle:
/// found by seed 3797 of the auditor's test.
#[test]
fn transfers_that_wait_for_each_others_seats_are_decided() {
    for seed in 1..=300 {
        let calm = Simulation::new(seed).crashes(false).disk_failures(false).steps(100_000);
        calm.bank(|builder| builder.max_active_accounts(4)).run(crowd).unwrap();
    }
}
