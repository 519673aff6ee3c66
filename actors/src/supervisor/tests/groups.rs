//! Linked steps and sweeps: commands that have their accounts to themselves.

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
        expect![[r#"
            > g linked transfer a b 300; transfer b c 200; hold a c 50
              a <- save
              b <- save
              c <- save
              a <- debit 300 (g)
            > a
              b <- credit 300 (g)
            > b
              b <- debit 200 (g)
            > b
              c <- credit 200 (g)
            > c
              a <- hold 50 (g)
            > a
              c <- expect 50 (g)
            > c
              a <- keep
              b <- keep
              c <- keep
              journal <- g: linked: posted 300; posted 200; held 50
            > durable
              g: recorded
            > s settle g.2
              a <- settle all (s)
            > a
              c <- brought 50, released 0
              journal <- s: drawn 50, released 0, settled
            > durable
              s: drawn 50, released 0, remaining 0, left 650 and 250
        "#]],
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
        expect![[r#"
            > g linked transfer a b 300; transfer b c 301
              a <- save
              b <- save
              c <- save
              a <- debit 300 (g)
            > a
              b <- credit 300 (g)
            > b
              b <- debit 301 (g)
            > b
              a <- go back
              b <- go back
              c <- go back
              journal <- g: refused, step 1: InsufficientFunds
            > durable
              g: refused, step 1: InsufficientFunds
            > t transfer b c 1
              b <- debit 1 (t)
            > b
              journal <- t: refused, InsufficientFunds
            > durable
              t: refused, InsufficientFunds
        "#]],
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
        expect![[r#"
            > f freeze c
              c <- freeze (f)
            > c
              journal <- f: account changed
            > g linked hold a b 300; transfer a c 1
              a <- save
              b <- save
              c <- save
              a <- hold 300 (g)
            > a
              b <- expect 300 (g)
            > b
              a <- debit 1 (g)
            > a
              c <- credit 1 (g)
            > c
              a <- go back
              b <- go back
              c <- go back
            > durable
              f: recorded
              journal <- g: refused, step 1: AccountFrozen
            > durable
              g: refused, step 1: AccountFrozen
            > h hold a b 10 | i hold a b 10 | j hold a b 10 | k hold a b 10
              a <- hold 10 (h)
              a <- hold 10 (i)
              a <- hold 10 (j)
              a <- hold 10 (k)
        "#]],
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
        expect![[r#"
            > t transfer a b 300
              a <- debit 300 (t)
            > g linked transfer a c 100; transfer c b 50
            > u transfer c a 10
            > a
              b <- credit 300 (t)
            > b
              a <- save
              b <- save
              c <- save
              a <- debit 100 (g)
              journal <- t: posted 300, fee 0
            > a
              c <- credit 100 (g)
            > c
              c <- debit 50 (g)
            > c
              b <- credit 50 (g)
            > b
              a <- keep
              b <- keep
              c <- keep
              c <- debit 10 (u)
            > c
              a <- credit 10 (u)
            > a
            > durable
              t: posted 300, fee 0, left 700 and 300
              journal <- g: linked: posted 100; posted 50
              journal <- u: posted 10, fee 0
            > durable
              g: recorded
              u: posted 10, fee 0, left 40 and 610
        "#]],
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
        expect![[r#"
            > g linked transfer a b 5; settle nohold
              journal <- g: refused, step 1: HoldUnknown
            > h linked transfer a b 5; transfer a nobody 5
              load nobody
            > i linked transfer a b 0; transfer a b 1
            > j linked transfer a cash 1; transfer a b 1
            > answer
            > durable
              g: refused, step 1: HoldUnknown
              journal <- i: refused, step 0: AmountZero
              journal <- h: refused, step 1: AccountUnknown
              journal <- j: refused, step 0: SystemAccount
            > durable
              i: refused, step 0: AmountZero
              h: refused, step 1: AccountUnknown
              j: refused, step 0: SystemAccount
        "#]],
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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > g linked settle h; void h
              a <- save
              b <- save
              a <- settle all (g)
            > a
              b <- brought 300, released 0
              a <- void (g)
            > a
              a <- go back
              b <- go back
            > durable
              h: held 300, fee 0
              journal <- g: refused, step 1: HoldSettled
            > durable
              g: refused, step 1: HoldSettled
        "#]],
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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > v void h
              a <- void (v)
            > g linked settle h; transfer a b 1
            > a
              b <- brought 0, released 300
            > durable
              h: held 300, fee 0
              journal <- v: drawn 0, released 300, voided
              journal <- g: refused, step 0: HoldVoided
            > durable
              v: drawn 0, released 300, remaining 0, left 1000 and 0
              g: refused, step 0: HoldVoided
        "#]],
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
        expect![[r#"
            > s sweep a against b 400
              a <- save
              b <- save
              a <- debit 600 (s)
            > a
              b <- credit 600 (s)
            > b
              a <- keep
              b <- keep
              journal <- s: posted 600, fee 0
            > u sweep a against b 500
              a <- save
              b <- save
              b <- debit 100 (u)
            > b
              a <- credit 100 (u)
            > a
              a <- keep
              b <- keep
            > v sweep a against b 500
              a <- save
              b <- save
              a <- go back
              b <- go back
            > durable
              s: posted 600, fee 0, left 400 and 600
              journal <- u: posted 100, fee 0
              journal <- v: refused, NothingToSweep
            > durable
              u: posted 100, fee 0, left 500 and 500
              v: refused, NothingToSweep
        "#]],
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
        expect![[r#"
            > g linked transfer a b 300; transfer b c 200
              a <- save
              b <- save
              c <- save
              a <- debit 300 (g)
            > a
              b <- credit 300 (g)
            > b
              b <- debit 200 (g)
            > crash
              start cash
              start fees
            > t transfer a b 1000
              load a
              load b
            > answer
              start a
            > answer
              start b
              a <- debit 1000 (t)
            > a
              b <- credit 1000 (t)
            > b
              journal <- t: posted 1000, fee 0
            > durable
              t: posted 1000, fee 0, left 0 and 1000
        "#]],
    );
}
