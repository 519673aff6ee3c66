//! Threads that read files, so that neither actors nor callers wait for a disk. One pool serves users' reads, which can
//! be long; another serves the lookups that commands wait for, which therefore never queue behind them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use parking_lot::Mutex;

/// A job that waits or reads files.
pub type Job = Box<dyn FnOnce() + Send>;

/// A small pool of reading threads. It ends when the last handle is dropped and its jobs are done.
#[derive(Clone)]
pub struct Readers {
    jobs: Sender<Job>,
}

impl Readers {
    /// Starts `threads` reading threads, called `name` and a number.
    ///
    /// # Errors
    /// Those of the operating system if a thread cannot be started.
    pub fn start(name: &str, threads: usize) -> std::io::Result<Readers> {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name(format!("{name}-{number}")).spawn(move || work(&queue))?;
        }
        Ok(Readers { jobs })
    }

    /// Creates a handle without threads. The receiver gets the jobs.
    #[cfg(any(test, feature = "testing"))]
    pub fn without_threads() -> (Readers, Receiver<Job>) {
        let (jobs, queue) = channel::<Job>();
        (Readers { jobs }, queue)
    }

    /// Runs a job on one of the threads.
    pub fn run(&self, job: impl FnOnce() + Send + 'static) {
        // The threads end after the last sender, so this cannot fail.
        let _ = self.jobs.send(Box::new(job));
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        // The lock is held while waiting, not while working: one thread waits for a job, the others for the lock.
        let Ok(job) = queue.lock().recv() else { return };
        // A panic loses only the answer of this job. Its caller gets an error.
        if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job)) {
            tracing::error!(panic = jangbu_journal::panic_text(&panic), "a read panicked");
        }
    }
}
