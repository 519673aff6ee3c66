//! The application's files in a backup. Each is stored twice, under a name that contains the beginning of its hash, so
//! that the files of a manifest stay until the next manifest lists others.

use std::path::{Path, PathBuf};

use super::BesideFile;
use super::{BackupError, Contents, Copies};
use jangbu_journal::JournalError;
use jangbu_journal::disk::{Access, Disk};
use jangbu_journal::format::manifest::FileEntry;
use jangbu_journal::format::names;
use jangbu_journal::medium::read_the_medium;

/// The maximum number of such files.
const MOST_FILES: usize = 16;
/// The maximum length of such a file's name in bytes.
const MAX_NAME_BYTES: usize = 32;
/// The number of hexadecimal digits of the hash in a copy's name.
const HASH_DIGITS: usize = 16;

impl Copies<'_> {
    /// Copies these files; the manifest lists only them from now on. Returns the number of bytes written.
    pub(super) fn copy_beside(&mut self, files: Vec<BesideFile>) -> Result<u64, BackupError> {
        if files.len() > MOST_FILES {
            return Err(BackupError::Beside(format!("more than {MOST_FILES} files beside the journal")));
        }
        let (mut written, mut named) = (0, std::collections::BTreeMap::new());
        for BesideFile { name, bytes } in files {
            check_name(&name)?;
            let entry = FileEntry { bytes: bytes.len() as u64, digest: *blake3::hash(&bytes).as_bytes() };
            for path in self.beside_paths(&name, &entry) {
                if self.read_beside(&path, &entry)?.is_none() {
                    self.write_beside(&path, &bytes, &entry)?;
                    written += entry.bytes;
                }
            }
            named.insert(name, entry);
        }
        self.manifest.beside = named;
        Ok(written)
    }

    fn write_beside(&self, path: &Path, bytes: &[u8], entry: &FileEntry) -> Result<(), BackupError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let made = self.dir.join(names::making(&name));
        let file = self.disk.open(&made, Access::Create).map_err(JournalError::io("create", &made))?;
        file.write_at(bytes, 0).map_err(JournalError::io("write", &made))?;
        file.sync().map_err(JournalError::io("sync", &made))?;
        if self.read_beside(&made, entry)?.is_none() {
            return Err(BackupError::Damaged { path: made, what: "the copy read back differs from what was written" });
        }
        self.disk.rename(&made, path).map_err(JournalError::io("rename", &made))?;
        Ok(self.disk.sync_dir(&self.dir).map_err(JournalError::io("sync", &self.dir))?)
    }

    /// Returns the contents of a copy, read from the medium, or `None` if it is missing or damaged.
    fn read_beside(&self, path: &Path, entry: &FileEntry) -> Result<Option<Vec<u8>>, BackupError> {
        let file = match self.disk.open(path, Access::Read) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(JournalError::io("open", path)(error).into()),
        };
        read_the_medium(&*file).map_err(JournalError::io("read back", path))?;
        if file.size().map_err(JournalError::io("measure", path))? != entry.bytes {
            return Ok(None);
        }
        let mut bytes = vec![0; usize::try_from(entry.bytes).unwrap_or(0)];
        file.read_full_at(&mut bytes, 0).map_err(JournalError::io("read", path))?;
        Ok((*blake3::hash(&bytes).as_bytes() == entry.digest).then_some(bytes))
    }

    /// Returns the paths of the two copies of a file.
    fn beside_paths(&self, name: &str, entry: &FileEntry) -> [PathBuf; 2] {
        let digest = blake3::Hash::from_bytes(entry.digest).to_hex();
        let digits = digest.get(..HASH_DIGITS).unwrap_or_default();
        [self.dir.join(format!("{name}.{digits}")), self.dir.join(format!("{name}.{digits}.copy"))]
    }

    /// Removes the application's files that are no longer in the manifest, including those of version 1, which have
    /// plain names: what was destroyed in the bank must not survive here. If that fails, the next backup does it.
    pub(super) fn remove_old_beside(&self) -> Result<(), BackupError> {
        let named: Vec<PathBuf> =
            self.manifest.beside.iter().flat_map(|(name, entry)| self.beside_paths(name, entry)).collect();
        let mut removed = false;
        for name in self.disk.list(&self.dir).map_err(JournalError::io("list", &self.dir))? {
            let path = self.dir.join(&name);
            let stem = name.split('.').next().unwrap_or_default();
            if self.manifest.beside.contains_key(stem) && !named.contains(&path) {
                self.disk.remove(&path).map_err(JournalError::io("remove", &path))?;
                removed = true;
            }
        }
        if removed {
            self.disk.sync_dir(&self.dir).map_err(JournalError::io("sync", &self.dir))?;
        }
        Ok(())
    }
}

impl Contents<'_> {
    /// Returns the application's files, each from an intact copy; `None` in a backup made before backups had them.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] if both copies of a file are damaged or missing.
    pub(crate) fn beside(&self) -> Result<Option<Vec<BesideFile>>, BackupError> {
        if self.manifest().version < 2 {
            return Ok(None);
        }
        let mut files = Vec::new();
        for (name, entry) in &self.manifest().beside {
            let [first, second] = self.copies.beside_paths(name, entry);
            let found = match self.copies.read_beside(&first, entry)? {
                Some(bytes) => Some(bytes),
                None => self.copies.read_beside(&second, entry)?,
            };
            let what = "it is missing or damaged, and so is its copy";
            let bytes = found.ok_or(BackupError::Damaged { path: first, what })?;
            files.push(BesideFile { name: name.clone(), bytes });
        }
        Ok(Some(files))
    }

    /// Checks both copies of each of the application's files.
    pub(super) fn verify_beside(&self) -> Result<(), BackupError> {
        for (name, entry) in &self.manifest().beside {
            for path in self.copies.beside_paths(name, entry) {
                if self.copies.read_beside(&path, entry)?.is_none() {
                    let what = "it is missing or damaged; a backup with --repair replaces it";
                    return Err(BackupError::Damaged { path, what });
                }
            }
        }
        Ok(())
    }
}

/// Writes one of the application's files to a bank that is being restored.
pub(super) fn restore_file(disk: &dyn Disk, to: &Path, file: &BesideFile) -> Result<(), BackupError> {
    let path = to.join(&file.name);
    let made = disk.open(&path, Access::Create).map_err(JournalError::io("create", &path))?;
    made.write_at(&file.bytes, 0).map_err(JournalError::io("write", &path))?;
    made.sync().map_err(JournalError::io("sync", &path))?;
    read_the_medium(&*made).map_err(JournalError::io("read back", &path))?;
    let mut bytes = vec![0; file.bytes.len()];
    made.read_full_at(&mut bytes, 0).map_err(JournalError::io("read", &path))?;
    if bytes != file.bytes {
        return Err(BackupError::Damaged { path, what: "it differs from what was written when read back" });
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), BackupError> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    let is_ours = [names::MANIFEST, names::JOURNAL].contains(&name);
    match name.bytes().all(is_plain) && (1..=MAX_NAME_BYTES).contains(&name.len()) && !is_ours {
        true => Ok(()),
        false => Err(BackupError::Beside(format!("{name:?} is no name of a file beside the journal"))),
    }
}
