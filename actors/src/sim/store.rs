//! The stored state of a simulated bank: kept over crashes as far as it was synced, and perhaps a little further.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::books::{Blocks, Change, Pair, Shelf, Store, StoreError};
use crate::dice::Dice;
use crate::error::OpenError;
use std::collections::BTreeMap;

/// Small enough for some tens of accounts to be in several blocks.
const BLOCK_BYTES: usize = 300;

type Pairs = BTreeMap<Vec<u8>, Vec<u8>>;

/// A stored state in memory that outlives the machine. Clones are the same state.
#[derive(Clone, Default)]
pub(super) struct SimStore {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    live: Pairs,
    synced: Pairs,
    /// What was written since the last sync, in order.
    unsynced: Vec<Vec<Change>>,
}

impl SimStore {
    /// What a crash leaves: all that was synced, and of what was written since, so many writes as the dice say. sled's
    /// writes reach its file in their order, and each whole or not at all.
    pub(super) fn crash(&self, dice: &mut Dice) {
        let mut state = self.state.lock();
        let unsynced = std::mem::take(&mut state.unsynced);
        let kept = dice.below(unsynced.len() + 1);
        for changes in unsynced.into_iter().take(kept) {
            apply(&mut state.synced, changes);
        }
        state.live = state.synced.clone();
    }
}

fn apply(pairs: &mut Pairs, changes: Vec<Change>) {
    for (key, value) in changes {
        match value {
            Some(value) => drop(pairs.insert(key, value)),
            None => drop(pairs.remove(&key)),
        }
    }
}

impl Store for SimStore {
    fn scan(&self, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let state = self.state.lock();
        let range = state.live.range(from.max(prefix).to_vec()..).take_while(|(key, _)| key.starts_with(prefix));
        Ok(range.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        state.unsynced.push(changes.clone());
        apply(&mut state.live, changes);
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        state.unsynced.clear();
        state.synced = state.live.clone();
        Ok(())
    }

    fn is_kept(&self) -> bool {
        true
    }

    fn bytes_on_disk(&self) -> u64 {
        let state = self.state.lock();
        state.live.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum()
    }
}

impl Shelf for SimStore {
    fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        Ok(Arc::new(Blocks::over(self.clone(), BLOCK_BYTES)))
    }

    fn set_aside(&self, _: &str) -> Result<(), OpenError> {
        *self.state.lock() = State::default();
        Ok(())
    }
}
