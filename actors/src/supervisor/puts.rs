//! Application records: those of one key are written in the order in which they came, and compared with what came before;
//! those of different keys do not wait for each other.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::account::Ticket;
use crate::books::RecordKey;
use crate::command::Command;
use crate::ledger::{Body, Position, Refusal};
use crate::plant::{Bug, is_planted};

use super::core::Core;
use super::effects::Effect;
use super::flights::Stage;

/// Who waits to write one record, and what was written of it lately.
#[derive(Default)]
struct Line {
    /// The commands that write it and are not decided yet, in order.
    waiting: VecDeque<Ticket>,
    /// Where it was written last, as long as that is not durable.
    last: Position,
}

/// The lines of all records that somebody writes, or wrote a moment ago.
///
/// A command stands in the lines of all its keys from the moment at which it comes in, and has its turn when it is the
/// first in each of them. As it joins them all at once, no two commands wait for each other.
#[derive(Default)]
pub(super) struct Puts {
    lines: FxHashMap<RecordKey, Line>,
    /// What was written and is not known to be durable, in the order of the journal.
    written: VecDeque<(Position, Vec<RecordKey>)>,
}

impl Puts {
    /// Puts a command into the lines of its keys, unless it is there already.
    fn join(&mut self, ticket: Ticket, keys: &[RecordKey]) {
        for key in keys {
            let waiting = &mut self.lines.entry(key.clone()).or_default().waiting;
            if !waiting.contains(&ticket) {
                waiting.push_back(ticket);
            }
        }
    }

    fn is_first(&self, ticket: Ticket, keys: &[RecordKey]) -> bool {
        keys.iter().all(|key| self.lines.get(key).is_some_and(|line| line.waiting.front() == Some(&ticket)))
    }

    /// Whether everything that was written of these before is durable, and so known to the books.
    fn are_known(&self, keys: &[RecordKey], durable: Position) -> bool {
        is_planted(Bug::PutOverlooksQueued)
            || keys.iter().all(|key| self.lines.get(key).is_none_or(|line| line.last <= durable))
    }

    /// Takes a command out of the lines of its keys. Returns those whose turn may have come.
    fn leave(&mut self, ticket: Ticket, keys: &[RecordKey], durable: Position) -> Vec<Ticket> {
        let mut next = Vec::new();
        for key in keys {
            let Some(line) = self.lines.get_mut(key) else { continue };
            line.waiting.retain(|waiting| *waiting != ticket);
            next.extend(line.waiting.front());
            if line.waiting.is_empty() && line.last <= durable {
                self.lines.remove(key);
            }
        }
        next
    }

    fn wrote(&mut self, keys: Vec<RecordKey>, position: Position) {
        for key in &keys {
            self.lines.entry(key.clone()).or_default().last = position;
        }
        self.written.push_back((position, keys));
    }

    /// Everything through `durable` is known to the books. Returns the commands that may have waited for that.
    fn forget_through(&mut self, durable: Position) -> Vec<Ticket> {
        let mut next = Vec::new();
        while let Some((_, keys)) = self.written.pop_front_if(|(position, _)| *position <= durable) {
            for key in keys {
                let Some(line) = self.lines.get(&key).filter(|line| line.last <= durable) else { continue };
                match line.waiting.front() {
                    Some(first) => next.push(*first),
                    None => drop(self.lines.remove(&key)),
                }
            }
        }
        next
    }
}

impl Core {
    /// Begins to write application records.
    pub(super) fn put(&mut self, ticket: Ticket) {
        let Some(keys) = self.keys_of(ticket) else { return };
        self.puts.join(ticket, &keys);
        self.advance_puts(vec![ticket]);
    }

    /// Puts a command that is looked up into the lines of its keys.
    pub(super) fn join_puts(&mut self, ticket: Ticket) {
        let Some(keys) = self.keys_of(ticket) else { return };
        self.puts.join(ticket, &keys);
    }

    /// A command turns out to be a repetition: it writes nothing.
    pub(super) fn leave_puts(&mut self, ticket: Ticket) {
        let Some(keys) = self.keys_of(ticket) else { return };
        let next = self.puts.leave(ticket, &keys, self.appender.durable());
        self.advance_puts(next);
    }

    /// Everything through `durable` is known to the books: what waited for that is compared.
    pub(super) fn compare_durable_puts(&mut self) {
        let next = self.puts.forget_through(self.appender.durable());
        self.advance_puts(next);
    }

