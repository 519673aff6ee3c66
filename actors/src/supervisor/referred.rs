//! Which recorded commands a later record had the last word on, as far as the sealed part of the journal does not tell:
//! holds that ended, movements that were reversed.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::ledger::{CommandId, HoldEnd, Position};

/// The last word on a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastWord {
    /// The place of the record.
    pub(super) position: Position,
    /// How the hold ended, where that is known without reading the record.
    pub(super) end: Option<HoldEnd>,
}

/// The last words of the journal's unsealed part.
#[derive(Default)]
pub(super) struct Referred {
    words: FxHashMap<CommandId, LastWord>,
    /// In the order of positions.
    order: VecDeque<(Position, CommandId)>,
}

impl Referred {
    pub(super) fn get(&self, id: CommandId) -> Option<LastWord> {
        self.words.get(&id).copied()
    }

    pub(super) fn note(&mut self, id: CommandId, word: LastWord) {
        self.words.insert(id, word);
        self.order.push_back((word.position, id));
    }

    /// Forgets what the sealed part of the journal, up to `sealed`, tells.
    pub(super) fn forget_through(&mut self, sealed: Position) {
        while let Some((position, id)) = self.order.front().copied().filter(|(position, _)| *position <= sealed) {
            self.order.pop_front();
            if self.words.get(&id).is_some_and(|word| word.position == position) {
                self.words.remove(&id);
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
