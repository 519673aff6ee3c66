//! Holds at message level: what is set aside, what comes back, and what undecided debits have to do with it.

use super::Accepted;
use super::tests::{Desk, account, terms, won};
use crate::ledger::{Amount, Draw, Terms};

const ALL: Draw = Draw::Settle { amount: None, last: true };

fn part(amount: u64) -> Draw {
    Draw::Settle { amount: Some(won(amount)), last: false }
}

#[test]
fn a_hold_keeps_amount_and_fee_from_being_spent_until_it_is_drawn() {
    let mut desk = Desk::new(account(100));
    desk.hold(1, Terms { fee: won(5), ..terms(60) });
    desk.decided(&[1]);
    desk.says(&["debited 1 fee 5"]);
    let held = desk.state();
    assert_eq!((held.posted.minor_units(), held.held, held.available()), (100, won(65), won(35)));
    desk.debit(2, terms(36));
    desk.draw(3, 1, part(20), 50);
    desk.says(&["insufficient_funds 2", "drew 20 for 3, back 0"]);
    let drawn = desk.state();
    assert_eq!((drawn.posted.minor_units(), drawn.held), (75, won(40)), "the fee went with the first capture");
    desk.draw(4, 1, Draw::Settle { amount: Some(won(10)), last: true }, 50);
    desk.says(&["drew 10 for 4, back 30"]);
    let ended = desk.state();
    assert_eq!((ended.posted.minor_units(), ended.held, ended.open_holds), (65, Amount::ZERO, 0));
    assert_eq!(ended.day.sent, 30, "what was not captured uses no limit");
    desk.draw(5, 1, ALL, 50);
    desk.says(&["no hold for 5"]);
}

#[test]
fn a_refunded_hold_never_was() {
    let mut desk = Desk::new(account(100));
    let before = desk.state();
    desk.hold(1, Terms { fee: won(5), ..terms(60) });
    desk.refund(1);
    desk.says(&["debited 1 fee 5"]);
    assert_eq!(desk.state(), before);
    desk.draw(2, 1, ALL, 50);
    desk.says(&["no hold for 2"]);
}

#[test]
fn debits_wait_while_a_hold_that_decides_them_is_undecided() {
    let mut desk = Desk::new(account(100));
    desk.hold(1, terms(80));
    desk.debit(2, terms(90));
    desk.says(&["debited 1", "waiting for [1]"]);
    desk.refund(1);
    desk.says(&["debited 2", "resumed"]);
    desk.hold(3, terms(5));
    desk.debit(4, terms(6));
    desk.says(&["debited 3", "waiting for [2, 3]"]);
    desk.decided(&[2, 3]);
    desk.says(&["insufficient_funds 4", "resumed"]);
}

#[test]
fn what_a_hold_gives_back_stays_given_back_when_an_older_debit_is_refunded() {
    let mut desk = Desk::new(account(100));
    desk.hold(1, terms(40));
    desk.decided(&[1]);
    // The day turns with a debit that is refunded after the hold of the day before was voided.
    desk.debit(2, Terms { date: crate::ledger::BusinessDate::from_days(101), ..terms(10) });
    desk.draw(3, 1, Draw::Void { rejected: false }, 50);
    desk.refund(2);
    let state = desk.state();
    assert_eq!((state.day.date.as_days(), state.day.sent, state.held), (100, 0, Amount::ZERO));
    assert_eq!(state.posted.minor_units(), 100);
}

#[test]
fn expired_holds_are_not_settled_and_their_money_stays_until_the_expiry() {
    let mut desk = Desk::new(account(100));
    desk.hold(1, terms(60));
    desk.draw(2, 1, Draw::Expire, 99);
    desk.draw(3, 1, ALL, 100);
    desk.says(&["debited 1", "hold hold_not_due 2", "hold hold_expired 3"]);
    assert_eq!(desk.state().held, won(60));
    desk.draw(4, 1, Draw::Expire, 100);
    desk.says(&["drew 0 for 4, back 60"]);
    assert_eq!(desk.state().held, Amount::ZERO);
}

#[test]
fn expected_money_is_not_spendable_and_counts_towards_the_largest_balance() {
    let mut desk = Desk::new(account(i64::try_from(Amount::MAX.minor_units()).unwrap() - 10));
    desk.accept(Accepted::Expected(won(10)));
    desk.credit(1, 1);
    desk.says(&["credit balance_limit 1"]);
    let most = desk.state().available();
    desk.accept(Accepted::Brought { amount: won(4), released: won(6) });
    desk.credit(2, 6);
    desk.credit(3, 1);
    desk.says(&["credited 2", "credit balance_limit 3"]);
    assert_eq!(desk.state().available().checked_sub(most), Some(won(10)));
}

#[test]
fn a_group_is_kept_or_taken_back_as_a_whole() {
    let mut desk = Desk::new(account(100));
    desk.hold(1, terms(30));
    desk.decided(&[1]);
    let before = desk.state();
    desk.save();
    desk.draw(2, 1, ALL, 50);
    desk.debit_when_idle(2, terms(70));
    desk.credit(2, 5);
    desk.conclude(false);
    assert_eq!(desk.state(), before);
    desk.draw(3, 1, ALL, 50);
    desk.says(&["drew 30 for 3, back 0"]);
    desk.save();
    desk.debit_when_idle(4, terms(70));
    desk.conclude(true);
    assert_eq!(desk.state().posted.minor_units(), 0);
    desk.refund(4);
    assert!(desk.answers().iter().any(|answer| answer.starts_with("broken")), "what is kept is decided");
}

#[test]
fn a_free_transfer_comes_back_only_after_debits_that_have_paid_for_having_none() {
    let dear = |amount| Terms { fee: won(5), free_transfers_per_day: 1, ..terms(amount) };
    let mut desk = Desk::new(account(100));
    desk.hold(1, dear(10));
    desk.decided(&[1]);
    desk.debit(2, dear(20));
    desk.draw(3, 1, Draw::Void { rejected: false }, 50);
    desk.says(&["debited 1", "debited 2 fee 5", "waiting for [2]"]);
    desk.debit(4, dear(30));
    desk.decided(&[2]);
    desk.says(&["drew 0 for 3, back 10", "debited 4 fee 5", "resumed"]);
    assert_eq!(desk.state().posted.minor_units(), 100 - 25 - 35, "the debit that paid counts too");
    // What was captured has used its free transfer for good: such a draw waits for nobody.
    desk.hold(5, dear(10));
    desk.decided(&[4, 5]);
    desk.debit(6, dear(1));
    desk.draw(7, 5, ALL, 50);
    desk.says(&["debited 5 fee 5", "debited 6 fee 5", "drew 10 for 7, back 0"]);
}

#[test]
fn a_debit_that_is_refunded_lets_the_free_transfer_come_back() {
    let dear = |amount| Terms { fee: won(5), free_transfers_per_day: 1, ..terms(amount) };
    let mut desk = Desk::new(account(100));
    desk.hold(1, dear(10));
    desk.decided(&[1]);
    desk.debit(2, dear(20));
    desk.draw(3, 1, Draw::Expire, 100);
    desk.refund(2);
    desk.says(&["debited 1", "debited 2 fee 5", "waiting for [2]", "drew 0 for 3, back 10", "resumed"]);
    assert_eq!(desk.state().available(), won(100));
}
