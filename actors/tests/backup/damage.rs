//! Whatever is changed in a backup is found, and nothing of it is restored.

use std::path::{Path, PathBuf};

use jangbu_actors::archive::{self, Which};
use jangbu_actors::backup;
use jangbu_actors::blocking::Bank;

use crate::support::{copy, files, found, open, pay};

/// Every file of a backup.
fn everything(copies: &Path) -> Vec<PathBuf> {
    let mut all = vec![copies.join("manifest")];
    for extension in ["segment", "index", "state"] {
        all.extend(files(copies, extension));
    }
    all
}

/// Damages a backup in every file, in every way, and expects each to be found.
fn is_found_everywhere(scratch: &Path, copies: &Path) {
    let mut tried = 0;
    for file in everything(copies) {
        let bytes = std::fs::read(&file).unwrap();
        let places = (0..40).map(|step| step * 397 % bytes.len()).chain([0, bytes.len() - 1, bytes.len() / 2]);
        let flipped = places.map(|place| {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << (place % 8);
            (format!("byte {place}"), damaged)
        });
        let cut =
            [0, 1, bytes.len() / 2, bytes.len() - 1].map(|size| (format!("cut to {size}"), bytes[..size].to_vec()));
        let longer = [("longer".to_owned(), [&bytes[..], &[0; 512]].concat())];
        for (what, damaged) in flipped.chain(cut).chain(longer) {
            std::fs::write(&file, damaged).unwrap();
            is_refused(scratch, copies, &format!("{}: {what}", file.display()));
            tried += 1;
        }
        std::fs::remove_file(&file).unwrap();
        is_refused(scratch, copies, &format!("{}: removed", file.display()));
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
    bank.backup(&copies).unwrap();
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
    bank.backup(&copies).unwrap();
    bank.close().unwrap();
    assert_eq!(files(&copies, "state").len(), 1);
    is_found_everywhere(scratch.path(), &copies);
}

/// Files that were exchanged have sound checksums, each for itself.
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
    // The manifest of another moment: what it names is still there, and so the earlier backup is.
    copy(&path("copies"), &path("mixed"));
    std::fs::copy(path("earlier/manifest"), path("mixed/manifest")).unwrap();
    let earlier = backup::verify_backup(path("earlier")).unwrap();
    assert_eq!(backup::verify_backup(path("mixed")).unwrap(), earlier);
    assert_eq!(backup::restore(path("mixed"), path("again")).unwrap().checked, earlier);
    // Files of an earlier moment under the newer manifest are not what it names.
    let last = files(&path("earlier"), "segment").pop().unwrap();
    std::fs::copy(&last, path("copies/journal").join(last.file_name().unwrap())).unwrap();
    is_refused(scratch.path(), &path("copies"), "an earlier segment");
    // Two segments in each other's place.
    let segments = files(&path("earlier"), "segment");
    let first = std::fs::read(&segments[0]).unwrap();
    std::fs::copy(&segments[1], &segments[0]).unwrap();
    std::fs::write(&segments[1], first).unwrap();
    is_refused(scratch.path(), &path("earlier"), "exchanged segments");
}

/// A bank whose restore was cut short must not pass for one with fewer records.
#[test]
fn what_is_half_restored_cannot_be_opened() {
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
