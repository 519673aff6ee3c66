//! The event of each kind of record.

use std::sync::Arc;

use futures::executor::block_on;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{
    AmendHold, CashPosting, ChangeAccount, ChangeSchedule, Linked, OpenAccount, PlaceHold, Reverse, SetSchedule,
    SettleHold, Step, Sweep, Transfer, VoidHold,
};
use jangbu_actors::ledger::{
    AccountType, Change, CommandId, Currency, Freeze, Position, RecordPut, Rule, Schedule, ScheduleChange, Timestamp,
    TypeCode,
};
use jangbu_actors::{Bank, Event};
use serde_json::Value;

use crate::bank::{amount, number, owner};

fn id(count: u8) -> CommandId {
    CommandId::derived(&[count])
}

fn names(event: &Event) -> Vec<&str> {
    event.accounts.iter().map(|number| number.as_str()).collect()
}

#[test]
fn every_kind_of_record_has_its_event() {
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    let clock = SteppedClock::starting_at(moment("2026-11-23T12:00Z"));
    let bank = Bank::builder().clock(Arc::clone(&clock) as _).in_memory().unwrap();
    let (a, b) = (number("A"), number("B"));
    let kind = TypeCode::new("std").unwrap();
    block_on(bank.set_type(AccountType::new(kind, "a type", Currency::krw()))).unwrap();
    block_on(bank.set_owner(owner("ann"), 9)).unwrap();
    block_on(bank.open_account(OpenAccount::new(owner("ann")).with_number(a).with_type(kind))).unwrap();
    block_on(bank.open_account(OpenAccount::new(owner("bob")).with_number(b))).unwrap();
    block_on(bank.deposit(CashPosting::new(a, amount(1_000)))).unwrap();
    block_on(bank.transfer(Transfer::new(a, b, amount(300)).with_id(id(1)).with_labels("rent", "rent"))).unwrap();
    block_on(bank.place_hold(PlaceHold::new(a, b, amount(100)).with_id(id(2)))).unwrap();
    block_on(bank.settle_hold(SettleHold::part(id(2), amount(40)).keeping_rest())).unwrap();
    let raise_to = Some(amount(120));
    block_on(bank.amend_hold(AmendHold { id: id(3), hold: id(2).into(), raise_to, expires_at: None })).unwrap();
    block_on(bank.void_hold(VoidHold::new(id(2)).because("enough"))).unwrap();
    block_on(bank.reverse(Reverse::part(id(1), amount(20)))).unwrap();
    block_on(bank.sweep(Sweep::to_zero(b, a))).unwrap();
    block_on(bank.place_hold(PlaceHold::new(a, b, amount(10)).with_id(id(4)))).unwrap();
    let steps = vec![Step::transfer(a, b, amount(5)), Step::void(id(4)), Step::hold(a, b, amount(3))];
    block_on(bank.linked(Linked::new(steps))).unwrap();
    assert!(block_on(bank.transfer(Transfer::new(b, number("X"), amount(7)))).is_err());
    let freeze = Change::Freeze(Freeze { debits: true, credits: false });
    block_on(bank.change_account(ChangeAccount { id: id(5), account: b, change: freeze })).unwrap();
    for (order, at) in [(id(6), "2026-11-24T12:00Z"), (id(8), "2026-11-23T13:00Z")] {
        let schedule = Schedule::new(a, b, amount(5), Rule::Once(moment(at)));
        block_on(bank.schedule(SetSchedule::new(schedule).with_id(order))).unwrap();
    }
    clock.set(moment("2026-11-23T13:00Z"));
    block_on(bank.run_due()).unwrap();
    for change in [ScheduleChange::Pause, ScheduleChange::Cancel] {
        block_on(bank.change_schedule(ChangeSchedule::new(id(6), change))).unwrap();
    }
    assert!(block_on(bank.change_schedule(ChangeSchedule::new(id(6), ScheduleChange::Resume))).is_err());
    assert!(block_on(bank.change_schedule(ChangeSchedule::new(id(7), ScheduleChange::Resume))).is_err());
    let put = RecordPut { kind: "note".into(), key: "one".into(), value: Some(b"secret".to_vec()), expected: None };
    block_on(bank.put_records(vec![put])).unwrap();

    let events = block_on(bank.events(Position::START, 100)).unwrap().data;
    let told: Vec<(&str, Vec<&str>)> = events.iter().map(|event| (event.what.name(), names(event))).collect();
    let both = vec!["A", "B"];
    let expected = [
        ("bank_created", vec![]),
        ("type_set", vec![]),
        ("owner_set", vec![]),
        ("currency_added", vec!["CASH-KRW", "FEES-KRW"]),
        ("opened", vec!["A"]),
        ("opened", vec!["B"]),
        ("posted", vec!["CASH-KRW", "A"]),
        ("posted", both.clone()),
        ("held", both.clone()),
        ("settled", both.clone()),
        ("amended", both.clone()),
        ("released", both.clone()),
        ("reversed", vec!["B", "A"]),
        ("posted", vec!["B", "A"]),
        ("held", both.clone()),
        ("linked", both.clone()),
        ("refused", vec!["B", "X"]),
        ("changed", vec!["B"]),
        ("schedule_set", both.clone()),
        ("schedule_set", both.clone()),
        ("posted", both.clone()),
        ("schedule_run", both.clone()),
        ("schedule_changed", both.clone()),
        ("schedule_changed", both.clone()),
        ("refused", both.clone()),
        ("refused", vec![]),
        ("records_put", vec![]),
    ];
    assert_eq!(told, expected);

    let json: Vec<Value> = events.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    for (event, json) in events.iter().zip(&json) {
        assert_eq!((&json["event"], &json["position"]), (&event.what.name().into(), &event.position.get().into()));
        assert_eq!(&serde_json::from_value::<Event>(json.clone()).unwrap(), event, "and back again");
    }
    let field = |place: usize, name: &str| json[place][name].clone();
    assert_eq!((field(7, "amount"), field(7, "kind"), field(7, "from")), (300.into(), "transfer".into(), "A".into()));
    assert_eq!((field(9, "amount"), field(9, "remaining"), field(9, "last")), (40.into(), 60.into(), false.into()));
    assert_eq!((field(10, "raised"), field(10, "hold")), (20.into(), id(2).to_string().into()));
    assert_eq!(
        (field(11, "amount"), field(11, "end"), field(11, "reason")),
        (80.into(), "voided".into(), "enough".into())
    );
    assert_eq!((field(12, "original"), field(12, "reversed")), (id(1).to_string().into(), 20.into()));
    assert_eq!(
        (field(15, "steps")[0]["event"].clone(), field(15, "steps")[1]["event"].clone()),
        ("posted".into(), "released".into())
    );
    assert_eq!((field(16, "command"), field(16, "to"), field(16, "amount")), ("transfer".into(), "X".into(), 7.into()));
    // Of an application record, the event contains only the key.
    let told = json[26].to_string();
    // As text, and as the numbers of its bytes.
    assert!(!told.contains("secret") && !told.contains("115,101,99"), "{told}");
}

