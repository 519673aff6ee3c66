//! The movement of each kind of record.

use futures::executor::block_on;
use jangbu_actors::command::{
    CashPosting, Linked, OpenAccount, PlaceHold, Reverse, SettleHold, Step, Sweep, Transfer, VoidHold,
};
use jangbu_actors::ledger::{AccountNumber, CommandId};
use jangbu_actors::{Bank, TransferQuery};

use crate::bank::{amount, number, owner};

fn id(count: u8) -> CommandId {
    CommandId::derived(&[count])
}

fn bank() -> (Bank, AccountNumber, AccountNumber) {
    let bank = Bank::in_memory().unwrap();
    for text in ["A", "B"] {
        block_on(bank.open_account(OpenAccount::new(owner("ann")).with_number(number(text)))).unwrap();
    }
    block_on(bank.deposit(CashPosting::new(number("A"), amount(1_000)).with_id(id(1)))).unwrap();
    (bank, number("A"), number("B"))
}

/// Returns the movements of an id, one per line: step, kind, status, from, to, amount, captured, released.
fn described(bank: &Bank, count: u8) -> Vec<String> {
    let movements = block_on(bank.movements_of(id(count))).unwrap();
    let text = |number: Option<AccountNumber>| number.map_or("-".to_owned(), |number| number.to_string());
    let line = |movement: jangbu_actors::Movement| {
        let step = movement.step.map_or("-".to_owned(), |step| step.to_string());
        let (from, to) = (text(movement.from), text(movement.to));
        format!(
            "{step} {} {} {from} {to} {} {} {}",
            movement.kind, movement.status, movement.amount, movement.captured, movement.released
        )
    };
    movements.into_iter().map(line).collect()
}

#[test]
fn cash_transfers_sweeps_and_reversals() {
    let (bank, a, b) = bank();
    block_on(bank.transfer(Transfer::new(a, b, amount(300)).with_id(id(2)))).unwrap();
    block_on(bank.withdraw(CashPosting::new(b, amount(20)).with_id(id(3)))).unwrap();
    block_on(bank.reverse(Reverse::part(id(2), amount(50)).with_id(id(4)))).unwrap();
    block_on(bank.sweep(Sweep::to_zero(b, a).with_id(id(5)))).unwrap();
    let rows = [
        (1, "- deposit posted CASH-KRW A 1000 0 0"),
        (2, "- transfer posted A B 300 0 0"),
        (3, "- withdrawal posted B CASH-KRW 20 0 0"),
        (4, "- reversal posted B A 50 0 0"),
        (5, "- sweep posted B A 230 0 0"),
    ];
    for (count, expected) in rows {
        assert_eq!(described(&bank, count), [expected]);
    }
    let reversal = block_on(bank.movement(id(4))).unwrap().unwrap();
    assert_eq!((reversal.original, reversal.hold), (Some(id(2)), None));
    assert_eq!(described(&bank, 99), [""; 0]);
}

#[test]
fn a_hold_is_listed_in_its_present_state() {
    let (bank, a, b) = bank();
    let place =
        |count, units| block_on(bank.place_hold(PlaceHold::new(a, b, amount(units)).with_id(id(count)))).unwrap();
    place(10, 100);
    assert_eq!(described(&bank, 10), ["- hold held A B 100 0 0"]);
    block_on(bank.settle_hold(SettleHold::part(id(10), amount(30)).keeping_rest().with_id(id(11)))).unwrap();
    assert_eq!(described(&bank, 10), ["- hold held A B 100 30 0"]);
    block_on(bank.settle_hold(SettleHold::part(id(10), amount(25)).with_id(id(12)))).unwrap();
    assert_eq!(described(&bank, 10), ["- hold partly_settled A B 100 55 0"]);
    assert_eq!(described(&bank, 11), ["- settlement posted A B 30 0 0"]);
    assert_eq!(described(&bank, 12), ["- settlement posted A B 25 0 45"]);
    let movement = |count| block_on(bank.movement(id(count))).unwrap().unwrap();
    assert!(!movement(10).requires_verification);
    let of_hold = TransferQuery { hold: Some(id(10).into()), ..TransferQuery::default() };
    let found: Vec<_> = block_on(bank.transfers(of_hold)).unwrap().data.iter().map(|found| found.id).collect();
    assert_eq!(found, [id(12), id(11)]);
    block_on(bank.accept(Transfer::new(a, b, amount(40)).with_id(id(9)))).unwrap();
    assert!(movement(9).requires_verification, "it waits for its verification");
    place(13, 70);
    block_on(bank.void_hold(VoidHold::new(id(13)).with_id(id(14)).because("changed my mind"))).unwrap();
    assert_eq!(described(&bank, 13), ["- hold voided A B 70 0 0"]);
    assert_eq!(described(&bank, 14), ["- release voided A B 70 0 0"]);
    let release = block_on(bank.movement(id(14))).unwrap().unwrap();
    assert_eq!((release.hold, release.reason.as_str()), (Some(id(13).into()), "changed my mind"));
    assert_eq!(release.details.reference, "");
}

