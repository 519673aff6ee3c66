//! Frames: one per group commit, in whole sectors, each sealed by a CRC32C and chained to the one before by BLAKE3.

use super::records::{MAX_RECORD_BYTES, PREFIX_BYTES, checksum};
use super::{Chain, SECTOR_BYTES, chain_at, put, u32_at, u64_at};
use crate::codec::{self, CodecError};
use crate::ledger::{Position, Record};

/// Begins every frame. Read as a record's length it is far too large, so that neither passes for the other.
const MAGIC: [u8; 4] = *b"JBFR";
pub(in crate::journal) const HEADER_BYTES: usize = 64;
/// Ends the records of a frame.
pub(in crate::journal) const TERMINATOR_BYTES: usize = 4;
/// The fields that the chain covers, and the CRC before its own place.
const FIELDS_BYTES: usize = 24;
const CRC_AT: usize = 24;
const CHAIN_AT: usize = 32;

/// The most bytes of a frame: what a reader must be ready to hold.
pub(in crate::journal) const MAX_FRAME_BYTES: usize = 4 * 1024 * 1024;

/// A frame takes no more records beyond this, so that one of the largest still fits.
const FULL_FRAME_BYTES: usize = MAX_FRAME_BYTES - MAX_RECORD_BYTES - PREFIX_BYTES - SECTOR_BYTES;

/// What a frame says beside its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::journal) enum Purpose {
    /// It carries records.
    Records,
    /// The journal was cleanly closed: whatever follows that is no frame is damage.
    Closed,
    /// Writing goes on after a clean close.
    Opened,
}

impl Purpose {
    const fn flags(self) -> u32 {
        match self {
            Purpose::Records => 0,
            Purpose::Closed => 1,
            Purpose::Opened => 2,
        }
    }

    const fn of_flags(flags: u32) -> Option<Purpose> {
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
pub(in crate::journal) struct Frame<'a> {
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
    pub(in crate::journal) fn chain_after(&self, previous: &Chain) -> Chain {
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

/// The length on disk of a frame whose records take `payload` bytes.
pub(in crate::journal) const fn frame_bytes(payload: usize) -> usize {
    (HEADER_BYTES + payload + TERMINATOR_BYTES).next_multiple_of(SECTOR_BYTES)
}

/// The length on disk that the header at the start of `bytes` claims; `None` when this is no header of a frame.
pub(in crate::journal) fn claimed_bytes(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(&MAGIC) {
        return None;
    }
    let payload = usize::try_from(u32_at(bytes, 20)?).ok()?;
    Some(payload).filter(|payload| *payload <= MAX_FRAME_BYTES).map(frame_bytes).filter(|all| *all <= MAX_FRAME_BYTES)
}

/// Reads the frame that is exactly `bytes`, of the length that [`claimed_bytes`] told. `None` when it is not sound.
pub(in crate::journal) fn decode(bytes: &[u8], seed: u32) -> Option<Frame<'_>> {
    if u32_at(bytes, CRC_AT)? != crc(bytes, seed) {
        return None;
    }
    let payload = usize::try_from(u32_at(bytes, 20)?).ok()?;
    Some(Frame {
        purpose: Purpose::of_flags(u32_at(bytes, 4)?)?,
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
pub(in crate::journal) struct FrameBuilder {
    bytes: Vec<u8>,
    first: Position,
    count: u32,
    /// Where the last record's prefix begins.
    last_at: usize,
}

impl FrameBuilder {
    /// Begins a frame whose first record stands at `first`.
    pub(in crate::journal) fn begin(&mut self, first: Position) {
        self.bytes.clear();
        self.bytes.resize(HEADER_BYTES, 0);
        self.first = first;
        self.count = 0;
    }

    /// Adds the next record.
    ///
    /// # Errors
    /// [`CodecError::Unencodable`], which only a bug can bring about.
    pub(in crate::journal) fn push(&mut self, record: &Record) -> Result<(), CodecError> {
        let at = self.bytes.len();
        self.bytes.extend_from_slice(&[0; PREFIX_BYTES]);
        codec::encode_record(record, &mut self.bytes)?;
        let encoded = self.bytes.get(at + PREFIX_BYTES..).unwrap_or_default();
        if encoded.len() > MAX_RECORD_BYTES {
            return Err(CodecError::Unencodable(format!("a record of {} bytes is too large", encoded.len())));
        }
        let crc = checksum(self.first.plus(u64::from(self.count)), encoded);
        let length = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
        put(&mut self.bytes, at, &length.to_le_bytes());
        put(&mut self.bytes, at + 4, &crc.to_le_bytes());
        self.last_at = at;
        self.count += 1;
        Ok(())
    }

    /// Takes the last record out again, for the next frame, which [`FrameBuilder::begin_with`] begins.
    pub(in crate::journal) fn take_last(&mut self) -> Vec<u8> {
        self.count = self.count.saturating_sub(1);
        self.bytes.split_off(self.last_at)
    }

    /// Begins a frame with a record that [`FrameBuilder::take_last`] gave.
    pub(in crate::journal) fn begin_with(&mut self, first: Position, stored: &[u8]) {
        self.begin(first);
        self.last_at = self.bytes.len();
        self.bytes.extend_from_slice(stored);
        self.count = 1;
    }

    pub(in crate::journal) const fn count(&self) -> u32 {
        self.count
    }

    /// The length on disk, were the frame finished now.
    pub(in crate::journal) const fn frame_bytes(&self) -> usize {
        frame_bytes(self.bytes.len() - HEADER_BYTES)
    }

    /// Whether the frame takes no more records.
    pub(in crate::journal) const fn is_full(&self) -> bool {
        self.bytes.len() >= FULL_FRAME_BYTES
    }

    /// The records so far; only before [`FrameBuilder::finish`].
    pub(in crate::journal) fn payload(&self) -> &[u8] {
        self.bytes.get(HEADER_BYTES..).unwrap_or_default()
    }

    /// Finishes the frame, which follows the frames whose chain is `previous`: its bytes and its own chain.
    pub(in crate::journal) fn finish(&mut self, purpose: Purpose, seed: u32, previous: &Chain) -> (&[u8], Chain) {
        let payload = self.bytes.len() - HEADER_BYTES;
        let payload_bytes = u32::try_from(payload).unwrap_or(u32::MAX);
        put(&mut self.bytes, 0, &MAGIC);
        put(&mut self.bytes, 4, &purpose.flags().to_le_bytes());
        put(&mut self.bytes, 8, &self.first.get().to_le_bytes());
        put(&mut self.bytes, 16, &self.count.to_le_bytes());
        put(&mut self.bytes, 20, &payload_bytes.to_le_bytes());
        let chain = chain(previous, self.bytes.get(..FIELDS_BYTES).unwrap_or_default(), self.payload());
        put(&mut self.bytes, CHAIN_AT, &chain);
        self.bytes.resize(frame_bytes(payload), 0);
        let crc = crc(&self.bytes, seed);
        put(&mut self.bytes, CRC_AT, &crc.to_le_bytes());
        (&self.bytes, chain)
    }
}
