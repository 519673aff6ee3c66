//! A table of ids and what is known of each, from which nothing is ever taken out: it is emptied as a whole.
//!
//! The ids stand in the order in which they came. Beside them is a table of places of four bytes, each with some bits of its
//! id's hash, so that a look-up of an id that is not there, which is what nearly every look-up is, touches one line of a
//! table that fits into the processor's cache, and no id.

use std::hint::black_box;

use crate::ledger::CommandId;

/// How many ids a table takes.
pub(super) const MOST_IDS: usize = 1 << PLACE_BITS;

/// The lower bits of a slot are a place, the upper ones a part of the hash.
const PLACE_BITS: u32 = 17;
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
/// No slot that is taken has all bits set: [`tag`] leaves that out.
const EMPTY: u32 = u32::MAX;
const FEWEST_SLOTS: usize = 1_024;

struct Entry<V> {
    high: u64,
    low: u64,
    value: V,
}

/// Up to [`MOST_IDS`] ids, each with a value.
pub(super) struct IdTable<V> {
    /// A power of two, at least twice as many as there are ids; none at first.
    slots: Vec<u32>,
    entries: Vec<Entry<V>>,
}

impl<V> Default for IdTable<V> {
    fn default() -> IdTable<V> {
        IdTable { slots: Vec::new(), entries: Vec::new() }
    }
}

impl<V: Copy> IdTable<V> {
    /// An empty table with room for all the ids that it can take.
    pub(super) fn with_room() -> IdTable<V> {
        IdTable { slots: vec![EMPTY; 2 * MOST_IDS], entries: Vec::with_capacity(MOST_IDS) }
    }

    /// Takes all ids out and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.slots.fill(EMPTY);
        self.entries.clear();
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= MOST_IDS
    }

    pub(super) fn get(&self, id: CommandId) -> Option<V> {
        let place = self.find(id)?;
        self.entries.get(place as usize).map(|entry| entry.value)
    }

    /// Asks for the memory that a look-up of `id` needs.
    pub(super) fn prefetch(&self, id: CommandId) {
        let (high, low) = halves(id);
        let at = hash(high, low) as usize & self.slots.len().saturating_sub(1);
        black_box(self.slots.get(at).copied());
    }

    /// The value at a place that [`IdTable::insert`] gave.
    pub(super) fn at_mut(&mut self, place: u32) -> Option<&mut V> {
        self.entries.get_mut(place as usize).map(|entry| &mut entry.value)
    }

    /// Sets the value of an id, which is new or there already; returns its place. A full table takes no new one.
    pub(super) fn insert(&mut self, id: CommandId, value: V) -> u32 {
        if let Some(place) = self.find(id) {
            if let Some(known) = self.at_mut(place) {
                *known = value;
            }
            return place;
        }
        if self.entries.len().saturating_mul(2) >= self.slots.len() {
            self.grow();
        }
        let place = u32::try_from(self.entries.len()).unwrap_or(PLACE_MASK).min(PLACE_MASK);
        let (high, low) = halves(id);
        self.entries.push(Entry { high, low, value });
        self.take_slot(hash(high, low), place);
        place
    }

    fn find(&self, id: CommandId) -> Option<u32> {
        let (high, low) = halves(id);
        let hash = hash(high, low);
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        // Half of the slots are empty at least, so that this ends.
        loop {
            let slot = *self.slots.get(at)?;
            if slot == EMPTY {
                return None;
            }
            let place = slot & PLACE_MASK;
            if slot >> PLACE_BITS == tag(hash)
                && self.entries.get(place as usize).is_some_and(|entry| (entry.high, entry.low) == (high, low))
            {
                return Some(place);
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    fn take_slot(&mut self, hash: u64, place: u32) {
        let Some(mask) = self.slots.len().checked_sub(1) else { return };
        let mut at = hash as usize & mask;
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == EMPTY {
                *slot = (tag(hash) << PLACE_BITS) | place;
                return;
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    fn grow(&mut self) {
        let slots = self.slots.len().saturating_mul(2).max(FEWEST_SLOTS);
        self.slots.clear();
        self.slots.resize(slots, EMPTY);
        for place in 0..self.entries.len() {
            let hashed = self.entries.get(place).map(|entry| hash(entry.high, entry.low));
            if let (Some(hash), Ok(place)) = (hashed, u32::try_from(place)) {
                self.take_slot(hash, place);
            }
        }
    }
}

const fn halves(id: CommandId) -> (u64, u64) {
    let bits = id.as_u128();
    ((bits >> 64) as u64, bits as u64)
}

/// Folds an id to 64 bits (the multiply-and-fold of wyhash).
const fn hash(high: u64, low: u64) -> u64 {
    let product = (high ^ 0xA076_1D64_78BD_642F) as u128 * (low ^ 0xE703_7ED1_A0B4_28DB) as u128;
    (product >> 64) as u64 ^ product as u64
}

/// The part of the hash that a slot keeps, which the slot's number does not tell.
const fn tag(hash: u64) -> u32 {
    let tag = (hash >> (32 + PLACE_BITS)) as u32;
    // With the highest place, all bits would be set.
    if tag == EMPTY >> PLACE_BITS { 0 } else { tag }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> CommandId {
        CommandId::new(uuid::Uuid::from_u128(number))
    }

    #[test]
    fn every_id_is_found_with_its_last_value_and_no_other_is() {
        let mut table = IdTable::default();
        assert_eq!(table.get(id(1)), None);
        for number in 0..MOST_IDS as u128 {
            assert!(!table.is_full());
            let place = table.insert(id(number << 40), number);
            assert_eq!(place as u128, number);
        }
        assert!(table.is_full());
        assert_eq!(table.insert(id(7 << 40), 70), 7, "it is there already");
        *table.at_mut(8).unwrap() = 80;
        for number in 0..MOST_IDS as u128 {
            let value = if matches!(number, 7 | 8) { number * 10 } else { number };
            assert_eq!(table.get(id(number << 40)), Some(value));
            assert_eq!(table.get(id((number << 40) + 1)), None);
        }
        table.clear();
        assert_eq!((table.get(id(7 << 40)), table.is_full()), (None, false));
        table.insert(id(3), 4);
        assert_eq!(table.get(id(3)), Some(4));
    }

    #[test]
    fn no_slot_that_is_taken_looks_empty() {
        assert_eq!(tag(u64::MAX), 0);
        assert_ne!((tag(u64::MAX - (1 << 60)) << PLACE_BITS) | PLACE_MASK, EMPTY);
    }
}
