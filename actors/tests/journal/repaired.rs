//! A journal in which steps of linked commands were reversed twice, as an early version could write it, and its repair.
//!
//! `tests/fixtures/bank-reversed-twice/journal` was written by that version: of the commands "linked 1" and "linked 2",
//! 80 of the 100 that A paid B were reversed twice. `tests/fixtures/bank-repaired/journal` is the same journal after
//! both were repaired, and `records.txt` has the repairs in words. Once version 1 is released, these files must never
//! change. Until then, `UPDATE_FIXTURES=1 cargo test -p jangbu-actors --test journal` writes the second again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::executor::block_on;
use jangbu_actors::archive::{Which, archive};
use jangbu_actors::backup::verify_backup;
use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{CheckError, Options, Report, check, check_with_archives};
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{CashPosting, Outcome, RepairReversals, Reverse, Transfer};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{AccountNumber, Amount, Body, CommandId, Position, Refusal};
use jangbu_actors::{Error, HistoryQuery};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

fn id(what: &str) -> CommandId {
    CommandId::derived(what.as_bytes())
}

fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

fn copy_journal(from: &Path, to: &Path) {
    std::fs::create_dir_all(to.join("journal")).unwrap();
    for file in std::fs::read_dir(from.join("journal")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join("journal").join(file.file_name())).unwrap();
    }
}

/// A copy of the journal with the fault.
fn twice() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_journal(&fixture("bank-reversed-twice"), copy.path());
    copy
}

/// With small segments, so that some are full.
fn open_async(directory: &Path) -> jangbu_actors::Bank {
    let clock = SteppedClock::starting_at("2026-11-22T04:00:00Z".parse().unwrap());
    jangbu_actors::Bank::builder().segment_bytes(16 * 1024).clock(Arc::clone(&clock) as _).open(directory).unwrap()
}

fn open(directory: &Path) -> Bank {
    Bank::from(open_async(directory))
}

/// Writes enough to fill a segment.
fn fill_a_segment(bank: &Bank) {
    let reference = "so that a segment is full ".repeat(5);
    for _ in 0..200 {
        bank.transfer(Transfer::new(number("C"), number("D"), won(1)).with_reference(&reference)).unwrap();
    }
}

fn checked(directory: &Path) -> Result<Report, (Position, String)> {
    check(directory, Options { deep: true }).map_err(|error| match error {
        CheckError::Fault { position, what } => (position, what),
        other => panic!("{other}"),
    })
}

/// The description of what was reversed twice of one of the commands.
fn told(what: &str, position: u64, records: &str) -> String {
    let id = id(what);
    format!(
        "step 0 of the command {id} at {position} moved 100 and was reversed by 160 in all, in the records {records}: \
         account A has 60 too much, and account B 60 too little; `jangbu repair reversal {id} --step 0` returns it"
    )
}

