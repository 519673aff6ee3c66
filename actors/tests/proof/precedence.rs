//! If two refusals apply, the first is returned: the command, the sender, the fee account, the receiver.

use futures::executor::block_on;
use jangbu_actors::Bank;
use jangbu_actors::command::{
    AmendHold, Command, Linked, OpenAccount, PlaceHold, Reverse, SettleHold, Step, Sweep, Transfer,
};
use jangbu_actors::ledger::{AccountType, Change, CommandId, Currency, Freeze, LimitException, Refusal};

use crate::support::{
    ask, change, code, currency, deposit, hold, moment, number, open, opening, owner, pay, refused, run, withdraw, won,
};

const MOST: u64 = (1 << 53) - 1;

fn set_type(account_type: AccountType) -> Command {
    Command::SetType { id: CommandId::random(), account_type: Box::new(account_type) }
}

const PAST: &str = "2020-01-01T00:00:00Z";

fn hold_until(from: &str, to: &str, amount: u64, expires_at: &str) -> Command {
    let placed = PlaceHold::new(number(from), number(to), won(amount)).with_expiry(moment(expires_at));
    Command::PlaceHold(Box::new(placed))
}

fn sweep(account: &str, against: &str) -> Command {
    Command::Sweep(Box::new(Sweep::to_zero(number(account), number(against))))
}