#[test]
fn moments_and_dates_are_text() {
    let bank = Bank::in_memory().unwrap();
    let (a, b) = (number("A"), number("B"));
    for account in [a, b] {
        block_on(bank.open_account(OpenAccount::new(owner("ann")).with_number(account))).unwrap();
    }
    block_on(bank.deposit(CashPosting::new(a, amount(1_000)))).unwrap();
    let moment = "2199-12-31T23:59:59.123456789Z";
    let mut hold = PlaceHold::new(a, b, amount(100));
    hold.expires_at = Some(moment.parse().unwrap());
    let placed = block_on(bank.place_hold(hold)).unwrap();
    let schedule = Schedule::new(a, b, amount(5), Rule::Once(moment.parse().unwrap()));
    block_on(bank.schedule(SetSchedule::new(schedule))).unwrap();
    let mut late = PlaceHold::new(a, b, amount(100));
    late.expires_at = Some("2001-01-01T00:00:00Z".parse().unwrap());
    block_on(bank.place_hold(late)).unwrap_err();

    let events = block_on(bank.events(placed.position, 100)).unwrap().data;
    let json: Vec<Value> = events.iter().map(|event| serde_json::to_value(event).unwrap()).collect();
    let [held, set, refused] = &json[..] else { panic!("{json:?}") };
    let date = placed.date.to_string();
    assert_eq!((&held["recorded_at"], &held["date"]), (&placed.recorded_at.to_string().into(), &date.as_str().into()));
    assert_eq!((&held["expires_at"], &set["schedule"]["rule"]["once"]), (&moment.into(), &moment.into()));
    assert_eq!(
        (&set["progress"]["pending"]["occurrence"], &set["progress"]["pending"]["at"]),
        (&moment.into(), &moment.into())
    );
    assert_eq!(refused["refusal"]["expiry_passed"]["expires_at"], "2001-01-01T00:00:00Z");
    for (event, json) in events.iter().zip(json) {
        assert_eq!(&serde_json::from_value::<Event>(json).unwrap(), event, "and back again");
    }
}
