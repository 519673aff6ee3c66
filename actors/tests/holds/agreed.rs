//! The largest fee that a sender accepts.

use jangbu_actors::command::{Command, Linked, Outcome, PlaceHold, Step, Transfer};
use jangbu_actors::ledger::{OwnerId, Refusal};
use jangbu_actors::preview::Preview;

use crate::support::{Town, number, refused, won};

/// A transfer, a transfer of at most an amount, and a hold, each with `most_fee`.
fn asked(most_fee: u64) -> [Command; 3] {
    let transfer = || Transfer::new(number("A"), number("B"), won(10)).with_most_fee(won(most_fee));
    let at_most = Transfer { at_most: true, ..transfer() };
    let hold = PlaceHold::for_verification(transfer());
    [Command::Transfer(transfer()), Command::Transfer(at_most), Command::PlaceHold(Box::new(hold))]
}

fn fee(outcome: &Outcome) -> u64 {
    match outcome {
        Outcome::Posted(receipt) => receipt.fee.minor_units(),
        Outcome::Held(receipt) => receipt.fee.minor_units(),
        other => panic!("{other:?} has no fee"),
    }
}

#[test]
fn the_largest_accepted_fee_is_binding() {
    let town = Town::new(5);
    town.deposit("A", 1_000);
    // The figure that a person sees while a transfer is still free.
    town.bank.set_owner(OwnerId::new("a").unwrap(), 3).unwrap();
    for command in asked(0) {
        assert_eq!(fee(&town.bank.execute(command).unwrap().answer.unwrap()), 0, "still free");
    }
    let before = town.figures("A");
    for command in asked(4) {
        let too_high = Refusal::FeeTooHigh { fee: won(5), most_fee: won(4) };
        let preview = town.bank.preview(&command).unwrap();
        assert!(matches!(preview, Preview::Refused(objection) if objection.refusal == too_high), "{command:?}");
        for _ in 0..2 {
            assert_eq!(town.bank.execute(command.clone()).unwrap().answer, Err(too_high.clone()), "{command:?}");
        }
    }
    assert_eq!(town.figures("A"), before, "nothing moved");
    for command in asked(5) {
        assert_eq!(fee(&town.bank.execute(command).unwrap().answer.unwrap()), 5);
    }
    // A step without a largest fee accepts the fee that is due.
    let step = Step::transfer(number("A"), number("B"), won(1));
    town.bank.linked(Linked::new(vec![step])).unwrap();
}

#[test]
fn the_largest_accepted_fee_is_part_of_the_command() {
    let town = Town::new(5);
    town.deposit("A", 1_000);
    let transfer = Transfer::new(number("A"), number("B"), won(10)).with_most_fee(won(5));
    let first = town.bank.transfer(transfer.clone()).unwrap();
    assert_eq!(town.bank.transfer(transfer.clone()).unwrap(), first);
    for most_fee in [None, Some(won(6))] {
        let other = Transfer { most_fee, ..transfer.clone() };
        assert_eq!(refused(town.bank.transfer(other)), Refusal::IdReused);
    }
}
