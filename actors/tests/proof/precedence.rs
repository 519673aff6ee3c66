//! Where two refusals apply, the first is given: the command, the sender, the fee account, the receiver.

use futures::executor::block_on;
use jangbu_actors::Bank;
use jangbu_actors::command::{Command, OpenAccount};
use jangbu_actors::ledger::{AccountType, Change, CommandId, Currency, Freeze, LimitException};

use crate::support::{
    ask, change, code, currency, deposit, number, open, opening, owner, pay, refused, run, withdraw, won,
};

const MOST: u64 = (1 << 53) - 1;

fn set_type(account_type: AccountType) -> Command {
    Command::SetType { id: CommandId::random(), account_type: Box::new(account_type) }
}

/// A bank with one account of every sort.
fn bank() -> Bank {
    let bank = Bank::in_memory().unwrap();
    run(&bank, ["A", "B", "POOR", "CLOSED", "FROZEN", "LIMITED", "FULL"].map(|text| opening(open(text))));
    run(&bank, [opening(open("USD").with_currency(currency("USD"))), deposit("A", 100), deposit("LIMITED", 50)]);
    let frozen = Freeze { debits: true, credits: true };
    run(&bank, [change("CLOSED", Change::Close), change("FROZEN", Change::Freeze(frozen))]);
    run(&bank, [change("LIMITED", Change::LimitPerTransfer(LimitException::At(won(20))))]);
    run(&bank, [change("LIMITED", Change::LimitPerDay(LimitException::At(won(10))))]);
    run(&bank, [deposit("FULL", MOST - 150)]);
    bank
}

#[test]
fn of_two_refusals_the_first_is_given() {
    let bank = bank();
    let open_as = |number: &str, kind: &str, in_currency: &str| {
        opening(open(number).with_type(code(kind)).with_currency(currency(in_currency)))
    };
    let of_type =
        |kind: &str, in_currency: &str| set_type(AccountType::new(code(kind), "a type", currency(in_currency)));
    run(&bank, [of_type("won", "KRW")]);
    let to_type = |account: &str, kind: &str| change(account, Change::Type(code(kind)));
    #[rustfmt::skip]
    let cases = [
        // the refusal given   the other one                the command
        ("amount_zero",        "same_account",              pay("A", "A", 0)),
        ("amount_zero",        "account_unknown",           deposit("NONE", 0)),
        ("same_account",       "account_unknown",           pay("NONE", "NONE", 1)),
        ("account_unknown",    "system_account",            pay("CASH-KRW", "NONE", 1)),
        ("system_account",     "currency_mismatch",         pay("USD", "CASH-KRW", 1)),
        ("currency_mismatch",  "account_closed",            pay("CLOSED", "USD", 1)),
        ("account_closed",     "account_frozen",            pay("CLOSED", "FROZEN", 1)),
        ("account_closed",     "insufficient_funds",        withdraw("CLOSED", 1)),
        ("account_frozen",     "insufficient_funds",        pay("FROZEN", "B", 1)),
        ("account_frozen",     "the receiver is closed",    pay("FROZEN", "CLOSED", 1)),
        ("limit_per_transfer", "limit_per_day",             pay("LIMITED", "B", 21)),
        ("limit_per_transfer", "insufficient_funds",        pay("LIMITED", "B", 51)),
        ("limit_per_day",      "insufficient_funds",        pay("LIMITED", "B", 11)),
        ("insufficient_funds", "the receiver is closed",    pay("POOR", "CLOSED", 1)),
        ("insufficient_funds", "the receiver is frozen",    pay("POOR", "FROZEN", 1)),
        ("insufficient_funds", "balance_limit",             pay("A", "FULL", 200)),
        ("currency_limit",     "the receiver is closed",    deposit("CLOSED", 1_000)),
        ("currency_limit",     "balance_limit",             deposit("FULL", MOST)),
        ("account_exists",     "number_reserved",           opening(open("CASH-KRW"))),
        ("account_exists",     "type_unknown",              open_as("A", "none", "KRW")),
        ("number_reserved",    "type_unknown",              open_as("CASH-NEW", "none", "KRW")),
        ("type_unknown",       "currency_unknown",          open_as("NEW", "none", "POINTS")),
        ("type_currency",      "currency_unknown",          open_as("NEW", "won", "POINTS")),
        ("type_fixed",         "currency_unknown",          of_type("won", "POINTS")),
        ("account_unknown",    "type_unknown",              to_type("NONE", "none")),
        ("system_account",     "type_unknown",              to_type("CASH-KRW", "none")),
        ("account_closed",     "type_unknown",              to_type("CLOSED", "none")),
        ("account_closed",     "account_closed",            change("CLOSED", Change::Close)),
    ];
    for (given, other, command) in cases {
        assert_eq!(refused(ask(&bank, &command)).code(), given, "not {other}: {command:?}");
    }
    block_on(bank.close()).unwrap();
}

#[test]
fn refusals_that_no_other_test_meets() {
    let bank = bank();
    let add = |scale| Command::AddCurrency { id: CommandId::random(), currency: Currency::krw(), scale };
    let owed = OpenAccount::new(owner("bob")).with_number(number("OWES")).with_overdraft(won(10));
    run(&bank, [opening(owed), withdraw("OWES", 10), pay("A", "FULL", 100)]);
    let cases = [
        ("currency_fixed", add(0)),
        ("currency_fixed", add(2)),
        ("not_empty", change("OWES", Change::Close)),
        ("overdraft_in_use", change("OWES", Change::Overdraft(won(9)))),
        ("insufficient_funds", withdraw("OWES", 1)),
        ("type_fixed", set_type(AccountType { currency: Some(Currency::krw()), ..AccountType::basic() })),
        ("currency_unknown", opening(open("NEW").with_currency(currency("POINTS")))),
    ];
    for (given, command) in cases {
        assert_eq!(refused(ask(&bank, &command)).code(), given, "{command:?}");
    }
    block_on(bank.close()).unwrap();
}
