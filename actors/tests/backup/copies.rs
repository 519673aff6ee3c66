//! What a backup contains, what it copies, and what it refuses.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use jangbu_actors::backup::{self, BackupError};
use jangbu_actors::blocking::Bank;

use crate::support::{checked, files, found, open, pay, picture, put};

fn backup(bank: &Bank, to: &Path) -> backup::BackupReport {
    bank.backup(to).unwrap()
}

#[test]
fn a_backup_equals_the_bank_at_its_position() {
    let scratch = tempfile::tempdir().unwrap();
    let (data, copies, restored) =
        (scratch.path().join("data"), scratch.path().join("copies"), scratch.path().join("restored"));
    let bank = open(&data);
    found(&bank);
    pay(&bank, 0..600);
    let report = backup(&bank, &copies);
    let seen = picture(&bank);
    assert_eq!(report.position, bank.stats().durable);
    assert!(report.segments_copied >= 4 && report.segments_kept == 0, "{report:?}");
    pay(&bank, 600..700);

    let verified = backup::verify_backup(&copies).unwrap();
    assert_eq!((verified.end, verified.records), (report.position, report.position.get()));
    let restoring = backup::restore(&copies, &restored).unwrap();
    assert_eq!(restoring.checked.end, report.position);
    // Only the journal's files are copied.
    assert!(!restored.join("journal/restoring").exists() && !restored.join("manifest").exists());
    assert_eq!(checked(&restored).end, report.position);
    let copy = open(&restored);
    assert_eq!(picture(&copy), seen);
    // The restored bank works like any other: it repeats the answers it has and executes the commands it does not have.
    pay(&copy, 590..650);
    copy.close().unwrap();
    checked(&restored);
    bank.close().unwrap();
    // And the backup itself can be opened.
    let opened = open(&copies);
    assert_eq!(picture(&opened), seen);
    opened.close().unwrap();
}

#[test]
fn a_later_backup_copies_what_is_new() {
    let scratch = tempfile::tempdir().unwrap();
    let (data, copies) = (scratch.path().join("data"), scratch.path().join("copies"));
    let bank = open(&data);
    found(&bank);
    pay(&bank, 0..600);
    let first = backup(&bank, &copies);
    let times = |path: &Path| path.metadata().unwrap().modified().unwrap();
    let before: Vec<_> = files(&copies, "segment").iter().map(|path| times(path)).collect();

    let nothing = backup(&bank, &copies);
    assert_eq!((nothing.position, nothing.segments_copied), (first.position, 0), "{nothing:?}");
    assert_eq!(nothing.segments_kept, first.segments_copied);

    pay(&bank, 600..605);
    let little = backup(&bank, &copies);
    // The distribution of records over frames depends on timing, so they can be the first of another segment.
    assert!((1..=2).contains(&little.segments_copied), "{little:?}");
    assert_eq!(little.position, bank.stats().durable);
    assert!(little.bytes_copied < 40_000, "{little:?}");

    pay(&bank, 605..900);
    let more = backup(&bank, &copies);
    assert!(more.segments_copied >= 2 && more.segments_kept >= little.segments_kept, "{more:?}");
    assert!(more.segments_kept + 1 >= first.segments_copied, "{more:?}, {first:?}");
    let kept = usize::try_from(more.segments_kept).unwrap();
    let after: Vec<_> = files(&copies, "segment").iter().map(|path| times(path)).collect();
    assert_eq!(before[..kept], after[..kept], "a segment that was kept was written");
    assert_eq!(backup::verify_backup(&copies).unwrap().end, more.position);

    // A missing or changed copy is replaced.
    std::fs::remove_file(&files(&copies, "segment")[1]).unwrap();
    let mended = backup(&bank, &copies);
    assert_eq!(
        (mended.segments_copied, mended.segments_kept),
        (1, more.segments_kept + more.segments_copied - 1),
        "{mended:?}"
    );
    backup::verify_backup(&copies).unwrap();
    bank.close().unwrap();

    // Also from a bank that was closed and opened again, whose last frame marks the close.
    let bank = open(&data);
    put(&bank, "kept", Some(b"another"));
    let last = backup(&bank, &copies);
    assert!((1..=2).contains(&last.segments_copied), "{last:?}");
    bank.close().unwrap();
    assert!(backup::verify_backup(&copies).is_ok());
}

/// Opening a backup as a bank writes to it: at least the mark of a clean close.
#[test]
fn the_next_backup_repairs_one_that_was_opened_as_a_bank() {
    let scratch = tempfile::tempdir().unwrap();
    let (data, copies) = (scratch.path().join("data"), scratch.path().join("copies"));
    let bank = open(&data);
    found(&bank);
    pay(&bank, 0..200);
    let first = backup(&bank, &copies);
    let opened = open(&copies);
    pay(&opened, 9_000..9_010);
    opened.close().unwrap();
    assert_eq!(backup::verify_backup(&copies).unwrap().end, first.position);
    assert_eq!(backup::restore(&copies, scratch.path().join("restored")).unwrap().checked.end, first.position);
    assert_eq!(backup(&bank, &copies).segments_copied, 1);
    std::fs::remove_dir_all(copies.join("state")).unwrap();
    assert_eq!(checked(&copies).end, first.position, "what was paid there is gone");
    bank.close().unwrap();
}

