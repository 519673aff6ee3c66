//! The thread that owns the journal's writing end, so that no actor ever waits for a disk.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

use crate::books::BooksHandle;
use crate::fuse::{Fuse, panic_text};
use crate::journal::{Journal, JournalError};
use crate::ledger::{Position, Record};
use crate::meters::Meters;

/// What the journal's thread is asked to do.
pub(crate) enum ToJournal {
    /// Append the batch, which follows the one before.
    Append(Vec<Record>),
    /// Mark the journal cleanly closed and end.
    Close(Sender<Result<(), JournalError>>),
}

/// Whom the journal's thread tells that a batch is durable.
pub(crate) struct Listeners {
    /// The books get every durable record, in order, before anybody is told that it is durable: whoever asks them
    /// after an acknowledgement finds what was acknowledged.
    pub(crate) books: BooksHandle,
    /// The supervisor is told how far the journal is durable.
    pub(crate) durable: Box<dyn Fn(Position) + Send + Sync>,
    /// The supervisor is told that nothing can be written any more.
    pub(crate) failed: Box<dyn Fn(String) + Send + Sync>,
}

/// Runs until it is told to close or nobody is left to tell it anything.
pub(crate) fn run(
    mut journal: Box<dyn Journal>,
    queue: &Receiver<ToJournal>,
    listeners: Listeners,
    fuse: &Arc<Fuse>,
    meters: &Arc<Meters>,
) {
    let listeners = Arc::new(listeners);
    for message in queue {
        match message {
            ToJournal::Append(records) => append(journal.as_mut(), records, &listeners, fuse, meters),
            ToJournal::Close(done) => {
                // After a failure nothing more is written, not even that the end was clean.
                let closed = match fuse.error() {
                    Some(error) => Err(JournalError::Stopped(error.to_string())),
                    None => journal.close(),
                };
                let _ = done.send(closed);
                return;
            }
        }
    }
}

fn append(
    journal: &mut dyn Journal,
    records: Vec<Record>,
    listeners: &Arc<Listeners>,
    fuse: &Arc<Fuse>,
    meters: &Arc<Meters>,
) {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return };
    let (first, last, count) = (first.position, last.position, records.len() as u64);
    let (tell, meters, stopped) = (Arc::clone(listeners), Arc::clone(meters), Arc::clone(fuse));
    let begin = Instant::now();
    let durable = Box::new(move |result: Result<Vec<Record>, JournalError>| match result {
        Ok(records) => {
            meters.count_commit(count, last.get(), begin.elapsed());
            tell.books.apply(records);
            (tell.durable)(last);
        }
        Err(error) => {
            stopped.blow(&error.to_string());
            (tell.failed)(error.to_string());
        }
    });
    let appended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| journal.append(first, records, durable)));
    if let Err(panic) = appended {
        let reason = format!("the journal panicked: {}", panic_text(&panic));
        fuse.blow(&reason);
        (listeners.failed)(reason);
    }
}
