//! Changed bytes, and moved or missing files, are detected and never skipped.

use std::path::PathBuf;

use jangbu_actors::journal::disk::FaultDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal, JournalError, Verified, verify};
use jangbu_actors::ledger::Position;

use crate::support::{all, append, dir, disk, id, open, record, records, reopen, tiny};

fn segment(number: u64) -> PathBuf {
    dir().join(format!("{number:012}.segment"))
}

fn index(number: u64) -> PathBuf {
    dir().join(format!("{number:012}.index"))
}

fn check(disk: &FaultDisk) -> Result<Verified, JournalError> {
    verify(disk, &dir(), |_| Ok::<(), JournalError>(()))
}

/// Three segments, two of them sealed, and what was appended to the last.
fn three_segments(close: bool) -> (FaultDisk, u64) {
    let disk = disk();
    let mut journal = reopen(&disk);
    let mut last = 0;
    while disk.read_file(&segment(3)).is_none() {
        append(&mut journal, records(last + 1..=last + 9)).unwrap();
        last += 9;
    }
    append(&mut journal, records(last + 1..=last + 4)).unwrap();
    append(&mut journal, records(last + 5..=last + 6)).unwrap();
    if close {
        journal.close().unwrap();
    }
    (disk, last + 6)
}

/// A journal of two segments of 8 KiB, the first of them sealed; also the number of records, and the offset of the last
/// frame.
fn two_small_segments(close: bool) -> (FaultDisk, u64, usize) {
    let disk = disk();
    let options = FileOptions { segment_bytes: 8 * 1024, in_background: false };
    let mut journal = FileJournal::open(std::sync::Arc::new(disk.clone()), &dir(), options).unwrap();
    let mut last = 0;
    let mut in_second = 0;
    while in_second < 3 {
        append(&mut journal, records(last + 1..=last + 4)).unwrap();
        last += 4;
        in_second += u64::from(disk.read_file(&segment(2)).is_some());
    }
    if close {
        journal.close().unwrap();
    }
    let bytes = disk.read_file(&segment(2)).unwrap();
    let last_frame = (0..bytes.len()).step_by(512).rfind(|at| bytes[*at..].starts_with(b"JBFR")).unwrap();
    (disk, last, last_frame)
}

/// Opens and reads a damaged journal: there is an error somewhere, or exactly the records up to `last`.
fn read_everything(disk: &FaultDisk, last: u64) -> Result<(), JournalError> {
    let journal = open(disk)?;
    let reader = journal.reader();
    let end = reader.end().get();
    assert!(end == last, "{end} records of {last}");
    for position in 1..=end {
        if let Ok(read) = reader.read(Position::new(position)) {
            assert_eq!(read, record(position));
        }
    }
    for position in (1..=reader.sealed_through().get()).step_by(5) {
        assert_eq!(reader.find(id(position))?, Some(Position::new(position)));
    }
    let found = reader.scan(Position::START).collect::<Result<Vec<_>, _>>()?;
    assert!(found == records(1..=end), "other records");
    Ok(())
}

fn flip_every_bit(close: bool) {
    let (disk, last, last_frame) = two_small_segments(close);
    check(&disk).unwrap();
    let written = disk.read_file(&segment(2)).unwrap();
    let end =
        last_frame + (written.iter().rposition(|byte| *byte != 0).unwrap() + 1 - last_frame).next_multiple_of(512);
    let mut torn = 0;
    // The close changes only the last segment.
    let files = [(segment(2), false), (segment(1), true), (index(1), true)];
    for (path, sealed) in files.into_iter().take(if close { 1 } else { 3 }) {
        let bits = disk.read_file(&path).unwrap().len() * 8;
        for bit in 0..bits {
            // Unit tests flip every bit of headers; a few are enough here.
            if bit < 4096 * 8 && bit % 13 != 0 && path != index(1) {
                continue;
            }
            assert!(disk.flip_bit(&path, bit));
            let what = format!("bit {bit} of {}", path.display());
            // Bytes after the sector where the next frame would begin can be a torn frame.
            let may_be_torn = !sealed && !close && bit / 8 >= end + 512;
            match check(&disk) {
                Err(JournalError::Damaged { .. } | JournalError::NewerFormat { .. }) => {}
                Ok(verified) if may_be_torn && verified.torn_bytes > 0 => {
                    torn += 1;
                    assert_eq!(verified.records, last, "{what}: {verified:?}");
                }
                other => panic!("{what}: {other:?}"),
            }
            if bit % 7 == 0 || !sealed && (last_frame..end).contains(&(bit / 8)) {
                let sound = read_everything(&disk.power_cut(0), last).is_ok();
                assert!(!sound || may_be_torn || path == index(1), "{what} goes unnoticed");
            }
            assert!(disk.flip_bit(&path, bit));
        }
    }
    assert!(torn > 0 || close);
    check(&disk).unwrap();
}

