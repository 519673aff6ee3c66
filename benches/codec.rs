//! The cost of encoding and decoding a record, by kind.
//!
//! The codec is private, so it is measured through `MemoryJournal`, which encodes appended records and decodes records
//! it reads, like the file journal. Appending also checks positions and times and adds the id to a table, which takes
//! the same time for all kinds. So read `append` as an upper bound of encoding, and compare the kinds with each other.
//! `scan` is almost only decoding. The throughput is in records per second; a record of 64 linked steps counts once.

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jangbu::{Amount, BusinessDate, Details, Position};
use jangbu_actors::journal::{Journal, MemoryJournal};
use jangbu_actors::ledger::{AccountId, Body, HoldPlaced, LinkedMovement, LinkedStep};

#[path = "support/records.rs"]
mod records;
#[path = "support/setting.rs"]
mod setting;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const KINDS: [(&str, records::Make); 4] = [
    ("transfer", records::transfer),
    ("transfer_with_details", |position| {
        let details = Details {
            sender_label: "rent".into(),
            receiver_label: "rent May".into(),
            reference: "contract 2026-0815, flat 12".into(),
            ..Details::default()
        };
        (Body::Posted(records::posted(position, Some(Box::new(details)))), 2)
    }),
    ("hold", |position| {
        let placed = HoldPlaced {
            from: AccountId::new(position % 9_973 + 10),
            to: AccountId::new(position % 9_967 + 10_000),
            amount: Amount::new(position % 100 + 1).unwrap(),
            fee: Amount::ZERO,
            fees: AccountId::new(2),
            limited: true,
            counted: true,
            expires_at: None,
            requires_verification: false,
            details: None,
        };
        (Body::Held(Box::new(placed)), 2)
    }),
    ("64_linked_steps", |position| {
        let date = BusinessDate::from_days(20_454);
        let movement = || LinkedMovement::Posted(records::posted(position, None));
        let steps = std::iter::repeat_with(|| LinkedStep { date, movement: movement() }).take(64);
        (Body::Linked(steps.collect()), 128)
    }),
];

fn codec(criterion: &mut Criterion) {
    let count = setting::size("JANGBU_BENCH_CODEC_RECORDS", 2_000);
    let mut group = criterion.benchmark_group("codec");
    group.throughput(Throughput::Elements(count as u64));
    for (name, make) in KINDS {
        let all = || records::many(1, count, make);
        group.bench_function(BenchmarkId::new("append", name), |bencher| {
            bencher.iter_batched(
                || (MemoryJournal::new(), all()),
                |(mut journal, records)| {
                    records::append(&mut journal, records);
                    journal
                },
                BatchSize::LargeInput,
            );
        });
        let mut journal = MemoryJournal::new();
        records::append(&mut journal, all());
        let reader = journal.reader();
        group.bench_function(BenchmarkId::new("scan", name), |bencher| {
            bencher.iter(|| {
                reader.scan(Position::new(1)).map(Result::unwrap).map(|record| record.links.len()).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group! { name = benches; config = setting::brief(); targets = codec }
criterion_main!(benches);
