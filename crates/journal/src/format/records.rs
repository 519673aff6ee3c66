//! Records within a frame, one behind the other: length, checksum, bytes; a zero length ends them.

use super::u32_at;
use jangbu_ledger::Position;

/// Before the bytes of each record: its length and its checksum, four bytes each.
pub(crate) const PREFIX_BYTES: usize = 8;

/// The most bytes of one record, its version byte included.
pub(crate) use jangbu_ledger::codec::MAX_RECORD_BYTES;

/// The checksum of a record: over its position, too, so that no record passes for another.
pub(crate) fn checksum(position: Position, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&position.get().to_le_bytes()), bytes)
}

/// One stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored<'a> {
    /// Where its prefix begins, from the start of the bytes that are walked.
    pub at: usize,
    /// The encoding.
    pub bytes: &'a [u8],
    /// Its checksum, which is not verified yet.
    crc: u32,
}

impl Stored<'_> {
    /// Whether the checksum says that this is the record at `position`.
    pub(crate) fn is_sound_at(&self, position: Position) -> bool {
        self.crc == checksum(position, self.bytes)
    }

    /// Where the next record's prefix begins.
    pub(crate) const fn end(&self) -> usize {
        self.at + PREFIX_BYTES + self.bytes.len()
    }
}

/// The record whose prefix begins at `at`; `None` where the records end, or the bytes do.
pub(crate) fn stored_at(bytes: &[u8], at: usize) -> Option<Stored<'_>> {
    let length = usize::try_from(u32_at(bytes, at)?).ok().filter(|length| *length > 0)?;
    let crc = u32_at(bytes, at + 4)?;
    let start = at + PREFIX_BYTES;
    Some(Stored { at, bytes: bytes.get(start..start.checked_add(length)?)?, crc })
}

/// Walks the records of a payload.
pub(crate) fn walk(payload: &[u8]) -> impl Iterator<Item = Stored<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let stored = stored_at(payload, at)?;
        at = stored.end();
        Some(stored)
    })
}
