//! The sidecar of a sealed segment: an index to find its records by id, position and time without reading the segment.
//!
//! It consists of a head of fixed size, a summary (fences, marks, filter) that is kept in memory, and blocks of sorted
//! ids that are read one at a time. All of it is derived from the segment, so a damaged sidecar can be rebuilt.

use xorf::{BinaryFuse8, BinaryFuse8Ref, DmaSerializable, Filter, FilterRef};

use super::header;
use super::{BLOCK_BYTES, Chain, FORMAT_VERSION, chain_at, i64_at, put, u32_at, u64_at, u128_at};
use jangbu_ledger::{CommandId, Position, Timestamp};

const MAGIC: [u8; 8] = *b"JANGBUIX";
pub(crate) const HEAD_BYTES: usize = 256;
const SUMMARY_CRC_AT: usize = 248;
const HEAD_CRC_AT: usize = 252;
const FENCE_BYTES: usize = 16;
const MARK_BYTES: usize = 16;
const ENTRY_BYTES: usize = 20;
/// The number of sorted ids in a block. A count and a checksum follow them.
const BLOCK_ENTRIES: usize = 204;
const BLOCK_COUNT_AT: usize = BLOCK_ENTRIES * ENTRY_BYTES;
const BLOCK_CRC_AT: usize = BLOCK_BYTES - 4;

/// Set in entries whose id is not the record's own but one that the record refers to.
const REFERENCE: u32 = 1 << 31;

/// One record in this many has a mark.
pub(crate) const MARK_EVERY: u64 = 32;

/// Where a record is in its segment, and when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The offset of its frame.
    pub frame: u32,
    /// The offset of its length.
    pub record: u32,
    pub recorded_at: Timestamp,
}

/// An id and a record's place in the segment, in the order of the sidecar. A pair would take a third more memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Keyed {
    high: u64,
    low: u64,
    place: u32,
}

impl Keyed {
    pub(crate) const fn new(id: u128, place: u32) -> Keyed {
        Keyed { high: (id >> 64) as u64, low: id as u64, place }
    }

    const fn id(self) -> u128 {
        (self.high as u128) << 64 | self.low as u128
    }
}

/// The contents of a sealed segment's sidecar, except for its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub journal: u128,
    pub number: u64,
    /// The position of the first record.
    pub first: Position,
    /// The number of records.
    pub count: u64,
    /// The end of the last frame.
    pub end_offset: u64,
    /// When the last record was recorded, if there is one.
    pub last_recorded_at: Option<Timestamp>,
    /// The greatest time in a version 7 id that is not dated in the future, in milliseconds since 1970.
    pub newest_id_ms: u64,
    /// Whether an id is dated more than a minute after its record.
    pub has_future_ids: bool,
    /// The chain before the first frame, and after the last.
    pub chains: (Chain, Chain),
}

impl Facts {
    /// Returns the position of the last record; the one before the first if there are none.
    pub(crate) fn last(&self) -> Position {
        Position::new((self.first.get() + self.count).saturating_sub(1))
    }

    /// Returns the seed of the checksums of the id blocks.
    pub(crate) fn block_seed(&self) -> u32 {
        header::seed(self.journal, self.number)
    }
}

/// A filter that shows that an id is certainly not in a segment, or that it may be.
#[derive(Clone, Debug)]
pub(crate) struct IdFilter {
    /// The journal's id. Without knowing it, nobody can choose ids that collide.
    salt: u128,
    descriptor: [u8; BinaryFuse8::DESCRIPTOR_LEN],
    /// Empty if there is no filter; then every id may be in the segment.
    fingerprints: Box<[u8]>,
}

impl IdFilter {
    /// Builds the filter of sorted ids, in which equal ids are adjacent.
    fn build(salt: u128, sorted: &[Keyed]) -> IdFilter {
        let mut keys: Vec<u64> = sorted.iter().map(|entry| filter_key(salt, entry.id())).collect();
        keys.dedup();
        let mut descriptor = [0; BinaryFuse8::DESCRIPTOR_LEN];
        // Building fails with negligible probability. Without a filter, every lookup reads the file.
        let fingerprints = BinaryFuse8::try_from_iterator(keys.iter().copied()).map_or_else(
            |_| Box::default(),
            |filter| {
                filter.dma_copy_descriptor_to(&mut descriptor);
                filter.fingerprints
            },
        );
        IdFilter { salt, descriptor, fingerprints }
    }

    pub(crate) fn may_contain(&self, id: CommandId) -> bool {
        self.fingerprints.is_empty()
            || BinaryFuse8Ref::from_dma(&self.descriptor, &self.fingerprints)
                .contains(&filter_key(self.salt, id.as_u128()))
    }

    /// Returns whether there are as many fingerprints as the descriptor requires. Otherwise a lookup would be out of
    /// bounds.
    fn is_consistent(&self) -> bool {
        let field = |at| u32_at(&self.descriptor, at).map(u64::from).unwrap_or_default();
        let (length, mask, all) = (field(8), field(12), field(16));
        self.fingerprints.is_empty()
            || (length.is_power_of_two() && mask == length - 1 && self.fingerprints.len() as u64 == all + 2 * length)
    }
}

