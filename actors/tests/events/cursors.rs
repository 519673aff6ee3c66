//! Cursors: a reader continues where it was, and learns if that position belongs to another history.

use std::path::Path;

use futures::executor::block_on;
use jangbu_actors::command::{CashPosting, OpenAccount};
use jangbu_actors::ledger::Position;
use jangbu_actors::{Bank, BankError, Cursor, Subscription};

use crate::bank::{amount, number, owner};

/// A bank in `directory` with these `deposits`, all of different amounts, which is then closed. Returns the cursor of
/// every event.
fn worked(directory: &Path, deposits: std::ops::Range<u64>) -> Vec<Cursor> {
    let bank = Bank::open(directory).unwrap();
    // The second time, it already exists.
    let _ = block_on(bank.open_account(OpenAccount::new(owner("ann")).with_number(number("A"))));
    for count in deposits {
        block_on(bank.deposit(CashPosting::new(number("A"), amount(count + 1)))).unwrap();
    }
    let mut cursors = Vec::new();
    let mut from = Some(Position::START);
    while let Some(position) = from {
        let page = block_on(bank.events(position, 100)).unwrap();
        cursors.extend(page.data.iter().map(jangbu_actors::Event::cursor));
        from = page.next;
    }
    block_on(bank.close()).unwrap();
    cursors
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn behind(bank: &Bank, cursor: Cursor) -> Result<Subscription, BankError> {
    block_on(bank.subscribe_after(cursor))
}

#[test]
fn a_reader_ahead_of_a_restored_bank_is_detected_whatever_happened_since() {
    let directory = tempfile::tempdir().unwrap();
    let (bank, backup) = (directory.path().join("bank"), directory.path().join("backup"));
    let before = worked(&bank, 0..3);
    copy(&bank, &backup);
    let ahead = worked(&bank, 3..9);
    assert_eq!(ahead[..before.len()], before);
    // The backup replaces the bank, and ends earlier.
    let last = *ahead.last().unwrap();
    let end = Position::new(before.len() as u64);
    let restored = Bank::open(&backup).unwrap();
    for cursor in &ahead[before.len()..] {
        let from = cursor.position().next();
        assert_eq!(behind(&restored, *cursor).unwrap_err(), BankError::BeyondEnd { from, end });
    }
    for cursor in &before {
        assert_eq!(behind(&restored, *cursor).unwrap().position(), cursor.position().next());
        let one = block_on(restored.subscribe_account_after(number("A"), *cursor)).unwrap();
        assert_eq!(one.position(), cursor.position().next());
    }
    block_on(restored.close()).unwrap();
    // It continues beyond the reader's position.
    let other = worked(&backup, 20..40);
    assert!(other.len() > ahead.len());
    let restored = Bank::open(&backup).unwrap();
    for cursor in &ahead[before.len()..] {
        let position = cursor.position();
        assert_eq!(behind(&restored, *cursor).unwrap_err(), BankError::AnotherHistory { position });
    }
    let refused = block_on(restored.subscribe_account_after(number("A"), last));
    assert!(matches!(refused, Err(BankError::AnotherHistory { .. })));
    for cursor in before.iter().chain(&other) {
        assert!(behind(&restored, *cursor).is_ok(), "{cursor}");
    }
    assert_eq!(behind(&restored, Cursor::START).unwrap().position(), Position::new(1));
    block_on(restored.close()).unwrap();
}

#[test]
fn a_subscription_beyond_the_end_is_an_error() {
    let bank = Bank::in_memory().unwrap();
    let end = bank.stats().durable;
    assert!(bank.subscribe(end.next()).is_ok(), "what comes next can be waited for");
    let from = end.next().next();
    let beyond = BankError::BeyondEnd { from, end };
    assert_eq!(bank.subscribe(from).unwrap_err(), beyond);
    assert_eq!(bank.subscribe_account(number("A"), from).unwrap_err(), beyond);
    assert_eq!(block_on(bank.events(from, 10)).unwrap_err(), beyond);
    assert!(block_on(bank.events(end.next(), 10)).unwrap().data.is_empty());
    block_on(bank.close()).unwrap();
}
