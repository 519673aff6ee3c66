//! Opening a bank that was not closed and was changed afterwards: it refuses, or has every acknowledged record. Also
//! accepting a loss, interrupted at any point.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::archive::{Which, archive};
use jangbu_actors::backup::BackupError;
use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{self, check};
use jangbu_actors::command::{CashPosting, OpenAccount};
use jangbu_actors::journal::JournalError;
use jangbu_actors::journal::disk::{Disk, Fault, FaultDisk, RealDisk};
use jangbu_actors::ledger::{AccountNumber, Amount, OwnerId, Position, RecordPut};
use jangbu_actors::recover::{self, RecoverError, accept_loss_on};
use jangbu_actors::{OpenError, check::CheckError};
use tempfile::TempDir;

use crate::failing::open;
use crate::power::copy;
use crate::script::{Dice, is_long};

fn amount(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

fn mina() -> AccountNumber {
    AccountNumber::new("mina").unwrap()
}

fn balance(bank: &Bank) -> i64 {
    bank.snapshot(mina()).unwrap().posted.minor_units()
}

/// Acknowledged commands: an account, ten deposits of 1, and an application record full of zeros.
fn begin(bank: &Bank) {
    bank.open_account(OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(mina())).unwrap();
    for _ in 0..10 {
        bank.deposit(CashPosting::new(mina(), amount(1))).unwrap();
    }
}

fn zeros(bank: &Bank) {
    let put = RecordPut { kind: "note".into(), key: "zeros".into(), value: Some(vec![0; 4_096]), expected: None };
    bank.put_records(vec![put]).unwrap();
}

/// A bank after a kill whose last frame is a deposit, or has sectors of zeros; with or without a stored state.
fn killed(with_zeros: bool, with_state: bool) -> (TempDir, PathBuf) {
    let scratch = tempfile::tempdir().unwrap();
    let (data, left) = (scratch.path().join("data"), scratch.path().join("left"));
    let bank = open(Arc::new(RealDisk), &data).unwrap();
    begin(&bank);
    if with_zeros {
        zeros(&bank);
    }
    if with_state {
        bank.checkpoint().unwrap();
    }
    copy(&data.join("journal"), &left.join("journal"));
    if with_state {
        copy(&data.join("state"), &left.join("state"));
    }
    bank.close().unwrap();
    (scratch, left)
}

fn segment(data: &Path) -> PathBuf {
    data.join("journal/000000000001.segment")
}

/// The start of the last frame, and the end of its last non-zero byte.
fn last_frame(bytes: &[u8]) -> std::ops::Range<usize> {
    let start = (0..bytes.len()).step_by(512).rfind(|at| bytes[*at..].starts_with(b"JBFR")).unwrap();
    start..bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1
}

/// Opens a copy of `left` with a changed segment: an error, or all ten deposits and the record.
fn opens_whole_or_not(left: &Path, bytes: &[u8], with_zeros: bool, what: &str) -> Option<OpenError> {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("data");
    copy(left, &data);
    std::fs::write(segment(&data), bytes).unwrap();
    match open(Arc::new(RealDisk), &data) {
        Ok(bank) => {
            assert_eq!(balance(&bank), 10, "{what}: an acknowledged deposit is missing");
            assert_eq!(bank.record("note", "zeros").unwrap().is_some(), with_zeros, "{what}: a record is missing");
            None
        }
        Err(error) => {
            assert_eq!(std::fs::read(segment(&data)).unwrap(), bytes, "{what}: a journal that is refused was changed");
            Some(error)
        }
    }
}

pub(crate) fn no_flipped_bit_loses_an_acknowledged_record() {
    for (with_zeros, with_state) in [(false, false), (true, false), (false, true)] {
        let (_scratch, left) = killed(with_zeros, with_state);
        let bytes = std::fs::read(segment(&left)).unwrap();
        let frame = last_frame(&bytes);
        // The journal's own tests flip every bit of the frames before the last.
        let bits = frame.start * 8..frame.end.next_multiple_of(512) * 8 + 4_096;
        let mut dice = Dice(17);
        let sample: Vec<usize> = match is_long() {
            // The journal's own tests flip each.
            true => bits.step_by(11).collect(),
            false => (0..60).map(|_| bits.start + dice.below((bits.end - bits.start) as u64) as usize).collect(),
        };
        // In any case the header's length and magic, the checksums and the first of the payload.
        let header = [0, 4, 6, 8, 16, 20, 21, 24, 28, 32, 64].map(|byte| (frame.start + byte) * 8 + 1);
        for bit in sample.into_iter().chain(header) {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let error = opens_whole_or_not(&left, &damaged, with_zeros, &format!("bit {bit}, state: {with_state}"));
            let in_frame = bit / 8 < frame.end;
            assert!(!in_frame || error.is_some(), "bit {bit} of the last frame goes unnoticed");
        }
    }
}

#[test]
fn a_flipped_bit_in_an_unclosed_bank_loses_no_acknowledged_record() {
    no_flipped_bit_loses_an_acknowledged_record();
}

/// Zeroed sectors look like ones that were never written. If the stored state includes their contents, the loss is
/// known.
#[test]
fn a_stored_state_proves_that_records_are_missing() {
    let (_scratch, left) = killed(false, true);
    let bytes = std::fs::read(segment(&left)).unwrap();
    let frame = last_frame(&bytes);
    let before = last_frame(&bytes[..frame.start]);
    for start in [frame.start, before.start, 4_096] {
        let mut emptied = bytes.clone();
        emptied[start..].fill(0);
        let error = opens_whole_or_not(&left, &emptied, false, "zeroed").unwrap();
        let refused = match error {
            OpenError::RecordsMissing { end, reach } => end < reach,
            // The whole contents, as if no bank had been created, although there is a state.
            OpenError::JournalMissing { beside, .. } => start == 4_096 && beside == "state",
            _ => false,
        };
        assert!(refused, "zeroed from {start}");
    }
    // Also if the state itself failed when it was last used.
    std::fs::write(left.join("state.distrusted"), b"it failed").unwrap();
    let mut emptied = bytes;
    emptied[frame].fill(0);
    let error = opens_whole_or_not(&left, &emptied, false, "distrusted").unwrap();
    assert!(matches!(error, OpenError::RecordsMissing { .. }), "{error}");
    // Archiving does not repair the journal on the way.
    std::fs::write(segment(&left), &emptied).unwrap();
    let refused = archive(&left, left.with_file_name("old"), Which::AllBut(0)).unwrap_err();
    assert!(matches!(refused, BackupError::Open(OpenError::RecordsMissing { .. })), "{refused}");
}

#[test]
fn no_bank_is_created_where_a_journal_is_missing() {
    for beside in ["state", "keys", "state.aside", "state.distrusted"] {
        for journal in [false, true] {
            let data = tempfile::tempdir().unwrap();
            std::fs::write(data.path().join(beside), b"left").unwrap();
            if journal {
                std::fs::create_dir(data.path().join("journal")).unwrap();
            }
            let error = open(Arc::new(RealDisk), data.path()).map(drop).unwrap_err();
            assert!(matches!(error, OpenError::JournalMissing { .. }), "{beside}: {error}");
            let made = std::fs::read_dir(data.path()).unwrap().count();
            assert_eq!(made, 1 + usize::from(journal), "{beside}: something was made");
        }
    }
    let nothing = tempfile::tempdir().unwrap();
    for builder in [jangbu_actors::Bank::builder().create(false), jangbu_actors::Bank::builder().read_only(true)] {
        let error = builder.open(nothing.path()).map(drop).unwrap_err();
        assert!(matches!(error, OpenError::NoBank(_)), "{error}");
        assert_eq!(std::fs::read_dir(nothing.path()).unwrap().count(), 0);
    }
}

#[test]
fn readers_change_nothing_and_exclude_writers() {
    let (_scratch, left) = killed(false, true);
    let read = || jangbu_actors::Bank::builder().read_only(true).open(&left).map(Bank::from);
    let (one, other) = (read().unwrap(), read().unwrap());
    assert_eq!((balance(&one), balance(&other)), (10, 10));
    let refused = one.deposit(CashPosting::new(mina(), amount(1))).unwrap_err();
    assert!(matches!(refused, jangbu_actors::Error::Bank(jangbu_actors::BankError::ReadOnly)), "{refused}");
    assert!(matches!(open(Arc::new(RealDisk), &left), Err(OpenError::InUse(_))));
    one.close().unwrap();
    other.close().unwrap();
    let writer = open(Arc::new(RealDisk), &left).unwrap();
    assert!(matches!(read(), Err(OpenError::InUse(_))));
    writer.close().unwrap();
}

/// Whatever files are removed, a second process is excluded, even if only the journal's directory is the same.
#[test]
fn a_bank_in_use_stays_locked_whatever_is_removed() {
    let scratch = tempfile::tempdir().unwrap();
    let (data, other) = (scratch.path().join("data"), scratch.path().join("other"));
    let bank = open(Arc::new(RealDisk), &data).unwrap();
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::remove_file(path).unwrap();
        }
    }
    std::fs::create_dir(&other).unwrap();
    std::os::unix::fs::symlink(data.join("journal"), other.join("journal")).unwrap();
    for directory in [&data, &other] {
        assert!(matches!(open(Arc::new(RealDisk), directory), Err(OpenError::InUse(_))));
        assert!(matches!(check(directory, check::Options::default()), Err(CheckError::InUse(_))));
        let accepted = recover::accept_loss_after(directory, Position::new(1));
        assert!(matches!(accepted, Err(RecoverError::Open(OpenError::InUse(_)))));
    }
    begin(&bank);
    bank.close().unwrap();
}

