//! Commands that need several accounts to themselves: linked steps, amendments, reversals, sweeps, and transfers of at
//! most so much: what else happens to their accounts meanwhile would make their amount another.
//!
//! A group first waits in the queues of all its accounts, and locks them all at once when it is the first in each; what comes
//! for a locked account meanwhile queues behind. Then its steps are decided one by one ([`running`](super::running)). Only the
//! bank's fee account is not locked: room is kept for the fees, and they follow the record.

use super::core::Core;
use super::flights::Flow;
use super::holds::linked_refusal;
use super::plans::{Action, Planned};
use super::queues::Standing;
use super::repairs::Repairing;
use super::reversals::Reversing;
use super::running::Running;
use super::seats::Need;
use super::tables::Tables;
use crate::account::{SeatIndex, Ticket};
use crate::command::Command;
use crate::ledger::{AccountId, AccountNumber, HoldId, Refusal};

/// What a command is to do with several accounts to itself.
#[derive(Default)]
pub(super) struct Group {
    /// The accounts to lock, in the order of their numbers.
    accounts: Vec<AccountNumber>,
    pub(super) steps: Vec<Planned>,
    /// The earlier movements that are reversed, in the order of the steps that do so.
    pub(super) reversings: Vec<Reversing>,
    /// What is known of the original whose reversals are put right.
    pub(super) repairing: Option<Box<Repairing>>,
    /// Steps whose accounts have no numbers yet, in their order.
    pub(super) unplanned: Vec<Unplanned>,
}

/// A step that is known but for the numbers of its accounts.
pub(super) struct Unplanned {
    /// Which step of the command it is, counted from 0.
    pub(super) at: usize,
    /// Who pays, and who gets it.
    pub(super) accounts: [AccountId; 2],
    pub(super) action: Action,
}

impl Core {
    /// Puts the group together and waits for its accounts.
    pub(super) fn lock_accounts(&mut self, ticket: Ticket, mut group: Group) {
        // Where one of the bank's own accounts is among them, the group will be refused.
        let needs = self.alone(group.steps.iter().flat_map(|step| [step.from, step.to]));
        group.accounts = needs.iter().map(|(number, _)| *number).collect();
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.flow = Flow::Locking(Box::new(group));
        }
        self.queue_up(ticket, &needs);
        self.lock(ticket);
    }

    /// Whether that is one of the bank's own accounts, which are always active.
    pub(super) fn is_own(&self, number: &AccountNumber) -> bool {
        let seats = &self.tables.seats;
        number.is_reserved() && seats.find(number).is_some_and(|index| seats.active(index).is_some_and(|it| it.system))
    }

    /// Locks all accounts of a group, once the group is the first in the queue of each and nothing of them is in flight.
    pub(super) fn lock(&mut self, ticket: Ticket) {
        let Some(Flow::Locking(group)) = self.flights.get(ticket).map(|flight| &flight.flow) else { return };
        let mut seats = Vec::with_capacity(group.accounts.len());
        for number in &group.accounts {
            match self.tables.seats.standing(number, Need::Alone, ticket) {
                Standing::Ready(index) => seats.push(index),
                Standing::Waits => return,
                Standing::Vacant => return self.abandon_for_vacancy(ticket, *number),
            }
        }
        self.leave_queues(ticket);
        for index in &seats {
            if let Some(seat) = self.tables.seats.get_mut(*index) {
                seat.changing = true;
                seat.recently_used = true;
            }
        }
        self.run_group(ticket, seats);
    }

    /// One of the accounts is not there.
    fn abandon_for_vacancy(&mut self, ticket: Ticket, number: AccountNumber) {
        let Some(group) = self.flights.get(ticket).and_then(|flight| flight.flow.group()) else { return };
        // What holds there are comes before what accounts there are, also when one ended meanwhile.
        if let Some(hold) = group.missing_hold(&self.tables) {
            return self.seek_missing_hold(ticket, hold, &[]);
        }
        // Because of the first step that names it.
        let names = |step: &Planned| step.from == number || step.to == number;
        let at = group.steps.iter().position(names).unwrap_or(0);
        let refusal = self.refusal_of_step(ticket, at, Refusal::AccountUnknown { number });
        self.refuse(ticket, refusal);
    }

    /// All accounts are the group's: what the accounts cannot know is checked, and the first step begins.
    fn run_group(&mut self, ticket: Ticket, seats: Vec<SeatIndex>) {
        let checked = self.check_group(ticket);
        let holds = match checked {
            Ok(holds) => holds,
            Err(Objection::Refused(refusal)) => {
                self.refuse(ticket, refusal);
                return self.unlock(&seats);
            }
            Err(Objection::NotOpen(hold)) => return self.seek_missing_hold(ticket, hold, &seats),
        };
        let group = self.flights.get_mut(ticket).and_then(|flight| flight.flow.take_group());
        let Some(group) = group else { return self.broken("a group that was locked is gone") };
        self.step(ticket, |request, flow, tables, effects| {
            let mut running = Box::new(Running::new(*group, seats, holds));
            let next = running.begin(request, tables, effects);
            *flow = Flow::Grouped(running);
            next
        });
    }

    /// What speaks against a group that has its accounts. Time has passed, and others have placed holds, since it was
    /// planned. Returns how many holds it places.
    fn check_group(&self, ticket: Ticket) -> Result<usize, Objection> {
        let Some(flight) = self.flights.get(ticket) else { return Ok(0) };
        let holds = match &flight.request.command {
            Command::Linked(linked) => self.tables.check_linked_holds(linked),
            _ => Ok(0),
        };
        let holds = holds.map_err(|(number, refusal)| Objection::Refused(linked_refusal(number, refusal)))?;
        let Some(group) = flight.flow.group() else { return Ok(holds) };
        if let Some(hold) = group.missing_hold(&self.tables) {
            return Err(Objection::NotOpen(hold));
        }
        let checked = group.check_accounts(&self.tables);
        checked.map_err(|(number, refusal)| Objection::Refused(self.refusal_of_step(ticket, number, refusal)))?;
        Ok(holds)
    }

    /// A hold ended while the group waited for its accounts: the group lets go of them, and is refused for that.
    pub(super) fn seek_missing_hold(&mut self, ticket: Ticket, hold: HoldId, seats: &[SeatIndex]) {
        self.leave_queues(ticket);
        if let Some(flight) = self.flights.get_mut(ticket) {
            flight.flow = Flow::Admitted;
        }
        self.unlock(seats);
        self.seek_hold(ticket, hold);
        self.serve_queues();
    }

    /// A refusal of a command because of one of its steps, if it has several.
    pub(super) fn refusal_of_step(&self, ticket: Ticket, number: usize, refusal: Refusal) -> Refusal {
        let is_linked = self.is_in_flight(ticket, |command| matches!(command, Command::Linked(_)));
        if is_linked { linked_refusal(number, refusal) } else { refusal }
    }
}

