//! The time to open a bank, by the number of its records and by how it ended.
//!
//! | name | how it ended |
//! | --- | --- |
//! | `closed` | it was closed: the stored state is complete, and the journal is marked as cleanly closed |
//! | `killed` | it was killed: there is no stored state, so every record is replayed |
//!
//! `closed` should hardly grow with the number of records. `killed` grows with the records since the last checkpoint
//! only. Divide to get the time per record, and multiply by `checkpoint_records` (2,000,000 by default) for the worst
//! case after a crash. Each time, a bank is opened from a fresh copy of its files; copying is not measured, and the
//! files are in the page cache.
//!
//! Sizes: `JANGBU_BENCH_RECORDS` (200,000), of which a tenth is measured too.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark may panic")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use jangbu::blocking::Bank;
use jangbu::{Command, commands::MAX_BATCH};
use tempfile::TempDir;

#[path = "support/setting.rs"]
mod setting;
#[path = "support/town.rs"]
mod town;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ACCOUNTS: usize = 1_000;
/// Smaller than usual, because each open gets a copy of them and creates the next one.
const SEGMENT_BYTES: u64 = 4 * 1024 * 1024;

fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// Opens a bank that makes no checkpoints on its own.
fn open(path: &Path) -> Bank {
    let builder = jangbu::Bank::builder().checkpoint_records(u64::MAX).segment_bytes(SEGMENT_BYTES);
    Bank::from(builder.open(path).unwrap())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// Makes sender and receiver differ.
const fn apart((from, to): (usize, usize)) -> (usize, usize) {
    (from, if from == to { (to + 1) % ACCOUNTS } else { to })
}

/// Returns the files of a bank with this many transfers: while nothing is in flight, and after a close.
fn ended(transfers: usize) -> (TempDir, TempDir) {
    let (killed, closed) = (folder(), folder());
    let bank = open(&closed.path().join("bank"));
    let numbers = town::settle(&bank, ACCOUNTS);
    let pairs: Vec<_> = (0..transfers).map(|at| (at % ACCOUNTS, at * 7 % ACCOUNTS)).map(apart).collect();
    for some in pairs.chunks(MAX_BATCH) {
        let transfer = |pair: &(usize, usize)| Command::Transfer(town::transfer(&numbers, *pair));
        town::posted(&bank, some.iter().map(transfer).collect());
    }
    copy(&closed.path().join("bank"), &killed.path().join("bank"));
    bank.close().unwrap();
    (killed, closed)
}

/// Returns the time to open a fresh copy of the bank.
fn opening(files: &Path) -> Duration {
    let fresh = folder();
    let path = fresh.path().join("bank");
    copy(&files.join("bank"), &path);
    let begin = Instant::now();
    let bank = open(&path);
    let taken = begin.elapsed();
    bank.close().unwrap();
    taken
}

fn recovery(criterion: &mut Criterion) {
    let most = setting::size("JANGBU_BENCH_RECORDS", 200_000);
    let mut group = criterion.benchmark_group("recovery");
    for records in [most / 10, most] {
        let (killed, closed) = ended(records);
        for (name, files) in [("killed", killed), ("closed", closed)] {
            group.bench_function(BenchmarkId::new(name, records), |bencher| {
                bencher.iter_custom(|rounds| (0..rounds).map(|_| opening(files.path())).sum());
            });
        }
    }
    group.finish();
}

criterion_group! { name = benches; config = setting::brief(); targets = recovery }
criterion_main!(benches);
