//! Each file operation of the journal fails in turn, once or permanently: the bank stops, and every acknowledged
//! command survives.

use std::path::Path;
use std::sync::Arc;

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::CashPosting;
use jangbu_actors::journal::disk::{Disk, Fault, FaultDisk};
use jangbu_actors::ledger::{AccountNumber, Timestamp};
use jangbu_actors::{BankError, Error, HistoryQuery, OpenError, clock};

use crate::proof::{Told, holds_in_journal, holds_when_repeated, picture};
use crate::script::{self, Dice, amount};

const SEED: u64 = 42;

/// Opens a bank with its journal on `disk` and a clock that stands still: nothing falls due that was not due at the
/// last record.
pub(crate) fn open(disk: Arc<dyn Disk>, directory: &Path) -> Result<Bank, OpenError> {
    open_with(disk, directory, clock::SteppedClock::starting_at(Timestamp::from_ns(1_767_225_600_000_000_000)))
}

/// Opens a bank with its journal on `disk`.
pub(crate) fn open_with(
    disk: Arc<dyn Disk>,
    directory: &Path,
    clock: Arc<clock::SteppedClock>,
) -> Result<Bank, OpenError> {
    let builder = jangbu_actors::Bank::builder().segment_bytes(16 * 1024).checkpoint_records(40).clock(clock);
    builder.disk(disk).open(directory).map(Bank::from)
}

/// Works through the script in small batches up to `until`; returns an error if the bank stopped.
fn work(bank: &Bank, until: u64, told: &mut Told) -> Result<(), Error> {
    for first in (0..until).step_by(3) {
        let numbers: Vec<u64> = (first..until.min(first + 3)).collect();
        let answers = bank.submit(numbers.iter().map(|n| script::command(SEED, *n)).collect())?;
        told.extend(numbers.into_iter().zip(answers));
    }
    Ok(())
}

/// Every call of a stopped bank returns an error.
fn is_stopped(bank: &Bank, error: &Error) {
    assert!(matches!(error, Error::Bank(BankError::OutcomeUnknown | BankError::Failed(_))), "{error:?}");
    let account = AccountNumber::new("A0").unwrap();
    for _ in 0..3 {
        let failed = |error: &Error| matches!(error, Error::Bank(BankError::Failed(_)));
        assert!(failed(&bank.deposit(CashPosting::new(account, amount(1))).unwrap_err()));
        assert!(failed(&bank.submit(vec![script::command(SEED, 0)]).unwrap_err()), "even a repeated command");
        assert!(failed(&bank.snapshot(account).unwrap_err()));
        assert!(failed(&bank.history(account, HistoryQuery::default()).unwrap_err()));
        assert!(matches!(bank.movement(script::id(SEED, 20)), Err(BankError::Failed(_))));
        assert!(matches!(bank.records("note", "", None, 1), Err(BankError::Failed(_))));
        assert!(matches!(bank.checkpoint(), Err(BankError::Failed(_))));
    }
}

/// Opens what is left, checks every answer, and continues.
fn goes_on(disk: &FaultDisk, directory: &Path, told: &Told, until: u64, what: &str) {
    let bank = open(Arc::new(disk.clone()), directory).unwrap_or_else(|error| panic!("{what}: {error}"));
    holds_when_repeated(&bank, SEED, told);
    picture(&bank);
    let mut all = told.clone();
    work(&bank, until, &mut all).unwrap_or_else(|error| panic!("{what}: {error}"));
    for (n, answer) in told {
        assert_eq!(all[n], *answer, "{what}: command {n}");
    }
    bank.close().unwrap_or_else(|error| panic!("{what}: {error}"));
    holds_in_journal(disk, &directory.join("journal"), SEED, &all);
}

/// Returns whether the operation was reached and the bank stopped.
fn fails_at(operation: u64, fault: Fault, lasting: bool, until: u64) -> bool {
    let what = format!("operation {operation}, {fault:?}, for good: {lasting}");
    let scratch = tempfile::tempdir().unwrap();
    let (disk, mut told, mut stopped) = (FaultDisk::new(), Told::new(), false);
    match lasting {
        true => disk.fail_from(operation, fault),
        false => disk.fail_once(operation, fault),
    }
    match open(Arc::new(disk.clone()), scratch.path()) {
        Err(_) => stopped = true,
        Ok(bank) => {
            if let Err(error) = work(&bank, until, &mut told) {
                is_stopped(&bank, &error);
                stopped = true;
            }
            let closed = bank.close();
            assert!(!stopped || closed.is_err(), "{what}: a bank that stopped closes without a word");
            stopped |= closed.is_err();
        }
    }
    disk.heal();
    let cut = disk.power_cut(Dice(operation).roll());
    // The same stored state after a power cut and after a plain restart, and no stored state at all.
    goes_on(&cut, scratch.path(), &told, until, &what);
    let fresh = tempfile::tempdir().unwrap();
    let at_home = FaultDisk::new();
    for (path, bytes) in disk.files() {
        at_home.put_file(&fresh.path().join(path.strip_prefix(scratch.path()).unwrap()), bytes);
    }
    goes_on(&at_home, fresh.path(), &told, until, &what);
    stopped
}

#[test]
fn a_bank_with_a_failing_journal_stops_and_loses_no_acknowledged_command() {
    const FAULTS: [Fault; 3] = [Fault::Io, Fault::NoSpace, Fault::ShortWrite];
    let until = if script::is_long() { 240 } else { 75 };
    let scratch = tempfile::tempdir().unwrap();
    let disk = FaultDisk::new();
    let bank = open(Arc::new(disk.clone()), scratch.path()).unwrap();
    work(&bank, until, &mut Told::new()).unwrap();
    bank.close().unwrap();
    let mut stopped = 0;
    for operation in 0..disk.operations() {
        for (place, fault) in FAULTS.into_iter().enumerate() {
            if script::is_long() || operation % 3 == place as u64 {
                stopped += u64::from(fails_at(operation, fault, operation % 2 == 0, until));
                if script::is_long() {
                    stopped += u64::from(fails_at(operation, fault, operation % 2 == 1, until));
                }
            }
        }
    }
    assert!(stopped > disk.operations() / 2, "most failures stop the bank, and only {stopped} did");
}
