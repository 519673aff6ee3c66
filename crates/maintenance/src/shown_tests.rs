//! A backup reads the journal between a record's sync and the moment when readers see it.

use std::path::Path;
use std::sync::Arc;

use crate::backup::{BackupOptions, verify_backup_on};
use jangbu_journal::disk::FaultDisk;
use jangbu_journal::{FileJournal, FileOptions, Journal, JournalError};
use jangbu_ledger::{
    BankCreated, Body, BusinessDate, CommandId, ContentHash, Links, Position, Record, RecordPut, Timestamp,
};

fn record(position: u64, body: Body) -> Record {
    let at = Timestamp::from_ns(i64::try_from(position).unwrap());
    Record {
        position: Position::new(position),
        recorded_at: at,
        decided_at: at,
        date: BusinessDate::default(),
        id: CommandId::derived(&position.to_le_bytes()),
        content: ContentHash::of(&[]),
        body,
        links: Links::new(),
    }
}

#[test]
fn a_backup_has_a_durable_record_that_readers_do_not_see_yet() {
    let disk = FaultDisk::new();
    disk.put_file(Path::new("/bank/jangbu.toml"), Vec::new());
    let options = FileOptions { segment_bytes: 16 * 1024, in_background: false };
    let mut journal = FileJournal::open(Arc::new(disk.clone()), Path::new("/bank/journal"), options).unwrap();
    let made = Body::BankCreated(Box::new(BankCreated { bank: 5, time_zone: "Asia/Seoul".into() }));
    let put = RecordPut { kind: "note".into(), key: "k".into(), value: Some(vec![7]), expected: None };
    for record in [record(1, made), record(2, Body::RecordsPut(vec![put]))] {
        journal.append(record.position, vec![record], Box::new(|done| drop(done.unwrap())));
    }
    // The state in which the writer leaves it for a moment.
    journal.show_through(Position::new(1));
    let reader = journal.reader();
    assert!(matches!(reader.read(Position::new(2)), Err(JournalError::OutOfRange(_))));
    let report = crate::back_up(&*reader, Path::new("/copies"), BackupOptions::default()).unwrap();
    assert_eq!(report.position, Position::new(2));
    assert_eq!(verify_backup_on(&disk, Path::new("/copies")).unwrap().end, Position::new(2));
}
