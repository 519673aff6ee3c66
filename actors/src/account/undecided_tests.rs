//! An undecided debit decides nobody else's outcome.

use super::tests::{Desk, account, terms, won};
use crate::ledger::{BusinessDate, Terms};

/// What a debit behind an undecided one comes to.
struct Case {
    name: &'static str,
    posted: i64,
    first: Terms,
    second: Terms,
    /// The answer at once; `None` when the second waits.
    at_once: Option<&'static str>,
    decided: &'static str,
    refunded: &'static str,
}

#[test]
fn a_debit_waits_exactly_when_a_refund_would_change_its_outcome() {
    let fee = |terms: Terms| Terms { fee: won(5), ..terms };
    let one_free = |terms: Terms| Terms { free_transfers_per_day: 1, ..fee(terms) };
    let two_free = |terms: Terms| Terms { free_transfers_per_day: 2, ..fee(terms) };
    let per_day = |terms: Terms| Terms { limit_per_day: Some(won(100)), ..terms };
    let per_transfer = |terms: Terms| Terms { limit_per_transfer: Some(won(50)), ..terms };
    let day = |terms: Terms, day| Terms { date: BusinessDate::from_days(day), ..terms };
    let cash = |terms: Terms| Terms { limited: false, exempt: true, ..terms };
    #[rustfmt::skip]
    let cases = [
        Case { name: "enough for both", posted: 100, first: terms(60), second: terms(40), at_once: Some("debited 2"), decided: "", refunded: "" },
        Case { name: "enough only after a refund", posted: 100, first: terms(60), second: terms(41), at_once: None, decided: "insufficient_funds 2", refunded: "debited 2" },
        Case { name: "never enough, but how much there is tells", posted: 100, first: terms(60), second: terms(101), at_once: None, decided: "insufficient_funds 2", refunded: "insufficient_funds 2" },
        Case { name: "within the day's limit", posted: 900, first: per_day(terms(60)), second: per_day(terms(40)), at_once: Some("debited 2"), decided: "", refunded: "" },
        Case { name: "over the day's limit only if the first stays", posted: 900, first: per_day(terms(60)), second: per_day(terms(41)), at_once: None, decided: "limit_per_day 2", refunded: "debited 2" },
        Case { name: "over the limit per transfer in any case", posted: 900, first: terms(60), second: per_transfer(terms(51)), at_once: Some("limit_per_transfer 2"), decided: "", refunded: "" },
        Case { name: "free in any case", posted: 900, first: two_free(terms(1)), second: two_free(terms(1)), at_once: Some("debited 2"), decided: "", refunded: "" },
        Case { name: "free only after a refund", posted: 900, first: one_free(terms(1)), second: one_free(terms(1)), at_once: None, decided: "debited 2 fee 5", refunded: "debited 2" },
        Case { name: "the fee in any case", posted: 900, first: fee(terms(1)), second: fee(terms(1)), at_once: Some("debited 2 fee 5"), decided: "", refunded: "" },
        Case { name: "cash uses no free transfer", posted: 900, first: cash(terms(1)), second: one_free(terms(1)), at_once: Some("debited 2"), decided: "", refunded: "" },
        Case { name: "the fee decides over the funds", posted: 101, first: one_free(terms(1)), second: one_free(terms(100)), at_once: None, decided: "insufficient_funds 2", refunded: "debited 2" },
        Case { name: "the next day's limit is its own", posted: 900, first: per_day(terms(60)), second: day(per_day(terms(100)), 101), at_once: Some("debited 2"), decided: "", refunded: "" },
        Case { name: "the clock went back behind the day that the first turned", posted: 900, first: day(terms(1), 101), second: terms(1), at_once: None, decided: "debited 2", refunded: "debited 2" },
    ];
    for case in cases {
        for refund in [false, true] {
            let mut desk = Desk::new(account(case.posted));
            desk.debit(1, case.first);
            assert!(desk.answers()[0].starts_with("debited 1"), "{}", case.name);
            desk.debit(2, case.second);
            let expected = case.at_once.unwrap_or("waiting for [1]");
            assert_eq!(desk.answers(), [expected], "{}", case.name);
            if refund {
                desk.refund(1)
            } else {
                desk.decided(&[1])
            }
            let then = if refund { case.refunded } else { case.decided };
            let expected = if case.at_once.is_some() { vec![] } else { vec![then, "resumed"] };
            assert_eq!(desk.answers(), expected, "{}, refunded: {refund}", case.name);
        }
    }
}

#[test]
fn debits_behind_one_that_waits_keep_their_order() {
    let mut desk = Desk::new(account(100));
    desk.debit(1, terms(50));
    desk.debit(2, terms(30));
    desk.debit(3, terms(40));
    desk.debit(4, terms(1));
    desk.says(&["debited 1", "debited 2", "waiting for [1, 2]"]);
    desk.refund(2);
    desk.says(&["debited 3", "debited 4", "resumed"]);
    desk.debit(5, terms(10));
    desk.debit(6, terms(1));
    desk.says(&["waiting for [1, 3, 4]"]);
    desk.decided(&[1]);
    desk.decided(&[3]);
    desk.says(&[]);
    desk.decided(&[4]);
    desk.says(&["insufficient_funds 5", "debited 6", "resumed"]);
}

#[test]
fn a_debit_sent_while_nothing_was_undecided_waits_for_nothing() {
    let mut desk = Desk::new(account(100));
    desk.debit(1, terms(60));
    desk.debit_when_idle(2, terms(41));
    desk.says(&["debited 1", "insufficient_funds 2"]);
}

#[test]
fn an_account_that_is_never_idle_asks_what_is_decided() {
    let mut desk = Desk::new(account(10_000));
    for place in 0..1_023 {
        desk.debit(place, terms(1));
    }
    assert!(desk.answers().iter().all(|answer| answer.starts_with("debited")));
    desk.debit(1_023, terms(1));
    let answers = desk.answers();
    assert!(answers.len() == 2 && answers[1].starts_with("review [0, 1, 2"), "{answers:?}");
    desk.decided(&(0..1_024).collect::<Vec<_>>());
    desk.debit(2_000, terms(8_977));
    desk.says(&["insufficient_funds 2000"]);
}

#[test]
fn a_refund_brings_back_the_day_that_the_debit_turned() {
    let mut desk = Desk::new(account(900));
    desk.debit(1, terms(70));
    desk.decided(&[1]);
    let before = desk.state();
    desk.debit(2, Terms { date: BusinessDate::from_days(101), ..terms(1) });
    desk.refund(2);
    assert_eq!(desk.state(), before);
    desk.debit(3, Terms { limit_per_day: Some(won(100)), ..terms(31) });
    desk.says(&["limit_per_day 3"]);
}

#[test]
fn room_is_kept_for_refunds_under_the_largest_balance() {
    const MOST: i64 = (1 << 53) - 1;
    let mut desk = Desk::new(account(MOST));
    desk.debit(1, terms(100));
    desk.credit(2, 50);
    desk.says(&["debited 1", "review [1]"]);
    desk.decided(&[]);
    desk.says(&["credit balance_limit 2"]);
    desk.refund(1);
    desk.says(&[]);
    assert_eq!(desk.state().posted.minor_units(), MOST);
    desk.debit(3, terms(100));
    desk.credit(4, 50);
    desk.credit(5, 51);
    desk.decided(&[3]);
    desk.says(&["debited 3", "review [3]", "review [3]", "credited 4", "credit balance_limit 5"]);
}
