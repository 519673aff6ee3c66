//! The cost of waking an account that was asleep.
//!
//! Transfers rotate among 4,096 accounts in batches of 512, so every account is used as rarely as possible. With
//! `awake`, all of them stay active. With `asleep`, idle accounts beyond 64 are retired: each transfer activates two
//! accounts from the books and retires two others. Half of the difference is the price of one activation and one
//! retirement. It matters for banks with far more accounts than fit in memory.
//!
//! Sizes: `JANGBU_BENCH_ACCOUNTS` (4,096).

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark may panic")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use jangbu::Command;
use jangbu::blocking::Bank;

#[path = "support/setting.rs"]
mod setting;
#[path = "support/town.rs"]
mod town;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 512;
const FEW: usize = 64;

fn activation(criterion: &mut Criterion) {
    let accounts = setting::size("JANGBU_BENCH_ACCOUNTS", 4_096).max(16);
    let mut group = criterion.benchmark_group("activation");
    group.throughput(Throughput::Elements(BATCH as u64));
    for (name, active) in [("awake", accounts + 2), ("asleep", FEW.min(accounts / 2))] {
        let bank = Bank::from(jangbu::Bank::builder().max_active_accounts(active).in_memory().unwrap());
        let numbers = town::settle(&bank, accounts);
        let mut next = 0;
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                || {
                    let pair = |at: usize| (2 * at % accounts, (2 * at + 1) % accounts);
                    let batch = (next..next + BATCH).map(|at| Command::Transfer(town::transfer(&numbers, pair(at))));
                    let batch: Vec<_> = batch.collect();
                    next += BATCH;
                    batch
                },
                |batch| town::posted(&bank, batch),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = setting::brief(); targets = activation }
criterion_main!(benches);
