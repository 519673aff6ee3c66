//! Accept now, settle later: transfers that a verifier has to approve, and that delay nothing else.
//!
//! `cargo run --example verification`

use std::time::{Duration, Instant};

use jangbu::blocking::Bank;
use jangbu::verification::RandomDelay;
use jangbu::{Amount, CashPosting, OpenAccount, OwnerId, Transfer, queries::HoldStatus};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Each verification takes a quarter to half a second, and one in ten rejects the transfer. A real program
    // implements `Verifier`, for example by asking a fraud checker.
    let verifier = RandomDelay::new(Duration::from_millis(250), Duration::from_millis(500), 100);
    let bank = Bank::from(jangbu::Bank::builder().verifier(verifier).in_memory()?);
    let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
    let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?))?;
    bank.deposit(CashPosting::new(mina, Amount::new(1_000_000)?))?;

    // Twenty transfers are accepted: their money is set aside, and each answer is immediate and durable.
    let begin = Instant::now();
    let mut accepted = Vec::new();
    for _ in 0..20 {
        accepted.push(bank.accept(Transfer::new(mina, joon, Amount::new(1_000)?).with_labels("online", "sale"))?.id);
    }
    println!("{} accepted after {} ms", accepted.len(), begin.elapsed().as_millis());
    let waiting = bank.snapshot(mina)?;
    println!("mina: {} posted, {} held for {} of them", waiting.posted, waiting.held, waiting.holds.len());

    // Meanwhile, transfers between the same accounts are decided as usual.
    let begin = Instant::now();
    for _ in 0..1_000 {
        bank.transfer(Transfer::new(mina, joon, Amount::new(1)?))?;
    }
    println!("1000 others posted after {} ms", begin.elapsed().as_millis());

    // The status of each is queried by its id.
    let mut rejected = 0;
    for id in &accepted {
        let ended = loop {
            let hold = bank.hold(*id)?.ok_or("an accepted transfer is not there")?;
            if hold.status != HoldStatus::Open {
                break hold;
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        if ended.status == HoldStatus::Rejected {
            rejected += 1;
            println!("{}: {} ({})", ended.id, ended.status, ended.reason);
        }
    }
    println!("all requires_verification: {} settled, {rejected} rejected and given back", accepted.len() - rejected);
    println!("mina: {}, joon: {}", bank.snapshot(mina)?.posted, bank.snapshot(joon)?.posted);
    bank.close()?;
    Ok(())
}
