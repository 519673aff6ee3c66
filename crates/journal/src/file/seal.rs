//! Seals full segments: makes their sidecars and releases unused space.

use std::sync::Arc;

use super::super::JournalError;
use super::super::disk::Access;
use super::super::format::Chain;
use super::super::format::header::SegmentHeader;
use super::super::format::sidecar::{self, Summary};
use super::super::read::Shared;
use super::super::read::sealed::SealedIds;
use super::super::read::segment::Segment;
use super::super::segments::sidecars::write;
use super::super::segments::walk::Gathered;

/// A full segment, with everything that its sidecar needs.
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

/// The sidecar of a full segment, ready to be written. Writing can be retried any number of times.
#[derive(Debug)]
pub(super) struct Seal {
    segment: Arc<Segment>,
    index: Vec<u8>,
    summary: Summary,
    /// The end of the segment's last frame, and the length of its file.
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

    /// Writes the sidecar, and releases the space that the segment does not use.
    pub(super) fn write(&self, shared: &Shared) -> Result<(), JournalError> {
        let segment = &self.segment;
        write(&*shared.disk, &shared.dir, segment.number, &self.index)?;
        let file = shared.disk.open(&segment.path, Access::Write).map_err(JournalError::io("open", &segment.path))?;
        file.set_len(self.end_offset).map_err(JournalError::io("truncate", &segment.path))
    }

    /// Makes the segment's ids available to readers after its sidecar is written.
    pub(super) fn publish(self, shared: &Shared) {
        let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(0);
        let given_back = self.file_bytes.saturating_sub(self.end_offset);
        shared.count_bytes(signed(self.index.len() as u64) - signed(given_back));
        shared.sealed.add(SealedIds::new(&shared.dir, self.summary));
    }
}

/// Writes the sidecars that the open has rebuilt.
pub(super) fn write_missing(shared: &Shared) -> Result<(), JournalError> {
    for ids in shared.sealed.unwritten() {
        if let Some(bytes) = ids.take_unwritten() {
            write(&*shared.disk, &shared.dir, ids.facts.number, &bytes)?;
        }
    }
    Ok(())
}
