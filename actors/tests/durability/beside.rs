//! The segment thread fails: a segment cannot be prepared, or a sidecar cannot be written. The bank continues as long
//! as it can do without, and nothing is lost.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jangbu_actors::blocking::Bank;
use jangbu_actors::journal::disk::{Fault, FaultDisk, RealDisk};

use crate::failing::open;
use crate::proof::{Told, holds_in_journal, holds_when_repeated, picture};
use crate::script::{self, Dice};

const SEED: u64 = 77;
const HELPER: &str = "jangbu-segment";

fn give(bank: &Bank, numbers: std::ops::Range<u64>, told: &mut Told) -> Result<(), jangbu_actors::Error> {
    for n in numbers {
        let answers = bank.submit(vec![script::command(SEED, n)])?;
        told.extend(answers.into_iter().map(|answer| (n, answer)));
    }
    Ok(())
}

/// Each operation of the segment thread fails in turn, and none stops the bank.
#[test]
fn a_failure_beside_the_journal_stops_nothing_and_loses_nothing() {
    let until = 130;
    let mut failed = 0;
    // There are three kinds of faults, so each gets its turn.
    for skip in (0..).step_by(if script::is_long() { 1 } else { 4 }) {
        let fault = [Fault::NoSpace, Fault::Io, Fault::ShortWrite][skip as usize % 3];
        let what = format!("{fault:?} at operation {skip} of the helper");
        let scratch = tempfile::tempdir().unwrap();
        let (disk, mut told) = (FaultDisk::new(), Told::new());
        let bank = open(Arc::new(disk.clone()), scratch.path()).unwrap();
        disk.fail_on(HELPER, skip, fault, false);
        give(&bank, 0..until, &mut told).unwrap_or_else(|error| panic!("{what}: {error}"));
        let cut = disk.power_cut(Dice(skip).roll());
        bank.close().unwrap_or_else(|error| panic!("{what}: {error}"));
        let came = disk.has_failed();
        disk.heal();
        for (image, place) in [(disk, "closed"), (cut, "cut")] {
            let _ = std::fs::remove_dir_all(scratch.path().join("state"));
            let bank = open(Arc::new(image.clone()), scratch.path())
                .unwrap_or_else(|error| panic!("{what}, {place}: {error}"));
            holds_when_repeated(&bank, SEED, &told);
            picture(&bank);
            bank.close().unwrap_or_else(|error| panic!("{what}, {place}: {error}"));
            holds_in_journal(&image, &scratch.path().join("journal"), SEED, &told);
        }
        if !came {
            break;
        }
        failed += 1;
    }
    assert!(failed > 8, "only {failed}");
}

/// There is no space until a moment before it is needed, and finally there is none at all.
#[test]
fn a_full_disk_is_reported_and_later_space_is_used() {
    let scratch = tempfile::tempdir().unwrap();
    let (disk, mut told) = (FaultDisk::new(), Told::new());
    let bank = open(Arc::new(disk.clone()), scratch.path()).unwrap();
    disk.fail_on(HELPER, 0, Fault::NoSpace, true);
    let segments = |disk: &FaultDisk| {
        disk.files().iter().filter(|(path, _)| path.extension().is_some_and(|is| is == "segment")).count()
    };
    let mut n = 0;
    // A quarter of a segment triggers the first attempt.
    while !disk.has_failed() {
        give(&bank, n..n + 1, &mut told).unwrap();
        n += 1;
        std::thread::sleep(Duration::from_millis(1));
    }
    let before = segments(&disk);
    disk.heal();
    give(&bank, n..n + 100, &mut told).unwrap();
    assert!(segments(&disk) > before);
    disk.fail_on(HELPER, 0, Fault::NoSpace, true);
    let error = (n + 100..n + 400).find_map(|n| give(&bank, n..n + 1, &mut told).err()).expect("there is no room");
    assert!(error.to_string().contains("stopped"), "{error}");
    let error = give(&bank, 0..1, &mut Told::new()).unwrap_err().to_string();
    assert!(error.contains("cannot") && error.contains("making"), "it says what is missing: {error}");
    drop(bank);
    disk.heal();
    let bank = open(Arc::new(disk.clone()), scratch.path()).unwrap();
    holds_when_repeated(&bank, SEED, &told);
    bank.close().unwrap();
}

/// A directory is where a sidecar must be written, until it is removed.
#[test]
fn a_sidecar_that_cannot_be_written_is_written_later() {
    let scratch = tempfile::tempdir().unwrap();
    let mut told = Told::new();
    let bank = open(Arc::new(RealDisk), scratch.path()).unwrap();
    let index = scratch.path().join("journal/000000000001.index");
    let obstacle = scratch.path().join("journal/000000000001.index.making");
    std::fs::create_dir(&obstacle).unwrap();
    give(&bank, 0..150, &mut told).unwrap();
    assert!(scratch.path().join("journal/000000000002.segment").exists() && !index.exists());
    holds_when_repeated(&bank, SEED, &told);
    std::fs::remove_dir(&obstacle).unwrap();
    let began = Instant::now();
    while !index.exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "the sidecar is not tried again");
        std::thread::sleep(Duration::from_millis(5));
    }
    holds_when_repeated(&bank, SEED, &told);
    bank.close().unwrap();
    // Permanently: the ids of some segments are kept in memory, but not of arbitrarily many.
    let bank = open(Arc::new(RealDisk), scratch.path()).unwrap();
    for number in 1..60 {
        let obstacle = scratch.path().join(format!("journal/{number:012}.index.making"));
        std::fs::create_dir(obstacle).unwrap();
    }
    let error = (150..3_000).find_map(|n| give(&bank, n..n + 1, &mut told).err()).expect("too much is unsealed");
    assert!(error.to_string().contains("stopped"), "{error}");
    let error = give(&bank, 0..1, &mut Told::new()).unwrap_err().to_string();
    assert!(error.contains("sidecars"), "{error}");
}
