//! Copies of a journal's files in another directory with a manifest: backups, which can be opened, and archives.
//!
//! A file is written under a temporary name, read back, synced and renamed. The manifest is written last. So everything
//! in a manifest is complete, and remains of an interrupted copy are in no manifest.
//!
//! This module must never replace bytes that a manifest lists by different ones, or trust a copy that it has not read.

mod archive;
mod backup;
mod beside;
mod error;
mod options;
mod restore;
mod segment;
mod verify;

use std::path::{Path, PathBuf};

pub use archive::ArchiveReport;
pub(crate) use archive::{archived_segments, move_out};
pub use backup::backup;
pub use error::BackupError;
pub use options::{BackupOptions, BackupReport, Beside, BesideFile, Complete};
pub(crate) use restore::restore;
pub(crate) use verify::Contents;

use jangbu_journal::JournalError;
use jangbu_journal::disk::{Access, Disk};
use jangbu_journal::format::header::HeaderFault;
use jangbu_journal::format::manifest::{FileEntry, Kind, MANIFEST_VERSION, Manifest};
use jangbu_journal::format::names;
use jangbu_journal::medium::{digest_of, read_the_medium};
use segment::Behind;

/// How much is copied at a time.
const CHUNK_BYTES: usize = 1024 * 1024;

/// A directory of copies.
pub(crate) struct Copies<'a> {
    disk: &'a dyn Disk,
    dir: PathBuf,
    /// The contents of the directory. Changes are not durable before [`Copies::seal`].
    manifest: Manifest,
}

