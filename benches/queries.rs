//! The time of queries about the past in a bank with a million transfers.
//!
//! A query by an index (account, owner, time, id) takes one read per movement returned, and up to 256 to find the
//! start: milliseconds at most, whatever the size. Any other query is a scan. `text_nowhere` searches for a text that
//! does not exist and takes one page, which examines 200,000 records and returns where to continue. `trial_balance/now`
//! comes from the books; `trial_balance/middle` subtracts every later record, half of all. The files are in the page
//! cache.
//!
//! Sizes: `JANGBU_BENCH_TRANSFERS` (1,000,000) among `JANGBU_BENCH_ACCOUNTS` (1,000), of which the first is the busiest
//! and the n-th is n times less busy. All except two belong to one owner.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark may panic")]

use criterion::{Criterion, criterion_group, criterion_main};
use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Command, OpenAccount, OwnerId,
    commands::MAX_BATCH,
    queries::{HistoryQuery, Moment, Order, TransferQuery},
};
use skew::Skew;

#[path = "support/setting.rs"]
mod setting;
#[expect(dead_code, reason = "one of its ways to draw is enough here")]
#[path = "support/skew.rs"]
mod skew;
#[path = "support/town.rs"]
mod town;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Opens the town's accounts and a pair of accounts of another owner, which come last in `numbers`.
fn settle(bank: &Bank, accounts: usize, other: OwnerId) -> Vec<AccountNumber> {
    let mut numbers = town::settle(bank, accounts);
    for at in 0..2 {
        let number = AccountNumber::new(&format!("C{at:07}")).unwrap();
        bank.open_account(OpenAccount::new(other).with_number(number)).unwrap();
        numbers.push(number);
    }
    numbers
}

fn queries(criterion: &mut Criterion) {
    let transfers = setting::size("JANGBU_BENCH_TRANSFERS", 1_000_000).max(10_000);
    let accounts = setting::size("JANGBU_BENCH_ACCOUNTS", 1_000).max(10);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let bank = Bank::open(folder.path().join("bank")).unwrap();
    let other = OwnerId::new("other").unwrap();
    let numbers = settle(&bank, accounts, other);
    // One in a hundred goes to the other owner.
    let mut pairs = Skew::Zipf.pairs(accounts, transfers);
    pairs.iter_mut().step_by(100).for_each(|(_, to)| *to = accounts);
    let mut id = None;
    // Also in small runs, the middle is accurate to a twentieth.
    for some in pairs.chunks(MAX_BATCH.min(transfers / 20)) {
        let transfer = |pair: &(usize, usize)| Command::Transfer(town::transfer(&numbers, *pair));
        let commands: Vec<_> = some.iter().map(transfer).collect();
        if bank.stats().durable.get() < transfers as u64 / 2 {
            id = commands.first().map(Command::id);
        }
        town::posted(&bank, commands);
    }
    let id = id.unwrap();
    let middle = bank.movement(id).unwrap().unwrap().recorded_at;

    let newest = TransferQuery::default();
    let oldest = TransferQuery { order: Order::OldestFirst, ..newest.clone() };
    let mut group = criterion.benchmark_group("queries");
    for (order, query) in [("newest", newest.clone()), ("oldest", oldest)] {
        let asked = [
            ("account_busy", TransferQuery { account: Some(numbers[0]), ..query.clone() }),
            ("account_quiet", TransferQuery { account: Some(numbers[accounts - 1]), ..query.clone() }),
            ("account_to_the_middle", TransferQuery { account: Some(numbers[0]), to: Some(middle), ..query.clone() }),
            ("owner", TransferQuery { owner: Some(other), ..query.clone() }),
            ("time", TransferQuery { from: Some(middle), ..query.clone() }),
        ];
        for (name, query) in asked {
            group.bench_function(format!("{name}/{order}"), |bencher| {
                bencher.iter(|| {
                    let page = bank.transfers(query.clone()).unwrap();
                    assert_eq!(page.data.len(), 50);
                });
            });
        }
    }
    group.bench_function("id", |bencher| bencher.iter(|| assert!(bank.movement(id).unwrap().is_some())));
    let statement = HistoryQuery { to: Some(middle), ..HistoryQuery::default() };
    group.bench_function("statement_to_the_middle", |bencher| {
        bencher.iter(|| assert_eq!(bank.history(numbers[0], statement).unwrap().data.len(), 50));
    });
    group.bench_function("balance/middle", |bencher| {
        bencher.iter(|| assert!(bank.balance_at(numbers[0], Moment::Time(middle)).unwrap().is_some()));
    });
    let nowhere = TransferQuery { text: Some("nowhere".into()), ..newest };
    group.bench_function("text_nowhere", |bencher| {
        bencher.iter(|| assert!(bank.transfers(nowhere.clone()).unwrap().data.is_empty()));
    });
    let last = Moment::Position(bank.stats().durable);
    for (name, moment) in [("now", last), ("middle", Moment::Time(middle))] {
        group.bench_function(format!("trial_balance/{name}"), |bencher| {
            bencher.iter(|| assert!(bank.trial_balance_at(moment).unwrap().is_balanced()));
        });
    }
    group.finish();
    bank.close().unwrap();
}

criterion_group! { name = benches; config = setting::brief(); targets = queries }
criterion_main!(benches);