#[test]
fn every_flipped_bit_is_detected_and_no_record_goes_missing() {
    flip_every_bit(false);
}

#[test]
fn every_flipped_bit_is_detected_after_a_clean_close() {
    flip_every_bit(true);
}

/// Applies a change to a sound journal of three segments. Returns the error of opening it.
fn damaged(close: bool, damage: impl FnOnce(&FaultDisk)) -> String {
    let (disk, _) = three_segments(close);
    damage(&disk);
    let verified = check(&disk).map(|_| ()).map_err(|error| error.to_string());
    let opened = open(&disk).map(|_| ()).map_err(|error| error.to_string());
    let verified = verified.expect_err("verifying notices nothing");
    let opened = opened.expect_err("opening notices nothing");
    assert!(!verified.is_empty());
    opened
}

fn change(disk: &FaultDisk, path: &std::path::Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = disk.read_file(path).unwrap();
    change(&mut bytes);
    disk.put_file(path, bytes);
}

#[test]
fn moved_and_missing_segments_are_detected() {
    let swap = |one: u64, two: u64| {
        move |disk: &FaultDisk| {
            let (first, second) = (disk.take_file(&segment(one)).unwrap(), disk.take_file(&segment(two)).unwrap());
            disk.put_file(&segment(one), second);
            disk.put_file(&segment(two), first);
        }
    };
    let copy = |from: u64, to: u64| {
        move |disk: &FaultDisk| disk.put_file(&segment(to), disk.read_file(&segment(from)).unwrap())
    };
    type Damage = Box<dyn FnOnce(&FaultDisk)>;
    let missing = |number: u64| move |disk: &FaultDisk| drop(disk.take_file(&segment(number)).unwrap());
    let cases: Vec<(&str, Damage)> = vec![
        ("the segment is missing", Box::new(missing(1))),
        ("the segment is missing", Box::new(missing(2))),
        ("the segment is missing, although the previous one is sealed", Box::new(missing(3))),
        (
            "the segment is missing, although the previous one is sealed",
            Box::new(|disk| {
                for number in 1..=3 {
                    disk.take_file(&segment(number)).unwrap();
                }
            }),
        ),
        ("the header is that of segment 2", Box::new(swap(1, 2))),
        ("the header is that of segment", Box::new(swap(2, 3))),
        ("the header is that of segment 3", Box::new(copy(3, 4))),
        ("the header is that of segment 1", Box::new(copy(1, 2))),
        (
            "the file does not have the name of a segment",
            Box::new(|disk| {
                let bytes = disk.take_file(&segment(2)).unwrap();
                disk.put_file(&dir().join("2.segment"), bytes);
            }),
        ),
        (
            "the segment belongs to another journal than the first one",
            Box::new(|disk| {
                disk.put_file(&segment(2), three_segments(false).0.read_file(&segment(2)).unwrap());
            }),
        ),
        ("the segment is 16383 bytes long", Box::new(|disk| change(disk, &segment(3), |bytes| bytes.truncate(16383)))),
        ("the segment is 5120 bytes long", Box::new(|disk| change(disk, &segment(3), |bytes| bytes.truncate(5120)))),
        ("the segment is 16896 bytes long", Box::new(|disk| change(disk, &segment(3), |bytes| bytes.resize(16896, 0)))),
        ("the segment is cut off", Box::new(|disk| change(disk, &segment(1), |bytes| bytes.truncate(12 * 1024)))),
        ("the header is cut off", Box::new(|disk| change(disk, &segment(3), Vec::clear))),
        (
            "is in journal format 7",
            Box::new(|disk| {
                change(disk, &segment(3), |bytes| {
                    bytes[8] = 7;
                    let crc = crc32c::crc32c(&bytes[..4092]);
                    bytes[4092..4096].copy_from_slice(&crc.to_le_bytes());
                })
            }),
        ),
    ];
    for (number, (expected, damage)) in cases.into_iter().enumerate() {
        let said = damaged(number % 2 == 0, damage);
        assert!(said.contains(expected), "case {number}: {said:?} instead of {expected:?}");
    }
}

