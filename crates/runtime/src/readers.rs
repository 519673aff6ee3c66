//! Threads that read files, so that neither actors nor callers wait for a disk: some for what users read, which can be
//! long, and some for the look-ups that commands wait for, which never queue behind that.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use parking_lot::Mutex;

/// Something that waits or reads files.
pub type Job = Box<dyn FnOnce() + Send>;

/// A small pool of reading threads. It ends when the last handle is dropped and the jobs are done.
#[derive(Clone)]
pub struct Readers {
    jobs: Sender<Job>,
}

impl Readers {
    /// Starts `threads` reading threads, which are called `name` and numbered.
    ///
    /// # Errors
    /// The operating system's when a thread cannot be started.
    pub fn start(name: &str, threads: usize) -> std::io::Result<Readers> {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&queue))?;
        }
        Ok(Readers { jobs })
    }

    /// A handle without threads: what it is given to run waits until somebody does.
    #[cfg(any(test, feature = "testing"))]
    pub fn without_threads() -> (Readers, Receiver<Job>) {
        let (jobs, queue) = channel::<Job>();
        (Readers { jobs }, queue)
    }

    /// Runs a job on one of the threads.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        // The threads end after the last sender, which this is not yet.
        let _ = self.jobs.send(Box::new(job));
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting, not while working: one thread waits for a job, the others for the lock.
        let Ok(job) = queue.lock().recv() else { return };
        // A panic loses this job's answer, whose caller then hears that the outcome is unknown, and no other's.
        if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)) {
            tracing::error!(panic = jangbu_journal::panic_text(&panic), "a read panicked");
        }
    }
}
