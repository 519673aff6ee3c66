//! The header of a segment: one block, written and synced before the segment gets its name, and never written again.

use super::{BLOCK_BYTES, Chain, FORMAT_VERSION, chain_at, put, u32_at, u64_at, u128_at};
use jangbu_ledger::Position;

const MAGIC: [u8; 8] = *b"JANGBU\r\n";
/// The offset of the header's CRC32C, in this format and in every later one.
const CRC_AT: usize = BLOCK_BYTES - 4;

/// The contents of a segment's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    /// The random id of the journal.
    pub journal: u128,
    /// The segment's number, from 1.
    pub number: u64,
    /// The position of the segment's first record.
    pub first: Position,
    /// The length of the file while the segment is being written.
    pub bytes: u64,
    /// The chain before the segment's first frame.
    pub chain: Chain,
}

/// Why a block is not a header that this program can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderFault {
    /// The bytes are not a header; says what is wrong with them.
    Damaged(&'static str),
    /// The format is newer than this program; has its number.
    NewerFormat(u32),
}

impl SegmentHeader {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut block = vec![0; BLOCK_BYTES];
        put(&mut block, 0, &MAGIC);
        put(&mut block, 8, &FORMAT_VERSION.to_le_bytes());
        put(&mut block, 16, &self.journal.to_le_bytes());
        put(&mut block, 32, &self.number.to_le_bytes());
        put(&mut block, 40, &self.first.get().to_le_bytes());
        put(&mut block, 48, &self.bytes.to_le_bytes());
        put(&mut block, 56, &self.chain);
        let crc = crc32c::crc32c(block.get(..CRC_AT).unwrap_or_default());
        put(&mut block, CRC_AT, &crc.to_le_bytes());
        block
    }

    pub(crate) fn decode(block: &[u8]) -> Result<SegmentHeader, HeaderFault> {
        let short = HeaderFault::Damaged("the header is cut off");
        let covered = block.get(..CRC_AT).ok_or(short)?;
        if !covered.starts_with(&MAGIC) {
            return Err(HeaderFault::Damaged("the header does not begin as a segment's"));
        }
        if u32_at(block, CRC_AT) != Some(crc32c::crc32c(covered)) {
            return Err(HeaderFault::Damaged("the header's checksum is wrong"));
        }
        match u32_at(block, 8).ok_or(short)? {
            FORMAT_VERSION => {}
            0 => return Err(HeaderFault::Damaged("the header has no format version")),
            newer => return Err(HeaderFault::NewerFormat(newer)),
        }
        Ok(SegmentHeader {
            journal: u128_at(block, 16).ok_or(short)?,
            number: u64_at(block, 32).ok_or(short)?,
            first: Position::new(u64_at(block, 40).ok_or(short)?),
            bytes: u64_at(block, 48).ok_or(short)?,
            chain: chain_at(block, 56).ok_or(short)?,
        })
    }

    /// Returns the seed of the CRCs of the segment's frames, which makes a frame valid in its own segment only.
    pub fn frame_seed(&self) -> u32 {
        seed(self.journal, self.number)
    }

    /// Returns the chain value before the first frame of a journal.
    pub(crate) fn first_chain(journal: u128) -> Chain {
        *blake3::hash(&journal.to_le_bytes()).as_bytes()
    }
}

/// Returns the seed of the checksums of one segment of one journal.
///
/// The journal's id is random, so bytes from outside, such as the value of an application record, cannot pass for a
/// frame.
pub(crate) fn seed(journal: u128, number: u64) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&journal.to_le_bytes()), &number.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> SegmentHeader {
        SegmentHeader {
            journal: 77,
            number: 3,
            first: Position::new(1000),
            bytes: 8192,
            chain: SegmentHeader::first_chain(77),
        }
    }

    #[test]
    fn a_header_reads_back_and_every_flipped_bit_is_detected() {
        let mut block = header().encode();
        assert_eq!(block.len(), BLOCK_BYTES);
        assert_eq!(SegmentHeader::decode(&block), Ok(header()));
        for bit in 0..BLOCK_BYTES * 8 {
            block[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(SegmentHeader::decode(&block), Err(HeaderFault::Damaged(_))), "bit {bit}");
            block[bit / 8] ^= 1 << (bit % 8);
        }
        assert!(SegmentHeader::decode(&block[..4095]).is_err());
    }

    #[test]
    fn a_newer_format_is_distinguished_from_damage() {
        let mut block = header().encode();
        put(&mut block, 8, &2u32.to_le_bytes());
        assert!(matches!(SegmentHeader::decode(&block), Err(HeaderFault::Damaged(_))));
        let crc = crc32c::crc32c(&block[..CRC_AT]);
        put(&mut block, CRC_AT, &crc.to_le_bytes());
        assert_eq!(SegmentHeader::decode(&block), Err(HeaderFault::NewerFormat(2)));
    }
}
