//! A store with blocks compared with one without them: whatever is written, both give the same answers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::collection::vec;
use proptest::prelude::*;

use super::blocks::Blocks;
use super::store::{Change, MemoryStore, Pair, Store, StoreError};

const BLOCK_BYTES: usize = 100;

fn blocks() -> Blocks<MemoryStore> {
    Blocks::over(MemoryStore::default(), BLOCK_BYTES)
}

fn rows(blocks: &Blocks<MemoryStore>) -> Vec<Pair> {
    blocks.beneath().scan(&[], &[], usize::MAX).unwrap()
}

fn numbered(kind: u8, number: u32) -> Vec<u8> {
    [&[kind][..], &number.to_be_bytes()].concat()
}

/// Neighbouring keys of several kinds, some of them a bare kind or a prefix of another.
fn key() -> impl Strategy<Value = Vec<u8>> {
    let rest = prop_oneof![Just(Vec::new()), vec(0..4u8, 1..4), vec(250..=255u8, 1..3)];
    (b'm'..=b'p', rest).prop_map(|(kind, rest)| [vec![kind], rest].concat())
}

fn change() -> impl Strategy<Value = Change> {
    (key(), proptest::option::weighted(0.7, vec(any::<u8>(), 0..60)))
}

#[derive(Clone, Debug)]
enum Step {
    Together(Vec<Change>),
    Each(Vec<Change>),
    Get(Vec<u8>),
    Scan { prefix: Vec<u8>, from: Vec<u8>, limit: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let prefix = prop_oneof![Just(Vec::new()), key()];
    let scan = (prefix, key(), prop_oneof![0..5usize, Just(usize::MAX)]);
    prop_oneof![
        vec(change(), 0..20).prop_map(Step::Together),
        vec(change(), 0..20).prop_map(Step::Each),
        key().prop_map(Step::Get),
        scan.prop_map(|(prefix, from, limit)| Step::Scan { prefix, from, limit }),
    ]
}

proptest! {
    #[test]
    fn blocks_give_the_same_answers_as_single_rows(steps in vec(step(), 1..40)) {
        let (blocks, plain) = (blocks(), MemoryStore::default());
        for step in steps {
            match step {
                Step::Together(changes) => {
                    plain.write(changes.clone()).unwrap();
                    blocks.write(changes).unwrap();
                }
                Step::Each(changes) => {
                    plain.write_each(changes.clone()).unwrap();
                    blocks.write_each(changes).unwrap();
                }
                Step::Get(key) => prop_assert_eq!(blocks.get(&key).unwrap(), plain.get(&key).unwrap()),
                Step::Scan { prefix, from, limit } => prop_assert_eq!(
                    blocks.scan(&prefix, &from, limit).unwrap(),
                    plain.scan(&prefix, &from, limit).unwrap()
                ),
            }
        }
        let everything = plain.scan(&[], &[], usize::MAX).unwrap();
        prop_assert_eq!(blocks.scan(&[], &[], usize::MAX).unwrap(), everything.clone());
        for (key, value) in everything {
            prop_assert_eq!(blocks.get(&key).unwrap(), Some(value));
        }
        for (bound, row) in rows(&blocks) {
            // A single pair may be larger.
            prop_assert!(row.len() <= BLOCK_BYTES + 40, "a block of {} bytes below {bound:?}", row.len());
        }
    }
}

#[test]
fn appending_leaves_few_rows() {
    let blocks = blocks();
    for number in 0..1_000 {
        blocks.write(vec![(numbered(b'a', number), Some(vec![7; 10]))]).unwrap();
    }
    // 18 bytes a pair: four in three quarters of a block.
    assert_eq!(rows(&blocks).len(), 250);
    let more = (1_000..2_000).map(|number| (numbered(b'a', number), Some(vec![7; 10])));
    blocks.write_each(more.collect()).unwrap();
    assert_eq!(rows(&blocks).len(), 500);
}

#[test]
fn a_block_that_is_emptied_is_gone_and_its_keys_can_come_again() {
    let blocks = blocks();
    let put = |number| (numbered(b'a', number), Some(vec![7; 10]));
    let drop = |number| (numbered(b'a', number), None);
    blocks.write((0..100).map(put).collect()).unwrap();
    blocks.write((0..100).map(drop).collect()).unwrap();
    assert_eq!(rows(&blocks), []);
    blocks.write(vec![put(50)]).unwrap();
    assert_eq!(blocks.get(&numbered(b'a', 50)).unwrap(), Some(vec![7; 10]));
}

/// A store that counts, and stops making changes on request.
#[derive(Default)]
struct Watched {
    pairs: MemoryStore,
    is_full: AtomicBool,
    writes: parking_lot::Mutex<Vec<usize>>,
    /// What another thread writes after the next read.
    meanwhile: parking_lot::Mutex<Vec<Vec<Change>>>,
}

impl Store for &Watched {
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let found = self.pairs.scan(prefix, from, limit);
        let meanwhile = std::mem::take(&mut *self.meanwhile.lock());
        for changes in meanwhile {
            Blocks::over(*self, BLOCK_BYTES).write(changes)?;
        }
        found
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(StoreError::Damaged("no space is left".into()));
        }
        self.writes.lock().push(changes.len());
        self.pairs.write(changes)
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn is_kept(&self) -> bool {
        true
    }

