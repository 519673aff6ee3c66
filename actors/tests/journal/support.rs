//! Records and journals for the tests.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;

use jangbu_actors::journal::disk::FaultDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal, JournalError};
use jangbu_actors::ledger::{
    AccountId, Amount, Balance, Body, BusinessDate, CommandId, ContentHash, Details, Link, Position, Posted,
    PostingKind, Record, Timestamp,
};

/// 2026-01-01T00:00:00Z.
pub(crate) const START_MS: i64 = 1_767_225_600_000;

/// The journal's directory on the test disks.
pub(crate) fn dir() -> PathBuf {
    PathBuf::from("bank/journal")
}

/// Tiny segments without a thread, so that operations always come in the same order.
pub(crate) fn tiny() -> FileOptions {
    FileOptions { segment_bytes: 16 * 1024, in_background: false }
}

/// A disk with an empty bank directory.
pub(crate) fn disk() -> FaultDisk {
    let disk = FaultDisk::new();
    disk.put_file(Path::new("bank/lock"), Vec::new());
    disk
}

/// Returns when the record at `position` is recorded: one per millisecond.
pub(crate) fn recorded_at(position: u64) -> Timestamp {
    Timestamp::from_ns((START_MS + i64::try_from(position).unwrap()) * 1_000_000)
}

/// Returns a version 7 id with that time, with random bits that follow from `salt`.
pub(crate) fn v7(ms: i64, salt: u64) -> CommandId {
    let random = u128::from(salt.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 << 63) & ((1 << 64) - 1);
    let bits = (u128::try_from(ms).unwrap() << 80) | (7 << 76) | (random & !(0b11 << 62)) | (0b10 << 62);
    CommandId::new(uuid::Uuid::from_u128(bits))
}

/// Returns the id of the record at `position`. Every fifth is not a version 7 id.
pub(crate) fn id(position: u64) -> CommandId {
    match position % 5 {
        0 => CommandId::derived(&position.to_le_bytes()),
        _ => v7(START_MS + i64::try_from(position).unwrap(), position),
    }
}

/// Returns the transfer at `position`. Their lengths differ.
pub(crate) fn record(position: u64) -> Record {
    let label = "x".repeat(usize::try_from(position % 7).unwrap() * 9);
    let details = Details { reference: label, ..Details::default() };
    let details = position.is_multiple_of(3).then(|| Box::new(details));
    record_with(position, id(position), details)
}

pub(crate) fn record_with(position: u64, id: CommandId, details: Option<Box<Details>>) -> Record {
    let amount = Amount::new(position * 17 + 1).unwrap();
    let link = |previous: u64| Link { previous: Position::new(previous), balance: Balance::default() };
    Record {
        position: Position::new(position),
        recorded_at: recorded_at(position),
        decided_at: recorded_at(position),
        date: BusinessDate::from_days(20_454),
        id,
        content: ContentHash::of(&position.to_le_bytes()),
        body: Body::Posted(Posted {
            kind: PostingKind::Transfer,
            from: AccountId::new(position % 11 + 1),
            to: AccountId::new(position % 13 + 20),
            amount,
            fee: Amount::default(),
            fees: AccountId::new(2),
            limited: true,
            counted: false,
            details,
        }),
        links: [link(position.saturating_sub(3)), link(0)].into_iter().collect(),
    }
}

pub(crate) fn records(positions: std::ops::RangeInclusive<u64>) -> Vec<Record> {
    positions.map(record).collect()
}

/// Appends and waits.
pub(crate) fn append(journal: &mut dyn Journal, records: Vec<Record>) -> Result<Vec<Record>, JournalError> {
    let (sender, receiver) = channel();
    let first = records.first().map_or(Position::START, |record| record.position);
    journal.append(first, records, Box::new(move |result| sender.send(result).unwrap()));
    receiver.recv().unwrap()
}

pub(crate) fn open(disk: &FaultDisk) -> Result<FileJournal, JournalError> {
    FileJournal::open(Arc::new(disk.clone()), &dir(), tiny())
}

/// Opens a journal that must be sound.
pub(crate) fn reopen(disk: &FaultDisk) -> FileJournal {
    open(disk).unwrap()
}

/// Returns everything in the journal.
pub(crate) fn all(journal: &dyn Journal) -> Vec<Record> {
    journal.reader().scan(Position::START).collect::<Result<_, _>>().unwrap()
}
