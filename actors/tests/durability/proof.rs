//! Whether everything that was answered holds.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::Outcome;
use jangbu_actors::journal::disk::Disk;
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{Body, CommandId, Record};
use jangbu_actors::{ApplicationRecord, HistoryQuery, Snapshot};

use crate::script::{self, Answer};

/// The answers that were given, by the numbers of the commands.
pub(crate) type Told = BTreeMap<u64, Answer>;

/// Reads the journal and checks that every answer has its record, once, with the figures that were told.
///
/// # Panics
/// When it does not hold. Returns the number of records.
pub(crate) fn holds_in_journal(disk: &dyn Disk, journal: &Path, seed: u64, told: &Told) -> u64 {
    let mut records: HashMap<CommandId, Record> = HashMap::new();
    let verified = verify::<JournalError>(disk, journal, |record| {
        let (id, position) = (record.id, record.position);
        assert_eq!(record.body.imbalance(), 0, "the record at {position} makes or destroys money");
        assert!(records.insert(id, record).is_none(), "the id at {position} is there twice");
        Ok(())
    });
    let verified = verified.unwrap_or_else(|error| panic!("the journal is damaged: {error}"));
    for (n, answer) in told {
        let record = records.get(&script::id(seed, *n));
        let record = record.unwrap_or_else(|| panic!("command {n} was answered and is lost: {answer:?}"));
        assert!(agrees(record, answer), "command {n} was answered {answer:?}, and the journal has {record:?}");
    }
    verified.records
}

/// Whether a record is what an answer says.
fn agrees(record: &Record, answer: &Answer) -> bool {
    if answer.as_ref().is_ok_and(|outcome| outcome.position() != record.position) {
        return false;
    }
    match (&record.body, answer) {
        (Body::Refused(refused), Err(refusal)) => refused.refusal == *refusal,
        (Body::Posted(posted), Ok(Outcome::Posted(receipt))) => {
            let legs = if posted.fee.is_zero() { 2 } else { 3 };
            posted.amount == receipt.amount
                && posted.fee == receipt.fee
                && record.recorded_at == receipt.recorded_at
                && record.date == receipt.date
                && record.links.len() == legs
                && record.links[0].balance == receipt.sender_balance
                && record.links[1].balance == receipt.receiver_balance
        }
        (Body::AccountOpened(opened), Ok(Outcome::Opened { number, .. })) => opened.number == *number,
        (
            Body::AccountChanged { .. } | Body::TypeSet(_) | Body::OwnerSet { .. } | Body::RecordsPut(_),
            Ok(Outcome::Recorded { .. }),
        ) => true,
        _ => false,
    }
}

/// Gives the answered commands again and checks that each gets the answer that it got.
pub(crate) fn holds_when_repeated(bank: &Bank, seed: u64, told: &Told) {
    let numbers: Vec<u64> = told.keys().copied().collect();
    let before = bank.stats().durable;
    for chunk in numbers.chunks(1_000) {
        let answers = bank.submit(chunk.iter().map(|n| script::command(seed, *n)).collect()).unwrap();
        for (n, answer) in chunk.iter().zip(answers) {
            assert_eq!(answer, told[n], "command {n} got another answer when it was repeated");
        }
    }
    assert_eq!(bank.stats().durable, before, "a repeated command was recorded again");
}

/// Everything that a bank shows.
#[derive(Debug, PartialEq)]
pub(crate) struct Picture {
    accounts: Vec<Snapshot>,
    records: Vec<ApplicationRecord>,
}

/// Looks at everything, and checks that the balances add up to zero and are what the accounts' entries lead to.
pub(crate) fn picture(bank: &Bank) -> Picture {
    let mut accounts = Vec::new();
    let mut after = None;
    loop {
        let page = bank.accounts(after, 1_000).unwrap();
        accounts.extend(page.data);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(accounts.iter().map(|account| account.posted).sum::<i128>(), 0, "money was made or destroyed");
    for account in &accounts {
        assert_eq!(bank.snapshot(account.number).unwrap(), *account, "an account looks otherwise from nearby");
        let page = bank.history(account.number, HistoryQuery { limit: 1_000, ..HistoryQuery::default() }).unwrap();
        let newest = page.data.first().map(|entry| entry.balance);
        assert_eq!(newest, Some(account.posted), "the last entry of {} is not its balance", account.number);
        if page.next.is_none() {
            let sum: i64 = page.data.iter().map(|entry| entry.change.minor_units()).sum();
            assert_eq!(sum, account.posted.minor_units(), "the entries of {} do not add up", account.number);
        }
    }
    let records = bank.records("note", "", None, 1_000).unwrap().data;
    Picture { accounts, records }
}
