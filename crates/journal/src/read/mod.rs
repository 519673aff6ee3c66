//! The reading end of the file journal, shared by any number of threads beside the writer.
//!
//! This module must never return a record that is not durable yet, hold a lock while it reads a file, or use bytes
//! whose checksum it has not verified.

pub(super) mod scan;
pub(super) mod sealed;
pub mod segment;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};

use super::base::{self, TakeValue};
use super::disk::Disk;
use super::format::base::Base;
use super::format::names;
use super::format::sidecar::Entry;
use super::segments::{Files, sidecars};
use super::{JournalError, JournalReader, Sequence, UnsealedIds};
use jangbu_ledger::{CommandId, Position, Record, Timestamp, decode_record, decode_record_keys};
use scan::Scan;
use sealed::{Lookup, Sealed};
use segment::Segment;

/// Where a journal begins: with its first record, or after the archived ones.
#[derive(Debug)]
pub(super) struct Beginning {
    /// The first record that can be read.
    pub(super) first: Position,
    /// When the last archived record was recorded; `None` when none is archived.
    pub(super) archived_until: Option<Timestamp>,
    /// The newest state that stands in for archived records.
    pub(super) base: Option<Base>,
}

/// The state that the writer, the segment thread and all readers of a file journal share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) dir: PathBuf,
    /// The journal's id.
    pub(super) journal: u128,
    pub(super) sealed: Sealed,
    pub(super) beginning: Beginning,
    /// Why nothing can be written any more.
    failed: OnceLock<String>,
    segments: RwLock<Vec<Arc<Segment>>>,
    end: AtomicU64,
    bytes_on_disk: AtomicI64,
    /// Whether files may be changed: never by a reader, and not before the whole journal is verified.
    is_writable: AtomicBool,
    /// The position of the last record when the journal was opened.
    opened_at: Position,
    /// Only one sidecar is rebuilt at a time.
    mending: Mutex<()>,
    /// One backup is made at a time.
    pub(super) copying: Mutex<()>,
}

impl Shared {
    pub(super) fn new(disk: Arc<dyn Disk>, dir: PathBuf, journal: u128, end: Position, beginning: Beginning) -> Shared {
        Shared {
            disk,
            dir,
            journal,
            sealed: Sealed::default(),
            beginning,
            failed: OnceLock::new(),
            segments: RwLock::default(),
            end: end.get().into(),
            bytes_on_disk: AtomicI64::new(0),
            is_writable: AtomicBool::new(false),
            opened_at: end,
            mending: Mutex::new(()),
            copying: Mutex::new(()),
        }
    }

    pub(super) fn add_segment(&self, segment: Arc<Segment>) {
        self.segments.write().push(segment);
    }

    /// Allows changes to files from now on.
    pub(super) fn allow_writing(&self) {
        self.is_writable.store(true, Ordering::Release);
    }

    /// Makes the durable records up to `end` visible to readers.
    pub(super) fn publish(&self, end: Position) {
        self.end.store(end.get(), Ordering::Release);
    }

    pub(super) fn end(&self) -> Position {
        Position::new(self.end.load(Ordering::Acquire))
    }

    /// Adds to, or subtracts from, the size of the files.
    pub(super) fn count_bytes(&self, change: i64) {
        self.bytes_on_disk.fetch_add(change, Ordering::Relaxed);
    }

    /// Stops the journal permanently.
    pub(super) fn fail(&self, why: &str) {
        let _already_failed = self.failed.set(why.to_owned());
    }

    /// Returns the error that stopped the journal, if any.
    pub(super) fn failure(&self) -> Option<JournalError> {
        self.failed.get().map(|why| JournalError::Stopped(why.clone()))
    }

    /// Returns all segments, oldest first. All but the last are full.
    pub(super) fn segments(&self) -> Vec<Arc<Segment>> {
        self.segments.read().clone()
    }

    /// Returns an error if the position is archived.
    pub(super) fn check_present(&self, position: Position) -> Result<(), JournalError> {
        let first = self.beginning.first;
        if position < first && position > Position::START {
            return Err(JournalError::Archived { position, first });
        }
        Ok(())
    }

    /// Returns the segment that contains `position`, or would contain it.
    pub(super) fn segment_of(&self, position: Position) -> Option<Arc<Segment>> {
        let segments = self.segments.read();
        let after = segments.partition_point(|segment| segment.first <= position);
        segments.get(after.checked_sub(1)?).map(Arc::clone)
    }

