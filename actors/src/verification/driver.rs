//! The thread that runs a limited number of verifications at the same time, and hands their verdicts to the supervisor.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use futures::FutureExt;
use parking_lot::Mutex;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, JoinSet};

use super::{Pending, Verdict, VerificationStage, Verifier};
use crate::journal::JournalReader;
use crate::ledger::text::{check_text, normalized};
use crate::ledger::{AccountNumber, Amount, Body, CommandId, MAX_REFERENCE_CHARS, Position, Reason};
use crate::plant::{Spot, panic_if_planted};

/// How long after a panic of the verifier it is called again for the same transfer.
const AFTER_PANIC: Duration = Duration::from_secs(30);

/// A durable hold to verify.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Submission {
    pub(crate) hold: CommandId,
    pub(crate) placed: Position,
    pub(crate) from: AccountNumber,
    pub(crate) to: AccountNumber,
    /// The amount that the receiver is to get.
    pub(crate) amount: Amount,
}

/// The result of a verification: `None` to settle the hold, or the reason for the rejection in the stored form of
/// [`Reason`].
pub(crate) struct VerdictReady {
    pub(crate) hold: CommandId,
    pub(crate) rejected: Option<Box<str>>,
}

/// The handle of the thread. The thread ends after the last handle is dropped. Holds that were not verified by then are
/// verified after the next open.
#[derive(Clone)]
pub(crate) struct Driver {
    queue: UnboundedSender<Ask>,
    stages: Stages,
}

/// The messages to the thread.
enum Ask {
    /// Verify a hold.
    Verify(Submission),
    /// Verify a hold now from the start, whatever its verification is waiting for.
    Again(Submission),
    /// Stop verifying a hold, because it ended.
    Forget(CommandId),
}

/// The stage of each hold's verification, for monitoring.
type Stages = Arc<Mutex<FxHashMap<CommandId, (VerificationStage, u32)>>>;

impl Driver {
    /// Starts the thread, which runs at most `at_once` verifications at the same time.
    ///
    /// # Errors
    /// Those of the operating system if the thread cannot be started.
    pub(crate) fn start(
        verifier: Arc<dyn Verifier>,
        reader: Arc<dyn JournalReader>,
        at_once: usize,
        ready: impl Fn(VerdictReady) + Send + 'static,
        failed: impl Fn(String) + Send + 'static,
    ) -> std::io::Result<(Driver, JoinHandle<()>)> {
        let (queue, submissions) = unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let stages = Stages::default();
        let of_work = Arc::clone(&stages);
        let run = move || {
            let (waiting, running, tasks) = (Waiting::default(), JoinSet::new(), FxHashMap::default());
            let work = Work { verifier, reader, at_once, waiting, running, tasks, stages: of_work };
            let ran = catch_unwind(AssertUnwindSafe(|| runtime.block_on(work.run(submissions, ready))));
            match ran {
                Ok(Ok(())) => {}
                Ok(Err(error)) => failed(error),
                Err(panic) => failed(format!("verifying panicked: {}", crate::journal::panic_text(&panic))),
            }
        };
        let thread = std::thread::Builder::new().name("jangbu-verify".into()).spawn(run)?;
        Ok((Driver { queue, stages }, thread))
    }

    /// Submits a hold for verification.
    pub(crate) fn verify(&self, submission: Submission) {
        // If the thread has ended, the hold is verified after the next open.
        let _ = self.queue.send(Ask::Verify(submission));
    }

    /// Submits a hold to be verified again from the start.
    pub(crate) fn verify_again(&self, submission: Submission) {
        let _ = self.queue.send(Ask::Again(submission));
    }

    /// Stops the verification of a hold that ended, and frees its slot.
    pub(crate) fn forget(&self, hold: CommandId) {
        let _ = self.queue.send(Ask::Forget(hold));
    }

    /// Returns the stage of a hold's verification, and how often the verifier was called for it.
    pub(crate) fn stage(&self, hold: CommandId) -> (VerificationStage, u32) {
        self.stages.lock().get(&hold).copied().unwrap_or_default()
    }
}

/// The holds that wait for a slot, in order. Each operation takes constant time, however many wait.
#[derive(Default)]
struct Waiting {
    /// The waiting holds, and some that are no longer waiting.
    queue: VecDeque<Submission>,
    /// The holds that are waiting. Further entries of the same hold are skipped.
    holds: FxHashSet<CommandId>,
}

/// How many more entries than twice the waiting holds the queue may have before it is cleaned up.
const SLACK: usize = 64;

impl Waiting {
    fn push(&mut self, submission: Submission) {
        self.holds.insert(submission.hold);
        self.queue.push_back(submission);
        self.clear_out();
    }

    fn push_first(&mut self, submission: Submission) {
        self.holds.insert(submission.hold);
        self.queue.push_front(submission);
        self.clear_out();
    }

    fn pop(&mut self) -> Option<Submission> {
        while let Some(submission) = self.queue.pop_front() {
            if self.holds.remove(&submission.hold) {
                return Some(submission);
            }
        }
        None
    }

    fn remove(&mut self, hold: CommandId) {
        self.holds.remove(&hold);
        self.clear_out();
    }

