//! What the answers add up to.

use std::collections::BTreeMap;

use jangbu_actors::command::{Command, Outcome};
use jangbu_actors::ledger::{AccountNumber, Amount};

use crate::notes::Notes;

/// The balance of every account that money moved on, in minor units, by what the bank told.
pub(crate) fn balances(notes: &Notes) -> BTreeMap<AccountNumber, i64> {
    let mut balances: BTreeMap<AccountNumber, i64> = BTreeMap::new();
    let mut asked: BTreeMap<_, &Command> = BTreeMap::new();
    for command in &notes.asked {
        // Of those with the same id, the first is the one that it stands for.
        asked.entry(command.id()).or_insert(command);
    }
    for (id, answer) in &notes.told {
        let Ok(Outcome::Posted(receipt)) = answer else { continue };
        let (from, to) = match asked[id] {
            Command::Transfer(transfer) => (transfer.from, transfer.to),
            Command::Deposit(cash) => (bank("CASH"), cash.account),
            Command::Withdrawal(cash) => (cash.account, bank("CASH")),
            other => panic!("money moved for {other:?}"),
        };
        *balances.entry(from).or_default() -= minor_units(receipt.amount) + minor_units(receipt.fee);
        *balances.entry(to).or_default() += minor_units(receipt.amount);
        *balances.entry(bank("FEES")).or_default() += minor_units(receipt.fee);
    }
    balances
}

fn bank(account: &str) -> AccountNumber {
    AccountNumber::new(&format!("{account}-KRW")).unwrap()
}

fn minor_units(amount: Amount) -> i64 {
    i64::try_from(amount.minor_units()).unwrap()
}
