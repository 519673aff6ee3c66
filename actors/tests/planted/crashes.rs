//! Bugs that show after a restart or a power cut.

use std::path::Path;
use std::sync::Arc;

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{CashPosting, PlaceHold, SettleHold};
use jangbu_actors::journal::disk::{Disk, FaultDisk};
use jangbu_actors::plant::Bug;

use crate::hooked_disk::{Gate, gated, slow};
use crate::town::{audit, builder, clock, number, pay, people, posted, won};
use crate::{ANY, catches};

/// Everything acknowledged before the power cut must be there afterwards.
fn acknowledged_is_durable() {
    let directory = tempfile::tempdir().unwrap();
    let disk = FaultDisk::new();
    let open = |disk: Arc<dyn Disk>| -> Bank {
        builder(&clock()).segment_bytes(64 * 1024).disk(disk).open(directory.path()).unwrap().into()
    };
    let bank = open(slow(disk.clone()));
    people(&bank);
    let mut images = Vec::new();
    for count in 1..=20 {
        bank.deposit(CashPosting::new(number("C"), won(1))).unwrap();
        images.push((count, disk.power_cut(4_711 + count)));
    }
    drop(bank);
    for (count, image) in images {
        let _no_checkpoint = std::fs::remove_dir_all(directory.path().join("state"));
        let bank = open(Arc::new(image));
        assert!(posted(&bank, "C") >= i64::try_from(count).unwrap());
        drop(bank);
    }
}

#[test]
fn a_journal_that_does_not_sync_is_caught() {
    catches(Bug::NoSync, ANY, acknowledged_is_durable);
}

#[test]
fn an_answer_before_the_sync_is_caught() {
    catches(Bug::AnswerBeforeSync, ANY, acknowledged_is_durable);
}

#[test]
fn a_forgotten_id_is_caught() {
    catches(Bug::IdForgotten, "left: Receipt {", || {
        let directory = tempfile::tempdir().unwrap();
        let open = || -> Bank { builder(&clock()).open(directory.path()).unwrap().into() };
        let bank = open();
        people(&bank);
        let transfer = pay("A", "B", 100);
        let receipt = bank.transfer(transfer.clone()).unwrap();
        bank.close().unwrap();
        let bank = open();
        assert_eq!(bank.transfer(transfer).unwrap(), receipt);
        assert_eq!(posted(&bank, "B"), 100);
        bank.close().unwrap();
    });
}

#[test]
fn a_forgotten_hold_is_caught() {
    catches(Bug::HoldForgotten, "HoldUnknown", || {
        let directory = tempfile::tempdir().unwrap();
        let open = || -> Bank { builder(&clock()).open(directory.path()).unwrap().into() };
        let bank = open();
        people(&bank);
        let hold = bank.place_hold(PlaceHold::new(number("A"), number("B"), won(100))).unwrap();
        bank.close().unwrap();
        let bank = open();
        bank.settle_hold(SettleHold::all(hold.id)).unwrap();
        bank.close().unwrap();
    });
}

#[test]
fn a_checkpoint_that_claims_too_much_is_caught() {
    catches(Bug::MarkTooHigh, "the stored state does not follow the journal", || {
        let directory = tempfile::tempdir().unwrap();
        let bank: Bank = builder(&clock()).open(directory.path()).unwrap().into();
        people(&bank);
        bank.checkpoint().unwrap();
        for _ in 0..5 {
            bank.transfer(pay("A", "B", 1)).unwrap();
        }
        // Dropped, not closed, so that no later checkpoint repairs it.
        drop(bank);
        audit(directory.path());
    });
}

#[test]
fn a_checkpoint_ahead_of_the_journal_is_caught() {
    catches(Bug::CheckpointAhead, "and the journal ends at", || {
        let (directory, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (disk, gate) = (FaultDisk::new(), Arc::new(Gate::default()));
        let bank: Bank =
            builder(&clock()).disk(gated(disk.clone(), Arc::clone(&gate))).open(directory.path()).unwrap().into();
        people(&bank);
        let image = std::thread::scope(|scope| {
            let shut = gate.shut();
            scope.spawn(|| bank.transfer(pay("A", "B", 100)).unwrap());
            shut.wait_for_writer();
            bank.checkpoint().unwrap();
            // Nothing writes to the stored state between checkpoints.
            copy(&directory.path().join("state"), &left.path().join("state"));
            disk.power_cut(4_711)
        });
        drop(bank);
        for (path, bytes) in image.files() {
            let path = left.path().join(path.strip_prefix(directory.path()).unwrap());
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        audit(left.path());
    });
}

#[test]
fn a_damaged_last_frame_that_is_cut_off_is_caught() {
    catches(Bug::LastFrameTakenForTorn, "an acknowledged deposit is missing", || {
        let (directory, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let bank: Bank = builder(&clock()).segment_bytes(16 * 1024).open(directory.path()).unwrap().into();
        people(&bank);
        bank.deposit(CashPosting::new(number("C"), won(1))).unwrap();
        // As a kill leaves it.
        copy(&directory.path().join("journal"), &left.path().join("journal"));
        drop(bank);
        let path = left.path().join("journal/000000000001.segment");
        let bytes = std::fs::read(&path).unwrap();
        let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        for byte in end - 150..=end {
            let mut damaged = bytes.clone();
            damaged[byte] ^= 1;
            std::fs::write(&path, damaged).unwrap();
            let opened = builder(&clock()).segment_bytes(16 * 1024).open(left.path()).map(Bank::from);
            let complete = opened.as_ref().ok().is_none_or(|bank| posted(bank, "C") == 1);
            assert!(complete, "byte {byte}: an acknowledged deposit is missing");
        }
    });
}

/// Copies a directory of files.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}
