//! The disk is really full: a small file system, if the test may mount one.

use std::path::Path;
use std::process::Command;

use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{self, check};
use jangbu_actors::{BankError, Error, OpenError};

use crate::STARTING;
use crate::proof::{Told, holds_when_repeated, picture};
use crate::script;

const SEED: u64 = 5;

/// A file system in memory, unmounted at the end.
struct Mounted<'a>(&'a Path);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        run(Command::new("umount").arg("-l").arg(self.0));
    }
}

fn run(command: &mut Command) -> bool {
    let _alone = STARTING.write().unwrap();
    command.output().is_ok_and(|output| output.status.success())
}

fn mount(at: &Path, options: &str) -> bool {
    run(Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at))
}

fn open(directory: &Path) -> Result<Bank, OpenError> {
    jangbu_actors::Bank::builder().segment_bytes(256 * 1024).open(directory).map(Bank::from)
}

/// Submits commands until the bank refuses them.
fn fill(bank: &Bank, told: &mut Told) -> Error {
    for first in (0..u64::MAX).step_by(20) {
        match bank.submit((first..first + 20).map(|n| script::command(SEED, n)).collect()) {
            Ok(answers) => told.extend((first..).zip(answers)),
            Err(error) => return error,
        }
    }
    unreachable!("the disk has an end")
}

#[test]
fn a_full_disk_stops_the_bank_and_loses_nothing() {
    let scratch = tempfile::tempdir().unwrap();
    if !mount(scratch.path(), "size=5m") {
        eprintln!("skipped: no file system can be mounted here");
        return;
    }
    let mounted = Mounted(scratch.path());
    let directory = scratch.path().join("bank");
    let mut told = Told::new();
    {
        let _shared = STARTING.read().unwrap();
        let bank = open(&directory).unwrap();
        let error = fill(&bank, &mut told);
        assert!(matches!(error, Error::Bank(BankError::OutcomeUnknown | BankError::Failed(_))), "{error:?}");
        let error = bank.submit(vec![script::command(SEED, 0)]).unwrap_err();
        assert!(matches!(&error, Error::Bank(BankError::Failed(why)) if why.contains("No space left")), "{error:?}");
        assert!(bank.close().is_err());
    }
    assert!(told.len() > 100, "only {} answers", told.len());
    assert!(mount(scratch.path(), "remount,size=64m"));
    let shared = STARTING.read().unwrap();
    let bank = open(&directory).unwrap();
    holds_when_repeated(&bank, SEED, &told);
    picture(&bank);
    bank.close().unwrap();
    check(&directory, check::Options { deep: true }).unwrap();
    drop(shared);
    drop(mounted);
}
