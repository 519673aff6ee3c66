//! The size of a journal on disk.

use jangbu_actors::journal::disk::FaultDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal};

use crate::support::{append, dir, disk, open, records, reopen};

fn files(disk: &FaultDisk, extension: &str) -> u64 {
    let inside = disk.files().into_iter().filter(|(path, _)| path.to_string_lossy().ends_with(extension));
    inside.map(|(_, bytes)| bytes.len() as u64).sum()
}

#[test]
fn the_size_on_disk_is_that_of_the_files() {
    let disk = disk();
    let mut journal = reopen(&disk);
    let mut last = 0;
    for _ in 0..30 {
        append(&mut journal, records(last + 1..=last + 50)).unwrap();
        last += 50;
        let expected = files(&disk, ".segment") + files(&disk, ".index");
        assert_eq!(journal.reader().bytes_on_disk(), expected);
    }
    drop(journal);
    let journal = open(&disk).unwrap();
    assert_eq!(journal.reader().bytes_on_disk(), files(&disk, ".segment") + files(&disk, ".index"));
}

/// Finding a record by id, position and time costs at most 26 bytes of disk per record.
#[test]
fn a_sidecar_takes_at_most_26_bytes_per_record() {
    let disk = disk();
    let options = FileOptions { segment_bytes: 1024 * 1024, in_background: false };
    let mut journal = FileJournal::open(std::sync::Arc::new(disk.clone()), &dir(), options).unwrap();
    let mut last = 0;
    while journal.reader().sealed_through().get() == 0 {
        append(&mut journal, records(last + 1..=last + 500)).unwrap();
        last += 500;
    }
    let sealed = journal.reader().sealed_through().get();
    let bytes = files(&disk, ".index");
    assert!(bytes <= sealed * 26, "{bytes} bytes for {sealed} records");
}

/// A sealed segment releases unused space, and uses nearly all of it.
#[test]
fn segments_are_filled() {
    let disk = disk();
    let mut journal = reopen(&disk);
    append(&mut journal, records(1..=2000)).unwrap();
    let sizes: Vec<_> = disk.files().into_iter().filter(|(path, _)| path.ends_with("000000000002.segment")).collect();
    let size = sizes[0].1.len();
    assert!((15 * 1024..=16 * 1024).contains(&size), "{size}");
}

/// A record larger than a segment gets a segment of its own size.
#[test]
fn a_record_larger_than_a_segment_fits() {
    use jangbu_actors::ledger::{Body, RecordPut};
    let disk = disk();
    let put = |fill: u8| RecordPut {
        kind: "blob".into(),
        key: fill.to_string(),
        value: Some(vec![fill; 4096]),
        expected: None,
    };
    let large = |position: u64| {
        let mut record = crate::support::record(position);
        record.body = Body::RecordsPut((0..16).map(put).collect());
        record.links.clear();
        record
    };
    let mut appended = Vec::new();
    for position in 1..=9 {
        let record = if position % 3 == 0 { large(position) } else { crate::support::record(position) };
        let mut journal = reopen(&disk);
        append(&mut journal, vec![record.clone()]).unwrap();
        appended.push(record);
        assert_eq!(crate::support::all(&journal), appended);
        for record in &appended {
            assert_eq!(journal.reader().read(record.position).unwrap(), *record);
        }
    }
    assert_eq!(crate::support::all(&reopen(&disk)), appended);
}
