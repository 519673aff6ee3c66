//! A journal that was read and verified. It can be read as it is, or repaired in order to write to it.

use std::path::Path;
use std::sync::Arc;

use super::super::disk::{Access, Disk};
use super::super::read::{Beginning, FileReader, Shared};
use super::super::segments::loss::Survey;
use super::super::segments::tail::{Ending, Tail};
use super::super::{Durable, Journal, JournalError, JournalReader};
use super::recovery::{Active, Unfinished, recover};
use super::{FileJournal, FileOptions, seal};
use jangbu_ledger::{Position, Record, Timestamp};

/// A journal that was read and verified, but not changed.
///
/// The caller compares it with the stored state before [`FoundJournal::settle`] repairs anything.
pub struct FoundJournal {
    shared: Arc<Shared>,
    active: Active,
    tail: Tail,
    last_frame_at: u64,
    leftovers: Vec<String>,
    last: Position,
    last_recorded_at: Option<Timestamp>,
}

impl FoundJournal {
    /// Reads the journal in the directory `dir`; returns `None` if there is none.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] if parts are missing or damaged, [`JournalError::NewerFormat`], and
    /// [`JournalError::Io`].
    pub fn examine(disk: Arc<dyn Disk>, dir: &Path) -> Result<Option<FoundJournal>, JournalError> {
        FoundJournal::read(disk, dir, Unfinished::Refused)
    }

    /// Like [`FoundJournal::examine`], but also while a loss is being accepted.
    pub fn examine_unfinished(disk: Arc<dyn Disk>, dir: &Path) -> Result<Option<FoundJournal>, JournalError> {
        FoundJournal::read(disk, dir, Unfinished::Allowed)
    }

    fn read(disk: Arc<dyn Disk>, dir: &Path, unfinished: Unfinished) -> Result<Option<FoundJournal>, JournalError> {
        let found = recover(&*disk, dir, unfinished).map_err(|error| Survey::locate(&*disk, dir, error))?;
        let Some(found) = found else { return Ok(None) };
        let (active, archived) = (found.active, found.archived);
        let beginning = Beginning { first: archived.first(), archived_until: archived.until(), base: archived.base };
        let shared = Shared::new(disk, dir.to_path_buf(), active.header.journal, found.last, beginning);
        for sidecar in archived.sidecars {
            shared.sealed.add(sidecar.into_ids(dir));
        }
        for (segment, sidecar) in found.sealed {
            shared.add_segment(segment);
            shared.sealed.add(sidecar.into_ids(dir));
        }
        active.segment.hold(Arc::clone(&active.file));
        shared.add_segment(Arc::clone(&active.segment));
        shared.count_bytes(i64::try_from(found.bytes_on_disk).unwrap_or(i64::MAX));
        Ok(Some(FoundJournal {
            shared: Arc::new(shared),
            active,
            tail: found.tail,
            last_frame_at: found.last_frame_at,
            leftovers: found.leftovers,
            last: found.last,
            last_recorded_at: found.last_recorded_at,
        }))
    }

    /// Returns the position of the last sound record.
    pub fn end(&self) -> Position {
        self.last
    }

    /// Returns the reading end.
    pub fn reader(&self) -> Arc<dyn JournalReader> {
        Arc::new(FileReader(Arc::clone(&self.shared)))
    }

    /// Repairs what a crash can leave behind, and makes durable what was read. A torn frame is copied to a separate
    /// file and cut off, and missing or damaged sidecars are rebuilt.
    ///
    /// It can be interrupted at any point and repeated.
    ///
    /// # Errors
    /// [`JournalError::Io`].
    pub fn settle(mut self, options: FileOptions) -> Result<FileJournal, JournalError> {
        let shared = &self.shared;
        let (disk, dir) = (&*shared.disk, shared.dir.as_path());
        for name in &self.leftovers {
            let path = dir.join(name);
            disk.remove(&path).map_err(JournalError::io("remove", &path))?;
        }
        // A name that is visible may not be durable yet: the crash may have come between its change and the sync.
        for changed in [dir.parent().unwrap_or(Path::new("")), dir] {
            disk.sync_dir(changed).map_err(JournalError::io("sync", changed))?;
        }
        seal::write_missing(shared)?;
        let path = self.active.segment.path.clone();
        let file = disk.open(&path, Access::Write).map_err(JournalError::io("open", &path))?;
        let last_frame = (self.last_frame_at, self.active.offset);
        Ending { disk, dir, file: &*file, path: &path, last: self.last, last_frame }.settle(self.tail)?;
        self.active.file = file;
        self.active.segment.hold(Arc::clone(&self.active.file));
        FileJournal::start(self.shared, self.active, self.last, self.last_recorded_at, options)
    }

    /// Returns the journal for reading only: nothing is ever written, rebuilt or cut off.
    pub fn read_only(self) -> ReadOnlyJournal {
        if let Tail::Torn { .. } = self.tail {
            tracing::warn!(
                position = self.last.next().get(),
                "the journal ends in a frame that was being written when the program or the machine stopped; it does not \
                 count, and is left as it is"
            );
        }
        ReadOnlyJournal(self.shared)
    }
}

/// A journal in files that is only read.
pub struct ReadOnlyJournal(Arc<Shared>);

impl Journal for ReadOnlyJournal {
    fn append(&mut self, _: Position, _: Vec<Record>, durable: Durable) {
        durable(Err(JournalError::Stopped("it is open for reading only".into())));
    }

    fn reader(&self) -> Arc<dyn JournalReader> {
        Arc::new(FileReader(Arc::clone(&self.0)))
    }

    fn close(&mut self) -> Result<(), JournalError> {
        Ok(())
    }
}
