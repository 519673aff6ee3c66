//! The time of a statement page, by its size and by its place in the statement.
//!
//! An account's records are a linked list, newest first, in the journal's files. A page costs one read per entry, and
//! finding its start costs nothing, because the previous page contains it. So `newest` and `middle` should take the
//! same time for the same number of entries, and a page of 1,000 twenty times as long as a page of 50. The files are in
//! the page cache.
//!
//! Sizes: `JANGBU_BENCH_ENTRIES` (100,000): the entries of the account, which alternate with entries of another
//! account.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark may panic")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jangbu::blocking::Bank;
use jangbu::{Command, commands::MAX_BATCH, queries::HistoryQuery};

#[path = "support/setting.rs"]
mod setting;
#[path = "support/town.rs"]
mod town;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn page(criterion: &mut Criterion) {
    let entries = setting::size("JANGBU_BENCH_ENTRIES", 100_000).max(1_000);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let bank = Bank::open(folder.path().join("bank")).unwrap();
    let numbers = town::settle(&bank, 4);
    let pairs: Vec<_> = (0..entries * 2).map(|at| if at % 2 == 0 { (0, 1) } else { (2, 3) }).collect();
    let mut middle = None;
    for some in pairs.chunks(MAX_BATCH) {
        let transfer = |pair: &(usize, usize)| Command::Transfer(town::transfer(&numbers, *pair));
        let answers = bank.submit(some.iter().map(transfer).collect()).unwrap();
        if middle.is_none() || bank.stats().durable.get() < entries as u64 {
            // An even one, which belongs to the measured account.
            middle = answers.into_iter().next().map(|answer| answer.unwrap().position());
        }
    }
    let mut group = criterion.benchmark_group("history_page");
    for limit in [50, 1_000] {
        group.throughput(Throughput::Elements(limit as u64));
        for (name, before) in [("newest", None), ("middle", middle)] {
            let query = HistoryQuery { before, limit, ..HistoryQuery::default() };
            group.bench_function(BenchmarkId::new(name, limit), |bencher| {
                bencher.iter(|| bank.history(numbers[0], query).unwrap().data.len());
            });
        }
    }
    group.finish();
    bank.close().unwrap();
}

criterion_group! { name = benches; config = setting::brief(); targets = page }
criterion_main!(benches);