/// Folds an id to the 64 bits that the filter uses (the multiply-and-fold of wyhash).
const fn filter_key(salt: u128, id: u128) -> u64 {
    let mixed = id ^ salt;
    let product =
        ((mixed >> 64) as u64 ^ 0xA076_1D64_78BD_642F) as u128 * (mixed as u64 ^ 0xE703_7ED1_A0B4_28DB) as u128;
    (product >> 64) as u64 ^ product as u64
}

/// A sidecar without its blocks of ids.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub facts: Facts,
    /// The first id of each block.
    pub fences: Vec<u128>,
    pub marks: Vec<Mark>,
    pub filter: IdFilter,
}

/// Whether an entry leads to an id's own record, or to a record that refers to the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Own,
    Reference,
}

impl Entry {
    /// Returns the place of the record if the stored entry is of this kind.
    pub(crate) const fn place(self, stored: u32) -> Option<u32> {
        let is_reference = stored & REFERENCE != 0;
        if is_reference == matches!(self, Entry::Reference) { Some(stored & !REFERENCE) } else { None }
    }
}

/// Encodes the sidecar of a segment from its records' ids, in the order of positions, and from the ids that they refer
/// to.
pub(crate) fn encode(facts: Facts, ids: Vec<u128>, references: Vec<Keyed>, marks: Vec<Mark>) -> (Vec<u8>, Summary) {
    // A full segment needs tens of megabytes, so buffers have their final size and are freed early.
    let mut sorted = Vec::with_capacity(ids.len().saturating_add(references.len()));
    sorted.extend(ids.into_iter().zip(0..).map(|(id, place)| Keyed::new(id, place)));
    sorted.extend(references.into_iter().map(|entry| Keyed { place: entry.place | REFERENCE, ..entry }));
    sorted.sort_unstable();
    let fences = sorted.chunks(BLOCK_ENTRIES).filter_map(|block| block.first()).map(|entry| entry.id()).collect();
    let filter = IdFilter::build(facts.journal, &sorted);
    let summary = Summary { facts, fences, marks, filter };
    let mut bytes = summary.encode();
    let seed = summary.facts.block_seed();
    for (number, block) in (0u32..).zip(sorted.chunks(BLOCK_ENTRIES)) {
        encode_block(seed, number, block, &mut bytes);
    }
    (bytes, summary)
}

fn encode_block(seed: u32, number: u32, entries: &[Keyed], to: &mut Vec<u8>) {
    let start = to.len();
    for entry in entries {
        to.extend_from_slice(&entry.id().to_be_bytes());
        to.extend_from_slice(&entry.place.to_le_bytes());
    }
    to.resize(start + BLOCK_BYTES, 0);
    let Some(block) = to.get_mut(start..) else { return };
    put(block, BLOCK_COUNT_AT, &u32::try_from(entries.len()).unwrap_or(0).to_le_bytes());
    let crc = block_crc(seed, number, block);
    put(block, BLOCK_CRC_AT, &crc.to_le_bytes());
}

fn block_crc(seed: u32, number: u32, block: &[u8]) -> u32 {
    let seed = crc32c::crc32c_append(seed, &number.to_le_bytes());
    crc32c::crc32c_append(seed, block.get(..BLOCK_CRC_AT).unwrap_or_default())
}

/// Decodes the block with that number; returns its entries in order, or `None` if it is damaged.
pub(crate) fn decode_block(seed: u32, number: u32, block: &[u8]) -> Option<Vec<(u128, u32)>> {
    if block.len() != BLOCK_BYTES || u32_at(block, BLOCK_CRC_AT)? != block_crc(seed, number, block) {
        return None;
    }
    let count = usize::try_from(u32_at(block, BLOCK_COUNT_AT)?).ok()?;
    let entry = |entry: &[u8]| Some((u128::from_be_bytes(*entry.first_chunk()?), u32_at(entry, 16)?));
    block.get(..count.checked_mul(ENTRY_BYTES)?)?.chunks_exact(ENTRY_BYTES).map(entry).collect()
}

/// Returns the length of head and summary together, according to the head; `None` if the head is damaged or of another
/// version.
pub(crate) fn summary_end(head: &[u8]) -> Option<usize> {
    let head = head.get(..HEAD_BYTES)?;
    let crc = crc32c::crc32c(head.get(..HEAD_CRC_AT)?);
    if !head.starts_with(&MAGIC) || u32_at(head, HEAD_CRC_AT)? != crc || u32_at(head, 8)? != FORMAT_VERSION {
        return None;
    }
    let count = |at| usize::try_from(u32_at(head, at)?).ok();
    Some(HEAD_BYTES + count(144)? * FENCE_BYTES + count(148)? * MARK_BYTES + count(152)?)
}

impl Summary {
    /// Returns the offset of the block with that number.
    pub(crate) const fn block_offset(summary_end: usize, number: u32) -> u64 {
        summary_end.next_multiple_of(BLOCK_BYTES) as u64 + number as u64 * BLOCK_BYTES as u64
    }

