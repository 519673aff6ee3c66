//! The journal's writing end on its own thread, so that no actor ever waits for a disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Instant;

use tokio::sync::oneshot;

use crate::books::BooksHandle;
use crate::journal::panic_text;
use crate::journal::{Journal, JournalError};
use crate::ledger::{Position, Record};
use crate::plant::{Bug, Spot, is_planted, panic_if_planted};
use jangbu_runtime::Fuse;
use jangbu_runtime::Meters;

/// The messages to the journal's thread.
pub enum ToJournal {
    /// Append the batch, which follows the previous one.
    Append(Vec<Record>),
    /// Mark the journal as cleanly closed, and end.
    Close(oneshot::Sender<Result<(), JournalError>>),
}

/// The parts of the engine that are notified when a batch is durable.
pub(crate) struct Listeners {
    /// Receives every durable record, in order, before anybody else learns that it is durable. A caller that queries
    /// the books after an acknowledgement therefore sees its effect.
    pub(crate) books: BooksHandle,
    /// Notifies the supervisor of the position up to which the journal is durable.
    pub(crate) durable: Box<dyn Fn(Position) + Send + Sync>,
    /// Notifies the supervisor that nothing can be written any more.
    pub(crate) failed: Box<dyn Fn(String) + Send + Sync>,
}

/// Carries out the messages to the journal's thread, one at a time.
pub struct JournalWriter {
    journal: Box<dyn Journal>,
    listeners: Arc<Listeners>,
    fuse: Arc<Fuse>,
    meters: Arc<Meters>,
}

impl JournalWriter {
    pub(crate) fn new(
        journal: Box<dyn Journal>,
        listeners: Listeners,
        fuse: Arc<Fuse>,
        meters: Arc<Meters>,
    ) -> JournalWriter {
        JournalWriter { journal, listeners: Arc::new(listeners), fuse, meters }
    }

    /// Runs until a message closes the journal or all senders are gone.
    pub(crate) fn run(mut self, queue: &Receiver<ToJournal>) {
        for message in queue {
            if !self.handle(message) {
                return;
            }
        }
    }

    /// Carries out the message. Returns `false` if that was the last one. A panic stops the bank.
    pub fn handle(&mut self, message: ToJournal) -> bool {
        let goes_on = matches!(message, ToJournal::Append(_));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.carry_out(message))) {
            self.stop(format!("the journal panicked: {}", panic_text(&panic)));
        }
        goes_on
    }

    fn stop(&self, reason: String) {
        self.fuse.blow(&reason);
        (self.listeners.failed)(reason);
    }

    fn carry_out(&mut self, message: ToJournal) {
        panic_if_planted(Spot::Journal);
        match message {
            // Decisions made before the bank stopped may or may not be recorded; nobody is told about them.
            ToJournal::Append(_) if self.fuse.is_blown() && !is_planted(Bug::CommitAfterPanic) => {}
            ToJournal::Append(records) => self.append(records),
            ToJournal::Close(done) => {
                // After a failure nothing more is written, not even the mark of a clean close.
                let closed = match self.fuse.error() {
                    Some(error) => Err(JournalError::Stopped(error.to_string())),
                    None => self.journal.close(),
                };
                let _ = done.send(closed);
            }
        }
    }

    fn append(&mut self, records: Vec<Record>) {
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return };
        let (first, last, count) = (first.position, last.position, records.len() as u64);
        let (tell, meters, stopped) = (Arc::clone(&self.listeners), Arc::clone(&self.meters), Arc::clone(&self.fuse));
        let ahead = is_planted(Bug::CheckpointAhead);
        if ahead {
            tell.books.apply(records.clone());
        }
        let begin = Instant::now();
        let durable = Box::new(move |result: Result<Vec<Record>, JournalError>| match result {
            Ok(records) => {
                meters.count_commit(count, last.get(), begin.elapsed());
                meters.activity.count_records(&records);
                if !ahead {
                    tell.books.apply(records);
                }
                (tell.durable)(last);
            }
            Err(error) => {
                stopped.blow(&error.to_string());
                (tell.failed)(error.to_string());
            }
        });
        self.journal.append(first, records, durable);
    }
}
