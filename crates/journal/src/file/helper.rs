//! The segment thread beside the writer: it prepares the next segment before it is needed, and seals the last one.
//! Failed work is retried (`undone`).
//!
//! This module must never touch a segment that is being written.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;

use parking_lot::Mutex;

use super::super::JournalError;
use super::super::read::Shared;
use super::prepare::{self, Prepared};
use super::seal::{Filled, Seal};
use super::undone::Undone;
use crate::panic_text;
use jangbu_plant::{Spot, panic_if_planted};

/// A request to the segment thread.
enum Job {
    /// Prepare a file for the segment with that number.
    Prepare(u64),
    /// Prepare that file at once, because the writer is waiting for it.
    Hurry(u64),
    Seal(Box<Filled>),
}

/// The writer's handle of the segment thread. Dropping it leaves work to the next open where that is possible.
pub(super) struct Helper {
    work: Arc<Work>,
    /// The number of the segment that is being prepared.
    preparing: Option<u64>,
    prepared: Receiver<Result<Prepared, JournalError>>,
    /// `None` if the writer does the work itself.
    thread: Option<(Sender<Job>, JoinHandle<()>)>,
}

/// The shared state of the segment thread.
#[derive(Debug)]
pub(super) struct Work {
    shared: Arc<Shared>,
    /// Whether a thread does the work. Otherwise the writer does.
    in_background: AtomicBool,
    undone: Mutex<Undone>,
    segment_bytes: u64,
    /// Nothing needs to be done any more.
    stopping: AtomicBool,
    /// No segment needs to be prepared any more.
    no_more_segments: AtomicBool,
    prepared: Sender<Result<Prepared, JournalError>>,
}

impl Helper {
    /// Starts the segment thread. Without `in_background`, the writer does its work in between.
    pub(super) fn start(shared: Arc<Shared>, segment_bytes: u64, in_background: bool) -> Result<Helper, JournalError> {
        let (to_writer, prepared) = channel();
        let work = Arc::new(Work {
            shared,
            in_background: AtomicBool::new(in_background),
            undone: Mutex::default(),
            segment_bytes,
            stopping: AtomicBool::new(false),
            no_more_segments: AtomicBool::new(false),
            prepared: to_writer,
        });
        let mut thread = None;
        if in_background {
            let (sender, jobs) = channel();
            let its_work = Arc::clone(&work);
            let started = std::thread::Builder::new().name("jangbu-segment".into()).spawn(move || its_work.run(&jobs));
            thread = Some((sender, started.map_err(JournalError::io("start a thread for", &work.shared.dir))?));
        }
        Ok(Helper { work, preparing: None, prepared, thread })
    }

    /// Requests a file for the segment with that number, once.
    pub(super) fn prepare(&mut self, number: u64) {
        if self.preparing != Some(number) {
            self.preparing = Some(number);
            self.ask(Job::Prepare(number));
        }
    }

    /// Returns the file requested with [`Helper::prepare`] once it exists.
    pub(super) fn take_prepared(&mut self, number: u64) -> Result<Prepared, JournalError> {
        self.prepare(number);
        self.ask(Job::Hurry(number));
        // The answer is missing only if the thread panicked.
        let answer = match &self.thread {
            None => self.prepared.try_recv().ok(),
            Some(_) => self.prepared.recv().ok(),
        };
        answer.ok_or_else(|| JournalError::Stopped("the journal's helper thread is gone".into()))?
    }

    /// Requests that a segment be sealed.
    pub(super) fn seal(&self, filled: Filled) {
        self.ask(Job::Seal(Box::new(filled)));
    }

    /// Seals all full segments and ends the thread. From now on, the writer does its work.
    pub(super) fn finish(&mut self) {
        self.work.no_more_segments.store(true, Ordering::Relaxed);
        self.join();
        self.work.in_background.store(false, Ordering::Relaxed);
        self.work.no_more_segments.store(false, Ordering::Relaxed);
        for unused in self.prepared.try_iter().flatten() {
            unused.discard(&*self.work.shared.disk);
        }
        self.preparing = None;
    }

    fn ask(&self, job: Job) {
        match &self.thread {
            None => self.work.run_job(job),
            Some((sender, _)) => {
                if sender.send(job).is_err() {
                    self.work.shared.fail("the journal's helper thread is gone");
                }
            }
        }
    }

    fn join(&mut self) {
        if let Some((sender, thread)) = self.thread.take() {
            drop(sender);
            if thread.join().is_err() {
                self.work.shared.fail("the journal's helper thread panicked");
            }
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.work.stopping.store(true, Ordering::Relaxed);
        self.work.no_more_segments.store(true, Ordering::Relaxed);
        self.join();
    }
}

impl Work {
    fn run(&self, jobs: &Receiver<Job>) {
        loop {
            let patience = self.undone.lock().patience();
            let job = match patience {
                Some(patience) => jobs.recv_timeout(patience),
                None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            if self.stopping.load(Ordering::Relaxed) {
                // The next open rebuilds missing sidecars.
                return;
            }
            let is_over = matches!(job, Err(RecvTimeoutError::Disconnected));
            let step = || match job {
                Ok(job) => self.take(job),
                Err(RecvTimeoutError::Timeout) => self.undone.lock().attempt(self, false),
                Err(RecvTimeoutError::Disconnected) => {
                    // The next open seals what cannot be sealed now.
                    let mut undone = self.undone.lock();
                    undone.forget_segment();
                    undone.attempt(self, true);
                }
            };
            if let Err(panic) = catch_unwind(AssertUnwindSafe(step)) {
                let why = format!("the journal's helper thread panicked: {}", panic_text(&panic));
                self.shared.fail(&why);
                // The writer may wait for a segment.
                self.hand_over(Err(JournalError::Stopped(why)));
            }
            if is_over {
                return;
            }
        }
    }

    fn run_job(&self, job: Job) {
        self.take(job);
        self.undone.lock().attempt(self, true);
    }

    fn take(&self, job: Job) {
        panic_if_planted(Spot::Segment);
        let mut undone = self.undone.lock();
        match job {
            Job::Prepare(number) => undone.add_segment(number),
            Job::Hurry(number) => undone.prepare_at_once(self, number),
            Job::Seal(filled) => undone.add_seal(Seal::of(*filled), &self.shared),
        }
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn has_thread(&self) -> bool {
        self.in_background.load(Ordering::Relaxed)
    }

    /// Prepares a file for the segment with that number. Returns `None` if no segment is needed any more.
    pub(super) fn prepare(&self, number: u64) -> Result<Option<Prepared>, JournalError> {
        let shared = &self.shared;
        prepare::prepare(&*shared.disk, &shared.dir, number, self.segment_bytes, &self.no_more_segments)
    }

    /// Passes the requested file to the writer.
    pub(super) fn hand_over(&self, prepared: Result<Prepared, JournalError>) {
        let _writer_gone = self.prepared.send(prepared);
    }
}
