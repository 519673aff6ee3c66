//! The thread beside the writer: it prepares the next segment before it is needed and seals the last one.
//!
//! What this module must never do: touch a segment that is written to.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use super::super::JournalError;
use super::super::read::Shared;
use super::prepare::{self, Prepared};
use super::seal::{self, Filled};
use crate::fuse::panic_text;
use crate::plant::{Spot, panic_if_planted};

/// What the helper can be asked for.
enum Job {
    /// A file for the segment of that number.
    Prepare(u64),
    Seal(Box<Filled>),
}

/// The helper, as the writer holds it. Dropped, it leaves undone what can be done at the next opening.
pub(super) struct Helper {
    work: Arc<Work>,
    /// The number that a segment is prepared for.
    preparing: Option<u64>,
    prepared: Receiver<Result<Prepared, JournalError>>,
    /// `None` when the writer does the helper's work itself.
    thread: Option<(Sender<Job>, JoinHandle<()>)>,
}

/// What the helper works with.
struct Work {
    shared: Arc<Shared>,
    segment_bytes: u64,
    /// Nothing needs to be done any more.
    stopping: AtomicBool,
    /// No segment needs to be prepared any more.
    no_more_segments: AtomicBool,
    prepared: Sender<Result<Prepared, JournalError>>,
}

impl Helper {
    /// Starts the helper; without `in_background`, the writer does its work in between.
    pub(super) fn start(shared: Arc<Shared>, segment_bytes: u64, in_background: bool) -> Result<Helper, JournalError> {
        let (to_writer, prepared) = channel();
        let work = Arc::new(Work {
            shared,
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

    /// Asks for a file for the segment of that number, once.
    pub(super) fn prepare(&mut self, number: u64) {
        if self.preparing != Some(number) {
            self.preparing = Some(number);
            self.ask(Job::Prepare(number));
        }
    }

    /// The file that [`Helper::prepare`] asked for, as soon as it is there.
    pub(super) fn take_prepared(&mut self, number: u64) -> Result<Prepared, JournalError> {
        self.prepare(number);
        // There is no answer only when the thread panicked.
        let answer = match &self.thread {
            None => self.prepared.try_recv().ok(),
            Some(_) => self.prepared.recv().ok(),
        };
        answer.ok_or_else(|| JournalError::Stopped("the journal's helper thread is gone".into()))?
    }

    /// Asks for a segment to be sealed.
    pub(super) fn seal(&self, filled: Filled) {
        self.ask(Job::Seal(Box::new(filled)));
    }

    /// Lets the helper seal what is full and ends it; the writer does its work from now on.
    pub(super) fn finish(&mut self) {
        self.work.no_more_segments.store(true, Ordering::Relaxed);
        self.join();
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
        for job in jobs {
            // Sidecars are made again at the next opening where they are missing.
            if self.stopping.load(Ordering::Relaxed) {
                continue;
            }
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.run_job(job))) {
                let why = format!("the journal's helper thread panicked: {}", panic_text(&panic));
                self.shared.fail(&why);
                // The writer may wait for a segment.
                let _writer_gone = self.prepared.send(Err(JournalError::Stopped(why)));
            }
        }
    }

    fn run_job(&self, job: Job) {
        panic_if_planted(Spot::Segment);
        let shared = &self.shared;
        match job {
            Job::Prepare(number) => {
                let (dir, unneeded) = (&shared.dir, &self.no_more_segments);
                let prepared = prepare::prepare(&*shared.disk, dir, number, self.segment_bytes, unneeded);
                if let Some(prepared) = prepared.transpose() {
                    let _writer_gone = self.prepared.send(prepared);
                }
            }
            // A write failed, or bytes are not what was written: nothing may be acknowledged after that.
            Job::Seal(filled) => {
                if let Err(error) = seal::seal(shared, *filled) {
                    tracing::error!(%error, "a full segment of the journal could not be sealed");
                    shared.fail(&error.to_string());
                }
            }
        }
    }
}
