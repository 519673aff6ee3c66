//! Which recorded commands a later record had the last word on, as far as the sealed part of the journal does not tell:
//! holds that ended, movements that were reversed.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::id_table::IdTable;
use super::known::MOST_SPARE;
use crate::ledger::{CommandId, HoldEnd, Position};

/// The last word on a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastWord {
    /// The place of the record.
    pub(super) position: Position,
    /// How the hold ended, where that is known without reading the record.
    pub(super) end: Option<HoldEnd>,
}

/// Words that are forgotten together.
#[derive(Default)]
struct Generation {
    words: IdTable<LastWord>,
    /// The position of the last of them.
    through: Position,
}

/// The last words of the journal's unsealed part.
#[derive(Default)]
pub(super) struct Referred {
    /// Oldest first.
    generations: VecDeque<Generation>,
    /// The memory of some that were dropped, for the next ones.
    spare: Vec<IdTable<LastWord>>,
}

impl Referred {
    pub(super) fn get(&self, id: CommandId) -> Option<LastWord> {
        self.generations.iter().rev().find_map(|generation| generation.words.get(id))
    }

    /// Asks for the memory that noting the last word on `id` needs.
    pub(super) fn look_at(&self, id: CommandId) {
        if let Some(newest) = self.generations.back() {
            newest.words.look_at(id);
        }
    }

    /// Notes the word of a record that comes after those of all words before.
    pub(super) fn note(&mut self, id: CommandId, word: LastWord) {
        if self.generations.back().is_none_or(|newest| newest.words.is_full()) {
            let mut words = self.spare.pop().unwrap_or_default();
            words.clear();
            self.generations.push_back(Generation { words, ..Generation::default() });
        }
        if let Some(newest) = self.generations.back_mut() {
            newest.words.insert(id, word);
            newest.through = word.position;
        }
    }

    /// Forgets what the sealed part of the journal, up to `sealed`, tells.
    pub(super) fn forget_through(&mut self, sealed: Position) {
        while self.generations.front().is_some_and(|oldest| oldest.through <= sealed) {
            let oldest = self.generations.pop_front();
            if self.spare.len() < MOST_SPARE {
                self.spare.extend(oldest.map(|oldest| oldest.words));
            }
        }
    }
}

/// Readers that asked for a last word which is not durable yet. A reader that took the one before it for the last would
/// show more of a movement as reversible than there is.
#[derive(Default)]
pub(super) struct Unproven {
    waiting: Vec<(Position, oneshot::Sender<Option<Position>>)>,
}

impl Unproven {
    /// Answers with the position once everything through it is durable.
    pub(super) fn answer(
        &mut self,
        word: Option<Position>,
        durable: Position,
        reply: oneshot::Sender<Option<Position>>,
    ) {
        match word {
            Some(position) if position > durable => self.waiting.push((position, reply)),
            // Whoever asked may have gone away.
            proven => {
                let _ = reply.send(proven);
            }
        }
    }

    /// Everything through `durable` is durable.
    pub(super) fn release(&mut self, durable: Position) {
        for (position, reply) in self.waiting.extract_if(.., |(position, _)| *position <= durable) {
            let _ = reply.send(Some(position));
        }
    }

    /// The bank stopped: nobody is answered.
    pub(super) fn abandon(&mut self) {
        self.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_until_it_is_sealed_and_the_newest_counts() {
        let id = CommandId::derived(b"original");
        let word = |position| LastWord { position: Position::new(position), end: None };
        let mut referred = Referred::default();
        referred.note(id, word(3));
        referred.note(id, word(5));
        referred.forget_through(Position::new(4));
        assert_eq!(referred.get(id), Some(word(5)));
        referred.forget_through(Position::new(5));
        assert_eq!(referred.get(id), None);
    }

    #[test]
    fn a_reader_hears_of_a_word_when_it_is_durable_and_of_none_at_once() {
        let at = Position::new;
        let mut unproven = Unproven::default();
        let mut ask = |word: Option<Position>| {
            let (reply, answer) = oneshot::channel();
            unproven.answer(word, at(4), reply);
            answer
        };
        let (mut none, mut durable, mut late, mut later) =
            (ask(None), ask(Some(at(4))), ask(Some(at(5))), ask(Some(at(7))));
        assert_eq!(none.try_recv(), Ok(None));
        assert_eq!(durable.try_recv(), Ok(Some(at(4))));
        assert!(late.try_recv().is_err(), "a power cut could take it back");
        unproven.release(at(6));
        assert_eq!(late.try_recv(), Ok(Some(at(5))));
        unproven.abandon();
        assert!(later.try_recv().is_err(), "a bank that stopped answers nobody");
    }
}
