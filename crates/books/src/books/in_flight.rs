//! What a checkpoint has handed to the saving thread, which stays in memory until the store has it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::keys::RecordKey;
use super::state::Books;
use jangbu_ledger::{AccountId, CommandId, OwnerId, Position};

/// What the books may evict once the store has a chunk. From then on it is read from the store. If the machine fails
/// before the store is synced, a replay restores it.
#[derive(Default)]
pub(super) struct Stored {
    /// The versions of application records that were written.
    pub(super) records: Vec<(RecordKey, Position)>,
    pub(super) owned: Vec<(OwnerId, AccountId)>,
    pub(super) ended: Vec<CommandId>,
}

impl Stored {
    pub(super) fn release(self, books: &mut Books) {
        for (key, version) in self.records {
            books.records.stored(&key, version);
        }
        for entry in self.owned {
            books.owned.remove(&entry);
        }
        books.schedules.stored(&self.ended);
    }
}

/// The chunks in the order in which they were handed over.
#[derive(Default)]
pub(super) struct InFlight {
    chunks: VecDeque<Stored>,
    handed: u64,
    written: Arc<AtomicU64>,
}

impl InFlight {
    /// Returns the counter of written chunks.
    pub(super) fn written(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.written)
    }

    pub(super) fn add(&mut self, stored: Stored) {
        self.chunks.push_back(stored);
        self.handed = self.handed.saturating_add(1);
    }

    /// Evicts everything that the store has by now.
    pub(super) fn release(&mut self, books: &mut Books) {
        let written = self.written.load(Ordering::Acquire);
        let waiting = usize::try_from(self.handed.saturating_sub(written)).unwrap_or(usize::MAX);
        while self.chunks.len() > waiting {
            let Some(stored) = self.chunks.pop_front() else { return };
            stored.release(books);
        }
    }
}
