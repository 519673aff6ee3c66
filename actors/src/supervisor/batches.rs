//! Answers on their way: kept until every command of a batch is decided and durable.

use std::collections::VecDeque;

use super::effects::{Asker, Effect, Effects};
use crate::command::{Answered, Outcome};
use crate::ledger::{Position, Refusal};

/// What one command of a batch is answered.
pub(crate) type Answer = Result<Outcome, Refusal>;

/// The answers of a batch, in the order of its commands, and which of them are repetitions: hardly any, so that these are
/// listed apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answers {
    pub(crate) answers: Vec<Answer>,
    /// Places in the batch, in any order.
    replayed: Vec<u32>,
}

impl Answers {
    /// The answer of a batch of one.
    pub(super) fn into_first(self) -> Option<Answered> {
        let answer = self.answers.into_iter().next()?;
        Some(Answered { answer, replayed: !self.replayed.is_empty() })
    }

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

/// The slot of one command's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    batch: Asker,
    index: u32,
}

struct Batch {
    answers: Vec<Option<Answer>>,
    replayed: Vec<u32>,
    open: usize,
}

/// The batches that are not answered yet.
#[derive(Default)]
pub(super) struct Batches {
    /// By the number of the asker.
    open: Vec<Option<Batch>>,
    /// How many of those there are.
    open_count: usize,
    /// Complete batches, in the order of the positions that their answers rest on.
    complete: VecDeque<(Position, Asker, Batch)>,
}

impl Batches {
    /// Begins a batch of `size` commands, which is at least 1.
    pub(super) fn begin(&mut self, from: Asker, size: usize) {
        let at = from.0 as usize;
        if at >= self.open.len() {
            self.open.resize_with(at.saturating_add(1), || None);
        }
        if let Some(entry) = self.open.get_mut(at) {
            *entry = Some(Batch { answers: vec![None; size], replayed: Vec::new(), open: size });
            self.open_count = self.open_count.saturating_add(1);
        }
    }

    pub(super) fn slot(batch: Asker, index: usize) -> Slot {
        Slot { batch, index: u32::try_from(index).unwrap_or(u32::MAX) }
    }

    /// Notes an answer. Once all are there, the batch waits for `end`, the last position queued for the journal: by
    /// then, everything that any of its answers can rest on is durable.
    pub(super) fn answer(&mut self, slot: Slot, answer: Answer, replayed: bool, end: Position) {
        let Some(entry) = self.open.get_mut(slot.batch.0 as usize) else { return };
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
            self.open_count = self.open_count.saturating_sub(1);
            self.complete.push_back((end, slot.batch, batch));
        }
    }

    /// Answers the batches whose answers rest on nothing beyond `durable`.
    pub(super) fn release(&mut self, durable: Position, effects: &mut Effects) {
        while self.complete.front().is_some_and(|(position, ..)| *position <= durable) {
            let Some((_, to, batch)) = self.complete.pop_front() else { break };
            // All are there. This takes the memory as it is, where `flatten` would copy it.
            let answers = batch.answers.into_iter().map_while(|answer| answer).collect();
            effects.push(Effect::Answer { to, answers: Answers { answers, replayed: batch.replayed } });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.complete.is_empty() && self.open_count == 0
    }
}
