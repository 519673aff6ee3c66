//! Which recorded commands a later record had the last word on, as far as the sealed part of the journal does not tell:
//! holds that ended, movements that were reversed.

use std::collections::VecDeque;

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
}
