//! Ids are found whatever their age and kind, and new ones are recognized quickly.

use jangbu_actors::journal::{FileJournal, Journal, JournalReader};
use jangbu_actors::ledger::{CommandId, Position};

use crate::support::{START_MS, append, dir, disk, record_with, reopen, v7};

/// Appends one record per id, ten at a time, recorded one millisecond apart.
fn append_ids(journal: &mut FileJournal, ids: &[CommandId]) {
    let first = journal.end().get() + 1;
    let records: Vec<_> = ids.iter().zip(first..).map(|(id, position)| record_with(position, *id, None)).collect();
    for batch in records.chunks(10) {
        append(journal, batch.to_vec()).unwrap();
    }
}

/// Returns an id with the time of the record at `position` plus this many milliseconds.
fn dated(position: u64, offset_ms: i64) -> CommandId {
    v7(START_MS + i64::try_from(position).unwrap() + offset_ms, position)
}

/// Returns for how many of a thousand ids the reader cannot exclude that they exist.
fn let_through(reader: &dyn JournalReader, ids: impl Iterator<Item = CommandId>) -> u32 {
    let (mut asked, mut through) = (0, 0);
    for id in ids {
        asked += 1;
        through += u32::from(reader.may_contain(id));
    }
    through * 1000 / asked
}

/// Records of fifteen hundred ids in about ten segments, and the effect of the time rule on newer ids.
fn with_offset(
    count: u64,
    offset_ms: impl Fn(u64) -> i64,
) -> (jangbu_actors::journal::disk::FaultDisk, Vec<CommandId>) {
    let disk = disk();
    let mut journal = reopen(&disk);
    let ids: Vec<_> = (1..=count).map(|position| dated(position, offset_ms(position))).collect();
    append_ids(&mut journal, &ids);
    (disk, ids)
}

fn all_are_found(reader: &dyn JournalReader, ids: &[CommandId]) {
    for (id, position) in ids.iter().zip(1..=reader.sealed_through().get()) {
        assert!(reader.may_contain(*id));
        assert_eq!(reader.find(*id).unwrap(), Some(Position::new(position)));
    }
}

#[test]
fn newer_ids_are_excluded_without_a_filter() {
    let (disk, ids) = with_offset(1500, |_| 0);
    let reader = reopen(&disk).reader();
    assert!(reader.sealed_through().get() > 1000);
    all_are_found(&*reader, &ids);
    let newer = (1501..9000).map(|position| dated(position, 0));
    assert!(let_through(&*reader, newer) == 0);
}

#[test]
fn ids_dated_slightly_ahead_raise_the_limit_but_future_ids_do_not() {
    for (ahead_ms, from_future) in [(59_000, false), (60_000, false), (60_001, true), (900_000_000, true)] {
        let (disk, ids) = with_offset(1500, |position| if position == 100 { ahead_ms } else { 0 });
        let reader = reopen(&disk).reader();
        all_are_found(&*reader, &ids);
        // Newer than all others but not than the odd one: the filters are consulted, each with a false positive in 256.
        let between = (1501..5000).map(|position| dated(position, 0));
        let share = let_through(&*reader, between);
        assert!(share < 100, "{ahead_ms}: {share}");
        // Newer than the odd one: certain, unless that is a future id and its segment's filter is consulted.
        let newer = (1..5000).map(|position| dated(position, 1_000_000_000));
        let share = let_through(&*reader, newer);
        assert_eq!(share > 0, from_future, "{ahead_ms}: {share}");
        assert!(share < 20, "{ahead_ms}: {share}");
    }
}

#[test]
fn ids_without_a_time_are_found_by_the_filters() {
    let disk = disk();
    let mut journal = reopen(&disk);
    let ids: Vec<_> = (1..=1500u64).map(|number| CommandId::derived(&number.to_le_bytes())).collect();
    append_ids(&mut journal, &ids);
    let reader = journal.reader();
    all_are_found(&*reader, &ids);
    let others = (2000..12_000u64).map(|number| CommandId::derived(&number.to_le_bytes()));
    let share = let_through(&*reader, others.clone());
    assert!(share < 120, "ten filters, each wrong once in 256: {share}");
    for id in others.take(2000) {
        assert_eq!(reader.find(id).unwrap(), None);
    }
    // Version 7 ids are newer than all that have a time.
    assert!(let_through(&*reader, (1..1000).map(|position| dated(position, 0))) == 0);
}

/// A block of ids found damaged when it is read is rebuilt from the segment, and the answer is correct.
#[test]
fn a_damaged_block_of_ids_is_rebuilt_when_it_is_read() {
    let (disk, ids) = with_offset(1500, |_| 0);
    let journal = reopen(&disk);
    let reader = journal.reader();
    let path = dir().join("000000000002.index");
    let sound = disk.read_file(&path).unwrap();
    for damage in 0..3 {
        match damage {
            0 => assert!(disk.flip_bit(&path, sound.len() * 8 - 30_000)),
            1 => drop(disk.take_file(&path).unwrap()),
            _ => disk.put_file(&path, sound[..sound.len() - 4096].to_vec()),
        }
        all_are_found(&*reader, &ids);
        assert_eq!(disk.read_file(&path).unwrap().len(), sound.len());
    }
    drop(journal);
    all_are_found(&*reopen(&disk).reader(), &ids);
}

/// A damaged segment cannot rebuild its sidecar. That is an error, not the answer "unknown".
#[test]
fn a_damaged_block_of_a_damaged_segment_is_an_error() {
    let (disk, ids) = with_offset(1500, |_| 0);
    let reader = reopen(&disk).reader();
    disk.take_file(&dir().join("000000000001.index"));
    disk.flip_bit(&dir().join("000000000001.segment"), 8 * 5000);
    assert!(reader.find(ids[3]).is_err());
}
