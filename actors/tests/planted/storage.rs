//! Bugs in copies, in the stored state and in the segment thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::archive::{self, Which};
use jangbu_actors::backup::{self, BackupOptions};
use jangbu_actors::blocking::Bank;
use jangbu_actors::command::CashPosting;
use jangbu_actors::journal::disk::{Disk, Fault, FaultDisk};
use jangbu_actors::plant::Bug;

use crate::catches;
use crate::town::{builder, clock, number, people, won};

/// Creates a bank with several full segments on `disk`, and closes it.
fn made(disk: &FaultDisk, directory: &Path) {
    let bank: Bank =
        builder(&clock()).segment_bytes(16 * 1024).disk(Arc::new(disk.clone())).open(directory).unwrap().into();
    people(&bank);
    for _ in 0..200 {
        bank.deposit(CashPosting::new(number("C"), won(1))).unwrap();
    }
    bank.close().unwrap();
}

/// The disk of a closed bank in `data`, and its segments.
fn image_of_a_bank(data: &Path) -> (FaultDisk, Vec<(PathBuf, Vec<u8>)>) {
    let disk = FaultDisk::new();
    made(&disk, data);
    let image = disk.power_cut(0);
    let mut segments = image.files();
    segments.retain(|(path, _)| path.extension().is_some_and(|is| is == "segment"));
    (image, segments)
}

/// Everything removed from the bank must be in the archive, on the medium.
fn what_is_archived_is_on_the_medium() {
    let directory = tempfile::tempdir().unwrap();
    let (data, archive) = (directory.path().join("data"), directory.path().join("archive"));
    let (image, segments) = image_of_a_bank(&data);
    for write in 0.. {
        let disk = image.power_cut(0);
        disk.garble_under(&archive, write);
        let _ = archive::archive_on(&(Arc::new(disk.clone()) as Arc<dyn Disk>), &data, &archive, Which::AllBut(0));
        if !disk.has_garbled() {
            break;
        }
        let left = disk.power_cut(write);
        for (path, bytes) in &segments {
            let copy = left.read_file(&archive.join("journal").join(path.file_name().unwrap()));
            let is_kept = left.read_file(path).is_some_and(|kept| kept == *bytes);
            assert!(is_kept || copy.is_some_and(|copy| copy.starts_with(bytes)), "a segment is nowhere");
        }
    }
}

#[test]
fn a_copy_that_is_read_back_from_memory_is_caught() {
    catches(Bug::ReadsMemory, "a segment is nowhere", what_is_archived_is_on_the_medium);
}

/// Archiving continues with copies that have rotted in the meantime.
#[test]
fn a_segment_that_is_removed_before_its_copy_is_read_is_caught() {
    catches(Bug::RemovesUnread, "a segment is nowhere", || {
        let directory = tempfile::tempdir().unwrap();
        let (data, archive) = (directory.path().join("data"), directory.path().join("archive"));
        let (image, segments) = image_of_a_bank(&data);
        // Interrupted at one point after another, each time with a rotting copy.
        for step in (0..).step_by(3) {
            let disk = image.power_cut(0);
            let shared = Arc::new(disk.clone()) as Arc<dyn Disk>;
            disk.fail_from(disk.operations() + step, Fault::Io);
            if archive::archive_on(&shared, &data, &archive, Which::AllBut(0)).is_ok() {
                break;
            }
            disk.heal();
            let copied = archive.join("journal/000000000001.segment");
            if segments.iter().any(|(path, _)| disk.read_file(path).is_none()) || !disk.flip_bit(&copied, 5_000 * 8) {
                continue;
            }
            let _ = archive::archive_on(&shared, &data, &archive, Which::AllBut(0));
            for (path, bytes) in &segments {
                let copy = disk.read_file(&archive.join("journal").join(path.file_name().unwrap()));
                let is_kept = disk.read_file(path).is_some();
                assert!(is_kept || copy.is_some_and(|copy| copy.starts_with(bytes)), "a segment is nowhere");
            }
        }
    });
}

/// The operating system refuses the stored state for a while.
#[test]
fn an_environment_failure_taken_for_damage_is_caught() {
    catches(Bug::EnvironmentIsDamage, "the state was moved", || {
        let directory = tempfile::tempdir().unwrap();
        let open = || builder(&clock()).open(directory.path()).map(Bank::from);
        let bank = open().unwrap();
        people(&bank);
        bank.close().unwrap();
        let (database, kept) = (directory.path().join("state/db"), directory.path().join("state/kept"));
        std::fs::rename(&database, &kept).unwrap();
        // Opening it fails with `too many levels of symbolic links`, even for root.
        std::os::unix::fs::symlink(&database, &database).unwrap();
        let refused = open().err();
        assert!(kept.exists() && !directory.path().join("state.aside").exists(), "the state was moved");
        assert!(refused.unwrap().to_string().contains("the stored state cannot be used"));
        std::fs::remove_file(&database).unwrap();
        std::fs::rename(&kept, &database).unwrap();
        open().unwrap().close().unwrap();
        assert!(!directory.path().join("state.aside").exists(), "the state was moved");
    });
}

#[test]
fn a_repair_that_trusts_file_lengths_is_caught() {
    catches(Bug::RepairsNothing, "is damaged", || {
        let directory = tempfile::tempdir().unwrap();
        let (data, copies) = (directory.path().join("data"), directory.path().join("copies"));
        let bank: Bank = builder(&clock()).segment_bytes(16 * 1024).open(data).unwrap().into();
        people(&bank);
        for _ in 0..100 {
            bank.deposit(CashPosting::new(number("C"), won(1))).unwrap();
        }
        bank.backup(&copies).unwrap();
        for name in ["000000000001.segment", "000000000001.index"] {
            let path = copies.join("journal").join(name);
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                *byte ^= 1;
            }
            std::fs::write(&path, bytes).unwrap();
        }
        bank.backup_with(&copies, BackupOptions { repair: true, ..BackupOptions::default() }).unwrap();
        if let Err(error) = backup::verify_backup(&copies) {
            panic!("{error}");
        }
        bank.close().unwrap();
    });
}
