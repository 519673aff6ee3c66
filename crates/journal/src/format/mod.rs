//! The format of a journal on disk, version 1, as docs/format.md specifies it: pure encoding and decoding.
//!
//! This module must never touch a file or change the meaning of version 1. `tests/fixtures` contains journals of every
//! released version, which must stay readable.

pub mod base;
pub(super) mod frame;
pub mod header;
pub mod manifest;
pub mod names;
pub(super) mod records;
pub(super) mod sidecar;
pub(super) mod state;

/// The newest format that this program reads, and the one that it writes.
pub(super) const FORMAT_VERSION: u32 = 1;

/// The unit in which frames are written. A disk writes a sector completely or not at all, and a sector with durable
/// bytes is never written again with others.
pub const SECTOR_BYTES: usize = 512;

/// The size of a segment's header and of a block of a sidecar. Neither a disk sector nor a memory page exceeds it.
pub(super) const BLOCK_BYTES: usize = 4096;

/// A BLAKE3 hash over everything up to a frame.
pub type Chain = [u8; 32];

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

pub(super) fn i64_at(bytes: &[u8], at: usize) -> Option<i64> {
    bytes.get(at..)?.first_chunk().map(|chunk| i64::from_le_bytes(*chunk))
}

pub(super) fn u128_at(bytes: &[u8], at: usize) -> Option<u128> {
    bytes.get(at..)?.first_chunk().map(|chunk| u128::from_le_bytes(*chunk))
}

pub(super) fn chain_at(bytes: &[u8], at: usize) -> Option<Chain> {
    bytes.get(at..)?.first_chunk().copied()
}

/// Copies `value` over the bytes at `at`, which must exist.
pub(super) fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}