    fn bytes_on_disk(&self) -> u64 {
        0
    }
}

#[test]
fn neighbours_are_stored_at_once_and_what_belongs_together_in_one_write() {
    let watched = Watched::default();
    let blocks = Blocks::over(&watched, BLOCK_BYTES);
    let put = |kind, number, byte| (numbered(kind, number), Some(vec![byte; 10]));
    blocks.write((0..40).map(|number| put(b'a', number, 1)).chain([put(b'h', 1, 1)]).collect()).unwrap();
    assert_eq!(*watched.writes.lock(), [11], "ten blocks of accounts, one of holds");
    watched.writes.lock().clear();
    // Three separate blocks.
    blocks.write_each((0..12).map(|number| put(b'a', number, 2)).collect()).unwrap();
    assert_eq!(*watched.writes.lock(), [1, 1, 1]);
    watched.writes.lock().clear();
    blocks.write(vec![put(b'a', 0, 3), put(b'h', 1, 3), put(b'a', 1, 3)]).unwrap();
    assert_eq!(*watched.writes.lock(), [2]);
    watched.is_full.store(true, Ordering::Relaxed);
    let full = blocks.write(vec![put(b'a', 0, 4), put(b'h', 1, 4)]).unwrap_err();
    assert_eq!(full.to_string(), "no space is left");
    assert_eq!(blocks.get(&numbered(b'a', 0)).unwrap(), Some(vec![3; 10]));
}

#[test]
fn collecting_neighbours_is_bounded() {
    let watched = Watched::default();
    let blocks = Blocks::over(&watched, BLOCK_BYTES);
    blocks.write_each((0..10_000).map(|number| (numbered(b'a', number), Some(vec![7; 10]))).collect()).unwrap();
    let writes = watched.writes.lock().clone();
    assert!(writes.iter().all(|rows| *rows < 30), "{writes:?}");
}

#[test]
fn damaged_and_foreign_rows_are_reported() {
    let blocks = blocks();
    blocks.write(vec![(numbered(b'a', 1), Some(vec![7; 10])), (numbered(b'a', 2), Some(vec![8; 10]))]).unwrap();
    let (bound, row) = rows(&blocks).remove(0);
    for place in 0..row.len() {
        let mut damaged = row.clone();
        damaged[place] ^= 1;
        blocks.beneath().write(vec![(bound.clone(), Some(damaged))]).unwrap();
        assert_eq!(blocks.get(&numbered(b'a', 1)).unwrap_err().to_string(), "a block is damaged");
        assert!(blocks.scan(&[], &[], 1).is_err());
        assert!(blocks.write(vec![(numbered(b'a', 1), None)]).is_err());
    }
    // A single row, as stored before there were blocks.
    blocks.beneath().write(vec![(bound, None), (numbered(b'a', 1), Some(vec![1, 2]))]).unwrap();
    assert!(blocks.get(&numbered(b'a', 0)).is_err());
}

#[test]
fn a_pair_that_moves_to_another_block_is_returned_once() {
    let watched = Watched::default();
    let blocks = Blocks::over(&watched, BLOCK_BYTES);
    let put = |number| (numbered(b'a', number), Some(vec![7; 10]));
    blocks.write((0..8).map(put).collect()).unwrap();
    let there = blocks.scan(b"a", b"a", usize::MAX).unwrap();
    let drop = |number| (numbered(b'a', number), None);
    // The first block is emptied after it was read, and one of its keys reappears in the second one.
    *watched.meanwhile.lock() = vec![(0..4).map(drop).collect(), vec![put(1)]];
    assert_eq!(blocks.scan(b"a", b"a", usize::MAX).unwrap(), there);
    assert_eq!(blocks.scan(b"a", b"a", 1).unwrap(), [there[1].clone()]);
}

#[test]
fn a_scan_during_splits_misses_nothing() {
    let blocks = blocks();
    let even = |number: u32| (numbered(b'a', number * 2), Some(vec![7; 10]));
    blocks.write((0..500).map(even).collect()).unwrap();
    let there: BTreeMap<Vec<u8>, Option<Vec<u8>>> = (0..500).map(even).collect();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            for round in 0..20 {
                for number in 0..500 {
                    let value = (round % 2 == 0).then(|| vec![9; 50]);
                    blocks.write(vec![(numbered(b'a', number * 2 + 1), value)]).unwrap();
                }
            }
            is_done.store(true, Ordering::Relaxed);
        });
        let mut reads = 0;
        while !is_done.load(Ordering::Relaxed) || reads == 0 {
            let found = blocks.scan(b"a", b"a", usize::MAX).unwrap();
            assert!(found.is_sorted_by(|(one, _), (next, _)| one < next));
            let found: BTreeMap<Vec<u8>, Option<Vec<u8>>> =
                found.into_iter().map(|(key, value)| (key, Some(value))).collect();
            for key in there.keys() {
                assert_eq!(found.get(key), there.get(key));
            }
            reads += 1;
        }
    });
}
