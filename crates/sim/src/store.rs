//! The store of a simulated bank. A crash keeps what was synced, and perhaps a little more. Any call can fail, and the
//! store accepts no larger values than sled does.

use std::sync::Arc;

use parking_lot::Mutex;

use jangbu_books::books::{Blocks, Change, Pair, Shelf, Store, StoreError, check_sizes};
use jangbu_journal::disk::INJECTED;
use jangbu_plant::Dice;
use jangbu_runtime::OpenError;
use std::collections::BTreeMap;

/// Small, so that a few dozen accounts need several blocks.
const BLOCK_BYTES: usize = 300;

type Pairs = BTreeMap<Vec<u8>, Vec<u8>>;

/// A store in memory that outlives the machine. Clones share its contents.
#[derive(Clone, Default)]
pub(super) struct SimStore {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    live: Pairs,
    synced: Pairs,
    /// The writes since the last sync, in order.
    unsynced: Vec<Vec<Change>>,
    calls: u64,
    plan: Option<Plan>,
    has_failed: bool,
}

/// A call that is to fail, together with all later ones.
#[derive(Clone, Copy)]
struct Plan {
    call: u64,
    fault: StoreFault,
}

/// How a call of the store fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StoreFault {
    /// The operating system refuses it, and nothing is written.
    Before,
    /// It returns an error of the store although it wrote everything.
    After,
    /// It panics, and nothing is written.
    Panic,
}

impl State {
    /// Counts a call, and returns how it is to fail, if it is.
    fn step(&mut self) -> Result<(), StoreFault> {
        let call = self.calls;
        self.calls += 1;
        let Some(plan) = self.plan.filter(|plan| call >= plan.call) else { return Ok(()) };
        self.has_failed = true;
        if plan.fault == StoreFault::Panic {
            std::panic::resume_unwind(Box::new(INJECTED));
        }
        Err(plan.fault)
    }
}

/// A call that fails before it writes is refused by the system. One that fails afterwards leaves a store that cannot be
/// trusted.
fn failed(fault: StoreFault) -> StoreError {
    let what = "an injected failure of the store".into();
    match fault {
        StoreFault::Before => StoreError::Environment(what),
        StoreFault::After | StoreFault::Panic => StoreError::Damaged(what),
    }
}

impl SimStore {
    /// Makes the call after `calls` more fail, and every later one.
    pub(super) fn fail_after(&self, calls: u64, fault: StoreFault) {
        let mut state = self.state.lock();
        state.plan = Some(Plan { call: state.calls + calls, fault });
    }

    /// Undoes [`SimStore::fail_after`].
    pub(super) fn heal(&self) {
        self.state.lock().plan = None;
    }

    /// Returns whether a call has failed as planned since the last crash.
    pub(super) fn has_failed(&self) -> bool {
        self.state.lock().has_failed
    }

    /// Leaves what a crash leaves: everything that was synced, and a random number of the writes after that. sled's
    /// writes reach its file in order, each completely or not at all.
    pub(super) fn crash(&self, dice: &mut Dice) {
        let mut state = self.state.lock();
        let unsynced = std::mem::take(&mut state.unsynced);
        let kept = dice.below(unsynced.len() + 1);
        for changes in unsynced.into_iter().take(kept) {
            apply(&mut state.synced, changes);
        }
        // The bank notes that the store failed, unless it ends before it can, or the operating system was at fault.
        let distrusted = state.has_failed && state.plan.is_some_and(|plan| plan.fault != StoreFault::Before);
        if distrusted && dice.heads() {
            state.synced.clear();
        }
        state.live = state.synced.clone();
        (state.plan, state.has_failed) = (None, false);
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
        let mut state = self.state.lock();
        state.step().map_err(failed)?;
        let range = state.live.range(from.max(prefix).to_vec()..).take_while(|(key, _)| key.starts_with(prefix));
        Ok(range.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn write(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        check_sizes(&changes)?;
        let mut state = self.state.lock();
        let failing = state.step().err();
        if failing.is_none_or(|fault| fault == StoreFault::After) {
            state.unsynced.push(changes.clone());
            apply(&mut state.live, changes);
        }
        failing.map_or(Ok(()), |fault| Err(failed(fault)))
    }

    fn sync(&self) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let failing = state.step().err();
        if failing.is_none_or(|fault| fault == StoreFault::After) {
            state.unsynced.clear();
            state.synced = state.live.clone();
        }
        failing.map_or(Ok(()), |fault| Err(failed(fault)))
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
        let mut state = self.state.lock();
        state.live.clear();
        state.synced.clear();
        state.unsynced.clear();
        Ok(())
    }
}
