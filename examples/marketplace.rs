//! A marketplace: one order holds the buyer's money for the sellers and pays the platform's fee.
//!
//! `cargo run --example marketplace`
//!
//! All steps of an order happen, or none. Each hold among them has its own id: that of the order with the number of the
//! step. Once the goods have arrived, the holds are settled one by one; the money for returned goods is released.

use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Amount, CashPosting, CommandId, Error, HoldId, OpenAccount, OwnerId, Refusal,
    holds::{SettleHold, VoidHold},
    queries::HoldStatus,
    transfers::{Linked, Step},
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn won(units: u64) -> Result<Amount> {
    Ok(Amount::new(units)?)
}

fn main() -> Result<()> {
    let bank = Bank::in_memory()?;
    let open =
        |owner: &str| -> Result<AccountNumber> { Ok(bank.open_account(OpenAccount::new(OwnerId::new(owner)?))?) };
    let (buyer, platform, books, records) = (open("mina")?, open("platform")?, open("books")?, open("records")?);
    bank.deposit(CashPosting::new(buyer, won(100_000)?))?;

    // The id is derived from the order's number, so an order that is sent again is carried out once.
    let order = |number: u32, from_books: u64, from_records: u64| -> Result<Linked> {
        let text = format!("order {number}");
        let steps = vec![
            Step::transfer(buyer, platform, won(2_000)?).with_reference(&text),
            Step::hold(buyer, books, won(from_books)?).with_reference(&text),
            Step::hold(buyer, records, won(from_records)?).with_reference(&text),
        ];
        Ok(Linked::new(steps).with_id(CommandId::derived(format!("marketplace\0{number}").as_bytes())))
    };
    let first = order(1, 18_000, 30_000)?;
    let position = bank.linked(first.clone())?;
    assert_eq!(bank.linked(first.clone())?, position);
    println!("order 1: {} available to the buyer", bank.snapshot(buyer)?.available);

    // The second order is too large, and costs no fee either.
    match bank.linked(order(2, 40_000, 40_000)?) {
        Err(Error::Refused(Refusal::Linked { step, refusal })) => {
            println!("order 2: step {step} is refused: {refusal}")
        }
        other => return Err(format!("not refused: {other:?}").into()),
    }
    assert_eq!(bank.snapshot(platform)?.posted.minor_units(), 2_000);

    // The books have arrived. One of the records is returned, and its price goes back to the buyer.
    let (of_books, of_records) = (HoldId::of_step(first.id, 1), HoldId::of_step(first.id, 2));
    bank.settle_hold(SettleHold::all(of_books))?;
    let kept = bank.settle_hold(SettleHold::part(of_records, won(20_000)?))?;
    println!("order 1: {} paid for records, {} given back", kept.amount, kept.released);
    match bank.void_hold(VoidHold::new(of_books)) {
        Err(Error::Refused(refusal)) => println!("too late: {refusal}"),
        other => return Err(format!("not refused: {other:?}").into()),
    }
    for (name, hold) in [("books", of_books), ("records", of_records)] {
        let hold = bank.hold(hold)?.ok_or("the hold is not there")?;
        assert_eq!((hold.status, hold.details.reference.as_str()), (HoldStatus::Settled, "order 1"));
        println!("{name}: {} of {}", hold.captured, hold.amount);
    }
    assert_eq!(bank.snapshot(buyer)?.posted.minor_units(), 60_000);
    bank.close()?;
    Ok(())
}
