//! What embedding programs rely on: how commands are created, which errors `?` converts, and what dropping a future
//! does.

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{
    AmendHold, CashPosting, ChangeAccount, Linked, OpenAccount, PlaceHold, Reverse, SettleHold, Step, Transfer,
};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, AmountError, Balance, Change, CommandId, Currency, Freeze, OwnerId, Position,
    RecordPut, TypeCode,
};
use jangbu_actors::{BankError, Error, OpenError};

/// Every fallible step of a program, with `?` only.
fn opened(owner: &str, number: &str, currency: &str, deposit: u64) -> Result<(Bank, AccountNumber), Error> {
    let bank = Bank::in_memory().map_err(|error| BankError::Failed(error.to_string()))?;
    let open = OpenAccount::new(OwnerId::new(owner)?).with_number(AccountNumber::new(number)?);
    let number = bank.open_account(open.with_currency(Currency::new(currency)?))?;
    bank.deposit(CashPosting::new(number, Amount::new(deposit)?))?;
    bank.set_type(AccountType::new(TypeCode::new("savings")?, "savings", Currency::new(currency)?))?;
    Ok((bank, number))
}

#[test]
fn the_question_mark_operator_converts_every_error() {
    let (bank, number) = opened("mina", "A-1", "KRW", 5).unwrap();
    assert_eq!(bank.snapshot(number).unwrap().posted.minor_units(), 5);
    for (owner, number, currency, deposit) in
        [("", "A-1", "KRW", 5), ("mina", "a b", "KRW", 5), ("mina", "A-1", "k", 5), ("mina", "A-1", "KRW", u64::MAX)]
    {
        assert!(
            matches!(opened(owner, number, currency, deposit), Err(Error::Invalid(_))),
            "{owner} {number} {currency}"
        );
    }
    let stopped = |error: BankError| -> Result<(), OpenError> { Err(error)? };
    assert!(matches!(stopped(BankError::Closed), Err(OpenError::Bank(BankError::Closed))));
}

#[test]
fn sums_of_amounts_may_exceed_one_amount() {
    assert_eq!(Amount::try_from(5u64), Amount::new(5));
    assert_eq!(Amount::try_from(-5i64), Err(AmountError::Negative));
    assert_eq!(Amount::try_from(1u128 << 70), Err(AmountError::TooLarge));
    assert_eq!(Balance::try_from(i64::MIN), Err(AmountError::TooLarge));
    assert_eq!(Amount::try_from(Balance::try_from(-7i64).unwrap()), Err(AmountError::Negative));
    assert_eq!(Amount::try_from(Balance::try_from(7i64).unwrap()), Amount::new(7));
    let amounts = [Amount::MAX, Amount::MAX, Amount::ONE];
    let sum: u128 = amounts.iter().sum();
    assert_eq!(sum, 2 * u128::from(u64::from(Amount::MAX)) + 1);
    assert_eq!(sum, amounts.into_iter().sum::<u128>());
    assert_eq!(Amount::try_from(sum), Err(AmountError::TooLarge));
}

#[test]
fn every_command_has_a_constructor() {
    let (bank, a) = opened("mina", "A", "KRW", 1_000).unwrap();
    let b = bank.open_account(OpenAccount::new(OwnerId::new("joon").unwrap())).unwrap();
    let won = |units: u64| Amount::new(units).unwrap();
    let hold = bank.place_hold(PlaceHold::new(a, b, won(100))).unwrap();
    let until = hold.recorded_at.after(std::time::Duration::from_secs(3_600));
    let raise = AmendHold::raise(hold.id, won(150)).with_id(CommandId::derived(b"raise"));
    assert_eq!(bank.amend_hold(raise.clone()).unwrap(), bank.amend_hold(raise).unwrap(), "once under its id");
    bank.amend_hold(AmendHold::extend(hold.id, until)).unwrap();
    let view = bank.hold(hold.id).unwrap().unwrap();
    assert_eq!((view.amount, view.expires_at), (won(150), Some(until)));
    let other = bank.place_hold(PlaceHold::new(a, b, won(30))).unwrap();
    let steps = vec![
        Step::settle_part(hold.id, won(50)),
        Step::void(other.id),
        Step::transfer(a, b, won(7)).with_labels("to b", "from a").with_reference("both"),
    ];
    let linked = Linked::new(steps);
    bank.linked(linked.clone()).unwrap();
    let moved = bank.movements_of(linked.id).unwrap();
    let details = &moved.last().unwrap().details;
    let texts = (details.sender_label.as_str(), details.receiver_label.as_str(), details.reference.as_str());
    assert_eq!(texts, ("to b", "from a", "both"));
    bank.reverse(Reverse::all(linked.id).with_step(2)).unwrap();
    bank.settle_hold(SettleHold::all(hold.id)).unwrap();
    assert_eq!(bank.snapshot(b).unwrap().posted.minor_units(), 150);

    let freeze = Change::Freeze(Freeze { debits: true, credits: false });
    bank.change_account(ChangeAccount::new(a, freeze).with_id(CommandId::derived(b"freeze"))).unwrap();
    assert!(bank.transfer(Transfer::new(a, b, won(1))).is_err());

    let id = |text: &str| CommandId::derived(text.as_bytes());
    let put = vec![RecordPut::new("note", "1", "text").expecting(Position::START)];
    let first = bank.put_records_with_id(id("put"), put.clone()).unwrap();
    assert_eq!(bank.put_records_with_id(id("put"), put).unwrap(), first);
    bank.put_records(vec![RecordPut::delete("note", "1").expecting(first)]).unwrap();
    assert_eq!(bank.record("note", "1").unwrap(), None);
    let points = Currency::new("POINTS").unwrap();
    let added = bank.add_currency_with_id(id("points"), points, 0).unwrap();
    assert_eq!(bank.add_currency_with_id(id("points"), points, 0).unwrap(), added);
    let owner = OwnerId::new("mina").unwrap();
    let set = bank.set_owner_with_id(id("owner"), owner, 9).unwrap();
    assert_eq!(bank.set_owner_with_id(id("owner"), owner, 9).unwrap(), set);
    let kind = AccountType::new(TypeCode::new("other").unwrap(), "other", points);
    let set = bank.set_type_with_id(id("type"), kind.clone()).unwrap();
    assert_eq!(bank.set_type_with_id(id("type"), kind).unwrap(), set);
    bank.close().unwrap();
}

