//! What the engine is doing, for who watches it: outcomes, how long callers wait, which accounts are hottest.
//!
//! Outcomes are counted on the journal's thread, once a batch; a caller's wait by the caller. The hottest accounts are
//! found only while somebody asks, in some records of each batch.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use jangbu_ledger::{AccountId, AccountNumber, Body, Record};

/// So many records of a batch at most are looked at for the hottest accounts.
const SAMPLED: usize = 64;
/// So many accounts are told apart between two looks.
const MOST_ACCOUNTS: usize = 4_096;
/// Each doubling of a time is split into so many steps, so that a time is told within an eighth.
const STEPS: u32 = 8;
/// Times up to 2^40 microseconds, twelve days, are told apart.
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
    /// Counts what became durable, on the one thread that does.
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

    /// Notes the accounts of some of the records, each for all that it stands for.
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

    /// Counts how long a caller waited for an answer.
    pub fn count_wait(&self, waited: Duration) {
        if let Some(bucket) = self.latencies.get(bucket_of(waited)) {
            bucket.fetch_add(1, Relaxed);
        }
    }

    /// The accounts with most records since the last look, the hottest first. From the first look on they are noted.
    pub fn take_hot(&self, most: usize) -> Vec<(AccountId, u64)> {
        self.is_watched.store(true, Relaxed);
        let mut hot: Vec<_> = std::mem::take(&mut *self.hot.lock()).into_iter().collect();
        hot.sort_unstable_by_key(|(account, count)| (std::cmp::Reverse(*count), account.get()));
        hot.truncate(most);
        hot
    }

    /// Nobody looks any more.
    pub fn stop_watching(&self) {
        self.is_watched.store(false, Relaxed);
        self.hot.lock().clear();
    }

    /// The counts so far, with the accounts that have the most work.
    pub fn told(&self, hottest: Vec<(AccountNumber, u64)>) -> Activity {
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

/// What the engine has done since it was opened, for rates between two looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Records that became durable.
    pub records: u64,
    /// Those that moved money; linked movements count as one.
    pub posted: u64,
    /// Those that set money aside.
    pub held: u64,
    /// Those that say that a command was refused.
    pub refused: u64,
    /// How long callers waited for their answers, a batch counting as one.
    pub waits: Waits,
    /// About how many records touched which account since the look before, the hottest first; the bank's own left out.
    pub hottest: Vec<(AccountNumber, u64)>,
}

/// How many callers waited how long, each told within an eighth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits(Vec<u64>);

impl Waits {
    /// Those that came after `before`, which is from an earlier look.
    #[must_use]
    pub fn since(&self, before: &Waits) -> Waits {
        let earlier = before.0.iter().copied().chain(std::iter::repeat(0));
        Waits(self.0.iter().zip(earlier).map(|(count, earlier)| count.saturating_sub(earlier)).collect())
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The time within which `per_mille` of a thousand callers had their answer; `None` when there was none.
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
    // The doubling, counted from that of 8 microseconds, and the step in it: the three bits behind the first.
    let doubling = us.ilog2().saturating_sub(3);
    let step = (us >> doubling) & 7;
    let bucket = u64::from(doubling.saturating_add(1).saturating_mul(STEPS)).saturating_add(step);
    usize::try_from(bucket).map_or(BUCKETS - 1, |bucket| bucket.min(BUCKETS - 1))
}

/// The first time that is beyond the bucket.
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
    fn a_time_is_told_within_an_eighth() {
        for us in (0..2_000u64).chain((11..40).map(|bits| (1 << bits) + 12_345 % (1 << (bits - 1)))) {
            let end = end_of(bucket_of(Duration::from_micros(us))).as_micros();
            assert!(end > u128::from(us) && end <= u128::from(us + us / 8 + 1), "{us} is told as {end}");
        }
    }

    #[test]
    fn quantiles_are_of_what_came_since() {
        let counters = Counters::default();
        counters.count_wait(Duration::from_secs(100));
        let before = counters.told(Vec::new());
        for us in 1..=100 {
            counters.count_wait(Duration::from_micros(us));
        }
        let waits = counters.told(Vec::new()).waits.since(&before.waits);
        assert_eq!(waits.count(), 100);
        let told = |per_mille| waits.within(per_mille).unwrap().as_micros();
        assert!((50..=57).contains(&told(500)) && (99..=112).contains(&told(990)), "{} {}", told(500), told(990));
        assert_eq!(Waits::default().within(500), None);
    }
}
