//! Accounts with money, and batches of transfers between them.

use jangbu::blocking::Bank;
use jangbu::{AccountNumber, Amount, CashPosting, Command, OpenAccount, OwnerId, Transfer, commands::MAX_BATCH};

/// The initial balance of every account: enough for no transfer to be refused.
const DEPOSIT: u64 = 1 << 40;

/// Opens accounts in a bank and deposits money on each of them.
pub(crate) fn settle(bank: &Bank, accounts: usize) -> Vec<AccountNumber> {
    let owner = OwnerId::new("bench").unwrap();
    let numbers: Vec<_> = (0..accounts).map(|at| AccountNumber::new(&format!("B{at:07}")).unwrap()).collect();
    let deposit = Amount::new(DEPOSIT.min(jangbu::money::MAX_MINOR_UNITS / accounts as u64)).unwrap();
    for some in numbers.chunks(MAX_BATCH / 2) {
        let open =
            |number: &AccountNumber| Command::OpenAccount(Box::new(OpenAccount::new(owner).with_number(*number)));
        posted(bank, some.iter().map(open).collect());
        let pay_in = |number: &AccountNumber| Command::Deposit(CashPosting::new(*number, deposit));
        posted(bank, some.iter().map(pay_in).collect());
    }
    numbers
}

/// Returns a transfer of one unit between two accounts, with a new id.
pub(crate) fn transfer(numbers: &[AccountNumber], (from, to): (usize, usize)) -> Transfer {
    Transfer::new(numbers[from], numbers[to], Amount::ONE)
}

/// Submits a batch in which nothing may be refused.
pub(crate) fn posted(bank: &Bank, commands: Vec<Command>) {
    for answer in bank.submit(commands).unwrap() {
        answer.unwrap();
    }
}
