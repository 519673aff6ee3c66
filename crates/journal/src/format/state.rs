//! The state file, which stands in for the archived beginning of a journal: a head of one block, chunks of values, and
//! a last chunk with the hash of everything before it.
//!
//! The meaning of the values is up to their writer. Here, each is a section number and bytes.

use super::base::Base;
use super::header::{self, HeaderFault};
use super::{BLOCK_BYTES, FORMAT_VERSION, chain_at, i64_at, put, u32_at, u64_at, u128_at};
use jangbu_ledger::{CommandId, Position, Timestamp};

const MAGIC: [u8; 8] = *b"JANGBUST";
/// The offset of the head's CRC32C, in this format and in every later one.
const CRC_AT: usize = BLOCK_BYTES - 4;
const ZONE_LENGTH_AT: usize = 120;
const ZONE_AT: usize = 124;
/// The maximum length of a time zone name: several times the longest one of the IANA database.
const MAX_ZONE_BYTES: usize = 200;

/// The size of the header of a chunk: section, length, checksum and zeros, four bytes each.
pub(crate) const CHUNK_HEADER_BYTES: usize = 16;
/// The size of the prefix of each value: its length.
const PREFIX_BYTES: usize = 4;
/// A chunk accepts no more values beyond this size.
pub(crate) const FULL_CHUNK_BYTES: usize = 256 * 1024;
/// The maximum size of a chunk's values in bytes, which a reader must be able to hold.
const MAX_CHUNK_BYTES: usize = 1024 * 1024;
/// The section of the last chunk, whose only value is the hash.
pub(crate) const END: u32 = 0;

/// Encodes the head.
pub(crate) fn encode_head(base: &Base) -> Vec<u8> {
    let mut block = vec![0; BLOCK_BYTES];
    let zone = base.time_zone.as_bytes();
    let zone = zone.get(..zone.len().min(MAX_ZONE_BYTES)).unwrap_or_default();
    put(&mut block, 0, &MAGIC);
    put(&mut block, 8, &FORMAT_VERSION.to_le_bytes());
    put(&mut block, 16, &base.journal.to_le_bytes());
    put(&mut block, 32, &base.number.to_le_bytes());
    put(&mut block, 40, &base.position.get().to_le_bytes());
    put(&mut block, 48, &base.recorded_at.as_ns().to_le_bytes());
    put(&mut block, 56, &base.chain);
    put(&mut block, 88, &base.last_id.as_u128().to_le_bytes());
    put(&mut block, 104, &base.bank.to_le_bytes());
    put(&mut block, ZONE_LENGTH_AT, &u32::try_from(zone.len()).unwrap_or(0).to_le_bytes());
    put(&mut block, ZONE_AT, zone);
    let crc = crc32c::crc32c(block.get(..CRC_AT).unwrap_or_default());
    put(&mut block, CRC_AT, &crc.to_le_bytes());
    block
}

/// Reads the head.
pub(crate) fn decode_head(block: &[u8]) -> Result<Base, HeaderFault> {
    let short = HeaderFault::Damaged("the head of the state is cut off");
    let covered = block.get(..CRC_AT).ok_or(short)?;
    if !covered.starts_with(&MAGIC) {
        return Err(HeaderFault::Damaged("the file does not begin as a state"));
    }
    if u32_at(block, CRC_AT) != Some(crc32c::crc32c(covered)) {
        return Err(HeaderFault::Damaged("the checksum of the state's head is wrong"));
    }
    match u32_at(block, 8).ok_or(short)? {
        FORMAT_VERSION => {}
        0 => return Err(HeaderFault::Damaged("the state has no format version")),
        newer => return Err(HeaderFault::NewerFormat(newer)),
    }
    let length = u32_at(block, ZONE_LENGTH_AT).and_then(|length| usize::try_from(length).ok()).ok_or(short)?;
    let zone = length.checked_add(ZONE_AT).and_then(|end| block.get(ZONE_AT..end)).ok_or(short)?;
    Ok(Base {
        journal: u128_at(block, 16).ok_or(short)?,
        number: u64_at(block, 32).ok_or(short)?,
        position: Position::new(u64_at(block, 40).ok_or(short)?),
        recorded_at: Timestamp::from_ns(i64_at(block, 48).ok_or(short)?),
        chain: chain_at(block, 56).ok_or(short)?,
        last_id: CommandId::new(uuid::Uuid::from_u128(u128_at(block, 88).ok_or(short)?)),
        bank: u128_at(block, 104).ok_or(short)?,
        time_zone: String::from_utf8_lossy(zone).into_owned(),
    })
}

