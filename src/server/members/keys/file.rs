//! The key file: a line per key, each with a checksum, synced before anything rests on it.
//!
//! ```text
//! jangbu-keys 1
//! names  <64 hexadecimal digits> <checksum>
//! member <id> <64 hexadecimal digits> <checksum>
//! erased <id> <checksum>
//! ```
//!
//! It is made and rewritten under another name and then renamed; what is added is appended. A last line that is not
//! whole was being written when the power went: it is cut off.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret;

use super::Key;
use crate::server::members::MemberId;

/// The name of the key file in the bank's directory.
const NAME: &str = "keys";
const HEADER: &str = "jangbu-keys 1";
/// Whoever may read the bank's directory may not therefore read the keys.
const MODE: u32 = 0o600;
const CHECKSUM_CONTEXT: &str = "jangbu 2026-11 checksum of a line of the key file";

/// Why a key cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    /// A file operation failed.
    #[error("cannot {operation} the key file {}: {source}", path.display())]
    File {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's word.
        source: io::Error,
    },
    /// A line is not as it was written.
    #[error("the key file {} is damaged in line {line}; restore it from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// There is no such key, or it is destroyed.
    #[error("there is no key")]
    NoKey,
    /// A value cannot be opened: it was sealed with another key, or as something else, or it is damaged.
    #[error("a sealed value cannot be opened")]
    Sealed,
    /// The operating system has no random numbers.
    #[error("the operating system gives no random numbers")]
    Random,
}

/// A line of the file.
pub(super) enum Line {
    /// The key of names.
    Names(Key),
    /// A member's key.
    Member(MemberId, Key),
    /// A member whose key is destroyed.
    Erased(MemberId),
}

/// The file, which is there from the first key on.
#[derive(Debug)]
pub(super) struct KeyFile {
    path: PathBuf,
    file: Option<File>,
}

impl KeyFile {
    /// Opens the key file of a directory, cuts an unfinished last line off, and returns what it says.
    pub(super) fn open(directory: &Path) -> Result<(KeyFile, Vec<Line>), KeysError> {
        let path = directory.join(NAME);
        let fail = |operation, source| KeysError::File { operation, path: path.clone(), source };
        let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((KeyFile { path, file: None }, Vec::new()));
            }
            Err(error) => return Err(fail("open", error)),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| fail("read", error))?;
        let (lines, whole) = read(&bytes).map_err(|line| KeysError::Damaged { path: path.clone(), line })?;
        if whole < bytes.len() {
            tracing::warn!("the last line of {} was not finished and is cut off: no record needs it", path.display());
            let length = u64::try_from(whole).unwrap_or(u64::MAX);
            file.set_len(length).and_then(|()| file.sync_data()).map_err(|error| fail("cut", error))?;
        }
        file.seek(SeekFrom::End(0)).map_err(|error| fail("read", error))?;
        Ok((KeyFile { path, file: Some(file) }, lines))
    }

    /// Reads the key file of a directory as it is, and changes nothing; `None` when there is none.
    pub(super) fn look(directory: &Path) -> Result<Option<Vec<Line>>, KeysError> {
        let path = directory.join(NAME);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(KeysError::File { operation: "read", path, source }),
        };
        read(&bytes).map(|(lines, _)| Some(lines)).map_err(|line| KeysError::Damaged { path, line })
    }

    /// Appends lines and syncs them. The first ones make the file.
    pub(super) fn append(&mut self, lines: &[Line]) -> Result<(), KeysError> {
        let Some(file) = &mut self.file else { return self.write_anew(lines) };
        let before = file.stream_position();
        let written = write_all(file, lines).and_then(|()| file.sync_data());
        if let Err(source) = written {
            // What may have been written of them must not stay in front of later lines.
            if let Ok(before) = before {
                let _ = file.set_len(before).and_then(|()| file.seek(SeekFrom::Start(before)));
            }
            return Err(KeysError::File { operation: "append to", path: self.path.clone(), source });
        }
        Ok(())
    }

    /// Replaces the whole file by these lines.
    pub(super) fn rewrite(&mut self, lines: Vec<Line>) -> Result<(), KeysError> {
        self.write_anew(&lines)
    }

    fn write_anew(&mut self, lines: &[Line]) -> Result<(), KeysError> {
        let replace = || -> io::Result<File> {
            let beside = self.path.with_extension("new");
            // One that an interrupted rewrite left behind may have another mode.
            match fs::remove_file(&beside) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(MODE).open(&beside)?;
            writeln!(file, "{HEADER}")?;
            write_all(&mut file, lines)?;
            file.sync_all()?;
            fs::rename(&beside, &self.path)?;
            if let Some(directory) = self.path.parent() {
                File::open(directory)?.sync_all()?;
            }
            Ok(file)
        };
        let written = replace();
        let file = written.map_err(|source| KeysError::File { operation: "write", path: self.path.clone(), source })?;
        self.file = Some(file);
        Ok(())
    }
}

fn write_all(file: &mut File, lines: &[Line]) -> io::Result<()> {
    let mut text = String::new();
    for line in lines {
        let line = line.to_text();
        text.push_str(&format!("{line} {}\n", checksum(&line)));
    }
    file.write_all(text.as_bytes())
}

/// The lines, and how many bytes they are; else the number of the line at fault.
fn read(bytes: &[u8]) -> Result<(Vec<Line>, usize), usize> {
    let mut lines = Vec::new();
    let mut whole = 0;
    let mut torn = None;
    for (index, piece) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let number = index.saturating_add(1);
        if let Some(torn) = torn {
            // Not the last line, so it was not torn but damaged.
            return Err(torn);
        }
        let text = piece.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok());
        match text {
            Some(HEADER) if index == 0 => {}
            _ if index == 0 => return Err(number),
            text => match text.and_then(Line::parse) {
                Some(line) => lines.push(line),
                None => torn = Some(number),
            },
        }
        if torn.is_none() {
            whole = piece.len().saturating_add(whole);
        }
    }
    if bytes.is_empty() { Err(1) } else { Ok((lines, whole)) }
}

impl Line {
    fn to_text(&self) -> String {
        let hex = |key: &Key| blake3::Hash::from_bytes(*key.expose_secret()).to_hex();
        match self {
            Line::Names(key) => format!("names {}", hex(key)),
            Line::Member(member, key) => format!("member {member} {}", hex(key)),
            Line::Erased(member) => format!("erased {member}"),
        }
    }

    fn parse(line: &str) -> Option<Line> {
        let (line, sum) = line.rsplit_once(' ')?;
        if checksum(line) != sum {
            return None;
        }
        let key = |hex: &str| Some(Key::new(Box::new(*blake3::Hash::from_hex(hex).ok()?.as_bytes())));
        let mut parts = line.split(' ');
        let read = match (parts.next()?, parts.next()?, parts.next()) {
            ("names", hex, None) => Line::Names(key(hex)?),
            ("member", member, Some(hex)) => Line::Member(member.parse().ok()?, key(hex)?),
            ("erased", member, None) => Line::Erased(member.parse().ok()?),
            _ => return None,
        };
        parts.next().is_none().then_some(read)
    }
}

/// 16 hexadecimal digits.
fn checksum(line: &str) -> String {
    let mut hasher = blake3::Hasher::new_derive_key(CHECKSUM_CONTEXT);
    hasher.update(line.as_bytes());
    hasher.finalize().to_hex().chars().take(16).collect()
}