impl<'a> Copies<'a> {
    /// Opens the directory of copies `dir`, or creates one if there is none.
    ///
    /// # Errors
    /// If `dir` contains something else, or copies of another journal.
    fn open_or_begin(
        disk: &'a dyn Disk,
        dir: &Path,
        kind: Kind,
        bank: u128,
        journal: u128,
    ) -> Result<Copies<'a>, BackupError> {
        disk.create_dir(dir).map_err(JournalError::io("create", dir))?;
        let parent = dir.parent().unwrap_or(Path::new(""));
        disk.sync_dir(parent).map_err(JournalError::io("sync", parent))?;
        let dir = dir.to_path_buf();
        if let Some(manifest) = read_manifest(disk, &dir)? {
            if manifest.kind != kind {
                return Err(BackupError::OtherKind(dir));
            }
            if (manifest.bank, manifest.journal) != (bank, journal) {
                return Err(BackupError::OtherBank(dir));
            }
            return Ok(Copies { disk, dir, manifest });
        }
        let copies = Copies { disk, dir: dir.clone(), manifest: Manifest::begun(kind, bank, journal) };
        copies.check_empty()?;
        let files = copies.files();
        disk.create_dir(&files).map_err(JournalError::io("create", &files))?;
        disk.sync_dir(&dir).map_err(JournalError::io("sync", &dir))?;
        // From now on the directory is recognizable as this program's, even if the rest is interrupted.
        copies.seal()?;
        Ok(copies)
    }

    /// Opens a complete directory of copies.
    fn open(disk: &'a dyn Disk, dir: &Path, kind: Kind) -> Result<Copies<'a>, BackupError> {
        let manifest = read_manifest(disk, dir)?.ok_or_else(|| match kind {
            Kind::Backup => BackupError::NoManifest(dir.to_path_buf()),
            Kind::Archive => BackupError::NoArchive(dir.to_path_buf()),
        })?;
        if manifest.kind != kind {
            return Err(BackupError::OtherKind(dir.to_path_buf()));
        }
        if manifest.segments.is_empty() {
            return Err(BackupError::Incomplete(dir.to_path_buf()));
        }
        Ok(Copies { disk, dir: dir.to_path_buf(), manifest })
    }

    /// Returns the directory of the files.
    fn files(&self) -> PathBuf {
        self.dir.join(names::JOURNAL)
    }

    /// Checks that the directory contains only what an interrupted start leaves.
    fn check_empty(&self) -> Result<(), BackupError> {
        let names = self.disk.list(&self.dir).map_err(JournalError::io("list", &self.dir))?;
        let ours = |name: &String| *name == names::making(names::MANIFEST) || *name == names::JOURNAL;
        let mut empty = names.iter().all(ours);
        match self.disk.list(&self.files()) {
            Ok(names) => empty &= names.is_empty(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(JournalError::io("list", &self.files())(error).into()),
        }
        if empty { Ok(()) } else { Err(BackupError::NotEmpty(self.dir.clone())) }
    }

    /// Makes all copies durable, and then the manifest that lists them.
    fn seal(&self) -> Result<(), BackupError> {
        let (files, path) = (self.files(), self.dir.join(names::MANIFEST));
        self.disk.sync_dir(&files).map_err(JournalError::io("sync", &files))?;
        let made = self.dir.join(names::making(names::MANIFEST));
        let file = self.disk.open(&made, Access::Create).map_err(JournalError::io("create", &made))?;
        let text = self.manifest.encode();
        file.write_at(&text, 0).map_err(JournalError::io("write", &made))?;
        file.sync().map_err(JournalError::io("sync", &made))?;
        read_the_medium(&*file).map_err(JournalError::io("read back", &made))?;
        if digest_of(self.disk, &made, text.len() as u64)? != *blake3::hash(&text).as_bytes() {
            return Err(BackupError::Damaged {
                path: made,
                what: "the manifest read back differs from what was written",
            });
        }
        self.disk.rename(&made, &path).map_err(JournalError::io("rename", &made))?;
        Ok(self.disk.sync_dir(&self.dir).map_err(JournalError::io("sync", &self.dir))?)
    }

    /// Copies a whole file, unless the copy in the manifest, `known`, exists. A rebuilt sidecar is equivalent to the
    /// earlier one, and a state never changes.
    fn copy_file(&self, from: &Path, known: Option<&FileEntry>) -> Result<Copied, BackupError> {
        let name = from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path = self.files().join(&name);
        if let Some(known) = known
            && self.size_of(&path)? == Some(known.bytes)
        {
            return Ok(Copied { entry: *known, new: false });
        }
        let source = self.disk.open(from, Access::Read).map_err(JournalError::io("open", from))?;
        let bytes = source.size().map_err(JournalError::io("measure", from))?;
        let made = self.files().join(names::making(&name));
        let digest = segment::copy_bytes(self.disk, from, &made, bytes, Behind::Hole(bytes))?;
        if digest_of(self.disk, &made, bytes)? != digest {
            return Err(BackupError::Damaged { path: made, what: "the copy read back differs from what was written" });
        }
        self.publish(&made, &path)?;
        Ok(Copied { entry: FileEntry { bytes, digest }, new: true })
    }

    /// Returns whether a copy is intact: its first `bytes`, read from the medium, have the hash `digest`.
    fn is_intact(&self, name: &str, bytes: u64, digest: &[u8; 32]) -> Result<bool, BackupError> {
        let path = self.files().join(name);
        let file = match self.disk.open(&path, Access::Read) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(JournalError::io("open", &path)(error).into()),
        };
        read_the_medium(&*file).map_err(JournalError::io("read back", &path))?;
        Ok(file.size().map_err(JournalError::io("measure", &path))? >= bytes
            && digest_of(self.disk, &path, bytes)? == *digest)
    }

    /// Durably renames a file that is complete.
    fn publish(&self, made: &Path, path: &Path) -> Result<(), BackupError> {
        let files = self.files();
        self.disk.rename(made, path).map_err(JournalError::io("rename", made))?;
        Ok(self.disk.sync_dir(&files).map_err(JournalError::io("sync", &files))?)
    }

    fn size_of(&self, path: &Path) -> Result<Option<u64>, BackupError> {
        match self.disk.open(path, Access::Read) {
            Ok(file) => Ok(Some(file.size().map_err(JournalError::io("measure", path))?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(JournalError::io("open", path)(error).into()),
        }
    }
}

/// A file that now is among the copies.
struct Copied {
    entry: FileEntry,
    /// Whether it is new.
    new: bool,
}

/// Returns the manifest of a directory of copies; `None` if there is none.
fn read_manifest(disk: &dyn Disk, dir: &Path) -> Result<Option<Manifest>, BackupError> {
    let path = dir.join(names::MANIFEST);
    let file = match disk.open(&path, Access::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(JournalError::io("open", &path)(error).into()),
    };
    let size = file.size().map_err(JournalError::io("measure", &path))?;
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    file.read_full_at(&mut bytes, 0).map_err(JournalError::io("read", &path))?;
    match Manifest::decode(&bytes) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(HeaderFault::Damaged(what)) => Err(BackupError::Damaged { path, what }),
        Err(HeaderFault::NewerFormat(found)) => {
            Err(JournalError::NewerFormat { path, found, known: MANIFEST_VERSION }.into())
        }
    }
}

/// Returns an error if the directory is the bank's own, or inside it.
pub(crate) fn refuse_inside(bank: &Path, dir: &Path) -> Result<(), BackupError> {
    if resolved(dir).starts_with(resolved(bank)) {
        return Err(BackupError::InsideBank { path: dir.to_path_buf(), bank: bank.to_path_buf() });
    }
    Ok(())
}

/// Returns a path without symbolic links, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    for ancestor in absolute.ancestors() {
        if let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), absolute.strip_prefix(ancestor)) {
            return real.join(rest);
        }
    }
    absolute
}
