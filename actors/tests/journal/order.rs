//! Commands about the same thing are decided in the order of their batch, even if some ids have to be looked up.

use std::collections::HashMap;

use jangbu_actors::Bank;
use jangbu_actors::command::{
    AmendHold, CashPosting, ChangeAccount, ChangeSchedule, Command, Linked, OpenAccount, PlaceHold, SetSchedule,
    SettleHold, Step, Transfer,
};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, Change, CommandId, Currency, LimitException, OwnerId, RecordPut, Rule,
    Schedule, ScheduleChange, TimeOfDay, TypeCode,
};

/// The number of earlier records, in segments of the smallest size. All filters together are unsure about one id in
/// five.
const BEFORE: u64 = 40_000;

const BATCH: u64 = 500;

fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

/// Returns an id without a time: only filters or a lookup show whether it is new.
fn id(count: &mut u64) -> CommandId {
    *count += 1;
    CommandId::derived(&count.to_le_bytes())
}

/// The `turn`th command of a batch, and what it is about.
fn command(turn: u64, id: CommandId, hold: CommandId, schedule: CommandId) -> (Command, &'static [&'static str]) {
    let even = turn.is_multiple_of(20);
    let (a, b) = (number("A"), number("B"));
    match turn % 10 {
        0 => {
            let change = if even { ScheduleChange::Pause } else { ScheduleChange::Resume };
            (Command::ChangeSchedule(ChangeSchedule { id, ..ChangeSchedule::new(schedule, change) }), &["schedule"])
        }
        1 | 6 => {
            let put = RecordPut::new("note", "key", turn.to_le_bytes().to_vec());
            (Command::PutRecords { id, puts: vec![put] }, &["record"])
        }
        2 => (Command::SettleHold(SettleHold { id, hold: hold.into(), amount: Some(won(1)), last: false }), &["hold"]),
        3 => {
            let amend = AmendHold { id, ..AmendHold::raise(hold, won(10_000 + turn)) };
            (Command::AmendHold(Box::new(amend)), &["hold"])
        }
        4 => {
            let change = Change::LimitPerDay(LimitException::At(won(1_000 + turn)));
            let change = ChangeAccount { id, account: number("C"), change };
            (Command::ChangeAccount(Box::new(change)), &["C"])
        }
        5 => (Command::Transfer(Transfer { id, ..Transfer::new(number("C"), b, won(1)) }), &["C"]),
        7 => (Command::Transfer(Transfer { id, at_most: true, ..Transfer::new(a, b, won(turn)) }), &["A"]),
        8 => {
            let steps = vec![Step::transfer(a, b, won(turn)), Step::transfer(b, a, won(1))];
            (Command::Linked(Linked { id, ..Linked::new(steps) }), &["A"])
        }
        _ if even => (Command::Transfer(Transfer { id, ..Transfer::new(a, number("C"), won(2)) }), &["A"]),
        _ => {
            let account_type =
                AccountType::new(TypeCode::new("saver").unwrap(), format!("saver {turn}"), Currency::krw());
            (Command::SetType { id, account_type: Box::new(account_type) }, &["types"])
        }
    }
}

#[test]
fn commands_about_one_thing_are_decided_in_the_order_of_their_batch() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bank");
    let bank = jangbu_actors::blocking::Bank::from(Bank::builder().segment_bytes(64 * 1024).open(&path).unwrap());
    for text in ["A", "B", "C"] {
        bank.open_account(OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(number(text))).unwrap();
    }
    let mut count = 0;
    for _ in 0..BEFORE / 8_000 {
        let deposit = |text: &str, count: &mut u64| {
            Command::Deposit(CashPosting { id: id(count), ..CashPosting::new(number(text), won(50)) })
        };
        let deposits = (0..8_000).map(|turn| deposit(["A", "C"][turn % 2], &mut count)).collect();
        assert!(bank.submit(deposits).unwrap().iter().all(Result::is_ok));
    }
    let hold = bank.place_hold(PlaceHold::new(number("A"), number("B"), won(10_000))).unwrap().id;
    let set =
        SetSchedule::new(Schedule::new(number("A"), number("B"), won(1), Rule::daily(TimeOfDay::new(9, 0).unwrap())));
    let schedule = set.id;
    bank.schedule(set).unwrap();
    let mut order: Vec<Vec<(CommandId, &[&str])>> = Vec::new();
    for _ in 0..8 {
        let (commands, about): (Vec<_>, Vec<_>) = (0..BATCH)
            .map(|turn| {
                let id = id(&mut count);
                let (command, about) = command(turn, id, hold, schedule);
                (command, (id, about))
            })
            .unzip();
        bank.submit(commands).unwrap();
        order.push(about);
    }
    bank.close().unwrap();
    let mut positions = HashMap::new();
    let keep = |record: jangbu_actors::ledger::Record| {
        positions.insert(record.id, record.position);
        Ok::<(), JournalError>(())
    };
    verify(&RealDisk, &path.join("journal"), keep).unwrap();
    for batch in order {
        let mut last = HashMap::new();
        for (turn, (id, about)) in batch.into_iter().enumerate() {
            for subject in about {
                let position = positions[&id];
                let before = last.insert(*subject, position);
                assert!(before < Some(position), "command {turn}, about {subject}, was decided before an earlier one");
            }
        }
    }
}