    fn clear_out(&mut self) {
        if self.queue.len() > self.holds.len().saturating_mul(2).saturating_add(SLACK) {
            let mut kept = FxHashSet::default();
            self.queue.retain(|submission| self.holds.contains(&submission.hold) && kept.insert(submission.hold));
        }
    }
}

struct Work {
    verifier: Arc<dyn Verifier>,
    reader: Arc<dyn JournalReader>,
    at_once: usize,
    waiting: Waiting,
    running: JoinSet<VerdictReady>,
    /// The running verifications, by hold.
    tasks: FxHashMap<CommandId, AbortHandle>,
    stages: Stages,
}

impl Work {
    /// Runs until all handles are dropped.
    async fn run(
        mut self,
        mut submissions: UnboundedReceiver<Ask>,
        ready: impl Fn(VerdictReady),
    ) -> Result<(), String> {
        loop {
            while self.running.len() < self.at_once
                && let Some(next) = self.waiting.pop()
            {
                self.begin(next)?;
            }
            tokio::select! {
                submitted = submissions.recv() => match submitted {
                    Some(Ask::Verify(submission)) => self.waiting.push(submission),
                    Some(Ask::Again(submission)) => self.begin_again(submission),
                    Some(Ask::Forget(hold)) => self.forget(hold),
                    None => return Ok(()),
                },
                Some(done) = self.running.join_next_with_id() => match done {
                    Ok((task, verdict)) => {
                        // It may have been restarted since it ended. Then the new task continues until its hold has
                        // ended.
                        if self.tasks.get(&verdict.hold).is_some_and(|now| now.id() == task) {
                            self.tasks.remove(&verdict.hold);
                            self.stages.lock().remove(&verdict.hold);
                        }
                        ready(verdict);
                    }
                    // It was restarted, or its hold ended.
                    Err(error) if error.is_cancelled() => {}
                    Err(error) => return Err(format!("a verification ended: {error}")),
                },
            }
        }
    }

    /// Puts a hold at the front of the queue, and cancels its running verification.
    fn begin_again(&mut self, submission: Submission) {
        self.break_off(submission.hold);
        self.waiting.push_first(submission);
    }

    /// Removes a hold that ended, wherever it is.
    fn forget(&mut self, hold: CommandId) {
        self.break_off(hold);
        self.stages.lock().remove(&hold);
    }

    fn break_off(&mut self, hold: CommandId) {
        match self.tasks.remove(&hold) {
            Some(task) => task.abort(),
            None => self.waiting.remove(hold),
        }
    }

    fn begin(&mut self, submission: Submission) -> Result<(), String> {
        panic_if_planted(Spot::Verify);
        let Submission { hold, placed, from, to, amount } = submission;
        let record = self.reader.read(placed).map_err(|error| error.to_string())?;
        let Body::Held(held) = record.body else { return Err(format!("the record at {placed} is not that of a hold")) };
        let pending = Pending {
            id: hold,
            from,
            to,
            amount,
            fee: held.fee,
            placed_at: record.decided_at,
            details: held.details.map(|details| *details).unwrap_or_default(),
        };
        let deciding = decide(Arc::clone(&self.verifier), pending, Arc::clone(&self.stages));
        self.tasks.insert(hold, self.running.spawn(deciding));
        Ok(())
    }
}

/// Calls the verifier until it has a verdict.
async fn decide(verifier: Arc<dyn Verifier>, pending: Pending, stages: Stages) -> VerdictReady {
    let hold = pending.id;
    loop {
        note(&stages, hold, VerificationStage::Asked, 1);
        // The verifier is the application's code: its panic must not stop the bank.
        let asked = AssertUnwindSafe(async { verifier.verify(pending.clone()).await }).catch_unwind();
        let after = match asked.await {
            Ok(Verdict::Approve) => return VerdictReady { hold, rejected: None },
            Ok(Verdict::Reject { reason, customer_text }) => {
                let (internal, customer) = (fitting(&reason), fitting(customer_text.as_deref().unwrap_or_default()));
                let stored = Reason { internal: &internal, customer: &customer }.stored();
                return VerdictReady { hold, rejected: Some(stored.unwrap_or_default()) };
            }
            Ok(Verdict::AskAgain { after }) => after,
            Err(panic) => {
                let panic = crate::journal::panic_text(&panic);
                tracing::error!(%hold, panic, "the verifier panicked; it will be called again");
                AFTER_PANIC
            }
        };
        note(&stages, hold, VerificationStage::WaitsToAskAgain, 0);
        tokio::time::sleep(after).await;
    }
}

fn note(stages: &Stages, hold: CommandId, stage: VerificationStage, asked: u32) {
    let mut stages = stages.lock();
    let noted = stages.entry(hold).or_default();
    *noted = (stage, noted.1.saturating_add(asked));
}

/// Returns the readable part of a reason's first 140 characters, which a record can store.
fn fitting(reason: &str) -> Box<str> {
    let shown = |character: &char| check_text(character.encode_utf8(&mut [0; 4])).is_ok() || *character == ' ';
    let fitting: String = normalized(reason).chars().filter(shown).take(MAX_REFERENCE_CHARS).collect();
    fitting.trim().into()
}
