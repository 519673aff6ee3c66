//! Verifies the contents of a backup against its manifest.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{BackupError, Copies};
use jangbu_journal::disk::Disk;
use jangbu_journal::format::manifest::{Kind, Manifest};
use jangbu_journal::format::names;
use jangbu_journal::medium::digest_of;
use jangbu_journal::segments::Files;
use jangbu_journal::segments::tail::Tail;
use jangbu_journal::segments::walk::{self, Walk};
use jangbu_journal::{JournalError, Sequence};

/// A complete backup.
pub(crate) struct Contents<'a> {
    pub(super) copies: Copies<'a>,
}

impl<'a> Contents<'a> {
    /// Opens the backup in `dir`.
    ///
    /// # Errors
    /// If there is none, or only an incomplete one.
    pub(crate) fn open(disk: &'a dyn Disk, dir: &Path) -> Result<Contents<'a>, BackupError> {
        Ok(Contents { copies: Copies::open(disk, dir, Kind::Backup)? })
    }

    pub(crate) const fn manifest(&self) -> &Manifest {
        &self.copies.manifest
    }

    /// Returns the directory of the files.
    pub(crate) fn files(&self) -> PathBuf {
        self.copies.files()
    }

    /// Reads every file in the manifest, and compares its hash.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] with the first damaged file.
    pub(crate) fn verify_files(&self) -> Result<(), BackupError> {
        self.verify_segments()?;
        for number in self.manifest().indexes.keys() {
            self.verify_index(*number)?;
        }
        self.verify_state()?;
        self.verify_beside()
    }

    /// Like [`Contents::verify_files`], but accepts damage to replaceable files. Returns the numbers of segments whose
    /// sidecars are damaged and can be rebuilt. One copy of each of the application's files is enough.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] with the first damaged file that is needed.
    pub(crate) fn verify_what_is_needed(&self) -> Result<BTreeSet<u64>, BackupError> {
        self.verify_segments()?;
        let mut made_again = BTreeSet::new();
        for number in self.manifest().indexes.keys() {
            match self.verify_index(*number) {
                Ok(()) => {}
                Err(BackupError::Damaged { .. }) if self.manifest().segments.contains_key(number) => {
                    made_again.insert(*number);
                }
                Err(error) => return Err(error),
            }
        }
        self.verify_state()?;
        self.beside()?;
        if let Err(error) = self.verify_beside() {
            tracing::warn!(%error, "one copy of a file beside the journal is damaged; the other copy is used");
        }
        Ok(made_again)
    }

    fn verify_segments(&self) -> Result<(), BackupError> {
        let (disk, files) = (self.copies.disk, self.files());
        let manifest = self.manifest();
        for (number, entry) in &manifest.segments {
            let path = files.join(names::segment(*number));
            self.compare(&path, entry.bytes, &entry.digest)?;
            let header = walk::header(disk, &path, *number)?;
            if self.copies.size_of(&path)? != Some(header.bytes.max(entry.bytes)) {
                return Err(BackupError::Damaged { path, what: "its length has changed" });
            }
        }
        if let Some((number, _)) = manifest.segments.last_key_value() {
            // An interrupted later backup may have left more of the segment, but nothing else may follow.
            let path = files.join(names::segment(*number));
            let mut walk = Walk::new(disk, &path, walk::header(disk, &path, *number)?)?;
            if walk.run(|_| Ok::<(), JournalError>(()))? != Tail::Empty {
                return Err(BackupError::Damaged { path, what: "unexpected bytes follow its last frame" });
            }
        }
        Ok(())
    }

    fn verify_index(&self, number: u64) -> Result<(), BackupError> {
        let Some(entry) = self.manifest().indexes.get(&number) else { return Ok(()) };
        let path = self.files().join(names::index(number));
        self.compare(&path, entry.bytes, &entry.digest)?;
        self.check_size(&path, entry.bytes)
    }

    fn verify_state(&self) -> Result<(), BackupError> {
        let files = self.files();
        if let Some((number, entry)) = &self.manifest().state {
            self.compare(&files.join(names::state(*number)), entry.bytes, &entry.digest)?;
            self.check_size(&files.join(names::state(*number)), entry.bytes)?;
        }
        Ok(())
    }

    fn compare(&self, path: &Path, bytes: u64, digest: &[u8; 32]) -> Result<(), BackupError> {
        if self.copies.size_of(path)?.is_none() {
            return Err(BackupError::Damaged { path: path.to_path_buf(), what: "it is missing" });
        }
        if digest_of(self.copies.disk, path, bytes)? != *digest {
            return Err(BackupError::Damaged { path: path.to_path_buf(), what: "it differs from what was written" });
        }
        Ok(())
    }

    fn check_size(&self, path: &Path, bytes: u64) -> Result<(), BackupError> {
        match self.copies.size_of(path)? {
            Some(found) if found == bytes => Ok(()),
            _ => Err(BackupError::Damaged { path: path.to_path_buf(), what: "its length has changed" }),
        }
    }

    /// Returns the segments in order, in `dir`: the backup's own directory, or the one where it is restored.
    ///
    /// # Errors
    /// If they do not belong together.
    pub(crate) fn sequence(&self, dir: &Path) -> Result<Sequence, JournalError> {
        let manifest = self.manifest();
        let numbers: BTreeSet<u64> = manifest.segments.keys().copied().collect();
        let indexes = manifest.indexes.keys().copied().collect();
        let files = Files::of(numbers, indexes, manifest.state.iter().map(|(number, _)| *number).collect());
        let limit = manifest.segments.last_key_value().map(|(_, entry)| entry.bytes);
        Sequence::chosen(self.copies.disk, dir, &files, limit)
    }
}
