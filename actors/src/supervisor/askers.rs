//! Who waits outside for an answer, by the numbers that the core knows them by.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::oneshot;

use super::batches::Answers;
use super::effects::Asker;
use crate::clock::ClockState;
use crate::command::Answered;
use crate::error::BankError;
use crate::ledger::Position;

/// Where the answers of a batch go.
pub(crate) enum ReplyTo {
    /// A batch of one.
    One(oneshot::Sender<Result<Answered, BankError>>),
    /// A batch, answered in order.
    Many(oneshot::Sender<Result<Answers, BankError>>),
}

impl ReplyTo {
    /// Says why nothing of the batch was decided. A caller that gave up has dropped its end.
    fn turn_away(self, error: BankError) {
        match self {
            ReplyTo::One(reply) => drop(reply.send(Err(error))),
            ReplyTo::Many(reply) => drop(reply.send(Err(error))),
        }
    }

    /// Sends the answers. A caller that gave up has dropped its end; the outcome stands all the same.
    fn answer(self, answers: Answers) {
        match self {
            ReplyTo::One(reply) => {
                if let Some(answer) = answers.into_first() {
                    drop(reply.send(Ok(answer)));
                }
            }
            ReplyTo::Many(reply) => drop(reply.send(Ok(answers))),
        }
    }
}

/// The number of a batch whose beginning was turned away: nothing of it is decided. No asker has that number, as there are
/// never so many.
const TURNED_AWAY: u32 = u32::MAX;

/// Somebody who waits.
pub(super) enum Waiting {
    Batch {
        reply: ReplyTo,
        /// Where the parts of the batch that follow find its number.
        number: Option<Arc<AtomicU32>>,
    },
    Due(oneshot::Sender<Result<(), BankError>>),
    Reference(oneshot::Sender<Option<Position>>),
    Clock(oneshot::Sender<Result<ClockState, BankError>>),
}

/// Everybody who waits. Numbers are used again once they are answered.
#[derive(Default)]
pub(super) struct Askers {
    waiting: Vec<Option<Waiting>>,
    free: Vec<u32>,
}

impl Askers {
    /// Gives somebody who waits a number.
    pub(super) fn add(&mut self, waiting: Waiting) -> Asker {
        let number = self.free.pop().unwrap_or_else(|| {
            self.waiting.push(None);
            // Admission keeps their number far below 2^32.
            u32::try_from(self.waiting.len().saturating_sub(1)).unwrap_or(u32::MAX)
        });
        if let Waiting::Batch { number: Some(place), .. } = &waiting {
            // Read again on this thread only, for what follows.
            place.store(number, Ordering::Relaxed);
        }
        if let Some(entry) = self.waiting.get_mut(number as usize) {
            *entry = Some(waiting);
        }
        Asker(number)
    }

    /// The asker of a batch of which more comes; `None` when its beginning was turned away.
    pub(super) fn of_batch(number: &AtomicU32) -> Option<Asker> {
        Some(number.load(Ordering::Relaxed)).filter(|number| *number != TURNED_AWAY).map(Asker)
    }

    fn take(&mut self, Asker(number): Asker) -> Option<Waiting> {
        let waiting = self.waiting.get_mut(number as usize)?.take()?;
        self.free.push(number);
        Some(waiting)
    }

    pub(super) fn answer(&mut self, to: Asker, answers: Answers) {
        if let Some(Waiting::Batch { reply, .. }) = self.take(to) {
            reply.answer(answers);
        }
    }

    pub(super) fn turn_away(&mut self, to: Asker, error: BankError) {
        if let Some(Waiting::Batch { reply, number }) = self.take(to) {
            if let Some(number) = number {
                number.store(TURNED_AWAY, Ordering::Relaxed);
            }
            reply.turn_away(error);
        }
    }

    pub(super) fn answer_due(&mut self, to: Asker, ran: Result<(), BankError>) {
        if let Some(Waiting::Due(reply)) = self.take(to) {
            drop(reply.send(ran));
        }
    }

    pub(super) fn answer_reference(&mut self, to: Asker, position: Option<Position>) {
        if let Some(Waiting::Reference(reply)) = self.take(to) {
            let _ = reply.send(position);
        }
    }

    pub(super) fn answer_clock(&mut self, to: Asker, state: Result<ClockState, BankError>) {
        if let Some(Waiting::Clock(reply)) = self.take(to) {
            drop(reply.send(state));
        }
    }

    /// Leaves everybody unanswered: the bank stopped.
    pub(super) fn abandon(&mut self) {
        *self = Askers::default();
    }
}
