//! Records as a bank writes them, for benchmarks of the journal by itself.

use std::sync::mpsc::channel;

use jangbu::{Amount, Balance, BusinessDate, CommandId, Details, Position, Timestamp, transfers::PostingKind};
use jangbu_actors::journal::Journal;
use jangbu_actors::ledger::{AccountId, Body, ContentHash, Link, Posted, Record};

/// 2026-01-01T00:00:00Z.
const START_MS: u64 = 1_767_225_600_000;

/// Returns the id of the transfer at `position`: version 7, one per millisecond, with bits that look random.
pub(crate) fn id(position: u64) -> CommandId {
    let random = u128::from(position.wrapping_mul(0x9E37_79B9_7F4A_7C15)) & ((1 << 62) - 1);
    let bits = (u128::from(START_MS + position) << 80) | (7 << 76) | (0b10 << 62) | random;
    format!("{bits:032x}").parse().unwrap()
}

/// Returns a transfer between two of a few thousand accounts.
pub(crate) fn posted(position: u64, details: Option<Box<Details>>) -> Posted {
    Posted {
        kind: PostingKind::Transfer,
        from: AccountId::new(position % 9_973 + 10),
        to: AccountId::new(position % 9_967 + 10_000),
        amount: Amount::new(position % 100 + 1).unwrap(),
        fee: Amount::ZERO,
        fees: AccountId::new(2),
        limited: true,
        counted: true,
        details,
    }
}

/// Returns the record of `body` at `position`, with this many legs.
fn record(position: u64, body: Body, legs: usize) -> Record {
    let at = Timestamp::from_ns(i64::try_from((START_MS + position) * 1_000_000).unwrap());
    let previous = Position::new(position.saturating_sub(5_000));
    let link = Link { previous, balance: Balance::new(1 << 40).unwrap() };
    Record {
        position: Position::new(position),
        recorded_at: at,
        decided_at: at,
        date: BusinessDate::from_days(20_454),
        id: id(position),
        content: ContentHash::of(&position.to_le_bytes()),
        body,
        links: std::iter::repeat_n(link, legs).collect(),
    }
}

/// A body and its number of legs.
pub(crate) type Make = fn(u64) -> (Body, usize);

/// Returns a transfer without labels.
pub(crate) fn transfer(position: u64) -> (Body, usize) {
    (Body::Posted(posted(position, None)), 2)
}

/// Returns `count` records, the first of which is at `first`.
pub(crate) fn many(first: u64, count: usize, make: Make) -> Vec<Record> {
    let one = |position| {
        let (body, legs) = make(position);
        record(position, body, legs)
    };
    (first..).take(count).map(one).collect()
}

/// Appends records and waits until they are durable.
pub(crate) fn append(journal: &mut dyn Journal, records: Vec<Record>) {
    let Some(first) = records.first().map(|record| record.position) else { return };
    let (done, durable) = channel();
    journal.append(first, records, Box::new(move |result| done.send(result.map(drop)).unwrap()));
    durable.recv().unwrap().unwrap();
}
