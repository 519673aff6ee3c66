//! No stored value grows with the bank: a row is as large with much of everything as with little.

use std::collections::BTreeMap;
use std::path::Path;

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{CashPosting, Command, OpenAccount, PlaceHold, SetSchedule, Transfer};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, CommandId, Currency, OwnerId, RecordPut, Rule, Schedule, TimeOfDay, TypeCode,
};
use jangbu_books::books::sled_buffers::{self, MOST_BYTES};
use jangbu_books::books::{BLOCK_BYTES, Blocks};
use jangbu_books::books::{MAX_VALUE_BYTES, MemoryStore, SledStore, Store};

/// How much a value may grow, because numbers of accounts and positions take more bytes as they get larger.
const LARGER_NUMBERS: usize = 48;

/// A bank with this much of everything, all of it on one account and of one owner where possible.
fn fill(directory: &Path, count: u64) {
    let bank = Bank::open(directory).unwrap();
    let number = |n: u64| AccountNumber::new(&format!("A{n}")).unwrap();
    let owner = OwnerId::new("mina").unwrap();
    let amount = |units| Amount::new(units).unwrap();
    let id = CommandId::random;
    let (mut commands, mut later) = (Vec::new(), Vec::new());
    for n in 0..count {
        let open = OpenAccount::new(owner).with_number(number(n));
        let currency = Currency::new(&format!("PT{n}")).unwrap();
        let kind = AccountType::new(TypeCode::new(&format!("type{n}")).unwrap(), "a type", Currency::krw());
        let put = RecordPut { kind: "note".into(), key: format!("{n}"), value: Some(vec![1; 100]), expected: None };
        let stranger = OwnerId::new(&format!("owner{n}")).unwrap();
        commands.extend([
            Command::OpenAccount(Box::new(open)),
            Command::AddCurrency { id: id(), currency, scale: 2 },
            Command::SetType { id: id(), account_type: Box::new(kind) },
            Command::SetOwner { id: id(), owner: Box::new(stranger), free_transfers_per_day: 7 },
            Command::PutRecords { id: id(), puts: vec![put] },
        ]);
        let daily = Rule::daily(TimeOfDay::new(9, 0).unwrap());
        let order = Schedule::new(number(0), number(1), amount(1), daily);
        later.extend([
            Command::PlaceHold(Box::new(PlaceHold::new(number(0), number(1), amount(1)))),
            Command::Transfer(Transfer::new(number(0), number(n.max(1)), amount(1))),
            Command::SetSchedule(Box::new(SetSchedule::new(order))),
        ]);
    }
    for commands in [commands, vec![Command::Deposit(CashPosting::new(number(0), amount(1_000_000)))], later] {
        for answer in bank.submit(commands).unwrap() {
            answer.unwrap();
        }
    }
    bank.checkpoint().unwrap();
    bank.close().unwrap();
}

/// The largest value of each kind, and the number of values, in the state of a bank.
fn largest(count: u64) -> BTreeMap<char, (usize, usize)> {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path().join("bank");
    fill(&directory, count);
    let store = Blocks::over(SledStore::open(&directory.join("state")).unwrap(), BLOCK_BYTES);
    let mut largest = BTreeMap::new();
    for (key, value) in store.scan(&[], &[], usize::MAX).unwrap() {
        let (bytes, rows) = largest.entry(char::from(key[0])).or_default();
        *bytes = value.len().max(*bytes);
        *rows += 1;
    }
    largest
}

#[test]
fn no_stored_value_grows_with_the_bank() {
    let (few, many) = (largest(3), largest(400));
    for (kind, (bytes, _)) in &many {
        let before = few.get(kind).copied().unwrap_or_default().0;
        assert!(*bytes <= before + LARGER_NUMBERS, "rows of {kind} have up to {bytes} bytes, and had {before}");
    }
    // Kinds with many values have more rows.
    for kind in "achknorstuw".chars() {
        let rows = |state: &BTreeMap<char, (usize, usize)>| state.get(&kind).map_or(0, |(_, rows)| *rows);
        assert!(rows(&many) > rows(&few), "{} rows of {kind}, and {} before", rows(&many), rows(&few));
    }
}

#[test]
fn every_store_refuses_a_value_that_is_too_large() {
    let directory = tempfile::tempdir().unwrap();
    let sled = Blocks::over(SledStore::open(directory.path()).unwrap(), BLOCK_BYTES);
    let stores: [&dyn Store; 2] = [&MemoryStore::default(), &sled];
    for store in stores {
        let write = |bytes| store.write(vec![(b"k".to_vec(), Some(vec![1; bytes]))]);
        // A block adds a checksum and the lengths.
        write(MAX_VALUE_BYTES - 16).unwrap();
        let error = write(MAX_VALUE_BYTES + 1).unwrap_err();
        assert!(error.to_string().contains("over the 7000"), "{error}");
        assert_eq!(store.get(b"k").unwrap().map(|value| value.len()), Some(MAX_VALUE_BYTES - 16));
    }
}

#[test]
fn stores_of_one_process_share_the_bound_of_what_sled_buffers() {
    let directory = tempfile::tempdir().unwrap();
    let stores = ["one", "two", "three"].map(|name| SledStore::open(&directory.path().join(name)).unwrap());
    std::thread::scope(|scope| {
        for store in &stores {
            scope.spawn(|| {
                for n in 0..2_000u32 {
                    store.write(vec![(n.to_be_bytes().to_vec(), Some(vec![1; 2_000]))]).unwrap();
                }
            });
        }
    });
    // Each store has written more than sixteen times as much as all of them may have in buffers.
    assert!(sled_buffers::most_bytes() > MOST_BYTES / 2, "all writes are counted");
    assert!(sled_buffers::most_bytes() <= MOST_BYTES, "{} bytes were with sled", sled_buffers::most_bytes());
}
