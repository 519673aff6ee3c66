//! Frames: one per group commit, in whole sectors, each sealed by a CRC32C and chained to the one before by BLAKE3.

use super::records::{MAX_RECORD_BYTES, PREFIX_BYTES, checksum};
use super::{Chain, SECTOR_BYTES, chain_at, put, u16_at, u32_at, u64_at};
use jangbu_ledger::codec::CodecError;
use jangbu_ledger::{Position, Record, encode_record};

/// Begins every frame. Read as a record's length it is far too large, so that neither passes for the other.
const MAGIC: [u8; 4] = *b"JBFR";
pub(crate) const HEADER_BYTES: usize = 64;
/// Ends the records of a frame.
pub(crate) const TERMINATOR_BYTES: usize = 4;
/// The fields that the chain covers, and the CRC before its own place.
const FIELDS_BYTES: usize = 24;
const CRC_AT: usize = 24;
/// The header's own checksum, by which a header is known to be whole when the rest of its frame is not.
const HEADER_CHECK_AT: usize = 28;
const CHAIN_AT: usize = 32;

/// The most bytes of a frame: what a reader must be ready to hold.
pub(crate) const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;

/// A frame takes no more records beyond this, so that one of the largest still fits.
const FULL_FRAME_BYTES: usize = MAX_FRAME_BYTES - MAX_RECORD_BYTES - PREFIX_BYTES - SECTOR_BYTES;

/// What a frame says beside its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It carries records.
    Records,
    /// The journal was cleanly closed: whatever follows that is no frame is damage.
    Closed,
    /// Writing goes on after a clean close.
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

/// A frame of known length whose CRC holds.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    pub purpose: Purpose,
    /// The position of its first record, or of the next record where it has none.
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
    /// The chain that a frame of these fields and records has when it follows `previous`.
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

/// The checksum of a header, which covers all of it but the frame's own CRC.
///
/// It always has two bits set or more: 0 marks a header from before there was this checksum, and no single flipped bit
/// makes one pass for the other.
fn header_check(header: &[u8], seed: u32) -> u32 {
    let fields = header.get(..FIELDS_BYTES).unwrap_or_default();
    let chain = header.get(CHAIN_AT..HEADER_BYTES).unwrap_or_default();
    let check = crc32c::crc32c_append(crc32c::crc32c_append(seed, fields), chain);
    if check.count_ones() < 2 { !check } else { check }
}

/// What a header claims that is known to be as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The position of the first record, or of the next record where there is none.
    pub first: Position,
    /// The length on disk.
    pub bytes: usize,
    /// The length of header and payload: the sectors that they touch are the ones that the frame claims. What follows
    /// are zeros, which read the same whether they were written or not.
    filled: usize,
    /// How many of the claimed sectors are all zero.
    zero_sectors: usize,
}

impl Claim {
    /// Reads the header at the start of `sector`; `None` when it is not one that was written so.
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

    /// Whether some claimed sector of `frame` was never written.
    ///
    /// The space of a frame is zeroed and synced before it is written, and a sector is on the disk whole or not at all.
    pub(crate) fn is_incomplete(&self, frame: &[u8]) -> bool {
        zero_sectors(frame.get(..self.filled).unwrap_or(frame)) > self.zero_sectors
    }
}

/// How many sectors of `filled` are all zero.
fn zero_sectors(filled: &[u8]) -> usize {
    filled.chunks(SECTOR_BYTES).filter(|sector| sector.iter().all(|byte| *byte == 0)).count()
}

/// The length on disk of a frame whose records take `payload` bytes.
pub(crate) const fn frame_bytes(payload: usize) -> usize {
    (HEADER_BYTES + payload + TERMINATOR_BYTES).next_multiple_of(SECTOR_BYTES)
}

/// The length on disk that the header at the start of `bytes` claims; `None` when this is no header of a frame.
pub(crate) fn claimed_bytes(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(&MAGIC) {
        return None;
    }
    let payload = usize::try_from(u32_at(bytes, 20)?).ok()?;
    Some(payload).filter(|payload| *payload <= MAX_FRAME_BYTES).map(frame_bytes).filter(|all| *all <= MAX_FRAME_BYTES)
}

/// Reads the frame that is exactly `bytes`, of the length that [`claimed_bytes`] told. `None` when it is not sound.
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

/// Puts a frame together in a buffer that is used again and again.
#[derive(Debug, Default)]
pub(crate) struct FrameBuilder {
    bytes: Vec<u8>,
    first: Position,
    count: u32,
    /// Where the last record's prefix begins.
    last_at: usize,
}

impl FrameBuilder {
    /// Begins a frame whose first record stands at `first`.
    pub(crate) fn begin(&mut self, first: Position) {
        self.bytes.clear();
        self.bytes.resize(HEADER_BYTES, 0);
        self.first = first;
        self.count = 0;
    }

    /// Adds the next record.
    ///
    /// # Errors
    /// [`CodecError::Unencodable`], which only a bug can bring about.
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

    /// Takes the last record out again, for the next frame, which [`FrameBuilder::begin_with`] begins.
    pub(crate) fn take_last(&mut self) -> Vec<u8> {
        self.count = self.count.saturating_sub(1);
        self.bytes.split_off(self.last_at)
    }

    /// Begins a frame with a record that [`FrameBuilder::take_last`] gave.
    pub(crate) fn begin_with(&mut self, first: Position, stored: &[u8]) {
        self.begin(first);
        self.last_at = self.bytes.len();
        self.bytes.extend_from_slice(stored);
        self.count = 1;
    }

    pub(crate) const fn count(&self) -> u32 {
        self.count
    }

    /// The length on disk, were the frame finished now.
    pub(crate) const fn frame_bytes(&self) -> usize {
        frame_bytes(self.bytes.len() - HEADER_BYTES)
    }

    /// Whether the frame takes no more records.
    pub(crate) const fn is_full(&self) -> bool {
        self.bytes.len() >= FULL_FRAME_BYTES
    }

    /// The records so far; only before [`FrameBuilder::finish`].
    pub(crate) fn payload(&self) -> &[u8] {
        self.bytes.get(HEADER_BYTES..).unwrap_or_default()
    }

    /// Finishes the frame, which follows the frames whose chain is `previous`: its bytes and its own chain.
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
