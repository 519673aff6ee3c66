//! Reversals: originals looked up, what went back before counted, turns taken.

use expect_test::expect;

use super::script::check;

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
        expect![[r#"
            > t transfer a b 300
              a <- debit 300 (t)
            > a
              b <- credit 300 (t)
            > b
              journal <- t: posted 300, fee 0
            > durable
              t: posted 300, fee 0, left 700 and 300
            > r reverse t 100
              look up a record for r
            > answer
              name accounts for r
            > answer
              a <- save
              b <- save
              b <- debit 100 (r)
            > b
              a <- credit 100 (r)
            > a
              a <- keep
              b <- keep
              journal <- r: reversed 100, 100 in all
            > durable
              r: posted 100, fee 0, left 200 and 800
            > s reverse t
              look up a record for s
            > answer
              look up the last word for s
            > answer
              name accounts for s
            > answer
              a <- save
              b <- save
              b <- debit 200 (s)
            > b
              a <- credit 200 (s)
            > a
              a <- keep
              b <- keep
              journal <- s: reversed 200, 300 in all
            > durable
              s: posted 200, fee 0, left 0 and 1000
            > u reverse t
              look up a record for u
            > answer
              look up the last word for u
            > answer
              journal <- u: refused, ReversalTooLarge
            > durable
              u: refused, ReversalTooLarge
        "#]],
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
        expect![[r#"
            > t transfer a b 300
              a <- debit 300 (t)
            > a
              b <- credit 300 (t)
            > b
              journal <- t: posted 300, fee 0
            > durable
              t: posted 300, fee 0, left 700 and 300
            > r reverse t 200
              look up a record for r
            > s reverse t 200
            > answer
              name accounts for r
            > answer
              a <- save
              b <- save
              b <- debit 200 (r)
            > b
              a <- credit 200 (r)
            > a
              a <- keep
              b <- keep
              look up a record for s
              journal <- r: reversed 200, 200 in all
            > durable
              r: posted 200, fee 0, left 100 and 900
            > answer
              look up the last word for s
            > answer
              journal <- s: refused, ReversalTooLarge
            > durable
              s: refused, ReversalTooLarge
        "#]],
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
        durable
        s reverse o
        answer
        durable
        ",
        expect![[r#"
            > r reverse nothing
              journal <- r: refused, NotReversible
            > o owner 5
            > durable
              r: refused, NotReversible
              journal <- o: owner with 5
            > durable
              o: recorded
            > s reverse o
              look up a record for s
            > answer
              journal <- s: refused, NotReversible
            > durable
              s: refused, NotReversible
        "#]],
    );
}
