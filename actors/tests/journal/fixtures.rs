//! Journals of earlier versions stay readable.
//!
//! `tests/fixtures/journal-v1` contains a bank's journal in format 1: two sealed segments, their sidecars, a cleanly
//! closed segment, and the records in words. Once version 1 is released, these files must never change. Until then,
//! `UPDATE_FIXTURES=1 cargo test -p jangbu-actors --test journal` writes them again.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal, JournalError, Verified, verify};
use jangbu_actors::ledger::{Body, Position, Record};

use crate::support::{append, records};

const COUNT: u64 = 60;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/journal-v1")
}

/// Everything in a record, in one line.
fn in_words(record: &Record) -> String {
    let Body::Posted(posted) = &record.body else { panic!("the fixture holds transfers only") };
    let mut line = format!(
        "{} recorded {} decided {} for {} id {} {:?}: {:?} {} -> {} of {} fee {} to {} limited {} counted {}",
        record.position,
        record.recorded_at.as_ns(),
        record.decided_at.as_ns(),
        record.date,
        record.id,
        record.content,
        posted.kind,
        posted.from,
        posted.to,
        posted.amount.minor_units(),
        posted.fee.minor_units(),
        posted.fees,
        posted.limited,
        posted.counted,
    );
    if let Some(details) = &posted.details {
        write!(line, " reference {:?}", details.reference).unwrap();
    }
    for link in &record.links {
        write!(line, " after {} balance {}", link.previous, link.balance.minor_units()).unwrap();
    }
    line
}

fn write_fixture() {
    let _nothing_there = std::fs::remove_dir_all(folder());
    std::fs::create_dir_all(folder().parent().unwrap()).unwrap();
    let options = FileOptions { segment_bytes: 8 * 1024, in_background: false };
    let mut journal = FileJournal::open(Arc::new(RealDisk), &folder(), options).unwrap();
    let mut text = String::new();
    for first in (1..=COUNT).step_by(6) {
        for record in append(&mut journal, records(first..=first + 5)).unwrap() {
            writeln!(text, "{}", in_words(&record)).unwrap();
        }
    }
    journal.close().unwrap();
    std::fs::write(folder().join("records.txt"), text).unwrap();
}

#[test]
fn format_1_stays_readable() {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        write_fixture();
    }
    let expected = std::fs::read_to_string(folder().join("records.txt")).unwrap();
    let mut found = String::new();
    let verified = verify(&RealDisk, &folder(), |record| {
        writeln!(found, "{}", in_words(&record)).unwrap();
        Ok::<(), JournalError>(())
    });
    let expected_facts = Verified {
        records: COUNT,
        first: Position::new(1),
        frames: 11,
        segments: 3,
        cleanly_closed: true,
        torn_bytes: 0,
    };
    assert_eq!(verified.unwrap(), expected_facts);
    assert_eq!(found, expected);

    // Opening writes, even if only the same bytes, so a copy is used.
    let copy = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let mut journal = FileJournal::open(Arc::new(RealDisk), copy.path(), FileOptions::default()).unwrap();
    let reader = journal.reader();
    for line in expected.lines() {
        let position: u64 = line.split(' ').next().unwrap().parse().unwrap();
        let record = reader.read(Position::new(position)).unwrap();
        assert_eq!(in_words(&record), line);
        if position <= reader.sealed_through().get() {
            assert_eq!(reader.find(record.id).unwrap(), Some(record.position));
        }
    }
    assert!(reader.sealed_through() > Position::START);
    append(&mut journal, records(COUNT + 1..=COUNT + 1)).unwrap();
}
