//! What clients remember, as a program would in its own file: it survives crashes.

use std::collections::BTreeMap;

use jangbu_actors::command::{Command, InvalidCommand, Outcome};
use jangbu_actors::ledger::{AccountNumber, CommandId, Position, Refusal};

/// The bank's answer to a command.
pub(crate) type Answer = Result<Outcome, Refusal>;

/// All commands and answers.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Every command that was sent, in order. It is noted before it is sent.
    pub(crate) asked: Vec<Command>,
    /// The bank's answers.
    pub(crate) told: BTreeMap<CommandId, Answer>,
    /// The number of answered commands of each client's plan.
    pub(crate) done: BTreeMap<usize, usize>,
    /// The highest position and version of each account that was shown to anybody.
    pub(crate) seen: BTreeMap<AccountNumber, (Position, u64)>,
    /// Malformed commands, with the error and the limit that each exceeded.
    pub(crate) malformed: Vec<(Command, InvalidCommand, &'static str)>,
    /// How often an id was reused for a different command.
    pub(crate) reused: u32,
    /// The highest position that the bank reported as durable.
    pub(crate) durable: Position,
}

impl Notes {
    /// Notes an answer, which must equal an earlier one.
    pub(crate) fn note(&mut self, id: CommandId, answer: Answer) {
        let before = self.told.insert(id, answer.clone());
        if let Some(before) = before {
            assert_eq!(before, answer, "the id {id} was answered otherwise before");
        }
    }

    /// Returns commands of a kind that were not refused.
    pub(crate) fn accepted(&self, kind: impl Fn(&Command) -> bool) -> Vec<Command> {
        let is_accepted = |command: &&Command| self.told.get(&command.id()).is_some_and(Result::is_ok);
        self.asked.iter().filter(|command| kind(command)).filter(is_accepted).cloned().collect()
    }

    /// Returns commands that were sent and may or may not have happened.
    pub(crate) fn open(&self) -> Vec<Command> {
        self.asked.iter().filter(|command| !self.told.contains_key(&command.id())).cloned().collect()
    }
}
