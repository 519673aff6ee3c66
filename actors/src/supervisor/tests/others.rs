//! Accounts, what they share, schedules, application records.

use expect_test::expect;

use super::script::check;

#[test]
fn an_account_is_opened_at_its_number_with_the_currency_when_that_is_new() {
    check(
        "",
        "
        o open a
        answer
        p open a
        durable
        durable
        ",
        expect![[r#"
            > o open a
              load a
            > answer
              start cash
              start fees
              start a
              journal <- (own): currency KRW
              journal <- o: opened a
            > p open a
            > durable
              o: opened
              journal <- p: refused, AccountExists
            > durable
              p: refused, AccountExists
        "#]],
    );
}

#[test]
fn a_change_waits_for_what_is_in_flight_and_others_wait_for_it() {
    check(
        "a 1000, b 0",
        "
        t transfer a b 1000
        c close a
        u transfer a b 1
        a
        b
        a
        a
        durable
        durable
        ",
        expect![[r#"
            > t transfer a b 1000
              a <- debit 1000 (t)
            > c close a
            > u transfer a b 1
            > a
              b <- credit 1000 (t)
            > b
              a <- close (c)
              journal <- t: posted 1000, fee 0
            > a
              a <- debit 1 (u)
            > a
            > durable
              t: posted 1000, fee 0, left 0 and 1000
              journal <- c: account changed
              journal <- u: refused, AccountClosed
            > durable
              c: recorded
              u: refused, AccountClosed
        "#]],
    );
}

#[test]
fn an_account_with_money_is_not_closed() {
    check(
        "a 1000",
        "
        c close a
        a
        d close nobody
        answer
        e close cash
        durable
        durable
        ",
        expect![[r#"
            > c close a
              a <- close (c)
            > a
              journal <- c: refused, NotEmpty
            > d close nobody
              load nobody
            > answer
            > e close cash
            > durable
              c: refused, NotEmpty
              journal <- d: refused, AccountUnknown
              journal <- e: refused, SystemAccount
            > durable
              d: refused, AccountUnknown
              e: refused, SystemAccount
        "#]],
    );
}

#[test]
fn what_accounts_share_is_decided_at_once() {
    check(
        "a 0",
        "
        o owner 7
        c currency XAU 3 | d currency KRW 0 | e currency USD 3
        durable
        durable
        ",
        expect![[r#"
            > o owner 7
              journal <- o: owner with 7
            > c currency XAU 3 | d currency KRW 0 | e currency USD 3
              start CASH-XAU
              start FEES-XAU
            > durable
              o: recorded
              journal <- c: currency XAU
              journal <- d: refused, CurrencyFixed
              journal <- e: refused, CurrencyFixed
            > durable
              c: recorded
              d: refused, CurrencyFixed
              e: refused, CurrencyFixed
        "#]],
    );
}

#[test]
fn a_command_that_waited_for_a_new_currency_does_not_take_the_records_id() {
    check(
        "a 1000",
        "
        t transfer a cashXAU 5
        c currency XAU 3
        durable
        c currency XAU 3
        answer
        answer
        ",
        expect![[r#"
            > t transfer a cashXAU 5
              load CASH-XAU
            > c currency XAU 3
              start CASH-XAU
              start FEES-XAU
              journal <- c: currency XAU
              journal <- t: refused, SystemAccount
            > durable
              c: recorded
              t: refused, SystemAccount
            > c currency XAU 3
              look up a record for c
            > answer
            > answer
              c: recorded (again)
        "#]],
    );
}

#[test]
fn a_schedule_makes_its_transfer_when_it_is_due_and_records_the_run() {
    check(
        "a 1000, b 0",
        "
        s schedule a b 300 at 60
        durable
        at 59
        at 60
        a
        b
        durable
        p pause s
        answer
        durable
        durable
        ",
        expect![[r#"
            > s schedule a b 300 at 60
              journal <- s: schedule
            > durable
              s: recorded
            > at 59
            > at 60
              a <- debit 300 (own)
            > a
              b <- credit 300 (own)
            > b
              journal <- (own): posted 300, fee 0
              journal <- (own): run, posted
            > durable
            > p pause s
              find the schedule for p
            > answer
              journal <- p: refused, ScheduleEnded
            > durable
              p: refused, ScheduleEnded
            > durable
              (nothing to write)
        "#]],
    );
}

#[test]
fn a_change_of_a_schedule_waits_for_the_attempt_under_way() {
    check(
        "a 1000, b 0",
        "
        s schedule a b 300 at 60
        durable
        at 60
        c cancel s
        a
        b
        durable
        durable
        ",
        expect![[r#"
            > s schedule a b 300 at 60
              journal <- s: schedule
            > durable
              s: recorded
            > at 60
              a <- debit 300 (own)
            > c cancel s
            > a
              b <- credit 300 (own)
            > b
              journal <- (own): posted 300, fee 0
              journal <- (own): run, posted
              journal <- c: refused, ScheduleEnded
            > durable
              c: refused, ScheduleEnded
            > durable
              (nothing to write)
        "#]],
    );
}

#[test]
fn a_run_that_is_refused_is_recorded_with_the_reason() {
    check(
        "a 100, b 0",
        "
        s schedule a b 300 at 60
        at 60
        a
        durable
        durable
        ",
        expect![[r#"
            > s schedule a b 300 at 60
              journal <- s: schedule
            > at 60
              a <- debit 300 (own)
            > a
            > durable
              s: recorded
              journal <- (own): refused, InsufficientFunds
              journal <- (own): run, refused, InsufficientFunds
            > durable
        "#]],
    );
}

#[test]
fn a_crash_during_an_attempt_of_a_schedule_begins_it_again() {
    check(
        "a 1000, b 0",
        "
        s schedule a b 300 at 60
        durable
        at 60
        crash
        answer
        answer
        a
        b
        durable
        ",
        expect![[r#"
            > s schedule a b 300 at 60
              journal <- s: schedule
            > durable
              s: recorded
            > at 60
              a <- debit 300 (own)
            > crash
              start cash
              start fees
              load a
              load b
            > answer
              start a
            > answer
              start b
              a <- debit 300 (own)
            > a
              b <- credit 300 (own)
            > b
              journal <- (own): posted 300, fee 0
              journal <- (own): run, posted
            > durable
        "#]],
    );
}

#[test]
fn records_of_one_key_are_written_in_turn_and_compared_once_durable() {
    check(
        "",
        "
        p put note
        q put note expecting 0
        r put other
        durable
        answer
        durable
        durable
        ",
        expect![[r#"
            > p put note
              journal <- p: records
            > q put note expecting 0
            > r put other
            > durable
              p: recorded
              compare for q
              journal <- r: records
            > answer
            > durable
              r: recorded
              journal <- q: refused, RecordConflict
            > durable
              q: refused, RecordConflict
        "#]],
    );
}

#[test]
fn a_bank_that_closes_begins_nothing_by_itself() {
    check(
        "a 1000, b 0",
        "
        s schedule a b 300 at 60
        durable
        closing
        at 60
        ",
        expect![[r#"
            > s schedule a b 300 at 60
              journal <- s: schedule
            > durable
              s: recorded
            > closing
            > at 60
        "#]],
    );
}
