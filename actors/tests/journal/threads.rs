//! Readers on several threads beside the writer see only durable records, each as it was written.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal, JournalReader};
use jangbu_actors::ledger::Position;

use crate::support::{append, id, record, recorded_at, records};

const RECORDS: u64 = 20_000;

fn check(reader: &dyn JournalReader, acknowledged: &AtomicU64, step: u64) {
    let before = acknowledged.load(Ordering::SeqCst);
    let end = reader.end().get();
    assert!(end >= before, "{before} were acknowledged, and readers see {end}");
    if end == 0 {
        return;
    }
    let position = step.wrapping_mul(0x9E37_79B9_7F4A_7C15) % end + 1;
    assert_eq!(reader.read(Position::new(position)).unwrap(), record(position));
    assert_eq!(reader.first_at(recorded_at(position)).unwrap(), Position::new(position));
    let sealed = reader.sealed_through().get();
    if position <= sealed {
        assert_eq!(reader.find(id(position)).unwrap(), Some(Position::new(position)));
    }
    let from = end.saturating_sub(step % 100).max(1);
    let scanned: Vec<_> = reader.scan(Position::new(from)).take(200).map(|record| record.unwrap()).collect();
    assert!(scanned.len() as u64 >= (end - from + 1).min(200));
    assert!(scanned == records(from..=from + scanned.len() as u64 - 1));
}

#[test]
fn readers_see_exactly_what_is_durable_while_the_writer_writes() {
    let folder = tempfile::tempdir().unwrap();
    let options = FileOptions { segment_bytes: 64 * 1024, in_background: true };
    let mut journal = FileJournal::open(Arc::new(RealDisk), &folder.path().join("journal"), options).unwrap();
    let (acknowledged, done) = (AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for thread in 0..3u64 {
            let (reader, acknowledged, done) = (journal.reader(), &acknowledged, &done);
            scope.spawn(move || {
                let mut step = thread;
                while !done.load(Ordering::SeqCst) {
                    check(&*reader, acknowledged, step);
                    step += 3;
                }
                check(&*reader, acknowledged, step);
            });
        }
        let mut last = 0;
        while last < RECORDS {
            let count = last % 170 + 1;
            append(&mut journal, records(last + 1..=last + count)).unwrap();
            last += count;
            acknowledged.store(last, Ordering::SeqCst);
        }
        done.store(true, Ordering::SeqCst);
    });
    assert!(journal.reader().end().get() >= RECORDS);
    journal.close().unwrap();
    assert!(journal.reader().sealed_through().get() > RECORDS / 2);
}
