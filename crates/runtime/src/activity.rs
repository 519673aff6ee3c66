//! Live figures about the engine for monitoring: outcomes, waiting times, the busiest accounts.
//!
//! Outcomes are counted once per batch on the journal's thread, waiting times on the callers' threads. The busiest
//! accounts are sampled from each batch, and only while somebody asks for them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use jangbu_ledger::{AccountId, AccountNumber, Body, Record};

/// The maximum number of records per batch that are sampled for the busiest accounts.
const SAMPLED: usize = 64;
/// The maximum number of accounts that are counted between two samples.
const MOST_ACCOUNTS: usize = 4_096;
/// The number of buckets per doubling of a time, so that a time is accurate to an eighth.
const STEPS: u32 = 8;
/// The number of buckets, for times up to 2^40 microseconds, or twelve days.
const BUCKETS: usize = 38 * STEPS as usize;

/// The counters.
#[derive(Debug)]
pub struct Counters {
    posted: AtomicU64,
    held: AtomicU64,
    refused: AtomicU64,
    records: AtomicU64,
    latencies: Vec<AtomicU64>,
    is_watched: AtomicBool,
    hot: Mutex<FxHashMap<AccountId, u64>>,
}

impl Default for Counters {
    fn default() -> Self {
        Counters {
            posted: AtomicU64::default(),
            held: AtomicU64::default(),
            refused: AtomicU64::default(),
            records: AtomicU64::default(),
            latencies: std::iter::repeat_with(AtomicU64::default).take(BUCKETS).collect(),
            is_watched: AtomicBool::default(),
            hot: Mutex::default(),
        }
    }
}

impl Counters {
    /// Counts records that became durable. Only one thread calls this.
    pub fn count_records(&self, records: &[Record]) {
        let (mut posted, mut held, mut refused) = (0u64, 0u64, 0u64);
        for record in records {
            match &record.body {
                Body::Posted(_) | Body::Reversed(_) | Body::Linked(_) => posted = posted.wrapping_add(1),
                Body::ReversalsRepaired(repaired) => posted = posted.wrapping_add(repaired.posted.iter().len() as u64),
                Body::Drawn(drawn) => posted = posted.wrapping_add(u64::from(!drawn.drawn.amount.is_zero())),
                Body::Held(_) => held = held.wrapping_add(1),
                Body::Refused(_) => refused = refused.wrapping_add(1),
                _ => {}
            }
        }
        let counted = [(&self.posted, posted), (&self.held, held), (&self.refused, refused)];
        for (counter, count) in counted.into_iter().chain([(&self.records, records.len() as u64)]) {
            counter.store(counter.load(Relaxed).wrapping_add(count), Relaxed);
        }
        if self.is_watched.load(Relaxed) {
            self.sample(records);
        }
    }

    /// Counts the accounts of a sample of the records, each weighted by the records it represents.
    fn sample(&self, records: &[Record]) {
        let stride = records.len().div_ceil(SAMPLED).max(1);
        let mut hot = self.hot.lock();
        for record in records.iter().step_by(stride) {
            record.body.for_each_leg(record.date, |account, _| {
                if hot.len() < MOST_ACCOUNTS || hot.contains_key(&account) {
                    let count = hot.entry(account).or_default();
                    *count = count.saturating_add(stride as u64);
                }
            });
        }
    }

    /// Counts how long a caller waited for its answer.
    pub fn count_wait(&self, waited: Duration) {
        if let Some(bucket) = self.latencies.get(bucket_of(waited)) {
            bucket.fetch_add(1, Relaxed);
        }
    }

    /// Returns the accounts with the most records since the previous call, busiest first. The first call starts the
    /// counting.
    pub fn take_hot(&self, most: usize) -> Vec<(AccountId, u64)> {
        self.is_watched.store(true, Relaxed);
        let mut hot: Vec<_> = std::mem::take(&mut *self.hot.lock()).into_iter().collect();
        hot.sort_unstable_by_key(|(account, count)| (std::cmp::Reverse(*count), account.get()));
        hot.truncate(most);
        hot
    }

    /// Stops counting the busiest accounts.
    pub fn stop_watching(&self) {
        self.is_watched.store(false, Relaxed);
        self.hot.lock().clear();
    }