#[test]
fn the_status_of_an_ended_hold_reflects_what_its_receiver_got() {
    let (bank, a, b) = bank();
    let place =
        |count, units| block_on(bank.place_hold(PlaceHold::new(a, b, amount(units)).with_id(id(count)))).unwrap();
    place(40, 100);
    block_on(bank.settle_hold(SettleHold::all(id(40)).with_id(id(41)))).unwrap();
    assert_eq!(described(&bank, 40), ["- hold settled A B 100 100 0"]);
    place(42, 100);
    block_on(bank.settle_hold(SettleHold::part(id(42), amount(30)).keeping_rest().with_id(id(43)))).unwrap();
    block_on(bank.void_hold(VoidHold::new(id(42)).with_id(id(44)).because("fraud").telling("Call us"))).unwrap();
    assert_eq!(described(&bank, 42), ["- hold partly_settled A B 100 30 0"]);
    assert_eq!(described(&bank, 44), ["- release voided A B 70 0 0"]);
    let hold = block_on(bank.movement(id(42))).unwrap().unwrap();
    assert_eq!((hold.reason.as_str(), hold.customer_text.as_str()), ("fraud", "Call us"));
    assert!(hold.ended_at.is_some());
}

#[test]
fn a_verified_transfer_is_one_movement_in_every_state() {
    let (bank, a, b) = bank();
    let transfer = |count: u8| {
        let transfer = Transfer::new(a, b, amount(40)).with_id(id(count)).with_labels("rent", "from ann");
        block_on(bank.accept(transfer.with_reference("May"))).unwrap().position
    };
    let listed =
        || block_on(bank.transfers(TransferQuery { account: Some(a), ..TransferQuery::default() })).unwrap().data;
    let placed = transfer(50);
    assert_eq!(described(&bank, 50), ["- transfer pending A B 40 0 0"]);
    assert_eq!((listed()[0].id, listed()[0].position), (id(50), placed));
    let drawn = block_on(bank.settle_hold(SettleHold::all(id(50)).with_id(id(51)))).unwrap();
    let posted = block_on(bank.movement(id(50))).unwrap().unwrap();
    assert_eq!(described(&bank, 50), ["- transfer posted A B 40 40 0"]);
    assert_eq!(
        block_on(bank.movements_of(id(51))).unwrap(),
        std::slice::from_ref(&posted),
        "its settlement leads to it too"
    );
    assert_eq!(listed().iter().filter(|movement| movement.id == id(50)).collect::<Vec<_>>(), [&posted]);
    assert_eq!((posted.position, posted.settlement, posted.hold), (drawn.position, Some(id(51)), None));
    assert_eq!((posted.details.sender_label.as_str(), posted.details.reference.as_str()), ("rent", "May"));
    for (count, rejected, status) in [(52, true, "rejected"), (54, false, "cancelled")] {
        transfer(count);
        let void = VoidHold { rejected, ..VoidHold::new(id(count)).with_id(id(count + 1)) };
        block_on(bank.void_hold(void.because("a thief"))).unwrap();
        assert_eq!(described(&bank, count), [format!("- transfer {status} A B 40 0 0")]);
        assert_eq!(listed().iter().filter(|movement| movement.id == id(count)).count(), 1);
    }
    // A reversed movement shows its reversals, and they show it.
    block_on(bank.reverse(Reverse::part(id(51), amount(15)).with_id(id(60)))).unwrap();
    block_on(bank.reverse(Reverse::part(id(51), amount(5)).with_id(id(61)))).unwrap();
    let posted = block_on(bank.movement(id(50))).unwrap().unwrap();
    assert_eq!((posted.reversed, posted.reversals.as_slice()), (amount(20), [id(61), id(60)].as_slice()));
    let back = block_on(bank.movement(id(60))).unwrap().unwrap();
    assert_eq!((back.original, back.original_step), (Some(id(51)), Some(0)));
    let of_hold = TransferQuery { hold: Some(id(50).into()), ..TransferQuery::default() };
    assert_eq!(block_on(bank.transfers(of_hold)).unwrap().data, [posted]);
}

#[test]
fn linked_steps_are_numbered_and_refusals_show_the_request() {
    let (bank, a, b) = bank();
    block_on(bank.place_hold(PlaceHold::new(a, b, amount(100)).with_id(id(20)))).unwrap();
    let steps = vec![Step::transfer(a, b, amount(200)), Step::settle(id(20)), Step::transfer(b, a, amount(250))];
    block_on(bank.linked(Linked::new(steps.clone()).with_id(id(21)))).unwrap();
    let expected =
        ["0 transfer posted A B 200 0 0", "1 settlement posted A B 100 0 0", "2 transfer posted B A 250 0 0"];
    assert_eq!(described(&bank, 21), expected);
    assert!(block_on(bank.linked(Linked::new(steps).with_id(id(22)))).is_err());
    let expected =
        ["0 transfer refused A B 200 0 0", "1 settlement refused - - 0 0 0", "2 transfer refused B A 250 0 0"];
    assert_eq!(described(&bank, 22), expected);
    assert!(block_on(bank.withdraw(CashPosting::new(b, amount(5_000)).with_id(id(23)))).is_err());
    assert_eq!(described(&bank, 23), ["- withdrawal refused B - 5000 0 0"]);
    assert!(block_on(bank.settle_hold(SettleHold::part(id(20), amount(7)).keeping_rest().with_id(id(24)))).is_err());
    assert_eq!(described(&bank, 24), ["- settlement refused - - 7 0 0"]);
    assert!(block_on(bank.place_hold(PlaceHold::new(b, a, amount(900)).with_id(id(25)))).is_err());
    assert_eq!(described(&bank, 25), ["- hold refused B A 900 0 0"]);
}

#[test]
fn the_names_in_json_are_in_snake_case() {
    let (bank, ..) = bank();
    let movement = block_on(bank.movement(id(1))).unwrap().unwrap();
    let json = serde_json::to_value(&movement).unwrap();
    assert_eq!((&json["kind"], &json["status"]), (&"deposit".into(), &"posted".into()));
    assert!(json.as_object().unwrap().keys().all(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
}
