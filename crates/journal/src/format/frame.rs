//! Frames: one per group commit, in whole sectors, each with a CRC32C and chained to the previous one by BLAKE3.

use super::records::{MAX_RECORD_BYTES, PREFIX_BYTES, checksum};
use super::{Chain, SECTOR_BYTES, chain_at, put, u16_at, u32_at, u64_at};
use jangbu_ledger::codec::CodecError;
use jangbu_ledger::{Position, Record, encode_record};

/// The first bytes of every frame. Read as the length of a record, they would be far too large, so a frame and a record
/// cannot be confused.
const MAGIC: [u8; 4] = *b"JBFR";
pub(crate) const HEADER_BYTES: usize = 64;
/// Ends the records of a frame.
pub(crate) const TERMINATOR_BYTES: usize = 4;
/// The size of the fields that the chain covers, which is the offset of the CRC.
const FIELDS_BYTES: usize = 24;
const CRC_AT: usize = 24;
/// The header's own checksum. It shows that a header is intact even if the rest of its frame is not.
const HEADER_CHECK_AT: usize = 28;
const CHAIN_AT: usize = 32;

/// The maximum size of a frame in bytes, which a reader must be able to hold.
pub(crate) const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;

/// A frame accepts no more records beyond this size, so that a record of maximum size still fits.
const FULL_FRAME_BYTES: usize = MAX_FRAME_BYTES - MAX_RECORD_BYTES - PREFIX_BYTES - SECTOR_BYTES;

/// The purpose of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It carries records.
    Records,
    /// Marks a clean close. Anything after it that is not a frame is damage.
    Closed,
    /// Marks that writing continues after a clean close.
    Opened,
}

impl Purpose {
    const fn flags(self) -> u16 {
        match self {
            Purpose::Records => 0,
            Purpose::Closed => 1,
            Purpose::Opened => 2,
        }
    }

    const fn of_flags(flags: u16) -> Option<Purpose> {
        match flags {
            0 => Some(Purpose::Records),
            1 => Some(Purpose::Closed),
            2 => Some(Purpose::Opened),
            _ => None,
        }
    }
}

/// A frame whose length and CRC are correct.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    pub purpose: Purpose,
    /// The position of its first record, or of the next record if it has none.
    pub first: Position,
    pub count: u32,
    /// The chain up to and including this frame.
    pub chain: Chain,
    /// The records.
    pub payload: &'a [u8],
    /// Its length on disk.
    pub bytes: usize,
    fields: &'a [u8],
}

impl Frame<'_> {
    /// Returns the chain value of a frame with these fields and records that follows `previous`.
    pub(crate) fn chain_after(&self, previous: &Chain) -> Chain {
        chain(previous, self.fields, self.payload)
    }
}

fn chain(previous: &Chain, fields: &[u8], payload: &[u8]) -> Chain {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous).update(fields).update(payload);
    *hasher.finalize().as_bytes()
}

fn crc(frame: &[u8], seed: u32) -> u32 {
    let fields = frame.get(..FIELDS_BYTES).unwrap_or_default();
    let rest = frame.get(CRC_AT + 4..).unwrap_or_default();
    crc32c::crc32c_append(crc32c::crc32c_append(seed, fields), rest)
}

/// Returns the checksum of a header, which covers everything in it except the frame's own CRC.
///
/// It always has at least two bits set. 0 marks a header from before this checksum existed, so a single flipped bit
/// cannot turn one into the other.
fn header_check(header: &[u8], seed: u32) -> u32 {
    let fields = header.get(..FIELDS_BYTES).unwrap_or_default();
    let chain = header.get(CHAIN_AT..HEADER_BYTES).unwrap_or_default();
    let check = crc32c::crc32c_append(crc32c::crc32c_append(seed, fields), chain);
    if check.count_ones() < 2 { !check } else { check }
}

/// The claims of a header that is known to be intact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The position of the first record, or of the next record if there is none.
    pub first: Position,
    /// The length on disk.
    pub bytes: usize,
    /// The length of header and payload. The sectors that they touch are the ones that the frame claims. The rest is
    /// zeros, whether they were written or not.
    filled: usize,
    /// The number of claimed sectors that are all zeros.
    zero_sectors: usize,
}

impl Claim {
    /// Reads the header at the start of `sector`; returns `None` if it is not intact.
    pub(crate) fn read(sector: &[u8], seed: u32) -> Option<Claim> {
        let bytes = claimed_bytes(sector)?;
        let check = u32_at(sector, HEADER_CHECK_AT)?;
        Purpose::of_flags(u16_at(sector, 4)?)?;
        if check != 0 && check != header_check(sector, seed) {
            return None;
        }
        Some(Claim {
            first: Position::new(u64_at(sector, 8)?),
            bytes,
            filled: HEADER_BYTES + usize::try_from(u32_at(sector, 20)?).ok()?,
            zero_sectors: usize::from(u16_at(sector, 6)?),
        })
    }

    /// Returns whether a claimed sector of `frame` was never written.
    ///
    /// The space of a frame is zeroed and synced before it is written, and a sector reaches the disk completely or not
    /// at all.
    pub(crate) fn is_incomplete(&self, frame: &[u8]) -> bool {
        zero_sectors(frame.get(..self.filled).unwrap_or(frame)) > self.zero_sectors
    }
}

/// Returns the number of sectors of `filled` that are all zeros.
fn zero_sectors(filled: &[u8]) -> usize {
    filled.chunks(SECTOR_BYTES).filter(|sector| sector.iter().all(|byte| *byte == 0)).count()
}

