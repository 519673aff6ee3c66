//! The life of a hold: every way to place, capture and end it.

use jangbu_actors::HoldStatus;
use jangbu_actors::command::{AmendHold, Command, Outcome, PlaceHold, SettleHold, Transfer, VoidHold};
use jangbu_actors::ledger::{Change, CommandId, Freeze, HoldEnd, Refusal};

use crate::support::{Town, moment, noon, number, refused, won};

fn place(amount: u64) -> PlaceHold {
    PlaceHold::new(number("A"), number("B"), won(amount))
}

#[test]
fn partial_captures_charge_the_fee_once_and_return_the_rest() {
    let town = Town::new(5);
    town.deposit("A", 500);
    let hold = town.bank.place_hold(place(300).with_labels("hotel", "guest")).unwrap();
    assert_eq!((hold.amount, hold.fee), (won(300), won(5)));
    assert_eq!((town.figures("A"), town.figures("B"), town.fees()), ((500, 305, 0), (0, 0, 300), (0, 0, 5)));
    assert_eq!(town.left_today("A"), 700);
    let first = town.bank.settle_hold(SettleHold::part(hold.id, won(100)).keeping_rest()).unwrap();
    assert_eq!((first.amount, first.fee, first.remaining, first.end), (won(100), won(5), won(200), None));
    assert_eq!((town.figures("A"), town.figures("B"), town.fees()), ((395, 200, 0), (100, 0, 200), (5, 0, 0)));
    let too_large = refused(town.bank.settle_hold(SettleHold::part(hold.id, won(201)).keeping_rest()));
    assert_eq!(too_large, Refusal::CaptureTooLarge { remaining: won(200), requested: won(201) });
    let last = town.bank.settle_hold(SettleHold::part(hold.id, won(50))).unwrap();
    assert_eq!((last.fee, last.released, last.end), (won(0), won(150), Some(HoldEnd::Settled)));
    assert_eq!((town.figures("A"), town.figures("B"), town.fees()), ((345, 0, 0), (150, 0, 0), (5, 0, 0)));
    assert_eq!(town.left_today("A"), 850, "what was not captured uses no limit");
    for settle in [SettleHold::all(hold.id), SettleHold::part(hold.id, won(1)).keeping_rest()] {
        assert_eq!(refused(town.bank.settle_hold(settle)), Refusal::HoldSettled { hold: hold.id.into() });
    }
    let view = town.bank.hold(hold.id).unwrap().unwrap();
    assert_eq!((view.status, view.amount, view.captured), (HoldStatus::Settled, won(300), won(150)));
    assert_eq!(view.details.sender_label, "hotel");
}

#[test]
fn a_void_returns_everything() {
    let town = Town::new(5);
    town.deposit("A", 500);
    let hold = town.bank.place_hold(place(300)).unwrap();
    let voided = town.bank.void_hold(VoidHold::new(hold.id).because("changed my mind")).unwrap();
    assert_eq!((voided.released, voided.end), (won(305), Some(HoldEnd::Voided)));
    assert_eq!((town.figures("A"), town.figures("B"), town.fees()), ((500, 0, 0), (0, 0, 0), (0, 0, 0)));
    assert_eq!(town.left_today("A"), 1_000);
    assert_eq!(refused(town.bank.void_hold(VoidHold::new(hold.id))), Refusal::HoldVoided { hold: hold.id.into() });
    let view = town.bank.hold(hold.id).unwrap().unwrap();
    assert_eq!((view.status, view.reason.as_str()), (HoldStatus::Voided, "changed my mind"));
}

#[test]
fn a_hold_that_was_never_placed_is_unknown() {
    let town = Town::new(0);
    let hold = CommandId::random();
    assert_eq!(refused(town.bank.settle_hold(SettleHold::all(hold))), Refusal::HoldUnknown { hold: hold.into() });
    assert_eq!(town.bank.hold(hold).unwrap(), None);
    town.deposit("A", 10);
    let transfer = Transfer::new(number("A"), number("B"), won(1));
    let (id, again) = (transfer.id, refused);
    town.bank.transfer(transfer).unwrap();
    assert_eq!(again(town.bank.settle_hold(SettleHold::all(id))), Refusal::HoldUnknown { hold: id.into() });
}

#[test]
fn an_expired_hold_is_returned_automatically_and_cannot_be_settled() {
    let directory = tempfile::tempdir().unwrap();
    let town = Town::kept(5, directory.path());
    town.deposit("A", 500);
    let at = moment("2026-11-22T04:00:00Z");
    let passed = refused(town.bank.place_hold(place(1).with_expiry(noon())));
    assert_eq!(passed, Refusal::ExpiryPassed { expires_at: noon() });
    let hold = town.bank.place_hold(place(100).with_expiry(at)).unwrap();
    let late = town.bank.place_hold(place(50).with_expiry(at)).unwrap();
    let amended = AmendHold {
        id: CommandId::random(),
        hold: late.id.into(),
        raise_to: None,
        expires_at: Some(moment("2026-11-22T05:00:00Z")),
    };
    town.bank.amend_hold(amended).unwrap();
    // The expiry survives a restart.
    let town = town.reopened(directory.path());
    assert_eq!(town.figures("A"), (500, 160, 0));
    town.wait_until(at, |town| town.figures("A") == (500, 55, 0));
    assert_eq!(town.figures("B"), (0, 0, 50));
    assert_eq!(refused(town.bank.settle_hold(SettleHold::all(hold.id))), Refusal::HoldExpired { hold: hold.id.into() });
    assert_eq!(town.bank.hold(hold.id).unwrap().unwrap().status, HoldStatus::Expired);
    assert_eq!(town.left_today("A"), 950, "it ended on its day");
    let town = town.reopened(directory.path());
    assert_eq!(refused(town.bank.settle_hold(SettleHold::all(hold.id))), Refusal::HoldExpired { hold: hold.id.into() });
    assert_eq!(town.bank.hold(hold.id).unwrap().unwrap().status, HoldStatus::Expired);
    town.deposit("A", 1);
    town.bank.settle_hold(SettleHold::all(late.id)).unwrap();
    assert_eq!((town.figures("A"), town.figures("B")), ((446, 0, 0), (50, 0, 0)));
    let expiry = |id| town.bank.hold(id).unwrap().unwrap().expires_at;
    assert_eq!((expiry(hold.id), expiry(late.id)), (Some(at), Some(moment("2026-11-22T05:00:00Z"))), "as at the end");
    town.bank.close().unwrap();
}