    /// The versions of the records that a command wants to write are known. It is the first in their lines, so that they are
    /// still the same.
    pub(super) fn compared(&mut self, ticket: Ticket, found: &[Position]) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Command::PutRecords { puts, .. } = &flight.command else { return };
        let conflict = puts.iter().zip(found).find(|(put, found)| put.expected.is_some_and(|wanted| wanted != **found));
        let next = match conflict.map(|(_, found)| *found) {
            None => self.write_records(ticket),
            Some(found) => {
                let keys = self.keys_of(ticket).unwrap_or_default();
                self.refuse(ticket, Refusal::RecordConflict { found });
                self.puts.leave(ticket, &keys, self.appender.durable())
            }
        };
        self.advance_puts(next);
    }

    /// Continues commands whose turn may have come, and those whose turn comes as a result.
    fn advance_puts(&mut self, mut next: Vec<Ticket>) {
        while let Some(ticket) = next.pop() {
            let Some(keys) = self.keys_of(ticket) else { continue };
            if !self.puts.is_first(ticket, &keys) {
                continue;
            }
            let Some(flight) = self.flights.get_mut(ticket).filter(|flight| flight.stage != Stage::LookingUp) else {
                continue;
            };
            let Command::PutRecords { puts, .. } = &flight.command else { continue };
            if puts.iter().all(|put| put.expected.is_none()) {
                next.extend(self.write_records(ticket));
            } else if flight.stage == Stage::Admitted && self.puts.are_known(&keys, self.appender.durable()) {
                flight.stage = Stage::Comparing;
                self.effects.push(Effect::Compare { ticket, keys });
            }
        }
    }

    fn keys_of(&self, ticket: Ticket) -> Option<Vec<RecordKey>> {
        match &self.flights.get(ticket)?.command {
            Command::PutRecords { puts, .. } => Some(puts.iter().map(RecordKey::of).collect()),
            _ => None,
        }
    }

    /// Writes what the first in the lines of its keys wants to write. Returns those whose turn may have come.
    fn write_records(&mut self, ticket: Ticket) -> Vec<Ticket> {
        let Some(keys) = self.keys_of(ticket) else { return Vec::new() };
        let puts = match self.flights.get(ticket).map(|flight| &flight.command) {
            Some(Command::PutRecords { puts, .. }) => puts.clone(),
            _ => return Vec::new(),
        };
        let next = self.puts.leave(ticket, &keys, self.appender.durable());
        self.puts.wrote(keys, self.appender.next());
        self.record(ticket, Body::RecordsPut(puts));
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(place: u32) -> Ticket {
        Ticket { place, generation: 0 }
    }

    fn keys(names: &[&str]) -> Vec<RecordKey> {
        names.iter().map(|name| RecordKey::new("note", name)).collect()
    }

    #[test]
    fn a_command_has_its_turn_when_it_is_the_first_for_each_of_its_keys() {
        let mut puts = Puts::default();
        let (one, two, three, other) = (keys(&["a", "b"]), keys(&["b", "c"]), keys(&["c"]), keys(&["d"]));
        let all = [(1, &one), (2, &two), (3, &three), (4, &other)];
        for (place, keys) in all {
            puts.join(ticket(place), keys);
        }
        let turns = |puts: &Puts| {
            let has_turn = |(place, keys): &(u32, &Vec<RecordKey>)| puts.is_first(ticket(*place), keys);
            all.into_iter().filter(has_turn).map(|(place, _)| place).collect::<Vec<_>>()
        };
        assert_eq!(turns(&puts), [1, 4], "of the same keys, the first; of other keys, at once");
        assert_eq!(puts.leave(ticket(1), &one, Position::START), [ticket(2)]);
        assert_eq!(turns(&puts), [2, 4]);
        assert_eq!(puts.leave(ticket(2), &two, Position::START), [ticket(3)]);
        assert_eq!(turns(&puts), [3, 4]);
    }

    #[test]
    fn what_was_written_is_known_once_it_is_durable_and_then_takes_no_room() {
        let mut puts = Puts::default();
        let (a, b) = (keys(&["a"]), keys(&["b"]));
        puts.join(ticket(1), &a);
        puts.leave(ticket(1), &a, Position::START);
        puts.wrote(a.clone(), Position::new(7));
        puts.join(ticket(2), &a);
        puts.join(ticket(3), &b);
        assert!(!puts.are_known(&a, Position::new(6)) && puts.are_known(&b, Position::new(6)));
        assert_eq!(puts.forget_through(Position::new(6)), []);
        assert_eq!(puts.forget_through(Position::new(7)), [ticket(2)], "it may have waited for that");
        assert!(puts.are_known(&a, Position::new(7)));
        puts.leave(ticket(2), &a, Position::new(7));
        puts.leave(ticket(3), &b, Position::new(7));
        assert!(puts.lines.is_empty() && puts.written.is_empty());
    }
}
