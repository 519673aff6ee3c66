//! The key file and its copy, `keys` and `keys.copy`: one line per key, each with a checksum, synced in both before
//! anything depends on it. `lines` defines their contents.
//!
//! Both are created and rewritten under another name, read back and then renamed. New lines are appended, to the file
//! first and then to the copy. Opening changes nothing. The next write repairs what is damaged, torn or missing in one
//! of them by rewriting both; a torn piece is set aside.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jangbu_actors::journal::disk::{Access, Disk, DiskFile};

use super::lines::{Fault, Header, Line, merge};
use super::seal;

/// The names of the key file and its copy in the bank's directory.
pub(super) const NAMES: [&str; 2] = ["keys", "keys.copy"];

/// The most torn pieces that are kept.
const MOST_TORN: usize = 8;

/// Why a key is not available.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    /// A file operation failed.
    #[error("cannot {operation} the key file {}: {source}", path.display())]
    File {
        /// The operation, as a verb.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A line is damaged in both the file and its copy.
    #[error("the key file {} is damaged in line {line}, and no copy has that line; restore it from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// The file and its copy belong to different banks, or contradict each other.
    #[error("the key file {} and its copy, {}.copy, contradict each other; remove the one that is not this bank's", path.display(), path.display())]
    Strangers {
        /// The file.
        path: PathBuf,
    },
    /// Other users can read or write it.
    #[error(
        "others can use the key file {path} (mode {mode:04o}), by which everything about members can be read; run \
         `chmod 600 {path}`, and see who had access",
        path = path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The key does not exist, or is destroyed.
    #[error("there is no key")]
    NoKey,
    /// A value cannot be opened: it was sealed with another key or for another purpose, or it is damaged.
    #[error("a sealed value cannot be opened")]
    Sealed,
    /// The operating system returns no random bytes.
    #[error("the operating system gives no random numbers")]
    Random,
}

/// The file and its copy, which exist from the first key on.
#[derive(Debug)]
pub(super) struct KeyFile {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    /// The contents of the first line; `None` without a file.
    header: Option<Header>,
    /// Both files and their length; `None` if both must be rewritten.
    open: Option<([Arc<dyn DiskFile>; 2], u64)>,
    torn: Vec<u8>,
    /// Whether the files may still contain a destroyed key. The next write then keeps no torn piece.
    erasing: bool,
}

impl KeyFile {
    /// Opens the key file of a directory and its copy without changing them, and returns their common contents.
    pub(super) fn open(disk: Arc<dyn Disk>, directory: &Path) -> Result<(KeyFile, Vec<Line>), KeysError> {
        let mut found = Vec::new();
        for name in NAMES {
            let path = directory.join(name);
            found.push(read(&*disk, &path).map_err(fail("read", &path))?);
        }
        let [first, copy] = [found.first().cloned().flatten(), found.get(1).cloned().flatten()];
        let mut file = KeyFile {
            disk,
            directory: directory.to_path_buf(),
            header: None,
            open: None,
            torn: Vec::new(),
            erasing: false,
        };
        if first.is_none() && copy.is_none() {
            return Ok((file, Vec::new()));
        }
        let path = directory.join("keys");
        let merged = merge(first.as_deref(), copy.as_deref()).map_err(|fault| told(fault, &path))?;
        if !merged.healed.is_empty() {
            tracing::warn!(lines = ?merged.healed, "lines of {} or its copy are damaged; the other one has them", path.display());
        }
        file.header = Some(merged.header);
        if merged.is_sound {
            let mut files = Vec::new();
            for name in NAMES {
                let path = directory.join(name);
                // A file that cannot be written is detected at the first write.
                files.extend(file.disk.open(&path, Access::Write).ok());
            }
            let files = <[Arc<dyn DiskFile>; 2]>::try_from(files).ok();
            file.open = files.map(|files| (files, u64::try_from(merged.bytes).unwrap_or(u64::MAX)));
        }
        file.torn = merged.torn;
        Ok((file, merged.lines))
    }

    /// Whether a key file exists.
    pub(super) const fn is_there(&self) -> bool {
        self.header.is_some()
    }

    /// Whether both must be rewritten before anything else.
    pub(super) const fn needs_mending(&self) -> bool {
        self.header.is_some() && self.open.is_none()
    }

    /// Returns the bytes of a file with these lines.
    pub(super) fn text(&self, lines: &[Line]) -> Option<Vec<u8>> {
        Some(text(self.header?, lines))
    }

    /// Appends lines and syncs them, in both files. The first lines create the files.
    ///
    /// After an error the next call rewrites both: the written part of these lines must not precede later ones.
    pub(super) fn append(&mut self, new: &[Line], all: impl FnOnce() -> Vec<Line>) -> Result<(), KeysError> {
        let Some((files, length)) = self.open.take() else { return self.rewrite(&all()) };
        let text: String = new.iter().map(Line::to_text).collect();
        for (file, name) in files.iter().zip(NAMES) {
            let written = file.write_at(text.as_bytes(), length).and_then(|()| file.sync());
            written.map_err(fail("append to", &self.directory.join(name)))?;
        }
        let length = length.saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
        self.open = Some((files, length));
        Ok(())
    }