/// Returns the length on disk of a frame with `payload` bytes of records.
pub(crate) const fn frame_bytes(payload: usize) -> usize {
    (HEADER_BYTES + payload + TERMINATOR_BYTES).next_multiple_of(SECTOR_BYTES)
}

/// Returns the length on disk that the header at the start of `bytes` claims; `None` if it is not the header of a
/// frame.
pub(crate) fn claimed_bytes(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(&MAGIC) {
        return None;
    }
    let payload = usize::try_from(u32_at(bytes, 20)?).ok()?;
    Some(payload).filter(|payload| *payload <= MAX_FRAME_BYTES).map(frame_bytes).filter(|all| *all <= MAX_FRAME_BYTES)
}

/// Decodes the frame that is exactly `bytes`, of the length that [`claimed_bytes`] returned. Returns `None` if it is
/// not sound.
pub(crate) fn decode(bytes: &[u8], seed: u32) -> Option<Frame<'_>> {
    if u32_at(bytes, CRC_AT)? != crc(bytes, seed) {
        return None;
    }
    let payload = usize::try_from(u32_at(bytes, 20)?).ok()?;
    Some(Frame {
        purpose: Purpose::of_flags(u16_at(bytes, 4)?)?,
        first: Position::new(u64_at(bytes, 8)?),
        count: u32_at(bytes, 16)?,
        chain: chain_at(bytes, CHAIN_AT)?,
        payload: bytes.get(HEADER_BYTES..HEADER_BYTES + payload)?,
        bytes: bytes.len(),
        fields: bytes.get(..FIELDS_BYTES)?,
    })
}

/// Assembles frames in a buffer that is reused.
#[derive(Debug, Default)]
pub(crate) struct FrameBuilder {
    bytes: Vec<u8>,
    first: Position,
    count: u32,
    /// The offset of the last record's prefix.
    last_at: usize,
}

impl FrameBuilder {
    /// Starts a frame whose first record is at `first`.
    pub(crate) fn begin(&mut self, first: Position) {
        self.bytes.clear();
        self.bytes.resize(HEADER_BYTES, 0);
        self.first = first;
        self.count = 0;
    }

    /// Adds the next record.
    ///
    /// # Errors
    /// [`CodecError::Unencodable`], which only a bug can cause.
    pub(crate) fn push(&mut self, record: &Record) -> Result<(), CodecError> {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; PREFIX_BYTES]);
        encode_record(record, &mut self.bytes)?;
        let encoded = self.bytes.get(at + PREFIX_BYTES..).unwrap_or_default();
        let crc = checksum(self.first.plus(u64::from(self.count)), encoded);
        let length = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
        put(&mut self.bytes, at, &length.to_le_bytes());
        put(&mut self.bytes, at + 4, &crc.to_le_bytes());
        self.last_at = at;
        self.count += 1;
        Ok(())
    }

    /// Removes the last record, for the next frame, which [`FrameBuilder::begin_with`] starts.
    pub(crate) fn take_last(&mut self) -> Vec<u8> {
        self.count = self.count.saturating_sub(1);
        self.bytes.split_off(self.last_at)
    }

    /// Starts a frame with a record that [`FrameBuilder::take_last`] returned.
    pub(crate) fn begin_with(&mut self, first: Position, stored: &[u8]) {
        self.begin(first);
        self.last_at = self.bytes.len();
        self.bytes.extend_from_slice(stored);
        self.count = 1;
    }

    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// Returns the length on disk if the frame were finished now.
    pub(crate) const fn frame_bytes(&self) -> usize {
        frame_bytes(self.bytes.len() - HEADER_BYTES)
    }

    /// Returns whether the frame accepts no more records.
    pub(crate) const fn is_full(&self) -> bool {
        self.bytes.len() >= FULL_FRAME_BYTES
    }

    /// Returns the records so far; only before [`FrameBuilder::finish`].
    pub(crate) fn payload(&self) -> &[u8] {
        self.bytes.get(HEADER_BYTES..).unwrap_or_default()
    }

    /// Finishes the frame, which follows the frame with the chain value `previous`. Returns its bytes and its own chain
    /// value.
    pub(crate) fn finish(&mut self, purpose: Purpose, seed: u32, previous: &Chain) -> (&[u8], Chain) {
        let payload = self.bytes.len() - HEADER_BYTES;
        let payload_bytes = u32::try_from(payload).unwrap_or(u32::MAX);
        put(&mut self.bytes, 0, &MAGIC);
        put(&mut self.bytes, 4, &purpose.flags().to_le_bytes());
        let zero_sectors = u16::try_from(zero_sectors(&self.bytes)).unwrap_or(u16::MAX);
        put(&mut self.bytes, 6, &zero_sectors.to_le_bytes());
        put(&mut self.bytes, 8, &self.first.get().to_le_bytes());
        put(&mut self.bytes, 16, &self.count.to_le_bytes());
        put(&mut self.bytes, 20, &payload_bytes.to_le_bytes());
        let chain = chain(previous, self.bytes.get(..FIELDS_BYTES).unwrap_or_default(), self.payload());
        put(&mut self.bytes, CHAIN_AT, &chain);
        let check = header_check(&self.bytes, seed);
        put(&mut self.bytes, HEADER_CHECK_AT, &check.to_le_bytes());
        self.bytes.resize(frame_bytes(payload), 0);
        let crc = crc(&self.bytes, seed);
        put(&mut self.bytes, CRC_AT, &crc.to_le_bytes());
        (&self.bytes, chain)
    }
}
