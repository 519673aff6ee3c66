//! What the engine is doing, second by second, kept for an hour; and (in `checking`) the check of the running bank.
//!
//! One task looks once a second, from the start on, so that who looks after something happened sees it. It ends with the
//! service's bank. Which accounts are hottest costs the engine something, and is noted while somebody looks.

mod checking;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jangbu::{
    Bank, BankError, Timestamp,
    monitoring::{Activity, Stats},
};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::time::{MissedTickBehavior, interval};
use utoipa::ToSchema;

use super::time::Time;
use checking::Check;
pub(crate) use checking::CheckAnswer;

/// So many seconds are kept.
const KEPT: usize = 3_600;
/// How often is looked.
const EVERY: Duration = Duration::from_secs(1);
/// For so long after a question the hottest accounts are noted.
const NOTED: Duration = Duration::from_secs(60);

/// What the engine is doing.
#[derive(Clone)]
pub(crate) struct Gauges {
    bank: Bank,
    time: Time,
    begun: Instant,
    state: Arc<Mutex<State>>,
    samples: Sender<Arc<EngineAnswer>>,
}

#[derive(Default)]
struct State {
    kept: VecDeque<Arc<EngineAnswer>>,
    is_running: bool,
    asked: Option<Instant>,
    check: Option<Check>,
}

impl std::fmt::Debug for Gauges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gauges").finish_non_exhaustive()
    }
}

/// The state of the engine at a moment. Rates and times are those of the second before.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = Engine)]
pub(crate) struct EngineAnswer {
    /// The moment.
    time: String,
    /// The uptime of the server, in seconds.
    uptime_s: u64,
    /// The last durable position.
    durable: u64,
    /// The position up to which the stored state is complete.
    checkpoint: u64,
    /// How many records the stored state is behind.
    checkpoint_age_records: u64,
    /// For how many seconds the first record missing from the stored state has been waiting; 0 if none is.
    checkpoint_age_s: u64,
    /// Files of the journal; 0 for a bank in memory.
    segments: u64,
    /// Bytes of the journal on disk.
    journal_bytes: u64,
    /// Bytes of the stored state on disk.
    state_bytes: u64,
    /// Bytes on disk of journal and stored state together.
    disk_bytes: u64,
    /// Group commits since the server started.
    commits: u64,
    /// Records per group commit, on average.
    commit_records_mean: u64,
    /// The average time of a sync, in microseconds.
    sync_us_mean: u64,
    /// The number of accounts, including the bank's own.
    accounts: u64,
    /// Active account actors.
    active_accounts: u64,
    /// Inactive accounts: the first command that needs one activates it.
    passivated_accounts: u64,
    /// Commands that are admitted and not answered yet.
    in_flight: u64,
    /// Transfers that wait for verification.
    pending: u64,
    /// Outcomes per second.
    throughput: Throughput,
    /// Response times, as callers see them.
    latency_ms: Latency,
    /// What is queued at the busiest accounts.
    mailboxes: Mailboxes,
    /// The busiest accounts, by sampling.
    hottest: Vec<HotAccount>,
}

/// Outcomes per second.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
struct Throughput {
    /// Movements of money.
    posted_per_s: u64,
    /// Refusals.
    refused_per_s: u64,
    /// Holds placed.
    held_per_s: u64,
}

/// Response times in milliseconds, by percentile; null without answers.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
struct Latency {
    /// The median.
    p50: Option<f64>,
    /// The 95th percentile.
    p95: Option<f64>,
    /// The 99th percentile.
    p99: Option<f64>,
}

/// What is queued at accounts; null while the engine is not watched, because busy accounts are not sampled then.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
struct Mailboxes {
    /// At the account with the longest queue.
    depth_max: Option<u64>,
    /// At all accounts together.
    depth_total: Option<u64>,
}

/// A busy account.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct HotAccount {
    /// The account number.
    number: String,
    /// Roughly how many records touched it per second.
    per_s: u64,
}

impl Gauges {
    /// Nobody looks yet.
    pub(crate) fn new(bank: Bank, time: Time) -> Gauges {
        Gauges { bank, time, begun: Instant::now(), state: Arc::default(), samples: channel(16).0 }
    }

    /// The figures of the last second.
    ///
    /// # Errors
    /// As the bank's.
    pub(crate) async fn latest(&self) -> Result<Arc<EngineAnswer>, BankError> {
        let mut samples = self.samples.subscribe();
        self.begin();
        self.state.lock().asked = Some(Instant::now());
        if let Some(latest) = self.state.lock().kept.back() {
            return Ok(Arc::clone(latest));
        }
        samples.recv().await.map_err(|_| BankError::Closed)
    }

    /// Up to an hour of figures, and those to come.
    ///
    /// # Errors
    /// As the bank's.
    pub(crate) async fn follow(&self) -> Result<(Vec<EngineAnswer>, Receiver<Arc<EngineAnswer>>), BankError> {
        self.latest().await?;
        let state = self.state.lock();
        Ok((state.kept.iter().map(|kept| (**kept).clone()).collect(), self.samples.subscribe()))
    }

    /// Sees to it that the task runs.
    pub(crate) fn begin(&self) {
        let mut state = self.state.lock();
        if !std::mem::replace(&mut state.is_running, true) {
            actix_web::rt::spawn(self.clone().sample());
        }
    }