    /// Looks the id up in the sealed segments, newest first.
    fn find(&self, id: CommandId, sort: Entry) -> Result<Option<Position>, JournalError> {
        for segment in self.sealed.candidates(id) {
            match segment.find(&*self.disk, id, sort)? {
                Lookup::Found(position) => return Ok(Some(position)),
                Lookup::Absent => {}
                Lookup::Damaged => {
                    if let Some(position) = self.mend_and_find(segment.facts.number, id, sort)? {
                        return Ok(Some(position));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Looks the id up in a segment with a damaged sidecar, after rebuilding that.
    fn mend_and_find(&self, number: u64, id: CommandId, sort: Entry) -> Result<Option<Position>, JournalError> {
        let _one_at_a_time = self.mending.lock();
        let segment = self.segments.read().iter().find(|segment| segment.number == number).map(Arc::clone);
        let Some(segment) = segment else {
            let what = "the sidecar of an archived segment is damaged; the archive has a copy of it";
            return Err(JournalError::damaged(&self.dir.join(names::index(number)), 0, what));
        };
        tracing::warn!(segment = number, "a sidecar of the journal is damaged; it is rebuilt");
        let made = match self.is_writable.load(Ordering::Acquire) {
            true => sidecars::rebuild(&*self.disk, &self.dir, &segment.path)?,
            false => sidecars::Sidecar::compute(&*self.disk, &segment.path, number)?,
        };
        let ids = made.into_ids(&self.dir);
        let lookup = ids.find(&*self.disk, id, sort)?;
        let path = segment.path.clone();
        self.sealed.replace(ids);
        match lookup {
            Lookup::Found(position) => Ok(Some(position)),
            Lookup::Absent => Ok(None),
            Lookup::Damaged => {
                Err(JournalError::damaged(&path, 0, "the sidecar is damaged again after it was rebuilt"))
            }
        }
    }
}

/// The reading end of a file journal.
#[derive(Clone, Debug)]
pub struct FileReader(pub(super) Arc<Shared>);

impl FileReader {
    /// The disk interface through which the journal reads its files.
    pub fn disk(&self) -> &dyn Disk {
        &*self.0.disk
    }

    /// The directory of the journal's files.
    pub fn directory(&self) -> &Path {
        &self.0.dir
    }

    /// The random id of the journal.
    pub fn journal(&self) -> u128 {
        self.0.journal
    }

    /// The segments, in order.
    pub fn present_segments(&self) -> Vec<Arc<Segment>> {
        self.0.segments()
    }

    /// Prevents other copies of the journal from being made until the returned value is dropped.
    pub fn copy_alone(&self) -> impl Drop + '_ {
        self.0.copying.lock()
    }

    /// Returns the files with what is durable now, and nothing that comes later.
    ///
    /// # Errors
    /// The errors of reading a file.
    pub fn durable_files(&self) -> Result<Sequence, JournalError> {
        let shared = &*self.0;
        let segments = shared.segments();
        let limit = segments.last().map(|last| last.extent().1);
        let numbers: BTreeSet<u64> = segments.iter().map(|segment| segment.number).collect();
        let mut files = Files::list(&*shared.disk, &shared.dir)?;
        // Later segments are ignored, and the last of these counts up to its durable end.
        let last = numbers.last().copied().unwrap_or(0);
        files.indexes.retain(|number| *number < last);
        files.segments = numbers;
        Sequence::chosen(&*shared.disk, &shared.dir, &files, limit)
    }
}

impl JournalReader for FileReader {
    fn end(&self) -> Position {
        self.0.end()
    }

    fn read(&self, position: Position) -> Result<Record, JournalError> {
        self.0.check_present(position)?;
        let in_range = position > Position::START && position <= self.0.end();
        let segment = self.0.segment_of(position).filter(|_| in_range);
        segment.ok_or(JournalError::OutOfRange(position))?.read(&*self.0.disk, position)
    }

    fn scan(&self, from: Position) -> Box<dyn Iterator<Item = Result<Record, JournalError>> + '_> {
        let mut scan = Scan::new(&self.0, from);
        Box::new(std::iter::from_fn(move || scan.next_with(decode_record)))
    }

    fn first(&self) -> Position {
        self.0.beginning.first
    }

    fn base(&self) -> Option<&Base> {
        self.0.beginning.base.as_ref()
    }

    fn read_base(&self, visit: &mut TakeValue<'_>) -> Result<(), JournalError> {
        self.base().map_or(Ok(()), |base| base::read(&*self.0.disk, &self.0.dir, base, visit).map(drop))
    }

    fn first_at(&self, moment: Timestamp) -> Result<Position, JournalError> {
        let Beginning { first, archived_until, .. } = self.0.beginning;
        if archived_until.is_some_and(|until| moment <= until) {
            // Finding the exact position would require reading; the last archived one is not before it.
            return Err(JournalError::Archived { position: Position::new(first.get().saturating_sub(1)), first });
        }
        let segment = {
            let segments = self.0.segments.read();
            // Segments without records have no time. Only the last ones can be like that.
            let mut before = None;
            for segment in segments.iter() {
                match segment.first_recorded_at() {
                    Some(first) if first >= moment => break,
                    Some(_) => before = Some(Arc::clone(segment)),
                    None => {}
                }
            }
            before
        };
        segment.map_or(Ok(first), |segment| segment.first_at(&*self.0.disk, moment))
    }

    fn may_contain(&self, id: CommandId) -> bool {
        self.0.sealed.may_contain(id)
    }

    fn find(&self, id: CommandId) -> Result<Option<Position>, JournalError> {
        self.0.find(id, Entry::Own)
    }

    fn may_refer(&self, id: CommandId) -> bool {
        self.0.sealed.may_contain(id)
    }

    fn find_reference(&self, id: CommandId) -> Result<Option<Position>, JournalError> {
        self.0.find(id, Entry::Reference)
    }

    fn sealed_through(&self) -> Position {
        self.0.sealed.through()
    }

    fn unsealed_ids(&self) -> Result<UnsealedIds, JournalError> {
        let mut scan = Scan::new(&self.0, self.0.sealed.through().next());
        let mut found = UnsealedIds::default();
        while let Some(read) = scan.next_with(|position, bytes| Ok((position, decode_record_keys(position, bytes)?))) {
            let (position, keys) = read?;
            // Ids appended since the opening are left out, because their writer knows them.
            if position > self.0.opened_at {
                break;
            }
            found.own.push((keys.id, position));
            found.references.extend(keys.references.into_iter().map(|id| (id, position)));
        }
        Ok(found)
    }

    fn as_files(&self) -> Option<&FileReader> {
        Some(self)
    }

    fn segments(&self) -> u64 {
        self.0.segments.read().len() as u64
    }

    fn bytes_on_disk(&self) -> u64 {
        u64::try_from(self.0.bytes_on_disk.load(Ordering::Relaxed)).unwrap_or(0)
    }
}
