//! The sequence in which a bank closes, whatever it runs on.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use actix::Addr;
use tokio::sync::oneshot;

use crate::books::BooksHandle;
use crate::events::Hub;
use crate::journal_writer::ToJournal;
use crate::supervisor::{Drain, Supervisor};
use jangbu_runtime::BankError;
use jangbu_runtime::Fuse;

/// The parts of the engine that must be informed, in order, that the bank closes.
pub struct Ending {
    /// The supervisor, which ends first.
    pub supervisor: Addr<Supervisor>,
    /// The thread of the journal.
    pub journal: Sender<ToJournal>,
    /// The books.
    pub books: BooksHandle,
    /// The source of events.
    pub hub: Arc<Hub>,
    /// Blown if the bank stopped.
    pub fuse: Arc<Fuse>,
}

impl Ending {
    /// Waits until nothing is in flight, closes the journal, stores the state if `checkpoint` is set, and ends the
    /// books.
    ///
    /// Whatever was acknowledged is already durable.
    pub async fn finish(self, checkpoint: bool) -> Result<(), BankError> {
        let (drained, waiting) = oneshot::channel();
        self.supervisor.do_send(Drain(drained));
        // An error means that the bank stopped. Then there is nothing to wait for.
        let _ = waiting.await;
        let (closed, closing) = oneshot::channel();
        let _ = self.journal.send(ToJournal::Close(closed));
        let result = match closing.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(BankError::Failed(error.to_string())),
            Err(_) => Err(BankError::Failed("the journal's thread has ended".into())),
        };
        // Before the books end, so that subscribers get what is durable, as far as they have kept up.
        self.hub.close();
        if checkpoint && result.is_ok() {
            // The state can be rebuilt: without a checkpoint, only the next open takes longer.
            let _ = self.books.checkpoint().await;
        }
        self.books.stop();
        match self.fuse.error() {
            Some(error) => Err(error),
            None => result,
        }
    }
}