/// A bank on a disk in memory with a damaged last frame, the position of its last sound record, and the bytes that are
/// cut off.
fn damaged(directory: &Path) -> (FaultDisk, Position, Vec<u8>) {
    let disk = FaultDisk::new();
    let bank = open(Arc::new(disk.clone()), directory).unwrap();
    begin(&bank);
    let end = bank.stats().durable;
    let left = disk.power_cut(1);
    drop(bank);
    std::fs::remove_dir_all(directory.join("state")).unwrap();
    let path = segment(directory);
    let mut bytes = left.read_file(&path).unwrap();
    let frame = last_frame(&bytes);
    bytes[frame.start + 100] ^= 1;
    left.put_file(&path, bytes.clone());
    (left, Position::new(end.get() - 1), bytes[frame].to_vec())
}

fn kept(disk: &FaultDisk, cut: &[u8]) -> bool {
    disk.files().iter().any(|(path, bytes)| path.to_string_lossy().contains("lost-after-") && bytes.starts_with(cut))
}

#[test]
fn a_loss_is_accepted_only_at_its_exact_position_and_is_recorded() {
    let scratch = tempfile::tempdir().unwrap();
    let (disk, sound, cut) = damaged(scratch.path());
    let on: Arc<dyn Disk> = Arc::new(disk.clone());
    let before = disk.files();
    assert!(matches!(open(Arc::clone(&on), scratch.path()), Err(OpenError::Journal(JournalError::Damaged { .. }))));
    for wrong in [sound.get() - 1, sound.get() + 1] {
        let error = accept_loss_on(&on, scratch.path(), Position::new(wrong)).unwrap_err();
        assert!(matches!(error, RecoverError::AnotherPosition { sound: found, .. } if found == sound), "{error}");
    }
    assert_eq!(disk.files(), before, "something was changed");
    let report = accept_loss_on(&on, scratch.path(), sound).unwrap();
    assert_eq!((report.after, report.recorded_at), (sound, sound.next()));
    assert!(kept(&disk, &cut));
    let error = accept_loss_on(&on, scratch.path(), sound.next()).unwrap_err();
    assert!(matches!(error, RecoverError::NothingMissing(_)), "{error}");
    let bank = open(on, scratch.path()).unwrap();
    assert_eq!(balance(&bank), 9);
    let said = bank.records(recover::ACCEPTED_LOSS, "", None, 10).unwrap().data;
    assert_eq!(said.len(), 1);
    assert!(String::from_utf8_lossy(&said[0].value).contains(&format!("position {sound}")), "{said:?}");
    bank.close().unwrap();
}