/// What speaks against a group that has its accounts.
enum Objection {
    Refused(Refusal),
    /// A hold is not open any more; why is to be found out.
    NotOpen(HoldId),
}

impl Group {
    /// A group whose steps are planned.
    pub(super) fn planned(steps: Vec<Planned>) -> Group {
        Group { steps, ..Group::default() }
    }

    /// A group that puts reversals right.
    pub(super) fn repairing(repairing: Repairing) -> Group {
        Group { repairing: Some(Box::new(repairing)), ..Group::default() }
    }

    /// The reversal that step `at` is.
    pub(super) fn reversing(&self, at: usize) -> Option<&Reversing> {
        self.reversings.iter().find(|reversing| reversing.at == at)
    }

    /// A hold of the group's that is not open any more.
    pub(super) fn missing_hold(&self, tables: &Tables) -> Option<HoldId> {
        self.steps.iter().find_map(|step| match step.action {
            Action::Draw { hold, .. } | Action::Amend { hold, .. } if tables.open_holds.get(hold).is_none() => {
                Some(hold)
            }
            _ => None,
        })
    }

    /// Whether the accounts of each step are customers' and of one currency.
    fn check_accounts(&self, tables: &Tables) -> Result<(), (usize, Refusal)> {
        for (number, step) in self.steps.iter().enumerate() {
            let mut currencies = Vec::new();
            for account in [step.from, step.to] {
                let found = tables.seats.find(&account).and_then(|index| tables.seats.active(index));
                let Some(occupant) = found else {
                    return Err((number, Refusal::AccountUnknown { number: account }));
                };
                if occupant.system {
                    return Err((number, Refusal::SystemAccount { number: account }));
                }
                currencies.extend(tables.registry.currency(occupant.currency).map(|entry| entry.currency));
            }
            if let [from, to] = *currencies
                && from != to
            {
                return Err((number, Refusal::CurrencyMismatch { from, to }));
            }
        }
        Ok(())
    }
}
