//! A state that does not fit into memory is rebuilt with checkpoints in between.

use jangbu_actors::Bank;
use jangbu_actors::blocking;
use jangbu_actors::check::{Options, check};
use jangbu_actors::command::{CashPosting, Command, OpenAccount, Transfer};
use jangbu_actors::ledger::{AccountNumber, Amount, OwnerId, Position};

const ACCOUNTS: u64 = 120;

fn number(n: u64) -> AccountNumber {
    AccountNumber::new(&format!("P{:04}", n % ACCOUNTS)).unwrap()
}

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

#[test]
fn a_lost_state_is_rebuilt_with_few_accounts_in_memory() {
    let directory = tempfile::tempdir().unwrap();
    // So few changed accounts trigger a checkpoint that a replay has many.
    let open = || -> blocking::Bank { Bank::builder().checkpoint_accounts(16).open(directory.path()).unwrap().into() };
    let bank = open();
    for n in 0..ACCOUNTS {
        bank.open_account(OpenAccount::new(OwnerId::new("ann").unwrap()).with_number(number(n))).unwrap();
        bank.deposit(CashPosting::new(number(n), won(1_000))).unwrap();
    }
    let commands =
        (0..600).map(|n| Command::Transfer(Transfer::new(number(n * 7), number(n * 11 + 1), won(n % 9 + 1))));
    let answers = bank.submit(commands.collect()).unwrap();
    assert!(answers.iter().any(Result::is_ok));
    let balances = |bank: &blocking::Bank| -> Vec<i64> {
        (0..ACCOUNTS).map(|n| bank.snapshot(number(n)).unwrap().posted.minor_units()).collect()
    };
    let before = balances(&bank);
    bank.close().unwrap();
    std::fs::remove_dir_all(directory.path().join("state")).unwrap();
    let bank = open();
    let kept = bank.stats().checkpoint;
    assert!(kept > Position::START, "there was a checkpoint before the bank was open");
    assert_eq!(balances(&bank), before);
    // Not closed: only what the replay stored is there.
    drop(bank);
    let report = check(directory.path(), Options::default()).unwrap();
    assert!(report.state.contains("agrees"), "{}", report.state);
    let bank = open();
    assert_eq!(balances(&bank), before);
    bank.close().unwrap();
}
