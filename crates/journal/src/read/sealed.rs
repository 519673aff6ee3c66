//! The ids of the sealed part of the journal. A negative answer is certain and quick; a positive one needs a read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::{Mutex, RwLock};

use super::super::JournalError;
use super::super::disk::{Access, Disk};
use super::super::format::sidecar::{self, Entry, Facts, IdFilter, Summary};
use super::super::format::{BLOCK_BYTES, names};
use super::super::segments::sidecars::Sidecar;
use jangbu_ledger::{CommandId, Position};
use jangbu_plant::{Bug, is_planted};

/// The ids of one sealed segment.
#[derive(Debug)]
pub(crate) struct SealedIds {
    pub facts: Facts,
    fences: Vec<u128>,
    filter: IdFilter,
    summary_end: usize,
    path: PathBuf,
    /// The sidecar until it is in its file.
    unwritten: Mutex<Option<Arc<[u8]>>>,
}

/// The result of a lookup in a block of ids on disk.
pub(crate) enum Lookup {
    Found(Position),
    Absent,
    /// The block is damaged; the sidecar must be rebuilt.
    Damaged,
}

impl Sidecar {
    /// Creates the ids from the sidecar of the journal in `dir`.
    pub(crate) fn into_ids(self, dir: &Path) -> SealedIds {
        SealedIds::unwritten(dir, self.summary, self.unwritten)
    }
}

impl SealedIds {
    /// Takes over a sidecar's summary, without its marks, which belong to the segment.
    pub(crate) fn new(dir: &Path, summary: Summary) -> SealedIds {
        SealedIds::unwritten(dir, summary, None)
    }

    /// The same for a sidecar that is not in a file yet.
    pub(crate) fn unwritten(dir: &Path, summary: Summary, bytes: Option<Vec<u8>>) -> SealedIds {
        let path = dir.join(names::index(summary.facts.number));
        let summary_end = summary.end();
        let unwritten = Mutex::new(bytes.map(Arc::from));
        SealedIds { facts: summary.facts, fences: summary.fences, filter: summary.filter, summary_end, path, unwritten }
    }

    /// Returns the sidecar to be written, if it is not in a file yet.
    pub(crate) fn take_unwritten(&self) -> Option<Arc<[u8]>> {
        self.unwritten.lock().take()
    }

    /// Returns whether the id may be among these; `false` is certain.
    ///
    /// A version 7 id that is newer than all ids here is not among them, unless some are dated in the future. Those do
    /// not raise the limit, so that one such id does not make every later command consult the filters.
    fn may_contain(&self, id: CommandId) -> bool {
        let newer = id.unix_ms().is_some_and(|ms| ms > self.facts.newest_id_ms);
        (!newer || self.facts.has_future_ids) && self.filter.may_contain(id)
    }

    /// Looks up the last entry of that kind for the id in the file. One read is enough unless the entries of the id
    /// continue in another block.
    pub(crate) fn find(&self, disk: &dyn Disk, id: CommandId, sort: Entry) -> Result<Lookup, JournalError> {
        let id = id.as_u128();
        let last = self.fences.partition_point(|fence| *fence <= id);
        let first = self.fences.partition_point(|fence| *fence < id).saturating_sub(1);
        let unwritten = self.unwritten.lock().clone();
        let file = match &unwritten {
            Some(_) => None,
            None => match disk.open(&self.path, Access::Read) {
                Ok(file) => Some(file),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Lookup::Damaged),
                Err(error) => return Err(JournalError::io("open", &self.path)(error)),
            },
        };
        for number in (first..last).rev() {
            let mut block = vec![0; BLOCK_BYTES];
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let offset = Summary::block_offset(self.summary_end, number);
            let read = match &file {
                Some(file) => file.read_full_at(&mut block, offset).map_err(JournalError::io("read", &self.path))?,
                None => copy_at(unwritten.as_deref().unwrap_or_default(), &mut block, offset),
            };
            block.truncate(read);
            let Some(entries) = sidecar::decode_block(self.facts.block_seed(), number, &block) else {
                return Ok(Lookup::Damaged);
            };
            let start = entries.partition_point(|(entry, _)| *entry < id);
            let same = entries.iter().skip(start).take_while(|(entry, _)| *entry == id);
            if let Some(place) = same.filter_map(|(_, stored)| sort.place(*stored)).last() {
                return Ok(Lookup::Found(self.facts.first.plus(u64::from(place))));
            }
        }
        Ok(Lookup::Absent)
    }
}

