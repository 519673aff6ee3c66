//! Every change of a backup is detected, and nothing of a damaged backup is restored.

use std::path::{Path, PathBuf};

use jangbu_actors::archive::{self, Which};
use jangbu_actors::backup;
use jangbu_actors::blocking::Bank;

use crate::support::{back_up, checked, copy, files, found, open, pay};

/// Returns every file of a backup.
fn everything(copies: &Path) -> Vec<PathBuf> {
    let beside = std::fs::read_dir(copies).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut all: Vec<PathBuf> = beside.collect();
    for extension in ["segment", "index", "state"] {
        all.extend(files(copies, extension));
    }
    all
}

/// Returns whether a restore does not need the file: the sidecar of an existing segment, or one of two copies.
fn can_be_spared(file: &Path) -> bool {
    let is = |extension: &str| file.extension().is_some_and(|found| found == extension);
    is("index") && file.with_extension("segment").exists()
        || file.file_name().unwrap().to_string_lossy().starts_with("keys.")
}

/// Damages every file of a backup in every way, and expects each damage to be detected.
fn is_found_everywhere(scratch: &Path, copies: &Path) {
    let is_long = std::env::var_os("JANGBU_LONG").is_some();
    let mut tried = 0;
    for file in everything(copies) {
        let bytes = std::fs::read(&file).unwrap();
        let places = (0..40).map(|step| step * 397 % bytes.len()).chain([0, bytes.len() - 1, bytes.len() / 2]);
        let sampled: Vec<usize> = places.map(|place| place * 8 + place % 8).collect();
        let bits = if is_long { (0..bytes.len() * 8).collect() } else { sampled };
        let flipped = bits.into_iter().map(|bit| {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            (format!("bit {bit}"), damaged)
        });
        let cut =
            [0, 1, bytes.len() / 2, bytes.len() - 1].map(|size| (format!("cut to {size}"), bytes[..size].to_vec()));
        let longer = [("longer".to_owned(), [&bytes[..], &[0; 512]].concat())];
        for (what, damaged) in flipped.chain(cut).chain(longer) {
            std::fs::write(&file, damaged).unwrap();
            let what = format!("{}: {what}", file.display());
            match can_be_spared(&file) {
                // A restore takes long.
                true => is_found_and_spared(scratch, copies, &what, tried % 16 == 0),
                false => is_refused(scratch, copies, &what),
            }
            tried += 1;
        }
        std::fs::remove_file(&file).unwrap();
        match can_be_spared(&file) {
            true => is_found_and_spared(scratch, copies, &format!("{}: removed", file.display()), true),
            false => is_refused(scratch, copies, &format!("{}: removed", file.display())),
        }
        std::fs::write(&file, bytes).unwrap();
    }
    assert!(tried > 300, "only {tried}");
    backup::verify_backup(copies).unwrap();
}

fn is_refused(scratch: &Path, copies: &Path, what: &str) {
    let restored = scratch.join("restored");
    assert!(backup::verify_backup(copies).is_err(), "{what}");
    assert!(backup::restore(copies, &restored).is_err(), "{what}");
    assert!(!restored.exists(), "{what}: something was written before all was verified");
}

/// The check detects it, and a restore works without the file.
fn is_found_and_spared(scratch: &Path, copies: &Path, what: &str, restores: bool) {
    assert!(backup::verify_backup(copies).is_err(), "{what}");
    if restores {
        let restored = scratch.join("restored");
        let report = backup::restore(copies, &restored).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(checked(&restored).end, report.checked.end, "{what}");
        assert_eq!(std::fs::read_to_string(restored.join("keys")).unwrap(), KEYS, "{what}");
        std::fs::remove_dir_all(restored).unwrap();
    }
}

/// A stand-in for a key file.
const KEYS: &str = "a key of mina's, a key of joon's\n";

/// Any damage, except of the manifest, is repaired.
#[test]
fn a_repair_replaces_every_damaged_file_that_the_bank_still_has() {
    let scratch = tempfile::tempdir().unwrap();
    let copies = scratch.path().join("copies");
    let bank = made(&scratch.path().join("data"));
    back_up(&bank, &copies, KEYS, false).unwrap();
    let sound = backup::verify_backup(&copies).unwrap();
    let mut healed = 0;
    for file in everything(&copies).into_iter().filter(|file| file.file_name().unwrap() != "manifest") {
        let bytes = std::fs::read(&file).unwrap();
        // Not in a part that a backup reads anyway.
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 3] ^= 1;
        for damage in [Some(&damaged[..]), Some(&bytes[..bytes.len() / 2]), None] {
            match damage {
                Some(damaged) => std::fs::write(&file, damaged).unwrap(),
                None => std::fs::remove_file(&file).unwrap(),
            }
            assert!(backup::verify_backup(&copies).is_err(), "{}", file.display());
            back_up(&bank, &copies, KEYS, true).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let found = backup::verify_backup(&copies).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            assert_eq!(found, sound, "{}", file.display());
            healed += 1;
        }
    }
    assert!(healed > 20, "only {healed}");
    bank.close().unwrap();
}

