//! The stored state is lost, damaged, old, of another bank or ahead of the journal: no figure is ever wrong.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{self, check};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::{OpenError, recover};
use tempfile::TempDir;

use crate::failing::open;
use crate::power::copy;
use crate::proof::{Picture, Told, holds_when_repeated, picture};
use crate::script::{self, Dice};

const SEED: u64 = 99;

/// A bank at its final close, and at an earlier one.
struct Kept {
    scratch: TempDir,
    told: Told,
    picture: Picture,
}

impl Kept {
    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Opens a copy of the bank after `damage`: everything is as before, and the bank continues.
    fn survives(&self, what: &str, damage: impl FnOnce(&Path)) {
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().join("bank");
        copy(&self.path("bank"), &directory);
        damage(&directory);
        let bank = on_disk(&directory, what);
        assert_eq!(picture(&bank), self.picture, "{what}");
        holds_when_repeated(&bank, SEED, &self.told);
        give(&bank, 5_000..5_060, &mut Told::new());
        bank.close().unwrap_or_else(|error| panic!("{what}: {error}"));
        let report = check(&directory, check::Options { deep: true });
        let report = report.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(report.cleanly_closed && report.state.contains("agrees"), "{what}: {}", report.state);
    }
}

fn on_disk(directory: &Path, what: &str) -> Bank {
    open(Arc::new(RealDisk), directory).unwrap_or_else(|error| panic!("{what}: {error}"))
}

fn give(bank: &Bank, numbers: std::ops::Range<u64>, told: &mut Told) {
    for n in numbers {
        let answers = bank.submit(vec![script::command(SEED, n)]).unwrap();
        told.extend(answers.into_iter().map(|answer| (n, answer)));
    }
}

fn keep() -> Kept {
    let scratch = tempfile::tempdir().unwrap();
    let directory = scratch.path().join("bank");
    let mut told = Told::new();
    let bank = on_disk(&directory, "a new bank");
    give(&bank, 0..150, &mut told);
    bank.close().unwrap();
    copy(&directory, &scratch.path().join("earlier"));
    let bank = on_disk(&directory, "the bank again");
    give(&bank, 150..400, &mut told);
    let picture = picture(&bank);
    bank.close().unwrap();
    Kept { scratch, told, picture }
}

#[test]
fn an_unusable_stored_state_is_rebuilt() {
    let kept = keep();
    let state = |bank: &Path| bank.join("state");
    kept.survives("as it is", |_| ());
    kept.survives("deleted", |bank| std::fs::remove_dir_all(state(bank)).unwrap());
    kept.survives("distrusted", |bank| std::fs::write(bank.join("state.distrusted"), b"it failed").unwrap());
    kept.survives("older than the journal", |bank| {
        std::fs::remove_dir_all(state(bank)).unwrap();
        copy(&kept.path("earlier/state"), &state(bank));
    });
    kept.survives("of another bank", |bank| {
        let other = tempfile::tempdir().unwrap();
        let stranger = on_disk(other.path(), "another bank");
        give(&stranger, 0..300, &mut Told::new());
        stranger.close().unwrap();
        std::fs::remove_dir_all(state(bank)).unwrap();
        copy(&other.path().join("state"), &state(bank));
    });
    kept.survives("a file in its place", |bank| {
        std::fs::remove_dir_all(state(bank)).unwrap();
        std::fs::write(state(bank), b"not a directory").unwrap();
    });
    kept.survives("leftovers of a snapshot", |bank| {
        for name in ["snap.0000000000000000.generating", "snap.00000000000A0000.generating"] {
            std::fs::write(state(bank).join(name), b"half").unwrap();
        }
    });
    for file in files(&state(&kept.path("bank"))) {
        let size = std::fs::metadata(state(&kept.path("bank")).join(&file)).unwrap().len();
        for (place, length) in [0, 1, size / 3, size / 2, size.saturating_sub(1)].into_iter().enumerate() {
            kept.survives(&format!("{file} cut off, {place}"), |bank| {
                std::fs::File::options().write(true).open(state(bank).join(&file)).unwrap().set_len(length).unwrap();
            });
        }
        kept.survives(&format!("{file} overwritten"), |bank| {
            std::fs::write(state(bank).join(&file), vec![0xA5; usize::try_from(size).unwrap()]).unwrap();
        });
        kept.survives(&format!("{file} deleted"), |bank| std::fs::remove_file(state(bank).join(&file)).unwrap());
    }
}

