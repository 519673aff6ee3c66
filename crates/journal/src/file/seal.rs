//! Makes sidecars: of a segment that was just filled, and again of one whose sidecar is missing or damaged.

use std::path::Path;
use std::sync::Arc;

use super::super::JournalError;
use super::super::disk::{Access, Disk};
use super::super::format::header::SegmentHeader;
use super::super::format::sidecar::{self, HEAD_BYTES, Summary};
use super::super::format::{Chain, names};
use super::super::read::Shared;
use super::super::read::sealed::SealedIds;
use super::super::read::segment::Segment;
use super::tail::Tail;
use super::walk::{self, Gathered, Walk};

/// A segment that is full: what its sidecar is made of.
#[derive(Debug)]
pub(crate) struct Filled {
    pub segment: Arc<Segment>,
    pub gathered: Gathered,
    pub header: SegmentHeader,
    /// The chain after its last frame.
    pub chain: Chain,
    /// The length of the file.
    pub bytes: u64,
}

/// The sidecar of a segment that is full, ready to be written. Writing it can be tried any number of times.
#[derive(Debug)]
pub(super) struct Seal {
    segment: Arc<Segment>,
    index: Vec<u8>,
    summary: Summary,
    /// Where the segment's last frame ends, and how long its file is.
    end_offset: u64,
    file_bytes: u64,
}

impl Seal {
    pub(super) fn of(filled: Filled) -> Seal {
        let Filled { segment, gathered, header, chain, bytes: file_bytes } = filled;
        let end_offset = segment.end_offset();
        let facts = gathered.facts(&header, end_offset, chain);
        let Gathered { ids, references, .. } = gathered;
        let (index, summary) = sidecar::encode(facts, ids, references, segment.marks());
        Seal { segment, index, summary, end_offset, file_bytes }
    }

    pub(super) fn number(&self) -> u64 {
        self.segment.number
    }

    /// Writes the sidecar, and gives back the space that the segment does not use.
    pub(super) fn write(&self, shared: &Shared) -> Result<(), JournalError> {
        let segment = &self.segment;
        write(&*shared.disk, &shared.dir, segment.number, &self.index)?;
        let file = shared.disk.open(&segment.path, Access::Write).map_err(JournalError::io("open", &segment.path))?;
        file.set_len(self.end_offset).map_err(JournalError::io("truncate", &segment.path))
    }

    /// Makes the segment's ids available to readers, once its sidecar is written.
    pub(super) fn publish(self, shared: &Shared) {
        let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(0);
        let given_back = self.file_bytes.saturating_sub(self.end_offset);
        shared.count_bytes(signed(self.index.len() as u64) - signed(given_back));
        shared.sealed.add(SealedIds::new(&shared.dir, self.summary));
    }
}

/// Writes the sidecars that an opening made again.
pub(super) fn write_missing(shared: &Shared) -> Result<(), JournalError> {
    for ids in shared.sealed.unwritten() {
        if let Some(bytes) = ids.take_unwritten() {
            write(&*shared.disk, &shared.dir, ids.facts.number, &bytes)?;
        }
    }
    Ok(())
}

/// Writes a sidecar under a name for things in the making, and gives it its name once it is durable.
fn write(disk: &dyn Disk, dir: &Path, number: u64, bytes: &[u8]) -> Result<(), JournalError> {
    let name = names::index(number);
    let (made, path) = (dir.join(names::making(&name)), dir.join(&name));
    let file = disk.open(&made, Access::Create).map_err(JournalError::io("create", &made))?;
    file.write_at(bytes, 0).map_err(JournalError::io("write", &made))?;
    file.sync().map_err(JournalError::io("sync", &made))?;
    disk.rename(&made, &path).map_err(JournalError::io("rename", &made))?;
    disk.sync_dir(dir).map_err(JournalError::io("sync", dir))
}

/// What a sidecar says: its summary, and its length.
#[derive(Debug)]
pub struct Sidecar {
    /// What the sidecar says about the segment.
    pub(crate) summary: Summary,
    /// The length of the sidecar.
    pub bytes: u64,
    /// All of it, where it was made again and is not in a file yet.
    unwritten: Option<Vec<u8>>,
}

impl Sidecar {
    /// Reads a full segment, verifying everything, to make its sidecar again. Writes nothing.
    pub(crate) fn compute(disk: &dyn Disk, path: &Path, number: u64) -> Result<Sidecar, JournalError> {
        let (bytes, summary) = compute(disk, path, number)?;
        Ok(Sidecar { summary, bytes: bytes.len() as u64, unwritten: Some(bytes) })
    }

    pub(crate) fn into_ids(self, dir: &Path) -> SealedIds {
        SealedIds::unwritten(dir, self.summary, self.unwritten)
    }
}

/// Reads the sidecar of a segment. `None` when there is none, or one that is damaged or of another version.
pub(super) fn load(disk: &dyn Disk, dir: &Path, number: u64) -> Result<Option<Sidecar>, JournalError> {
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

/// Reads a full segment, verifying everything, and writes its sidecar.
pub fn rebuild(disk: &dyn Disk, dir: &Path, path: &Path) -> Result<Sidecar, JournalError> {
    let number = number_of(path);
    let (bytes, summary) = compute(disk, path, number)?;
    write(disk, dir, number, &bytes)?;
    Ok(Sidecar { summary, bytes: bytes.len() as u64, unwritten: None })
}

fn number_of(path: &Path) -> u64 {
    path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok()).unwrap_or(0)
}

/// Reads a full segment, verifying everything: the bytes of its sidecar, and their summary.
pub(crate) fn compute(disk: &dyn Disk, path: &Path, number: u64) -> Result<(Vec<u8>, Summary), JournalError> {
    let mut walk = Walk::new(disk, path, walk::header(disk, path, number)?)?;
    let mut gathered = Gathered::default();
    let tail = walk.run(|passed| {
        gathered.add(passed.frame, passed.record, &passed.keys()?);
        Ok::<(), JournalError>(())
    })?;
    if tail != Tail::Empty {
        let what = "no sound frame stands here, and the segment is not the last";
        return Err(JournalError::damaged_after(walk.last, path, walk.offset, what));
    }
    let facts = gathered.facts(&walk.header, walk.offset, walk.chain);
    Ok(sidecar::encode(facts, gathered.ids, gathered.references, gathered.marks))
}
