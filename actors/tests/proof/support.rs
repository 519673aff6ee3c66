//! Helpers for the tests.

use futures::executor::block_on;
use jangbu_actors::command::{CashPosting, ChangeAccount, Command, OpenAccount, PlaceHold, SettleHold, Transfer};
use jangbu_actors::ledger::{
    AccountNumber, Amount, Balance, Change, CommandId, Currency, OwnerId, Refusal, Timestamp, TypeCode,
};
use jangbu_actors::{Bank, Error, Snapshot};

use crate::model::Answer;

/// 2^53 − 1.
pub(crate) const CAP: i128 = 9_007_199_254_740_991;

pub(crate) fn units(amount: Amount) -> i128 {
    i128::from(amount.minor_units())
}

pub(crate) fn amount(units: i128) -> Amount {
    Amount::new(u64::try_from(units.clamp(0, CAP)).unwrap()).unwrap()
}

pub(crate) fn balance(units: i128) -> Balance {
    Balance::new(i64::try_from(units).unwrap()).unwrap()
}

pub(crate) fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

pub(crate) fn owner(id: &str) -> OwnerId {
    OwnerId::new(id).unwrap()
}

pub(crate) fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

pub(crate) fn code(text: &str) -> TypeCode {
    TypeCode::new(text).unwrap()
}

pub(crate) fn currency(text: &str) -> Currency {
    Currency::new(text).unwrap()
}

pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An id that is the same in every run.
pub(crate) fn id(count: u64) -> CommandId {
    CommandId::derived(&count.to_be_bytes())
}

pub(crate) fn open(text: &str) -> OpenAccount {
    OpenAccount::new(owner("ann")).with_number(number(text))
}

pub(crate) fn opening(open: OpenAccount) -> Command {
    Command::OpenAccount(Box::new(open))
}

pub(crate) fn pay(from: &str, to: &str, amount: u64) -> Command {
    Command::Transfer(Transfer::new(number(from), number(to), won(amount)))
}

pub(crate) fn deposit(to: &str, amount: u64) -> Command {
    Command::Deposit(CashPosting::new(number(to), won(amount)))
}

pub(crate) fn withdraw(from: &str, amount: u64) -> Command {
    Command::Withdrawal(CashPosting::new(number(from), won(amount)))
}

pub(crate) fn change(account: &str, change: Change) -> Command {
    Command::ChangeAccount(Box::new(ChangeAccount { id: CommandId::random(), account: number(account), change }))
}

pub(crate) fn hold(from: &str, to: &str, amount: u64) -> Command {
    Command::PlaceHold(Box::new(PlaceHold::new(number(from), number(to), won(amount))))
}

pub(crate) fn settle(hold: CommandId) -> Command {
    Command::SettleHold(SettleHold::all(hold))
}

/// Submits one command and returns its answer.
pub(crate) fn ask(bank: &Bank, command: &Command) -> Answer {
    block_on(bank.submit(vec![command.clone()])).unwrap().pop().unwrap()
}

/// Submits commands one by one, all of which must be accepted.
pub(crate) fn run(bank: &Bank, commands: impl IntoIterator<Item = Command>) {
    for command in commands {
        ask(bank, &command).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
    }
}

pub(crate) fn refused(answer: Answer) -> Refusal {
    match answer {
        Err(refusal) => refusal,
        Ok(outcome) => panic!("expected a refusal, got {outcome:?}"),
    }
}

pub(crate) fn posted(bank: &Bank, account: &str) -> i64 {
    block_on(bank.snapshot(number(account))).unwrap().posted.minor_units()
}

/// Returns whether the long tests are requested.
pub(crate) fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some_and(|value| value != "0")
}

/// The number of cases of a property: `JANGBU_LONG=1` tries thirty times as many.
pub(crate) fn cases(usual: u32) -> u32 {
    if is_long() { usual * 30 } else { usual }
}

/// Every account of the bank.
pub(crate) fn accounts(bank: &Bank) -> Vec<Snapshot> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = block_on(bank.accounts(after, 1_000)).unwrap();
        all.extend(page.data);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

pub(crate) fn sum(bank: &Bank) -> i128 {
    accounts(bank).iter().map(|account| account.posted).sum()
}

pub(crate) fn is_closed<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Bank(jangbu_actors::BankError::Closed)))
}