/// A bank with one account of every kind.
fn bank() -> Bank {
    let bank = Bank::in_memory().unwrap();
    run(&bank, ["A", "B", "POOR", "CLOSED", "FROZEN", "LIMITED", "FULL"].map(|text| opening(open(text))));
    run(&bank, [opening(open("USD").with_currency(currency("USD"))), deposit("A", 100), deposit("LIMITED", 50)]);
    let frozen = Freeze { debits: true, credits: true };
    run(&bank, [change("CLOSED", Change::Close), change("FROZEN", Change::Freeze(frozen))]);
    run(&bank, [change("LIMITED", Change::LimitPerTransfer(LimitException::At(won(20))))]);
    run(&bank, [change("LIMITED", Change::LimitPerDay(LimitException::At(won(10))))]);
    run(&bank, [deposit("FULL", MOST - 150)]);
    let dear = AccountType {
        fee: won(5),
        limit_per_transfer: Some(won(20)),
        ..AccountType::new(code("dear"), "with a fee", Currency::krw())
    };
    let none_free =
        Command::SetOwner { id: CommandId::random(), owner: Box::new(owner("dora")), free_transfers_per_day: 0 };
    let dora = OpenAccount::new(owner("dora")).with_number(number("DEAR")).with_type(code("dear"));
    run(&bank, [set_type(dear), none_free, opening(dora)]);
    run(&bank, [change("FROZEN", Change::Type(code("dear")))]);
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
    let nothing = SettleHold::part(CommandId::random(), won(0)).keeping_rest();
    let none_of_it = Reverse::part(CommandId::random(), won(0));
    let agreed = |from: &str, to: &str, amount: u64| {
        Command::Transfer(Transfer::new(number(from), number(to), won(amount)).with_most_fee(won(4)))
    };
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
        ("account_frozen",     "fee_too_high",              agreed("FROZEN", "B", 1)),
        ("fee_too_high",       "limit_per_transfer",        agreed("DEAR", "B", 21)),
        ("fee_too_high",       "insufficient_funds",        agreed("DEAR", "B", 11)),
        ("fee_too_high",       "the receiver is closed",    agreed("DEAR", "CLOSED", 1)),
        ("limit_per_transfer", "limit_per_day",             pay("LIMITED", "B", 21)),
        ("limit_per_transfer", "insufficient_funds",        pay("LIMITED", "B", 51)),
        ("limit_per_day",      "insufficient_funds",        pay("LIMITED", "B", 11)),
        ("insufficient_funds", "the receiver is closed",    pay("POOR", "CLOSED", 1)),
        ("insufficient_funds", "the receiver is frozen",    pay("POOR", "FROZEN", 1)),
        ("insufficient_funds", "balance_limit",             pay("A", "FULL", 200)),
        ("currency_limit",     "the receiver is closed",    deposit("CLOSED", 1_000)),
        ("currency_limit",     "balance_limit",             deposit("FULL", MOST)),
        ("amount_zero",        "same_account",              hold("A", "A", 0)),
        ("same_account",       "expiry_passed",             hold_until("A", "A", 1, PAST)),
        ("expiry_passed",      "account_unknown",           hold_until("A", "NONE", 1, PAST)),
        ("account_unknown",    "system_account",            hold("CASH-KRW", "NONE", 1)),
        ("currency_mismatch",  "account_closed",            hold("CLOSED", "USD", 1)),
        ("account_frozen",     "the receiver is closed",    hold("FROZEN", "CLOSED", 1)),
        ("limit_per_transfer", "limit_per_day",             hold("LIMITED", "B", 21)),
        ("insufficient_funds", "the receiver is closed",    hold("POOR", "CLOSED", 1)),
        ("amount_zero",        "hold_unknown",              Command::SettleHold(nothing)),
        ("amount_zero",        "not_reversible",            Command::Reverse(Box::new(none_of_it))),
        ("same_account",       "account_unknown",           sweep("NONE", "NONE")),
        ("account_unknown",    "nothing_to_sweep",          sweep("POOR", "NONE")),
        ("system_account",     "nothing_to_sweep",          sweep("POOR", "CASH-KRW")),
        ("currency_mismatch",  "nothing_to_sweep",          sweep("POOR", "USD")),
        ("nothing_to_sweep",   "account_closed",            sweep("CLOSED", "B")),
        ("account_closed",     "the balance is not zero",   sweep("A", "CLOSED")),
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
fn refusals_that_no_other_test_covers() {
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

#[test]
fn of_two_refusals_about_a_hold_the_first_is_given() {
    let bank = bank();
    let placed = hold("A", "B", 60);
    let waiting = PlaceHold { verify: true, ..PlaceHold::new(number("A"), number("B"), won(5)) };
    let raise = |amount| {
        let (id, hold, raise_to) = (CommandId::random(), waiting.id, Some(won(amount)));
        Command::AmendHold(Box::new(AmendHold { id, hold: hold.into(), raise_to, expires_at: None }))
    };
    run(&bank, [placed.clone(), Command::PlaceHold(Box::new(waiting.clone()))]);
    let frozen = Freeze { debits: true, credits: true };
    run(&bank, [change("A", Change::Freeze(frozen)), change("A", Change::LimitPerDay(LimitException::At(won(70))))]);
    let amend = |raise_to: u64, expires_at: Option<&str>| {
        let (raise_to, expires_at) = (Some(won(raise_to)), expires_at.map(moment));
        Command::AmendHold(Box::new(AmendHold {
            id: CommandId::random(),
            hold: placed.id().into(),
            raise_to,
            expires_at,
        }))
    };
    let linked = |steps: Vec<Step>| Command::Linked(Linked::new(steps));
    let settle = |amount| Step::Settle { hold: placed.id().into(), amount: Some(won(amount)), last: false };
    let transfer = |from: &str, to: &str, amount| Step::transfer(number(from), number(to), won(amount));
    #[rustfmt::skip]
    let cases = [
        ("hold_lowered",       "account_frozen",            amend(59, None)),
        ("expiry_passed",      "hold_lowered",              amend(59, Some(PAST))),
        ("account_frozen",     "limit_per_day",             amend(90, None)),
        ("hold_lowered",       "hold_awaits_verification",  raise(4)),
        ("hold_awaits_verification", "account_frozen",      raise(6)),
        // The checks of steps come before the first account's decision.
        ("amount_zero",        "step 1: account_frozen",    linked(vec![transfer("A", "B", 1), settle(0)])),
        ("same_account",       "step 1: capture_too_large", linked(vec![settle(61), transfer("B", "B", 1)])),
        ("account_unknown",    "step 1: system_account",    linked(vec![transfer("A", "CASH-KRW", 1), transfer("B", "NONE", 1)])),
        ("currency_mismatch",  "step 1: capture_too_large", linked(vec![settle(61), transfer("USD", "B", 1)])),
        ("capture_too_large",  "step 2: account_frozen",    linked(vec![settle(61), transfer("A", "B", 1)])),
    ];
    for (given, other, command) in cases {
        let refusal = match refused(ask(&bank, &command)) {
            Refusal::Linked { refusal, .. } => *refusal,
            refusal => refusal,
        };
        assert_eq!(refusal.code(), given, "not {other}: {command:?}");
    }
    block_on(bank.close()).unwrap();
}
