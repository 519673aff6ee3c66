//! The state that the store does not have yet and a checkpoint frees: application records, and the memory that all of
//! it takes.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use super::keys::RecordKey;
use super::state::{Books, KeptRecord};
use jangbu_ledger::Position;
use jangbu_plant::{Bug, is_planted};

/// The memory of an application record in addition to its key and value: its share of a map's node, which is two thirds
/// full on average, and the rounding of two allocations.
const RECORD_BYTES: usize = 128;
/// The same for the mark of a deletion, which has no value.
const DELETED_BYTES: usize = 80;
/// The entry of an account under its owner.
const OWNED_BYTES: usize = 96;
/// The memory of a changed hold or a milestone: an entry in a small set or list of its account.
pub(super) const NOTE_BYTES: usize = 40;

/// Application records that differ from the store.
#[derive(Default)]
pub(super) struct ChangedRecords {
    put: BTreeMap<RecordKey, KeptRecord>,
    /// Deleted ones, by the records that deleted them. They are separate, so that iterating over the others does not
    /// meet them.
    deleted: BTreeMap<RecordKey, Position>,
    bytes: usize,
}

/// A record as a checkpoint finds it; `None` if it was deleted.
pub(super) type ChangedRecord<'a> = (&'a RecordKey, Position, Option<&'a KeptRecord>);

impl ChangedRecords {
    /// Applies a write or deletion of an application record.
    pub(super) fn apply(&mut self, key: RecordKey, version: Position, value: Option<Vec<u8>>) {
        self.forget(&key);
        let Some(value) = value else {
            self.bytes = self.bytes.saturating_add(bytes_of_deleted(&key));
            self.deleted.insert(key, version);
            return;
        };
        let kept = KeptRecord { version, value };
        if !is_planted(Bug::UnstoredUncounted) {
            self.bytes = self.bytes.saturating_add(bytes_of(&key, &kept));
        }
        self.put.insert(key, kept);
    }

    fn forget(&mut self, key: &RecordKey) {
        if let Some(kept) = self.put.remove(key) {
            self.bytes = self.bytes.saturating_sub(bytes_of(key, &kept));
        }
        if self.deleted.remove(key).is_some() {
            self.bytes = self.bytes.saturating_sub(bytes_of_deleted(key));
        }
    }

    /// Returns the record with that key if it changed; the inner `None` means that it was deleted.
    pub(super) fn get(&self, key: &RecordKey) -> Option<Option<&KeptRecord>> {
        match self.put.get(key) {
            Some(kept) => Some(Some(kept)),
            None => self.deleted.contains_key(key).then_some(None),
        }
    }

    /// Returns the existing records from `first` on, in key order.
    pub(super) fn put_from(&self, first: RecordKey) -> impl Iterator<Item = (&RecordKey, &KeptRecord)> {
        self.put.range(first..)
    }

    /// Returns up to `count` changes after `after`, none newer than `through`: first existing records, then deleted
    /// ones, each in key order.
    pub(super) fn changes_after(
        &self,
        after: Option<&(bool, RecordKey)>,
        through: Position,
        count: usize,
    ) -> Vec<ChangedRecord<'_>> {
        let behind = |is_deleted| match after {
            Some((of, key)) if *of == is_deleted => Excluded(key),
            _ => Unbounded,
        };
        let is_behind_put = after.is_some_and(|(is_deleted, _)| *is_deleted);
        let put = self.put.range::<RecordKey, _>((behind(false), Unbounded));
        let put = put.take_while(|_| !is_behind_put).map(|(key, kept)| (key, kept.version, Some(kept)));
        let deleted = self.deleted.range::<RecordKey, _>((behind(true), Unbounded));
        let deleted = deleted.map(|(key, version)| (key, *version, None));
        put.chain(deleted).filter(|(_, version, _)| *version <= through).take(count).collect()
    }

    /// Evicts this version of the record, because the store has it.
    pub(super) fn stored(&mut self, key: &RecordKey, version: Position) {
        let current = self.put.get(key).map(|kept| kept.version).or_else(|| self.deleted.get(key).copied());
        if current == Some(version) {
            self.forget(key);
        }
    }

    /// Returns the memory that all of it takes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The same, counted afresh.
    #[cfg(any(test, feature = "testing"))]
    fn recounted_bytes(&self) -> usize {
        let put: usize = self.put.iter().map(|(key, kept)| bytes_of(key, kept)).sum();
        let deleted: usize = self.deleted.keys().map(bytes_of_deleted).sum();
        put.saturating_add(deleted)
    }
}

fn bytes_of(key: &RecordKey, kept: &KeptRecord) -> usize {
    RECORD_BYTES.saturating_add(key.as_bytes().len()).saturating_add(kept.value.len())
}

fn bytes_of_deleted(key: &RecordKey) -> usize {
    DELETED_BYTES.saturating_add(key.as_bytes().len())
}

impl Books {
    /// Returns the memory in bytes that a checkpoint would free.
    pub(super) fn unstored_bytes(&self) -> usize {
        self.records.bytes().saturating_add(self.unstored_notes_bytes(self.notes))
    }

    /// The same, with everything counted afresh.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn recounted_bytes(&self) -> usize {
        let notes = self.accounts.values().map(|held| held.notes()).sum();
        self.records.recounted_bytes().saturating_add(self.unstored_notes_bytes(notes))
    }

    fn unstored_notes_bytes(&self, notes: usize) -> usize {
        let owned = self.owned.len().saturating_mul(OWNED_BYTES);
        owned.saturating_add(self.schedules.ended_bytes()).saturating_add(notes.saturating_mul(NOTE_BYTES))
    }
}
