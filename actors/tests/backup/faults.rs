//! A backup or a restore is interrupted by a failing operation, a full disk or a power cut. The earlier backup stays
//! usable, the bank continues, and incomplete work never passes for complete.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::backup::{self, BackupError};
use jangbu_actors::blocking::Bank;
use jangbu_actors::journal::disk::{Fault, FaultDisk};
use jangbu_actors::journal::{FileJournal, FileOptions, JournalError, verify};
use jangbu_actors::ledger::Position;
use tempfile::TempDir;

use crate::support::{back_up, found, open_on, pay};

/// A running bank with its journal on a failing disk.
struct Running {
    scratch: TempDir,
    disk: FaultDisk,
    bank: Bank,
}

impl Running {
    fn new(transfers: u64) -> Running {
        let scratch = tempfile::tempdir().unwrap();
        let disk = FaultDisk::new();
        let bank = open_on(Arc::new(disk.clone()), &scratch.path().join("data"));
        found(&bank);
        pay(&bank, 0..transfers);
        Running { scratch, disk, bank }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Makes the `step`th operation of the backup fail. The bank's own disk operations succeed.
    fn fail(&self, step: u64, fault: Fault, lasting: bool) {
        self.disk.fail_on("jangbu-backup", step, fault, lasting);
    }
}

const FAULTS: [(Fault, bool); 4] =
    [(Fault::NoSpace, true), (Fault::Io, false), (Fault::ShortWrite, true), (Fault::Io, true)];

fn end_of(disk: &FaultDisk, copies: &Path) -> Result<Position, BackupError> {
    backup::verify_backup_on(disk, copies).map(|report| report.end)
}

#[test]
fn an_interrupted_backup_leaves_the_earlier_one_usable() {
    let bank = Running::new(250);
    let copies = bank.path("copies");
    let keys = |position: Position| format!("the keys at {position}");
    let backed_up = |bank: &Bank| back_up(bank, &copies, &keys(bank.stats().durable), false);
    let mut last = backed_up(&bank.bank).unwrap().position;
    let (mut interrupted, mut paid) = (0, 10_000);
    // There are four kinds of faults, so each gets its turn.
    for step in (0..).step_by(if std::env::var_os("JANGBU_LONG").is_some() { 1 } else { 3 }) {
        pay(&bank.bank, paid..paid + 4);
        paid += 4;
        let (fault, lasting) = FAULTS[usize::try_from(step).unwrap() % FAULTS.len()];
        bank.fail(step, fault, lasting);
        let result = backed_up(&bank.bank);
        let image = bank.disk.power_cut(step);
        bank.disk.heal();
        let what = format!("{fault:?} at step {step}: {result:?}");
        let durable = bank.bank.stats().durable;
        for disk in [&bank.disk, &image] {
            let end = end_of(disk, &copies).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert!(end == last || end == durable, "{what}: {end}");
            assert!(result.is_err() || end == durable, "{what}: {end}");
            // If it is opened as it is, it has at least that.
            let seen = verify(disk, &copies.join("journal"), |_| Ok::<(), JournalError>(()));
            assert!(seen.unwrap_or_else(|error| panic!("{what}: {error}")).records >= end.get(), "{what}");
        }
        if step % 5 == 0 {
            let restored = bank.path(&format!("restored-{step}"));
            let checked = backup::restore_on(&image, &copies, &restored).unwrap().checked;
            assert!(checked.end == last || checked.end == durable);
            let found = image.read_file(&restored.join("keys")).unwrap();
            assert_eq!(found, keys(checked.end).into_bytes(), "{what}: the keys are of another moment");
        }
        // The next backup is complete, whatever remains exist.
        last = backed_up(&bank.bank).unwrap_or_else(|error| panic!("{what}, then: {error}")).position;
        let beside = bank.disk.files().into_iter().filter(|(path, _)| path.parent() == Some(&*copies)).count();
        assert_eq!(beside, 3, "{what}: the manifest, and two copies of the newest keys");
        assert_eq!((end_of(&bank.disk, &copies).unwrap(), last), (durable, durable), "{what}");
        // A single failed read may at worst cause a segment to be copied again.
        if result.is_ok() && lasting {
            break;
        }
        interrupted += u32::from(result.is_err());
    }
    assert!(interrupted > 30, "only {interrupted}");
    bank.bank.close().unwrap();
}

#[test]
fn an_interrupted_first_backup_can_be_repeated() {
    let bank = Running::new(120);
    let (mut interrupted, mut step) = (0, 0);
    loop {
        let copies = bank.path(&format!("copies-{step}"));
        let (fault, lasting) = FAULTS[usize::try_from(step).unwrap() % FAULTS.len()];
        bank.fail(step, fault, lasting);
        let result = bank.bank.backup(&copies);
        let image = bank.disk.power_cut(step);
        bank.disk.heal();
        for disk in [&bank.disk, &image] {
            match (end_of(disk, &copies), &result) {
                (Ok(end), _) => assert_eq!(end, bank.bank.stats().durable),
                (Err(BackupError::NoManifest(_) | BackupError::Incomplete(_)), Err(_)) => {}
                (other, result) => panic!("{fault:?} at step {step}: {other:?} after {result:?}"),
            }
        }
        bank.bank.backup(&copies).unwrap_or_else(|error| panic!("{fault:?} at step {step}, then: {error}"));
        assert_eq!(end_of(&bank.disk, &copies).unwrap(), bank.bank.stats().durable);
        if result.is_ok() {
            break;
        }
        interrupted += 1;
        step += 1;
    }
    assert!(interrupted > 40, "only {interrupted}");
    bank.bank.close().unwrap();
}

/// A partly restored bank would look like a complete one with fewer records.
#[test]
fn an_interrupted_restore_is_never_taken_for_a_bank() {
    let bank = Running::new(250);
    let copies = bank.path("copies");
    let whole = bank.bank.backup(&copies).unwrap().position;
    bank.bank.clone().close().unwrap();
    let disk = bank.disk.power_cut(0);
    let (mut interrupted, mut step, mut half) = (0, 0, 0);
    loop {
        let restored = bank.path(&format!("restored-{step}"));
        let (fault, lasting) = FAULTS[usize::try_from(step).unwrap() % FAULTS.len()];
        let disk = disk.power_cut(0);
        match lasting {
            true => disk.fail_from(step, fault),
            false => disk.fail_once(step, fault),
        }
        let result = backup::restore_on(&disk, &copies, &restored);
        disk.heal();
        for image in [disk.clone(), disk.power_cut(step), disk.power_cut(step + 1_000)] {
            let dir = restored.join("journal");
            let began = image.files().iter().any(|(path, _)| path.starts_with(&dir));
            let options = FileOptions { segment_bytes: 16 * 1024, in_background: false };
            match FileJournal::open(Arc::new(image), &dir, options) {
                Ok(journal) if began => assert_eq!(journal.end(), whole, "{fault:?} at step {step}: {result:?}"),
                Ok(journal) => assert_eq!(journal.end(), Position::START, "a new bank"),
                Err(JournalError::HalfRestored(_)) => half += 1,
                Err(error) => panic!("{fault:?} at step {step}: {error}"),
            }
            assert!(result.is_err() || began, "{fault:?} at step {step}: {result:?}");
        }
        if result.is_ok() {
            break;
        }
        interrupted += 1;
        step += 1;
    }
    assert!(interrupted > 60 && half > 60, "only {interrupted}, {half}");
}

/// The disk corrupts a write silently: a backup that is reported complete is complete on the medium.
#[test]
fn a_backup_corrupted_on_the_medium_is_not_reported_complete() {
    let bank = Running::new(60);
    let mut refused = 0;
    for write in 0.. {
        let copies = bank.path(&format!("copies-{write}"));
        bank.disk.garble_under(&copies, write);
        let result = back_up(&bank.bank, &copies, "keys", false);
        let came = bank.disk.has_garbled();
        bank.disk.heal();
        let image = bank.disk.power_cut(write);
        match &result {
            Ok(report) => assert_eq!(end_of(&image, &copies).unwrap(), report.position, "write {write}"),
            Err(_) => refused += 1,
        }
        back_up(&bank.bank, &copies, "keys", false).unwrap_or_else(|error| panic!("write {write}, then: {error}"));
        end_of(&bank.disk.power_cut(write), &copies).unwrap_or_else(|error| panic!("write {write}, then: {error}"));
        if !came {
            break;
        }
    }
    assert!(refused > 5, "only {refused}");
    bank.bank.close().unwrap();
}