fn repair(what: &str) -> RepairReversals {
    RepairReversals::of(id(what)).with_id(id(&format!("repair {what}")))
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

#[test]
fn a_step_reversed_twice_is_reported_everywhere() {
    let copy = twice();
    let expected =
        (Position::new(21), format!("{}; {}", told("linked 1", 12, "15, 21"), told("linked 2", 13, "17, 23")));
    assert_eq!(checked(copy.path()).unwrap_err(), expected);
    // The check of a running bank, a backup of it and archiving report the same.
    let at_work = open_async(copy.path());
    let said = block_on(at_work.check(Arc::default())).unwrap_err().to_string();
    assert!(said.contains(&expected.1), "{said}");
    let bank = Bank::from(at_work);
    assert_eq!(bank.snapshot(number("A")).unwrap().posted.minor_units(), 5_100);
    let backup = tempfile::tempdir().unwrap();
    bank.backup(backup.path()).unwrap();
    assert!(verify_backup(backup.path()).unwrap_err().to_string().contains(&expected.1));
    fill_a_segment(&bank);
    bank.close().unwrap();
    let moved = archive(copy.path(), backup.path().join("archive"), Which::AllBut(0));
    assert!(moved.unwrap_err().to_string().contains(&expected.1));
}

#[test]
fn a_repair_returns_the_excess_and_later_reversals_count_correctly() {
    let copy = twice();
    let bank = open(copy.path());
    let posted = |account: &str| bank.snapshot(number(account)).unwrap().posted.minor_units();
    // By the usual rules: an account that has spent the money needs it again.
    let spent = bank.transfer(Transfer::new(number("A"), number("D"), won(5_090))).unwrap();
    let poor = Refusal::InsufficientFunds { available: won(10), needed: won(60) };
    assert_eq!(refused(bank.repair_reversals(RepairReversals::of(id("linked 1")))), poor);
    bank.reverse(Reverse::all(spent.id)).unwrap();
    for what in ["linked 1", "linked 2"] {
        let Outcome::Posted(receipt) = bank.repair_reversals(repair(what)).unwrap() else { panic!("nothing moved") };
        assert_eq!((receipt.amount, receipt.fee), (won(60), won(0)));
        // At most once per id, and nothing is left to repair under another id.
        assert_eq!(bank.repair_reversals(repair(what)).unwrap(), Outcome::Posted(receipt));
        let again = refused(bank.repair_reversals(RepairReversals::of(id(what))));
        assert_eq!(again, Refusal::ReversalsSound { original: id(what) });
        // Both steps count correctly: the first is fully reversed, the second by 60.
        assert_eq!([0, 1].map(|step| bank.reversible(id(what), step).unwrap()), [Some(won(0)), Some(won(40))]);
    }
    assert_eq!([posted("A"), posted("B")], [4_980, 5_020]);
    let entry = &bank.history(number("B"), HistoryQuery::default()).unwrap().data[0];
    assert_eq!((entry.change.minor_units(), entry.counterparty), (60, Some(number("A"))));
    let movements = bank.movements_of(id("repair linked 1")).unwrap();
    assert_eq!((movements.len(), movements[0].original), (1, Some(id("linked 1"))));
    // A sound movement needs no repair, and an unknown command has no reversals.
    let sound = refused(bank.repair_reversals(RepairReversals::of(id("linked 0"))));
    assert_eq!(sound, Refusal::ReversalsSound { original: id("linked 0") });
    let cash = refused(bank.repair_reversals(RepairReversals::of(id("deposit A"))));
    assert_eq!(cash, Refusal::NotReversible { original: id("deposit A") });

    let part = Reverse { step: 1, ..Reverse::part(id("linked 1"), won(30)) };
    bank.reverse(part).unwrap();
    bank.close().unwrap();
    checked(copy.path()).unwrap();
    let bank = open(copy.path());
    assert_eq!([0, 1].map(|step| bank.reversible(id("linked 1"), step).unwrap()), [Some(won(0)), Some(won(10))]);
    let backup = tempfile::tempdir().unwrap();
    bank.backup(backup.path()).unwrap();
    verify_backup(backup.path()).unwrap();
    bank.close().unwrap();
}

#[test]
fn a_repaired_journal_can_be_archived_and_continues() {
    let copy = twice();
    let bank = open(copy.path());
    bank.repair_reversals(repair("linked 1")).unwrap();
    bank.repair_reversals(repair("linked 2")).unwrap();
    fill_a_segment(&bank);
    let original = Transfer::new(number("D"), number("C"), won(50));
    bank.transfer(original.clone()).unwrap();
    bank.reverse(Reverse::part(original.id, won(20))).unwrap();
    bank.close().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let archived = elsewhere.path().join("archive");
    archive(copy.path(), &archived, Which::AllBut(0)).unwrap();
    checked(copy.path()).unwrap();
    let bank = open(copy.path());
    assert!(matches!(refused(bank.reverse(Reverse::all(id("linked 1")))), Refusal::Archived { .. }));
    assert!(matches!(refused(bank.repair_reversals(RepairReversals::of(id("linked 2")))), Refusal::Archived { .. }));
    bank.reverse(Reverse::part(original.id, won(10))).unwrap();
    bank.close().unwrap();
    checked(copy.path()).unwrap();
    check_with_archives(copy.path(), Options { deep: true }, &[archived]).unwrap();
}

/// The repairs of the fixture, in words.
fn repairs(journal: &Path) -> String {
    let mut text = String::new();
    verify(&RealDisk, journal, |record| {
        if let Body::ReversalsRepaired(_) = &record.body {
            let body = serde_json::to_value(&record.body).unwrap();
            text += &format!("{} {} {} {body} {:?}\n", record.position, record.id, record.date, record.links);
        }
        Ok::<(), JournalError>(())
    })
    .unwrap();
    text
}

#[test]
fn repairs_of_format_1_stay_readable() {
    let folder = fixture("bank-repaired");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        let copy = twice();
        let bank = open(copy.path());
        bank.repair_reversals(repair("linked 1")).unwrap();
        bank.deposit(CashPosting::new(number("A"), won(1)).with_id(id("between"))).unwrap();
        bank.repair_reversals(repair("linked 2")).unwrap();
        bank.repair_reversals(repair("linked 0")).unwrap_err();
        bank.close().unwrap();
        let _nothing_there = std::fs::remove_dir_all(&folder);
        copy_journal(copy.path(), &folder);
        std::fs::write(folder.join("records.txt"), repairs(&folder.join("journal"))).unwrap();
    }
    assert_eq!(repairs(&folder.join("journal")), std::fs::read_to_string(folder.join("records.txt")).unwrap());
    let copy = tempfile::tempdir().unwrap();
    copy_journal(&folder, copy.path());
    checked(copy.path()).unwrap();
    let bank = open(copy.path());
    let again = refused(bank.repair_reversals(repair("linked 0")));
    assert_eq!(again, Refusal::ReversalsSound { original: id("linked 0") }, "a refusal as it was recorded");
    assert_eq!(bank.reversible(id("linked 2"), 1).unwrap(), Some(won(40)));
    bank.close().unwrap();
}
