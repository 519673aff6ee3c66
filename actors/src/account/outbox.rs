//! How accounts answer: a queue per worker that the supervisor empties in one go.
//!
//! One wake-up of the supervisor serves thousands of answers; a mailbox message for each would cost more than the
//! decision that it carries.

use std::sync::Arc;

use actix::{Message, Recipient};
use parking_lot::Mutex;

use super::Reply;

/// Tells the supervisor that an outbox has answers in it.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Collect {
    /// Which worker's outbox.
    pub(crate) worker: usize,
}

/// The answers of one worker's accounts, in the order in which they were given.
#[derive(Clone)]
pub(crate) struct Outbox {
    worker: usize,
    replies: Arc<Mutex<Vec<Reply>>>,
    supervisor: Recipient<Collect>,
}

impl Outbox {
    pub(crate) fn new(worker: usize, supervisor: Recipient<Collect>) -> Outbox {
        Outbox { worker, replies: Arc::default(), supervisor }
    }

    /// Adds an answer; the first one wakes the supervisor.
    pub(crate) fn push(&self, reply: Reply) {
        let mut replies = self.replies.lock();
        let first = replies.is_empty();
        replies.push(reply);
        drop(replies);
        if first {
            self.supervisor.do_send(Collect { worker: self.worker });
        }
    }

    /// Exchanges the answers for an empty list, whose memory is used for the next ones.
    pub(crate) fn swap(&self, emptied: &mut Vec<Reply>) {
        std::mem::swap(&mut *self.replies.lock(), emptied);
    }
}
