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
        expect![[""]],
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
        expect![[""]],
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
        expect![[""]],
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
        expect![[""]],
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
        expect![[""]],
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
        expect![[""]],
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
        expect![[""]],
    );
}

#[test]
fn a_crash_between_a_scheduled_transfer_and_its_run_finds_the_transfer_again() {
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
        expect![[""]],
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
        expect![[""]],
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
        expect![[""]],
    );
}
