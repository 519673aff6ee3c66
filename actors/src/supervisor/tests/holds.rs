//! Holds: placed, settled, voided, raised, expired, verified.

use expect_test::expect;

use super::script::check;

#[test]
fn a_hold_is_placed_as_a_transfer_is_made_and_settled_by_its_account_alone() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300
        a
        b
        durable
        s settle h 100
        a
        durable
        r settle h
        a
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_voided_hold_gives_all_back_and_nothing_can_be_asked_of_it_any_more() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300
        a
        b
        v void h
        w void h
        a
        a
        s settle h
        durable
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn what_cannot_be_said_of_a_hold_is_refused_before_its_account_is_asked() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300
        a
        b
        s settle h 0 | t settle nohold | u hold a b 5 expires 0
        durable
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_draw_that_asks_too_much_is_refused_by_the_account() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300
        a
        b
        s settle h 301
        a
        durable
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_settlement_waits_for_a_hold_that_is_being_placed() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300
        s settle h
        a
        b
        a
        durable
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_refused_hold_gives_its_position_up() {
    check(
        "a 100, b 0",
        "
        h hold a b 300
        a
        i hold a b 10 | j hold a b 10 | k hold a b 10 | l hold a b 10 | m hold a b 10
        ",
        expect![[""]],
    );
}

#[test]
fn a_raise_has_both_accounts_to_itself_and_asks_the_receiver_as_well() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300
        a
        b
        r amend h 500
        t transfer a b 600
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
fn a_hold_whose_time_is_over_is_given_back_and_cannot_be_settled() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300 expires 60
        a
        b
        durable
        at 59
        at 60
        s settle h
        a
        a
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_hold_is_verified_once_it_is_durable_and_the_verdict_settles_or_voids_it() {
    check(
        "a 1000, b 0",
        "
        verifier
        h hold a b 300 verify
        a
        b
        durable
        approve h
        a
        durable
        i hold a b 200 verify
        a
        b
        durable
        reject i
        a
        durable
        approve i
        ",
        expect![[""]],
    );
}

#[test]
fn a_crash_keeps_a_durable_hold_and_frees_one_that_was_not() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300
        a
        b
        durable
        s settle h 100
        a
        crash
        s settle h 100
        answer
        answer
        a
        durable
        ",
        expect![[""]],
    );
}
