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
pub(crate) struct Outbox(Arc<Shared>);

/// What the worker fills and the supervisor empties.
struct Shared {
    worker: usize,
    replies: Mutex<Vec<Reply>>,
    supervisor: Recipient<Collect>,
}

impl Outbox {
    pub(crate) fn new(worker: usize, supervisor: Recipient<Collect>) -> Outbox {
        Outbox(Arc::new(Shared { worker, replies: Mutex::default(), supervisor }))
    }

    /// Adds answers, and wakes the supervisor where there were none.
    pub(crate) fn add(&self, answers: &mut Vec<Reply>) {
        if answers.is_empty() {
            return;
        }
        let Shared { worker, replies, supervisor } = &*self.0;
        let mut replies = replies.lock();
        if replies.is_empty() {
            std::mem::swap(&mut *replies, answers);
            drop(replies);
            supervisor.do_send(Collect { worker: *worker });
        } else {
            replies.append(answers);
        }
    }

    /// Exchanges the answers for an empty list, whose memory is used for the next ones.
    pub(crate) fn swap(&self, emptied: &mut Vec<Reply>) {
        std::mem::swap(&mut *self.0.replies.lock(), emptied);
    }
}
