//! A hotel: money is held at check-in, raised, captured in parts and returned.
//!
//! `cargo run --example holds`

use std::time::Duration;

use jangbu::blocking::Bank;
use jangbu::clock::{Clock, SystemClock};
use jangbu::{
    AccountNumber, Amount, CashPosting, CommandId, Error, OpenAccount, OwnerId, Refusal,
    holds::{AmendHold, PlaceHold, SettleHold, VoidHold},
    queries::HoldStatus,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn won(units: u64) -> Result<Amount> {
    Ok(Amount::new(units)?)
}

fn show(bank: &Bank, what: &str, guest: AccountNumber, hotel: AccountNumber) -> Result<()> {
    let (guest, hotel) = (bank.snapshot(guest)?, bank.snapshot(hotel)?);
    println!(
        "{what:24} guest: {:>7} posted, {:>7} held, {:>7} available; hotel: {:>7} posted, {:>7} pending",
        guest.posted, guest.held, guest.available, hotel.posted, hotel.pending_in
    );
    Ok(())
}

/// Waits until the bank has returned the money of an expired hold.
fn wait_for_expiry(bank: &Bank, hold: CommandId) -> Result<()> {
    while bank.hold(hold)?.is_some_and(|hold| hold.status == HoldStatus::Open) {
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn main() -> Result<()> {
    let bank = Bank::in_memory()?;
    let guest = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
    let hotel = bank.open_account(OpenAccount::new(OwnerId::new("hotel")?))?;
    bank.deposit(CashPosting::new(guest, won(500_000)?))?;

    // Check-in for two nights. The id is derived from the booking, so a check-in that is sent again holds the money
    // once.
    let id = CommandId::derived(b"hotel\0booking 4711");
    let check_in = PlaceHold::new(guest, hotel, won(200_000)?).with_id(id).with_labels("hotel", "room 12");
    let hold = bank.place_hold(check_in.clone())?;
    assert_eq!(bank.place_hold(check_in)?, hold);
    show(&bank, "check-in", guest, hotel)?;

    // One more night.
    bank.amend_hold(AmendHold {
        id: CommandId::random(),
        hold: hold.id.into(),
        raise_to: Some(won(300_000)?),
        expires_at: None,
    })?;
    show(&bank, "one night more", guest, hotel)?;

    // Held money cannot be spent: the hotel gets its money, whatever the guest does.
    let dinner = PlaceHold::new(guest, hotel, won(250_000)?);
    match bank.place_hold(dinner) {
        Err(Error::Refused(Refusal::InsufficientFunds { available, .. })) => {
            println!("a second hold: {available} is left")
        }
        other => return Err(format!("not refused: {other:?}").into()),
    }

    // The first night is paid; the rest stays held.
    bank.settle_hold(SettleHold::part(hold.id, won(100_000)?).keeping_rest())?;
    show(&bank, "first night", guest, hotel)?;
    // The guest leaves early: one more night is paid, and the rest goes back.
    let last = bank.settle_hold(SettleHold::part(hold.id, won(100_000)?))?;
    println!("check-out: {} captured in all, {} given back", last.captured, last.released);
    show(&bank, "check-out", guest, hotel)?;

    // A second capture is refused. A repetition of the first is not a second capture.
    match bank.settle_hold(SettleHold::all(hold.id)) {
        Err(Error::Refused(refusal)) => println!("once more: {refusal}"),
        other => return Err(format!("not refused: {other:?}").into()),
    }

    // A cancelled booking.
    let booking = bank.place_hold(PlaceHold::new(guest, hotel, won(100_000)?))?;
    bank.void_hold(VoidHold::new(booking.id).because("cancelled"))?;
    let cancelled = bank.hold(booking.id)?.ok_or("the hold is not there")?;
    println!("the next booking is {}: {}", cancelled.status, cancelled.reason);

    // A reservation that is never used: its hold expires, and the bank returns the money on its own.
    let until = SystemClock.now().after(Duration::from_millis(200));
    let reservation = bank.place_hold(PlaceHold::new(guest, hotel, won(50_000)?).with_expiry(until))?;
    show(&bank, "reservation", guest, hotel)?;
    wait_for_expiry(&bank, reservation.id)?;
    show(&bank, "its time is over", guest, hotel)?;
    bank.close()?;
    Ok(())
}
