//! A small bank for experiments.

use std::path::Path;
use std::sync::Arc;

use jangbu_actors::blocking::Bank;
use jangbu_actors::clock::{Clock, SteppedClock};
use jangbu_actors::command::{CashPosting, OpenAccount, Transfer};
use jangbu_actors::ledger::{AccountNumber, AccountType, Amount, Currency, OwnerId, Timestamp, TypeCode};
use jangbu_actors::{Builder, check};

pub(crate) fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

pub(crate) fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Noon in Seoul.
pub(crate) fn clock() -> Arc<SteppedClock> {
    SteppedClock::starting_at(moment("2026-11-22T03:00:00Z"))
}

pub(crate) fn builder(clock: &Arc<SteppedClock>) -> Builder {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as Arc<dyn Clock>;
    jangbu_actors::Bank::builder().clock(clock)
}

/// Opens A, B and C, of a type with a fee of 5 from the first transfer on and a daily limit of 1,000, with 500 on A.
pub(crate) fn people(bank: &Bank) {
    let code = TypeCode::new("plain").unwrap();
    let mut plain = AccountType::new(code, "plain", Currency::krw());
    plain.fee = won(5);
    plain.limit_per_day = Some(won(1_000));
    bank.set_type(plain).unwrap();
    for text in ["A", "B", "C"] {
        let owner = OwnerId::new(&text.to_lowercase()).unwrap();
        bank.set_owner(owner, 0).unwrap();
        bank.open_account(OpenAccount::new(owner).with_number(number(text)).with_type(code)).unwrap();
    }
    bank.deposit(CashPosting::new(number("A"), won(500))).unwrap();
}

pub(crate) fn in_memory() -> Bank {
    let bank = builder(&clock()).in_memory().unwrap().into();
    people(&bank);
    bank
}

pub(crate) fn pay(from: &str, to: &str, amount: u64) -> Transfer {
    Transfer::new(number(from), number(to), won(amount))
}

pub(crate) fn posted(bank: &Bank, text: &str) -> i64 {
    bank.snapshot(number(text)).unwrap().posted.minor_units()
}

/// Audits a closed bank.
pub(crate) fn audit(directory: &Path) {
    let report = check::check(directory, check::Options { deep: true }).unwrap();
    assert!(report.state.contains("agrees") || report.state.contains("no stored state"), "{}", report.state);
}
