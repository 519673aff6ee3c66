//! Counters of the running engine, read by `Bank::stats` and exported through `metrics`.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use metrics::{counter, gauge, histogram};

use crate::ledger::Refusal;

/// What the engine counts. Written on the hot path, so plain relaxed atomics; `metrics` gets them once per commit.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    debit_messages: AtomicU64,
    credit_messages: AtomicU64,
    commits: AtomicU64,
    active_accounts: AtomicU64,
    durable: AtomicU64,
    checkpoint: AtomicU64,
    sync_us: AtomicU64,
}

impl Meters {
    pub(crate) fn count_debit_message(&self) {
        self.debit_messages.fetch_add(1, Relaxed);
    }

    pub(crate) fn count_credit_message(&self) {
        self.credit_messages.fetch_add(1, Relaxed);
    }

    /// Notes that a batch of `records` became durable, the last of them at `durable`, after `took`.
    pub(crate) fn count_commit(&self, records: u64, durable: u64, took: std::time::Duration) {
        self.commits.fetch_add(1, Relaxed);
        self.durable.store(durable, Relaxed);
        self.sync_us.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
        counter!("jangbu_records_total").increment(records);
        counter!("jangbu_debit_messages_total").absolute(self.debit_messages.load(Relaxed));
        counter!("jangbu_credit_messages_total").absolute(self.credit_messages.load(Relaxed));
        histogram!("jangbu_commit_records").record(u32::try_from(records).unwrap_or(u32::MAX));
        histogram!("jangbu_commit_seconds").record(took);
        gauge!("jangbu_active_accounts").set(u32::try_from(self.active_accounts.load(Relaxed)).unwrap_or(u32::MAX));
    }

    pub(crate) fn set_active_accounts(&self, count: usize) {
        self.active_accounts.store(count as u64, Relaxed);
    }

    pub(crate) fn set_in_flight(&self, count: usize) {
        gauge!("jangbu_in_flight").set(u32::try_from(count).unwrap_or(u32::MAX));
    }

    pub(crate) fn set_waiting_replies(&self, count: usize) {
        histogram!("jangbu_outbox_depth").record(u32::try_from(count).unwrap_or(u32::MAX));
    }

    pub(crate) fn set_checkpoint(&self, position: u64) {
        self.checkpoint.store(position, Relaxed);
        counter!("jangbu_checkpoint_position").absolute(position);
    }

    pub(crate) fn count_refusal(&self, refusal: &Refusal) {
        counter!("jangbu_refusals_total", "code" => refusal.code()).increment(1);
    }

    /// The counters as `Bank::stats` tells them; what others know is left at zero.
    pub(crate) fn stats(&self) -> crate::views::Stats {
        crate::views::Stats {
            debit_messages: self.debit_messages.load(Relaxed),
            credit_messages: self.credit_messages.load(Relaxed),
            commits: self.commits.load(Relaxed),
            active_accounts: self.active_accounts.load(Relaxed),
            durable: crate::ledger::Position::new(self.durable.load(Relaxed)),
            checkpoint: crate::ledger::Position::new(self.checkpoint.load(Relaxed)),
            sync_us: self.sync_us.load(Relaxed),
            ..Default::default()
        }
    }
}
