//! Lines for commands about one thing that is not an account: a schedule, a hold, a movement to reverse, or what the bank
//! knows of its types, owners and currencies.
//!
//! Such commands are decided in the order in which they came in. Nothing waits while all of them are new for certain: a line
//! begins with a command whose id has to be looked up first, and ends with the last one behind it. A command that waits in
//! a line waits in no other queue yet, so that no two commands wait for each other.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::account::Ticket;
use crate::command::Command;
use crate::ledger::{CommandId, HoldId};

use super::core::Core;
use super::flights::Stage;
use super::known::Mark;

/// What commands of one line are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Schedule(CommandId),
    Hold(HoldId),
    /// What is reversed or repaired.
    Original(CommandId),
    /// The bank's types, owners and currencies, which are decided upon one after the other.
    Registry,
}

impl Subject {
    fn of(command: &Command) -> Option<Subject> {
        match command {
            Command::ChangeSchedule(change) => Some(Subject::Schedule(change.schedule)),
            Command::SettleHold(settle) => Some(Subject::Hold(settle.hold)),
            Command::VoidHold(void) => Some(Subject::Hold(void.hold)),
            Command::AmendHold(amend) => Some(Subject::Hold(amend.hold)),
            Command::Reverse(reverse) => Some(Subject::Original(reverse.original)),
            Command::RepairReversals(repair) => Some(Subject::Original(repair.original)),
            Command::SetType { .. } | Command::SetOwner { .. } | Command::AddCurrency { .. } => Some(Subject::Registry),
            _ => None,
        }
    }
}

/// All lines, and the commands in them by their ids.
#[derive(Default)]
pub(super) struct Lines {
    lines: FxHashMap<Subject, VecDeque<CommandId>>,
    subjects: FxHashMap<CommandId, Subject>,
    /// The first ones of lines that moved on.
    moved_on: VecDeque<CommandId>,
}

impl Lines {
    fn join(&mut self, subject: Subject, id: CommandId) {
        self.lines.entry(subject).or_default().push_back(id);
        self.subjects.insert(id, subject);
    }

    fn has(&self, subject: Subject) -> bool {
        self.lines.contains_key(&subject)
    }

    /// Whether a command has its turn: it is the first in its line, or in none.
    fn has_turn(&self, id: CommandId) -> bool {
        let line = self.subjects.get(&id).and_then(|subject| self.lines.get(subject));
        line.is_none_or(|line| line.front() == Some(&id))
    }

    /// Takes a command out of its line.
    fn leave(&mut self, id: CommandId) {
        let Some(subject) = self.subjects.remove(&id) else { return };
        let Some(line) = self.lines.get_mut(&subject) else { return };
        let was_first = line.front() == Some(&id);
        line.retain(|waiting| *waiting != id);
        match line.front() {
            Some(next) if was_first => self.moved_on.push_back(*next),
            Some(_) => {}
            None => drop(self.lines.remove(&subject)),
        }
    }
}

impl Core {
    /// Puts a command that is looked up into the line of what it is about.
    pub(super) fn begin_line(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        if let Some(subject) = Subject::of(&flight.command) {
            self.lines.join(subject, flight.command.id());
        }
    }

    /// Puts a new command behind those about the same thing that came before and are not decided. Returns whether it waits.
    pub(super) fn waits_in_line(&mut self, ticket: Ticket) -> bool {
        if self.lines.lines.is_empty() {
            return false;
        }
        let Some(flight) = self.flights.get(ticket) else { return false };
        let Some(subject) = Subject::of(&flight.command).filter(|subject| self.lines.has(*subject)) else {
            return false;
        };
        self.lines.join(subject, flight.command.id());
        true
    }

    /// Starts a command that was looked up and is new, when it is its turn.
    pub(super) fn start_in_turn(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get_mut(ticket) else { return };
        flight.stage = Stage::Admitted;
        if self.lines.has_turn(flight.command.id()) {
            self.start(ticket);
        }
    }

    /// A command is decided, or was before: whoever is next in its line has its turn.
    pub(super) fn leave_line(&mut self, id: CommandId) {
        if !self.lines.lines.is_empty() {
            self.lines.leave(id);
        }
    }

    /// Starts the commands whose turn has come, and those whose turn comes as a result.
    pub(super) fn serve_lines(&mut self) {
        while let Some(id) = self.lines.moved_on.pop_front() {
            let Some(Mark::InFlight(ticket)) = self.known.get(id) else { continue };
            if self.flights.get(ticket).is_some_and(|flight| flight.stage == Stage::Admitted) {
                self.start(ticket);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> CommandId {
        CommandId::derived(text.as_bytes())
    }

    #[test]
    fn commands_about_one_thing_have_their_turns_in_order_and_others_do_not_wait() {
        let mut lines = Lines::default();
        let (one, other) = (Subject::Hold(id("h").into()), Subject::Schedule(id("h")));
        for text in ["a", "b", "c"] {
            lines.join(one, id(text));
        }
        lines.join(other, id("d"));
        let turns = |lines: &Lines| ["a", "b", "c", "d", "e"].map(|text| lines.has_turn(id(text)));
        assert_eq!(turns(&lines), [true, false, false, true, true]);
        lines.leave(id("b"));
        assert!(lines.moved_on.is_empty(), "the first has not gone");
        lines.leave(id("a"));
        assert_eq!(lines.moved_on, [id("c")]);
        assert_eq!(turns(&lines), [true, true, true, true, true]);
        lines.leave(id("c"));
        lines.leave(id("d"));
        lines.leave(id("e"));
        assert!(lines.lines.is_empty() && lines.subjects.is_empty());
    }
}
