//! The reader's answers: the journal in files and the one in memory give the same ones.

use jangbu_actors::journal::{FileJournal, Journal, JournalError, MemoryJournal, verify};
use jangbu_actors::ledger::{Position, Timestamp};

use crate::support::{all, append, dir, disk, id, record, recorded_at, records, reopen, tiny};

/// Queries a journal with the records up to `last` in every possible way.
fn interrogate(journal: &dyn Journal, last: u64) {
    let reader = journal.reader();
    assert_eq!(reader.end(), Position::new(last));
    assert_eq!(all(journal), records(1..=last));
    for position in 1..=last {
        assert_eq!(reader.read(Position::new(position)).unwrap(), record(position));
        assert_eq!(reader.first_at(recorded_at(position)).unwrap(), Position::new(position));
        let just_after = Timestamp::from_ns(recorded_at(position).as_ns() + 1);
        assert_eq!(reader.first_at(just_after).unwrap(), Position::new(position + 1));
    }
    assert_eq!(reader.first_at(Timestamp::from_ns(0)).unwrap(), Position::new(1));
    for from in [0, 1, 2, 31, 32, 33, 64, 65, 100, last, last + 1, last + 10] {
        let found: Vec<_> = reader.scan(Position::new(from)).map(|record| record.unwrap()).collect();
        assert_eq!(found, records(from.max(1)..=last), "from {from}");
    }
    for beyond in [0, last + 1, last + 2, u64::MAX] {
        let error = reader.read(Position::new(beyond)).unwrap_err();
        assert!(matches!(error, JournalError::OutOfRange(_)), "{beyond}: {error}");
    }
    let sealed = reader.sealed_through().get();
    for position in 1..=sealed {
        assert!(reader.may_contain(id(position)), "{position}");
        assert_eq!(reader.find(id(position)).unwrap(), Some(Position::new(position)));
    }
    for position in last + 1..last + 200 {
        assert_eq!(reader.find(id(position)).unwrap(), None);
    }
}

#[test]
fn both_journals_give_the_same_answers() {
    let disk = disk();
    let mut journals: [Box<dyn Journal>; 2] = [Box::new(reopen(&disk)), Box::new(MemoryJournal::new())];
    for journal in &mut journals {
        let mut last = 0;
        for count in [1, 2, 3, 500, 1, 1, 40, 700, 5] {
            let batch = records(last + 1..=last + count);
            assert_eq!(append(&mut **journal, batch.clone()).unwrap(), batch);
            last += count;
        }
        interrogate(&**journal, last);
        journal.close().unwrap();
        interrogate(&**journal, last);
    }
}

#[test]
fn a_journal_continues_after_a_restart_whether_or_not_it_was_closed() {
    let disk = disk();
    let mut last = 0;
    for round in 0..12 {
        let mut journal = reopen(&disk);
        assert_eq!(journal.end().get(), last);
        assert_eq!(journal.last_recorded_at(), (last > 0).then(|| recorded_at(last)));
        interrogate(&journal, last);
        let sealed = journal.reader().sealed_through().get();
        let unsealed: Vec<_> = (sealed + 1..=last).map(|position| (id(position), Position::new(position))).collect();
        for count in [0, 30, 1, 50 * round] {
            append_some(&mut journal, &mut last, count);
        }
        assert_eq!(
            &journal.reader().unsealed_ids().unwrap().own[..],
            &unsealed[unsealed.len().min(missing(&journal, sealed))..]
        );
        if round % 2 == 0 {
            journal.close().unwrap();
        }
        drop(journal);
        let verified = verify(&disk, &dir(), |_| Ok::<(), JournalError>(())).unwrap();
        assert_eq!((verified.records, verified.cleanly_closed), (last, round % 2 == 0));
    }
}

/// Returns how many of the ids that were unsealed at the opening are sealed now.
fn missing(journal: &FileJournal, sealed_at_opening: u64) -> usize {
    usize::try_from(journal.reader().sealed_through().get() - sealed_at_opening).unwrap()
}

fn append_some(journal: &mut FileJournal, last: &mut u64, count: u64) {
    if count > 0 {
        append(journal, records(*last + 1..=*last + count)).unwrap();
        *last += count;
    }
}

#[test]
fn the_segment_thread_changes_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let options = jangbu_actors::journal::FileOptions { in_background: true, ..tiny() };
    let disk = std::sync::Arc::new(jangbu_actors::journal::disk::RealDisk);
    let path = folder.path().join("journal");
    let mut journal = FileJournal::open(disk.clone(), &path, options.clone()).unwrap();
    let mut last = 0;
    for _ in 0..60 {
        append_some(&mut journal, &mut last, 33);
    }
    journal.close().unwrap();
    interrogate(&journal, last);
    drop(journal);
    interrogate(&FileJournal::open(disk, &path, options).unwrap(), last);
}
