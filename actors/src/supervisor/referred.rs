//! Which recorded commands a later record had the last word on, as far as the sealed part of the journal does not tell:
//! holds that ended, movements that were reversed.

use std::collections::VecDeque;

use super::effects::{Asker, Effect, Effects};
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
    pub(super) fn prefetch(&self, id: CommandId) {
        if let Some(newest) = self.generations.back() {
            newest.words.prefetch(id);
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
    waiting: Vec<(Position, Asker)>,
}

impl Unproven {
    /// Answers with the position once everything through it is durable.
    pub(super) fn answer(&mut self, word: Option<Position>, durable: Position, to: Asker, effects: &mut Effects) {
        match word {
            Some(position) if position > durable => self.waiting.push((position, to)),
            position => effects.push(Effect::AnswerReference { to, position }),
        }
    }

    /// Everything through `durable` is durable.
    pub(super) fn release(&mut self, durable: Position, effects: &mut Effects) {
        for (position, to) in self.waiting.extract_if(.., |(position, _)| *position <= durable) {
            effects.push(Effect::AnswerReference { to, position: Some(position) });
        }
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
        let (mut unproven, mut effects, mut list) = (Unproven::default(), Effects::default(), Vec::new());
        let mut answered = |effects: &mut Effects| {
            effects.swap(&mut list);
            let answered = |effect| match effect {
                Effect::AnswerReference { to: Asker(number), position } => (number, position.map(Position::get)),
                other => panic!("{other:?}"),
            };
            list.drain(..).map(answered).collect::<Vec<_>>()
        };
        for (number, word) in [(0, None), (1, Some(4)), (2, Some(5)), (3, Some(7))] {
            unproven.answer(word.map(at), at(4), Asker(number), &mut effects);
        }
        assert_eq!(answered(&mut effects), [(0, None), (1, Some(4))], "a power cut could take the others back");
        unproven.release(at(6), &mut effects);
        assert_eq!(answered(&mut effects), [(2, Some(5))]);
    }
}
