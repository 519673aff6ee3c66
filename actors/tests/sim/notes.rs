//! What clients remember, as a program would in a file of its own: it survives crashes.

use std::collections::BTreeMap;

use jangbu_actors::command::{Command, InvalidCommand, Outcome};
use jangbu_actors::ledger::{AccountNumber, CommandId, Position, Refusal};

/// What the bank says to a command.
pub(crate) type Answer = Result<Outcome, Refusal>;

/// Everything that was asked and told.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Every command that was sent, in order; noted before it is sent.
    pub(crate) asked: Vec<Command>,
    /// What the bank answered.
    pub(crate) told: BTreeMap<CommandId, Answer>,
    /// How many commands of its plan each client has had answered.
    pub(crate) done: BTreeMap<usize, usize>,
    /// The highest position and version of each account that anybody was shown.
    pub(crate) seen: BTreeMap<AccountNumber, (Position, u64)>,
    /// What was malformed, with what was said to it, and the limit that it passed.
    pub(crate) malformed: Vec<(Command, InvalidCommand, &'static str)>,
    /// How often an id was used again for something else.
    pub(crate) reused: u32,
    /// The highest position that the bank said to be durable.
    pub(crate) durable: Position,
}

impl Notes {
    /// Notes an answer, which must be what was told before.
    pub(crate) fn note(&mut self, id: CommandId, answer: Answer) {
        let before = self.told.insert(id, answer.clone());
        if let Some(before) = before {
            assert_eq!(before, answer, "the id {id} was answered otherwise before");
        }
    }

    /// Commands of a kind that were not refused.
    pub(crate) fn accepted(&self, kind: impl Fn(&Command) -> bool) -> Vec<Command> {
        let is_accepted = |command: &&Command| self.told.get(&command.id()).is_some_and(Result::is_ok);
        self.asked.iter().filter(|command| kind(command)).filter(is_accepted).cloned().collect()
    }

    /// Commands that were sent and, for all anybody knows, may have happened or not.
    pub(crate) fn open(&self) -> Vec<Command> {
        self.asked.iter().filter(|command| !self.told.contains_key(&command.id())).cloned().collect()
    }
}
