//! The journal in files: segments of fixed size, with one frame per group commit, each synced before it counts.
//!
//! [`FileJournal`] is the only writer. `recovery` reads and verifies, `found` repairs what was verified, and `prepare`
//! and `seal` make files before and after the writer needs them, on the thread in `helper`.
//!
//! Invariants: a frame is written only after the previous one is synced; readers and callers learn of records only
//! after the sync; after any failure, nothing more is written.

mod found;
mod helper;
mod prepare;
mod recovery;
mod seal;
mod undone;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::disk::Disk;
use super::format::BLOCK_BYTES;
use super::format::base::Base;
use super::format::base::FullSegment;
use super::format::frame::{FrameBuilder, HEADER_BYTES, Purpose};
use super::format::header::SegmentHeader;
use super::format::records;
use super::read::segment::Segment;
use super::read::{Beginning, FileReader, Shared};
use super::segments::walk::Gathered;
use super::{Durable, Journal, JournalError, JournalReader, check_batch};
pub use found::{FoundJournal, ReadOnlyJournal};
use helper::Helper;
use jangbu_ledger::RecordKeys;
use jangbu_ledger::{Position, Record, Timestamp};
use jangbu_plant::{Bug, is_planted};
use recovery::{Active, begin};
use seal::Filled;

/// The layout and the operation of a file journal.
#[derive(Clone, Debug)]
pub struct FileOptions {
    /// The size of a new segment: 8 KiB to 1 GiB, in whole blocks of 4 KiB. Existing segments keep their size.
    pub segment_bytes: u64,
    /// Whether a separate thread prepares new segments and seals full ones. Without it, the writer does that itself,
    /// which fixes the order of file operations for tests.
    pub in_background: bool,
}

impl Default for FileOptions {
    fn default() -> Self {
        FileOptions { segment_bytes: 64 * 1024 * 1024, in_background: true }
    }
}

impl FileOptions {
    fn segment_bytes(&self) -> u64 {
        let block = BLOCK_BYTES as u64;
        self.segment_bytes.clamp(2 * block, 1 << 30).next_multiple_of(block)
    }
}

/// Figures about a journal since it was opened. Any thread can read them.
#[derive(Debug, Default)]
pub struct Commits {
    commits: AtomicU64,
    bytes: AtomicU64,
    sync_ns: AtomicU64,
    last_sync_ns: AtomicU64,
}

impl Commits {
    /// Returns the number of frames written and synced.
    pub fn count(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Returns the total size of these frames in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Returns the total time of their syncs.
    pub fn sync_time(&self) -> Duration {
        Duration::from_nanos(self.sync_ns.load(Ordering::Relaxed))
    }

    /// Returns the time of the last sync.
    pub fn last_sync_time(&self) -> Duration {
        Duration::from_nanos(self.last_sync_ns.load(Ordering::Relaxed))
    }

    fn add(&self, bytes: usize, sync_time: Duration) {
        let ns = u64::try_from(sync_time.as_nanos()).unwrap_or(u64::MAX);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.sync_ns.fetch_add(ns, Ordering::Relaxed);
        self.last_sync_ns.store(ns, Ordering::Relaxed);
    }
}

/// The journal in files. See the module.
pub struct FileJournal {
    shared: Arc<Shared>,
    helper: Helper,
    active: Active,
    /// The position of the last durable record.
    last: Position,
    last_recorded_at: Option<Timestamp>,
    frame: FrameBuilder,
    commits: Arc<Commits>,
    /// Whether [`Journal::close`] was called, after which nothing is appended.
    ended: bool,
}

impl FileJournal {
    /// Opens the journal in the directory `dir`, whose parent must exist, or creates one there.
    ///
    /// Repairs what a crash can leave behind, like [`FoundJournal::settle`].
    ///
    /// The caller ensures that no other process has the journal open.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] if parts are missing or damaged, [`JournalError::NewerFormat`], and
    /// [`JournalError::Io`].
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, options: FileOptions) -> Result<FileJournal, JournalError> {
        match FoundJournal::examine(Arc::clone(&disk), dir)? {
            Some(found) => found.settle(options),
            None => FileJournal::begin(disk, dir, options),
        }
    }