/// At each file operation of accepting a loss, the operation fails or the power is cut: the bank is refused or has the
/// accepted state, and repeating it completes it.
#[test]
fn accepting_a_loss_can_be_interrupted_anywhere() {
    let scratch = tempfile::tempdir().unwrap();
    let (damaged, sound, cut) = damaged(scratch.path());
    let accept = |disk: &FaultDisk| accept_loss_on(&(Arc::new(disk.clone()) as Arc<dyn Disk>), scratch.path(), sound);
    let whole = damaged.power_cut(0);
    let first = whole.operations();
    accept(&whole).unwrap();
    let total = whole.operations() - first;
    let mut interrupted = 0;
    let every = if is_long() { 1 } else { 4 };
    for operation in (0..total).filter(|operation| is_long() || *operation + 12 > total || operation % every == 0) {
        let disk = damaged.power_cut(0);
        disk.fail_from(
            disk.operations() + operation,
            [Fault::Io, Fault::Halt, Fault::ShortWrite][operation as usize % 3],
        );
        assert!(accept(&disk).is_err(), "operation {operation} of {total}");
        disk.heal();
        let image = disk.power_cut(operation * 7);
        let recorded = |image: &FaultDisk| {
            let bank = open(Arc::new(image.clone()), scratch.path())?;
            assert_eq!(balance(&bank), 9, "operation {operation}");
            assert!(kept(image, &cut), "operation {operation}: what was cut off is not kept");
            let said = bank.records(recover::ACCEPTED_LOSS, "", None, 10).unwrap().data;
            assert_eq!(said.len(), 1, "operation {operation}: opened, and the loss is not recorded");
            drop(bank);
            let _built_again = std::fs::remove_dir_all(scratch.path().join("state"));
            Ok::<(), OpenError>(())
        };
        if recorded(&image).is_err() {
            interrupted += 1;
            accept(&image).unwrap_or_else(|error| panic!("operation {operation}, again: {error}"));
            recorded(&image).unwrap();
        }
    }
    assert!(interrupted > 15, "only {interrupted} interruptions: the test tests little");
}

