//! Reversals: the original is looked up, its accounts are locked, and what was reversed of it before is counted. Every
//! reversal of the original locks the same accounts, so no two of them can count the same.

use std::sync::Arc;

use crate::account::Ticket;
use crate::command::Command;
use crate::ledger::{AccountNumber, Amount, Body, Original, Position, PostingKind, Record, Refusal};

use super::admission::Purpose;
use super::flights::Stage;
use super::groups::Group;
use super::known::Mark;
use super::plans::{Action, Planned};
use super::{Named, Supervisor};

/// What is to be reversed, and what was before.
#[derive(Clone, Debug)]
pub(super) struct Reversing {
    pub(super) original: Original,
    /// What was reversed of it before, once that is counted.
    pub(super) reversed: Option<Amount>,
    /// The place of the last reversal before; 0 when there is none.
    pub(super) previous: Position,
}

impl Supervisor {
    /// Looks the original up.
    pub(super) fn begin_reversal(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let Command::Reverse(reverse) = &flight.command else { return };
        let original = reverse.original;
        if reverse.amount == Some(Amount::ZERO) {
            return self.refuse(ticket, Refusal::AmountZero);
        }
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
        let Command::Reverse(reverse) = &flight.command else { return };
        let (id, step) = (reverse.original, reverse.step);
        let Some(original) = record.and_then(|record| Original::of(record, id, step)) else {
            return self.refuse(ticket, Refusal::NotReversible { original: id });
        };
        let parties = vec![original.parties.0, original.parties.1];
        self.groups.insert(ticket, Group::reversing(Reversing { original, reversed: None, previous: Position::START }));
        let supervisor = self.address.clone();
        let named = move |numbers| supervisor.do_send(Named { ticket, numbers });
        self.books.ask(move |books| books.numbers_of(&parties), named);
    }

    /// The original's accounts have names: they are locked.
    pub(super) fn named(&mut self, ticket: Ticket, numbers: &[Option<AccountNumber>]) {
        let Some(mut group) = self.groups.remove(&ticket) else { return };
        let [Some(sender), Some(receiver)] = *numbers else {
            return self.broken("a recorded movement has no accounts");
        };
        let details = match self.flights.get(ticket).map(|flight| &flight.command) {
            Some(Command::Reverse(reverse)) => reverse.details.clone().filter(|details| !details.is_empty()),
            _ => None,
        };
        let action = Action::Move { kind: PostingKind::Reversal, amount: Amount::ZERO, at_most: false, details };
        group.steps = vec![Planned { from: receiver, to: sender, action }];
        self.lock_accounts(ticket, group);
    }

    /// The accounts are locked: looks for the last reversal of the original.
    pub(super) fn count_reversals(&mut self, ticket: Ticket) {
        let Some(reversing) = self.groups.get(&ticket).and_then(|group| group.reversing.as_ref()) else { return };
        let id = reversing.original.id;
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
        let Some(reversing) = self.groups.get_mut(&ticket).and_then(|group| group.reversing.as_mut()) else { return };
        let Some(record) = record else { return self.reversals_counted(ticket, Amount::ZERO) };
        let Body::Reversed(reversed) = &record.body else {
            return self.reversals_counted(ticket, Amount::ZERO);
        };
        if reversing.previous == Position::START {
            reversing.previous = record.position;
        }
        if reversed.step == reversing.original.step {
            return self.reversals_counted(ticket, reversed.reversed);
        }
        match reversed.previous {
            Position::START => self.reversals_counted(ticket, Amount::ZERO),
            previous => self.fetch(ticket, previous, Purpose::Reversals),
        }
    }

    /// It is known what was reversed before: the way back is decided.
    fn reversals_counted(&mut self, ticket: Ticket, reversed: Amount) {
        let asked = match self.flights.get(ticket).map(|flight| &flight.command) {
            Some(Command::Reverse(reverse)) => reverse.amount,
            _ => return,
        };
        let Some(group) = self.groups.get_mut(&ticket) else { return };
        let Some(reversing) = &mut group.reversing else { return };
        reversing.reversed = Some(reversed);
        let whole = reversing.original.amount;
        let left = whole.saturating_sub(reversed);
        let requested = asked.unwrap_or(if left.is_zero() { whole } else { left });
        if requested > left {
            return self.abandon_group(ticket, Refusal::ReversalTooLarge { left, requested });
        }
        if let Some(Planned { action: Action::Move { amount, .. }, .. }) = group.steps.first_mut() {
            *amount = requested;
        }
        self.run_group(ticket);
    }
}

/// Whether a command can lead to a movement that can be reversed. None of these waits for one that waits for a reversal.
const fn may_be_reversed(command: &Command) -> bool {
    matches!(command, Command::Transfer(_) | Command::Sweep(_) | Command::SettleHold(_) | Command::Linked(_))
}
