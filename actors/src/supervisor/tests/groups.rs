//! Linked steps, sweeps and reversals: commands that have their accounts to themselves.

use expect_test::expect;

use super::script::check;

#[test]
fn linked_steps_are_decided_in_turn_and_recorded_together() {
    check(
        "a 1000, b 0, c 0",
        "
        g linked transfer a b 300; transfer b c 200; hold a c 50
        a
        b
        b
        c
        a
        c
        durable
        s settle g.2
        a
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_refused_step_takes_all_back() {
    check(
        "a 1000, b 0, c 0",
        "
        g linked transfer a b 300; transfer b c 301
        a
        b
        b
        durable
        t transfer b c 1
        b
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_receiver_that_refuses_a_step_takes_all_back() {
    check(
        "a 1000, b 0, c 0",
        "
        f freeze c
        c
        g linked hold a b 300; transfer a c 1
        a
        b
        a
        c
        durable
        durable
        h hold a b 10 | i hold a b 10 | j hold a b 10 | k hold a b 10
        ",
        expect![[""]],
    );
}

#[test]
fn a_group_waits_until_its_accounts_are_at_rest_and_others_wait_for_it() {
    check(
        "a 1000, b 0, c 0",
        "
        t transfer a b 300
        g linked transfer a c 100; transfer c b 50
        u transfer c a 10
        a
        b
        a
        c
        c
        b
        c
        a
        durable
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn what_a_group_cannot_do_is_refused_before_any_account_is_asked() {
    check(
        "a 1000, b 0",
        "
        g linked transfer a b 5; settle nohold
        h linked transfer a b 5; transfer a nobody 5
        i linked transfer a b 0; transfer a b 1
        j linked transfer a cash 1; transfer a b 1
        answer
        durable
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_step_can_ask_nothing_of_a_hold_that_a_step_before_ended() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300
        a
        b
        g linked settle h; void h
        a
        a
        durable
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_hold_that_ended_while_a_group_waited_refuses_it() {
    check(
        "a 1000, b 0",
        "
        h hold a b 300
        a
        b
        v void h
        g linked settle h; transfer a b 1
        a
        durable
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_sweep_moves_what_is_above_or_below_its_target() {
    check(
        "a 1000, b 0",
        "
        s sweep a against b 400
        a
        b
        u sweep a against b 500
        b
        a
        v sweep a against b 500
        durable
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_reversal_looks_its_original_up_counts_what_went_back_and_moves_the_rest() {
    check(
        "a 1000, b 0",
        "
        t transfer a b 300
        a
        b
        durable
        r reverse t 100
        answer
        answer
        b
        a
        durable
        s reverse t
        answer
        answer
        answer
        b
        a
        durable
        u reverse t
        answer
        answer
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn reversals_of_one_original_take_turns() {
    check(
        "a 1000, b 0",
        "
        t transfer a b 300
        a
        b
        durable
        r reverse t 200
        s reverse t 200
        answer
        answer
        b
        a
        durable
        answer
        answer
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_reversal_of_nothing_is_refused() {
    check(
        "a 1000, b 0",
        "
        r reverse nothing
        o owner 5
        durable
        s reverse o
        answer
        durable
        ",
        expect![[""]],
    );
}

#[test]
fn a_crash_in_the_middle_of_a_group_leaves_nothing_of_it() {
    check(
        "a 1000, b 0, c 0",
        "
        g linked transfer a b 300; transfer b c 200
        a
        b
        crash
        t transfer a b 1000
        answer
        answer
        a
        b
        durable
        ",
        expect![[""]],
    );
}
