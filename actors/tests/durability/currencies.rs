//! A bank with a thousand currencies: its state is stored, read back, checked and backed up.

use jangbu_actors::Moment;
use jangbu_actors::backup::verify_backup;
use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{self, check};
use jangbu_actors::command::{CashPosting, Command, OpenAccount};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId, Currency, OwnerId, Position};

const CURRENCIES: u64 = 1_000;

fn currency(n: u64) -> Currency {
    Currency::new(&format!("PT{n:04}")).unwrap()
}

fn account(n: u64) -> AccountNumber {
    AccountNumber::new(&format!("A{n:04}")).unwrap()
}

/// Returns the sums of all currencies in the bank's books.
fn sums(bank: &Bank) -> (usize, i128) {
    let end = bank.stats().durable;
    let trial = bank.trial_balance_at(Moment::Position(end)).unwrap();
    (trial.currencies.len(), trial.currencies.iter().map(|of| of.customers).sum())
}

#[test]
fn a_thousand_currencies_are_stored_and_read_again() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let owner = OwnerId::new("mina").unwrap();
    let bank = Bank::open(path("bank")).unwrap();
    let (mut add, mut open, mut pay_in) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..CURRENCIES {
        add.push(Command::AddCurrency { id: CommandId::random(), currency: currency(n), scale: 2 });
        let opening = OpenAccount::new(owner).with_number(account(n)).with_currency(currency(n));
        open.push(Command::OpenAccount(Box::new(opening)));
        pay_in.push(Command::Deposit(CashPosting::new(account(n), Amount::new(n + 1).unwrap())));
    }
    for commands in [add, open, pay_in] {
        assert!(bank.submit(commands).unwrap().iter().all(Result::is_ok));
    }
    let expected = (1_000, i128::from(CURRENCIES * (CURRENCIES + 1) / 2));
    assert_eq!(sums(&bank), expected);
    let stored = bank.checkpoint().unwrap();
    assert_eq!(stored, bank.stats().durable);
    bank.backup(&path("backup")).unwrap();
    bank.close().unwrap();
    verify_backup(path("backup")).unwrap();
    let report = check(&path("bank"), check::Options { deep: true }).unwrap();
    assert!(report.state.contains("agrees with a replay from zero"), "{}", report.state);
    let bank = Bank::open(path("bank")).unwrap();
    assert!(bank.stats().checkpoint > Position::START, "the stored state is used");
    assert_eq!(sums(&bank), expected);
    bank.close().unwrap();
    assert!(!path("bank").join("state.aside").exists());
}
