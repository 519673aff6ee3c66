//! What is told of an account's messages to who watches it.

use super::tests::{Desk, account, hold_id, terms, won};
use crate::clock::SteppedClock;
use crate::ledger::{Draw, Timestamp};
use crate::views::{WatchedMessage, WatchedMessageKind, WatchedMessageOutcome};

fn at(ns: i64) -> Timestamp {
    Timestamp::from_ns(ns)
}

fn told(heard: &[WatchedMessage]) -> Vec<(WatchedMessageKind, WatchedMessageOutcome, i64)> {
    heard.iter().map(|heard| (heard.kind, heard.outcome, heard.posted.minor_units())).collect()
}

#[test]
fn messages_are_noted_with_what_became_of_them_from_the_first_question_on() {
    let clock = SteppedClock::starting_at(at(5));
    let mut desk = Desk::new(account(100));
    desk.credit(1, 10);
    assert_eq!(desk.watch(&clock, at(50)), [], "what came before was not noted");
    desk.debit(2, terms(80));
    desk.debit(3, terms(90));
    clock.set(at(7));
    desk.credit(4, 1);
    desk.decided(&[2]);
    desk.debit(5, terms(1_000));
    desk.hold(6, terms(20));
    desk.draw(7, 6, Draw::Void { rejected: false }, 9);
    desk.draw(8, 6, Draw::Void { rejected: false }, 9);
    desk.fee(2);
    let heard = desk.watch(&clock, at(50));
    assert_eq!(
        told(&heard),
        [
            (WatchedMessageKind::Debit, WatchedMessageOutcome::Applied, 30),
            (WatchedMessageKind::Debit, WatchedMessageOutcome::Waits, 30),
            (WatchedMessageKind::Credit, WatchedMessageOutcome::Applied, 31),
            (WatchedMessageKind::Decided, WatchedMessageOutcome::Applied, 31),
            (WatchedMessageKind::Debit, WatchedMessageOutcome::Refused, 31),
            (WatchedMessageKind::Debit, WatchedMessageOutcome::Applied, 31),
            (WatchedMessageKind::DrawHold, WatchedMessageOutcome::Applied, 31),
            (WatchedMessageKind::DrawHold, WatchedMessageOutcome::Refused, 31),
            (WatchedMessageKind::Accept, WatchedMessageOutcome::Applied, 33),
        ]
    );
    let [first, second, third, ..] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((first.number, first.at, first.amount, first.hold), (1, at(5), Some(won(80)), None));
    assert_eq!((second.undecided, second.waiting, third.at), (1, 1, at(7)));
    assert_eq!((heard[5].hold, heard[6].hold, heard[6].amount), (Some(hold_id(6)), Some(hold_id(6)), None));
}

#[test]
fn only_the_last_messages_are_kept() {
    let clock = SteppedClock::starting_at(at(5));
    let mut desk = Desk::new(account(0));
    desk.watch(&clock, at(50));
    (1..=70).for_each(|place| desk.credit(place, 1));
    let numbers: Vec<u64> = desk.watch(&clock, at(50)).iter().map(|heard| heard.number).collect();
    assert_eq!(numbers, (7..=70).collect::<Vec<_>>());
}

#[test]
fn nothing_is_noted_when_nobody_has_asked_for_a_while() {
    let clock = SteppedClock::starting_at(at(5));
    let mut desk = Desk::new(account(0));
    desk.watch(&clock, at(50));
    desk.credit(1, 1);
    clock.set(at(51));
    desk.credit(2, 1);
    assert_eq!(desk.watch(&clock, at(90)), [], "the ring was given up, and begins anew");
    desk.credit(3, 1);
    let heard = desk.watch(&clock, at(90));
    assert_eq!((heard.len(), heard[0].number), (1, 1));
}
