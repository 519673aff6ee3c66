//! What a journal refuses to append, and that it appends nothing after that.

use jangbu_actors::journal::{Journal, JournalError, MemoryJournal};
use jangbu_actors::ledger::{Position, Record};

use crate::support::{all, append, disk, record, recorded_at, records, reopen};

type Wrong = fn() -> Vec<Record>;

fn refused(journal: &mut dyn Journal, batch: Vec<Record>) -> JournalError {
    append(journal, records(1..=3)).unwrap();
    let error = append(journal, batch).unwrap_err();
    assert!(matches!(append(journal, records(4..=4)), Err(JournalError::Stopped(_))), "goes on after {error}");
    assert_eq!(all(journal), records(1..=3), "{error}");
    error
}

#[test]
fn batches_that_do_not_follow_stop_the_journal() {
    let table: [(&str, Wrong); 6] = [
        ("append at position 5, but the journal continues at 4", || records(5..=6)),
        ("append at position 3, but the journal continues at 4", || records(3..=6)),
        ("append at position 6, but the journal continues at 5", || vec![record(4), record(6)]),
        ("the record at position 4 is dated no later", || {
            vec![Record { recorded_at: recorded_at(3), ..record(4) }, record(5)]
        }),
        ("the record at position 4 is dated no later", || vec![Record { recorded_at: recorded_at(1), ..record(4) }]),
        ("the record at position 5 is dated no later", || {
            vec![record(4), Record { recorded_at: recorded_at(4), ..record(5) }]
        }),
    ];
    for (expected, batch) in table {
        let journals: [Box<dyn Journal>; 2] = [Box::new(reopen(&disk())), Box::new(MemoryJournal::new())];
        for mut journal in journals {
            let error = refused(&mut *journal, batch()).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}

#[test]
fn nothing_is_appended_after_a_clean_close() {
    let disk = disk();
    let journals: [Box<dyn Journal>; 2] = [Box::new(reopen(&disk)), Box::new(MemoryJournal::new())];
    for mut journal in journals {
        append(&mut *journal, records(1..=3)).unwrap();
        journal.close().unwrap();
        journal.close().unwrap();
        assert!(matches!(append(&mut *journal, records(4..=4)), Err(JournalError::Stopped(_))));
        assert_eq!(journal.reader().end(), Position::new(3));
    }
}

#[test]
fn an_empty_batch_is_durable_at_once() {
    let disk = disk();
    let before = {
        drop(reopen(&disk));
        disk.operations()
    };
    let journals: [Box<dyn Journal>; 2] = [Box::new(reopen(&disk)), Box::new(MemoryJournal::new())];
    let opened = disk.operations() - before;
    for mut journal in journals {
        let (sender, receiver) = std::sync::mpsc::channel();
        journal.append(Position::new(1), Vec::new(), Box::new(move |result| sender.send(result).unwrap()));
        assert_eq!(receiver.recv().unwrap().unwrap(), []);
    }
    assert_eq!(disk.operations() - before, opened, "something was written");
}
