//! Answers on their way: kept until every command of a batch is decided and durable.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use crate::command::{Answered, Outcome};
use crate::error::BankError;
use crate::ledger::{Position, Refusal};

/// What one command of a batch is answered.
pub(crate) type Answer = Result<Outcome, Refusal>;

/// Where the answers of a batch go.
pub(crate) enum ReplyTo {
    /// A batch of one.
    One(oneshot::Sender<Result<Answered, BankError>>),
    /// A batch, answered in order.
    Many(oneshot::Sender<Result<Answers, BankError>>),
}

/// The answers of a batch, in the order of its commands, and which of them are repetitions: hardly any, so that these are
/// listed apart.
#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) answers: Vec<Answer>,
    /// Places in the batch, in any order.
    replayed: Vec<u32>,
}

impl Answers {
    /// Each answer with whether it is a repetition.
    pub(crate) fn into_answered(self) -> Vec<Answered> {
        let answered = |answer| Answered { answer, replayed: false };
        let mut all: Vec<Answered> = self.answers.into_iter().map(answered).collect();
        for place in self.replayed {
            if let Some(answered) = all.get_mut(place as usize) {
                answered.replayed = true;
            }
        }
        all
    }
}

impl ReplyTo {
    /// Says why nothing of the batch was looked at.
    pub(super) fn turn_away(self, error: BankError) {
        // A caller that gave up has dropped its end.
        match self {
            ReplyTo::One(reply) => drop(reply.send(Err(error))),
            ReplyTo::Many(reply) => drop(reply.send(Err(error))),
        }
    }
}

/// The place of one command's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    batch: u32,
    index: u32,
}

struct Batch {
    reply: ReplyTo,
    answers: Vec<Option<Answer>>,
    replayed: Vec<u32>,
    open: usize,
}

/// The batches that are not answered yet.
#[derive(Default)]
pub(super) struct Batches {
    open: Vec<Option<Batch>>,
    free: Vec<u32>,
    /// Complete batches, in the order of the positions that their answers rest on.
    complete: VecDeque<(Position, Batch)>,
}

impl Batches {
    /// Begins a batch of `size` commands, which is at least 1.
    pub(super) fn begin(&mut self, size: usize, reply: ReplyTo) -> u32 {
        let batch = Some(Batch { reply, answers: vec![None; size], replayed: Vec::new(), open: size });
        if let Some(place) = self.free.pop() {
            if let Some(entry) = self.open.get_mut(place as usize) {
                *entry = batch;
            }
            return place;
        }
        self.open.push(batch);
        u32::try_from(self.open.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    pub(super) fn slot(batch: u32, index: usize) -> Slot {
        Slot { batch, index: u32::try_from(index).unwrap_or(u32::MAX) }
    }

    /// Notes an answer. Once all are there, the batch waits for `end`, the last position queued for the journal: by
    /// then, everything that any of its answers can rest on is durable.
    pub(super) fn answer(&mut self, slot: Slot, answer: Answer, replayed: bool, end: Position) {
        let Some(entry) = self.open.get_mut(slot.batch as usize) else { return };
        let Some(batch) = entry.as_mut() else { return };
        if let Some(place) = batch.answers.get_mut(slot.index as usize) {
            *place = Some(answer);
        }
        if replayed {
            batch.replayed.push(slot.index);
        }
        batch.open = batch.open.saturating_sub(1);
        if batch.open == 0
            && let Some(batch) = entry.take()
        {
            self.free.push(slot.batch);
            self.complete.push_back((end, batch));
        }
    }

    /// Sends the answers that rest on nothing beyond `durable`; tells how many commands were answered.
    pub(super) fn release(&mut self, durable: Position) -> usize {
        let mut answered = 0usize;
        while self.complete.front().is_some_and(|(position, _)| *position <= durable) {
            let Some((_, batch)) = self.complete.pop_front() else { break };
            answered = answered.saturating_add(batch.answers.len());
            // A caller that gave up has dropped its end; the outcome stands all the same.
            match batch.reply {
                ReplyTo::One(reply) => {
                    if let Some(answer) = batch.answers.into_iter().flatten().next() {
                        let _ = reply.send(Ok(Answered { answer, replayed: !batch.replayed.is_empty() }));
                    }
                }
                ReplyTo::Many(reply) => {
                    // All are there. This takes the memory as it is, where `flatten` would copy it.
                    let answers = batch.answers.into_iter().map_while(|answer| answer).collect();
                    let _ = reply.send(Ok(Answers { answers, replayed: batch.replayed }));
                }
            }
        }
        answered
    }

    /// Drops every batch unanswered: their callers are told that the bank stopped.
    pub(super) fn abandon(&mut self) {
        self.open.clear();
        self.free.clear();
        self.complete.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.complete.is_empty() && self.open.len() == self.free.len()
    }
}
