//! Sidecars of full segments: reading, rebuilding and writing them.

use std::path::Path;

use super::tail::Tail;
use super::walk::{self, Gathered, Walk};
use crate::JournalError;
use crate::disk::{Access, Disk};
use crate::format::names;
use crate::format::sidecar::{self, HEAD_BYTES, Summary};

/// A sidecar: its summary and its length.
#[derive(Debug)]
pub struct Sidecar {
    /// The contents of the sidecar.
    pub(crate) summary: Summary,
    /// The length of the sidecar.
    pub bytes: u64,
    /// The whole sidecar, if it was rebuilt and is not in a file yet.
    pub(crate) unwritten: Option<Vec<u8>>,
}

impl Sidecar {
    /// Reads and verifies a full segment to rebuild its sidecar. Writes nothing.
    pub(crate) fn compute(disk: &dyn Disk, path: &Path, number: u64) -> Result<Sidecar, JournalError> {
        let (bytes, summary) = compute(disk, path, number)?;
        Ok(Sidecar { summary, bytes: bytes.len() as u64, unwritten: Some(bytes) })
    }
}

/// Reads the sidecar of a segment. Returns `None` if there is none, or if it is damaged or of another version.
pub(crate) fn load(disk: &dyn Disk, dir: &Path, number: u64) -> Result<Option<Sidecar>, JournalError> {
    let path = dir.join(names::index(number));
    let file = disk.open(&path, Access::Read).map_err(JournalError::io("open", &path))?;
    let size = file.size().map_err(JournalError::io("measure", &path))?;
    let mut bytes = vec![0; HEAD_BYTES];
    let read = file.read_full_at(&mut bytes, 0).map_err(JournalError::io("read", &path))?;
    let end = sidecar::summary_end(bytes.get(..read).unwrap_or_default());
    let Some(end) = end.filter(|end| *end as u64 <= size) else { return Ok(None) };
    bytes.resize(end, 0);
    let rest = bytes.get_mut(HEAD_BYTES..).unwrap_or_default();
    file.read_full_at(rest, HEAD_BYTES as u64).map_err(JournalError::io("read", &path))?;
    let summary = Summary::decode(&bytes).filter(|summary| summary.file_bytes() == size);
    Ok(summary.map(|summary| Sidecar { summary, bytes: size, unwritten: None }))
}

/// Reads and verifies a full segment, and writes its sidecar.
pub fn rebuild(disk: &dyn Disk, dir: &Path, path: &Path) -> Result<Sidecar, JournalError> {
    let number = number_of(path);
    let (bytes, summary) = compute(disk, path, number)?;
    write(disk, dir, number, &bytes)?;
    Ok(Sidecar { summary, bytes: bytes.len() as u64, unwritten: None })
}

fn number_of(path: &Path) -> u64 {
    path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok()).unwrap_or(0)
}

/// Reads and verifies a full segment. Returns the bytes of its sidecar and their summary.
pub(crate) fn compute(disk: &dyn Disk, path: &Path, number: u64) -> Result<(Vec<u8>, Summary), JournalError> {
    let mut walk = Walk::new(disk, path, walk::header(disk, path, number)?)?;
    let mut gathered = Gathered::default();
    let tail = walk.run(|passed| {
        gathered.add(passed.frame, passed.record, &passed.keys()?);
        Ok::<(), JournalError>(())
    })?;
    if tail != Tail::Empty {
        let what = "no sound frame is here, although the segment is not the last one";
        return Err(JournalError::damaged_after(walk.last, path, walk.offset, what));
    }
    let facts = gathered.facts(&walk.header, walk.offset, walk.chain);
    Ok(sidecar::encode(facts, gathered.ids, gathered.references, gathered.marks))
}

/// Writes a sidecar under a temporary name, and renames it once it is durable.
pub(crate) fn write(disk: &dyn Disk, dir: &Path, number: u64, bytes: &[u8]) -> Result<(), JournalError> {
    let name = names::index(number);
    let (made, path) = (dir.join(names::making(&name)), dir.join(&name));
    let file = disk.open(&made, Access::Create).map_err(JournalError::io("create", &made))?;
    file.write_at(bytes, 0).map_err(JournalError::io("write", &made))?;
    file.sync().map_err(JournalError::io("sync", &made))?;
    disk.rename(&made, &path).map_err(JournalError::io("rename", &made))?;
    disk.sync_dir(dir).map_err(JournalError::io("sync", dir))
}
