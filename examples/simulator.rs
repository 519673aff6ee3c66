//! An application tested against crashes: a shop that takes the money for each of its orders exactly once.
//!
//! `cargo run --example simulator --features sim`
//!
//! In your own program, this is a test, with `jangbu = { …, features = ["sim"] }` in the `dev-dependencies`.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use jangbu::sim::{Failure, Report, Simulation, World, seeds};
use jangbu::{AccountNumber, Amount, Bank, CashPosting, CommandId, OpenAccount, OwnerId, Transfer};

const SEEDS: u64 = 200;
const ORDERS: usize = 8;
const PRICE: u64 = 1_000;
const PURSE: u64 = 100_000;

/// The shop's own database. Its contents survive a crash.
#[derive(Default)]
struct Orders {
    paid: usize,
}

/// How the shop chooses the ids of its payments.
#[derive(Clone, Copy)]
enum Ids {
    /// Derived from the order: a payment that is retried after a crash is the same payment.
    OfTheOrder,
    /// A new one for every attempt. That is wrong, but works until a crash comes at the wrong moment.
    OfTheAttempt,
}

impl Ids {
    fn of(self, what: &str) -> CommandId {
        match self {
            Ids::OfTheOrder => CommandId::derived(format!("shop\0{what}").as_bytes()),
            Ids::OfTheAttempt => CommandId::random(),
        }
    }
}

/// The shop's program. After a crash it is started again and continues according to its orders.
async fn shop(
    bank: Bank,
    world: World,
    orders: Rc<RefCell<Orders>>,
    ids: Ids,
) -> Result<(), Box<dyn std::error::Error>> {
    let (customer, till) = (AccountNumber::new("CUSTOMER")?, AccountNumber::new("TILL")?);
    for (number, owner) in [(customer, "mina"), (till, "shop")] {
        let id = CommandId::derived(number.as_str().as_bytes());
        bank.open_account(OpenAccount::new(OwnerId::new(owner)?).with_number(number).with_id(id)).await?;
    }
    let purse = CashPosting::new(customer, Amount::new(PURSE)?).with_id(CommandId::derived(b"purse"));
    bank.deposit(purse).await?;

    while orders.borrow().paid < ORDERS {
        let order = format!("order-{}", orders.borrow().paid);
        let payment = Transfer::new(customer, till, Amount::new(PRICE)?).with_id(ids.of(&order)).with_reference(&order);
        bank.transfer(payment).await?;
        // The power may fail between the payment and this line.
        world.sleep(Duration::from_millis(world.below(3))).await;
        orders.borrow_mut().paid += 1;
    }

    let taken = bank.snapshot(till).await?.posted.minor_units();
    let due = i64::try_from(PRICE)? * i64::try_from(ORDERS)?;
    if taken == due { Ok(()) } else { Err(format!("{due} won were due, and {taken} were taken").into()) }
}

fn simulate(seed: u64, ids: Ids) -> Result<Report<()>, Failure> {
    let orders = Rc::new(RefCell::new(Orders::default()));
    Simulation::new(seed).run(move |bank, world| shop(bank, world, Rc::clone(&orders), ids))
}

fn main() -> Result<(), Failure> {
    let (mut crashes, mut runs) = (0, 0);
    for seed in seeds(SEEDS) {
        crashes += simulate(seed, Ids::OfTheOrder)?.crashes;
        runs += 1;
    }
    println!("{runs} runs with {crashes} crashes: every order was paid once");

    match seeds(SEEDS).find_map(|seed| simulate(seed, Ids::OfTheAttempt).err()) {
        Some(failure) => println!("with a new id for every attempt: {failure}"),
        None => println!("with a new id for every attempt: nothing found, which is luck"),
    }
    Ok(())
}
