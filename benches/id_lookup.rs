//! The cost of finding out whether an id was used before.
//!
//! | name | the id | what is consulted |
//! | --- | --- | --- |
//! | `new` | version 7, newer than everything sealed | nothing, because its time is sufficient: the usual case |
//! | `foreign` | not version 7, and not present | the filter of every sealed segment |
//! | `found` | recorded long ago | the filters, then one block of one sidecar: a file is read |
//!
//! The engine does one lookup per new command. `new` is the cost of every command. `foreign` grows with the number of
//! segments, which is why version 7 is recommended. `found` is the price of a repetition that is older than what memory
//! contains.
//!
//! Sizes: `JANGBU_BENCH_IDS` (500,000), in segments of 1 MiB.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark may panic")]

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use jangbu::CommandId;
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal};

#[path = "support/records.rs"]
mod records;
#[path = "support/setting.rs"]
mod setting;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 8_000;
/// The number of ids that are looked up in turn.
const TURNS: usize = 4_096;

fn lookup(criterion: &mut Criterion) {
    // Enough for several segments to be sealed, also in a trial run.
    let count = setting::size("JANGBU_BENCH_IDS", 500_000).max(40_000);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let options = FileOptions { segment_bytes: 1024 * 1024, in_background: false };
    let mut journal = FileJournal::open(Arc::new(RealDisk), &folder.path().join("journal"), options).unwrap();
    while journal.end().get() < count as u64 {
        let first = journal.end().get() + 1;
        records::append(&mut journal, records::many(first, BATCH, records::transfer));
    }
    let reader = journal.reader();
    let sealed = reader.sealed_through().get();
    assert!(sealed > 0, "nothing is sealed");
    let (newer, mut turn) = (journal.end().get() + 1_000_000, 0);
    // Created beforehand, because creating an id is not part of looking it up.
    let newer: Vec<CommandId> = (newer..).take(TURNS).map(records::id).collect();
    let foreign: Vec<CommandId> = (0..TURNS as u64).map(|at| CommandId::derived(&at.to_le_bytes())).collect();
    let old: Vec<CommandId> =
        (0..TURNS as u64).map(|at| records::id(at.wrapping_mul(0x9E37_79B9) % sealed + 1)).collect();
    let mut next = move |ids: &[CommandId]| {
        turn = (turn + 1) % TURNS;
        ids[turn]
    };
    assert!(!reader.may_contain(newer[0]), "a newer id is told by its time");
    assert!(reader.find(old[0]).unwrap().is_some(), "an old one is found");

    let mut group = criterion.benchmark_group("id_lookup");
    group.bench_function("new", |bencher| bencher.iter(|| reader.may_contain(next(&newer))));
    group.bench_function("foreign", |bencher| bencher.iter(|| reader.may_contain(next(&foreign))));
    group.bench_function("found", |bencher| bencher.iter(|| reader.find(next(&old)).unwrap().unwrap()));
    group.finish();
}

criterion_group! { name = benches; config = setting::brief(); targets = lookup }
criterion_main!(benches);
