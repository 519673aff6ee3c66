//! The time of a journal commit, by its number of records.
//!
//! A commit writes one frame and syncs it (`fdatasync`) on the disk with the build directory. The time of a small
//! commit is that of the disk's sync. Where it grows with the number of records, writing and hashing dominate. The
//! throughput (records per second) is what a journal alone could achieve with that batch size: the engine collects what
//! arrives during one sync in the next commit.
//!
//! Sizes: `JANGBU_BENCH_LARGEST_COMMIT` (8,189).

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{FileJournal, FileOptions};

#[path = "support/records.rs"]
mod records;
#[path = "support/setting.rs"]
mod setting;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCHES: [usize; 6] = [1, 8, 64, 512, 4_096, 8_189];

fn commit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("journal_commit");
    let largest = setting::size("JANGBU_BENCH_LARGEST_COMMIT", 8_189);
    for batch in BATCHES.into_iter().filter(|batch| *batch <= largest) {
        // A separate directory for each, so that none starts with the files of another.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let path = folder.path().join("journal");
        let mut journal = FileJournal::open(Arc::new(RealDisk), &path, FileOptions::default()).unwrap();
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_function(BenchmarkId::from_parameter(batch), |bencher| {
            bencher.iter_custom(|rounds| {
                let mut taken = Duration::ZERO;
                for _ in 0..rounds {
                    let records = records::many(journal.end().get() + 1, batch, records::transfer);
                    let begin = Instant::now();
                    records::append(&mut journal, records);
                    taken += begin.elapsed();
                }
                taken
            });
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = setting::brief(); targets = commit }
criterion_main!(benches);