/// An exchange is two transfers in two currencies: both, or neither.
#[test]
fn an_exchange_moves_both_currencies_or_neither() {
    let bank = Bank::in_memory().unwrap();
    let usd = Currency::new("USD").unwrap();
    let open = |owner: &str, currency| {
        bank.open_account(OpenAccount::new(OwnerId::new(owner).unwrap()).with_currency(currency)).unwrap()
    };
    let (won, dollars) = (open("mina", Currency::krw()), open("mina", usd));
    let (dealer_won, dealer_dollars) = (open("dealer", Currency::krw()), open("dealer", usd));
    let units = |units: u64| Amount::new(units).unwrap();
    bank.deposit(CashPosting::new(won, units(1_000_000))).unwrap();
    bank.deposit(CashPosting::new(dealer_dollars, units(50_000))).unwrap();
    let exchange = |dollar_cents: u64, won_units: u64| {
        Linked::new(vec![
            Step::transfer(won, dealer_won, units(won_units)),
            Step::transfer(dealer_dollars, dollars, units(dollar_cents)),
        ])
    };
    let balances =
        || [won, dollars, dealer_won, dealer_dollars].map(|it| bank.snapshot(it).unwrap().posted.minor_units());
    bank.linked(exchange(20_000, 276_000)).unwrap();
    assert_eq!(balances(), [724_000, 20_000, 276_000, 30_000]);
    for (dollar_cents, won_units) in [(30_001, 1), (1, 724_001)] {
        assert!(matches!(bank.linked(exchange(dollar_cents, won_units)), Err(Error::Refused(_))));
        assert_eq!(balances(), [724_000, 20_000, 276_000, 30_000], "neither half");
    }
    let trial = bank.trial_balance_at(jangbu_actors::Moment::Position(Position::new(u64::MAX))).unwrap();
    assert!(trial.is_balanced() && trial.currencies.len() == 2, "{trial:?}");
    bank.close().unwrap();
}

/// A command whose future is dropped is carried out if the future was polled at least once.
#[test]
fn dropping_a_future_does_not_cancel_its_command() {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    let bank = jangbu_actors::Bank::in_memory().unwrap();
    let blocking = Bank::from(bank.clone());
    let open = |owner: &str| blocking.open_account(OpenAccount::new(OwnerId::new(owner).unwrap())).unwrap();
    let (a, b) = (open("mina"), open("joon"));
    blocking.deposit(CashPosting::new(a, Amount::new(100).unwrap())).unwrap();
    let pay = |units: u64| Transfer::new(a, b, Amount::new(units).unwrap());
    let (polled, unpolled) = (pay(30), pay(50));
    {
        let mut future = pin!(bank.transfer(polled.clone()));
        let _ = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        drop(bank.transfer(unpolled.clone()));
    }
    let receipt = blocking.transfer(polled).unwrap();
    assert_eq!(receipt.sender_balance.minor_units(), 70, "it moved, once");
    assert_eq!(blocking.position_of(unpolled.id).unwrap(), None, "nothing was asked for");
    assert_eq!(blocking.snapshot(b).unwrap().posted.minor_units(), 30);
    blocking.close().unwrap();
}
