//! The bytes of a journal on disk, version 1, as docs/FORMAT.md specifies them: pure encoding and decoding.
//!
//! What this module must never do: touch a file. And never change what version 1 means: `tests/fixtures` holds
//! journals of every released version, which must stay readable for ever.

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

/// The unit in which frames are written. A disk writes a sector whole or not at all, and no sector that holds
/// durable bytes is ever written with others.
pub const SECTOR_BYTES: usize = 512;

/// The size of a segment's header and of a block of a sidecar: what no disk sector, nor page of memory, exceeds.
pub(super) const BLOCK_BYTES: usize = 4096;

/// A BLAKE3 hash over everything up to some frame.
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

/// Puts `value` over the bytes at `at`, which are there.
pub(super) fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + value.len()) {
        place.copy_from_slice(value);
    }
}
