//! Torn tails: the remains of an interrupted write are cut off, kept aside and reported. Everything else is damage.

use std::path::PathBuf;

use jangbu_actors::journal::disk::FaultDisk;
use jangbu_actors::journal::{Journal, JournalError, verify};
use jangbu_actors::ledger::{Body, Record, RecordPut};

use crate::support::{all, append, dir, disk, open, record, records, reopen};

fn segment() -> PathBuf {
    dir().join("000000000001.segment")
}

/// A journal of 19 records, and the offset of the frame with the last 14, which takes three sectors.
fn journal() -> (FaultDisk, usize, Vec<u8>) {
    let disk = disk();
    let mut journal = reopen(&disk);
    append(&mut journal, records(1..=3)).unwrap();
    append(&mut journal, records(4..=5)).unwrap();
    append(&mut journal, records(6..=19)).unwrap();
    drop(journal);
    let bytes = disk.read_file(&segment()).unwrap();
    let last = (0..bytes.len()).step_by(512).rfind(|at| bytes[*at..].starts_with(b"JBFR")).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    assert_eq!((end - last).div_ceil(512), 3, "the frame's sectors");
    (disk, last, bytes)
}

/// The contents of each sector of the last frame.
#[derive(Clone, Copy, Debug)]
enum Sector {
    /// As written.
    Kept,
    /// Zeros, as before the write.
    Lost,
}

use Sector::{Kept, Lost};

#[test]
fn a_torn_frame_is_cut_off_and_kept_aside() {
    let table = [
        // sectors            records  bytes kept aside
        ([Kept, Kept, Kept], 19, 0),
        ([Lost, Lost, Lost], 5, 0),
        ([Kept, Lost, Lost], 5, 512),
        ([Kept, Kept, Lost], 5, 1024),
        ([Lost, Kept, Kept], 5, 1536),
        ([Lost, Lost, Kept], 5, 1536),
        ([Kept, Lost, Kept], 5, 1536),
        ([Lost, Kept, Lost], 5, 1024),
    ];
    for (sectors, expected, kept) in table {
        let (disk, at, mut bytes) = journal();
        for (number, sector) in sectors.into_iter().enumerate() {
            let place = &mut bytes[at + number * 512..at + number * 512 + 512];
            match sector {
                Kept => {}
                Lost => place.fill(0),
            }
        }
        disk.put_file(&segment(), bytes.clone());
        let verified = verify(&disk, &dir(), |_| Ok::<(), JournalError>(())).unwrap();
        assert_eq!((verified.records, verified.torn_bytes), (expected, kept), "{sectors:?}");
        assert_eq!(all(&reopen(&disk)), records(1..=expected), "{sectors:?}");
        let aside = disk.read_file(&dir().join("torn-6-1"));
        let torn = (kept > 0).then(|| bytes[at..at + usize::try_from(kept).unwrap()].to_vec());
        assert_eq!(aside, torn, "{sectors:?}");
        if expected == 5 {
            let wiped = disk.read_file(&segment()).unwrap();
            assert!(wiped[at..].iter().all(|byte| *byte == 0), "{sectors:?}");
        }
        // Again: there is nothing more to cut off, and shorter frames are written over it.
        let mut journal = reopen(&disk);
        append(&mut journal, records(expected + 1..=expected + 1)).unwrap();
        drop(journal);
        assert_eq!(all(&reopen(&disk)), records(1..=expected + 1), "{sectors:?}");
        assert_eq!(disk.read_file(&dir().join("torn-6-2")), None, "{sectors:?}");
    }
}

#[test]
fn a_second_torn_tail_at_the_same_position_is_kept_beside_the_first() {
    let (disk, at, bytes) = journal();
    for round in 1..=3 {
        let mut torn = bytes.clone();
        torn[at..at + 512].fill(0);
        torn[at + 512..at + 1024].fill(round);
        disk.put_file(&segment(), torn);
        assert_eq!(all(&reopen(&disk)).len(), 5);
        let aside = disk.read_file(&dir().join(format!("torn-6-{round}"))).unwrap();
        assert_eq!(aside[512], round);
    }
}

