//! Samples the engine's activity every second and keeps an hour of samples. The submodule `checking` audits the running
//! bank.
//!
//! One task samples from the start, so that an operator who looks after an incident can see it. It ends with the
//! service's bank. Finding the hottest accounts costs the engine something, so it is done only while somebody watches.

mod checking;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jangbu::{Activity, Bank, BankError, Stats, Timestamp};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, Sender, channel};
use tokio::time::{MissedTickBehavior, interval};
use utoipa::ToSchema;

use super::http::Problem;
use super::time::Time;
use checking::Check;
pub(crate) use checking::CheckAnswer;

/// The number of samples kept, one per second.
const MAX_SAMPLES: usize = 3_600;
/// The sampling interval.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long after a request the hottest accounts are recorded.
const WATCH_TIMEOUT: Duration = Duration::from_secs(60);

/// The engine's activity.
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

/// The engine's activity at a moment. Rates and latencies cover the second before it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
#[schema(as = Engine)]
pub(crate) struct EngineAnswer {
    /// The moment of the sample.
    time: String,
    /// The time since the server started, in seconds.
    uptime_s: u64,
    /// The last durable position.
    durable: u64,
    /// The position up to which the stored state is complete.
    checkpoint: u64,
    /// The number of records after the checkpoint.
    checkpoint_age_records: u64,
    /// The age of the oldest record after the checkpoint, in seconds; 0 if there is none.
    checkpoint_age_s: u64,
    /// The number of journal files; 0 for a bank in memory.
    segments: u64,
    /// The size of the journal on disk, in bytes.
    journal_bytes: u64,
    /// The size of the stored state on disk, in bytes.
    state_bytes: u64,
    /// The size of both on disk, in bytes.
    disk_bytes: u64,
    /// The number of group commits since the server started.
    commits: u64,
    /// The mean number of records in a group commit.
    commit_records_mean: u64,
    /// The mean time of a sync, in microseconds.
    sync_us_mean: u64,
    /// The number of accounts, including the bank's own.
    accounts: u64,
    /// The number of account actors.
    active_accounts: u64,
    /// The number of accounts that are only in the store. The first command for an account activates it.
    passivated_accounts: u64,
    /// The number of commands admitted but not answered yet.
    in_flight: u64,
    /// The number of transfers that wait for verification.
    pending: u64,
    /// Outcomes per second.
    throughput: Throughput,
    /// How long callers waited for answers.
    latency_ms: Latency,
    /// The messages waiting at the hottest accounts.
    mailboxes: Mailboxes,
    /// The hottest accounts, by sampling.
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

/// The latency of answers, in milliseconds; null if there were none.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
struct Latency {
    /// The median.
    p50: Option<f64>,
    /// The 95th percentile.
    p95: Option<f64>,
    /// The 99th percentile.
    p99: Option<f64>,
}

/// The messages waiting at the hottest accounts; null while nobody watches, because the hottest accounts are then
/// unknown.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
struct Mailboxes {
    /// The largest number at one account.
    depth_max: Option<u64>,
    /// The number at all of them.
    depth_total: Option<u64>,
}

/// An account with many records.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct HotAccount {
    /// The account number.
    number: String,
    /// The approximate number of its records per second.
    per_s: u64,
}

impl Gauges {
    /// Creates gauges that nobody watches yet.
    pub(crate) fn new(bank: Bank, time: Time) -> Gauges {
        Gauges { bank, time, begun: Instant::now(), state: Arc::default(), samples: channel(16).0 }
    }

    /// Returns the sample of the last second.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn latest(&self) -> Result<Arc<EngineAnswer>, Problem> {
        let mut samples = self.samples.subscribe();
        self.begin();
        self.state.lock().asked = Some(Instant::now());
        if let Some(latest) = self.state.lock().kept.back() {
            return Ok(Arc::clone(latest));
        }
        samples.recv().await.map_err(|_| BankError::Closed.into())
    }

    /// Returns up to an hour of samples, and a receiver of new ones.
    ///
    /// # Errors
    /// Those of the bank.
    pub(crate) async fn follow(&self) -> Result<(Vec<EngineAnswer>, Receiver<Arc<EngineAnswer>>), Problem> {
        self.latest().await?;
        let state = self.state.lock();
        Ok((state.kept.iter().map(|kept| (**kept).clone()).collect(), self.samples.subscribe()))
    }

    /// Starts the sampling task if it is not running.
    pub(crate) fn begin(&self) {
        let mut state = self.state.lock();
        if !std::mem::replace(&mut state.is_running, true) {
            actix_web::rt::spawn(self.clone().sample());
        }
    }

    /// Returns whether somebody wants to know the hottest accounts.
    fn is_watched(&self) -> bool {
        self.samples.receiver_count() > 0
            || self.state.lock().asked.is_some_and(|asked| asked.elapsed() < WATCH_TIMEOUT)
    }

    async fn sample(self) {
        let _ended = TaskEnded(Arc::clone(&self.state));
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut before: Option<(Instant, Stats, Activity)> = None;
        loop {
            ticks.tick().await;
            let Ok((now, answer)) = self.take_sample(before.as_ref()).await else { return };
            before = Some(now);
            let answer = Arc::new(answer);
            {
                let mut state = self.state.lock();
                if state.kept.len() >= MAX_SAMPLES {
                    state.kept.pop_front();
                }
                state.kept.push_back(Arc::clone(&answer));
            }
            // An error means that nobody is subscribed.
            let _ = self.samples.send(answer);
        }
    }

    /// Takes a sample of the time since the previous one.
    async fn take_sample(
        &self,
        before: Option<&(Instant, Stats, Activity)>,
    ) -> Result<((Instant, Stats, Activity), EngineAnswer), BankError> {
        let (now, stats) = (Instant::now(), self.bank.stats());
        let activity = self.bank.activity().await?;
        // An idle bank reads its clock only here, and raises the clock alarm if needed.
        self.bank.clock_state().await?;
        let is_watched = self.is_watched();
        if !is_watched {
            self.bank.stop_watching();
        }
        let pending = self.bank.pending_verifications(None, 1).await?.1;
        let (accounts, unstored_since) = (self.bank.account_count().await?, self.bank.unstored_since().await?);
        let hot = activity.hottest.iter().map(|(number, _)| *number).collect();
        let depths: Vec<u64> = self.bank.activations(hot).await?.iter().map(jangbu::Activation::depth).collect();
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

/// Marks the task as ended on drop, also if its thread ended. The next request starts another task.
struct TaskEnded(Arc<Mutex<State>>);

impl Drop for TaskEnded {
    fn drop(&mut self) {
        self.0.lock().is_running = false;
    }
}

#[cfg(test)]
mod tests {
    use crate::server::testing::Town;

    #[actix_web::test]
    async fn samples_are_kept_before_anybody_watches() {
        let gauges = Town::new().await.service.gauges.clone();
        gauges.begin();
        let first = loop {
            let first = gauges.state.lock().kept.front().cloned();
            match first {
                Some(first) => break first,
                None => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        };
        assert_eq!(first.mailboxes.depth_max, None, "nobody watches");
        let (history, mut samples) = gauges.follow().await.unwrap();
        assert_eq!(samples.recv().await.unwrap().mailboxes.depth_max, Some(0));
        assert_eq!(history.first().unwrap().time, first.time);
    }
}
