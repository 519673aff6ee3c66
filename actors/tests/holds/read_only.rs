//! A read-only bank shows expired holds as it will once their expiry is recorded.

use futures::future::BoxFuture;
use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{AmendHold, PlaceHold, SettleHold};
use jangbu_actors::ledger::{Amount, CommandId, Timestamp};
use jangbu_actors::verification::{Pending, Verdict, Verifier};
use jangbu_actors::{HoldStatus, MovementStatus, TransferQuery};

use crate::support::{Town, builder, moment, number, won};

/// A verifier that never reaches a verdict.
struct Endless;

impl Verifier for Endless {
    fn verify(&self, _: Pending) -> BoxFuture<'static, Verdict> {
        Box::pin(std::future::pending())
    }
}

/// The views of a hold: on its own, and in the list of movements.
type Shown = ((HoldStatus, [Amount; 3], Option<Timestamp>), (MovementStatus, [Amount; 2]));

fn shown(bank: &Bank, hold: CommandId) -> Shown {
    let view = bank.hold(hold).unwrap().unwrap();
    let listed = bank.transfers(TransferQuery::default()).unwrap();
    let listed = listed.data.iter().find(|movement| movement.id == hold).unwrap();
    (
        (view.status, [view.amount, view.captured, view.remaining], view.expires_at),
        (listed.status, [listed.amount, listed.captured]),
    )
}

#[test]
fn a_read_only_bank_shows_the_captured_part_of_an_expired_hold() {
    let scratch = tempfile::tempdir().unwrap();
    let Town { bank, clock } = Town::kept(5, scratch.path());
    bank.close().unwrap();
    let bank = Bank::from(builder(&clock).verifier(Endless).open(scratch.path()).unwrap());
    let town = Town { bank, clock };
    town.deposit("A", 900);
    let (soon, later) = (moment("2026-11-22T04:00:00Z"), moment("2026-11-22T05:00:00Z"));
    let place = |amount| {
        let hold = PlaceHold::new(number("A"), number("B"), won(amount)).with_expiry(soon);
        town.bank.place_hold(hold).unwrap().id
    };
    let (captured, untouched, amended) = (place(300), place(50), place(40));
    let waits = PlaceHold { verify: true, ..PlaceHold::new(number("A"), number("B"), won(20)).with_expiry(soon) };
    let waiting = town.bank.place_hold(waits).unwrap().id;
    town.bank.settle_hold(SettleHold::part(captured, won(100)).keeping_rest()).unwrap();
    town.bank
        .amend_hold(AmendHold {
            id: CommandId::random(),
            hold: amended.into(),
            raise_to: Some(won(60)),
            expires_at: Some(later),
        })
        .unwrap();
    town.bank.settle_hold(SettleHold::part(amended, won(10)).keeping_rest()).unwrap();
    let Town { bank, clock } = town;
    bank.close().unwrap();
    clock.set(moment("2026-11-22T06:00:00Z"));
    let bank = Bank::from(builder(&clock).read_only(true).open(scratch.path()).unwrap());
    let holds = [captured, untouched, amended, waiting];
    let read = holds.map(|hold| shown(&bank, hold));
    bank.close().unwrap();
    let expected = [
        ([300, 100, 0], soon, MovementStatus::PartlySettled),
        ([50, 0, 0], soon, MovementStatus::Expired),
        ([60, 10, 0], later, MovementStatus::PartlySettled),
        ([20, 0, 0], soon, MovementStatus::Expired),
    ];
    for (found, (amounts, expires_at, status)) in read.iter().zip(expected) {
        let [amount, captured, remaining] = amounts.map(won);
        let of_itself = (HoldStatus::Expired, [amount, captured, remaining], Some(expires_at));
        assert_eq!(*found, (of_itself, (status, [amount, captured])));
    }
    // Opened for writing, the bank records what was shown.
    let bank = Bank::from(builder(&clock).open(scratch.path()).unwrap());
    let town = Town { bank, clock };
    town.wait_until(moment("2026-11-22T06:00:01Z"), |town| town.figures("A").1 == 0);
    assert_eq!(holds.map(|hold| shown(&town.bank, hold)), read);
}
