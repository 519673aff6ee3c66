//! Reversals: the original is looked up, what was reversed of it before is counted, and its accounts are locked.
//!
//! Reversals of one original take turns, whatever their accounts ([`turns`](super::turns)): nothing that is counted can
//! change before the reversal is recorded, and so the accounts are not locked while records are read.

use std::sync::Arc;

use crate::account::Ticket;
use crate::command::Command;
use crate::ledger::{
    AccountId, AccountNumber, Amount, CommandId, Counted, Original, Position, PostingKind, Record, Refusal,
};

use super::admission::Purpose;
use super::flights::Stage;
use super::groups::{Group, Undoing};
use super::known::Mark;
use super::plans::{Action, Planned};
use super::{Named, Supervisor};

/// What is to be reversed, and what was before.
#[derive(Clone, Debug)]
pub(super) struct Reversing {
    pub(super) original: Original,
    /// What was reversed of it before, once that is counted.
    pub(super) reversed: Amount,
    /// The place of the last reversal before; 0 when there is none.
    pub(super) previous: Position,
}

impl Supervisor {
    /// Begins a reversal, or the repair of some, as soon as its turn has come.
    pub(super) fn begin_reversal(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Some(undone) = undone(&flight.command) else { return };
        if matches!(&flight.command, Command::Reverse(reverse) if reverse.amount == Some(Amount::ZERO)) {
            return self.refuse(ticket, Refusal::AmountZero);
        }
        if self.turns.take(undone, ticket) {
            self.seek_original(ticket, undone.0);
        }
    }

    /// A command that had its turn, or waited for it, is decided: the next one's turn comes.
    ///
    /// What is refused at once lets the one after it begin. They begin one after the other and not from within each
    /// other, as a crowd of them would exhaust the stack.
    pub(super) fn end_turn(&mut self, undone: (CommandId, u8), ticket: Ticket) {
        self.turns.end(undone, ticket);
        if self.turns.begin_serving() {
            while let Some(next) = self.turns.next() {
                self.start(next);
            }
        }
    }

    /// Looks the original up.
    fn seek_original(&mut self, ticket: Ticket, original: CommandId) {
        match self.known.get(original) {
            Some(Mark::InFlight(first)) if self.is_in_flight(first, may_be_reversed) => {
                self.followers.entry(original).or_default().push(ticket);
            }
            Some(Mark::Recorded(position)) => self.fetch(ticket, position, Purpose::Original),
            _ if self.reader.may_contain(original) => {
                if let Some(flight) = self.flights.get_mut(ticket) {
                    flight.stage = Stage::Seeking(Purpose::Original);
                }
                let reader = Arc::clone(&self.reader);
                self.look_up(ticket, move || match reader.find(original)? {
                    Some(position) => reader.read(position).map(Some),
                    None => Ok(None),
                });
            }
            _ => self.refuse(ticket, Refusal::NotReversible { original }),
        }
    }

    /// The original's record is here, or there is none.
    pub(super) fn original_found(&mut self, ticket: Ticket, record: Option<&Record>) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Some((id, step)) = undone(&flight.command) else { return };
        let Some(original) = record.and_then(|record| Original::of(record, id, step)) else {
            return self.refuse(ticket, Refusal::NotReversible { original: id });
        };
        if matches!(flight.command, Command::RepairReversals(_)) {
            return self.seek_reversals_to_repair(ticket, original);
        }
        let reversing = Reversing { original, reversed: Amount::ZERO, previous: Position::START };
        self.groups.insert(ticket, Group::undoing(Undoing::Reversal(reversing)));
        self.count_reversals(ticket, id);
    }

    /// Looks for the last reversal of the original.
    fn count_reversals(&mut self, ticket: Ticket, id: CommandId) {
        if let Some(word) = self.referred.get(id) {
            return self.fetch(ticket, word.position, Purpose::Reversals);
        }
        if !self.reader.may_refer(id) {
            return self.reversals_counted(ticket, Amount::ZERO);
        }
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.stage = Stage::Seeking(Purpose::Reversals);
        }
        let reader = Arc::clone(&self.reader);
        self.look_up(ticket, move || match reader.find_reference(id)? {
            Some(position) => reader.read(position).map(Some),
            None => Ok(None),
        });
    }

    /// A reversal of the original is here: the last one, or one before it when that was of another step.
    pub(super) fn reversal_found(&mut self, ticket: Ticket, record: Option<&Record>) {
        let Some(reversing) = self.groups.get_mut(&ticket).and_then(Group::reversing_mut) else { return };
        let Some(record) = record else { return self.reversals_counted(ticket, Amount::ZERO) };
        if reversing.previous == Position::START {
            reversing.previous = record.position;
        }
        match record.body.reversed_of(reversing.original.step) {
            Counted::InAll(reversed) => self.reversals_counted(ticket, reversed),
            Counted::Before(previous) => self.fetch(ticket, previous, Purpose::Reversals),
        }
    }

    /// It is known what was reversed before: the accounts of the way back are found.
    fn reversals_counted(&mut self, ticket: Ticket, reversed: Amount) {
        let (asked, details) = match self.flights.get(ticket).map(|flight| &flight.command) {
            Some(Command::Reverse(reverse)) => (reverse.amount, reverse.details.clone()),
            _ => return,
        };
        let Some(group) = self.groups.get_mut(&ticket) else { return };
        let Some(reversing) = group.reversing_mut() else { return };
        reversing.reversed = reversed;
        let (whole, (sender, receiver)) = (reversing.original.amount, reversing.original.parties);
        let left = whole.saturating_sub(reversed);
        let amount = asked.unwrap_or(if left.is_zero() { whole } else { left });
        if amount > left {
            return self.abandon_group(ticket, Refusal::ReversalTooLarge { left, requested: amount });
        }
        let details = details.filter(|details| !details.is_empty());
        self.move_between(
            ticket,
            [receiver, sender],
            Action::Move { kind: PostingKind::Reversal, amount, at_most: false, most_fee: None, details },
        );
    }

    /// Makes one action between two accounts, whose numbers the books know, the step of the group of `ticket`.
    pub(super) fn move_between(&mut self, ticket: Ticket, accounts: [AccountId; 2], action: Action) {
        let Some(group) = self.groups.get_mut(&ticket) else { return };
        group.unplanned = Some(action);
        let supervisor = self.address.clone();
        let named = move |numbers| supervisor.do_send(Named { ticket, numbers });
        self.books.ask(move |books| books.numbers_of(&accounts), named);
    }

    /// The accounts have numbers: they are locked.
    pub(super) fn named(&mut self, ticket: Ticket, numbers: &[Option<AccountNumber>]) {
        let Some(mut group) = self.groups.remove(&ticket) else { return };
        let ([Some(from), Some(to)], Some(action)) = (numbers, group.unplanned.take()) else {
            return self.broken("a recorded movement has no accounts");
        };
        group.steps = vec![Planned { from: *from, to: *to, action }];
        self.lock_accounts(ticket, group);
    }
}

/// Which movement of which original a command undoes or puts right.
pub(super) fn undone(command: &Command) -> Option<(CommandId, u8)> {
    match command {
        Command::Reverse(reverse) => Some((reverse.original, reverse.step)),
        Command::RepairReversals(repair) => Some((repair.original, repair.step)),
        _ => None,
    }
}

/// Whether a command can lead to a movement that can be reversed. None of these waits for one that waits for a reversal.
const fn may_be_reversed(command: &Command) -> bool {
    matches!(command, Command::Transfer(_) | Command::Sweep(_) | Command::SettleHold(_) | Command::Linked(_))
}
