//! Counters of the running engine, read by `Bank::stats` and exported through `metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use metrics::{counter, gauge, histogram};
use parking_lot::Mutex;

use crate::activity::Counters;
use crate::clock::ClockStanding;
use crate::journal::Commits;
use crate::ledger::Refusal;

/// The messages that one worker's accounts handled.
#[derive(Debug, Default)]
pub(crate) struct WorkerMeters {
    debits: AtomicU64,
    credits: AtomicU64,
}

impl WorkerMeters {
    pub(crate) fn count_debit_message(&self) {
        count(&self.debits);
    }

    pub(crate) fn count_credit_message(&self) {
        count(&self.credits);
    }
}

/// Adds one to a counter that only the calling thread writes: no locked instruction is needed.
fn count(counter: &AtomicU64) {
    counter.store(counter.load(Relaxed).wrapping_add(1), Relaxed);
}

/// What the engine counts. Written on the hot path, so plain relaxed atomics; `metrics` gets them once per commit.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    workers: Mutex<Vec<Arc<WorkerMeters>>>,
    journal: OnceLock<Arc<Commits>>,
    batches: AtomicU64,
    active_accounts: AtomicU64,
    durable: AtomicU64,
    checkpoint: AtomicU64,
    pub(crate) activity: Counters,
}

impl Meters {
    /// Counters for one more worker.
    pub(crate) fn add_worker(&self) -> Arc<WorkerMeters> {
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

    /// Takes the counters of the file journal, which knows its frames and syncs best.
    pub(crate) fn follow_journal(&self, commits: Arc<Commits>) {
        let _ = self.journal.set(commits);
    }

    /// Notes that a batch of `records` became durable, the last of them at `durable`, after `took`.
    pub(crate) fn count_commit(&self, records: u64, durable: u64, took: std::time::Duration) {
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

    pub(crate) fn set_active_accounts(&self, count: usize) {
        self.active_accounts.store(count as u64, Relaxed);
    }

    pub(crate) fn set_in_flight(&self, count: usize) {
        gauge!("jangbu_commands_in_flight").set(u32::try_from(count).unwrap_or(u32::MAX));
    }

    pub(crate) fn set_waiting_replies(&self, count: usize) {
        histogram!("jangbu_outbox_depth").record(u32::try_from(count).unwrap_or(u32::MAX));
    }

    pub(crate) fn set_checkpoint(&self, position: u64) {
        self.checkpoint.store(position, Relaxed);
        counter!("jangbu_checkpoint_position").absolute(position);
    }

    pub(crate) fn set_clock(&self, standing: ClockStanding) {
        for (name, is_so) in
            [("ahead", standing == ClockStanding::Ahead), ("behind", standing == ClockStanding::Behind)]
        {
            gauge!("jangbu_clock_alarm", "clock" => name).set(f64::from(u8::from(is_so)));
        }
    }

    pub(crate) fn count_refusal(&self, refusal: &Refusal) {
        counter!("jangbu_refusals_total", "code" => refusal.code()).increment(1);
    }

    /// The counters as `Bank::stats` tells them; what others know is left at zero.
    pub(crate) fn stats(&self) -> crate::views::Stats {
        let (debit_messages, credit_messages) = self.messages();
        let journal = self.journal.get();
        crate::views::Stats {
            debit_messages,
            credit_messages,
            commits: journal.map_or_else(|| self.batches.load(Relaxed), |journal| journal.count()),
            active_accounts: self.active_accounts.load(Relaxed),
            durable: crate::ledger::Position::new(self.durable.load(Relaxed)),
            checkpoint: crate::ledger::Position::new(self.checkpoint.load(Relaxed)),
            written_bytes: journal.map_or(0, |journal| journal.bytes()),
            sync_us: journal.map_or(0, |journal| u64::try_from(journal.sync_time().as_micros()).unwrap_or(u64::MAX)),
            ..Default::default()
        }
    }
}
