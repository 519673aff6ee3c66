//! A damaged journal alone: it opens with all of its records, or it does not open.

use std::path::Path;
use std::sync::Arc;

use jangbu_actors::journal::disk::FaultDisk;
use jangbu_actors::journal::{FileJournal, FileOptions, Journal, JournalError, verify};
use jangbu_actors::ledger::{Position, Record};

use crate::killed::{Killed, SEGMENT_BYTES, disk_with, killed};
use crate::ways::{self, Way};

const BANK: &str = "/bank";
const JOURNAL: &str = "/bank/journal";

/// The number of ways per file, if not all are tried.
const SOME: usize = 400;

fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some_and(|value| value != "0")
}

/// Returns every record of the journal, by every way to read it.
fn read(disk: &FaultDisk) -> Result<Vec<Record>, JournalError> {
    let options = FileOptions { segment_bytes: SEGMENT_BYTES, in_background: false };
    let journal = FileJournal::open(Arc::new(disk.clone()), Path::new(JOURNAL), options)?;
    let reader = journal.reader();
    let records = reader.scan(Position::START).collect::<Result<Vec<_>, _>>()?;
    for record in &records {
        assert_eq!(reader.read(record.position)?, *record);
        if record.position <= reader.sealed_through() {
            assert_eq!(reader.find(record.id)?, Some(record.position), "an id is not found");
        }
    }
    Ok(records)
}

fn check(disk: &FaultDisk) -> Result<Vec<Record>, JournalError> {
    let mut records = Vec::new();
    let verified = verify(disk, Path::new(JOURNAL), |record| {
        records.push(record);
        Ok::<(), JournalError>(())
    })?;
    assert_eq!(verified.records, records.len() as u64);
    Ok(records)
}

/// Returns what is wrong with the outcome of the damage, if anything.
fn wrong(killed: &Killed, records: &[Record], path: &Path, way: Way) -> Option<String> {
    let sound = &killed.journal.iter().find(|(other, _)| other == path).unwrap().1;
    let damaged = way.applied(sound)?;
    let disk = disk_with(Path::new(BANK), &killed.with(path, Some(&damaged)));
    let name = path.file_name().unwrap().display();
    let checked = check(&disk);
    match read(&disk) {
        Ok(read) if read != records => Some(format!(
            "{way:?} of {name}: opened with {} of {} records; the check says {}",
            read.len(),
            records.len(),
            checked.map_or_else(|error| error.to_string(), |checked| format!("ok, with {}", checked.len())),
        )),
        Ok(_) => None,
        // If the journal cannot be opened, the check reports what is wrong.
        Err(error) => checked.is_ok().then(|| format!("{way:?} of {name}: {error}; and the check finds nothing")),
    }
}

#[test]
fn a_damaged_journal_opens_with_all_of_its_records_or_not_at_all() {
    let killed = killed();
    let records = read(&disk_with(Path::new(BANK), &killed.journal)).unwrap();
    assert!(records.len() > killed.told.len(), "one for each command, and that of the bank");
    let (mut tried, mut faults) = (0, Vec::new());
    for (path, sound) in &killed.journal {
        let all = if is_long() { ways::all(sound).collect() } else { ways::some(sound, 4_711, SOME) };
        for way in all {
            tried += 1;
            faults.extend(wrong(&killed, &records, path, way));
        }
    }
    println!("{tried} ways, {} of them go wrong", faults.len());
    let first = faults.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(faults.is_empty(), "{} of {tried} ways go wrong:\n{first}", faults.len());
}