    /// Returns the length of head and summary together.
    pub(crate) fn end(&self) -> usize {
        let filter = self.filter.fingerprints.len();
        HEAD_BYTES + self.fences.len() * FENCE_BYTES + self.marks.len() * MARK_BYTES + filter
    }

    /// Returns the length of the file.
    pub(crate) fn file_bytes(&self) -> u64 {
        Summary::block_offset(self.end(), u32::try_from(self.fences.len()).unwrap_or(u32::MAX))
    }

    /// Encodes head and summary, up to the first block, with capacity for all blocks.
    fn encode(&self) -> Vec<u8> {
        let facts = &self.facts;
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        let mut bytes = Vec::with_capacity(usize::try_from(self.file_bytes()).unwrap_or(0));
        bytes.resize(HEAD_BYTES, 0);
        put(&mut bytes, 0, &MAGIC);
        put(&mut bytes, 8, &FORMAT_VERSION.to_le_bytes());
        put(&mut bytes, 12, &u32::from(facts.has_future_ids).to_le_bytes());
        put(&mut bytes, 16, &facts.journal.to_le_bytes());
        put(&mut bytes, 32, &facts.number.to_le_bytes());
        put(&mut bytes, 40, &facts.first.get().to_le_bytes());
        put(&mut bytes, 48, &facts.count.to_le_bytes());
        put(&mut bytes, 56, &facts.end_offset.to_le_bytes());
        put(&mut bytes, 64, &facts.last_recorded_at.map_or(i64::MIN, Timestamp::as_ns).to_le_bytes());
        put(&mut bytes, 72, &facts.newest_id_ms.to_le_bytes());
        put(&mut bytes, 80, &facts.chains.0);
        put(&mut bytes, 112, &facts.chains.1);
        put(&mut bytes, 144, &count(self.fences.len()));
        put(&mut bytes, 148, &count(self.marks.len()));
        put(&mut bytes, 152, &count(self.filter.fingerprints.len()));
        put(&mut bytes, 156, &self.filter.descriptor);
        for fence in &self.fences {
            bytes.extend_from_slice(&fence.to_be_bytes());
        }
        for mark in &self.marks {
            bytes.extend_from_slice(&mark.frame.to_le_bytes());
            bytes.extend_from_slice(&mark.record.to_le_bytes());
            bytes.extend_from_slice(&mark.recorded_at.as_ns().to_le_bytes());
        }
        bytes.extend_from_slice(&self.filter.fingerprints);
        let summary_crc = crc32c::crc32c(bytes.get(HEAD_BYTES..).unwrap_or_default());
        put(&mut bytes, SUMMARY_CRC_AT, &summary_crc.to_le_bytes());
        let head_crc = crc32c::crc32c(bytes.get(..HEAD_CRC_AT).unwrap_or_default());
        put(&mut bytes, HEAD_CRC_AT, &head_crc.to_le_bytes());
        bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), 0);
        bytes
    }

    /// Decodes head and summary; returns `None` if they are damaged.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Summary> {
        let bytes = bytes.get(..summary_end(bytes)?)?;
        let (head, summary) = bytes.split_at_checked(HEAD_BYTES)?;
        if u32_at(head, SUMMARY_CRC_AT)? != crc32c::crc32c(summary) {
            return None;
        }
        let count = |at| usize::try_from(u32_at(head, at)?).ok();
        let (fences, rest) = summary.split_at_checked(count(144)? * FENCE_BYTES)?;
        let (marks, fingerprints) = rest.split_at_checked(count(148)? * MARK_BYTES)?;
        let facts = Facts {
            has_future_ids: u32_at(head, 12)? != 0,
            journal: u128_at(head, 16)?,
            number: u64_at(head, 32)?,
            first: Position::new(u64_at(head, 40)?),
            count: u64_at(head, 48)?,
            end_offset: u64_at(head, 56)?,
            last_recorded_at: Some(i64_at(head, 64)?).filter(|ns| *ns != i64::MIN).map(Timestamp::from_ns),
            newest_id_ms: u64_at(head, 72)?,
            chains: (chain_at(head, 80)?, chain_at(head, 112)?),
        };
        let filter = IdFilter {
            salt: facts.journal,
            descriptor: *head.get(156..)?.first_chunk()?,
            fingerprints: fingerprints.into(),
        };
        let mark = |mark: &[u8]| {
            let recorded_at = Timestamp::from_ns(i64_at(mark, 8)?);
            Some(Mark { frame: u32_at(mark, 0)?, record: u32_at(mark, 4)?, recorded_at })
        };
        let fence = |fence: &[u8]| fence.first_chunk().map(|chunk| u128::from_be_bytes(*chunk));
        Some(Summary {
            facts,
            fences: fences.chunks_exact(FENCE_BYTES).map(fence).collect::<Option<_>>()?,
            marks: marks.chunks_exact(MARK_BYTES).map(mark).collect::<Option<_>>()?,
            filter,
        })
        .filter(|summary| summary.filter.is_consistent())
    }
}