/// The bank no longer has what was archived in the meantime.
#[test]
fn a_repair_reports_a_damaged_copy_without_an_original() {
    let scratch = tempfile::tempdir().unwrap();
    let (data, copies) = (scratch.path().join("data"), scratch.path().join("copies"));
    let bank = made(&data);
    back_up(&bank, &copies, KEYS, false).unwrap();
    bank.close().unwrap();
    archive::archive(&data, scratch.path().join("archive"), Which::AllBut(1)).unwrap();
    let bank = open(&data);
    back_up(&bank, &copies, KEYS, true).unwrap();
    let first = files(&copies, "segment")[0].clone();
    let mut bytes = std::fs::read(&first).unwrap();
    bytes[5_000] ^= 1;
    std::fs::write(&first, bytes).unwrap();
    let error = back_up(&bank, &copies, KEYS, true).unwrap_err();
    assert!(error.to_string().contains("from the archive"), "{error}");
    std::fs::copy(scratch.path().join("archive/journal").join(first.file_name().unwrap()), &first).unwrap();
    back_up(&bank, &copies, KEYS, true).unwrap();
    backup::verify_backup(&copies).unwrap();
    bank.close().unwrap();
}

fn made(data: &Path) -> Bank {
    let bank = open(data);
    found(&bank);
    pay(&bank, 0..300);
    bank
}

#[test]
fn every_change_of_a_backup_is_found() {
    let scratch = tempfile::tempdir().unwrap();
    let copies = scratch.path().join("copies");
    let bank = made(&scratch.path().join("data"));
    back_up(&bank, &copies, KEYS, false).unwrap();
    bank.close().unwrap();
    is_found_everywhere(scratch.path(), &copies);
}

#[test]
fn every_change_of_a_backup_of_a_bank_with_an_archive_is_found() {
    let scratch = tempfile::tempdir().unwrap();
    let (data, copies) = (scratch.path().join("data"), scratch.path().join("copies"));
    made(&data).close().unwrap();
    archive::archive(&data, scratch.path().join("archive"), Which::AllBut(1)).unwrap();
    let bank = open(&data);
    back_up(&bank, &copies, KEYS, false).unwrap();
    bank.close().unwrap();
    assert_eq!(files(&copies, "state").len(), 1);
    is_found_everywhere(scratch.path(), &copies);
}

/// Exchanged files have correct checksums individually.
#[test]
fn files_of_another_backup_are_found() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let bank = made(&path("data"));
    bank.backup(&path("copies")).unwrap();
    copy(&path("copies"), &path("earlier"));
    pay(&bank, 300..500);
    bank.backup(&path("copies")).unwrap();
    bank.close().unwrap();
    // The manifest of an earlier moment: everything it lists is still there, and so is the earlier backup.
    copy(&path("copies"), &path("mixed"));
    std::fs::copy(path("earlier/manifest"), path("mixed/manifest")).unwrap();
    let earlier = backup::verify_backup(path("earlier")).unwrap();
    assert_eq!(backup::verify_backup(path("mixed")).unwrap(), earlier);
    assert_eq!(backup::restore(path("mixed"), path("again")).unwrap().checked, earlier);
    // Files of an earlier moment do not match the newer manifest.
    let last = files(&path("earlier"), "segment").pop().unwrap();
    std::fs::copy(&last, path("copies/journal").join(last.file_name().unwrap())).unwrap();
    is_refused(scratch.path(), &path("copies"), "an earlier segment");
    // Two segments are swapped.
    let segments = files(&path("earlier"), "segment");
    let first = std::fs::read(&segments[0]).unwrap();
    std::fs::copy(&segments[1], &segments[0]).unwrap();
    std::fs::write(&segments[1], first).unwrap();
    is_refused(scratch.path(), &path("earlier"), "exchanged segments");
}

/// A partial restore must not pass for a bank with fewer records.
#[test]
fn a_partial_restore_cannot_be_opened() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let bank = made(&path("data"));
    bank.backup(&path("copies")).unwrap();
    bank.close().unwrap();
    backup::restore(path("copies"), path("restored")).unwrap();
    std::fs::write(path("restored/journal/restoring"), b"").unwrap();
    std::fs::remove_file(files(&path("restored"), "segment").pop().unwrap()).unwrap();
    let error = Bank::open(path("restored")).unwrap_err().to_string();
    assert!(error.contains("restore") && error.contains("not completed"), "{error}");
    let error = jangbu_actors::check::check(&path("restored"), Default::default()).unwrap_err().to_string();
    assert!(error.contains("not completed"), "{error}");
}
