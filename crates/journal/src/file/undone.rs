//! The unfinished work of the segment thread: a segment to prepare, sidecars to write. Failed work is retried with
//! growing pauses, for as long as the writer can do without it.
//!
//! Nothing acknowledged depends on it. A prepared segment is not part of the journal before its header is durable, and
//! a sidecar can be rebuilt from its segment.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use metrics::counter;

use super::super::JournalError;
use super::super::read::Shared;
use super::helper::Work;
use super::seal::Seal;

/// The pause before the second attempt. Each later pause is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How often preparing a segment is attempted while the writer waits for it, with pauses starting from this one.
/// Commands wait in the meantime, so all attempts together take a tenth of a second at most.
const ATTEMPTS_AT_ONCE: u32 = 4;
const PAUSE_AT_ONCE: Duration = Duration::from_millis(10);

/// The maximum number of full segments without sidecars. Their ids stay in memory, about 11 MiB per segment. Beyond
/// this number, the journal stops.
const MOST_UNSEALED: usize = 8;

/// The unfinished work.
#[derive(Debug, Default)]
pub(super) struct Undone {
    prepare: Option<(u64, Retry)>,
    /// In the order of the segments, which is the order of sealing.
    seals: VecDeque<Seal>,
    seal_retry: Retry,
}

/// When to retry, and the pause after another failure.
#[derive(Debug, Default)]
struct Retry {
    /// `None` before the first attempt.
    at: Option<Instant>,
    pause: Duration,
}

impl Retry {
    fn failed(&mut self) {
        self.pause = if self.pause.is_zero() { FIRST_PAUSE } else { (self.pause * 2).min(LONGEST_PAUSE) };
        self.at = Instant::now().checked_add(self.pause);
    }

    fn is_due(&self) -> bool {
        self.at.is_none_or(|at| at <= Instant::now())
    }
}

impl Undone {
    /// Adds a segment to prepare.
    pub(super) fn add_segment(&mut self, number: u64) {
        self.prepare = Some((number, Retry::default()));
    }

    /// Adds a sidecar to write.
    pub(super) fn add_seal(&mut self, seal: Seal, shared: &Shared) {
        self.seals.push_back(seal);
        if self.seals.len() > MOST_UNSEALED {
            shared.fail("too many full segments wait for their sidecars, which cannot be written");
        }
    }

    /// Returns the time until something is due, or `None` if nothing is left to do.
    pub(super) fn patience(&self) -> Option<Duration> {
        let prepare = self.prepare.as_ref().map(|(_, retry)| retry.at);
        let seal = (!self.seals.is_empty()).then_some(self.seal_retry.at);
        let now = Instant::now();
        let until = |at: Option<Instant>| at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        prepare.into_iter().chain(seal).map(until).min()
    }

    /// Drops the segment to prepare, because none is needed any more.
    pub(super) fn forget_segment(&mut self) {
        self.prepare = None;
    }

    /// Retries the work that is due, or all of it without a clock.
    pub(super) fn attempt(&mut self, work: &Work, everything: bool) {
        if let Some((number, mut retry)) = self.prepare.take_if(|(_, retry)| everything || retry.is_due()) {
            // Without an answer nobody needs it any more.
            if let Err(error) = prepare_once(work, number) {
                retry.failed();
                let again_in = retry.pause;
                tracing::warn!(%error, segment = number, ?again_in, "the next segment could not be prepared");
                self.prepare = Some((number, retry));
            }
        }
        while !self.seals.is_empty() && (everything || self.seal_retry.is_due()) {
            if !self.seal_first(work.shared()) {
                return;
            }
        }
    }

    /// Prepares the segment while the writer waits for it, unless it is ready, or reports why it cannot.
    pub(super) fn prepare_at_once(&mut self, work: &Work, number: u64) {
        if self.prepare.take_if(|(wanted, _)| *wanted == number).is_none() {
            return;
        }
        let mut pause = PAUSE_AT_ONCE;
        for attempt in 1.. {
            match prepare_once(work, number) {
                Ok(()) => return,
                Err(error) if attempt >= ATTEMPTS_AT_ONCE => return work.hand_over(Err(error)),
                Err(_) => {}
            }
            if work.has_thread() {
                std::thread::sleep(pause);
            }
            pause = pause.saturating_mul(2);
        }
    }

    /// Seals the first waiting segment. Returns `false` if that failed.
    fn seal_first(&mut self, shared: &Shared) -> bool {
        let Some(seal) = self.seals.pop_front() else { return false };
        match seal.write(shared) {
            Ok(()) => {
                self.seal_retry = Retry::default();
                seal.publish(shared);
                true
            }
            Err(error) => {
                counter!("jangbu_segment_seal_failures_total").increment(1);
                self.seal_retry.failed();
                let (number, again_in) = (seal.number(), self.seal_retry.pause);
                tracing::warn!(%error, segment = number, ?again_in, "the sidecar of a full segment could not be written");
                self.seals.push_front(seal);
                false
            }
        }
    }
}

/// Prepares a segment and passes it to the writer, unless none is needed any more.
fn prepare_once(work: &Work, number: u64) -> Result<(), JournalError> {
    match work.prepare(number) {
        Ok(prepared) => {
            if let Some(prepared) = prepared {
                work.hand_over(Ok(prepared));
            }
            Ok(())
        }
        Err(error) => {
            counter!("jangbu_segment_prepare_failures_total").increment(1);
            Err(error)
        }
    }
}
