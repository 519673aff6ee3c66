//! Earlier balances and sums, compared with a naive replay at every position.

use std::collections::BTreeMap;

use futures::executor::block_on;
use jangbu_actors::ledger::{AccountId, AccountNumber, Balance, Body, Event, Position, Record, Timestamp};
use jangbu_actors::{Bank, Moment};

use crate::bank::{RandomBank, number, records};

/// Returns the balance of each account after each record, by the links of the records alone.
fn replay(records: &[Record]) -> Vec<BTreeMap<AccountNumber, i64>> {
    let mut numbers: BTreeMap<AccountId, AccountNumber> = BTreeMap::new();
    let mut posted: BTreeMap<AccountNumber, i64> = BTreeMap::new();
    let mut after = vec![posted.clone()];
    for record in records {
        let mut links = record.links.iter();
        record.body.for_each_leg(record.date, |account, event| {
            let link = links.next().unwrap();
            if let Event::Opened(opened) = event {
                numbers.insert(account, opened.number);
            }
            posted.insert(numbers[&account], link.balance.minor_units());
        });
        after.push(posted.clone());
    }
    after
}

fn check_position(bank: &Bank, expected: &BTreeMap<AccountNumber, i64>, moment: Moment) {
    for text in ["A", "E", "CASH-KRW", "FEES-KRW"] {
        let found = block_on(bank.balance_at(number(text), moment)).unwrap();
        assert_eq!(found.map(Balance::minor_units), expected.get(&number(text)).copied(), "{text} at {moment:?}");
    }
}

fn check_sums(bank: &Bank, expected: &BTreeMap<AccountNumber, i64>, moment: Moment) {
    let trial = block_on(bank.trial_balance_at(moment)).unwrap();
    let customers: i64 =
        expected.iter().filter(|(number, _)| !number.as_str().contains("-KRW")).map(|(_, sum)| sum).sum();
    let of = |text: &str| i128::from(expected.get(&number(text)).copied().unwrap_or_default());
    let found: Vec<_> = trial.currencies.iter().map(|sums| (sums.customers, sums.cash, sums.fees)).collect();
    let known = expected.contains_key(&number("CASH-KRW"));
    let wanted = known.then(|| (i128::from(customers), of("CASH-KRW"), of("FEES-KRW")));
    assert_eq!(found, wanted.into_iter().collect::<Vec<_>>(), "{moment:?}");
    assert!(trial.is_balanced());
}

fn check_accounts(bank: &Bank, expected: &BTreeMap<AccountNumber, i64>, position: Position) {
    let (mut found, mut after) = (BTreeMap::new(), None);
    loop {
        let page = block_on(bank.balances_at(position, after, 3)).unwrap();
        found.extend(page.data.iter().map(|account| (account.number, account.posted.minor_units())));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(&found, expected, "at {position}");
}

#[test]
fn balances_and_sums_match_a_replay_at_every_position() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = RandomBank::new(21, Some(directory.path()));
    random.run(2_500);
    let now_ns = random.now_ns;
    block_on(random.bank.close()).unwrap();
    let records = records(directory.path());
    let after = replay(&records);
    let bank = RandomBank::reopened(directory.path(), now_ns);
    for (place, expected) in after.iter().enumerate() {
        let moment = Moment::Position(Position::new(place as u64));
        // Every position for one account, some for all, and everything rarely, because it is slow.
        if place % 5 == 0 || place < 20 {
            check_position(&bank, expected, moment);
        }
        if place % 97 == 0 || place < 12 || place > records.len() - 3 {
            check_sums(&bank, expected, moment);
            check_accounts(&bank, expected, Position::new(place as u64));
        }
    }
    for (place, record) in records.iter().enumerate().step_by(61) {
        check_position(&bank, &after[place + 1], Moment::Time(record.recorded_at));
        let just_before = Timestamp::from_ns(record.recorded_at.as_ns() - 1);
        check_sums(&bank, &after[place], Moment::Time(just_before));
    }
    // A position that does not exist yet counts as the end.
    let last = after.last().unwrap();
    check_position(&bank, last, Moment::Position(Position::new(1_000_000)));
    check_sums(&bank, last, Moment::Time(Timestamp::from_ns(i64::MAX)));
}

#[test]
fn sums_survive_a_crash_between_checkpoints() {
    let directory = tempfile::tempdir().unwrap();
    let mut random = RandomBank::new(22, Some(directory.path()));
    random.run(700);
    let now_ns = random.now_ns;
    // The last handle is dropped without a checkpoint.
    drop(random);
    let bank = RandomBank::reopened(directory.path(), now_ns);
    let now = block_on(bank.trial_balance_at(Moment::Time(Timestamp::from_ns(i64::MAX)))).unwrap();
    block_on(bank.close()).unwrap();
    let records = records(directory.path());
    assert_eq!(now.position, records.last().unwrap().position);
    let after = replay(&records);
    let bank = RandomBank::reopened(directory.path(), now_ns);
    check_sums(&bank, after.last().unwrap(), Moment::Position(now.position));
    let (mut holds, mut linked) = (0, 0);
    for record in &records {
        record.for_each_placed(|id, _, _| {
            holds += 1;
            linked += u32::from(id.step().is_some());
        });
    }
    assert!(linked > 5, "the bank had {linked} holds among linked steps");
    let drawn = records.iter().filter(|record| matches!(record.body, Body::Drawn(_))).count();
    assert!(holds > 20 && drawn > 10, "the bank had {holds} holds and {drawn} draws");
}