/// The newest segment is completely gone, with or without a trace of it in the journal.
#[test]
fn a_missing_newest_segment_prevents_opening_until_its_loss_is_accepted() {
    for with_trace in [true, false] {
        let scratch = tempfile::tempdir().unwrap();
        let data = scratch.path().join("data");
        let bank = open(Arc::new(RealDisk), &data).unwrap();
        begin(&bank);
        let path = |number: u64, kind: &str| data.join(format!("journal/{number:012}.{kind}"));
        let mut sum = 10;
        while !path(3, "segment").exists() {
            sum += 1;
            bank.deposit(CashPosting::new(mina(), amount(1))).unwrap();
        }
        bank.close().unwrap();
        std::fs::rename(path(3, "segment"), scratch.path().join("third")).unwrap();
        if !with_trace {
            // As if the second segment had not been sealed yet: full length, no sidecar.
            std::fs::remove_file(path(2, "index")).unwrap();
            std::fs::File::options().write(true).open(path(2, "segment")).unwrap().set_len(16 * 1024).unwrap();
        }
        let error = open(Arc::new(RealDisk), &data).map(drop).unwrap_err().to_string();
        assert!(error.contains("missing"), "{error}");
        let lost = recover::survey(&data).unwrap().unwrap();
        let report = recover::accept_loss_after(&data, lost.after).unwrap();
        assert!(report.kept_in.join("state").is_dir());
        let bank = open(Arc::new(RealDisk), &data).unwrap();
        assert!((1..sum).contains(&balance(&bank)), "{}", balance(&bank));
        bank.deposit(CashPosting::new(mina(), amount(1))).unwrap();
        bank.close().unwrap();
        check(&data, check::Options { deep: true }).unwrap();
    }
}
