//! Restores a backup to a new directory, which cannot be opened before all files are there and verified.

use std::collections::BTreeSet;
use std::path::Path;

use super::beside::restore_file;
use super::segment::{Behind, copy_bytes};
use super::{BackupError, Contents};
use jangbu_journal::JournalError;
use jangbu_journal::disk::{Access, Disk};
use jangbu_journal::format::names;
use jangbu_journal::segments::{sidecars, walk};

/// Copies a verified backup to the directory `to`, which must be empty or missing, and lets `audit` inspect it before
/// it can be opened. The sidecars of the segments in `made_again` are rebuilt. Returns the number of bytes copied.
pub(crate) fn restore(
    contents: &Contents<'_>,
    made_again: &BTreeSet<u64>,
    disk: &dyn Disk,
    to: &Path,
    audit: impl FnOnce(&Path) -> Result<(), BackupError>,
) -> Result<u64, BackupError> {
    match disk.list(to) {
        Ok(names) if names.is_empty() => {}
        Ok(_) => return Err(BackupError::NotEmpty(to.to_path_buf())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(JournalError::io("list", to)(error).into()),
    }
    let dir = to.join(names::JOURNAL);
    for (new, parent) in [(to, to.parent().unwrap_or(Path::new(""))), (&dir, to)] {
        disk.create_dir(new).map_err(JournalError::io("create", new))?;
        disk.sync_dir(parent).map_err(JournalError::io("sync", parent))?;
    }
    let mark = dir.join(names::RESTORING);
    let file = disk.open(&mark, Access::Create).map_err(JournalError::io("create", &mark))?;
    file.sync().map_err(JournalError::io("sync", &mark))?;
    let sync = || disk.sync_dir(&dir).map_err(JournalError::io("sync", &dir));
    sync()?;
    let bytes = copy_all(contents, made_again, disk, &dir)?;
    for file in contents.beside()?.unwrap_or_default() {
        restore_file(disk, to, &file)?;
    }
    disk.sync_dir(to).map_err(JournalError::io("sync", to))?;
    sync()?;
    audit(&dir)?;
    disk.remove(&mark).map_err(JournalError::io("remove", &mark))?;
    sync()?;
    Ok(bytes)
}

fn copy_all(
    contents: &Contents<'_>,
    made_again: &BTreeSet<u64>,
    disk: &dyn Disk,
    dir: &Path,
) -> Result<u64, BackupError> {
    let (manifest, files) = (contents.manifest(), contents.files());
    let mut all = 0;
    let mut copy = |name: String, bytes: u64, behind: Behind, digest: &[u8; 32]| {
        let (from, to) = (files.join(&name), dir.join(&name));
        if copy_bytes(disk, &from, &to, bytes, behind)? != *digest {
            return Err(BackupError::Damaged { path: from, what: "it differs from what was written" });
        }
        all += bytes;
        Ok(())
    };
    let last = manifest.segments.last_key_value().map(|(number, _)| *number);
    for (number, entry) in &manifest.segments {
        let header = walk::header(disk, &files.join(names::segment(*number)), *number)?;
        let size = header.bytes.max(entry.bytes);
        // The last segment will be written to.
        let behind = if last == Some(*number) { Behind::Zeros(size) } else { Behind::Hole(entry.bytes) };
        copy(names::segment(*number), entry.bytes, behind, &entry.digest)?;
    }
    for (number, entry) in manifest.indexes.iter().filter(|(number, _)| !made_again.contains(number)) {
        copy(names::index(*number), entry.bytes, Behind::Hole(entry.bytes), &entry.digest)?;
    }
    if let Some((number, entry)) = &manifest.state {
        copy(names::state(*number), entry.bytes, Behind::Hole(entry.bytes), &entry.digest)?;
    }
    for number in made_again {
        let segment = dir.join(names::segment(*number));
        tracing::warn!(segment = number, "the sidecar in the backup is damaged; it is rebuilt from its segment");
        all += sidecars::rebuild(disk, dir, &segment)?.bytes;
    }
    Ok(all)
}