    /// Replaces both by files with these lines.
    pub(super) fn rewrite(&mut self, lines: &[Line]) -> Result<(), KeysError> {
        self.open = None;
        if self.erasing {
            self.torn.clear();
            self.remove_torn()?;
        } else {
            self.keep_torn()?;
        }
        let id = match self.header {
            Some(header) if header.id != 0 => header.id,
            _ => seal::random_id()?,
        };
        let generation = self.header.map_or(0, |header| header.generation).saturating_add(1);
        let header = Header { id, generation };
        let text = text(header, lines);
        // From here on the first file may have this generation, and the next write must use a later one.
        self.header = Some(header);
        let mut files = Vec::new();
        for name in NAMES {
            let path = self.directory.join(name);
            files.push(replace(&*self.disk, &self.directory, &path, &text).map_err(fail("write", &path))?);
        }
        let files = <[Arc<dyn DiskFile>; 2]>::try_from(files).ok();
        self.open = files.map(|files| (files, u64::try_from(text.len()).unwrap_or(u64::MAX)));
        self.erasing = false;
        Ok(())
    }

    /// Replaces both by files with these lines, which lack a key that the files contain.
    ///
    /// After an error the next write, for whatever purpose, replaces both.
    pub(super) fn rewrite_without_key(&mut self, lines: &[Line]) -> Result<(), KeysError> {
        self.erasing = true;
        self.rewrite(lines)
    }

    /// Deletes torn pieces: a key in one must not outlive its member. They are deleted before the files are replaced,
    /// so that files without the key prove that it is nowhere.
    fn remove_torn(&self) -> Result<(), KeysError> {
        let mut removed = false;
        for path in self.torn_paths() {
            match self.disk.remove(&path) {
                Ok(()) => removed = true,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(fail("remove what was cut off", &path)(error)),
            }
        }
        if removed {
            self.disk.sync_dir(&self.directory).map_err(fail("sync", &self.directory))?;
        }
        Ok(())
    }

    fn torn_paths(&self) -> Vec<PathBuf> {
        (1..=MOST_TORN).map(|number| self.directory.join(format!("keys.torn-{number}"))).collect()
    }

    /// Keeps a torn piece in a file of its own.
    fn keep_torn(&mut self) -> Result<(), KeysError> {
        if self.torn.is_empty() {
            return Ok(());
        }
        for path in self.torn_paths() {
            if read(&*self.disk, &path).map_err(fail("read", &path))?.is_some() {
                continue;
            }
            tracing::warn!(kept_in = %path.display(), "the last line of the key file was not finished; no record needs it");
            replace(&*self.disk, &self.directory, &path, &self.torn).map_err(fail("keep", &path))?;
            self.torn.clear();
            return Ok(());
        }
        tracing::warn!("the last line of the key file was not finished, and {MOST_TORN} such are kept already");
        self.torn.clear();
        Ok(())
    }
}

/// Returns the lines of a key file in memory.
pub(super) fn lines_of(path: &Path, bytes: &[u8]) -> Result<Vec<Line>, KeysError> {
    Ok(merge(Some(bytes), None).map_err(|fault| told(fault, path))?.lines)
}

fn told(fault: Fault, path: &Path) -> KeysError {
    let path = path.to_path_buf();
    match fault {
        Fault::Damaged(line) => KeysError::Damaged { path, line },
        Fault::Strangers => KeysError::Strangers { path },
    }
}

fn fail(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeysError {
    move |source| KeysError::File { operation, path: path.to_path_buf(), source }
}

fn text(header: Header, lines: &[Line]) -> Vec<u8> {
    let mut text = header.to_text();
    text.extend(lines.iter().map(Line::to_text));
    text.into_bytes()
}

/// Reads a file; `None` if there is none.
fn read(disk: &dyn Disk, path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match disk.open(path, Access::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = vec![0; usize::try_from(file.size()?).map_err(io::Error::other)?];
    let length = file.read_full_at(&mut bytes, 0)?;
    bytes.truncate(length);
    Ok(Some(bytes))
}

/// Replaces a file: the new one is durable and read back from the medium before it gets the name.
fn replace(disk: &dyn Disk, directory: &Path, path: &Path, bytes: &[u8]) -> io::Result<Arc<dyn DiskFile>> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // A file left behind by an interrupted write may be readable by others.
    match disk.remove(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file = disk.open(&beside, Access::Create)?;
    file.write_at(bytes, 0)?;
    file.sync()?;
    file.drop_cache()?;
    if read(disk, &beside)?.as_deref() != Some(bytes) {
        return Err(io::Error::other("it does not read as it was written"));
    }
    disk.rename(&beside, path)?;
    disk.sync_dir(directory)?;
    Ok(file)
}
