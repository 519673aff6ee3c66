//! The manifest of a backup or an archive: a list of its contents as readable lines of text, sealed with a BLAKE3 hash.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Chain;
use super::header::HeaderFault;
use jangbu_ledger::{Position, Timestamp};

/// The newest version of manifests that this program reads, and the one that it writes. Version 1 has no lines for the
/// application's files.
pub const MANIFEST_VERSION: u32 = 2;

/// The kind of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A backup: everything needed to continue from some position.
    Backup,
    /// An archive: segments that were moved out of a bank.
    Archive,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Kind::Backup => "backup",
            Kind::Archive => "archive",
        }
    }
}

/// The contents of a backup or an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Whether these are the copies of a backup or of an archive.
    pub kind: Kind,
    /// The id of the bank.
    pub bank: u128,
    /// The id of the journal.
    pub journal: u128,
    /// The position of the last record; 0 if the copy was started but not completed.
    pub position: Position,
    /// When that record was recorded.
    pub recorded_at: Timestamp,
    /// The segments by their numbers.
    pub segments: BTreeMap<u64, SegmentEntry>,
    /// The sidecars by the numbers of their segments.
    pub indexes: BTreeMap<u64, FileEntry>,
    /// The state that stands in for archived segments, with the number of the last of them.
    pub state: Option<(u64, FileEntry)>,
    /// The application's files, by name.
    pub beside: BTreeMap<String, FileEntry>,
    /// The version that was read, or that is written.
    pub version: u32,
}

/// A segment: the part of its file up to the end of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentEntry {
    /// The first record.
    pub first: Position,
    /// The position of the last record; the one before the first if there are none.
    pub last: Position,
    /// The end of the last frame, up to which the file counts.
    pub bytes: u64,
    /// The offset of the last frame.
    pub last_frame: u64,
    /// The chain after the last frame.
    pub chain: Chain,
    /// The hash of the part that counts.
    pub digest: [u8; 32],
}

/// Another file, which counts completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// The length of the file.
    pub bytes: u64,
    /// The BLAKE3 hash of the file.
    pub digest: [u8; 32],
}

impl Manifest {
    /// Creates the manifest of a copy that was just started.
    pub fn begun(kind: Kind, bank: u128, journal: u128) -> Manifest {
        Manifest {
            kind,
            bank,
            journal,
            position: Position::START,
            recorded_at: Timestamp::from_ns(0),
            segments: BTreeMap::new(),
            indexes: BTreeMap::new(),
            state: None,
            beside: BTreeMap::new(),
            version: MANIFEST_VERSION,
        }
    }

    /// Encodes the manifest as text, with a hash over it at the end.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut text);
        let seal = blake3::hash(text.as_bytes());
        let _ = writeln!(text, "end {seal}");
        text.into_bytes()
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        // The newest version is written, whatever version was read.
        writeln!(text, "jangbu {} {MANIFEST_VERSION}", self.kind.word())?;
        writeln!(text, "bank {:032x}", self.bank)?;
        writeln!(text, "journal {:032x}", self.journal)?;
        writeln!(text, "position {}", self.position)?;
        writeln!(text, "recorded_at {}", self.recorded_at.as_ns())?;
        for (number, entry) in &self.segments {
            let SegmentEntry { first, last, bytes, last_frame, chain, digest } = entry;
            let (chain, digest) = (hex(chain), hex(digest));
            writeln!(text, "segment {number} {first} {last} {bytes} {last_frame} {chain} {digest}")?;
        }
        for (number, entry) in &self.indexes {
            writeln!(text, "index {number} {} {}", entry.bytes, hex(&entry.digest))?;
        }
        if let Some((number, entry)) = &self.state {
            writeln!(text, "state {number} {} {}", entry.bytes, hex(&entry.digest))?;
        }
        for (name, entry) in &self.beside {
            writeln!(text, "file {name} {} {}", entry.bytes, hex(&entry.digest))?;
        }
        Ok(())
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// [`HeaderFault`] for bytes that [`Manifest::encode`] of this or an earlier version did not write.
    pub fn decode(bytes: &[u8]) -> Result<Manifest, HeaderFault> {
        let damaged = HeaderFault::Damaged("the manifest is not as it was written");
        let text = std::str::from_utf8(bytes).map_err(|_| damaged)?;
        let body = text.rfind("end ").and_then(|at| text.split_at_checked(at)).ok_or(damaged)?;
        if body.1 != format!("end {}\n", blake3::hash(body.0.as_bytes())) {
            return Err(damaged);
        }
        let mut lines = body.0.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        let (kind, version) = match lines.next().as_deref() {
            Some(["jangbu", word, version]) => match (*word, version.parse().map_err(|_| damaged)?) {
                ("backup", version @ 1..=MANIFEST_VERSION) => (Kind::Backup, version),
                ("archive", version @ 1..=MANIFEST_VERSION) => (Kind::Archive, version),
                ("backup" | "archive", newer) if newer > MANIFEST_VERSION => {
                    return Err(HeaderFault::NewerFormat(newer));
                }
                _ => return Err(damaged),
            },
            _ => return Err(damaged),
        };
        let mut manifest = Manifest { version, ..Manifest::begun(kind, 0, 0) };
        for line in lines {
            manifest.take(&line).ok_or(damaged)?;
        }
        Ok(manifest)
    }

