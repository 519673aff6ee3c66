//! Archiving is interrupted at any point: the bank opens and knows every id, and archiving can be repeated.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::archive::{self, Which};
use jangbu_actors::check::{self, Options};
use jangbu_actors::journal::disk::{Disk, Fault, FaultDisk};
use jangbu_actors::journal::{FileJournal, FileOptions, Journal, JournalError, verify};
use jangbu_actors::ledger::Position;
use tempfile::TempDir;

use crate::support::{Picture, dump, found, id, open_on, pay, picture};

const TRANSFERS: u64 = 200;

/// A closed bank on a failing disk.
struct Closed {
    scratch: TempDir,
    disk: FaultDisk,
    segments: BTreeMap<PathBuf, Vec<u8>>,
    picture: Picture,
    end: Position,
}

fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some()
}

fn is_segment(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "segment")
}

impl Closed {
    fn new() -> Closed {
        let scratch = tempfile::tempdir().unwrap();
        let disk = FaultDisk::new();
        let bank = open_on(Arc::new(disk.clone()), &scratch.path().join("data"));
        found(&bank);
        pay(&bank, 0..TRANSFERS);
        let (picture, end) = (picture(&bank), bank.stats().durable);
        bank.close().unwrap();
        let disk = disk.power_cut(0);
        let segments = disk.files().into_iter().filter(|(path, _)| is_segment(path)).collect();
        Closed { scratch, disk, segments, picture, end }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Archives all full segments, in two runs.
    fn archive(&self, disk: &FaultDisk) -> Result<(), String> {
        let disk: Arc<dyn Disk> = Arc::new(disk.clone());
        for which in [Which::AllBut(1), Which::AllBut(0)] {
            let done = archive::archive_on(&disk, &self.path("data"), &self.path("archive"), which);
            done.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// After an interruption, the bank lacks nothing.
    fn is_whole(&self, disk: &FaultDisk, what: &str) {
        let journal = self.path("data").join("journal");
        let verified = verify(disk, &journal, |_| Ok::<(), JournalError>(()));
        let verified = verified.unwrap_or_else(|error| panic!("{what}: verify: {error}"));
        assert_eq!(verified.records, self.end.get(), "{what}");
        let now: BTreeMap<PathBuf, Vec<u8>> = disk.files().into_iter().collect();
        for (path, bytes) in self.segments.iter().filter(|(path, _)| !now.contains_key(*path)) {
            let copy = now.get(&self.path("archive").join("journal").join(path.file_name().unwrap()));
            let copy = copy.unwrap_or_else(|| panic!("{what}: {} is nowhere", path.display()));
            assert!(copy.starts_with(bytes), "{what}: {} is not what it was", path.display());
        }
        let options = FileOptions { segment_bytes: 16 * 1024, in_background: false };
        let opened = FileJournal::open(Arc::new(disk.clone()), &journal, options);
        let opened = opened.unwrap_or_else(|error| panic!("{what}: open: {error}"));
        let reader = opened.reader();
        assert_eq!(reader.end(), self.end, "{what}");
        let unsealed = reader.unsealed_ids().unwrap();
        for n in 0..TRANSFERS {
            let known = unsealed.own.iter().any(|(known, _)| *known == id(n));
            assert!(known || reader.find(id(n)).unwrap().is_some(), "{what}: the id of {n} is forgotten");
        }
    }

    /// A bank opens there without its stored state, and shows the same as before.
    fn opens(&self, disk: &FaultDisk, what: &str) {
        let _ = std::fs::remove_dir_all(self.path("data/state"));
        let bank = open_on(Arc::new(disk.clone()), &self.path("data"));
        assert_eq!(picture(&bank), self.picture, "{what}");
        bank.close().unwrap();
    }
}

#[test]
fn an_interrupted_archiving_can_be_repeated() {
    let bank = Closed::new();
    let mut interrupted = 0;
    // There are four kinds of faults, so each gets its turn.
    for step in (0..).step_by(if is_long() { 1 } else { 3 }) {
        let (fault, lasting) =
            [(Fault::Io, true), (Fault::NoSpace, true), (Fault::ShortWrite, true), (Fault::Io, false)]
                [usize::try_from(step).unwrap() % 4];
        let disk = bank.disk.power_cut(0);
        match lasting {
            true => disk.fail_from(step, fault),
            false => disk.fail_once(step, fault),
        }
        let result = bank.archive(&disk);
        disk.heal();
        let what = format!("{fault:?} at step {step}: {result:?}");
        let images = [disk.power_cut(step), disk.power_cut(step + 1_000), disk];
        for (place, image) in images.iter().enumerate() {
            let what = format!("{what}, image {place}");
            bank.is_whole(image, &what);
            if step % 23 == place as u64 {
                bank.opens(&image.power_cut(0), &what);
            }
            bank.archive(image).unwrap_or_else(|error| panic!("{what}, then: {error}"));
            bank.is_whole(image, &format!("{what}, done again"));
        }
        if step % 40 == 0 || result.is_ok() {
            let to = bank.path(&format!("dump-{step}"));
            dump(&images[0], bank.scratch.path(), &to);
            let report =
                check::check_with_archives(&to.join("data"), Options { deep: true }, &[to.join("archive")]).unwrap();
            assert_eq!((report.end, report.archived), (bank.end, Position::START), "{what}");
        }
        if result.is_ok() {
            break;
        }
        interrupted += 1;
    }
    assert!(interrupted > 80, "only {interrupted}");
}

/// A disk that corrupts a write silently must not cause the originals to be removed: everything that is removed has an
/// intact copy on the medium, and so does the state that stands in for it.
#[test]
fn a_copy_corrupted_on_the_medium_is_detected_before_the_original_is_removed() {
    let bank = Closed::new();
    let (mut refused, mut steps) = (0, 0);
    // The states of both runs. Archiving does not depend on other writes to the journal.
    let full = bank.segments.len() as u64 - 1;
    let state = |number: u64| bank.path("data").join("journal").join(format!("{number:012}.state.making"));
    for under in [bank.path("archive"), state(full - 1), state(full)] {
        for step in 0.. {
            let disk = bank.disk.power_cut(0);
            disk.garble_under(&under, step);
            let result = bank.archive(&disk);
            let came = disk.has_garbled();
            disk.heal();
            if !came {
                break;
            }
            steps += 1;
            refused += u32::from(result.is_err());
            let what = format!("write {step} below {}: {result:?}", under.display());
            // Cached data is lost.
            let image = disk.power_cut(step);
            bank.is_whole(&image, &what);
            bank.archive(&image).unwrap_or_else(|error| panic!("{what}, then: {error}"));
            bank.is_whole(&image, &format!("{what}, done again"));
        }
    }
    assert!(steps > 20 && refused > 20, "only {refused} of {steps}");
}

/// Archiving is interrupted before it removes anything, a copy rots, and archiving is repeated.
#[test]
fn a_resumed_archiving_verifies_existing_copies() {
    let bank = Closed::new();
    let files = bank.path("archive").join("journal");
    let mut rotted = 0;
    for step in (0..).step_by(if is_long() { 1 } else { 5 }) {
        let disk = bank.disk.power_cut(0);
        disk.fail_from(step, Fault::Io);
        let result = bank.archive(&disk);
        disk.heal();
        if result.is_ok() {
            break;
        }
        let copies: Vec<_> = disk.files().into_iter().filter(|(path, _)| path.starts_with(&files)).collect();
        let Some((path, bytes)) = copies.get(usize::try_from(step).unwrap() % copies.len().max(1)) else { continue };
        if is_segment(path) && !disk.files().iter().any(|(other, _)| *other == original(&bank, path)) {
            // No source is left to copy it from.
            continue;
        }
        let place = bytes.len() / 3;
        // Not of bytes that are not on the medium yet.
        if !disk.flip_bit(path, place * 8 + 3) {
            continue;
        }
        rotted += 1;
        let what = format!("byte {place} of {} after step {step}", path.display());
        let again = bank.archive(&disk);
        bank.is_whole(&disk, &format!("{what}: {again:?}"));
        again.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    assert!(rotted > 10, "only {rotted}");
}

fn original(bank: &Closed, copy: &Path) -> PathBuf {
    bank.path("data").join("journal").join(copy.file_name().unwrap())
}
