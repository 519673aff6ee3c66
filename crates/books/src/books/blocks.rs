//! A store that combines neighbouring pairs into blocks, each of which is a row of the underlying store.
//!
//! sled keeps at most sixteen rows on a page, however small they are, and about 230 bytes of every page in memory,
//! whether it is read or not. With a row per pair, ten million accounts with their numbers and owners would need three
//! and a half million pages; blocks reduce that to a fiftieth.
//!
//! A row's key is the upper bound of its block. The block contains the keys below that bound and not below the previous
//! one. The last block of each kind has the end of the kind as its bound, so every key has a block, and no block has
//! two kinds.
//!
//! A row's value is the CRC-32C of the rest, followed by each pair: the lengths of the key without its kind and of the
//! value (two bytes each, little-endian), the key without its kind, the value.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use parking_lot::Mutex;

use super::store::{Change, Pair, Store, StoreError};

/// A block with more bytes than this is split, unless it is a single pair.
///
/// Larger blocks mean fewer pages, but more bytes to write per changed account.
pub const BLOCK_BYTES: usize = 1_024;

const CHECKSUM_BYTES: usize = 4;
const LENGTH_BYTES: usize = 2;

/// Neighbours that are changed one after another are stored together as long as they fill fewer blocks than this.
const TOGETHER: usize = 16;

/// The maximum number of blocks that are read at a time.
const READ: usize = 64;

/// A store that keeps its pairs in blocks in the underlying store.
pub struct Blocks<S> {
    beneath: S,
    block_bytes: usize,
    /// Only one thread at a time reads, changes and writes blocks.
    writing: Mutex<()>,
}

impl<S: Store> Blocks<S> {
    /// Blocks of `block_bytes` each in the store `beneath`.
    pub fn over(beneath: S, block_bytes: usize) -> Blocks<S> {
        Blocks { beneath, block_bytes, writing: Mutex::new(()) }
    }

    #[cfg(test)]
    pub(super) fn beneath(&self) -> &S {
        &self.beneath
    }

    /// Returns up to `limit` rows whose blocks contain `key` or later keys.
    fn rows_from(&self, key: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        // A bound is greater than everything in its block.
        let mut above = key.to_vec();
        above.push(0);
        self.beneath.scan(&[], &above, limit)
    }

    /// Returns the row of the block that contains, or would contain, `key`; `None` if there is no such block yet.
    fn row_of(&self, key: &[u8]) -> Result<Option<Pair>, StoreError> {
        let row = self.rows_from(key, 1)?.pop();
        Ok(row.filter(|(bound, _)| *bound <= end_of_kind(key)))
    }

    /// Writes changed blocks, all or none.
    fn commit(&self, edit: Edit) -> Result<(), StoreError> {
        let mut changes = Vec::with_capacity(edit.blocks.len());
        for (bound, block) in edit.blocks {
            block.write(bound, self.block_bytes, &mut changes)?;
        }
        if changes.is_empty() { Ok(()) } else { self.beneath.write(changes) }
    }
}

impl<S: Store> Store for Blocks<S> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let Some((bound, row)) = self.row_of(key)? else { return Ok(None) };
        for pair in pairs_of(&bound, &row)? {
            let (found, value) = pair?;
            if Some(found) == key.get(1..) {
                return Ok(Some(value.to_vec()));
            }
        }
        Ok(None)
    }

    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let from = from.max(prefix);
        let mut found: Vec<Pair> = Vec::new();
        // An empty key precedes the first block.
        let mut rows = if from.is_empty() { self.beneath.scan(&[], &[], 1)? } else { self.rows_from(from, 1)? };
        loop {
            let Some((last, _)) = rows.last() else { return Ok(found) };
            let last = last.clone();
            for (bound, row) in &rows {
                let kind = kind_below(bound)?;
                for pair in pairs_of(bound, row)? {
                    let (rest, value) = pair?;
                    let mut key = Vec::with_capacity(rest.len().saturating_add(1));
                    key.push(kind);
                    key.extend_from_slice(rest);
                    // A block that was emptied in the meantime is gone; its later keys are in the next one.
                    let is_wanted = key.as_slice() >= from && found.last().is_none_or(|(before, _)| *before < key);
                    if !is_wanted {
                        continue;
                    }
                    if !key.starts_with(prefix) || found.len() >= limit {
                        return Ok(found);
                    }
                    found.push((key, value.to_vec()));
                }
            }
            rows = self.rows_from(&last, limit.saturating_sub(found.len()).clamp(1, READ))?;
        }
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let _writing = self.writing.lock();
        let mut edit = Edit::default();
        for (key, value) in changes {
            edit.apply(self, key, value)?;
        }
        self.commit(edit)
    }

    fn write_each(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let _writing = self.writing.lock();
        let mut edit = Edit::default();
        for (key, value) in changes {
            let is_full = edit.bytes() > self.block_bytes.saturating_mul(TOGETHER);
            if is_full || edit.bound_of(&key).is_none() {
                self.commit(std::mem::take(&mut edit))?;
            }
            edit.apply(self, key, value)?;
        }
        self.commit(edit)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.beneath.sync()
    }

    fn is_kept(&self) -> bool {
        self.beneath.is_kept()
    }

    fn bytes_on_disk(&self) -> u64 {
        self.beneath.bytes_on_disk()
    }
}