/// Fills `to` with the bytes at `offset`, up to the end of the file. Returns how many there are.
fn copy_at(bytes: &[u8], to: &mut [u8], offset: u64) -> usize {
    let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)).unwrap_or_default();
    to.iter_mut().zip(rest).map(|(to, from)| *to = *from).count()
}

/// The ids of all sealed segments, and what they have in common.
#[derive(Debug, Default)]
pub(crate) struct Sealed {
    segments: RwLock<Vec<Arc<SealedIds>>>,
    /// No id in a segment without future ids is newer than this.
    newest_id_ms: AtomicU64,
    /// Segments with ids from the future.
    with_future_ids: AtomicUsize,
    through: AtomicU64,
}

impl Sealed {
    /// Adds the next segment.
    ///
    /// The limits are raised before `through` is, so a reader that sees the new `through` sees the ids too.
    pub(crate) fn add(&self, ids: SealedIds) {
        let through = (ids.facts.first.get() + ids.facts.count).saturating_sub(1);
        let newest = ids.facts.newest_id_ms;
        let has_future_ids = ids.facts.has_future_ids;
        self.segments.write().push(Arc::new(ids));
        self.newest_id_ms.fetch_max(newest, Ordering::AcqRel);
        self.with_future_ids.fetch_add(usize::from(has_future_ids), Ordering::AcqRel);
        self.through.store(through, Ordering::Release);
    }

    /// Replaces a damaged sidecar with its rebuilt form.
    pub(crate) fn replace(&self, ids: SealedIds) {
        let mut segments = self.segments.write();
        if let Some(place) = segments.iter_mut().find(|segment| segment.facts.number == ids.facts.number) {
            *place = Arc::new(ids);
        }
    }

    /// Returns the segments whose sidecars are not in a file yet.
    pub(crate) fn unwritten(&self) -> Vec<Arc<SealedIds>> {
        let segments = self.segments.read();
        segments.iter().filter(|segment| segment.unwritten.lock().is_some()).map(Arc::clone).collect()
    }

    /// Returns the contents of a sealed segment's sidecar.
    pub(crate) fn facts(&self, number: u64) -> Option<Facts> {
        self.segments.read().iter().find(|segment| segment.facts.number == number).map(|segment| segment.facts.clone())
    }

    pub(crate) fn through(&self) -> Position {
        Position::new(self.through.load(Ordering::Acquire))
    }

    /// Returns whether the id may be in a sealed segment. It takes a few nanoseconds for ids that are newer than all of
    /// them.
    pub(crate) fn may_contain(&self, id: CommandId) -> bool {
        let newer = id.unix_ms().is_some_and(|ms| ms > self.newest_id_ms.load(Ordering::Acquire));
        if newer && self.with_future_ids.load(Ordering::Acquire) == 0 && !is_planted(Bug::FiltersUnsure) {
            return false;
        }
        is_planted(Bug::FiltersUnsure) || self.segments.read().iter().any(|segment| segment.may_contain(id))
    }

    /// Returns the segments that may contain the id, newest first, because repetitions usually come soon.
    pub(crate) fn candidates(&self, id: CommandId) -> Vec<Arc<SealedIds>> {
        self.segments.read().iter().rev().filter(|segment| segment.may_contain(id)).map(Arc::clone).collect()
    }
}