    /// Whether somebody wants to know which accounts are hottest.
    fn is_watched(&self) -> bool {
        self.samples.receiver_count() > 0 || self.state.lock().asked.is_some_and(|asked| asked.elapsed() < NOTED)
    }

    async fn sample(self) {
        let _ended = Ended(Arc::clone(&self.state));
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before: Option<(Instant, Stats, Activity)> = None;
        loop {
            every.tick().await;
            let Ok((now, answer)) = self.look(before.as_ref()).await else { return };
            before = Some(now);
            let answer = Arc::new(answer);
            {
                let mut state = self.state.lock();
                if state.kept.len() >= KEPT {
                    state.kept.pop_front();
                }
                state.kept.push_back(Arc::clone(&answer));
            }
            // An error means that nobody listens.
            let _ = self.samples.send(answer);
        }
    }

    /// The figures since the look before.
    async fn look(
        &self,
        before: Option<&(Instant, Stats, Activity)>,
    ) -> Result<((Instant, Stats, Activity), EngineAnswer), BankError> {
        let (now, stats) = (Instant::now(), self.bank.stats());
        let activity = self.bank.activity().await?;
        // An idle bank has no other reason to look at its clock, and raises its alarm when it does.
        self.bank.clock_state().await?;
        let is_watched = self.is_watched();
        if !is_watched {
            self.bank.stop_watching();
        }
        let pending = self.bank.pending_verifications(None, 1).await?.1;
        let (accounts, unstored_since) = (self.bank.account_count().await?, self.bank.unstored_since().await?);
        let hot = activity.hottest.iter().map(|(number, _)| *number).collect();
        let depths: Vec<u64> =
            self.bank.activations(hot).await?.iter().map(jangbu::monitoring::Activation::depth).collect();
        let none = (now, stats, activity.clone());
        let (then, old, was) = before.unwrap_or(&none);
        let ms = u64::try_from(now.duration_since(*then).as_millis()).unwrap_or(u64::MAX).max(1);
        let per_s = |count: u64| count.saturating_mul(1_000) / ms;
        let rate = |count: u64, earlier: u64| per_s(count.saturating_sub(earlier));
        let commits = stats.commits.saturating_sub(old.commits);
        let waits = activity.waits.since(&was.waits);
        let answer = EngineAnswer {
            time: self.time.now().to_string(),
            uptime_s: self.begun.elapsed().as_secs(),
            durable: stats.durable.get(),
            checkpoint: stats.checkpoint.get(),
            checkpoint_age_records: stats.durable.get().saturating_sub(stats.checkpoint.get()),
            checkpoint_age_s: unstored_since.map_or(0, |since| seconds_between(since, self.time.now())),
            segments: stats.segments,
            journal_bytes: stats.journal_bytes,
            state_bytes: stats.state_bytes,
            disk_bytes: stats.journal_bytes.saturating_add(stats.state_bytes),
            commits: stats.commits,
            commit_records_mean: activity.records.saturating_sub(was.records).checked_div(commits).unwrap_or(0),
            sync_us_mean: stats.sync_us.saturating_sub(old.sync_us).checked_div(commits).unwrap_or(0),
            accounts,
            active_accounts: stats.active_accounts,
            passivated_accounts: accounts.saturating_sub(stats.active_accounts),
            in_flight: stats.in_flight,
            pending,
            throughput: Throughput {
                posted_per_s: rate(activity.posted, was.posted),
                refused_per_s: rate(activity.refused, was.refused),
                held_per_s: rate(activity.held, was.held),
            },
            latency_ms: Latency {
                p50: waits.within(500).map(millis),
                p95: waits.within(950).map(millis),
                p99: waits.within(990).map(millis),
            },
            mailboxes: Mailboxes {
                depth_max: is_watched.then(|| depths.iter().copied().max().unwrap_or_default()),
                depth_total: is_watched.then(|| depths.iter().sum()),
            },
            hottest: match before {
                Some(_) => activity
                    .hottest
                    .iter()
                    .map(|(number, count)| HotAccount { number: number.to_string(), per_s: per_s(*count) })
                    .collect(),
                None => Vec::new(),
            },
        };
        Ok(((now, stats, activity), answer))
    }
}

fn seconds_between(since: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.as_ns().saturating_sub(since.as_ns()) / 1_000_000_000).unwrap_or(0)
}

#[expect(clippy::float_arithmetic, reason = "a figure for people, in a unit that is too coarse for integers")]
fn millis(waited: Duration) -> f64 {
    waited.as_secs_f64() * 1_000.0
}

/// The task ended, also when its thread did: the next question begins another.
struct Ended(Arc<Mutex<State>>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.lock().is_running = false;
    }
}

#[cfg(test)]
mod tests {
    use crate::server::testing::Town;

    #[actix_web::test]
    async fn what_happened_before_anybody_asked_is_kept() {
        let gauges = Town::new().await.service.gauges.clone();
        gauges.begin();
        let first = loop {
            let first = gauges.state.lock().kept.front().cloned();
            match first {
                Some(first) => break first,
                None => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        };
        assert_eq!(first.mailboxes.depth_max, None, "nobody looks");
        let (history, mut samples) = gauges.follow().await.unwrap();
        assert_eq!(samples.recv().await.unwrap().mailboxes.depth_max, Some(0));
        assert_eq!(history.first().unwrap().time, first.time);
    }
}