/// Returns the seed of the chunks' checksums.
pub(crate) fn seed(base: &Base) -> u32 {
    header::seed(base.journal, base.number)
}

fn chunk_crc(seed: u32, number: u64, section: u32, values: &[u8]) -> u32 {
    let seed = crc32c::crc32c_append(seed, &number.to_le_bytes());
    crc32c::crc32c_append(crc32c::crc32c_append(seed, &section.to_le_bytes()), values)
}

/// Starts a chunk in a buffer that is reused.
pub(crate) fn begin_chunk(chunk: &mut Vec<u8>) {
    chunk.clear();
    chunk.resize(CHUNK_HEADER_BYTES, 0);
}

/// Adds a value to a chunk.
pub(crate) fn push_value(chunk: &mut Vec<u8>, value: &[u8]) {
    chunk.extend_from_slice(&u32::try_from(value.len()).unwrap_or(u32::MAX).to_le_bytes());
    chunk.extend_from_slice(value);
}

/// Writes the header of a complete chunk; `number` counts the file's chunks from 0.
pub(crate) fn finish_chunk(chunk: &mut [u8], seed: u32, number: u64, section: u32) {
    let values = chunk.get(CHUNK_HEADER_BYTES..).unwrap_or_default();
    let (length, crc) = (values.len(), chunk_crc(seed, number, section, values));
    put(chunk, 0, &section.to_le_bytes());
    put(chunk, 4, &u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    put(chunk, 8, &crc.to_le_bytes());
}

/// Returns the length of the values that follow a chunk's header; `None` if it is not a header.
pub(crate) fn values_bytes(header: &[u8]) -> Option<usize> {
    let length = usize::try_from(u32_at(header, 4)?).ok()?;
    let spare = u32_at(header, 12)?;
    (spare == 0 && length <= MAX_CHUNK_BYTES).then_some(length)
}

/// Returns the section and the values of a whole chunk; `None` if it is not sound.
pub(crate) fn decode_chunk(chunk: &[u8], seed: u32, number: u64) -> Option<(u32, Vec<&[u8]>)> {
    let (header, values) = chunk.split_at_checked(CHUNK_HEADER_BYTES)?;
    let section = u32_at(header, 0)?;
    if u32_at(header, 8)? != chunk_crc(seed, number, section, values) {
        return None;
    }
    let (mut rest, mut found) = (values, Vec::new());
    while !rest.is_empty() {
        let length = usize::try_from(u32_at(rest, 0)?).ok()?;
        let (value, after) = rest.get(PREFIX_BYTES..)?.split_at_checked(length)?;
        found.push(value);
        rest = after;
    }
    Some((section, found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Base {
        Base {
            journal: 77,
            number: 3,
            position: Position::new(1000),
            recorded_at: Timestamp::from_ns(-5),
            chain: [9; 32],
            last_id: CommandId::derived(b"last"),
            bank: 1 << 100,
            time_zone: "Asia/Seoul".into(),
        }
    }

    #[test]
    fn a_head_reads_back_and_every_flipped_bit_is_detected() {
        let mut block = encode_head(&base());
        assert_eq!(decode_head(&block), Ok(base()));
        for bit in 0..BLOCK_BYTES * 8 {
            block[bit / 8] ^= 1 << (bit % 8);
            assert!(decode_head(&block).is_err(), "bit {bit}");
            block[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn a_chunk_reads_back_only_in_its_place_and_every_flipped_bit_is_detected() {
        let mut chunk = Vec::new();
        begin_chunk(&mut chunk);
        for value in [&b"one"[..], b"", b"three"] {
            push_value(&mut chunk, value);
        }
        finish_chunk(&mut chunk, 5, 2, 7);
        assert_eq!(values_bytes(&chunk), Some(chunk.len() - CHUNK_HEADER_BYTES));
        assert_eq!(decode_chunk(&chunk, 5, 2), Some((7, vec![&b"one"[..], b"", b"three"])));
        assert_eq!(decode_chunk(&chunk, 6, 2), None);
        assert_eq!(decode_chunk(&chunk, 5, 3), None);
        for bit in 0..chunk.len() * 8 {
            chunk[bit / 8] ^= 1 << (bit % 8);
            let length = values_bytes(&chunk).filter(|length| *length == chunk.len() - CHUNK_HEADER_BYTES);
            assert!(length.is_none() || decode_chunk(&chunk, 5, 2).is_none(), "bit {bit}");
            chunk[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