#[test]
fn an_expire_command_works_once_and_not_before_the_expiry() {
    let town = Town::new(5);
    town.deposit("A", 500);
    let at = moment("2026-11-22T04:00:00Z");
    let hold = town.bank.place_hold(place(100).with_expiry(at)).unwrap();
    let lasting = town.bank.place_hold(place(50)).unwrap();
    let expire = |hold: CommandId| {
        let command = Command::ExpireHold { id: CommandId::random(), hold: hold.into() };
        town.bank.submit(vec![command]).unwrap().remove(0)
    };
    let not_due = |hold: CommandId| Err(Refusal::HoldNotDue { hold: hold.into() });
    assert_eq!(expire(hold.id), not_due(hold.id));
    assert_eq!(town.figures("A"), (500, 160, 0));
    town.clock.set(at);
    // The bank expires it as well, and either may come first.
    match expire(hold.id) {
        Ok(Outcome::Drawn(drawn)) => assert_eq!((drawn.released, drawn.end), (won(105), Some(HoldEnd::Expired))),
        answer => assert_eq!(answer, Err(Refusal::HoldExpired { hold: hold.id.into() })),
    }
    assert_eq!(town.figures("A"), (500, 55, 0));
    assert_eq!(expire(hold.id), Err(Refusal::HoldExpired { hold: hold.id.into() }));
    assert_eq!(expire(lasting.id), not_due(lasting.id), "it has no end");
    let unknown = CommandId::random();
    assert_eq!(expire(unknown), Err(Refusal::HoldUnknown { hold: unknown.into() }));
    town.bank.close().unwrap();
}

#[test]
fn a_raise_is_checked_against_funds_and_limits() {
    let town = Town::new(0);
    town.deposit("A", 500);
    let hold = town.bank.place_hold(place(300)).unwrap();
    let raise = |to: u64| AmendHold {
        id: CommandId::random(),
        hold: hold.id.into(),
        raise_to: Some(won(to)),
        expires_at: None,
    };
    let poor = refused(town.bank.amend_hold(raise(501)));
    assert_eq!(poor, Refusal::InsufficientFunds { available: won(200), needed: won(201) });
    let lowered = refused(town.bank.amend_hold(raise(299)));
    assert_eq!(lowered, Refusal::HoldLowered { amount: won(300), requested: won(299) });
    town.bank.amend_hold(raise(500)).unwrap();
    assert_eq!((town.figures("A"), town.figures("B"), town.left_today("A")), ((500, 500, 0), (0, 0, 500), 500));
    town.deposit("A", 1_000);
    let limited = refused(town.bank.amend_hold(raise(1_001)));
    assert_eq!(limited, Refusal::LimitPerDay { limit: won(1_000), used: won(500), requested: won(501) });
    town.bank.void_hold(VoidHold::new(hold.id)).unwrap();
    assert_eq!((town.figures("A"), town.left_today("A")), ((1_500, 0, 0), 1_000));
}

#[test]
fn freezing_does_not_prevent_settlement_and_holds_prevent_closing() {
    let town = Town::new(0);
    town.deposit("A", 500);
    let hold = town.bank.place_hold(place(500)).unwrap();
    let change = |account: &str, change| jangbu_actors::command::ChangeAccount {
        id: CommandId::random(),
        account: number(account),
        change,
    };
    let closing = refused(town.bank.change_account(change("B", Change::Close)));
    assert_eq!(closing, Refusal::HoldsOpen { held: won(0), pending_in: won(500) });
    for account in ["A", "B"] {
        let frozen = Freeze { debits: true, credits: true };
        town.bank.change_account(change(account, Change::Freeze(frozen))).unwrap();
    }
    town.bank.settle_hold(SettleHold::all(hold.id)).unwrap();
    assert_eq!((town.figures("A"), town.figures("B")), ((0, 0, 0), (500, 0, 0)));
    town.bank.change_account(change("A", Change::Close)).unwrap();
}

#[test]
fn a_batch_may_place_a_hold_and_settle_it_twice() {
    use jangbu_actors::command::Command;
    let town = Town::new(0);
    town.deposit("A", 500);
    let placed = place(300);
    let hold = placed.id;
    let batch = vec![
        Command::PlaceHold(Box::new(placed)),
        Command::SettleHold(SettleHold::all(hold)),
        Command::SettleHold(SettleHold::all(hold)),
        Command::VoidHold(VoidHold::new(hold)),
    ];
    let answers = town.bank.submit(batch.clone()).unwrap();
    assert!(answers[0].is_ok() && answers[1].is_ok(), "{answers:?}");
    assert_eq!(answers[2], Err(Refusal::HoldSettled { hold: hold.into() }));
    assert_eq!(answers[3], Err(Refusal::HoldSettled { hold: hold.into() }));
    assert_eq!(town.bank.submit(batch).unwrap(), answers, "the same ids, the same answers");
    assert_eq!((town.figures("A"), town.figures("B")), ((200, 0, 0), (300, 0, 0)));
}
