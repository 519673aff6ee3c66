//! The operator's work between two lives of a machine: backing the bank up and restoring it elsewhere.

use std::path::Path;
use std::sync::Arc;

use super::machine::JOURNAL;
use jangbu_journal::disk::{Fault, FaultDisk};
use jangbu_journal::{FileJournal, FileOptions, Journal};
use jangbu_ledger::Position;
use jangbu_maintenance::backup::{BackupOptions, restore_on, verify_backup_on};
use jangbu_plant::Dice;

/// The directory of the simulated bank on its disk.
const BANK: &str = "/bank";
const BACKUP: &str = "/backup";
const RESTORED: &str = "/restored";

/// An interrupted backup is broken off within this many disk operations.
const OPERATIONS_AHEAD: usize = 60;

/// Backs the bank up, with a random interruption, and returns a disk that contains only the restored bank.
pub(super) fn restored(disk: &FaultDisk, options: &FileOptions, dice: &mut Dice) -> Result<FaultDisk, String> {
    if dice.heads() {
        disk.fail_from(disk.operations() + dice.below(OPERATIONS_AHEAD) as u64, Fault::Halt);
        // The remains of an interrupted backup must not be a problem for the next one.
        let _interrupted = back_up(disk, options);
        disk.heal();
    }
    let made = back_up(disk, options)?;
    let wrong = |what: &str, error: &dyn std::fmt::Display| format!("{what} after a crash: {error}");
    let verified = verify_backup_on(disk, Path::new(BACKUP)).map_err(|error| wrong("the backup", &error))?;
    let report =
        restore_on(disk, Path::new(BACKUP), Path::new(RESTORED)).map_err(|error| wrong("the restore", &error))?;
    if (verified.end, report.checked.end) != (made, made) {
        return Err(format!("{made} was backed up, {} verified and {} restored", verified.end, report.checked.end));
    }
    let new = FaultDisk::new();
    for (path, bytes) in disk.files() {
        if let Ok(path) = path.strip_prefix(RESTORED) {
            new.put_file(&Path::new(BANK).join(path), bytes);
        }
    }
    Ok(new)
}

fn back_up(disk: &FaultDisk, options: &FileOptions) -> Result<Position, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("a backup after a crash: {error}");
    let journal = FileJournal::open(Arc::new(disk.clone()), Path::new(JOURNAL), options.clone())
        .map_err(|error| wrong(&error))?;
    let report = jangbu_maintenance::back_up(&*journal.reader(), Path::new(BACKUP), BackupOptions::default())
        .map_err(|error| wrong(&error))?;
    Ok(report.position)
}