/// Sectors of a frame can be all zeros. The header contains their number, so that a changed byte elsewhere is not taken
/// for a sector that was never written.
#[test]
fn written_sectors_of_zeros_are_not_taken_for_missing_ones() {
    let disk = disk();
    let mut journal = reopen(&disk);
    append(&mut journal, records(1..=3)).unwrap();
    let put =
        |key: &str| RecordPut { kind: "note".into(), key: key.into(), value: Some(vec![0; 4_096]), expected: None };
    let zeros = Record { body: Body::RecordsPut(vec![put("a"), put("b")]), ..record(4) };
    append(&mut journal, vec![zeros]).unwrap();
    drop(journal);
    let bytes = disk.read_file(&segment()).unwrap();
    let at = (0..bytes.len()).step_by(512).rfind(|at| bytes[*at..].starts_with(b"JBFR")).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let is_zero = |sector: &&[u8]| sector.iter().all(|byte| *byte == 0);
    assert!(bytes[at..end].chunks(512).filter(is_zero).count() >= 12, "the test tests little");
    assert_eq!(reopen(&disk).end().get(), 4);
    for bit in (at * 8..end * 8).filter(|bit| bit % 5 == 0 || *bit < (at + 64) * 8) {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        disk.put_file(&segment(), damaged.clone());
        assert!(open(&disk).is_err(), "bit {} of the frame goes unnoticed", bit - at * 8);
        assert!(disk.read_file(&segment()).unwrap() == damaged, "opening changed a damaged journal");
    }
    // Any other missing sector makes it a torn frame.
    for sector in (at..end).step_by(512).filter(|sector| !is_zero(&&bytes[*sector..*sector + 512])) {
        let mut torn = bytes.clone();
        torn[sector..sector + 512].fill(0);
        disk.put_file(&segment(), torn);
        assert_eq!(reopen(&disk).end().get(), 3);
    }
}

/// Changes the segment of the 19 records. Returns the error of opening it.
fn refusal(close: bool, change: impl FnOnce(&mut Vec<u8>, usize)) -> String {
    let (disk, at, _) = journal();
    if close {
        reopen(&disk).close().unwrap();
    }
    let mut bytes = disk.read_file(&segment()).unwrap();
    change(&mut bytes, at);
    disk.put_file(&segment(), bytes.clone());
    assert!(verify(&disk, &dir(), |_| Ok::<(), JournalError>(())).is_err());
    let said = open(&disk).map(|_| ()).unwrap_err().to_string();
    assert!(disk.read_file(&segment()).unwrap() == bytes, "opening changed a damaged journal");
    said
}

#[test]
fn everything_else_is_damage() {
    let closed = "the journal was cleanly closed, but something follows";
    let follows = "but one follows at byte";
    let (header, whole) = ("is not the header of a frame", "all of this frame was written");
    type Change = fn(&mut Vec<u8>, usize);
    let table: [(bool, &str, Change); 16] = [
        (false, header, |bytes, at| bytes[at..at + 512].fill(0xA5)),
        (false, header, |bytes, at| bytes[at] ^= 1),
        (false, header, |bytes, at| bytes[at + 20] ^= 0x80),
        (false, header, |bytes, at| bytes[at + 28] ^= 1),
        (false, whole, |bytes, at| bytes[at + 24] ^= 1),
        (false, whole, |bytes, at| bytes[at + 512..at + 1024].fill(0xA5)),
        (false, whole, |bytes, at| bytes[at + 1535] ^= 1),
        (false, "something follows behind it", |bytes, at| {
            bytes[at + 512..at + 1024].fill(0);
            bytes[at + 1536] = 1;
        }),
        (false, header, |bytes, at| bytes[at + 1536] = 1),
        (false, follows, |bytes, at| bytes[at - 100] ^= 1),
        (false, follows, |bytes, _| bytes[4096] ^= 1),
        (false, follows, |bytes, _| bytes[4096..4096 + 512].fill(0)),
        (false, "begins at position 6, not 20", |bytes, at| bytes.copy_within(at..at + 1536, at + 1536)),
        (true, follows, |bytes, at| bytes[at + 700] ^= 1),
        (true, closed, |bytes, at| bytes[at + 1536 + 512] ^= 1),
        (true, closed, |bytes, _| *bytes.last_mut().unwrap() = 1),
    ];
    for (number, (close, expected, change)) in table.into_iter().enumerate() {
        let said = refusal(close, change);
        assert!(said.contains(expected), "case {number}: {said}");
        assert!(said.contains("after position"), "case {number}: {said}");
    }
}

/// The bytes of a frame that is sound in another journal are not accepted here, so a caller cannot inject one.
#[test]
fn a_frame_of_another_journal_is_not_accepted() {
    let (disk, at, bytes) = journal();
    let (_, _, other) = journal();
    let mut torn = bytes.clone();
    torn[at..at + 512].fill(0);
    torn[at + 512..at + 1536].copy_from_slice(&other[4096..4096 + 1024]);
    disk.put_file(&segment(), torn);
    assert_eq!(all(&reopen(&disk)).len(), 5);
}
