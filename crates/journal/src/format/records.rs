//! The records within a frame, one after another: length, checksum, bytes. A zero length ends them.

use super::u32_at;
use jangbu_ledger::Position;

/// The size of the prefix of each record: its length and its checksum, four bytes each.
pub(crate) const PREFIX_BYTES: usize = 8;

/// The maximum size of a record in bytes, its version byte included.
pub(crate) use jangbu_ledger::codec::MAX_RECORD_BYTES;

/// Returns the checksum of a record. It covers the record's position, so that no record can pass for another.
pub(crate) fn checksum(position: Position, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&position.get().to_le_bytes()), bytes)
}

/// One stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored<'a> {
    /// The offset of its prefix in the bytes that are walked.
    pub at: usize,
    /// The encoding.
    pub bytes: &'a [u8],
    /// Its checksum, which is not verified yet.
    crc: u32,
}

impl Stored<'_> {
    /// Returns whether the checksum confirms that this is the record at `position`.
    pub(crate) fn is_sound_at(&self, position: Position) -> bool {
        self.crc == checksum(position, self.bytes)
    }

    /// Returns the offset of the next record's prefix.
    pub(crate) const fn end(&self) -> usize {
        self.at + PREFIX_BYTES + self.bytes.len()
    }
}

/// Returns the record whose prefix is at `at`; `None` at the end of the records or the bytes.
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
