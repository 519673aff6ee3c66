//! Counters of the running engine, read by `Bank::stats` and exported through `metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use metrics::{counter, gauge, histogram};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::activity::Counters;
use crate::clock::ClockStanding;
use jangbu_journal::Commits;
use jangbu_ledger::{Position, Refusal};

/// The engine's present load, and its work since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// `Debit` messages that account actors handled.
    pub debit_messages: u64,
    /// `Credit` messages that account actors handled.
    pub credit_messages: u64,
    /// Group commits: the number of frames that the journal has written and synced.
    pub commits: u64,
    /// The number of account actors at present.
    pub active_accounts: u64,
    /// Commands that were admitted but not answered yet.
    pub in_flight: u64,
    /// The last durable position.
    pub durable: Position,
    /// The position up to which the stored state is complete.
    pub checkpoint: Position,
    /// The number of segment files of the journal; 0 for a bank in memory.
    pub segments: u64,
    /// The size of the journal on disk in bytes, indexes included.
    pub journal_bytes: u64,
    /// The number of bytes written to the journal as frames since the bank was opened.
    pub written_bytes: u64,
    /// The size of the stored state on disk in bytes.
    pub state_bytes: u64,
    /// The total time of the journal's syncs, in microseconds.
    pub sync_us: u64,
}

/// The messages that one worker's accounts handled.
#[derive(Debug, Default)]
pub struct WorkerMeters {
    debits: AtomicU64,
    credits: AtomicU64,
}

impl WorkerMeters {
    /// Counts one `Debit` message.
    pub fn count_debit_message(&self) {
        count(&self.debits);
    }

    /// Counts one `Credit` message.
    pub fn count_credit_message(&self) {
        count(&self.credits);
    }
}

/// Adds one to a counter that only the calling thread writes, without a locked instruction.
fn count(counter: &AtomicU64) {
    counter.store(counter.load(Relaxed).wrapping_add(1), Relaxed);
}

/// The engine's counters. They are written on the hot path, so they are relaxed atomics; `metrics` receives them once
/// per commit.
#[derive(Debug, Default)]
pub struct Meters {
    workers: Mutex<Vec<Arc<WorkerMeters>>>,
    journal: OnceLock<Arc<Commits>>,
    batches: AtomicU64,
    active_accounts: AtomicU64,
    durable: AtomicU64,
    checkpoint: AtomicU64,
    /// What members and accounts are doing.
    pub activity: Counters,
}

impl Meters {
    /// Creates the counters of another worker.
    pub fn add_worker(&self) -> Arc<WorkerMeters> {
        let worker = Arc::<WorkerMeters>::default();
        self.workers.lock().push(Arc::clone(&worker));
        worker
    }

    fn messages(&self) -> (u64, u64) {
        let workers = self.workers.lock();
        workers.iter().fold((0, 0), |(debits, credits), worker| {
            (debits.saturating_add(worker.debits.load(Relaxed)), credits.saturating_add(worker.credits.load(Relaxed)))
        })
    }

    /// Uses the file journal's own counters of frames and syncs.
    pub fn follow_journal(&self, commits: Arc<Commits>) {
        let _ = self.journal.set(commits);
    }

    /// Counts a batch of `records` that became durable at `durable` after `took`.
    pub fn count_commit(&self, records: u64, durable: u64, took: std::time::Duration) {
        self.batches.fetch_add(1, Relaxed);
        self.durable.store(durable, Relaxed);
        counter!("jangbu_records_total").increment(records);
        let (debits, credits) = self.messages();
        counter!("jangbu_debit_messages_total").absolute(debits);
        counter!("jangbu_credit_messages_total").absolute(credits);
        histogram!("jangbu_commit_records").record(u32::try_from(records).unwrap_or(u32::MAX));
        histogram!("jangbu_commit_duration_seconds").record(took);
        if let Some(journal) = self.journal.get() {
            histogram!("jangbu_journal_sync_duration_seconds").record(journal.last_sync_time());
        }
        gauge!("jangbu_active_accounts").set(u32::try_from(self.active_accounts.load(Relaxed)).unwrap_or(u32::MAX));
    }

    /// Updates the number of account actors.
    pub fn set_active_accounts(&self, count: usize) {
        self.active_accounts.store(count as u64, Relaxed);
    }

    /// Updates the number of commands that were admitted but not answered yet.
    pub fn set_in_flight(&self, count: usize) {
        gauge!("jangbu_commands_in_flight").set(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Records how many replies of accounts waited to be collected.
    pub fn set_waiting_replies(&self, count: usize) {
        histogram!("jangbu_outbox_depth").record(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Updates the position up to which the stored state is complete.
    pub fn set_checkpoint(&self, position: u64) {
        self.checkpoint.store(position, Relaxed);
        counter!("jangbu_checkpoint_position").absolute(position);
    }

    /// Updates the alarms about the clock.
    pub fn set_clock(&self, standing: ClockStanding) {
        for (name, is_so) in
            [("ahead", standing == ClockStanding::Ahead), ("behind", standing == ClockStanding::Behind)]
        {
            gauge!("jangbu_clock_alarm", "clock" => name).set(f64::from(u8::from(is_so)));
        }
    }

    /// Counts a refusal by its code.
    pub fn count_refusal(&self, refusal: &Refusal) {
        counter!("jangbu_refusals_total", "code" => refusal.code()).increment(1);
    }

    /// Returns the counters for `Bank::stats`. Figures that are kept elsewhere are zero.
    pub fn stats(&self) -> Stats {
        let (debit_messages, credit_messages) = self.messages();
        let journal = self.journal.get();
        Stats {
            debit_messages,
            credit_messages,
            commits: journal.map_or_else(|| self.batches.load(Relaxed), |journal| journal.count()),
            active_accounts: self.active_accounts.load(Relaxed),
            durable: Position::new(self.durable.load(Relaxed)),
            checkpoint: Position::new(self.checkpoint.load(Relaxed)),
            written_bytes: journal.map_or(0, |journal| journal.bytes()),
            sync_us: journal.map_or(0, |journal| u64::try_from(journal.sync_time().as_micros()).unwrap_or(u64::MAX)),
            ..Default::default()
        }
    }
}
