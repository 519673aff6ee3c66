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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > durable
              h: held 300, fee 0
            > s settle h 100
              a <- settle 100 (s)
            > a
              b <- brought 100, released 0
              journal <- s: drawn 100, released 0
            > durable
              s: drawn 100, released 0, remaining 200, left 900 and 100
            > r settle h
              a <- settle all (r)
            > a
              b <- brought 200, released 0
              journal <- r: drawn 200, released 0, settled
            > durable
              r: drawn 200, released 0, remaining 0, left 700 and 300
        "#]],
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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > v void h
              a <- void (v)
            > w void h
              a <- void (w)
            > a
              b <- brought 0, released 300
            > a
            > s settle h
            > durable
              h: held 300, fee 0
              journal <- v: drawn 0, released 300, voided
              journal <- w: refused, HoldVoided
              journal <- s: refused, HoldVoided
            > durable
              v: drawn 0, released 300, remaining 0, left 1000 and 0
              w: refused, HoldVoided
              s: refused, HoldVoided
        "#]],
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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > s settle h 0 | t settle nohold | u hold a b 5 expires 0
            > durable
              h: held 300, fee 0
              journal <- s: refused, AmountZero
              journal <- t: refused, HoldUnknown
              journal <- u: refused, ExpiryPassed
            > durable
              s: refused, AmountZero
              t: refused, HoldUnknown
              u: refused, ExpiryPassed
        "#]],
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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > s settle h 301
              a <- settle 301 (s)
            > a
            > durable
              h: held 300, fee 0
              journal <- s: refused, CaptureTooLarge
            > durable
              s: refused, CaptureTooLarge
        "#]],
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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > s settle h
            > a
              b <- expect 300 (h)
            > b
              a <- settle all (s)
              journal <- h: held 300
            > a
              b <- brought 300, released 0
            > durable
              h: held 300, fee 0
              journal <- s: drawn 300, released 0, settled
            > durable
              s: drawn 300, released 0, remaining 0, left 700 and 300
        "#]],
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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > a
              journal <- h: refused, InsufficientFunds
            > i hold a b 10 | j hold a b 10 | k hold a b 10 | l hold a b 10 | m hold a b 10
              a <- hold 10 (i)
              a <- hold 10 (j)
              a <- hold 10 (k)
              a <- hold 10 (l)
        "#]],
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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > r amend h 500
              a <- save
              b <- save
              a <- amend (r)
            > t transfer a b 600
            > a
              b <- expect 200 (r)
            > b
              a <- keep
              b <- keep
              a <- debit 600 (t)
            > a
            > a
              (nothing to answer)
            > durable
              h: held 300, fee 0
              journal <- r: amended, raised 200
              journal <- t: refused, InsufficientFunds
            > durable
              r: recorded
              t: refused, InsufficientFunds
        "#]],
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
        expect![[r#"
            > h hold a b 300 expires 60
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > durable
              h: held 300, fee 0
            > at 59
            > at 60
              a <- expire (own)
            > s settle h
              a <- settle all (s)
            > a
              b <- brought 0, released 300
              journal <- (own): drawn 0, released 300, expired
            > a
            > durable
              journal <- s: refused, HoldExpired
        "#]],
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
        expect![[r#"
            > verifier
            > h hold a b 300 verify
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > durable
              h: held 300, fee 0
              verify 300
            > approve h
              a <- settle all (own)
            > a
              b <- brought 300, released 0
              verify no more
              journal <- (own): drawn 300, released 0, settled
            > durable
            > i hold a b 200 verify
              a <- hold 200 (i)
            > a
              b <- expect 200 (i)
            > b
              journal <- i: held 200
            > durable
              i: held 200, fee 0
              verify 200
            > reject i
              a <- reject (own)
            > a
              b <- brought 0, released 200
              verify no more
              journal <- (own): drawn 0, released 200, rejected
            > durable
            > approve i
        "#]],
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
        expect![[r#"
            > h hold a b 300
              a <- hold 300 (h)
            > a
              b <- expect 300 (h)
            > b
              journal <- h: held 300
            > durable
              h: held 300, fee 0
            > s settle h 100
              a <- settle 100 (s)
            > a
              b <- brought 100, released 0
              journal <- s: drawn 100, released 0
            > crash
              start cash
              start fees
            > s settle h 100
              load a
              load b
            > answer
              start a
            > answer
              start b
              a <- settle 100 (s)
            > a
              b <- brought 100, released 0
              journal <- s: drawn 100, released 0
            > durable
              s: drawn 100, released 0, remaining 200, left 900 and 100
        "#]],
    );
}