/// Blocks that are being changed, by their bounds.
#[derive(Default)]
struct Edit {
    blocks: BTreeMap<Vec<u8>, Block>,
}

impl Edit {
    /// Returns the bound of a loaded block that is known to be the block of `key`.
    fn bound_of(&self, key: &[u8]) -> Option<Vec<u8>> {
        let (bound, block) = self.blocks.range::<[u8], _>((Excluded(key), Unbounded)).next()?;
        (block.floor.as_slice() <= key).then(|| bound.clone())
    }

    fn apply<S: Store>(&mut self, store: &Blocks<S>, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<(), StoreError> {
        let bound = match self.bound_of(&key) {
            Some(bound) => bound,
            None => self.open(store, &key)?,
        };
        let block = self.blocks.get_mut(&bound).ok_or_else(|| StoreError::Damaged("a block was mislaid".into()))?;
        block.floor = block.floor.as_slice().min(&key).to_vec();
        block.apply(key, value);
        Ok(())
    }

    /// Loads the block of `key` if necessary, and returns its bound.
    fn open<S: Store>(&mut self, store: &Blocks<S>, key: &[u8]) -> Result<Vec<u8>, StoreError> {
        let Some((bound, row)) = store.row_of(key)? else {
            let bound = end_of_kind(key);
            self.blocks.entry(bound.clone()).or_insert_with(|| Block::empty(key.to_vec()));
            return Ok(bound);
        };
        if !self.blocks.contains_key(&bound) {
            self.blocks.insert(bound.clone(), Block::read(&bound, &row)?);
        }
        Ok(bound)
    }

    fn bytes(&self) -> usize {
        self.blocks.values().map(|block| block.bytes).sum()
    }
}

/// A block that is being changed.
struct Block {
    pairs: Vec<Pair>,
    /// No other block has keys between this and the bound.
    floor: Vec<u8>,
    /// The encoded size of the pairs.
    bytes: usize,
    is_stored: bool,
    /// Whether all new pairs were added at the end.
    is_appended: bool,
}

impl Block {
    fn empty(floor: Vec<u8>) -> Block {
        Block { pairs: Vec::new(), floor, bytes: CHECKSUM_BYTES, is_stored: false, is_appended: true }
    }

    fn read(bound: &[u8], row: &[u8]) -> Result<Block, StoreError> {
        let kind = kind_below(bound)?;
        let mut pairs: Vec<Pair> = Vec::new();
        for pair in pairs_of(bound, row)? {
            let (rest, value) = pair?;
            pairs.push(([&[kind], rest].concat(), value.to_vec()));
        }
        let floor = pairs.first().map_or_else(|| bound.to_vec(), |(key, _)| key.clone());
        Ok(Block { pairs, floor, bytes: row.len(), is_stored: true, is_appended: true })
    }

    fn apply(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        let place = self.pairs.binary_search_by(|(known, _)| known.as_slice().cmp(&key));
        match (place, value) {
            (Ok(place), Some(value)) => {
                if let Some((_, kept)) = self.pairs.get_mut(place) {
                    self.bytes = self.bytes.saturating_sub(kept.len()).saturating_add(value.len());
                    *kept = value;
                }
            }
            (Ok(place), None) => {
                let pair = self.pairs.remove(place);
                self.bytes = self.bytes.saturating_sub(written_bytes(&pair));
            }
            (Err(place), Some(value)) => {
                self.is_appended &= place == self.pairs.len();
                let pair = (key, value);
                self.bytes = self.bytes.saturating_add(written_bytes(&pair));
                self.pairs.insert(place, pair);
            }
            (Err(_), None) => {}
        }
    }