/// The files of a directory, without subdirectories.
fn files(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let mut names: Vec<String> = files.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The state proves that the journal lost records, so opening fails until an operator accepts the loss.
#[test]
fn a_stored_state_ahead_of_the_journal_refuses_to_open_until_the_loss_is_accepted() {
    let kept = keep();
    let (directory, mut told) = (kept.path("earlier"), Told::new());
    let bank = on_disk(&directory, "the earlier bank");
    let (seen, end) = (picture(&bank), bank.stats().durable);
    bank.close().unwrap();
    std::fs::remove_dir_all(directory.join("state")).unwrap();
    copy(&kept.path("bank/state"), &directory.join("state"));
    let error = open(Arc::new(RealDisk), &directory).map(drop).unwrap_err();
    assert!(matches!(error, OpenError::RecordsMissing { .. }), "{error}");
    recover::accept_loss_after(&directory, end).unwrap();
    let bank = on_disk(&directory, "ahead");
    assert_eq!(picture(&bank), seen);
    give(&bank, 6_000..6_050, &mut told);
    bank.close().unwrap();
    check(&directory, check::Options { deep: true }).unwrap();
}

/// A state stored by a bank that diverged from a common beginning: its records were replaced.
#[test]
fn a_stored_state_of_another_history_refuses_to_open_until_the_loss_is_accepted() {
    let kept = keep();
    // As long as the other one, so that nothing is left to replay; and longer.
    for until in [7_250, 7_400] {
        let directory = kept.path(&format!("until-{until}"));
        copy(&kept.path("earlier"), &directory);
        let bank = on_disk(&directory, "the earlier bank");
        give(&bank, 7_000..until, &mut Told::new());
        let seen = picture(&bank);
        bank.close().unwrap();
        std::fs::remove_dir_all(directory.join("state")).unwrap();
        copy(&kept.path("bank/state"), &directory.join("state"));
        let error = check(&directory, check::Options { deep: true }).unwrap_err().to_string();
        assert!(error.contains("another history"), "{error}");
        let error = open(Arc::new(RealDisk), &directory).map(drop).unwrap_err();
        let (OpenError::AnotherHistory { end, .. } | OpenError::RecordsMissing { end, .. }) = error else {
            panic!("until {until}: {error}");
        };
        recover::accept_loss_after(&directory, end).unwrap();
        let bank = on_disk(&directory, "another history");
        assert_eq!(picture(&bank), seen, "until {until}");
        bank.close().unwrap();
        check(&directory, check::Options { deep: true }).unwrap();
    }
}

#[test]
fn a_stored_state_with_flipped_bits_never_gives_a_wrong_figure() {
    let kept = keep();
    let mut dice = Dice(SEED);
    let state = kept.path("bank/state");
    for file in files(&state) {
        let bytes = std::fs::read(state.join(&file)).unwrap();
        // sled's file is mostly zeros that were never written.
        let used: Vec<usize> = (0..bytes.len()).filter(|place| bytes[*place] != 0).collect();
        let flips = if script::is_long() { 1_500 } else { 40 };
        for _ in 0..flips.min(used.len() * 8) {
            let (byte, bit) = (used[dice.below(used.len() as u64) as usize], dice.below(8));
            kept.survives(&format!("bit {bit} of byte {byte} of {file} of seed {SEED}"), |bank| {
                let mut damaged = bytes.clone();
                damaged[byte] ^= 1 << bit;
                std::fs::write(bank.join("state").join(&file), damaged).unwrap();
            });
        }
    }
}
