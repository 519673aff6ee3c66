//! How a bank is closed, whatever it runs on.

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

/// Whom to tell, in which order, that the bank closes.
pub(crate) struct Ending {
    pub(crate) supervisor: Addr<Supervisor>,
    pub(crate) journal: Sender<ToJournal>,
    pub(crate) books: BooksHandle,
    pub(crate) hub: Arc<Hub>,
    pub(crate) fuse: Arc<Fuse>,
}

impl Ending {
    /// Waits until nothing is in flight, closes the journal, with `checkpoint` stores the state, and ends the books.
    ///
    /// Whatever was acknowledged is durable before any of this.
    pub(crate) async fn finish(self, checkpoint: bool) -> Result<(), BankError> {
        let (drained, waiting) = oneshot::channel();
        self.supervisor.do_send(Drain(drained));
        // An error means that the bank stopped, and then there is nothing to wait for.
        let _ = waiting.await;
        let (closed, closing) = oneshot::channel();
        let _ = self.journal.send(ToJournal::Close(closed));
        let result = match closing.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(BankError::Failed(error.to_string())),
            Err(_) => Err(BankError::Failed("the journal's thread has ended".into())),
        };
        // Before the books end: who follows gets what is durable, as far as it has kept up.
        self.hub.close();
        if checkpoint && result.is_ok() {
            // The state can be rebuilt: without a checkpoint the next open takes longer, and that is all.
            let _ = self.books.checkpoint().await;
        }
        self.books.stop();
        match self.fuse.error() {
            Some(error) => Err(error),
            None => result,
        }
    }
}