    /// Adds the rows into which the block is split.
    fn write(self, bound: Vec<u8>, block_bytes: usize, rows: &mut Vec<Change>) -> Result<(), StoreError> {
        if self.pairs.is_empty() {
            if self.is_stored {
                rows.push((bound, None));
            }
            return Ok(());
        }
        // A block that grows at its end is split into blocks that are three quarters full. One that grows in between is
        // split evenly, to leave room in each block.
        let parts = self.bytes.div_ceil(block_bytes);
        let is_growing_on = self.is_appended && bound.len() == 1;
        let most = match parts {
            1 => block_bytes,
            _ if is_growing_on => block_bytes.saturating_mul(3) / 4,
            _ => self.bytes / parts,
        };
        let mut row = Row::default();
        for pair in self.pairs {
            if !row.is_empty() && row.bytes().saturating_add(written_bytes(&pair) / 2) > most {
                rows.push((pair.0.clone(), Some(std::mem::take(&mut row).finish())));
            }
            row.add(&pair)?;
        }
        rows.push((bound, Some(row.finish())));
        Ok(())
    }
}

/// A row that is being encoded.
#[derive(Default)]
struct Row {
    pairs: Vec<u8>,
}

impl Row {
    fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    fn bytes(&self) -> usize {
        self.pairs.len().saturating_add(CHECKSUM_BYTES)
    }

    fn add(&mut self, (key, value): &Pair) -> Result<(), StoreError> {
        let rest = key.get(1..).unwrap_or_default();
        let length = |bytes: &[u8]| {
            u16::try_from(bytes.len())
                .map_err(|_| StoreError::Damaged(format!("{} bytes do not fit into a block", bytes.len())))
        };
        self.pairs.extend_from_slice(&length(rest)?.to_le_bytes());
        self.pairs.extend_from_slice(&length(value)?.to_le_bytes());
        self.pairs.extend_from_slice(rest);
        self.pairs.extend_from_slice(value);
        Ok(())
    }

    fn finish(self) -> Vec<u8> {
        let checksum = crc32c::crc32c(&self.pairs).to_le_bytes();
        [checksum.as_slice(), &self.pairs].concat()
    }
}

/// Returns the encoded size of a pair in a block: its lengths, the key without its kind, and the value.
fn written_bytes((key, value): &Pair) -> usize {
    (2 * LENGTH_BYTES).saturating_add(key.len().saturating_sub(1)).saturating_add(value.len())
}

/// An encoded pair: the key without its kind, and the value.
type Written<'a> = (&'a [u8], &'a [u8]);

/// Returns the pairs of a row.
fn pairs_of<'a>(
    bound: &[u8],
    row: &'a [u8],
) -> Result<impl Iterator<Item = Result<Written<'a>, StoreError>>, StoreError> {
    let damaged = || StoreError::Damaged("a block is damaged".into());
    let (checksum, mut rest) = row.split_first_chunk::<CHECKSUM_BYTES>().ok_or_else(damaged)?;
    if bound.is_empty() || crc32c::crc32c(rest) != u32::from_le_bytes(*checksum) {
        return Err(damaged());
    }
    Ok(std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let pair = next_pair(&mut rest);
        if pair.is_none() {
            rest = &[];
        }
        Some(pair.ok_or_else(damaged))
    }))
}

fn next_pair<'a>(rest: &mut &'a [u8]) -> Option<Written<'a>> {
    let (key_length, behind) = rest.split_first_chunk::<LENGTH_BYTES>()?;
    let (value_length, behind) = behind.split_first_chunk::<LENGTH_BYTES>()?;
    let (key, behind) = behind.split_at_checked(usize::from(u16::from_le_bytes(*key_length)))?;
    let (value, behind) = behind.split_at_checked(usize::from(u16::from_le_bytes(*value_length)))?;
    *rest = behind;
    Some((key, value))
}

/// Returns the bound of the last block of the key's kind: the first key that could belong to the next kind.
fn end_of_kind(key: &[u8]) -> Vec<u8> {
    vec![key.first().copied().unwrap_or_default().saturating_add(1)]
}

/// Returns the kind of the keys in the block with that bound.
fn kind_below(bound: &[u8]) -> Result<u8, StoreError> {
    match bound {
        [] => Err(StoreError::Damaged("a block has no bound".into())),
        [next] => Ok(next.saturating_sub(1)),
        [kind, ..] => Ok(*kind),
    }
}
