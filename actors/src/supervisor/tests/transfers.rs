//! Transfers and cash.

use expect_test::expect;

use super::script::check;

#[test]
fn a_transfer_is_debited_credited_recorded_and_answered_once_durable() {
    check(
        "a 1000, b 0",
        "
        t transfer a b 300
        a
        b
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
        "#]],
    );
}

#[test]
fn the_fee_is_charged_after_the_free_transfers_and_its_account_gets_it_with_the_record() {
    check(
        "a 1000, b 0",
        "
        free owner 0
        t transfer a b 300
        a
        b
        durable
        durable
        u transfer a b 100 most_fee 1
        a
        durable
        ",
        expect![[r#"
            > free owner 0
              journal <- free: owner with 0
            > t transfer a b 300
              a <- debit 300 (t)
            > a
              b <- credit 300 (t)
            > b
            > durable
              free: recorded
              journal <- t: posted 300, fee 0
            > durable
              t: posted 300, fee 0, left 700 and 300
            > u transfer a b 100 most_fee 1
              a <- debit 100 (u)
            > a
              b <- credit 100 (u)
            > durable
              (nothing to write)
        "#]],
    );
}

#[test]
fn a_sender_without_money_refuses_and_nobody_else_is_asked() {
    check(
        "a 100, b 0",
        "
        t transfer a b 300
        a
        durable
        ",
        expect![[r#"
            > t transfer a b 300
              a <- debit 300 (t)
            > a
              journal <- t: refused, InsufficientFunds
            > durable
              t: refused, InsufficientFunds
        "#]],
    );
}

#[test]
fn a_receiver_that_refuses_has_the_sender_refunded() {
    check(
        "a 1000, b 0",
        "
        f freeze b
        b
        durable
        t transfer a b 300
        a
        b
        durable
        ",
        expect![[r#"
            > f freeze b
              b <- freeze (f)
            > b
              journal <- f: account changed
            > durable
              f: recorded
            > t transfer a b 300
              a <- debit 300 (t)
            > a
              b <- credit 300 (t)
            > b
              a <- refund (t)
              journal <- t: refused, AccountFrozen
            > durable
              t: refused, AccountFrozen
        "#]],
    );
}

#[test]
fn what_cannot_be_is_refused_before_any_account_is_asked() {
    check(
        "a 1000, b 0",
        "
        t transfer a b 0 | u transfer a a 5 | v transfer a nobody 5 | w transfer a cash 5
        answer
        durable
        durable
        ",
        expect![[r#"
            > t transfer a b 0 | u transfer a a 5 | v transfer a nobody 5 | w transfer a cash 5
              load nobody
              journal <- t: refused, AmountZero
              journal <- u: refused, SameAccount
            > answer
            > durable
              journal <- v: refused, AccountUnknown
              journal <- w: refused, SystemAccount
            > durable
              t: refused, AmountZero
              u: refused, SameAccount
              v: refused, AccountUnknown
              w: refused, SystemAccount
        "#]],
    );
}

#[test]
fn a_repetition_joins_the_first_and_later_gets_its_answer_from_the_record() {
    check(
        "a 1000, b 0",
        "
        t transfer a b 300
        t transfer a b 300
        t transfer a b 301
        a
        b
        t transfer a b 300
        durable
        answer
        t transfer a b 301
        answer
        ",
        expect![[r#"
            > t transfer a b 300
              a <- debit 300 (t)
            > t transfer a b 300
            > t transfer a b 301
            > a
              b <- credit 300 (t)
            > b
              journal <- t: posted 300, fee 0
            > t transfer a b 300
            > durable
              t: posted 300, fee 0, left 700 and 300 (again)
              t: refused, IdReused
              t: posted 300, fee 0, left 700 and 300
              look up a record for t
            > answer
              t: posted 300, fee 0, left 700 and 300 (again)
            > t transfer a b 301
              look up a record for t
            > answer
              t: refused, IdReused
        "#]],
    );
}

#[test]
fn cash_goes_against_the_banks_own_account() {
    check(
        "a 0",
        "
        d deposit a 500
        cash
        a
        w withdraw a 600
        a
        v withdraw a 200
        a
        cash
        durable
        durable
        ",
        expect![[r#"
            > d deposit a 500
              cash <- debit 500 (d)
            > cash
              a <- credit 500 (d)
            > a
              journal <- d: posted 500, fee 0
            > w withdraw a 600
              a <- debit 600 (w)
            > a
            > v withdraw a 200
              a <- debit 200 (v)
            > a
              cash <- credit 200 (v)
            > cash
            > durable
              d: posted 500, fee 0, left -500 and 500
              journal <- w: refused, InsufficientFunds
              journal <- v: posted 200, fee 0
            > durable
              w: refused, InsufficientFunds
              v: posted 200, fee 0, left 300 and -300
        "#]],
    );
}

#[test]
fn an_account_that_is_not_active_is_loaded_first_and_the_commands_keep_their_order() {
    check(
        "a 1000, b 0",
        "
        crash
        t transfer a b 300
        u transfer a b 400
        answer
        answer
        a
        a
        b
        b
        durable
        ",
        expect![[r#"
            > crash
              start cash
              start fees
            > t transfer a b 300
              load a
              load b
            > u transfer a b 400
            > answer
              start a
            > answer
              start b
              a <- debit 300 (t)
              a <- debit 400 (u)
            > a
              b <- credit 300 (t)
            > a
              b <- credit 400 (u)
            > b
              journal <- t: posted 300, fee 0
            > b
            > durable
              t: posted 300, fee 0, left 700 and 300
              journal <- u: posted 400, fee 0
        "#]],
    );
}

#[test]
fn a_debit_that_could_come_out_otherwise_waits_for_the_one_before() {
    check(
        "a 500, b 0, c 0",
        "
        t transfer a b 300
        u transfer a c 300
        a
        a
        b
        a
        durable
        durable
        ",
        expect![[r#"
            > t transfer a b 300
              a <- debit 300 (t)
            > u transfer a c 300
              a <- debit 300 (u)
            > a
              b <- credit 300 (t)
            > a
              a <- decided ()
            > b
              a <- decided (t)
              journal <- t: posted 300, fee 0
            > a
              a <- decided (u)
            > durable
              t: posted 300, fee 0, left 200 and 300
              journal <- u: refused, InsufficientFunds
            > durable
              u: refused, InsufficientFunds
        "#]],
    );
}

#[test]
fn at_most_takes_both_accounts_to_itself_and_moves_what_there_is() {
    check(
        "a 200, b 0, c 0",
        "
        t transfer a b 300 at_most
        u transfer a c 1
        b
        a
        b
        a
        durable
        durable
        ",
        expect![[r#"
            > t transfer a b 300 at_most
              a <- save
              b <- save
              a <- debit 300 (t)
            > u transfer a c 1
            > b
              (nothing to answer)
            > a
              b <- credit 200 (t)
            > b
              a <- keep
              b <- keep
              a <- debit 1 (u)
              journal <- t: posted 200, fee 0
            > a
            > durable
              t: posted 200, fee 0, left 0 and 200
              journal <- u: refused, InsufficientFunds
            > durable
              u: refused, InsufficientFunds
        "#]],
    );
}

#[test]
fn a_crash_before_the_record_is_durable_leaves_the_id_free() {
    check(
        "a 1000, b 0",
        "
        t transfer a b 300
        a
        b
        crash
        t transfer a b 300
        answer
        answer
        a
        b
        durable
        crash
        t transfer a b 300
        answer
        ",
        expect![[r#"
            > t transfer a b 300
              a <- debit 300 (t)
            > a
              b <- credit 300 (t)
            > b
              journal <- t: posted 300, fee 0
            > crash
              start cash
              start fees
            > t transfer a b 300
              load a
              load b
            > answer
              start a
            > answer
              start b
              a <- debit 300 (t)
            > a
              b <- credit 300 (t)
            > b
              journal <- t: posted 300, fee 0
            > durable
              t: posted 300, fee 0, left 700 and 300
            > crash
              start cash
              start fees
            > t transfer a b 300
              load a
              load b
              look up an id for t
            > answer
              start a
        "#]],
    );
}

#[test]
fn no_answer_leaves_before_what_it_rests_on_is_durable() {
    check(
        "a 1000, b 0",
        "
        t transfer a b 300
        a
        b
        u transfer a b 1000
        a
        durable
        durable
        ",
        expect![[r#"
            > t transfer a b 300
              a <- debit 300 (t)
            > a
              b <- credit 300 (t)
            > b
              journal <- t: posted 300, fee 0
            > u transfer a b 1000
              a <- debit 1000 (u)
            > a
            > durable
              t: posted 300, fee 0, left 700 and 300
              journal <- u: refused, InsufficientFunds
            > durable
              u: refused, InsufficientFunds
        "#]],
    );
}
