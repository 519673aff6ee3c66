//! A program that follows the bank's events to keep a total of what each customer received, and survives restarts.
//!
//! `cargo run --example events`

use std::collections::BTreeMap;

use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Amount, CashPosting, OpenAccount, OwnerId, Position, Transfer,
    events::{Event, EventError, EventKind},
    holds::{PlaceHold, SettleHold},
};

/// The program's data: the totals, and the position up to which they are correct. A real program stores both together.
#[derive(Default)]
struct Received {
    totals: BTreeMap<AccountNumber, u64>,
    next: Position,
}

impl Received {
    fn take(&mut self, event: &Event) {
        // Every position has one event, so a missing one would be noticed.
        assert!(self.next == Position::START || event.position == self.next, "there is a gap");
        self.next = event.position.next();
        self.count(&event.what);
    }

    fn count(&mut self, what: &EventKind) {
        match what {
            EventKind::Posted { to, amount, .. } | EventKind::Settled { to, amount, .. } => {
                *self.totals.entry(*to).or_default() += amount.minor_units();
            }
            EventKind::Linked { steps } => steps.iter().for_each(|step| self.count(step)),
            // Held money has not been received yet, and refused transfers never will be.
            _ => {}
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bank = Bank::in_memory()?;
    let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
    let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?))?;

    // From the beginning, on a separate thread, while the bank works.
    let events = bank.subscribe(Position::START)?.with_most_behind(10_000);
    let follower = std::thread::spawn(move || {
        let mut received = Received::default();
        for event in events {
            match event {
                Ok(event) => {
                    println!("{:>3} {:15} {}", event.position, event.what.name(), names(&event));
                    received.take(&event);
                }
                Err(EventError::Lagging { behind, resume }) => println!("{behind} behind, going on at {resume}"),
                Err(error) => println!("{error}"),
            }
        }
        received
    });

    bank.deposit(CashPosting::new(mina, Amount::new(20_000)?))?;
    bank.transfer(Transfer::new(mina, joon, Amount::new(4_500)?))?;
    let hold = bank.place_hold(PlaceHold::new(mina, joon, Amount::new(3_000)?))?;
    bank.settle_hold(SettleHold::part(hold.id, Amount::new(2_500)?))?;
    assert!(bank.transfer(Transfer::new(joon, mina, Amount::new(1_000_000)?)).is_err());
    let last = bank.stats().durable;

    // The position where it stopped is where it would continue.
    bank.close()?;
    let received = follower.join().map_err(|_| "the follower panicked")?;
    println!("\njoon received {}", received.totals.get(&joon).copied().unwrap_or_default());
    println!("everything through position {last} was seen: {}", received.next == last.next());
    Ok(())
}

fn names(event: &Event) -> String {
    event.accounts.iter().map(AccountNumber::to_string).collect::<Vec<_>>().join(" ")
}
