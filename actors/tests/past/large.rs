//! A million transfers: what is indexed takes milliseconds. `JANGBU_LONG=1` runs it, and prints how long each took.

use std::time::Instant;

use futures::executor::block_on;
use jangbu_actors::command::{CashPosting, Command, OpenAccount, Transfer};
use jangbu_actors::ledger::{Position, Timestamp};
use jangbu_actors::{Bank, HistoryQuery, Moment, Order, TransferQuery};

use crate::bank::{Dice, amount, number, owner};

const ACCOUNTS: u64 = 1_000;
const BATCHES: u64 = 125;
const BATCH: u64 = 8_000;

fn account(count: u64) -> jangbu_actors::ledger::AccountNumber {
    number(&format!("{count:06}"))
}

fn fill(bank: &Bank) {
    for count in 0..ACCOUNTS {
        let open = OpenAccount::new(owner(&format!("o{}", count / 4))).with_number(account(count));
        block_on(bank.open_account(open)).unwrap();
        block_on(bank.deposit(CashPosting::new(account(count), amount(1_000_000)))).unwrap();
    }
    let mut dice = Dice::new(1);
    for _ in 0..BATCHES {
        let pay = |_| {
            // One in four comes from the first account, which has a long past.
            let from = if dice.chance(4) { 0 } else { dice.below(ACCOUNTS) };
            Command::Transfer(Transfer::new(account(from), account(1 + dice.below(ACCOUNTS - 1)), amount(1)))
        };
        block_on(bank.submit((0..BATCH).map(pay).collect())).unwrap();
    }
}

/// Runs it five times and prints the longest.
fn timed<T>(what: &str, most_ms: u128, mut run: impl FnMut() -> T) -> T {
    let mut longest = 0;
    let mut last = run();
    for _ in 0..5 {
        let begun = Instant::now();
        last = run();
        longest = longest.max(begun.elapsed().as_micros());
    }
    println!("{what}: {longest} us");
    assert!(longest / 1_000 <= most_ms, "{what} took {longest} us");
    last
}

#[test]
fn what_is_indexed_takes_milliseconds_at_a_million_transfers() {
    if std::env::var_os("JANGBU_LONG").is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let bank = Bank::open(directory.path()).unwrap();
    fill(&bank);
    let end = bank.stats().durable.get();
    let middle = block_on(bank.events(Position::new(end / 2), 1)).unwrap().data[0].recorded_at;
    let find = |query: TransferQuery| block_on(bank.transfers(query)).unwrap().data.len();
    let (newest, oldest) =
        (TransferQuery::default(), TransferQuery { order: Order::OldestFirst, ..TransferQuery::default() });
    for (order, query) in [("newest", &newest), ("oldest", &oldest)] {
        for (name, count) in [("busy", 0), ("usual", 500)] {
            let query = TransferQuery { account: Some(account(count)), ..query.clone() };
            assert_eq!(timed(&format!("{name} account, {order} first"), 100, || find(query.clone())), 50);
            let old = TransferQuery { to: Some(middle), ..query };
            assert_eq!(timed(&format!("{name} account, {order} first, to the middle"), 100, || find(old.clone())), 50);
        }
        let of_owner = TransferQuery { owner: Some(owner("o100")), ..query.clone() };
        assert_eq!(timed(&format!("owner, {order} first"), 200, || find(of_owner.clone())), 50);
        let by_time = TransferQuery { from: Some(middle), ..query.clone() };
        assert_eq!(timed(&format!("from the middle, {order} first"), 100, || find(by_time.clone())), 50);
    }
    let history = HistoryQuery { to: Some(middle), ..HistoryQuery::default() };
    timed("history to the middle", 100, || block_on(bank.history(account(0), history)).unwrap().data.len());
    let id = block_on(bank.transfers(oldest)).unwrap().data[20].id;
    timed("by id", 100, || block_on(bank.movement(id)).unwrap().is_some());
    timed("balance in the middle", 100, || block_on(bank.balance_at(account(0), Moment::Time(middle))).unwrap());
    let nowhere = TransferQuery { text: Some("nowhere".into()), ..newest };
    timed("a page that finds nothing", 5_000, || find(nowhere.clone()));
    let trial =
        timed("trial balance in the middle", 30_000, || block_on(bank.trial_balance_at(Moment::Time(middle))).unwrap());
    assert!(trial.is_balanced());
    let now = Moment::Time(Timestamp::from_ns(i64::MAX));
    timed("trial balance now", 100, || block_on(bank.trial_balance_at(now)).unwrap());
    block_on(bank.close()).unwrap();
}
