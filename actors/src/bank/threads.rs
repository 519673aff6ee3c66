//! An engine on its own threads: how they start and end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

use actix::{Actor, Addr};
use futures::executor::block_on;
use parking_lot::Mutex;

use super::engine::{Config, Parts, cannot_start, journal_writer, stop_supervisor_with};
use super::{Bank, DirectoryLock, Ending, Engine};
use crate::account::Place;
use crate::books::Keeper;
use crate::journal::JournalReader;
use crate::journal::panic_text;
use crate::plant::{Spot, panic_if_planted};
use crate::supervisor::{Failed, Start, Supervisor, Verified, VerifyWith};
use crate::verification::Driver;
use jangbu_runtime::Fuse;
use jangbu_runtime::{BankError, OpenError};

/// A running engine. It ends only by [`Threads::close`].
pub struct Threads {
    ending: Ending,
    system: actix::System,
    threads: Vec<JoinHandle<()>>,
    /// Held until everything is written, to keep other processes out of the directory.
    lock: Option<DirectoryLock>,
}

/// Starts all threads and returns the handle.
pub(super) fn start(parts: Parts, config: &Config, lock: Option<DirectoryLock>) -> Result<Bank, OpenError> {
    let Parts { begin, shared, journal, journal_queue, state, saver, store_writer, books_queue } = parts;
    let to_journal = begin.journal.clone();
    let (supervisor, system, actors) = start_actors(begin, config.workers)?;
    stop_supervisor_with(&shared.fuse, &supervisor);
    let mut threads = vec![actors];
    let spawn = |name, run: Box<dyn FnOnce() + Send>| spawn_guarded(name, &shared.fuse, run);
    let (fuse, failed) = (Arc::clone(&shared.fuse), supervisor.clone());
    let failed = Box::new(move |reason| failed.do_send(Failed(reason)));
    let keeper = Keeper { books: state, saver, queue: books_queue, fuse, failed };
    threads.push(spawn("jangbu-books", Box::new(|| keeper.run()))?);
    // After the books' thread, because that thread's end ends this one.
    if let Some(writer) = store_writer {
        threads.push(spawn("jangbu-save", Box::new(|| writer.run()))?);
    }
    let writer = journal_writer(journal, &shared, &supervisor);
    threads.push(spawn("jangbu-journal", Box::new(move || writer.run(&journal_queue)))?);
    threads.extend(start_verification(config, &shared.reader, &supervisor)?);
    let (books, fuse) = (shared.books.clone(), Arc::clone(&shared.fuse));
    let hub = Arc::clone(&shared.hub);
    let ending = Ending { supervisor: supervisor.clone(), journal: to_journal, books, hub, fuse };
    Ok(Bank::new(shared, supervisor, Engine::Threads(Threads { ending, system, threads, lock })))
}

type Actors = (Addr<Supervisor>, actix::System, JoinHandle<()>);

/// Starts the supervisor's thread and those of further workers.
fn start_actors(mut begin: Start, workers: usize) -> Result<Actors, OpenError> {
    let (started, starts) = channel();
    let run = move || {
        let runner = actix::System::new();
        let supervisor = runner.block_on(async move {
            let arbiters: Vec<actix::Arbiter> = match workers {
                0 | 1 => Vec::new(),
                _ => (0..workers).map(|_| actix::Arbiter::new()).collect(),
            };
            begin.places = match arbiters.is_empty() {
                true => vec![Place::Here],
                false => arbiters.iter().map(|arbiter| Place::Thread(arbiter.handle())).collect(),
            };
            Supervisor::create(|context| Supervisor::new(begin, context))
        });
        if started.send((supervisor, actix::System::current())).is_ok() {
            // Runs until the system is stopped.
            let _ = runner.run();
        }
    };
    let thread = spawn("jangbu-actors", run)?;
    let (supervisor, system) =
        starts.recv().map_err(|_| OpenError::Engine("the actors' thread ended while it started".into()))?;
    Ok((supervisor, system, thread))
}

/// Starts the verification thread if the bank has a verifier.
fn start_verification(
    config: &Config,
    reader: &Arc<dyn JournalReader>,
    supervisor: &Addr<Supervisor>,
) -> Result<Option<JoinHandle<()>>, OpenError> {
    let Some(verifier) = &config.verifier else { return Ok(None) };
    let (ready, failed) = (supervisor.clone(), supervisor.clone());
    let started = Driver::start(
        Arc::clone(verifier),
        Arc::clone(reader),
        config.max_verifying,
        move |verdict| ready.do_send(Verified(verdict)),
        move |reason| failed.do_send(Failed(reason)),
    );
    let (driver, thread) = started.map_err(cannot_start)?;
    supervisor.do_send(VerifyWith(driver));
    Ok(Some(thread))
}

/// Starts a thread of the engine. Each thread catches panics of its steps, because it knows who waits for them. This
/// catches all others.
fn spawn_guarded(
    name: &'static str,
    fuse: &Arc<Fuse>,
    run: Box<dyn FnOnce() + Send>,
) -> Result<JoinHandle<()>, OpenError> {
    let fuse = Arc::clone(fuse);
    spawn(name, move || {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
            fuse.blow(&format!("the thread {name} panicked: {}", panic_text(&panic)));
        }
    })
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new().name(name.into()).spawn(run).map_err(cannot_start)
}

impl Threads {
    /// Closes the bank on a separate thread: ends all other threads, unlocks the directory, and then calls `ended`.
    pub(super) fn close(self, checkpoint: bool, ended: impl FnOnce(Result<(), BankError>) + Send + 'static) {
        // Kept here until the new thread takes it. Dropping it would unlock the directory while the engine still
        // writes.
        let kept = Arc::new(Mutex::new(Some((self, ended))));
        let take = {
            let kept = Arc::clone(&kept);
            move || {
                let taken = kept.lock().take();
                if let Some((threads, ended)) = taken {
                    ended(threads.shut_down(checkpoint));
                }
            }
        };
        if std::thread::Builder::new().name("jangbu-close".into()).spawn(take).is_err() {
            let taken = kept.lock().take();
            if let Some((threads, ended)) = taken {
                ended(threads.shut_down(checkpoint));
            }
        }
    }

    /// Closes the bank, ends all threads and unlocks the directory.
    fn shut_down(self, checkpoint: bool) -> Result<(), BankError> {
        let Threads { ending, system, threads, lock } = self;
        let (books, hub, fuse) = (ending.books.clone(), Arc::clone(&ending.hub), Arc::clone(&ending.fuse));
        let finished = catch_unwind(AssertUnwindSafe(|| {
            panic_if_planted(Spot::Close);
            block_on(ending.finish(checkpoint))
        }));
        let result = finished.unwrap_or_else(|panic| {
            fuse.blow(&format!("closing panicked: {}", panic_text(&panic)));
            // Nobody waits for these any more, and nothing else would end them.
            hub.close();
            books.stop();
            fuse.error().map_or(Ok(()), Err)
        });
        system.stop();
        for thread in threads {
            let _ = thread.join();
        }
        drop(lock);
        result
    }
}