    /// Creates a journal in the directory `dir`, whose parent must exist and which must not contain one.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn begin(disk: Arc<dyn Disk>, dir: &Path, options: FileOptions) -> Result<FileJournal, JournalError> {
        let active = begin(&*disk, dir, options.segment_bytes())?;
        let beginning = Beginning { first: Position::START.next(), archived_until: None, base: None };
        let shared = Shared::new(disk, dir.to_path_buf(), active.header.journal, Position::START, beginning);
        active.segment.hold(Arc::clone(&active.file));
        shared.add_segment(Arc::clone(&active.segment));
        shared.count_bytes(i64::try_from(active.header.bytes).unwrap_or(i64::MAX));
        FileJournal::start(Arc::new(shared), active, Position::START, None, options)
    }

    /// Creates the writer of a verified and repaired journal.
    fn start(
        shared: Arc<Shared>,
        active: Active,
        last: Position,
        last_recorded_at: Option<Timestamp>,
        options: FileOptions,
    ) -> Result<FileJournal, JournalError> {
        shared.allow_writing();
        Ok(FileJournal {
            helper: Helper::start(Arc::clone(&shared), options.segment_bytes(), options.in_background)?,
            shared,
            active,
            last,
            last_recorded_at,
            frame: FrameBuilder::default(),
            commits: Arc::default(),
            ended: false,
        })
    }

    /// Returns the position of the last durable record.
    pub fn end(&self) -> Position {
        self.last
    }

    /// Returns when the last durable record was recorded; `None` without records. The next record must be later.
    pub fn last_recorded_at(&self) -> Option<Timestamp> {
        self.last_recorded_at
    }

    /// Shows readers the records up to `position` and no more, as between a sync and the publication of its records.
    #[cfg(any(test, feature = "testing"))]
    pub fn show_through(&self, position: Position) {
        self.shared.publish(position);
    }

    /// Returns the newest state that stands in for archived records.
    pub fn base(&self) -> Option<&Base> {
        self.shared.beginning.base.as_ref()
    }

    /// Returns the full segments, oldest first.
    pub fn full_segments(&self) -> Vec<FullSegment> {
        let segments = self.shared.segments();
        let full = segments.iter().filter_map(|segment| self.shared.sealed.facts(segment.number));
        full.map(|facts| FullSegment {
            journal: facts.journal,
            number: facts.number,
            last: facts.last(),
            bytes: facts.end_offset,
            chain: facts.chains.1,
        })
        .collect()
    }

    /// Returns the figures about the journal, which any thread can read.
    pub fn commits(&self) -> Arc<Commits> {
        Arc::clone(&self.commits)
    }

    fn try_append(&mut self, expected: Position, records: &[Record]) -> Result<(), JournalError> {
        self.check_alive()?;
        check_batch(self.last, self.last_recorded_at, expected, records)?;
        if self.active.closed && !records.is_empty() {
            self.write_mark(Purpose::Opened)?;
        }
        let mut unwritten = records;
        self.frame.begin(expected);
        for record in records {
            let unencodable = |source| JournalError::Undecodable { position: record.position, source };
            self.frame.push(record).map_err(unencodable)?;
            if self.frame.frame_bytes() as u64 > self.room() {
                self.use_next_segment(&mut unwritten)?;
            }
            if self.frame.is_full() {
                self.write_records(&mut unwritten)?;
            }
        }
        self.write_records(&mut unwritten)
    }

    fn check_alive(&self) -> Result<(), JournalError> {
        if self.ended {
            return Err(JournalError::Stopped("it is closed".into()));
        }
        self.shared.failure().map_or(Ok(()), Err)
    }

    /// Returns the remaining bytes of the active segment.
    fn room(&self) -> u64 {
        self.active.header.bytes.saturating_sub(self.active.offset)
    }

    /// Makes room for the frame's last record, which does not fit: writes the records before it, and moves it to a
    /// frame in the next segment.
    fn use_next_segment(&mut self, unwritten: &mut &[Record]) -> Result<(), JournalError> {
        if self.frame.count() > 1 {
            let stored = self.frame.take_last();
            self.write_records(unwritten)?;
            self.frame.begin_with(self.last.next(), &stored);
        }
        let needed = self.frame.frame_bytes() as u64;
        if needed > self.room() { self.roll(needed) } else { Ok(()) }
    }

    /// Writes the frame, which contains the first of `unwritten`, and starts another.
    fn write_records(&mut self, unwritten: &mut &[Record]) -> Result<(), JournalError> {
        let count = self.frame.count() as usize;
        let Some((written, rest)) = unwritten.split_at_checked(count).filter(|_| count > 0) else { return Ok(()) };
        let frame_at = self.active.offset;
        self.write_frame(Purpose::Records)?;
        for (stored, record) in records::walk(self.frame.payload()).zip(written) {
            let record_at = frame_at + (HEADER_BYTES + stored.at) as u64;
            self.active.gathered.add(frame_at, record_at, &RecordKeys::of(record));
        }
        let marks = std::mem::take(&mut self.active.gathered.marks);
        self.active.segment.extend(count as u64, self.active.offset, &marks);
        self.last = self.last.plus(count as u64);
        self.last_recorded_at = written.last().map(|record| record.recorded_at).or(self.last_recorded_at);
        self.shared.publish(self.last);
        *unwritten = rest;
        self.frame.begin(self.last.next());
        Ok(())
    }

    /// Writes a frame without records.
    fn write_mark(&mut self, purpose: Purpose) -> Result<(), JournalError> {
        self.frame.begin(self.last.next());
        let needed = self.frame.frame_bytes() as u64;
        if needed > self.room() {
            self.roll(needed)?;
        }
        self.write_frame(purpose)?;
        self.active.segment.extend(0, self.active.offset, &[]);
        Ok(())
    }

    /// Writes and syncs the frame, which must fit.
    fn write_frame(&mut self, purpose: Purpose) -> Result<(), JournalError> {
        let active = &mut self.active;
        let path = &active.segment.path;
        let (bytes, chain) = self.frame.finish(purpose, active.header.frame_seed(), &active.chain);
        active.file.write_at(bytes, active.offset).map_err(JournalError::io("write", path))?;
        let written = Instant::now();
        if !is_planted(Bug::NoSync) {
            active.file.sync().map_err(JournalError::io("sync", path))?;
        }
        self.commits.add(bytes.len(), written.elapsed());
        active.offset += bytes.len() as u64;
        active.chain = chain;
        active.closed = purpose == Purpose::Closed;
        // Early enough for the segment to be ready in time, but not for journals that will never need it.
        if purpose == Purpose::Records && active.offset > active.header.bytes / 4 {
            self.helper.prepare(active.header.number + 1);
        }
        Ok(())
    }

    /// Continues in the next segment, with room for a frame of `needed` bytes.
    fn roll(&mut self, needed: u64) -> Result<(), JournalError> {
        let number = self.active.header.number + 1;
        let first = self.last.next();
        let prepared = self.helper.take_prepared(number)?;
        let shared = &self.shared;
        let header =
            SegmentHeader { journal: shared.journal, number, first, bytes: prepared.bytes, chain: self.active.chain };
        let (file, header) = prepared.publish(&*shared.disk, &shared.dir, header, BLOCK_BYTES as u64 + needed)?;
        shared.count_bytes(i64::try_from(header.bytes).unwrap_or(i64::MAX));
        let segment = Arc::new(Segment::new(&shared.dir, number, first));
        segment.hold(Arc::clone(&file));
        shared.add_segment(Arc::clone(&segment));
        let gathered = Gathered::after(&self.active.gathered);
        let full = std::mem::replace(
            &mut self.active,
            Active { segment, file, offset: BLOCK_BYTES as u64, chain: header.chain, gathered, closed: false, header },
        );
        full.segment.release();
        // A journal that fills one segment will fill the next. The space comes first, because the writer may wait for
        // it.
        self.helper.prepare(number + 1);
        let bytes = full.header.bytes;
        let filled =
            Filled { segment: full.segment, gathered: full.gathered, header: full.header, chain: full.chain, bytes };
        self.helper.seal(filled);
        self.shared.failure().map_or(Ok(()), Err)
    }

    /// Stops the journal permanently after `error`.
    fn stop(&self, error: JournalError) -> JournalError {
        self.shared.fail(&error.to_string());
        error
    }
}

impl Journal for FileJournal {
    fn append(&mut self, expected: Position, records: Vec<Record>, durable: Durable) {
        match self.try_append(expected, &records) {
            Ok(()) => durable(Ok(records)),
            Err(error) => durable(Err(self.stop(error))),
        }
    }

    fn reader(&self) -> Arc<dyn JournalReader> {
        Arc::new(FileReader(Arc::clone(&self.shared)))
    }

    fn close(&mut self) -> Result<(), JournalError> {
        if self.ended {
            return self.shared.failure().map_or(Ok(()), Err);
        }
        self.helper.finish();
        self.check_alive()?;
        if !self.active.closed {
            self.write_mark(Purpose::Closed).map_err(|error| self.stop(error))?;
        }
        self.ended = true;
        Ok(())
    }
}
