//! The blocking interface: four threads race for the last money on one account, and it is never overdrawn.
//!
//! `cargo run --example blocking`

use std::thread;

use jangbu::blocking::Bank;
use jangbu::{Amount, CashPosting, Error, OpenAccount, OwnerId, Transfer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bank = Bank::in_memory()?;
    let purse = bank.open_account(OpenAccount::new(OwnerId::new("purse")?))?;
    let shop = bank.open_account(OpenAccount::new(OwnerId::new("shop")?))?;
    bank.deposit(CashPosting::new(purse, Amount::new(1_000)?))?;
    let price = Amount::new(30)?;

    let posted: u32 = thread::scope(|scope| {
        let buyers: Vec<_> = (0..4)
            .map(|_| {
                let bank = bank.clone();
                scope.spawn(move || {
                    let mut posted = 0;
                    loop {
                        match bank.transfer(Transfer::new(purse, shop, price)) {
                            Ok(_) => posted += 1,
                            Err(Error::Refused(refusal)) => return Ok((posted, refusal)),
                            Err(error) => return Err(error),
                        }
                    }
                })
            })
            .collect();
        let mut sum = 0;
        for buyer in buyers {
            let (posted, refusal) = buyer.join().map_err(|_| "a buyer panicked")??;
            println!("{posted} bought, then: {refusal}");
            sum += posted;
        }
        Ok::<_, Box<dyn std::error::Error>>(sum)
    })?;

    let (left, earned) = (bank.snapshot(purse)?.posted, bank.snapshot(shop)?.posted);
    println!("{posted} purchases of {price}: {left} left in the purse, {earned} in the shop");
    bank.close()?;
    Ok(())
}