/// An older state of the last segment, as from a backup, beside newer sealed ones, or a segment with a broken chain.
#[test]
fn a_last_segment_that_does_not_follow_is_detected() {
    let (disk, last) = three_segments(false);
    // The last segment of a journal with the same beginning but another history, with this journal's id.
    let said = damaged(false, |disk| {
        change(disk, &segment(3), |bytes| {
            bytes[60] ^= 1;
            let crc = crc32c::crc32c(&bytes[..4092]);
            bytes[4092..4096].copy_from_slice(&crc.to_le_bytes());
        });
    });
    assert!(said.contains("the hash chain is broken"), "{said}");
    assert_eq!(all(&reopen(&disk)).len() as u64, last);
}

#[test]
fn a_sidecar_of_another_segment_is_rebuilt() {
    type Damage = fn(&FaultDisk);
    let cases: [(&str, Damage); 9] = [
        ("missing", |disk| drop(disk.take_file(&index(1)).unwrap())),
        ("all missing", |disk| {
            for number in 1..=2 {
                disk.take_file(&index(number)).unwrap();
            }
        }),
        ("empty", |disk| change(disk, &index(1), Vec::clear)),
        ("cut off in the summary", |disk| change(disk, &index(2), |bytes| bytes.truncate(300))),
        ("cut off in the ids", |disk| change(disk, &index(2), |bytes| bytes.truncate(bytes.len() - 1))),
        ("longer", |disk| change(disk, &index(2), |bytes| bytes.push(0))),
        ("another segment's", |disk| disk.put_file(&index(2), disk.read_file(&index(1)).unwrap())),
        ("of another version", |disk| {
            change(disk, &index(1), |bytes| {
                bytes[8] = 9;
                let crc = crc32c::crc32c(&bytes[..252]);
                bytes[252..256].copy_from_slice(&crc.to_le_bytes());
            })
        }),
        ("with ids that are not in order", |disk| change(disk, &index(1), |bytes| bytes[4096 + 100] ^= 64)),
    ];
    for (what, damage) in cases {
        let (disk, last) = three_segments(true);
        damage(&disk);
        let journal = reopen(&disk);
        let reader = journal.reader();
        for position in 1..=reader.sealed_through().get() {
            assert!(reader.may_contain(id(position)), "{what}");
            assert_eq!(reader.find(id(position)).unwrap(), Some(Position::new(position)), "{what}");
        }
        assert_eq!(all(&journal), records(1..=last), "{what}");
        check(&disk).unwrap();
    }
}

#[test]
fn a_damaged_segment_makes_no_sidecar() {
    let (disk, _) = three_segments(true);
    disk.take_file(&index(1));
    disk.flip_bit(&segment(1), 8 * 5000);
    let error = open(&disk).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("no sound frame is here, but one follows"), "{error}");
    assert_eq!(disk.read_file(&index(1)), None);
}

#[test]
fn small_journals_keep_their_segment_size_whatever_the_options_say() {
    let (disk, last) = three_segments(false);
    let larger = FileOptions { segment_bytes: 64 * 1024, ..tiny() };
    let mut journal = FileJournal::open(std::sync::Arc::new(disk.clone()), &dir(), larger).unwrap();
    append(&mut journal, records(last + 1..=last + 600)).unwrap();
    drop(journal);
    assert_eq!(all(&reopen(&disk)), records(1..=last + 600));
    check(&disk).unwrap();
}