    /// Parses a line; returns `None` if it is not a line of a manifest.
    fn take(&mut self, line: &[&str]) -> Option<()> {
        match line {
            ["bank", id] => self.bank = u128::from_str_radix(id, 16).ok()?,
            ["journal", id] => self.journal = u128::from_str_radix(id, 16).ok()?,
            ["position", position] => self.position = Position::new(position.parse().ok()?),
            ["recorded_at", ns] => self.recorded_at = Timestamp::from_ns(ns.parse().ok()?),
            ["segment", number, first, last, bytes, last_frame, chain, digest] => {
                let entry = SegmentEntry {
                    first: Position::new(first.parse().ok()?),
                    last: Position::new(last.parse().ok()?),
                    bytes: bytes.parse().ok()?,
                    last_frame: last_frame.parse().ok()?,
                    chain: unhex(chain)?,
                    digest: unhex(digest)?,
                };
                self.segments.insert(number.parse().ok()?, entry);
            }
            ["index", number, bytes, digest] => {
                let entry = FileEntry { bytes: bytes.parse().ok()?, digest: unhex(digest)? };
                self.indexes.insert(number.parse().ok()?, entry);
            }
            ["state", number, bytes, digest] => {
                let entry = FileEntry { bytes: bytes.parse().ok()?, digest: unhex(digest)? };
                self.state = Some((number.parse().ok()?, entry));
            }
            ["file", name, bytes, digest] if self.version >= 2 => {
                let entry = FileEntry { bytes: bytes.parse().ok()?, digest: unhex(digest)? };
                self.beside.insert((*name).to_owned(), entry);
            }
            _ => return None,
        }
        Some(())
    }
}

fn hex(bytes: &[u8; 32]) -> blake3::Hash {
    // A hash is written as hexadecimal digits; any 32 bytes are valid.
    blake3::Hash::from_bytes(*bytes)
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    blake3::Hash::from_hex(text).ok().map(|hash| *hash.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let mut manifest = Manifest::begun(Kind::Backup, 7, u128::MAX);
        manifest.position = Position::new(90);
        manifest.recorded_at = Timestamp::from_ns(-3);
        for number in 2..5 {
            let (first, last) = (Position::new(number * 10), Position::new(number * 10 + 9));
            let entry =
                SegmentEntry { first, last, bytes: 5000 + number, last_frame: 4096, chain: [1; 32], digest: [2; 32] };
            manifest.segments.insert(number, entry);
            manifest.indexes.insert(number - 1, FileEntry { bytes: number, digest: [3; 32] });
        }
        manifest.state = Some((1, FileEntry { bytes: 4096, digest: [4; 32] }));
        manifest.beside.insert("keys".to_owned(), FileEntry { bytes: 80, digest: [5; 32] });
        manifest
    }

    #[test]
    fn a_manifest_reads_back_and_every_change_is_detected() {
        let bytes = manifest().encode();
        assert_eq!(Manifest::decode(&bytes), Ok(manifest()));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(Manifest::decode(&changed).is_err(), "byte {at}");
            assert!(Manifest::decode(&bytes[..at]).is_err(), "cut off at {at}");
        }
        assert!(Manifest::decode(&[&bytes[..], b"\n"].concat()).is_err());
    }

    #[test]
    fn a_newer_manifest_is_distinguished_from_damage() {
        let newer = "jangbu backup 3\nsomething else\n";
        let sealed = format!("{newer}end {}\n", blake3::hash(newer.as_bytes()));
        assert_eq!(Manifest::decode(sealed.as_bytes()), Err(HeaderFault::NewerFormat(3)));
    }

    /// The form of manifests before they had the application's files.
    #[test]
    fn a_manifest_of_version_1_reads_back() {
        let text = String::from_utf8(manifest().encode()).unwrap();
        let sealed = |text: &str| format!("{text}end {}\n", blake3::hash(text.as_bytes()));
        let body = text.split("end ").next().unwrap().replace("jangbu backup 2", "jangbu backup 1");
        let (old, file) = body.split_at(body.find("file ").unwrap());
        let expected = Manifest { version: 1, beside: BTreeMap::new(), ..manifest() };
        assert_eq!(Manifest::decode(sealed(old).as_bytes()), Ok(expected));
        assert!(Manifest::decode(sealed(&format!("{old}{file}")).as_bytes()).is_err(), "no such line in version 1");
    }
}