#[test]
fn backups_of_a_busy_bank_are_consistent_and_include_everything_acknowledged() {
    let scratch = tempfile::tempdir().unwrap();
    let (data, copies) = (scratch.path().join("data"), scratch.path().join("copies"));
    let bank = open(&data);
    found(&bank);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let (bank, stop) = (bank.clone(), &stop);
            scope.spawn(move || {
                for round in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let first = writer * 1_000_000 + round * 14;
                    pay(&bank, first..first + 14);
                }
            });
        }
        let mut last = None;
        for round in 0..6 {
            while round > 0 && Some(bank.stats().durable.get()) < last.map(|last: u64| last + 150) {
                std::thread::yield_now();
            }
            let acknowledged = bank.stats().durable;
            let report = backup(&bank, &copies);
            assert!(report.position >= acknowledged, "{report:?}, {acknowledged} was acknowledged");
            let restored = scratch.path().join(format!("restored-{round}"));
            let restoring = backup::restore(&copies, &restored).unwrap();
            assert_eq!(restoring.checked.end, report.position);
            checked(&restored);
            let copy = open(&restored);
            picture(&copy);
            assert_eq!(copy.stats().durable, report.position);
            copy.close().unwrap();
            last = Some(report.position.get());
        }
        stop.store(true, Ordering::Relaxed);
    });
    bank.close().unwrap();
}

#[test]
fn a_directory_of_something_else_is_refused_and_left_alone() {
    let scratch = tempfile::tempdir().unwrap();
    let path = |name: &str| scratch.path().join(name);
    let (bank, other) = (open(&path("data")), open(&path("other")));
    for bank in [&bank, &other] {
        found(bank);
        pay(bank, 0..40);
    }
    backup(&other, &path("of-other"));
    for inside in ["data", "data/copies", "data/journal", "data/../data/x"] {
        let error = bank.backup(&path(inside)).unwrap_err();
        assert!(matches!(error, BackupError::InsideBank { .. }), "{inside}: {error}");
    }
    std::os::unix::fs::symlink(path("data"), path("link")).unwrap();
    assert!(matches!(bank.backup(&path("link/copies")), Err(BackupError::InsideBank { .. })));
    assert!(matches!(bank.backup(&path("of-other")), Err(BackupError::OtherBank(_))));
    assert!(matches!(bank.backup(&path("other")), Err(BackupError::NotEmpty(_))), "a bank is no backup");
    std::fs::create_dir(path("notes")).unwrap();
    std::fs::write(path("notes/todo"), b"buy milk").unwrap();
    assert!(matches!(bank.backup(&path("notes")), Err(BackupError::NotEmpty(_))));
    assert!(matches!(backup::verify_backup(path("notes")), Err(BackupError::NoManifest(_))));
    assert!(matches!(backup::restore(path("of-other"), path("notes")), Err(BackupError::NotEmpty(_))));
    assert_eq!(std::fs::read_dir(path("notes")).unwrap().count(), 1);
    assert!(matches!(bank.backup(Path::new("/proc/jangbu/copies")), Err(BackupError::Journal(_))));
    assert!(matches!(Bank::in_memory().unwrap().backup(&path("new")), Err(BackupError::NotInFiles)));
    assert!(!path("data/copies").exists() && !path("new").exists());
    backup::verify_backup(path("of-other")).unwrap();
    // After all that, the bank is unchanged.
    pay(&bank, 40..50);
    bank.close().unwrap();
    other.close().unwrap();
}

/// A backup is restored and continues, and so does the original bank. From then on their histories differ.
#[test]
fn a_backup_of_a_diverged_bank_is_refused() {
    for shared_by_both in [10, 400] {
        let scratch = tempfile::tempdir().unwrap();
        let path = |name: &str| scratch.path().join(name);
        let bank = open(&path("data"));
        found(&bank);
        pay(&bank, 0..shared_by_both);
        backup(&bank, &path("copies"));
        backup::restore(path("copies"), path("twin")).unwrap();
        let twin = open(&path("twin"));
        pay(&bank, 1_000..1_200);
        let kept = backup(&bank, &path("copies"));
        pay(&twin, 2_000..2_050);
        assert!(matches!(twin.backup(&path("copies")), Err(BackupError::Diverged { .. })), "shorter");
        pay(&twin, 2_050..2_500);
        assert!(matches!(twin.backup(&path("copies")), Err(BackupError::Diverged { .. })), "longer");
        assert_eq!(backup::verify_backup(path("copies")).unwrap().end, kept.position, "it is as it was");
        // A bank whose records are as long as the other's: only the hash chain distinguishes them.
        backup::restore(path("copies"), path("alike")).unwrap();
        let alike = open(&path("alike"));
        pay(&bank, 3_000..3_004);
        let kept = backup(&bank, &path("copies"));
        for more in [6_000..6_004, 6_004..6_008, 6_008..6_300] {
            pay(&alike, more);
            assert!(matches!(alike.backup(&path("copies")), Err(BackupError::Diverged { .. })), "alike");
        }
        assert_eq!(backup::verify_backup(path("copies")).unwrap().end, kept.position, "it is as it was");
        alike.close().unwrap();
        // A bank that was restored but did not continue has less than the backup.
        backup::restore(path("copies"), path("third")).unwrap();
        pay(&bank, 1_200..1_300);
        let newest = backup(&bank, &path("copies"));
        let third = open(&path("third"));
        assert!(matches!(third.backup(&path("copies")), Err(BackupError::Diverged { .. })), "behind");
        assert_eq!(backup::verify_backup(path("copies")).unwrap().end, newest.position);
        for bank in [bank, twin, third] {
            bank.close().unwrap();
        }
    }
}