    /// Returns the counts so far, with `hottest` as the busiest accounts.
    pub fn snapshot(&self, hottest: Vec<(AccountNumber, u64)>) -> Activity {
        Activity {
            records: self.records.load(Relaxed),
            posted: self.posted.load(Relaxed),
            held: self.held.load(Relaxed),
            refused: self.refused.load(Relaxed),
            waits: Waits(self.latencies.iter().map(|count| count.load(Relaxed)).collect()),
            hottest,
        }
    }
}

/// The engine's work since it was opened. The difference between two of these gives rates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Records that became durable.
    pub records: u64,
    /// Records that moved money; linked movements count as one.
    pub posted: u64,
    /// Records that set money aside.
    pub held: u64,
    /// Records of refused commands.
    pub refused: u64,
    /// How long callers waited for their answers; a batch counts as one.
    pub waits: Waits,
    /// The approximate number of records per account since the previous call, busiest first, without the bank's own
    /// accounts.
    pub hottest: Vec<(AccountNumber, u64)>,
}

/// A histogram of waiting times, accurate to an eighth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits(Vec<u64>);

impl Waits {
    /// Returns the waits since `before`, which is an earlier histogram of the same bank.
    #[must_use]
    pub fn since(&self, before: &Waits) -> Waits {
        let earlier = before.0.iter().copied().chain(std::iter::repeat(0));
        Waits(self.0.iter().zip(earlier).map(|(count, earlier)| count.saturating_sub(earlier)).collect())
    }

    /// Returns the number of waits.
    pub fn count(&self) -> u64 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Returns the time within which `per_mille` of a thousand callers had their answers, or `None` if there were none.
    pub fn within(&self, per_mille: u64) -> Option<Duration> {
        let wanted = self.count().saturating_mul(per_mille).div_ceil(1_000).max(1);
        let mut seen = 0u64;
        let mut found = self.0.iter().enumerate().filter(|(_, count)| {
            seen = seen.saturating_add(**count);
            seen >= wanted
        });
        found.next().map(|(bucket, _)| end_of(bucket))
    }
}

fn bucket_of(waited: Duration) -> usize {
    let us = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
    if us < u64::from(STEPS) {
        return usize::try_from(us).unwrap_or(0);
    }
    // The doubling, counted from the one of 8 microseconds, and the bucket in it: the three bits after the first.
    let doubling = us.ilog2().saturating_sub(3);
    let step = (us >> doubling) & 7;
    let bucket = u64::from(doubling.saturating_add(1).saturating_mul(STEPS)).saturating_add(step);
    usize::try_from(bucket).map_or(BUCKETS - 1, |bucket| bucket.min(BUCKETS - 1))
}

/// Returns the first time beyond the bucket.
fn end_of(bucket: usize) -> Duration {
    let (doubling, step) = (bucket / STEPS as usize, bucket % STEPS as usize);
    let us = match doubling.checked_sub(1) {
        None => (bucket as u64).saturating_add(1),
        Some(shift) => {
            (step as u64).saturating_add(9).checked_shl(u32::try_from(shift).unwrap_or(63)).unwrap_or(u64::MAX)
        }
    };
    Duration::from_micros(us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_accurate_to_an_eighth() {
        for us in (0..2_000u64).chain((11..40).map(|bits| (1 << bits) + 12_345 % (1 << (bits - 1)))) {
            let end = end_of(bucket_of(Duration::from_micros(us))).as_micros();
            assert!(
                end > u128::from(us) && end <= u128::from(us + us / 8 + 1),
                "{us} falls into the bucket up to {end}"
            );
        }
    }

    #[test]
    fn quantiles_cover_the_waits_since_the_previous_call() {
        let counters = Counters::default();
        counters.count_wait(Duration::from_secs(100));
        let before = counters.snapshot(Vec::new());
        for us in 1..=100 {
            counters.count_wait(Duration::from_micros(us));
        }
        let waits = counters.snapshot(Vec::new()).waits.since(&before.waits);
        assert_eq!(waits.count(), 100);
        let within = |per_mille| waits.within(per_mille).unwrap().as_micros();
        assert!(
            (50..=57).contains(&within(500)) && (99..=112).contains(&within(990)),
            "{} {}",
            within(500),
            within(990)
        );
        assert_eq!(Waits::default().within(500), None);
    }
}
